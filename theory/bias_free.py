r"""Two features on one line without biases: every critical point of the loss, exactly reduced.

n = 2, m = 1, importances (1, r), :math:`x' = \mathrm{ReLU}(W^\top W x)`: the setting of
T. McGrath's comment on arXiv 2209.10652, F37.  Write :math:`W = \rho\,(\cos\theta, \sin\theta)`.
Preactivations are homogeneous in ρ², so on every ray

.. math:: L = A - B\rho^2 + C\rho^4, \qquad
          \min_\rho L = F(\theta) = A - \frac{B^2}{4C}, \qquad \rho^{*2} = \frac{B}{2C},

with B, C > 0.  Hence the origin is a maximum, every other critical point has :math:`\rho = \rho^*`,
and minima and saddles of L are minima and maxima of F on the half circle of directions.  W and −W
are one model.  Two **sectors** remain, in each of which no preactivation at a vertex of the cube
changes sign as long as :math:`t = |w_2/w_1| \le 1`:

* **confused**, w₁ and w₂ of one sign: no output ever clips;
* **antipodal**, of opposite signs.

The rest follows from the symmetry :math:`L(r; w_1, w_2) = r\,L(1/r; w_2, w_1)`.

**The axes.**  Dropping a feature, W = (1, 0), is never a minimum: the slope of L in w₂ is
:math:`-rp^2/2` towards the confused sector and 0 towards the antipodal one.  The same holds at
(0, 1), so F falls from both axes into the confused sector, which therefore holds a minimum at every
p and r.  An antipodal minimum exists from the importance of :func:`antipodal_onset` to its inverse,
and below :data:`APEX` is the lower of the two from :func:`exchange_importance` to its inverse.  At
r = 1 the closed forms :math:`p^2(32 - 25p)/(24(4 - 3p))` and :math:`p/3 - p^2/4` tie at
:data:`APEX`.

That the longer weight is the more important feature's is taken in :func:`best_in_sector`, not
proved; :func:`critical_points` searches all directions.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import scipy.optimize
import sympy
from numpy.typing import NDArray

from .expected_loss import region_loss
from .families import P, R

__all__ = [
    "APEX",
    "SECTORS",
    "BiasFree",
    "CriticalPoint",
    "antipodal_onset",
    "best_bias_free",
    "best_in_sector",
    "bias_free_loss",
    "critical_points",
    "exchange_importance",
    "least_on_ray",
]

Array = NDArray[np.float64]

SECTORS = {"confused": 1, "antipodal": -1}
APEX = (40 - 4 * sympy.sqrt(14)) / 43
"""Density below which the antipodal pair is the better one at r = 1: 43p² − 80p + 32 = 0."""

_GRID = np.linspace(0.0, 1.0, 201)
_ROUNDING = 1e-12  # relative differences of F below this are none


def _sector_angles(closest: float) -> Array:
    """Return angles from 0 to π/2, the axes included, down to a slope ``closest`` beside them."""
    half = np.arctan(np.geomspace(closest, 1.0, 300))
    return np.concatenate([[0.0], half, (np.pi / 2 - half)[-2::-1], [np.pi / 2]])


# F leaves the axes with a slope into the confused sector, and flatly into the antipodal one
_DIRECTIONS = np.concatenate([-_sector_angles(1e-3)[:0:-1], _sector_angles(1e-7)[:-1]])


@dataclass(frozen=True, slots=True)
class BiasFree:
    """The best model found: its sector, its loss and its weights."""

    sector: str
    loss: float
    weights: tuple[float, float]


@dataclass(frozen=True, slots=True)
class CriticalPoint:
    """A ``minimum`` or ``saddle``, one of W and −W; on an axis it has no sector.

    On the axes the loss has a kink; a saddle there is a highest point of the path along which the
    loss is least.
    """

    kind: str
    sector: str
    loss: float
    weights: tuple[float, float]


@cache
def _coefficients(sector: str) -> Any:
    """Return (A, B, C) as one function of t, p, r, with s = w₁² and t = abs(w₂/w₁) ≤ 1."""
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


def _check(p: Any, r: Any) -> None:
    if not (np.all(np.greater(p, 0)) and np.all(np.less_equal(p, 1)) and np.all(np.greater(r, 0))):
        raise ValueError(f"p = {p}, r = {r}: give 0 < p ≤ 1 and r > 0")


def _on_ray(w1: Any, w2: Any, p: Any, r: Any) -> tuple[Array, Array, Array, Array]:
    """Return (A, B, C) of the loss as a quadratic of s, and s, the larger squared weight."""
    w1, w2, p, r = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (w1, w2, p, r)))
    swapped = np.abs(w2) > np.abs(w1)
    longer = np.where(swapped, w2, w1)
    shorter = np.where(swapped, w1, w2)
    t = np.abs(shorter) / np.where(longer == 0, 1.0, np.abs(longer))
    importance = np.where(swapped, 1 / r, r)
    one_sign = w1 * w2 >= 0
    found = (
        np.where(one_sign, confused, antipodal) * np.where(swapped, r, 1.0)
        for confused, antipodal in zip(
            *(_coefficients(sector)(t, p, importance) for sector in SECTORS), strict=True
        )
    )
    A, B, C = found
    return A, B, C, np.asarray(longer**2)


def bias_free_loss(w1: Any, w2: Any, p: Any, r: Any) -> Array:
    """Return the exact population loss at weights (w₁, w₂), b = 0; broadcasts.

    Examples
    --------
    >>> round(float(bias_free_loss(1, -1, 0.5, 0.3)), 12)  # (1 + r) p²/6
    0.054166666667
    """
    _check(p, r)
    A, B, C, s = _on_ray(w1, w2, p, r)
    return np.asarray(A - B * s + C * s * s)


def least_on_ray(theta: Any, p: Any, r: Any) -> tuple[Array, Array]:
    """Return F(θ), the least loss in the direction (cos θ, sin θ), and the ρ where it is."""
    _check(p, r)
    w1, w2 = np.cos(theta), np.sin(theta)
    A, B, C, s = _on_ray(w1, w2, p, r)
    return np.asarray(A - B * B / (4 * C)), np.asarray(np.sqrt(B / (2 * C) / s))


def critical_points(p: float, r: float) -> tuple[CriticalPoint, ...]:
    """Return minima and saddles by rising loss, one of each W and −W; the origin is left out.

    Directions are searched on a grid that is fine towards the axes, then by bounded minimisation.
    """
    values = least_on_ray(_DIRECTIONS, p, r)[0]
    before, after = np.roll(values, 1), np.roll(values, -1)
    found = []
    for sign, kind in ((1.0, "minimum"), (-1.0, "saddle")):
        for k in np.flatnonzero((sign * values < sign * before) & (sign * values <= sign * after)):
            theta = _refined(int(k), sign, p, r)
            loss, rho = least_on_ray(theta, p, r)
            weights = (float(rho * np.cos(theta)), float(rho * np.sin(theta)))
            axis = abs(np.sin(2 * theta)) < _ROUNDING
            sector = "" if axis else "confused" if theta % np.pi < np.pi / 2 else "antipodal"
            found.append(CriticalPoint(kind, sector, float(loss), weights))
    return tuple(sorted(found, key=lambda one: one.loss))


def _refined(k: int, sign: float, p: float, r: float) -> float:
    """Return the direction of the minimum of sign·F beside a point of the grid."""
    here = float(_DIRECTIONS[k])
    before = float(_DIRECTIONS[k - 1]) - (np.pi if k == 0 else 0.0)
    after = float(_DIRECTIONS[(k + 1) % len(_DIRECTIONS)])
    after += np.pi if k + 1 == len(_DIRECTIONS) else 0.0

    def height(theta: float) -> float:
        return sign * float(least_on_ray(theta, p, r)[0])

    run = scipy.optimize.minimize_scalar(
        height, bounds=(before, after), method="bounded", options={"xatol": 1e-12}
    )
    found = float(run.x)
    gain = height(here) - height(found)
    return found if gain > _ROUNDING * abs(height(here)) else here


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
            "give another density, or a lower importance to begin at"
        )
    return float(scipy.optimize.brentq(advantage, low, 1.0, xtol=1e-13))


def antipodal_onset(p: float, low: float = 1e-5) -> float:
    """Return the r < 1 above which there is an antipodal minimum at all, to seven digits.

    There the slope of F in the antipodal sector stops having a zero (a minimum and a saddle meet).

    Raises
    ------
    ValueError
        If there is one at ``low`` already.
    """
    _check(p, low)
    t = np.linspace(0.0, 1.0, 4001)

    def exists(r: float) -> bool:
        A, B, C = _coefficients("antipodal")(t, p, r)
        F = A - B * B / (4 * C)
        return bool(np.any(F[1:-1] < np.minimum(F[:-2], F[2:])) or F[-1] < F[-2])

    if exists(low):
        raise ValueError(f"at p = {p} antipodal minima exist at r = {low} already; give a lower r")
    high = 1.0
    while high - low > 1e-8 * high:
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if exists(middle) else (middle, high)
    return high
