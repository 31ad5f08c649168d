r"""Couplings sorted by size into levels, and the range of what each level adds up to.

Level l of an output holds couplings between :math:`16^{-l-1}` and :math:`16^{-l}` of its largest;
those below 1e-8 of the larger of coupling and gain are negligible at every level, and so are all
that remain once the probability that nothing larger is active, times their size, is far below the
tolerance.  A level stands for the states in which a coupling of it, and none larger, is active:
the difference of two products over blocks (:mod:`numerics.independent_blocks`).

**Range.**  The sum of the allowed couplings, :math:`\sum_{j \text{ allowed}} a_j x_j`, lies between
the sums of its negative and of its positive terms, and by Chernoff's bound exceeds t with
probability at most :math:`M(s)e^{-st}`, so with at most ε it exceeds :math:`(\log M(s) -
\log\varepsilon)/s` for any s; likewise below.  M is the moment generating function of the level,
exact.
"""

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .amplitudes import MOMENTS
from .independent_blocks import Neighbours, first_total

__all__ = ["Level", "split_levels"]

_RATIO = 16.0
_LEVELS = 7
_NEGLIGIBLE = 1e-8
_SLOPES = tuple(0.05 * 1.6**k for k in range(15))  # s in units of the inverse largest coupling


def _convolve(x: Tensor, y: Tensor) -> Tensor:
    """Multiply power series, four terms along the last axis but one."""
    x0, x1, x2, x3 = x.unbind(-2)
    y0, y1, y2, y3 = y.unbind(-2)
    return torch.stack(
        [
            x0 * y0,
            x0 * y1 + x1 * y0,
            x0 * y2 + x1 * y1 + x2 * y0,
            x0 * y3 + x1 * y2 + x2 * y1 + x3 * y0,
        ],
        -2,
    )


@dataclass(frozen=True, slots=True)
class Level:
    """States of the neighbours that belong to one level, for R outputs.

    Attributes
    ----------
    rows
        Which outputs of the batch, (R,).
    neighbours
        Their law.
    upper, lower
        Masks (n, R): active features lie within ``upper`` but not all within ``lower``; ``lower``
        None lifts the second condition.
    low, high
        Range of the sum of couplings, (R,).
    neglected
        Bound on the probability outside it.
    weight
        Probability that no larger coupling is active.
    """

    rows: Tensor
    neighbours: Neighbours
    upper: Tensor
    lower: Tensor | None
    low: Tensor
    high: Tensor
    neglected: Tensor
    weight: Tensor

    def take(self, part: Tensor) -> "Level":
        """Return some of the outputs, by their place in this level."""
        return replace(
            self,
            rows=self.rows[part],
            neighbours=self.neighbours.take(part),
            upper=self.upper[:, part],
            lower=None if self.lower is None else self.lower[:, part],
            low=self.low[part],
            high=self.high[part],
            neglected=self.neglected[part],
            weight=self.weight[part],
        )

    def characteristic(self, psi: Tensor) -> tuple[Tensor, Tensor]:
        """Return E[e^{iωy}; level], own feature active and silent, (K, R), from waves (n, K, R)."""
        return self._difference(psi, torch.ones_like(psi[0, :1, :1]), torch.mul)

    def moments(self, a: Tensor, amplitude: str) -> tuple[Tensor, Tensor]:
        """Return E[y^r; level] for r = 0 … 3, own feature active and silent, (4, R)."""
        moment = MOMENTS[amplitude]
        series = [a**r * (moment[r] / math.factorial(r)) for r in range(4)]
        unit = torch.zeros(4, 1, dtype=a.dtype, device=a.device)
        unit[0] = 1.0
        on, off = self._difference(torch.stack(series, 1), unit, _convolve)
        factor = torch.tensor([1.0, 1.0, 2.0, 6.0], dtype=a.dtype, device=a.device)[:, None]
        return factor * on, factor * off

    def _difference(self, psi: Tensor, unit: Tensor, multiply: object) -> tuple[Tensor, Tensor]:
        on, off = self.neighbours.generating(psi, self.upper, unit, multiply)  # type: ignore[arg-type]
        if self.lower is None:
            return on, off
        less_on, less_off = self.neighbours.generating(psi, self.lower, unit, multiply)  # type: ignore[arg-type]
        return on - less_on, off - less_off


def _mgf(x: Tensor, amplitude: str) -> Tensor:
    """Return E e^{xu} of an active amplitude."""
    if amplitude == "binary":
        return x.exp()
    safe = torch.where(x == 0, 1.0, x)
    found = torch.sinh(safe) / safe if amplitude == "signed" else torch.expm1(safe) / safe
    return torch.where(x == 0, 1.0, found)


def _range(
    a: Tensor, neighbours: Neighbours, allowed: Tensor, amplitude: str, small: Tensor
) -> tuple[Tensor, Tensor]:
    """Return bounds that y, active features allowed, passes with probability at most ``small``."""
    on = torch.where(allowed, a, 0.0)
    if amplitude == "signed":
        high = first_total(on.abs())
        low = -high
    else:
        low, high = first_total(on.clamp_max(0.0)), first_total(on.clamp_min(0.0))
    unit = torch.ones(1, 1, dtype=a.dtype, device=a.device)
    slopes = torch.tensor(_SLOPES, dtype=a.dtype, device=a.device)[:, None] / on.abs().amax(0)
    bounds = []
    for sign in (1.0, -1.0):
        x = sign * slopes * on[:, None]
        both = neighbours.generating(_mgf(x, amplitude), allowed, unit)
        tail = ((both[0] + both[1]).log() - small.log()) / slopes
        bounds.append(torch.where(tail.isfinite(), tail, torch.inf).amin(0).clamp_min(0.0))
    return torch.maximum(low, -bounds[1]), torch.minimum(high, bounds[0])


def split_levels(
    a: Tensor, g: Tensor, neighbours: Neighbours, amplitude: str, tolerance: Tensor
) -> tuple[list[Level], Level]:
    """Return the levels that have members, and the state in which only negligible ones may be.

    Parameters
    ----------
    a, g
        Couplings (n, R), 0 at the own feature, and gains (R,).
    neighbours, amplitude
        The law.
    tolerance
        Wanted accuracy (R,).
    """
    size = a.abs()
    largest = size.amax(0)
    free = ~neighbours.own
    negligible = free & (size <= _NEGLIGIBLE * torch.maximum(largest, g.abs()))
    depth = torch.where(size > 0, largest / size, torch.inf).log() / math.log(_RATIO)
    depth = depth.clamp(0, _LEVELS - 1).floor()
    last = negligible.clone()
    alive = torch.ones_like(g, dtype=torch.bool)
    levels = []
    unit, ones = torch.ones(1, 1, dtype=a.dtype, device=a.device), torch.ones_like(a[:, None])
    for step in range(_LEVELS):
        member = free & ~negligible & (depth == step)
        upper = (free & ~negligible & (depth >= step)) | negligible
        on, off = neighbours.generating(ones, upper, unit)
        weight = (on + off)[0]
        if step:
            tiny = alive & (weight * largest * _RATIO**-step < 1e-3 * tolerance)
            last = torch.where(tiny, upper, last)
            alive = alive & ~tiny
        rows = (alive & member.any(0)).nonzero()[:, 0]
        if not len(rows):
            continue
        lower = (free & ~negligible & (depth > step)) | negligible
        near = neighbours.take(rows)
        scale = (g.abs() + largest)[rows] ** 2
        small = (1e-3 * tolerance[rows] / scale).clamp(1e-30, 1e-6)
        low, high = _range(a[:, rows], near, upper[:, rows], amplitude, small)
        levels.append(
            Level(rows, near, upper[:, rows], lower[:, rows], low, high, 2 * small, weight[rows])
        )
    every = torch.arange(len(g), device=g.device)
    zero = torch.zeros_like(g)
    return levels, Level(every, neighbours, last, None, zero, zero, zero, zero)
