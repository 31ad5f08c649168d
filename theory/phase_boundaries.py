r"""Phase boundaries: where two candidates tie and none lies below, and the points where three do.

The diagram of arXiv 2209.10652 colours the plane of density p and importance r by the candidate of
least loss.  At the levels ``unit``, ``unit_bias`` and ``scale`` every loss is rational, and
:mod:`theory.lower_envelope` finds the pieces of the tie curves that are boundaries of that diagram,
exactly.  For n = 2 at ``unit_bias``, for instance,

.. math:: rV = (1 + r)\,p^2/6 \iff p = 4r/(2 + 5r), \qquad r \le 1,

which meets its mirror image and the line r = 1 in the triple point (4/7, 1).

At level ``free`` a boundary is where the minimiser enters the interior of a family whose closure
contains drop: :math:`rV = K` (:mod:`theory.onset`) where :math:`c_3 \ge 0`.  Outside that band the
transition is of first order and has no closed form (:mod:`theory.coexistence` gives its points).
Numerically, the distant minimum that precedes drop's onset at low density crosses r = K/V already
at p ≈ 0.512, below the band, so the band's ends are the zeros of c₃.

For n > 2 the last feature may be stored in any direction, to second order each at the cost K.  So
for n = 3 the tilted triangle leaves drop at the same curve, and just beyond it lies below
``pair_last``: the cubic costs are :math:`c_3 \sum_i |a_i|^3`.  Nor is a
pair always what drop ties with outside the band: for n = 3 and p near 19/20 a tilted triangle lies
below drop (by some 1e-6 V) already at the tie with ``pair_last``.  At r = 1 ``pair_last`` and
``pair_first`` tie by symmetry; that line is given for n ≥ 4 only (no triangle competes).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from .boundary_curves import Boundary, Point, curve_samples
from .curve_pieces import Piece
from .families import Candidate, Family, candidates, check_case
from .gram_patterns import P, R
from .implicit_boundaries import cut, factor_pieces, tie_pieces
from .implicit_losses import ImplicitLoss, implicit_loss
from .lower_envelope import (
    Arc,
    arc_relations,
    arc_samples,
    arcs,
    difference,
    holds,
    solve_for_density,
)
from .multiple_points import multiple_points
from .onset import K, V, onset_curve, tricritical_densities

__all__ = ["Boundary", "Point", "boundaries", "curve_samples", "points", "winner"]


@cache
def _competitors(
    n: int, m: int, level: str, families: tuple[Family, ...]
) -> tuple[tuple[Candidate, ...], tuple[ImplicitLoss, ...]]:
    """Return the candidates with rational losses, and the families with implicit ones."""
    closed, implicit = list(candidates(n, m, level)), []
    for family in families:
        own = family.minimised()
        if own.loss is not None and own.loss.is_rational_function(P, R):
            closed.append(own)
        elif (loss := implicit_loss(family)) is not None:
            implicit.append(loss)
    return tuple(closed), tuple(implicit)


def _checked(n: int, m: int, families: Sequence[Family]) -> tuple[Family, ...]:
    names = [c.name for c in candidates(n, m)]
    for family in families:
        if family.gram.rows != n or family.hidden != m:
            raise ValueError(
                f"family {family.name!r} has {family.gram.rows} features in {family.hidden} "
                f"dimensions; the case is {n}, {m}"
            )
        if family.name in names:
            raise ValueError(
                f"family {family.name!r} has the name of another candidate; choose a new one"
            )
        names.append(family.name)
    return tuple(families)


def _from_arc(arc: Arc, level: str, cands: Sequence[Candidate]) -> Boundary:
    samples = arc_samples(arc, 11)
    i, j = arc.between
    regions = [*cands[i].region, *cands[j].region]
    return Boundary(
        level=level,
        between=(cands[i].name, cands[j].name),
        curve=arc.curve,
        solved=arc.point[0] if arc.parameter == R else solve_for_density(arc.curve, samples),
        valid=(*arc_relations(arc, samples), *dict.fromkeys(regions)),
    )


def _from_factor(
    pair: tuple[int, int], curve: Any, level: str, cands: Sequence[Candidate]
) -> Boundary | None:
    """Return a curve of higher degree in r with its inequalities, if any point has them."""
    i, j = pair
    relations = [*cands[i].region, *cands[j].region, sympy.Le(P, 1)]
    for k, rival in enumerate(cands):
        if k not in (i, j):
            top, bottom = difference(rival, cands[i])
            relations.append(sympy.Ge(top / bottom, 0))
    found = []
    for r in (sympy.Rational(10) ** sympy.Rational(k, 4) for k in range(-8, 9)):
        r = sympy.Rational(str(sympy.N(r, 8)))
        for p in sympy.Poly(curve.subs(R, r), P).nroots(n=50, maxsteps=200):
            if p.is_real and p > 0 and holds(relations, p, r):
                found.append((p, r))
    if not found:
        return None
    return Boundary(
        level=level,
        between=(cands[i].name, cands[j].name),
        curve=curve,
        solved=solve_for_density(curve, found),
        valid=tuple(dict.fromkeys(relations)),
    )


def _free(n: int) -> tuple[Boundary, ...]:
    """Return the boundaries of level ``free`` that have a closed form."""
    low, high = tricritical_densities()
    band = (sympy.Ge(P, low), sympy.Le(P, high))
    found = [
        Boundary(
            level="free",
            between=("ignore_last", "pair_last"),
            curve=onset_curve(),
            solved=None,
            valid=(*band, sympy.Le(R, 1)),
        )
    ]
    if n == 2:
        found.append(
            Boundary(
                level="free",
                between=("ignore_first", "pair_last"),
                curve=V() - R * K(),
                solved=None,
                valid=(*band, sympy.Ge(R, 1)),
            )
        )
    if n == 3:
        found.append(replace(found[0], between=("ignore_last", "tilted_triangle")))
    if n >= 4:
        found.append(
            Boundary(
                level="free",
                between=("pair_last", "pair_first"),
                curve=R - 1,
                solved=None,
                valid=(sympy.Lt(P, 1),),
            )
        )
    return tuple(found)


def boundaries(
    n: int, m: int, level: str | None = None, families: Sequence[Family] = ()
) -> tuple[Boundary, ...]:
    """Return the phase boundaries of n features in m = n − 1 dimensions, at one level or all.

    Parameters
    ----------
    n, m
        Features and hidden dimensions, m = n − 1.
    level
        One of unit, unit_bias, scale and free; all by default.
    families
        Families of your own that compete with the named candidates at the levels with closed
        forms; at ``free``, where most losses have none, they are not used.  A family of one
        parameter without closed form has its curves all the same
        (:mod:`theory.implicit_boundaries`); one of several parameters without closed form does not
        compete.

    Examples
    --------
    >>> [b.solved for b in boundaries(2, 1, "unit_bias")]
    [None, 4*r/(5*r + 2), 4/(2*r + 5)]
    """
    levels = check_case(n, m, level)
    own = _checked(n, m, families)
    return tuple(b for one in levels for b in _at_level(n, m, one, own)[0])


def points(
    n: int, m: int, level: str | None = None, families: Sequence[Family] = ()
) -> tuple[Point, ...]:
    """Return the points where three or more candidates tie for least, with exact coordinates.

    Left out are ends of a line along which the same losses tie, and points where a family without
    closed form is lower.  Level ``free`` has none in closed form.
    """
    levels = check_case(n, m, level)
    own = _checked(n, m, families)
    return tuple(x for one in levels for x in _at_level(n, m, one, own)[1])


def _sampled(
    pair: tuple[str, str], level: str, found: Sequence[tuple[Any, Piece]]
) -> list[Boundary]:
    return [
        Boundary(
            level=level,
            between=pair,
            curve=curve,
            solved=solve_for_density(curve, piece.points),
            valid=piece.relations,
        )
        for curve, piece in found
    ]


@cache
def _at_level(
    n: int, m: int, level: str, families: tuple[Family, ...]
) -> tuple[tuple[Boundary, ...], tuple[Point, ...]]:
    if level == "free":
        return _free(n), ()
    cands, implicit = _competitors(n, m, level, families)
    whole, factors = arcs(cands)
    pieces = [part for arc in whole for part in cut(arc, cands, implicit)] if implicit else whole
    curves = [_from_arc(arc, level, cands) for arc in pieces]
    for i, j, curve in factors:
        pair = (cands[i].name, cands[j].name)
        if implicit:
            found = [(curve, piece) for piece in factor_pieces(pair, curve, cands, implicit)]
            curves += _sampled(pair, level, found)
        elif (boundary := _from_factor((i, j), curve, level, cands)) is not None:
            curves.append(boundary)
    for loss in implicit:
        for rival in cands:
            found = tie_pieces(loss, rival, cands, implicit)
            curves += _sampled((loss.name, rival.name), level, found)
    return tuple(curves), multiple_points(level, pieces, cands, implicit)


@cache
def _loss_functions(n: int, m: int, level: str, families: tuple[Family, ...]) -> tuple[Any, ...]:
    if level == "free":
        raise ValueError(
            "level 'free' has no losses in closed form; choose unit, unit_bias or scale"
        )
    cands, implicit = _competitors(n, m, level, families)
    if len(cands) < len(candidates(n, m, level)) + len(families):
        hidden = [x.name for x in implicit] or [f.name for f in families]
        raise ValueError(
            f"{hidden} have no rational loss in closed form; leave them out of winner()"
        )
    return tuple(sympy.lambdify((P, R), c.loss, "numpy") for c in cands)


def winner(
    n: int, m: int, level: str, p: Any, r: Any, families: Sequence[Family] = ()
) -> NDArray[np.intp]:
    """Return which candidate, by its place in ``candidates(n, m, level)``, has the least loss.

    ``p`` and ``r`` are arrays that broadcast.  At ties the first candidate is named.
    """
    check_case(n, m, level)
    p, r = np.broadcast_arrays(np.asarray(p, float), np.asarray(r, float))
    functions = _loss_functions(n, m, level, _checked(n, m, families))
    losses = np.stack([np.broadcast_to(f(p, r), p.shape) for f in functions])
    return np.asarray(losses.argmin(axis=0))
