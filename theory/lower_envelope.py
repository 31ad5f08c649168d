r"""Exact arcs of the least of several losses: where two of them tie and nothing lies below.

Each loss is a rational function of p and r.  The numerator of :math:`L_i - L_j` factors over the
rationals; on each factor that is linear in r the curve is :math:`r = \rho(p)`, and on a factor in p
alone it is :math:`p = p_0` with r as the parameter.  Along such a curve every other difference
:math:`E_k = L_k - L_i` is a rational function of one parameter t, so its sign changes only at real
roots of its numerator and denominator.  Between consecutive roots one rational sample decides

* that the point lies in 0 < p ≤ 1, r > 0, in the regions of both losses, with every
  :math:`E_k \ge 0` (a loss competes only inside its own region);
* that i and j are the ones that swap: among the losses tied along the whole curve, their slopes
  across it are the largest and the smallest.

Maximal runs of such intervals are the arcs.  Everything is exact where the losses have rational
coefficients; at an irrational :math:`p_0` zero is decided modulo its irreducible polynomial and
signs by 50 digits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import sympy

from .gram_patterns import Candidate, P, R

__all__ = [
    "TIE",
    "Arc",
    "arc_relations",
    "arc_samples",
    "arcs",
    "difference",
    "holds",
    "numeric",
    "solve_for_density",
]

_DIGITS = 50
TIE = sympy.Float(10) ** -40


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """One maximal piece of a curve on which two losses tie and are least.

    Attributes
    ----------
    between
        Positions of the two candidates.
    curve
        Irreducible polynomial in p and r that vanishes on the arc.
    parameter
        P or R; ``point`` gives (p, r) as expressions in it.
    low, high
        The ends of the parameter, exact; 0, 1 or infinity at the rim of the domain.
    """

    between: tuple[int, int]
    curve: Any
    parameter: Any
    point: tuple[Any, Any]
    low: Any
    high: Any

    def ends(self) -> list[tuple[Any, Any]]:
        """Return the ends inside 0 < p ≤ 1, 0 < r < ∞, exactly."""
        found = []
        for end in (self.low, self.high):
            if end in (0, sympy.oo):
                continue
            p, r = (sympy.radsimp(sympy.simplify(e.subs(self.parameter, end))) for e in self.point)
            if r.is_finite and numeric(r) > 0:
                found.append((p, r))
        return found


def numeric(value: Any) -> Any:
    """Return a real number to 50 digits."""
    return sympy.re(sympy.N(value, _DIGITS))


def difference(a: Candidate, b: Candidate) -> tuple[Any, Any]:
    """Return numerator and denominator of :math:`L_a - L_b`, coprime."""
    numerator, denominator = sympy.fraction(sympy.cancel(sympy.together(a.loss - b.loss)))
    return numerator, denominator


def holds(relations: Sequence[Any], p: Any, r: Any) -> bool:
    """Tell whether all relations hold at one point (ties count, to 40 digits)."""
    for relation in relations:
        if relation in (sympy.true, sympy.false):
            if relation is sympy.false:
                return False
            continue
        gap = numeric((relation.gts - relation.lts).subs({P: p, R: r}))
        if not gap > -TIE:
            return False
    return True


def _real_roots(polynomial: Any, t: Any) -> list[Any]:
    polynomial = sympy.Poly(polynomial, t)
    if polynomial.degree() < 1:
        return []
    if polynomial.degree() == 1:
        slope, constant = polynomial.all_coeffs()
        return [sympy.radsimp(-constant / slope)]
    if polynomial.domain.is_ZZ or polynomial.domain.is_QQ:
        return list(dict.fromkeys(polynomial.real_roots()))
    return [root for root in polynomial.nroots(n=_DIGITS, maxsteps=200) if root.is_real]


def _samples(breaks: list[Any], low: Any, high: Any) -> list[tuple[Any, Any, Any]]:
    """Return (left, right, rational between) for the intervals that ``breaks`` cut out."""
    inner: dict[str, Any] = {}
    for root in breaks:
        value = numeric(root)
        if value > low and (high == sympy.oo or value < high):
            inner.setdefault(str(sympy.N(value, 30)), root)
    edges = [low, *sorted(inner.values(), key=numeric), high]
    cells = []
    for left, right in pairwise(edges):
        top = numeric(left) * 2 + 1 if right == sympy.oo else numeric(right)
        cells.append((left, right, sympy.Rational(str(sympy.N((numeric(left) + top) / 2, 25)))))
    return cells


def _swaps(
    i: int, j: int, tied: list[int], cands: Sequence[Candidate], across: Any, at: dict[Any, Any]
) -> bool:
    """Tell whether i and j are least on the two sides of a curve along which ``tied`` tie."""
    slope = {k: numeric(sympy.diff(cands[k].loss, across).subs(at)) for k in {i, j, *tied}}
    ends = {min(slope.values()), max(slope.values())}
    return len(ends) == 2 and all(any(abs(slope[k] - end) < TIE for k in (i, j)) for end in ends)


def _merge(
    cells: list[tuple[Any, Any, Any]], good: Callable[[Any], bool], walls: list[Any]
) -> list[tuple[Any, Any]]:
    """Join neighbouring good cells unless a wall (a pole, or the rim of the domain) parts them."""
    runs: list[tuple[Any, Any]] = []
    barred = {sympy.N(numeric(wall), 30) for wall in walls}
    for left, right, sample in cells:
        if not good(sample):
            continue
        if runs and runs[-1][1] == left and sympy.N(numeric(left), 30) not in barred:
            runs[-1] = (runs[-1][0], right)
        else:
            runs.append((left, right))
    return runs


def _good(
    t: Any,
    *,
    parameter: Any,
    point: tuple[Any, Any],
    pair: tuple[int, int],
    others: dict[int, Any],
    cands: Sequence[Candidate],
) -> bool:
    p, r = (numeric(entry.subs(parameter, t)) for entry in point)
    if not (0 < p <= 1 and r > 0):
        return False
    i, j = pair
    if not holds([*cands[i].region, *cands[j].region], p, r):
        return False
    rivals = {k: value for k, value in others.items() if holds(cands[k].region, p, r)}
    if any(value != 0 and numeric(value.subs(parameter, t)) < 0 for value in rivals.values()):
        return False
    tied = [k for k, value in rivals.items() if value == 0]
    return _swaps(i, j, tied, cands, R if parameter == P else P, {P: p, R: r})


def _along(
    i: int, j: int, factor: Any, parameter: Any, point: tuple[Any, Any], cands: Sequence[Candidate]
) -> list[Arc]:
    """Return the arcs on one curve given by its parametrisation."""
    irrational = parameter == R and not point[0].is_Rational

    def restricted(expression: Any) -> Any:
        if irrational:
            expression = sympy.rem(sympy.expand(expression), factor, P)
        return sympy.cancel(sympy.together(expression.subs({P: point[0], R: point[1]})))

    others, breaks = {}, []
    for k, candidate in enumerate(cands):
        if k in (i, j):
            continue
        top, bottom = (restricted(part) for part in difference(candidate, cands[i]))
        others[k] = sympy.Integer(0) if top == 0 else top / bottom
        breaks += [part for part in sympy.fraction(sympy.cancel(others[k]))]
    for candidate in cands:
        for relation in candidate.region:
            top, bottom = map(
                restricted, sympy.fraction(sympy.together(relation.gts - relation.lts))
            )
            breaks += [] if bottom == 0 else sympy.fraction(sympy.cancel(top / bottom))
    walls = [part for entry in point for part in sympy.fraction(sympy.together(entry))]
    cut = [root for part in breaks for root in _real_roots(part, parameter)]
    wall = [root for part in walls for root in _real_roots(part, parameter)]
    one = sympy.Integer(1)
    crossing = _real_roots(sympy.fraction(sympy.together(point[0] - 1))[0], parameter)
    high = one if parameter == P else sympy.oo
    good = partial(_good, parameter=parameter, point=point, pair=(i, j), others=others, cands=cands)
    cells = _samples([*cut, *wall, *crossing], sympy.Integer(0), high)
    return [
        Arc(between=(i, j), curve=factor, parameter=parameter, point=point, low=low, high=up)
        for low, up in _merge(cells, good, wall)
    ]


def arcs(cands: Sequence[Candidate]) -> tuple[list[Arc], list[tuple[int, int, Any]]]:
    """Return the arcs, and the factors (i, j, curve) that are of higher degree in r."""
    found: list[Arc] = []
    implicit: list[tuple[int, int, Any]] = []
    for i, first in enumerate(cands):
        for j in range(i + 1, len(cands)):
            numerator, _ = difference(first, cands[j])
            for factor, _ in sympy.factor_list(numerator, P, R)[1] if numerator != 0 else ():
                degree = sympy.degree(factor, R)
                if degree > 1:
                    implicit.append((i, j, factor))
                elif degree == 1:
                    slope, constant = sympy.Poly(factor, R).all_coeffs()
                    found += _along(i, j, factor, P, (P, sympy.factor(-constant / slope)), cands)
                else:
                    for root in _real_roots(factor, P):
                        if 0 < numeric(root) < 1:
                            found += _along(i, j, factor, R, (root, R), cands)
    return found, implicit


def solve_for_density(curve: Any, samples: Sequence[tuple[Any, Any]]) -> Any:
    """Return the root p(r) of ``curve`` that passes through all ``samples``, or None."""
    if not 1 <= sympy.degree(curve, P) <= 2 or not curve.has(R):
        return None
    for root in sympy.solve(curve, P):
        if all(abs(numeric(root.subs(R, r)) - numeric(p)) < TIE for p, r in samples):
            return sympy.factor(root) if root.is_rational_function(R) else root
    return None


def arc_samples(arc: Arc, count: int) -> list[tuple[Any, Any]]:
    """Return points (p, r) inside an arc, by rational values of its parameter."""
    low = sympy.Rational(str(sympy.N(numeric(arc.low), 30)))
    if arc.high == sympy.oo:
        steps = [low + sympy.Rational(k * k, count) for k in range(1, count + 1)]
    else:
        high = sympy.Rational(str(sympy.N(numeric(arc.high), 30)))
        steps = [low + (high - low) * sympy.Rational(k, count + 1) for k in range(1, count + 1)]
    return [
        (arc.point[0].subs(arc.parameter, t), arc.point[1].subs(arc.parameter, t)) for t in steps
    ]


def arc_relations(arc: Arc, samples: Sequence[tuple[Any, Any]]) -> tuple[Any, ...]:
    """Return the ends of an arc as relations in p and, where it is monotone, in r."""
    t = arc.parameter
    relations, r = [], None
    for end, relation in ((arc.low, sympy.Ge), (arc.high, sympy.Le)):
        if end not in (0, sympy.oo):
            relations.append(relation(t, end))
            r = sympy.radsimp(sympy.simplify(arc.point[1].subs(t, end)))
    if t == R and len(sympy.real_roots(sympy.Poly(arc.curve, P))) > 1:
        relations.append(sympy.Le(P, 1))
    if t == P and r is not None and r.is_finite:  # r at the last end
        heights = [numeric(height) for _, height in samples]
        steps = [y - x for x, y in pairwise(heights)]
        upper = arc.high not in (0, sympy.oo)
        if upper and all(step > 0 for step in steps):
            relations.append(sympy.Le(R, r))
        elif upper and all(step < 0 for step in steps):
            relations.append(sympy.Ge(R, r))
    return tuple(relations)
