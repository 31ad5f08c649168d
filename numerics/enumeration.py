r"""Binary features by enumeration: the loss as a sum over all active sets.

With every active amplitude 1 the input is one of :math:`2^n` points, so the loss is exact to
rounding: :math:`\sum_A P(A) \sum_i I_i (1_{i \in A} - (b_i + \sum_{j \in A} M_{ij})_+)^2`.  It is
piecewise quadratic in M and b; on a kink (a preactivation that is 0) derivatives are those of the
side where the ReLU is shut.  Active sets are taken in blocks, so memory does not grow with n.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from theory.laws import FeatureLaw

from .independent_blocks import first_total
from .recomputed import Job, recomputed_sum

__all__ = ["LARGEST_ENUMERATED", "enumerated_loss"]

LARGEST_ENUMERATED = 20
_CHUNK = 1_000_000


def _probabilities(active: Tensor, q: Tensor, law: FeatureLaw) -> Tensor:
    """Return P(A), (P, B), of active sets (P, n) under marginals q (n, B)."""
    on = active[:, :, None]
    in_sets = {j for members in law.sets for j in members}
    total = torch.ones(len(active), q.shape[1], dtype=q.dtype, device=q.device)
    for j in range(len(q)):
        if j not in in_sets:
            total = total * torch.where(on[:, j], q[j], 1 - q[j])
    for members in law.sets:
        count = on[:, list(members)].sum(1)
        p = q[list(members)]
        if law.kind == "correlated":
            factor = torch.where(count == 0, 1 - p[0], torch.where(count == len(p), p[0], 0.0))
        else:
            which = first_total(torch.where(on[:, list(members)].movedim(1, 0), p[:, None], 0.0))
            silent = (1 - first_total(p)).clamp_min(0.0)
            factor = torch.where(count == 0, silent, torch.where(count == 1, which, 0.0))
        total = total * factor
    return total


@dataclass(frozen=True, slots=True)
class _Block:
    """Some of the active sets, for some of the models."""

    active: Tensor
    q: Tensor
    law: FeatureLaw

    def __call__(self, M: Tensor, b: Tensor, importance: Tensor) -> Tensor:
        x = self.active.to(M)[:, :, None]
        total = torch.zeros_like(b[0])
        probability = _probabilities(self.active, self.q, self.law)
        for i in range(len(b)):
            z = b[i].expand(len(x), -1)
            for j in range(len(b)):
                z = z + x[:, j] * M[i, j]
            miss = probability * (x[:, i] - z.clamp_min(0.0) * (z > 0)) ** 2
            total = total + importance[i] * first_total(miss)
        return total


def enumerated_loss(
    M: Tensor, b: Tensor, q: Tensor, importance: Tensor, law: FeatureLaw
) -> tuple[Tensor, Tensor]:
    """Return the losses (B,) of ReLU(M x + b) with binary features, and bounds of rounding.

    Parameters
    ----------
    M, b
        (B, n, n) and (B, n), n up to LARGEST_ENUMERATED.
    q, importance
        Marginals and importances, (B, n).
    """
    B, n = b.shape
    inputs = (M.permute(1, 2, 0), b.T, importance.T)
    p = q.T
    size = min(2**n, _CHUNK // n)
    jobs, value = [], torch.zeros_like(b[:, 0])
    with torch.no_grad():
        for start in range(0, 2**n, size):
            index = torch.arange(start, min(start + size, 2**n), device=b.device)
            active = (index[:, None] >> torch.arange(n, device=b.device)) & 1 == 1
            columns = torch.arange(B, device=b.device)
            for part in torch.split(columns, max(1, _CHUNK // (n * len(index)))):
                block = _Block(active, p[:, part], law)
                value[part] += block(*(x[..., part] for x in inputs))
                jobs.append(Job(part, block))
        scale = 1 + M.abs().sum(2) + b.abs()
        error = 1e-15 * (importance * (scale**2 * q + b.clamp_min(0.0) ** 2)).sum(1) + 1e-15 * value
    return recomputed_sum(value, jobs, *inputs), error
