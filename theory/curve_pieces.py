r"""Pieces of an algebraic curve in the plane of p and r on which a condition holds at points.

A curve f(p, r) = 0 is cut by lines r = const (by lines p = const if p does not occur in f).  On
each line the roots in :math:`0 < p \le 1` are found to 70 digits and judged by a condition.
Neighbouring lines with one judged good make a run; its ends are bisected, and rounded inward.  The
*relations* of a piece are the bounds of its run, with bounds on the other coordinate (constants, or
parabolas) wherever roots that are not good must be told from those that are.  A root on a line
between the samples is taken to behave as its neighbours do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import flint
import numpy as np
import scipy.optimize
import sympy

from .gram_patterns import P, R
from .implicit_losses import real_roots

__all__ = ["Piece", "good_runs", "pieces"]

_BISECTIONS = 36
_LARGEST = flint.fmpq(100)  # r is sampled from 1/100 to 100


@dataclass(frozen=True, slots=True)
class Piece:
    """Relations that single out a piece of the curve, and its sampled points (p, r)."""

    relations: tuple[Any, ...]
    points: tuple[tuple[Any, Any], ...]


def _rational(value: Any) -> Any:
    return sympy.Rational(int(value.p), int(value.q))


def _short(value: Any, *, up: bool) -> Any:
    """Return the neighbouring decimal of 9 significant places or so, above or below."""
    scale = 10**9 if value < 1 else 10**8
    scaled = value * scale
    floor = scaled.floor()
    return flint.fmpq(int(floor) + int(up and scaled != floor), scale)


def _line_values(by_density: bool) -> list[Any]:
    if by_density:
        return [flint.fmpq(2 * k - 1, 100) for k in range(1, 51)]
    steps = [flint.fmpq(round(1000 * 10 ** (k / 12)), 100_000) for k in range(48)]
    return [*steps, _LARGEST]


def good_runs(lines: list[Any], good: Callable[[Any], bool]) -> list[tuple[Any, Any, list[Any]]]:
    """Return maximal runs of ``lines`` with ``good``: bisected ends and the values inside.

    An end is None where the run reaches the first or the last line.
    """
    verdicts = [good(value) for value in lines]
    runs: list[list[int]] = []
    for k, verdict in enumerate(verdicts):
        if verdict and runs and runs[-1][-1] == k - 1:
            runs[-1].append(k)
        elif verdict:
            runs.append([k])

    def end(inside: Any, outside: Any) -> Any:
        for _ in range(_BISECTIONS):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if good(middle) else (inside, middle)
        rounded = _short(inside, up=outside < inside)
        return rounded if good(rounded) else inside

    found = []
    for run in runs:
        first, last = run[0], run[-1]
        low = None if first == 0 else end(lines[first], lines[first - 1])
        high = None if last == len(lines) - 1 else end(lines[last], lines[last + 1])
        found.append((low, high, [lines[k] for k in run]))
    return found


def pieces(curve: Any, condition: Callable[[Any, Any], bool]) -> list[Piece]:
    """Return the pieces of ``curve`` on which ``condition(p, r)`` holds."""
    by_density = sympy.degree(curve, P) == 0
    along, across = (P, R) if by_density else (R, P)
    coefficients = sympy.lambdify(along, sympy.Poly(curve, across).all_coeffs()[::-1], "math")

    def roots(value: Any) -> list[Any]:
        found = real_roots([flint.fmpq(c) for c in coefficients(value)])
        return [x for x in found if x > 0 and (by_density or x <= 1)]

    def judged(value: Any) -> tuple[list[Any], list[Any]]:
        good: list[Any] = []
        bad: list[Any] = []
        for x in roots(value):
            p, r = (value, x) if by_density else (x, value)
            (good if condition(p, r) else bad).append(x)
        return good, bad

    lines = _line_values(by_density)
    found: list[Piece] = []
    for low, high, values in good_runs(lines, lambda value: bool(judged(value)[0])):
        ends = [value for value in (low, high) if value is not None]
        inside = sorted({*ends, *values}, key=lambda x: float(int(x.p) / int(x.q)))
        if len(inside) < 4 and len(inside) > 1:
            inside = sorted(
                {*inside, *((a + b) / 2 for a, b in pairwise(inside))},
                key=lambda x: float(int(x.p) / int(x.q)),
            )
        verdicts = {value: judged(value) for value in inside}
        found += _separated(inside, verdicts, along, across, low is None, high is None)
    return found


def _parting(values: list[Any], below: list[Any], above: list[Any]) -> tuple[Any, ...] | None:
    """Return rational coefficients of a parabola between two lists, None if there is none.

    A linear programme: over coefficients and a margin, the largest relative margin.
    """
    x, low, high = (
        np.array([float(int(q.p) / int(q.q)) for q in v]) for v in (values, below, above)
    )
    powers = np.stack([np.ones_like(x), x, x * x], axis=1)
    width = (high - low)[:, None]
    rows = np.vstack([np.hstack([powers, width]), np.hstack([-powers, width])])
    bounds = [(None, None)] * 3 + [(0, None)]
    best = scipy.optimize.linprog([0, 0, 0, -1], rows, [*high, *-low], bounds=bounds)
    if best.x is None or best.x[3] < 1e-3:
        return None
    found = tuple(flint.fmpq(round(c * 10**6), 10**6) for c in best.x[:3])
    for value, under, over in zip(values, below, above, strict=True):
        if not under < found[0] + found[1] * value + found[2] * value * value < over:
            return None
    return found


def _separated(
    values: list[Any], verdicts: dict[Any, Any], along: Any, across: Any, *rims: bool
) -> list[Piece]:
    """Return pieces whose good roots bounds part from the others, halving where none do."""
    values = [value for value in values if verdicts[value][0]]
    if len(values) < 2:
        return []
    relations = [sympy.Ge(along, _rational(values[0])), sympy.Le(along, _rational(values[-1]))]
    if along == P and rims and rims[1]:
        relations[1] = sympy.Le(P, 1)
    for sign, kind in ((1, sympy.Ge), (-1, sympy.Le)):
        near = {v: min(verdicts[v][0], key=lambda x: sign * x) for v in values}
        worse = {v: [x for x in verdicts[v][1] if sign * x < sign * near[v]] for v in values}
        rivals = [(v, max(worse[v], key=lambda x: sign * x)) for v in values if worse[v]]
        if not rivals:
            continue
        edge = min(near.values(), key=lambda x: sign * x)
        rim = max((x for _, x in rivals), key=lambda x: sign * x)
        if sign * rim < sign * edge:
            relations.append(kind(across, _rational(_short((edge + rim) / 2, up=sign < 0))))
            continue
        lines = [v for v, _ in rivals]
        pair = ([x for _, x in rivals], [near[v] for v in lines])
        found = _parting(lines, *(pair if sign > 0 else pair[::-1]))
        if found is None:
            relations = []
            break
        one, slope, bend = map(_rational, found)
        relations.append(kind(across - one - slope * along - bend * along**2, 0))
    inner = [
        x for v in values for x in verdicts[v][1] if min(verdicts[v][0]) < x < max(verdicts[v][0])
    ]
    if inner or not relations:
        half = len(values) // 2
        parts = (values[: half + 1], values[half:]) if len(values) > 2 else ()
        return [piece for part in parts for piece in _separated(part, verdicts, along, across)]
    points = [
        (value, x) if along == P else (x, value) for value in values for x in verdicts[value][0]
    ]
    return [Piece(tuple(relations), tuple((_rational(p), _rational(r)) for p, r in points))]
