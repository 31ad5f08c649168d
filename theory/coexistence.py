r"""Where drop and a distant pair tie at level ``free``: the first-order part of the drop boundary.

With losses :math:`L_1 + r L_2` of a pair and rV of drop, the least r at which some pair is as
good is :math:`r_c(p) = \inf_{L_2 < V} L_1/(V - L_2)`.  It has no closed form.  A descent in floats
finds the minimiser and with it the sign region; there the five equations

.. math:: \partial_{w_1, w_2, b_1, b_2} (L_1 + r L_2) = 0, \qquad L_1 + r L_2 = rV

in :math:`w_1, w_2, b_1, b_2, r` are rational, and Newton's method gives as many digits as wanted.
Next to the tricritical densities the jump is small and this system nearly singular; there the
ratio :math:`L_1/(V - L_2)` is made critical in the scaled variables of :mod:`theory.onset`, and
the lower of the two ties counts.
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
from .onset import B1, B2, G1, G2, A, K, V, cubic_coefficient, free_pair_loss, onset
from .problem import dropped_loss
from .rationals import as_fraction

__all__ = ["Coexistence", "coexistence"]

W1, W2 = sympy.symbols("w1 w2", real=True)
_SMALLEST_JUMP = 0.004
_CLOSE = 1e-3  # where the descent stays this near to the onset, the small jump is looked for too
_JUMPS = ("0.0001", "0.001", "0.003", "0.01", "0.03", "0.06")


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


@cache
def _weak_ratio() -> tuple[Any, Any]:
    """Return (r and its gradient as functions of ε, γ, β, p; the region) beside drop."""
    epsilon, gamma, beta = sympy.symbols("epsilon gamma beta", positive=True)
    near = {G1: 1, A: -sympy.Rational(1, 100), B1: sympy.Rational(1, 200), B2: sympy.Rational(1, 4)}
    region = free_pair_loss({**near, G2: sympy.Rational(1, 10000)})
    path = {G1: 1 + gamma * epsilon, A: -epsilon, G2: epsilon**2 / (1 + gamma * epsilon)}
    path |= {B1: beta * epsilon, B2: P / 2 * (1 - path[G2] + epsilon)}
    loss = sympy.expand(region.expression)
    first, second = (sympy.cancel(loss.coeff(R, k).subs(path, simultaneous=True)) for k in (0, 1))
    ratio = sympy.cancel(first / (dropped_loss(P) - second))
    unknowns = (epsilon, gamma, beta)
    slopes = [sympy.cancel(sympy.diff(ratio, t)) for t in unknowns]
    return sympy.lambdify((*unknowns, P), [ratio, *slopes], "mpmath", cse=True), region


def _weak(p: Any) -> tuple[Any, ...] | None:
    """Return (w1, w2, b1, b2, r) of the small jump at working precision, or None.

    In the letters of :mod:`theory.onset` the ratio is :math:`(K + c_3 ε + O(ε^2))/V`; for c₃ < 0
    its critical point in ε, γ and β is regular however small the jump is.
    """
    f, _ = _weak_ratio()
    gamma, beta = (
        mpmath.mpf(sympy.N(entry.subs(P, sympy.Float(p, mpmath.mp.dps)), mpmath.mp.dps))
        for entry in (onset().gamma, onset().beta)
    )
    for epsilon in _JUMPS:
        try:
            x, c, s = mpmath.findroot(
                lambda *x: f(*x, p)[1:],
                (mpmath.mpf(epsilon), gamma, beta),
                tol=mpmath.mpf(10) ** (-mpmath.mp.dps),
            )
        except (ValueError, ZeroDivisionError):
            continue
        if 0 < x < 0.2 and 0 < s < 1:
            w1 = mpmath.sqrt(1 + c * x)
            w2 = -x / w1
            return w1, w2, s * x, p / 2 * (1 - w2 * w2 + x), f(x, c, s, p)[0]
    return None


def _strong(p: Any, theta: NDArray[np.float64], value: float) -> tuple[tuple[Any, ...], Any]:
    """Return (w1, w2, b1, b2, r) near a minimiser in floats, at working precision; the region."""
    w1, w2, b1, b2 = (sympy.Rational(float(entry)) for entry in theta)
    sample = {G1: w1 * w1, G2: w2 * w2, A: w1 * w2, B1: b1, B2: b2}
    system, region = _equations(tuple(sample.items()))
    start = [mpmath.mpf(float(entry)) for entry in (*theta, value)]
    tolerance = mpmath.mpf(10) ** (-2 * (mpmath.mp.dps - 20))
    return tuple(mpmath.findroot(lambda *x: system(*x, p), start, tol=tolerance)), region


def coexistence(density: Any, digits: int = 15) -> Coexistence:
    """Return where a pair at a distance ties with drop, r ≤ 1, to ``digits`` digits.

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
    rational = sympy.Rational(p.numerator, p.denominator)
    spinodal = float((K() / V()).subs(P, rational))
    jumps = bool(sympy.N(cubic_coefficient().subs(P, rational), 30) < 0)
    value, theta = _descend(float(p))
    found: list[tuple[tuple[Any, ...], Any]] = []
    failure = "the descent found no minimum away from drop"
    with mpmath.workdps(digits + 30):
        exact = mpmath.mpf(p.numerator) / p.denominator
        if jumps and value > spinodal * (1 - _CLOSE) and (weak := _weak(exact)) is not None:
            found.append((weak, _weak_ratio()[1]))
        if value < spinodal and abs(theta[1]) > _SMALLEST_JUMP:
            try:
                found.append(_strong(exact, theta, value))
            except (ValueError, ZeroDivisionError) as error:
                failure = f"Newton's method did not settle: {error}"
        if not found and not jumps:
            raise ValueError(
                f"at density {density} no distant pair precedes the onset r = K/V = "
                f"{spinodal:.6f}; use theory.onset.onset_curve()"
            )
        if not found:
            raise ValueError(
                f"at density {density} the pair jumps below the onset r = K/V = {spinodal:.6f} "
                f"(c₃ < 0), but {failure}; move away from a tricritical density"
            )
        numbers, region = min(found, key=lambda entry: entry[0][4])
        w1, w2, b1, b2, r = (sympy.Float(entry, digits + 10) for entry in numbers)
    at = {G1: w1 * w1, G2: w2 * w2, A: w1 * w2, B1: b1, B2: b2}
    if not all(bool(relation.subs(at)) for relation in region.relations):
        raise ValueError(
            f"at density {density} the pair lies outside its sign region {region.relations}; "
            "report it with the density"
        )
    rounded = [sympy.Float(entry, digits) for entry in (w1, w2, b1, b2, r)]
    return Coexistence(
        density=rational,
        importance=rounded[4],
        weights=(rounded[0], rounded[1]),
        bias=(rounded[2], rounded[3]),
        relations=tuple(x for x in region.relations if x is not sympy.true),
    )
