r"""Which block uses its dimensions best at one density.

The blocks on offer are the pieces of all models of the atlas at the densities next to the one asked
for, descended from there, and the shapes of the catalogue held rigid.  One of each kind (features,
dimensions, family of names) is kept, the best.  They are ranked by their benefit per dimension
(:mod:`theory.blocks`).

**Closed.** Blocks in more dimensions may do better still; at low density they do. With d the
dimension of the leading block, the ranking is *closed* if the best models in d + 1 and in d + 2
dimensions, as the atlas knows them, have a benefit less than 1e-4 above, and so has the symmetric
code of many features (:mod:`theory.large_n`). A dimension is known if the atlas has it with more
features than its best model stores, and with as many a dimension as the leader has. Otherwise the
leading benefit is a lower bound. Among blocks of at most m dimensions larger ones do not count, nor
does the code if the leader nearly fills m.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from theory.large_n import SymmetricCode, best_code
from theory.phases import DROPPED_NORM
from theory.rationals import as_fraction

from ..progress import Report
from .pieces import Piece, family, pieces_of
from .rigid_shapes import rigid_shape
from .search import Block, improved
from .table import Table, stored_table

__all__ = ["CLOSED", "Ranking", "at_density", "best_of_each", "ranking"]

_NOISE = 1e-9
CLOSED = 1e-4  # of the benefit per dimension


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Blocks at one density, the highest benefit per dimension first.

    Attributes
    ----------
    density
        p.
    pieces
        One of each kind.
    best_in
        The best model of each dimension that is known (see above), by dimension.
    closed
        Whether more dimensions change nothing.
    code
        The symmetric code of many features.
    """

    density: Fraction
    pieces: tuple[Piece, ...]
    best_in: dict[int, Block]
    closed: bool
    code: SymmetricCode


def best_of_each(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the best piece of each kind, of equal ones the first, by falling benefit."""
    best: dict[tuple[int, int, str], Piece] = {}
    for piece in pieces:
        known = best.get(piece.identity)
        if known is None or piece.block.benefit > known.block.benefit + _NOISE:
            best[piece.identity] = piece
    return sorted(best.values(), key=lambda piece: -piece.block.benefit)


def at_density(blocks: Sequence[Block], density: Any) -> list[Block]:
    """Return blocks descended at another density, in the same order; those there stay."""
    p = as_fraction(density)
    found = list(blocks)
    sizes: dict[tuple[int, int], list[int]] = {}
    for at, block in enumerate(blocks):
        if block.density != p:
            sizes.setdefault((block.k, block.d), []).append(at)
    for places in sizes.values():
        own = [blocks[at] for at in places]
        unknown = [replace(one, density=p, loss=float("inf")) for one in own]
        for at, block in zip(
            places, improved(unknown, [(one.W[None], one.b[None]) for one in own]), strict=True
        ):
            found[at] = replace(block, hits=blocks[at].hits)
    return found


def _beside(densities: Iterable[Fraction], p: Fraction) -> set[Fraction]:
    """Return p if it is one of the densities, else those next to it on either side."""
    known = set(densities)
    if p in known:
        return {p}
    above, below = [q for q in known if q > p], [q for q in known if q < p]
    return {*([min(above)] if above else ()), *([max(below)] if below else ())}


def _next_to(blocks: Sequence[Block], p: Fraction) -> list[Block]:
    """Return the blocks at the density p, or at those next to it on either side."""
    beside = _beside((one.density for one in blocks), p)
    return [one for one in blocks if one.density in beside]


def _rigid(key: str, blocks: Sequence[Block], p: Fraction) -> Piece:
    near = _next_to(blocks, p)
    block = near[0] if near[0].density == p else rigid_shape(key, p, near)
    return Piece(block, key, family(key), rigid=True)


def _known(models: Sequence[Block]) -> list[Block]:
    """Return the best model of each density, of one dimension, if no more features would help."""
    best: dict[Fraction, Block] = {}
    most: dict[Fraction, int] = {}
    for model in sorted(models, key=lambda one: one.k):
        most[model.density] = model.k
        old = best.get(model.density)
        if old is None or model.benefit > old.benefit + _NOISE:
            best[model.density] = model
    return [
        one
        for p, one in best.items()
        if one.k < most[p] or (np.linalg.norm(one.W, axis=0) < DROPPED_NORM).any()
    ]


def _best_in(near: Sequence[Block], p: Fraction) -> dict[int, Block]:
    """Return the best model of each dimension that is known at all the densities next to p."""
    found = {}
    beside = _beside((one.density for one in near), p)
    for d in sorted({one.d for one in near}):
        known = _known([one for one in near if one.d == d and one.density in beside])
        if len(known) == len(beside):
            found[d] = max(at_density(known, p), key=lambda one: one.benefit)
    return found


def ranking(
    density: Any,
    table: Table | None = None,
    most: int | None = None,
    *,
    progress: Report = lambda done, total, text: None,
) -> Ranking:
    """Rank blocks at a density by what they make of their dimensions.

    Parameters
    ----------
    density
        p = P(x ≠ 0), in (0, 1].
    table
        The atlas; the stored one by default.
    most
        The largest dimension of a block; any by default.
    progress
        Called with (steps done, steps in all, what ended).

    Raises
    ------
    ValueError, TypeError
        If the density is no number in (0, 1].
    """
    p = as_fraction(density)
    if not 0 < p <= 1:
        raise ValueError(f"density {density} is outside (0, 1]; give P(x ≠ 0)")
    table = stored_table() if table is None else table
    total = len(table.rigid) + 2
    near = [one for blocks in table.best.values() for one in _next_to(blocks, p)]
    known = best_of_each(piece for model in near for piece in pieces_of(model))
    descended = at_density([piece.block for piece in known], p)
    pieces = [piece for model in descended for piece in pieces_of(model)]
    progress(1, total, "pieces of the atlas")
    rigid: list[Piece] = []
    for key, blocks in table.rigid.items():
        rigid.append(_rigid(key, blocks, p))
        progress(1 + len(rigid), total, key)
    fitting = [one for one in [*pieces, *rigid] if most is None or one.block.d <= most]
    ranked = best_of_each(fitting)
    best_in, code, leader = _best_in(near, p), best_code(float(p)), ranked[0].block
    progress(total, total, "best of each dimension")
    more = [d for d in (leader.d + 1, leader.d + 2) if most is None or d <= most]
    crowded = {one.d for one in near if one.k * leader.d >= leader.k * one.d}
    rivals = [best_in[d].benefit if d in best_in and d in crowded else np.inf for d in more]
    if most is None or most > leader.d + 2:
        rivals.append(code.benefit)
    closed = max(rivals, default=0.0) < leader.benefit + CLOSED
    return Ranking(p, tuple(ranked), best_in, bool(closed), code)
