r"""Multiple points: where arcs of boundary end because a third loss ties.

The ends of arcs are exact.  An end counts if three or more candidates tie there and no family
without closed form is lower, unless the same candidates tie all along an arc that ends there: the
end of such an arc at the rim p = 1 is nothing special.
"""

from collections.abc import Sequence
from typing import Any

import sympy

from .boundary_curves import Point
from .gram_patterns import Candidate, P, R
from .implicit_losses import ImplicitLoss, exact_rational
from .lower_envelope import TIE, Arc, arc_samples, holds, numeric

__all__ = ["multiple_points"]


def _tied(cands: Sequence[Candidate], p: Any, r: Any) -> tuple[tuple[str, ...], Any]:
    """Return the names that tie for least at one point, and their loss."""
    losses = {c.name: numeric(c.loss.subs({P: p, R: r})) for c in cands if holds(c.region, p, r)}
    least = min(losses.values())
    return tuple(name for name, value in losses.items() if value - least < TIE), least


def multiple_points(
    level: str,
    pieces: Sequence[Arc],
    cands: Sequence[Candidate],
    implicit: Sequence[ImplicitLoss],
) -> tuple[Point, ...]:
    """Return the points at which ``pieces`` end and three or more candidates tie for least."""
    meeting: dict[tuple[str, str], tuple[Any, Any]] = {}
    along: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for arc in pieces:
        usual, _ = _tied(cands, *arc_samples(arc, 1)[0])
        for p, r in arc.ends():
            key = (str(sympy.N(numeric(p), 30)), str(sympy.N(numeric(r), 30)))
            along.setdefault(key, []).append(usual)
            if key not in meeting or sympy.count_ops((p, r)) < sympy.count_ops(meeting[key]):
                meeting[key] = (p, r)
    found = []
    for key, (p, r) in meeting.items():
        tied, least = _tied(cands, p, r)
        lower = [loss.least(exact_rational(p), exact_rational(r)) for loss in implicit]
        if any(entry is not None and entry[0] < exact_rational(least) for entry in lower):
            continue
        if len(tied) > 2 and tied not in along[key]:
            name = {3: "triple_point", 4: "quadruple_point"}.get(len(tied), "multiple_point")
            found.append(Point(level=level, name=name, density=p, importance=r, between=tied))
    return tuple(found)
