r"""Boundaries of the diagram when some of the losses have no closed form.

The rational losses have their exact arcs (:mod:`theory.lower_envelope`).  A family whose least loss
:math:`L^*(p, r)` is known only numerically (:mod:`theory.implicit_losses`) changes two things:

* an arc keeps only those stretches on which no such :math:`L^*` lies below;
* on a factor of the resultant with a rival :math:`L_k` it has pieces of boundary of its own, where
  :math:`L^* = L_k`, no other loss is lower, and these two are the ones that swap: among all losses
  tied there their slopes across the curve are the largest and the smallest.  Where a family leaves
  its rival continuously both slopes are one, and the winners on the two sides decide.

Both are decided at points, to 40 digits, so ends of pieces are decimals.  Ties between two families
without closed form are left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import flint
import sympy

from .curve_pieces import Piece, good_runs, pieces
from .gram_patterns import Candidate, P, R
from .implicit_losses import SLACK, ImplicitLoss, exact_rational
from .lower_envelope import Arc, holds, numeric

__all__ = ["cut", "factor_pieces", "tie_pieces"]

Standing = dict[str, tuple[Any, Any, Any]]
_LINES = 40
_SIDES = (1 - flint.fmpq(1, 10**7), 1 + flint.fmpq(1, 10**7))


def _sympy(value: Any) -> Any:
    return sympy.Rational(int(value.p), int(value.q))


@cache
def _rational_loss(candidate: Candidate) -> Callable[[Any, Any], tuple[Any, Any, Any]]:
    """Return the loss of a candidate and its derivatives by p and r, to 60 digits."""
    parts = (candidate.loss, sympy.diff(candidate.loss, P), sympy.diff(candidate.loss, R))

    def at(p: Any, r: Any) -> tuple[Any, Any, Any]:
        place = {P: _sympy(p), R: _sympy(r)}
        first, second, third = (exact_rational(part.subs(place)) for part in parts)
        return first, second, third

    return at


def _standing(
    cands: Sequence[Candidate], implicit: Sequence[ImplicitLoss], p: Any, r: Any
) -> Standing:
    """Return (loss, slope by p, slope by r) of everything that competes at one point."""
    found = {
        c.name: _rational_loss(c)(p, r) for c in cands if holds(c.region, _sympy(p), _sympy(r))
    }
    found |= {x.name: here for x in implicit if (here := x.least(p, r)) is not None}
    return found


def _tie(pair: tuple[str, str], standing: Standing, across: int) -> bool | None:
    """Tell whether the two tie for least and are least on the two sides; None if their slopes tie.

    Then the curve is one of contact, and only the two sides themselves can tell.
    """
    if any(name not in standing for name in pair):
        return False
    least = min(value for value, _, _ in standing.values())
    slopes = {n: s[across] for n, s in standing.items() if s[0] - least <= SLACK}
    if any(name not in slopes for name in pair):
        return False
    low, high = sorted(slopes[name] for name in pair)
    if high - low <= SLACK:
        return None if len(slopes) == 2 else False
    return bool(low - min(slopes.values()) <= SLACK and max(slopes.values()) - high <= SLACK)


def _winner(standing: Standing) -> str:
    return min(standing, key=lambda name: standing[name][0])


def factor_pieces(
    pair: tuple[str, str],
    curve: Any,
    cands: Sequence[Candidate],
    implicit: Sequence[ImplicitLoss],
) -> list[Piece]:
    """Return the pieces of ``curve`` that are boundary between the two named."""
    across = 2 if curve.has(R) else 1

    def condition(p: Any, r: Any) -> bool:
        verdict = _tie(pair, _standing(cands, implicit, p, r), across)
        if verdict is None:
            sides = [(p, r * step) if across == 2 else (p * step, r) for step in _SIDES]
            winners = {_winner(_standing(cands, implicit, *side)) for side in sides}
            verdict = winners == set(pair)
        return verdict

    return pieces(curve, condition)


def tie_pieces(
    loss: ImplicitLoss,
    rival: Candidate,
    cands: Sequence[Candidate],
    implicit: Sequence[ImplicitLoss],
) -> list[tuple[Any, Piece]]:
    """Return (curve, piece) for the boundary between an implicit loss and a rational rival."""
    return [
        (curve, piece)
        for curve in loss.tie_factors(rival)
        for piece in factor_pieces((loss.name, rival.name), curve, cands, implicit)
    ]


def cut(arc: Arc, cands: Sequence[Candidate], implicit: Sequence[ImplicitLoss]) -> list[Arc]:
    """Return the stretches of an arc on which no implicit loss lies below."""
    value = _rational_loss(cands[arc.between[0]])

    def good(t: Any) -> bool:
        p, r = (exact_rational(e.subs(arc.parameter, _sympy(t))) for e in arc.point)
        here = [loss.least(p, r) for loss in implicit]
        least = value(p, r)[0]
        return all(entry is None or entry[0] >= least - SLACK for entry in here)

    low = exact_rational(numeric(arc.low))
    if arc.high == sympy.oo:
        lines = [low + flint.fmpq(k * k, 5 * _LINES) for k in range(1, 4 * _LINES)]
    else:
        width = exact_rational(numeric(arc.high)) - low
        lines = [low + width * flint.fmpq(k, _LINES) for k in range(1, _LINES)]
    return [
        replace(
            arc,
            low=arc.low if left is None else _sympy(left),
            high=arc.high if right is None else _sympy(right),
        )
        for left, right, _ in good_runs(lines, good)
    ]
