r"""A second road to the population loss at any size: the moment generating function on a line.

Output i sees :math:`z = b + g x + y`, :math:`y = \sum_{j \ne i} a_j x_j`, with its own amplitude x
independent of y.  For :math:`s = \eta + i\omega` with any :math:`\eta > 0`

.. math::

    E z_+^2 = \frac{1}{2\pi} \int \frac{2 M(s)}{s^3}\, d\omega, \qquad
    E x z_+ = \frac{1}{2\pi} \int \frac{M_1(s)}{s^2}\, d\omega, \qquad
    M(s) = e^{sb} (S + p\, \varphi_1(sg)) \prod_j \chi_j(s),

:math:`\chi_j = 1 - p_j + p_j \varphi_1(s a_j)`, :math:`\varphi_1(y) = \int_0^1 e^{yu} du`; the own
factor of :math:`M_1` is :math:`p\, \varphi_2(sg)`, :math:`\varphi_2(y) = \int_0^1 u e^{yu} du`.
No division by a coupling, any n.  It shares no formula with the Fourier series of a windowed
:math:`z_+^q` and serves as its judge: one model at a time, plain, slow.

**The states with no or one active neighbour** are taken out of :math:`\prod \chi_j` and averaged
exactly.  With one neighbour at u, :math:`\int (c + au)_+^2 du` is a polynomial if the sign does not
change, else :math:`\max(c, c+a)^3 / 3|a|`, where the numerator is at most :math:`|a|^3`; over x the
average is polynomial between the two points where c and c + a change sign, so three Gauss nodes a
piece are exact.  What remains falls off as :math:`\omega^{-5}` beyond the inverse couplings, as
:math:`\omega^{-3}` until then.  A zero coupling is no neighbour; one below 1e-8 of the row's
largest is replaced by its mean, an error of second order that enters the estimate.

**The trapezoid rule** of spacing :math:`2\pi/T` gives, by Poisson summation, exactly
:math:`\sum_k e^{-\eta k T} E f(z + kT)`.  If :math:`|z| \le T` the terms k < 0 vanish and those
of k > 0 are moments of z, which are known: they are subtracted, so T need be no larger than the
support and :math:`\eta T` can stay small (:math:`\eta T = 6`: nothing is amplified).  For many
neighbours the support that matters is much smaller than :math:`\sum |a_j|`; T is then Chernoff's
bound at 1e-15 of the smaller of p and :math:`\max z^2`, from
:math:`E (z - T)_+^q \le (q/e\theta)^q e^{-\theta T} E e^{\theta z}`, though at least
:math:`|b| + |g| + \max |a_j|`.

**The error estimate** is what the nodes left out could still add, N times the mean modulus of the
last quarter of N terms (an envelope: the terms oscillate, so it is far above the true error), the
rounding of the sum, and the two truncations above.  Nodes are doubled until it is below tolerance.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.feature_values import per_feature

__all__ = ["ContourLoss", "contour_loss"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

_DAMPING = 6.0  # η T
_BLOCK = 512
_NEGLIGIBLE = 1e-8
_SERIES = 15  # terms of φ below |y| = 1/2
_TAIL = 1e-15
_EPS = float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True)
class ContourLoss:
    """The loss of one model.

    Attributes
    ----------
    loss
        Σ I_i per_feature_i.
    per_feature
        E(x_i − x'_i)², unweighted, (n,).
    error
        Estimated error of ``loss``, the weighted sum over outputs.
    nodes
        Most nodes any output used.
    """

    loss: float
    per_feature: Real
    error: float
    nodes: int


def _phi(y: Complex, wave: Complex) -> tuple[Complex, Complex]:
    """Return φ1 and φ2 at y, given exp(y)."""
    small = np.abs(y) < 0.5
    far = np.where(small, 1.0, y)
    first, second = (wave - 1) / far, (wave * (far - 1) + 1) / far**2
    near = y[small]
    if near.size:
        one, two = np.zeros_like(near), np.zeros_like(near)
        for k in range(_SERIES, -1, -1):
            one = one * near + 1 / math.factorial(k + 1)
            two = two * near + 1 / (math.factorial(k) * (k + 2))
        first[small], second[small] = one, two
    return first, second


def _without_each(x: Real) -> Real:
    """Return the products of all entries but one."""
    before = np.concatenate([[1.0], np.cumprod(x[:-1])]) if x.size else x
    after = np.concatenate([np.cumprod(x[:0:-1])[::-1], [1.0]]) if x.size else x
    return np.asarray(before * after)


def _neighbour_average(c: Real, a: Real) -> tuple[Real, Real]:
    """Return the averages of (c + a u)_+ and (c + a u)_+² over u in [0, 1]."""
    d = c + a
    top = np.maximum(np.maximum(c, d), 0.0)
    positive = np.minimum(c, d) >= 0
    size = np.where(a == 0, 1.0, np.abs(a))
    first = np.where(positive, (c + d) / 2, top**2 / (2 * size))
    second = np.where(positive, (c * c + c * d + d * d) / 3, top**3 / (3 * size))
    return first, second


def _one_neighbour(b: float, g: float, p: float, a: Real) -> Real:
    """Return E z_+² − 2 E x z_+ with one active neighbour of coupling a, for each entry of a."""
    nodes, weights = np.polynomial.legendre.leggauss(3)
    turns = np.zeros((2, len(a)))
    if g != 0:
        with np.errstate(over="ignore"):
            turns = np.clip(np.stack([np.full_like(a, -b), -(b + a)]) / g, 0.0, 1.0)
    cuts = np.sort(np.concatenate([np.zeros((1, len(a))), turns, np.ones((1, len(a)))]), axis=0)
    half, middle = np.diff(cuts, axis=0) / 2, (cuts[1:] + cuts[:-1]) / 2
    x = middle[..., None] + half[..., None] * nodes
    first, second = _neighbour_average(b + g * x, a[:, None])
    active = (half[..., None] * weights * (second - 2 * x * first)).sum(axis=(0, 2))
    silent = _neighbour_average(np.full_like(a, b), a)[1]
    return np.asarray((1 - p) * silent + p * active)


@dataclass(frozen=True, slots=True)
class _Moments:
    """Probability, mean and mean square of y, of all states or of some."""

    weight: float
    mean: float
    square: float

    def shifted(self, c: Any, g: float, p: float) -> Any:
        """Return E[z² − 2 x z] for z = c + g x + y without any ReLU."""
        own = c * c + c * p * (g - 1) + p * g * (g - 2) / 3
        return self.weight * own + self.mean * (2 * c + p * (g - 1)) + self.square


def _support(b: float, g: float, p: float, a: Real, q: Real) -> tuple[float, float]:
    """Return T and the error that it may cause."""
    couplings, on = np.append(a, g), np.append(q, p)
    low, high = b + np.minimum(couplings, 0).sum(), b + np.maximum(couplings, 0).sum()
    whole = max(high, -low)
    theta = np.geomspace(1 / whole, 300 / np.abs(couplings).max(), 200)
    target = _TAIL * p * min(1.0, whole**2)
    widths = []
    for sign, extra in ((1, _DAMPING), (-1, -_DAMPING)):
        y = sign * theta * couplings[:, None]
        mean_wave = np.where(y == 0, 1.0, np.expm1(y) / np.where(y == 0, 1.0, y))
        log_moment = sign * theta * b + np.log1p(on[:, None] * (mean_wave - 1)).sum(axis=0)
        size = np.maximum(2 * np.log(2 / (math.e * theta)), np.log(2 / (math.e * theta)))
        widths.append(float(((log_moment + size + extra - math.log(target)) / theta).min()))
    bound = max(*widths, abs(b) + float(np.abs(a).max()) + abs(g))
    return (float(whole), 0.0) if bound >= whole else (bound, 2 * target)


def _row(
    b: float, g: float, p: float, a: Real, q: Real, tolerance: float, most: int
) -> tuple[float, float, int]:
    """Return E(x − z_+)² of one output, its error and the nodes used."""
    kept = np.abs(a) > _NEGLIGIBLE * max(np.abs(a).max(initial=0.0), abs(g))
    tiny = q[~kept] * np.abs(a[~kept])
    spread = float((tiny * np.abs(a[~kept])).sum())
    neglected = spread + p * min(spread / abs(g) if g else math.inf, float(tiny.sum()))
    b, a, q = b + float((q[~kept] * a[~kept]).sum()) / 2, a[kept], q[kept]
    mean = float((q * a).sum()) / 2
    square = float((q * a * a / 3 - (q * a / 2) ** 2).sum()) + mean**2
    low, high = b + min(g, 0) + np.minimum(a, 0).sum(), b + max(g, 0) + np.maximum(a, 0).sum()
    if low >= 0:
        value = p / 3 + float(_Moments(1.0, mean, square).shifted(b, g, p))
        return value, neglected + 4 * _EPS * ((1 + abs(b) + abs(g) + abs(mean)) ** 2 + square), 0
    if high <= 0:
        return p / 3, neglected + _EPS * p, 0
    none = float(np.prod(1 - q))
    alone = q * _without_each(1 - q)
    value = p / 3 + none * float(_one_neighbour(b, g, p, np.zeros(1))[0])
    value += float((alone * _one_neighbour(b, g, p, a)).sum())
    size = abs(b) + abs(g) + np.abs(a).max(initial=0.0)
    rounding = 4 * _EPS * (p + float(size**2 * (none + alone.sum())))
    if len(a) < 2:
        return value, neglected + rounding, 0
    T, cut = _support(b, g, p, a, q)
    many = _Moments(
        weight=1 - none - float(alone.sum()),
        mean=mean - float((alone * a).sum()) / 2,
        square=square - float((alone * a * a).sum()) / 3,
    )
    k = np.arange(1, 10)
    images = np.exp(-_DAMPING * k) * many.shifted(b + k * T, g, p)
    value -= float(images.sum())

    step = 2 * math.pi / T
    all_a = np.append(a, g)[:, None]
    block = _DAMPING / T + 1j * step * np.arange(_BLOCK)
    first_waves, first_bias = np.exp(all_a * block), np.exp(b * block)
    total, modulus, nodes, limit = 0.0, float(np.abs(images).sum()), 0, 2 * _BLOCK
    while True:
        recent = 0.0
        while nodes < limit:
            turn = 1j * step * nodes
            s = block + turn
            phi1, phi2 = _phi(all_a * s, first_waves * np.exp(all_a * turn))
            rest = phi1[:-1]
            product = np.prod(1 + q[:, None] * (rest - 1), axis=0) - none - alone @ rest
            own = (1 - p + p * phi1[-1]) * (2 / s**3) - p * phi2[-1] * (2 / s**2)
            terms = first_bias * np.exp(b * turn) * product * own * (2 / T)
            if nodes == 0:
                terms[0] /= 2
            total += float(terms.real.sum())
            sizes = float(np.abs(terms).sum())
            modulus += sizes
            nodes += _BLOCK
            if nodes > limit - limit // 4:
                recent += sizes
        tail = 4 * recent
        if tail <= tolerance or 2 * limit > most:
            break
        limit *= 2
    return value + total, neglected + rounding + cut + tail + 4 * _EPS * modulus, nodes


def contour_loss(
    M: ArrayLike,
    b: ArrayLike,
    density: Any,
    importance: Any = None,
    *,
    tolerance: float = 1e-12,
    most_nodes: int = 2**18,
) -> ContourLoss:
    r"""Return the population loss of :math:`x' = \mathrm{ReLU}(Mx + b)`, one model.

    Parameters
    ----------
    M, b
        Map (n, n), :math:`W^\top W` for a tied model, and biases (n,).
    density, importance
        One number or n of them; importance defaults to 1.
    tolerance
        Wanted error of the sum over nodes, in units of :math:`\sum_i I_i p_i / 3`.
    most_nodes
        Nodes per output beyond which an output is left as it is; its error says so.

    Raises
    ------
    ValueError
        If shapes do not fit, an entry is not finite, or a number is out of range.
    """
    M, b = np.asarray(M, float), np.asarray(b, float)
    n = b.size
    if b.ndim != 1 or M.shape != (n, n) or n == 0:
        raise ValueError(f"M of shape {M.shape} and b of shape {b.shape}; give (n, n) and (n,)")
    if not (np.isfinite(M).all() and np.isfinite(b).all()):
        raise ValueError("M or b contains nan or inf; pass finite weights")
    if not tolerance > 0:
        raise ValueError(f"tolerance {tolerance} is not usable; give a positive number")
    if most_nodes < 2 * _BLOCK:
        raise ValueError(f"most_nodes is {most_nodes}; give at least {2 * _BLOCK}")
    p = np.array([float(x) for x in per_feature(density, n, "density")])
    I = np.array([float(x) for x in per_feature(importance, n, "importance", default=1)])
    rows = []
    for i in range(n):
        others = np.flatnonzero(np.arange(n) != i)
        a, q = M[i, others], p[others]
        wanted = tolerance * float(p[i]) / 3
        rows.append(_row(float(b[i]), float(M[i, i]), float(p[i]), a, q, wanted, most_nodes))
    per, errors, nodes = zip(*rows, strict=True)
    return ContourLoss(
        loss=float(I @ np.array(per)),
        per_feature=np.array(per),
        error=float(I @ np.array(errors)),
        nodes=max(nodes),
    )
