r"""Where drop and a distant pair tie at level ``free``: the first-order part of the drop boundary.

With losses :math:`L_1 + r L_2` of a pair and rV of drop, the least r at which some pair is as
good is :math:`r_c(p) = \inf_{L_2 < V} L_1/(V - L_2)`.  It has no closed form.  A descent in floats
finds the minimiser and with it the sign region; there the five equations

.. math:: \partial_{w_1, w_2, b_1, b_2} (L_1 + r L_2) = 0, \qquad L_1 + r L_2 = rV

in :math:`w_1, w_2, b_1, b_2, r` are rational, and Newton's method gives as many digits as wanted.
That the minimiser found is the global one is numerical evidence from several starts, not a proof.
Where instead the infimum is approached at drop itself it equals K/V: :mod:`theory.onset`.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import mpmath
import numpy as np
import scipy.optimize
import sympy
from numpy.typing import NDArray

from .expected_loss import per_feature_loss
from .gram_patterns import P, R
from .onset import B1, B2, G1, G2, A, K, V, free_pair_loss
from .problem import dropped_loss
from .rationals import as_fraction

__all__ = ["Coexistence", "coexistence"]

W1, W2 = sympy.symbols("w1 w2", real=True)
_SMALLEST_JUMP = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class Coexistence:
    """A point of the first-order drop boundary: density, importance r_c and the pair that ties.

    Numbers are sympy Floats of the digits asked for; ``relations`` is the sign region in the Gram
    entries g1, g2, a and the biases b1, b2.
    """

    density: Any
    importance: Any
    weights: tuple[Any, Any]
    bias: tuple[Any, Any]
    relations: tuple[Any, ...]


def _ratio(theta: NDArray[np.float64], p: float) -> float:
    """Return :math:`L_1/(V - L_2)`, and something large where that is not defined."""
    first, second = per_feature_loss([[theta[0], theta[1]]], [theta[2], theta[3]], p)
    v = dropped_loss(p)
    return float(first / (v - second)) if second < v * (1 - 1e-6) else float(10 + second / v)


def _descend(p: float) -> Any:
    runs = []
    for w2 in (-0.95, -0.7, -0.5, -0.3, -0.15):
        start = np.array([1.02, w2, 0.02 + 0.2 * p * max(0.0, 0.9 + w2), p / 2 * (1 + w2)])
        run = scipy.optimize.minimize(_ratio, start, args=(p,), method="BFGS")
        runs.append((float(run.fun), run.x))
    return min(runs, key=lambda run: run[0])


@cache
def _equations(sample: tuple[tuple[Any, Any], ...]) -> Any:
    """Return (the five equations as a function of w1, w2, b1, b2, r, p; the region)."""
    region = free_pair_loss(dict(sample))
    in_weights = {G1: W1**2, G2: W2**2, A: W1 * W2}
    loss = region.expression.subs(in_weights)
    unknowns = (W1, W2, B1, B2)
    system = [sympy.diff(loss, t) for t in unknowns] + [loss - R * V()]
    return sympy.lambdify((*unknowns, R, P), system, "mpmath", cse=True), region


def coexistence(density: Any, digits: int = 15) -> Coexistence:
    """Return where a distant pair ties with drop, r ≤ 1, to ``digits`` digits.

    Raises
    ------
    ValueError
        If drop is left continuously at this density, or Newton's method leaves the sign region.

    Examples
    --------
    >>> coexistence("1/10", 9).importance
    0.0487218979
    """
    p = as_fraction(sympy.Rational(density) if isinstance(density, str) else density)
    if not 0 < p < 1:
        raise ValueError(f"density {density} is outside (0, 1); give P(x ≠ 0) below 1")
    spinodal = float((K() / V()).subs(P, sympy.Rational(p.numerator, p.denominator)))
    value, theta = _descend(float(p))
    if value > spinodal or abs(theta[1]) < _SMALLEST_JUMP:
        raise ValueError(
            f"at density {density} no distant pair precedes the onset r = K/V = {spinodal:.6f}; "
            "use theory.onset.onset_curve()"
        )
    w1, w2, b1, b2 = (sympy.Rational(float(entry)) for entry in theta)
    sample = {G1: w1 * w1, G2: w2 * w2, A: w1 * w2, B1: b1, B2: b2}
    system, region = _equations(tuple(sample.items()))
    with mpmath.workdps(digits + 30):
        exact = mpmath.mpf(p.numerator) / p.denominator
        start = [mpmath.mpf(float(entry)) for entry in (*theta, value)]
        try:
            found = mpmath.findroot(
                lambda *x: system(*x, exact), start, tol=mpmath.mpf(10) ** (-2 * digits - 20)
            )
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(
                f"Newton's method did not settle at density {density}: {error}; "
                "the jump is too small there, move away from a tricritical density"
            ) from error
        w1, w2, b1, b2, r = (sympy.Float(entry, digits + 10) for entry in found)
    at = {G1: w1 * w1, G2: w2 * w2, A: w1 * w2, B1: b1, B2: b2}
    if not all(bool(relation.subs(at)) for relation in region.relations):
        raise ValueError(
            f"at density {density} the pair lies outside its sign region {region.relations}; "
            "report it with the density"
        )
    rounded = [sympy.Float(entry, digits) for entry in (w1, w2, b1, b2, r)]
    return Coexistence(
        density=sympy.Rational(p.numerator, p.denominator),
        importance=rounded[4],
        weights=(rounded[0], rounded[1]),
        bias=(rounded[2], rounded[3]),
        relations=tuple(x for x in region.relations if x is not sympy.true),
    )
