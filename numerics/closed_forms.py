r"""Losses that need no sum over states: one active feature, or no rectification.

**One-hot.**  One of n features is active, each with probability 1/n, so with h of
:mod:`numerics.amplitudes`

.. math::

    L = \frac1n \sum_i I_i \Bigl[ h_i(b_i) + \sum_{j \neq i} E\,(b_i + M_{ij} x)_+^2 \Bigr],

an average over one amplitude at a time.

**Linear.**  For :math:`x' = Mx + b` and :math:`R = 1 - M`,

.. math::

    E(x_i - x'_i)^2 = \bigl((R\mu)_i - b_i\bigr)^2 + (R C R^\top)_{ii},

with mean :math:`\mu_j = q_j E[x|\text{on}]` and covariance C: variances :math:`q_j E[x^2|\text{on}]
- \mu_j^2`, and :math:`-\mu_j\mu_k` between features of which at most one is active,
:math:`p(1-p)\,E[x|\text{on}]^2` between features that switch on together, 0 otherwise.  Off the
diagonal each set's block has rank one, :math:`\pm vv^\top`, so the cost is n² per model.
"""

import torch
from torch import Tensor

from theory.laws import FeatureLaw

from .amplitudes import MOMENTS, own_loss, rectified_square

__all__ = ["linear_loss", "one_hot_loss"]


def _rounding(M: Tensor, b: Tensor, importance: Tensor) -> Tensor:
    size = 1 + M.detach().abs().sum(2) + b.detach().abs()
    return 1e-15 * (importance * size**2).sum(1)


def one_hot_loss(M: Tensor, b: Tensor, importance: Tensor, amplitude: str) -> tuple[Tensor, Tensor]:
    """Return the losses (B,) of ReLU(M x + b) with one feature active, and bounds of rounding.

    Parameters
    ----------
    M, b, importance
        (B, n, n), (B, n), (B, n).  Twice differentiable in M and b.
    """
    n = b.shape[1]
    own = own_loss(b, M.diagonal(dim1=1, dim2=2), amplitude)
    cross = rectified_square(b[:, :, None].expand_as(M), M, amplitude)
    keep = ~torch.eye(n, dtype=torch.bool, device=M.device)
    rows = own + torch.where(keep, cross, 0.0).sum(2)
    error = 1e-15 * (importance * ((1 + M.detach().abs()) ** 2).sum(2)).sum(1)
    error = error / n + 1e-15 * (importance * b.detach() ** 2).sum(1)
    return (importance * rows).sum(1) / n, error


def linear_loss(
    M: Tensor, b: Tensor, q: Tensor, importance: Tensor, law: FeatureLaw
) -> tuple[Tensor, Tensor]:
    """Return the losses (B,) of M x + b under a law with marginals q (B, n), and rounding."""
    n = b.shape[1]
    _, mean, square, _ = MOMENTS[law.amplitude]
    R = torch.eye(n, dtype=M.dtype, device=M.device) - M
    mu = q * mean
    rows = ((R * mu[:, None]).sum(2) - b) ** 2
    rows = rows + (R**2 * (q * square - mu**2)[:, None]).sum(2)
    for members in [tuple(range(n))] if law.kind == "one-hot" else law.sets:
        part, p = R[:, :, list(members)], q[:, list(members)]
        together = law.kind == "correlated"
        v = mean * ((p * (1 - p)).sqrt() if together else p)[:, None]
        pairs = (part * v).sum(2) ** 2 - ((part * v) ** 2).sum(2)
        rows = rows + pairs if together else rows - pairs
    return (importance * rows).sum(1), _rounding(M, b, importance)
