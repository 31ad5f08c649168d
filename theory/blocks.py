r"""Blocks of features in orthogonal subspaces, and the best mix of them for given sizes.

**Losses add.**  Let the features fall into blocks whose subspaces are mutually orthogonal (a
*tegum product* of shapes; arXiv 2209.10652, "The geometry of superposition").  Then
:math:`W_i \cdot W_j = 0` across blocks, so :math:`z_i = b_i + \sum_j W_i \cdot W_j\,x_j` holds only
the features of i's own block: no output sees another block, and the loss of a model of
independent features is that of its blocks plus V for each feature that is dropped, V being its
variance, :math:`p/3 - p^2/4`.  A block of k features in d dimensions with loss :math:`L_B` is worth
:math:`v_B = kV - L_B`; per dimension and in units of V that is its *benefit* :math:`v_B/(dV)`, 1
for a dimension given to a single feature.

**Two resources.**  With n features and m dimensions, and blocks in any amounts :math:`x_B \ge 0`,

.. math::

    \max \sum_B x_B v_B \quad\text{where}\quad
    \sum_B x_B d_B \le m, \quad \sum_B x_B k_B \le n .

Divide by m: dimensions are shared out among points :math:`(k_B/d_B,\, v_B/d_B)`, and the unused
ones among the origin.  Averages of points fill their convex hull, so the best value per dimension
is the upper edge of the hull at n/m features per dimension, level behind its highest point.
Hence at most two kinds are used at once, the ends of one edge; and the supporting line there,

.. math:: \frac{v}{d} = \lambda + \mu\,\frac{k}{d},

has the prices of the dual programme: μ is what one more feature would add, λ what one more
dimension would, until the next corner of the hull (at a corner they are the prices for more
features and fewer dimensions), and :math:`\lambda m + \mu n` is the whole value.  Other blocks are
below the line, by their *gap*.  Where features are plentiful, μ = 0 and the block of the highest
benefit fills the space.  Arithmetic is in fractions, exact for the numbers given.  Whole numbers of
blocks reach less; dynamic programming over dimensions and features finds their best.

**Dense features.**  A block of equal lengths is worth at least 1 at every density if its vectors
can be a tight frame: with squared lengths d/k, G is a projection of diagonal d/k, and with the best
biases the model errs by :math:`(k - d)V` without the ReLU, which then helps by raising negative
outputs to 0, as features are not negative.  As p → 1 digons come to

.. math:: 1 + \tfrac72 S^4 + O(S^5), \qquad S = 1 - p ,

near that solution: :math:`\tfrac12(1 + x_1 - x_2) - \tfrac12 S` is negative only for
:math:`x_2 - x_1 > p`, which gains :math:`S^4/12` with :math:`x_1` off and :math:`S^4/16` with both
on, in each of two outputs, V being 1/12; weights and biases move by :math:`O(S^3)` for another
:math:`O(S^6)`.  With three features or more outputs are negative even if all are on, and the limit
is above 1: at least 1 + 1/768 for triangles.  That is no optimum: descent finds two features of
unequal lengths in one dimension worth 1.00095 at p = 1.  For p → 0 see :mod:`theory.one_hot`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from .rationals import as_fraction

__all__ = ["SINGLE", "Block", "Level", "Mix", "Optimum", "best_mix", "rounded_mix"]

_ROUNDING = 1e-9  # of dimensionalities that are sums of floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    r"""A block at one density; a :mod:`theory.large_n` code is one feature in ρ dimensions.

    Attributes
    ----------
    name
        For reports.
    features, dimensions
        k, whole, and d, in (0, k].
    loss
        Population loss summed over the k features.
    squared_norm
        :math:`\sum \|W_i\|^2` over the block.
    dimensionalities
        The D_i, k numbers whose sum is at most d (:mod:`theory.capacity`).
    """

    name: str
    features: int
    dimensions: Any
    loss: Any
    squared_norm: Any
    dimensionalities: tuple[Any, ...]

    def __post_init__(self) -> None:
        k, d = self.features, self.dimensions
        if not (isinstance(k, int) and 0 < d <= k):
            raise ValueError(f"block {self.name!r} has {k} features in {d} dimensions; give k ≥ d")
        if not (self.loss >= 0 and isfinite(self.loss)):
            raise ValueError(f"block {self.name!r} has loss {self.loss}; give a number ≥ 0")
        if not (self.squared_norm > 0 and isfinite(self.squared_norm)):
            raise ValueError(f"block {self.name!r} has squared norm {self.squared_norm}; give > 0")
        D = self.dimensionalities
        if len(D) != k or not all(x >= 0 for x in D) or not sum(D) <= d + k * _ROUNDING:
            raise ValueError(f"block {self.name!r} has dimensionalities {D}; give {k} of sum ≤ {d}")

    def value(self, V: Any) -> Any:
        """Return kV − L, what the block saves."""
        return self.features * V - self.loss

    def benefit(self, V: Any) -> Any:
        """Return (kV − L)/(dV), what each of its dimensions saves in units of V."""
        return self.value(V) / (self.dimensions * V)


SINGLE = Block(
    name="single", features=1, dimensions=1, loss=0, squared_norm=1, dimensionalities=(1,)
)
"""One feature with a dimension to itself, stored without loss at any density."""


class Level(NamedTuple):
    """How many features of one kind of block have one dimensionality."""

    dimensionality: float
    count: Any
    block: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Blocks and how many of each, with what follows from them.

    Attributes
    ----------
    counts
        Pairs of a block and its amount, above 0; a fraction in a continuous mix.
    features, dimensions, V
        n, m and what a dropped feature costs.
    """

    counts: tuple[tuple[Block, Any], ...]
    features: int
    dimensions: int
    V: Any

    def _total(self, what: str) -> Any:
        return sum(amount * getattr(block, what) for block, amount in self.counts)

    @property
    def represented(self) -> Any:
        """How many features are stored."""
        return self._total("features")

    @property
    def used(self) -> Any:
        """How many dimensions the blocks span."""
        return self._total("dimensions")

    @property
    def dimensions_per_feature(self) -> Any:
        """D* = m/‖W‖_F², or None if nothing is stored."""
        return Fraction(self.dimensions) / self._total("squared_norm") if self.counts else None

    @property
    def loss(self) -> Any:
        """The population loss, dropped features included."""
        return self._total("loss") + (self.features - self.represented) * self.V

    @property
    def levels(self) -> tuple[Level, ...]:
        """The histogram of dimensionalities of stored features, to nine digits, largest first."""
        found = [
            Level(D, k * amount, block.name)
            for block, amount in self.counts
            for D, k in Counter(round(float(D), 9) for D in block.dimensionalities).items()
        ]
        return tuple(sorted(found, key=lambda level: -level.dimensionality))


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The best continuous mix, and the prices that prove it.

    Attributes
    ----------
    mix
        At most two kinds of block, in fractional amounts.
    dimension_price, feature_price
        λ and μ in units of V: what one more dimension and one more feature would save.
    gaps
        By how much each block on offer falls short, per dimension in units of V: never negative,
        and 0 for the kinds in use.
    """

    mix: Mix
    dimension_price: Fraction
    feature_price: Fraction
    gaps: tuple[Fraction, ...]


def _checked(V: Any, n: int, m: int) -> Fraction:
    if not (isinstance(n, int) and isinstance(m, int) and n > 0 and m > 0):
        raise ValueError(f"features {n!r} and dimensions {m!r} must be whole numbers above 0")
    exact = as_fraction(V)
    if exact <= 0:
        raise ValueError(f"V is {V}; give what a dropped feature costs, p/3 − p²/4, above 0")
    return exact


_Corner = tuple[Fraction, Fraction, Block | None]  # features and value per dimension


def _upper_hull(corners: Iterable[_Corner]) -> list[_Corner]:
    """Return the corners of the upper hull from the origin to the highest point."""
    hull: list[_Corner] = [(Fraction(0), Fraction(0), None)]
    for x, y, block in sorted(corners, key=lambda corner: (corner[0], -corner[1])):
        if y <= hull[-1][1]:
            continue
        while len(hull) > 1:
            (x0, y0, _), (x1, y1, _) = hull[-2:]
            if (y1 - y0) * (x - x0) > (y - y0) * (x1 - x0):
                break
            hull.pop()
        hull.append((x, y, block))
    return hull


def best_mix(blocks: Sequence[Block], V: Any, features: int, dimensions: int) -> Optimum:
    """Return the mix of largest value with fractional amounts: a bound on what blocks can do.

    Parameters
    ----------
    blocks
        The kinds on offer, at one density; :data:`SINGLE` only if it is among them.
    V, features, dimensions
        What a dropped feature costs, n and m.

    Raises
    ------
    ValueError
        If V, n or m is not above 0, or a number is neither rational nor a float.

    Examples
    --------
    >>> best = best_mix([SINGLE], Fraction(5, 48), 3, 2)
    >>> best.mix.represented, best.mix.loss, best.dimension_price
    (Fraction(2, 1), Fraction(5, 48), Fraction(1, 1))
    """
    exact, n, m = _checked(V, features, dimensions), features, dimensions
    points = []
    for block in blocks:
        d, value = as_fraction(block.dimensions), exact * block.features - as_fraction(block.loss)
        points.append((block.features / d, value / (d * exact), block))
    hull, x = _upper_hull(points), Fraction(n, m)
    after = next((k for k, corner in enumerate(hull) if corner[0] > x), None)
    if after is None:
        price, (x0, y0, last) = Fraction(0), hull[-1]
        shares = [(last, Fraction(1))]
    else:
        (x0, y0, first), (x1, y1, second) = hull[after - 1 : after + 1]
        price, part = (y1 - y0) / (x1 - x0), (x - x0) / (x1 - x0)
        shares = [(first, 1 - part), (second, part)]
    level = y0 - price * x0
    used = [(block, share) for block, share in shares if block is not None and share > 0]
    counts = tuple((block, share * m / as_fraction(block.dimensions)) for block, share in used)
    return Optimum(
        mix=Mix(counts=counts, features=n, dimensions=m, V=exact),
        dimension_price=level,
        feature_price=price,
        gaps=tuple(level + price * k - y for k, y, _ in points),
    )


def rounded_mix(blocks: Sequence[Block], V: Any, features: int, dimensions: int) -> Mix:
    """Return the mix of largest value with whole amounts; dimensions may stay empty.

    Parameters and errors are those of :func:`best_mix`, but blocks must have whole dimensions.
    Values are compared as floats; memory grows as features times dimensions.
    """
    exact, n, m = _checked(V, features, dimensions), features, dimensions
    for block in blocks:
        if block.dimensions != int(block.dimensions):
            raise ValueError(f"block {block.name!r} has {block.dimensions} dimensions; give whole")
    best, choice = np.zeros((m + 1, n + 1)), np.full((m + 1, n + 1), -1)
    sizes = [(int(block.dimensions), block.features) for block in blocks]
    values = [float(exact * block.features - as_fraction(block.loss)) for block in blocks]
    for used in range(1, m + 1):
        best[used] = best[used - 1]
        for kind, ((d, k), value) in enumerate(zip(sizes, values, strict=True)):
            if d <= used and k <= n:
                tried = best[used - d, : n + 1 - k] + value
                better = tried > best[used, k:]
                best[used, k:][better] = tried[better]
                choice[used, k:][better] = kind
    amounts, left, free = [0] * len(blocks), m, n
    while left > 0:
        kind = int(choice[left, free])
        if kind < 0:
            left -= 1
            continue
        amounts[kind] += 1
        left, free = left - sizes[kind][0], free - sizes[kind][1]
    counts = tuple((block, x) for block, x in zip(blocks, amounts, strict=True) if x)
    return Mix(counts=counts, features=n, dimensions=m, V=exact)
