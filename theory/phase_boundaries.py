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
at p ≈ 0.511, below the band, so the band's ends are the zeros of c₃.

For n > 2 the last feature may be stored in any direction, to second order each at the cost K.  So
for n = 3 the tilted triangle leaves drop at the same curve, and just beyond it lies below
``pair_last``: the cubic costs are :math:`c_3 \sum_i |a_i|^3`.  At r = 1 ``pair_last`` and
``pair_first`` tie by symmetry; that line is given for n ≥ 4 only (no triangle competes).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from .families import Candidate, Family, candidates, check_case
from .gram_patterns import P, R
from .lower_envelope import (
    TIE,
    Arc,
    arc_relations,
    arc_samples,
    arcs,
    difference,
    holds,
    numeric,
    solve_for_density,
)
from .onset import K, V, onset_curve, tricritical_densities

__all__ = ["Boundary", "Point", "boundaries", "curve_samples", "points", "winner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """A piece of a curve on which two candidates tie and, where losses are known, none lies below.

    Attributes
    ----------
    level, between
        Where it belongs, and the names of the two.
    curve
        Expression in p and r that vanishes on it.
    solved
        p as a function of r on it, or None.
    valid
        Relations in p and r that all hold on it; a point of the curve with 0 < p ≤ 1 and r > 0
        where they hold belongs to it.
    """

    level: str
    between: tuple[str, str]
    curve: Any
    solved: Any
    valid: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point where three or more candidates tie for least; ``importance`` is the value of r."""

    level: str
    name: str
    density: Any
    importance: Any
    between: tuple[str, ...]


def _competitors(n: int, m: int, level: str, families: Sequence[Family]) -> tuple[Candidate, ...]:
    named = candidates(n, m, level)
    for family in families:
        if family.gram.rows != n or family.hidden != m:
            raise ValueError(
                f"family {family.name!r} has {family.gram.rows} features in {family.hidden} "
                f"dimensions; the case is {n}, {m}"
            )
    return named + tuple(family.minimised() for family in families)


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
                valid=(),
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
        forms; at ``free``, where most losses have none, they are not used.

    Examples
    --------
    >>> [b.solved for b in boundaries(2, 1, "unit_bias")]
    [None, 4*r/(5*r + 2), 4/(2*r + 5)]
    """
    levels = check_case(n, m, level)
    return tuple(b for one in levels for b in _at_level(n, m, one, tuple(families))[0])


def points(
    n: int, m: int, level: str | None = None, families: Sequence[Family] = ()
) -> tuple[Point, ...]:
    """Return the points where three or more candidates tie for least, with exact coordinates.

    Level ``free`` has none in closed form.
    """
    levels = check_case(n, m, level)
    return tuple(x for one in levels for x in _at_level(n, m, one, tuple(families))[1])


@cache
def _at_level(
    n: int, m: int, level: str, families: tuple[Family, ...]
) -> tuple[tuple[Boundary, ...], tuple[Point, ...]]:
    if level == "free":
        return _free(n), ()
    cands = _competitors(n, m, level, families)
    pieces, factors = arcs(cands)
    curves = [_from_arc(arc, level, cands) for arc in pieces]
    curves += [b for i, j, f in factors if (b := _from_factor((i, j), f, level, cands)) is not None]
    meeting: dict[tuple[str, str], tuple[Any, Any]] = {}
    for p, r in (end for arc in pieces for end in arc.ends()):
        key = (str(sympy.N(numeric(p), 30)), str(sympy.N(numeric(r), 30)))
        if key not in meeting or sympy.count_ops((p, r)) < sympy.count_ops(meeting[key]):
            meeting[key] = (p, r)
    found = []
    for p, r in meeting.values():
        losses = {
            c.name: numeric(c.loss.subs({P: p, R: r})) for c in cands if holds(c.region, p, r)
        }
        least = min(losses.values())
        tied = tuple(name for name, value in losses.items() if value - least < TIE)
        if len(tied) > 2:
            name = {3: "triple_point", 4: "quadruple_point"}.get(len(tied), "multiple_point")
            found.append(Point(level=level, name=name, density=p, importance=r, between=tied))
    return tuple(curves), tuple(found)


@cache
def _loss_functions(n: int, m: int, level: str, families: tuple[Family, ...]) -> tuple[Any, ...]:
    if level == "free":
        raise ValueError(
            "level 'free' has no losses in closed form; choose unit, unit_bias or scale"
        )
    return tuple(
        sympy.lambdify((P, R), c.loss, "numpy") for c in _competitors(n, m, level, families)
    )


def winner(
    n: int, m: int, level: str, p: Any, r: Any, families: Sequence[Family] = ()
) -> NDArray[np.intp]:
    """Return which candidate, by its place in ``candidates(n, m, level)``, has the least loss.

    ``p`` and ``r`` are arrays that broadcast.  At ties the first candidate is named.
    """
    check_case(n, m, level)
    p, r = np.broadcast_arrays(np.asarray(p, float), np.asarray(r, float))
    functions = _loss_functions(n, m, level, tuple(families))
    losses = np.stack([np.broadcast_to(f(p, r), p.shape) for f in functions])
    return np.asarray(losses.argmin(axis=0))


def curve_samples(
    boundary: Boundary, count: int = 200
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points (p, r) along a boundary inside 0.01 ≤ p ≤ 1, 0.1 ≤ r ≤ 10, for drawing."""
    if sympy.degree(sympy.Poly(boundary.curve, R), R) == 1:
        slope, constant = sympy.Poly(boundary.curve, R).all_coeffs()
        t = np.linspace(0.01, 1.0, max(4096, 64 * count))
        other = sympy.lambdify(P, -constant / slope, "numpy")
    else:
        if boundary.solved is None:
            raise ValueError(
                f"{boundary.between} has no p(r) in closed form; draw the zero level of its curve"
            )
        t = np.geomspace(0.1, 10.0, max(4096, 64 * count))
        other = sympy.lambdify(R, boundary.solved, "numpy")
    by_density = t[0] == 0.01

    def at(t: Any) -> tuple[Any, Any]:
        with np.errstate(all="ignore"):
            value = np.broadcast_to(other(t), t.shape).astype(float)
        return (t, value) if by_density else (value, t)

    def inside(p: Any, r: Any) -> Any:
        slack = 1e-9
        keep = (p >= 0.01 - slack) & (p <= 1 + slack) & (r >= 0.1 - slack) & (r <= 10 + slack)
        for relation in boundary.valid:
            gap = sympy.lambdify((P, R), relation.gts - relation.lts, "numpy")
            with np.errstate(all="ignore"):
                keep &= np.broadcast_to(gap(p, r), p.shape) >= -slack
        return keep

    keep = np.flatnonzero(inside(*at(t)))
    if not len(keep):
        return np.empty(0), np.empty(0)
    ends = t[keep[0]], t[keep[-1]]
    p, r = at(np.linspace(*ends, count) if by_density else np.geomspace(*ends, count))
    good = inside(p, r)
    return p[good], r[good]
