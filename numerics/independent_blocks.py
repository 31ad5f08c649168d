r"""The law of the other features as a product over independent blocks.

Seen from output i the sum :math:`y = \sum_{j \neq i} a_j x_j` splits into blocks that are
independent of each other: single features and the sets of the law.  Let :math:`\psi_j = E\,e^{s a_j
x_j}` given that j is active, in any ring (complex numbers at frequencies, real numbers, truncated
power series in s), and let only some features be allowed to be active.  Then :math:`E[e^{sy};
\text{active} \subset \text{allowed}]` is a product of

* a single feature: :math:`1 - q + q\psi` (:math:`1 - q` if not allowed);
* a set of which at most one is active: :math:`1 - \sum_j q_j + \sum_j^{\text{allowed}} q_j\psi_j`;
* a set that is active together: :math:`1 - p + p \prod_j \psi_j`, if all are allowed.

The block of i itself differs with i active or not: q and 1 − q; :math:`q_i` and the sum above
without i; :math:`p\prod_{j \neq i}\psi_j` and :math:`1 - p`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from theory.laws import FeatureLaw

__all__ = ["Neighbours", "first_total", "marginals"]


def first_total(x: Tensor) -> Tensor:
    """Sum over the first axis by halving: rounds the same in any batch."""
    while len(x) > 1:
        half = len(x) // 2
        folded = x[:half] + x[half : 2 * half]
        x = torch.cat([folded, x[2 * half :]]) if len(x) % 2 else folded
    return x[0]


def marginals(law: FeatureLaw, density: Tensor) -> Tensor:
    """Return P(x_i ≠ 0), (..., n), from what the law calls density; refuse what does not fit.

    Raises
    ------
    ValueError
        If a set names a feature there is not, members of a set that switches as one have
        different densities, or marginals of an exclusive set add up to more than 1.
    """
    n = density.shape[-1]
    found = density.clone()
    for members in law.sets:
        if max(members) >= n:
            raise ValueError(
                f"set {members} names feature {max(members)}, but there are {n}; count from 0"
            )
        part = density[..., list(members)]
        if law.kind == "exclusive":
            if bool((part.sum(-1) > 1 + 1e-12).any()):
                raise ValueError(
                    f"densities of the exclusive set {members} add up to more than 1; lower them"
                )
        elif bool((part != part[..., :1]).any()):
            raise ValueError(f"members of set {members} have different densities; give them one")
        if law.kind == "anticorrelated":
            found[..., list(members)] = part / len(members)
    return found


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The other features of a batch of outputs.

    Attributes
    ----------
    law
        Independent, correlated, anticorrelated or exclusive.
    q
        Marginals (n, R).
    own
        Which feature is the output's own, a mask (n, R) with one entry per column.
    """

    law: FeatureLaw
    q: Tensor
    own: Tensor

    def take(self, rows: Tensor) -> "Neighbours":
        """Return some of the outputs."""
        return Neighbours(self.law, self.q[:, rows], self.own[:, rows])

    def generating(
        self,
        psi: Tensor,
        allowed: Tensor,
        unit: Tensor,
        multiply: Callable[[Tensor, Tensor], Tensor] = torch.mul,
    ) -> tuple[Tensor, Tensor]:
        """Return E[e^{sy}; active ⊂ allowed, own feature active], and with it silent.

        Parameters
        ----------
        psi
            Ring elements (n, K, R); those of the own feature are not read.
        allowed
            Mask (n, R).
        unit
            The ring's one, (K, 1) or (1, 1).
        multiply
            The ring's product of tensors (..., K, R).
        """

        def product(x: Tensor) -> Tensor:
            while len(x) > 1:
                half = len(x) // 2
                folded = multiply(x[:half], x[half : 2 * half])
                x = torch.cat([folded, x[2 * half :]]) if len(x) % 2 else folded
            return x[0]

        in_sets = sorted(j for members in self.law.sets for j in members)
        single = [j for j in range(len(psi)) if j not in set(in_sets)]
        q, own, may = (x[:, None] for x in (self.q, self.own, allowed))
        factors: list[Tensor] = []
        on = off = torch.ones_like(self.q[0]) * unit
        if single:
            pick = slice(None) if not in_sets else single
            p, mine = q[pick], own[pick]
            other = torch.where(mine, unit, unit * (1 - p) + (p * may[pick]) * psi[pick])
            factors.append(product(other))
            inside = mine.any(0)
            mean = torch.where(mine, p, 0.0).sum(0)
            on = torch.where(inside, mean * unit, on)
            off = torch.where(inside, (1 - mean) * unit, off)
        for members in self.law.sets:
            pick = list(members)
            p, mine, waves = q[pick], own[pick], psi[pick]
            inside = mine.any(0)
            if self.law.kind == "correlated":
                free = (may[pick] | mine).all(0)
                active = product(torch.where(mine, unit, waves)) * (p[0] * free)
                silent = (1 - p[0]) * unit
                neutral = silent + active
                on = multiply(on, torch.where(inside, active, neutral))
                off = multiply(off, torch.where(inside, silent, neutral))
            else:
                weight = torch.where(mine, 0.0, p * may[pick])
                rest = (1 - first_total(p)).clamp_min(0.0) * unit + first_total(weight * waves)
                alone = torch.where(mine, p, 0.0).sum(0) * unit
                on = multiply(on, torch.where(inside, alone, rest))
                off = multiply(off, rest)
        for factor in factors:
            on, off = multiply(on, factor), multiply(off, factor)
        return on, off
