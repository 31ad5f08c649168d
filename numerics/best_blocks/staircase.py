r"""The staircase: which blocks n features in m dimensions form at each density, predicted.

At one density the blocks on offer are those of the atlas (:mod:`numerics.best_blocks.ranking`) and
single features.  The mix of largest value is a linear programme in two resources, dimensions and
features (:mod:`theory.blocks`), solved in fractions and in whole blocks; it predicts the number of
represented features, the dimensions per feature :math:`D^* = m/\|W\|_F^2`, and the histogram of the
feature dimensionalities :math:`D_i` (arXiv 2209.10652, "The geometry of superposition").

A prediction holds as far as the atlas reaches: where the ranking is not closed, or a block of all m
dimensions does better than any that fits in several times, the true minimum is lower.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory import blocks as theory
from theory.rationals import as_fraction

from ..progress import Report
from .pieces import Piece
from .ranking import Ranking, ranking
from .table import Table, stored_table

__all__ = ["Step", "as_values", "default_densities", "staircase"]

_SMALLEST_SHOWN = 0.0999  # the least density of the paper's figure
_SAME = 1e-6  # dimensionalities that are one but for the accuracy of a descent

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """The prediction at one density.

    Attributes
    ----------
    ranking
        The blocks on offer.
    best
        The best mix in fractions, with its prices and every block's gap.
    whole
        The best mix of whole blocks.
    names
        The kinds of the mixes' blocks by the names they have there.
    """

    ranking: Ranking
    best: theory.Optimum
    whole: theory.Mix
    names: dict[str, Piece]

    @property
    def density(self) -> Fraction:
        """The probability P(x ≠ 0)."""
        return self.ranking.density


def _levelled(dimensionality: Array) -> tuple[float, ...]:
    """Return dimensionalities by size, each the mean of those that are the same."""
    rising = np.sort(dimensionality)
    groups = np.split(rising, np.flatnonzero(np.diff(rising) > _SAME) + 1)
    return tuple(float(group.mean()) for group in groups for _ in group)


def as_values(pieces: Iterable[Piece]) -> dict[str, tuple[theory.Block, Piece]]:
    """Return pieces as blocks of the theory, by names of their own: ``family k,d``.

    A loss that rounding put below 0 is 0.
    """
    found = {}
    for piece in pieces:
        k, d, kind = piece.identity
        name = f"{kind} {k},{d}"
        found[name] = (
            theory.Block(
                name=name,
                features=k,
                dimensions=d,
                loss=max(piece.block.loss, 0.0),
                squared_norm=float((piece.block.W**2).sum()),
                dimensionalities=_levelled(piece.dimensionality),
            ),
            piece,
        )
    return found


def default_densities(table: Table) -> list[Fraction]:
    """Return the densities of the atlas from 1 to 1/10, the range of the paper's figure."""
    found = {one.density for blocks in table.best.values() for one in blocks}
    return sorted((p for p in found if float(p) > _SMALLEST_SHOWN), reverse=True)


def _step(p: Fraction, n: int, m: int, table: Table) -> Step:
    found = ranking(p, table, most=m)
    values = as_values(found.pieces)
    offered = [theory.SINGLE, *(value for value, _ in values.values())]
    V = p / 3 - p**2 / 4
    return Step(
        ranking=found,
        best=theory.best_mix(offered, V, n, m),
        whole=theory.rounded_mix(offered, V, n, m),
        names={name: piece for name, (_, piece) in values.items()},
    )


def staircase(
    n: int = 400,
    m: int = 30,
    densities: Sequence[Any] | None = None,
    *,
    table: Table | None = None,
    progress: Report = lambda done, total, text: None,
) -> list[Step]:
    """Predict what n equally important features in m dimensions form.

    Parameters
    ----------
    n, m
        Features and dimensions, n ≥ m ≥ 1.
    densities
        In (0, 1]; by default those of the atlas from 1 to 1/10.
    table
        The atlas; the stored one by default.
    progress
        Called with (densities done, densities in all, the density that ended).

    Returns
    -------
    list of Step
        By falling density.

    Raises
    ------
    ValueError, TypeError
        If n or m is no size, or a density is not in (0, 1].
    """
    if not 1 <= m <= n:
        raise ValueError(f"{n} features in {m} dimensions: give features ≥ dimensions ≥ 1")
    table = stored_table() if table is None else table
    wanted = default_densities(table) if densities is None else map(as_fraction, densities)
    ordered = sorted(set(wanted), reverse=True)
    if not ordered or not 0 < ordered[-1] <= ordered[0] <= 1:
        raise ValueError(f"densities {list(map(float, ordered))}: give numbers in (0, 1]")
    steps = []
    for p in ordered:
        steps.append(_step(p, n, m, table))
        progress(len(steps), len(ordered), f"density {float(p):g}")
    return steps
