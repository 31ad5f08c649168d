"""Phase boundaries and multiple points as values, and points along a boundary for drawing."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from .gram_patterns import P, R

__all__ = ["Boundary", "Point", "curve_samples"]


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
