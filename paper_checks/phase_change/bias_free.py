r"""Two features on one line without biases: the setting of T. McGrath's comment (F37).

n = 2, m = 1, importances (1, r), :math:`x' = \mathrm{ReLU}(W^\top W x)` (arXiv 2209.10652, comment
on the page).  By the symmetry :math:`L(r; w_1, w_2) = r\,L(1/r; w_2, w_1)` take r ≤ 1, and
:math:`W = \sqrt{s}\,(1, \pm t)` with s > 0 and 0 ≤ t ≤ 1.  Two sectors remain, in each of which no
preactivation at a vertex of the cube changes sign:

* **confused**, the sign +: no output ever clips;
* **antipodal**, the sign −.

Preactivations are homogeneous in s, so on either sector :math:`L = A - Bs + Cs^2` with A, B and
C > 0 functions of t, and

.. math:: \min_s L = A - \frac{B^2}{4C}, \qquad s^* = \frac{B}{2C}.

What remains is one number t in [0, 1], searched on a grid and then by bounded minimisation.  At
t = 0 a feature is dropped; without biases that is no critical point of the confused sector.  That
the longer weight is the more important feature's is taken, not proved; tests search both weights.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import scipy.optimize
import sympy

from theory.expected_loss import region_loss
from theory.families import P, R

__all__ = ["SECTORS", "BiasFree", "best_bias_free", "best_in_sector", "exchange_importance"]

SECTORS = {"confused": 1, "antipodal": -1}
_GRID = np.linspace(0.0, 1.0, 201)


@dataclass(frozen=True, slots=True)
class BiasFree:
    """The best model found: its sector, its loss and its weights."""

    sector: str
    loss: float
    weights: tuple[float, float]


@cache
def _coefficients(sector: str) -> Any:
    """Return (A, B, C) as one function of t, p, r."""
    g1, g2, a, s, t = sympy.symbols("g1 g2 a s t", real=True)
    sign = SECTORS[sector]
    sample = {g1: 1, g2: sympy.Rational(1, 4), a: sympy.Rational(sign, 2)}
    region = region_loss([[g1, a], [a, g2]], [0, 0], P, [1, R], sample)
    loss = region.expression.subs({g1: s, g2: t**2 * s, a: sign * t * s})
    quadratic = sympy.Poly(sympy.expand(sympy.cancel(loss)), s)
    if quadratic.degree() != 2:
        raise ArithmeticError(f"the loss {loss} should be quadratic in s; check region_loss")
    two, one, zero = quadratic.all_coeffs()
    return sympy.lambdify((t, P, R), [zero, -one, two], "numpy", cse=True)


def best_in_sector(sector: str, p: float, r: float) -> BiasFree:
    """Return the least loss without biases among the ``confused`` or ``antipodal`` models, r ≤ 1.

    Raises
    ------
    ValueError
        If the sector is unknown, or the point is outside 0 < p ≤ 1, 0 < r ≤ 1.
    """
    if sector not in SECTORS:
        raise ValueError(f"sector {sector!r} is unknown; choose one of {', '.join(SECTORS)}")
    if not (0 < p <= 1 and 0 < r <= 1):
        raise ValueError(f"p = {p}, r = {r}: give 0 < p ≤ 1 and, swapping the features, 0 < r ≤ 1")
    functions = _coefficients(sector)

    def loss(t: Any) -> Any:
        A, B, C = functions(t, p, r)
        return A - B * B / (4 * C)

    k = int(np.argmin(loss(_GRID)))
    around = (float(_GRID[max(k - 1, 0)]), float(_GRID[min(k + 1, len(_GRID) - 1)]))
    run = scipy.optimize.minimize_scalar(
        loss, bounds=around, method="bounded", options={"xatol": 1e-12}
    )
    t = min((float(run.x), float(_GRID[k])), key=lambda t: float(loss(t)))
    _, B, C = functions(t, p, r)
    w1 = float(np.sqrt(B / (2 * C)))
    return BiasFree(sector, float(loss(t)), (w1, SECTORS[sector] * t * w1))


def best_bias_free(p: float, r: float) -> BiasFree:
    """Return the best model without biases, r > 0 of any size."""
    if r > 1:
        mirror = best_bias_free(p, 1 / r)
        return BiasFree(mirror.sector, r * mirror.loss, (mirror.weights[1], mirror.weights[0]))
    return min((best_in_sector(sector, p, r) for sector in SECTORS), key=lambda one: one.loss)


def exchange_importance(p: float, low: float = 0.001) -> float:
    """Return the r ≤ 1 at which the best antipodal and the best confused model have one loss.

    Raises
    ------
    ValueError
        If one of the two is better at both ends of [``low``, 1].
    """

    def advantage(r: float) -> float:
        return best_in_sector("confused", p, r).loss - best_in_sector("antipodal", p, r).loss

    if advantage(low) * advantage(1.0) > 0:
        raise ValueError(
            f"at p = {p} antipodal and confused do not change places for r from {low} to 1; "
            "give another density"
        )
    return float(scipy.optimize.brentq(advantage, low, 1.0, xtol=1e-13))
