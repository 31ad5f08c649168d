r"""Where the leading block changes: the densities at which two blocks have the same benefit.

Between two densities of the atlas with different leaders, each leader is followed to the other's
density by descent on the exact loss, from the nearest density where it is known; the difference of
benefits is then bracketed, and its root found by Brent's method to 1e-10 of the density.  If a
third kind of block is better than both at the root, it leads in between, and both of its boundaries
are sought instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from scipy.optimize import brentq

from .pieces import Piece, pieces_of
from .ranking import Ranking, at_density

__all__ = ["Branch", "Transition", "transitions"]

_ROOT = 1e-10  # of the density
_NOISE = 1e-9  # of the benefit
_NEAR = 0.1  # share of the leader's benefit


class Branch:
    """One kind of block over density, followed from where it is known."""

    def __init__(self, piece: Piece) -> None:
        self.kind = piece
        self._known = {float(piece.block.density): piece}

    def know(self, piece: Piece) -> None:
        """Add where the block is known, too."""
        self._known[float(piece.block.density)] = piece

    def at(self, density: float) -> Piece | None:
        """Return the block at a density, None if it ceases to be one of its kind on the way."""
        if density not in self._known:
            near = min(self._known, key=lambda p: abs(p - density))
            model = at_density([self._known[near].block], Fraction(density))[0]
            parts = pieces_of(model)
            same = [one for one in parts if one.identity == self.kind.identity]
            if len(parts) != 1 or not same:
                return None
            self._known[density] = same[0]
        return self._known[density]


@dataclass(frozen=True, slots=True, eq=False)
class Transition:
    """A density at which the leading block changes.

    Attributes
    ----------
    density
        Where both benefits are equal; None if one of the two cannot be followed to the other.
    bracket
        Two densities between which the change is, the larger first.
    above, below
        The leaders at larger and at smaller densities, at the transition if it is known.
    closed
        Whether the rankings on both sides are closed.
    """

    density: float | None
    bracket: tuple[float, float]
    above: Piece
    below: Piece
    closed: bool


def _advantage(first: Branch, second: Branch, density: float) -> float | None:
    """Return how much higher the benefit of the first block is; None where one is not there."""
    one, other = first.at(density), second.at(density)
    return None if one is None or other is None else one.block.benefit - other.block.benefit


def _crossing(first: Branch, second: Branch, bracket: tuple[float, float]) -> float | None:
    """Return the density in the bracket where two blocks have one benefit, if there is one."""
    above, below = (_advantage(first, second, density) for density in bracket)
    if above is None or below is None or above * below > 0:
        return None

    def advantage(density: float) -> float:
        value = _advantage(first, second, density)
        if value is None:
            raise _Lost
        return value

    try:
        return float(brentq(advantage, *bracket, xtol=_ROOT * bracket[1], rtol=_ROOT))
    except _Lost:
        return None


class _Lost(Exception):  # noqa: N818  the end of a branch, no error
    """A block ceased to be one of its kind."""


def _between(
    first: Branch,
    second: Branch,
    others: Sequence[Branch],
    bracket: tuple[float, float],
    closed: bool,
) -> list[Transition]:
    """Return the transitions from one leader to another within a bracket."""
    density = _crossing(first, second, bracket)
    if density is None:
        return [Transition(None, bracket, first.kind, second.kind, closed)]
    one, other = first.at(density), second.at(density)
    assert one is not None
    assert other is not None
    better = [
        (piece.block.benefit, at)
        for at, branch in enumerate(others)
        if (piece := branch.at(density)) and piece.block.benefit > one.block.benefit + _NOISE
    ]
    if not better:
        return [Transition(density, bracket, one, other, closed)]
    third = others[max(better)[1]]
    rest = [branch for branch in others if branch is not third]
    return [
        *_between(first, third, rest, (bracket[0], density), closed),
        *_between(third, second, rest, (density, bracket[1]), closed),
    ]


def transitions(rankings: Sequence[Ranking]) -> list[Transition]:
    """Return where the leading block changes between neighbouring rankings of falling density.

    Blocks whose benefit comes within a tenth of the leader's on either side may lead in between.
    """
    found = []
    for above, below in pairwise(rankings):
        leaders = above.pieces[0], below.pieces[0]
        if leaders[0].identity == leaders[1].identity:
            continue
        branches: dict[tuple[int, int, str], Branch] = {}
        for ranking in (above, below):
            least = (1 - _NEAR) * ranking.pieces[0].block.benefit
            for piece in ranking.pieces:
                if piece.block.benefit >= least and not piece.rigid:
                    branches.setdefault(piece.identity, Branch(piece)).know(piece)
        for leader in leaders:
            branches.setdefault(leader.identity, Branch(leader)).know(leader)
        first, second = (branches.pop(leader.identity) for leader in leaders)
        bracket = float(above.density), float(below.density)
        closed = above.closed and below.closed
        found += _between(first, second, list(branches.values()), bracket, closed)
    return found
