r"""Many features in one symmetric code: the loss of the "Persian rug" in closed form.

Cowsik, Dolev and Infanger (arXiv 2410.12101) found that large models trained on sparse features end
statistically symmetric: in :math:`x' = \mathrm{ReLU}(Gx + b)` every diagonal entry of G is one
*gain* a, every *bias* is one b, and output i sees the other features through
:math:`\nu_i = \sum_{j \ne i} G_{ij} x_j`, a sum of many small terms, so nearly Gaussian, of mean 0
(a part of b) and variance :math:`s^2 = V \sum_{j \ne i} G_{ij}^2`.  A feature is 0 with probability
1 − p and otherwise u, uniform on [0, 1]; with a standard Gaussian z it costs

.. math::

    \ell(a, b, s) = (1-p)\,E(b + sz)_+^2 + p \int_0^1 E\bigl(u - (au + b + sz)_+\bigr)^2 du .

This is a model of the limit of many features, not the loss of a finite one, and symmetric codes are
not known to be the best; :math:`V = p/3 - p^2/4` is the cost of a dropped feature.

**How quiet it can be.**  Let the code spend *ratio* :math:`\rho = d/k` dimensions per feature.
From :math:`(\mathrm{tr}\,G)^2 \le \mathrm{rank}(G)\,\|G\|_F^2` follows
:math:`s \ge a\sigma` with :math:`\sigma^2 = V (1-\rho)/\rho`, and equality if and only if
:math:`G = (a/\rho) P` with a projection P of constant diagonal: a tight frame of vectors of squared
length a and feature dimensionality ρ.

**In closed form.**  With :math:`R_k(\mu) = E(\mu + \sigma z)_+^k` and :math:`t = \mu/\sigma`,

.. math::

    R_0 = \Phi(t), \quad R_1 = \mu\Phi + \sigma\varphi, \quad
    R_2 = (\mu^2 + \sigma^2)\Phi + \mu\sigma\varphi, \quad
    R_3 = (\mu^3 + 3\mu\sigma^2)\Phi + (\mu^2 + 2\sigma^2)\sigma\varphi ,

and with :math:`\tau = b/a` the integrals over u are differences of these,

.. math::

    D_1 = \int_0^1 R_2(u+\tau)\,du = \tfrac13 [R_3(1+\tau) - R_3(\tau)], \quad
    N = \int_0^1 u R_1(u+\tau)\,du = \tfrac12 R_2(1+\tau) - \tfrac12 D_1 ,

the loss is :math:`p/3 - 2paN + a^2 D` with :math:`D = pD_1 + (1-p) R_2(\tau)`, and the best gain
:math:`a = pN/D` leaves

.. math::

    \ell = \frac{pM}{D}, \qquad M = \tfrac13 D - pN^2, \qquad
    B = \frac{V - \ell}{\rho V} = \Bigl(1 - \frac{\ell}{V}\Bigr)\Bigl(1 + \frac{\sigma^2}{V}\Bigr),

to be minimised over τ only; B is the *benefit per dimension*.  A good code has
:math:`\ell \ll p/3`, so :math:`C = \tfrac13 D_1 - N^2` in
:math:`M = pC + \tfrac13 (1-p) R_2(\tau)` must not be got by subtraction: with
:math:`\epsilon = \tfrac13[R_3(-\tau) - R_3(-1-\tau)]` and
:math:`\eta = \epsilon - R_2(-1-\tau)`, both small then,

.. math::

    D_1 = \tfrac13 + \tau + \tau^2 + \sigma^2 - \epsilon, \quad
    N = \tfrac13 + \tfrac12(\tau + \eta), \quad
    C = \tfrac{\tau^2}{12} + \tfrac{\sigma^2 - \epsilon - \eta}3 - \tfrac{\eta(2\tau + \eta)}4 .

Slopes are closed too: :math:`\partial R_k/\partial\mu = kR_{k-1}` and
:math:`\partial R_k/\partial\sigma^2 = \tfrac12 k(k-1) R_{k-2}`.

**The best ratio** is that of the largest B.  Where there are more features per dimension than its
inverse, it is better to store only so many and to drop the others.  B is never below 1:
:math:`a = \rho` and :math:`b = (1-\rho)p/2` would make it 1 without the ReLU, and raising a
negative output to 0 helps, as features are not negative.

**Sparse limit.**  At a fixed ratio, as p → 0,

.. math::

    \frac{\ell}{\sigma^2} \to q(p) = \min_t\, (1-p)\,E(z-t)_+^2 + p\,(1 + t^2/4)
    \approx \tfrac12\, p \ln(1/p), \qquad b \approx -t\sigma,\; a \approx 1 + \tfrac32 t\sigma,

and were that so at the best ratio too, it would be :math:`2q/(1+q)`, with a benefit
:math:`(1+q)^2/4q`.  There σ² is about :math:`1/(3\ln(1/p))`, so this is slow: at p = 1e-6 the
benefit is a third below it still.
"""

from collections import namedtuple
from dataclasses import dataclass
from math import isfinite, log, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from .problem import dropped_loss

__all__ = ["SymmetricCode", "best_code", "symmetric_code", "symmetric_loss"]

Array = NDArray[np.float64]

_THRESHOLDS, _RATIOS = 401, 129  # of the grids on which roots are separated
_TINY = 1e-300
_HIGH = -0.5  # threshold τ below which C is no small difference
_BEYOND = 3.0  # the best −τ/σ is at most so much more than sqrt(2 ln(1/p))


@dataclass(frozen=True, slots=True, kw_only=True)
class SymmetricCode:
    """The symmetric code of least loss at a density and a ratio.

    Attributes
    ----------
    density
        p = P(x ≠ 0).
    ratio
        ρ, dimensions per feature; also the dimensionality of each feature.
    gain, bias
        a, the squared length of each feature's vector, and b.
    loss
        ℓ per feature, between 0 and V.
    benefit
        (V − ℓ)/(ρV), what a dimension saves in units of V.
    """

    density: float
    ratio: float
    gain: float
    bias: float
    loss: float
    benefit: float


_Sums = namedtuple("_Sums", "C D1 off N M D M_tau D_tau M_variance D_variance")  # off is R_2(τ)


def _check_density(density: float) -> None:
    if not 0 < density <= 1:
        raise ValueError(f"density must be in (0, 1], got {density}")


def _moments(mu: Array, variance: float) -> tuple[Array, Array, Array, Array]:
    """Return R_0, …, R_3 at means ``mu``."""
    t = mu / sqrt(variance)
    Phi = np.asarray(ndtr(t))
    tail = np.exp(-t * t / 2) * sqrt(variance / (2 * pi))
    square = mu * mu + variance
    third = mu * (square + 2 * variance)
    return Phi, mu * Phi + tail, square * Phi + mu * tail, third * Phi + (square + variance) * tail


def _sums(p: float, thresholds: Any, variance: float) -> _Sums:
    tau = np.asarray(thresholds, float)
    low, high = _moments(tau, variance), _moments(1 + tau, variance)
    rise = [upper - lower for upper, lower in zip(high, low, strict=True)]
    D1 = rise[3] / 3
    N, N_tau, N_variance = (high[2] - D1) / 2, high[1] - rise[2] / 2, (high[0] - rise[1]) / 2
    C, C_tau = np.where(
        tau < _HIGH, (D1 / 3 - N * N, rise[2] / 3 - 2 * N * N_tau), _small_difference(tau, variance)
    )
    D_tau, D_variance = p * rise[2] + 2 * (1 - p) * low[1], p * rise[1] + (1 - p) * low[0]
    return _Sums(
        C=C,
        D1=D1,
        off=low[2],
        N=N,
        M=p * C + (1 - p) * low[2] / 3,
        D=p * D1 + (1 - p) * low[2],
        M_tau=p * C_tau + (1 - p) * low[1] * 2 / 3,
        D_tau=D_tau,
        M_variance=D_variance / 3 - 2 * p * N * N_variance,
        D_variance=D_variance,
    )


def _small_difference(tau: Array, variance: float) -> tuple[Array, Array]:
    """Return C and its slope in τ, from ε and η."""
    near, far = _moments(-tau, variance), _moments(-1 - tau, variance)
    epsilon, epsilon_tau = (near[3] - far[3]) / 3, far[2] - near[2]
    eta, eta_tau = epsilon - far[2], epsilon_tau + 2 * far[1]
    C = tau * tau / 12 + (variance - epsilon - eta) / 3 - (tau / 2 + eta / 4) * eta
    return C, tau / 6 - (epsilon_tau + eta_tau) / 3 - eta / 2 - (tau + eta) * eta_tau / 2


def _variance(p: float, ratio: float) -> float:
    """Return σ² = V (1 − ρ)/ρ."""
    return float(dropped_loss(p)) * (1 - ratio) / ratio


def _thresholds(p: float, variance: float) -> Array:
    """Return values of τ, dense about 0 in units of σ, with the best one among them.

    Without the ReLU the best one is 6σ²/(4 − 3p); with it, hardly more.
    """
    sigma = sqrt(variance)
    lowest = sqrt(2 * log(1 / p)) + _BEYOND
    highest = 9 * sigma / (4 - 3 * p) + 1
    return sigma * np.sinh(np.linspace(-np.arcsinh(lowest), np.arcsinh(highest), _THRESHOLDS))


def _best_threshold(p: float, variance: float) -> float:
    """Return the τ at which M/D is least."""

    def slope(tau: float) -> float:
        sums = _sums(p, tau, variance)
        return float(sums.M_tau - sums.M / sums.D * sums.D_tau)

    grid = _thresholds(p, variance)
    sums = _sums(p, grid, variance)
    best = int(np.argmin(sums.M / sums.D))
    return float(brentq(slope, grid[best - 1], grid[best + 1], xtol=_TINY))


def symmetric_loss(density: float, gain: float, bias: float, noise: float) -> float:
    """Return ℓ(a, b, s) per feature; relative error 1e-13 where s and |b| are below a.

    Parameters
    ----------
    density
        p in (0, 1].
    gain, bias
        a > 0 and any b.
    noise
        s > 0, the standard deviation of what the other features add to an output.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    _check_density(density)
    if not (0 < gain < np.inf and 0 < noise < np.inf and isfinite(bias)):
        raise ValueError(
            f"gain {gain}, bias {bias}, noise {noise}: give finite numbers, gain and noise above 0"
        )
    p, a, tau = float(density), gain, bias / gain
    sums = _sums(p, tau, (noise / gain) ** 2)
    if tau < _HIGH:
        return float(p / 3 - 2 * p * a * sums.N + a * a * sums.D)
    on = (sums.C + (a * sums.D1 - sums.N) ** 2) / sums.D1
    return float(p * on + (1 - p) * a * a * sums.off)


def symmetric_code(density: float, ratio: float) -> SymmetricCode:
    """Return the best symmetric code that spends ``ratio`` dimensions per feature.

    The relative error is at most about 1e-12 where the ratio is at least p.

    Parameters
    ----------
    density
        p in (0, 1].
    ratio
        ρ in (0, 1); at 1 a feature has a dimension to itself and nothing is lost.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> code = symmetric_code(0.045, 0.25)
    >>> round(code.gain, 3), round(code.bias, 3), round(code.loss / 0.015, 4)
    (1.289, -0.446, 0.3237)
    """
    _check_density(density)
    if not 0 < ratio < 1:
        raise ValueError(f"ratio must be in (0, 1), got {ratio}: dimensions per feature")
    p, V = float(density), float(dropped_loss(density))
    variance = _variance(p, ratio)
    tau = _best_threshold(p, variance)
    sums = _sums(p, tau, variance)
    gain, loss = p * float(sums.N / sums.D), p * float(sums.M / sums.D)
    rest = {"bias": gain * tau, "loss": loss, "benefit": (1 - loss / V) / ratio}
    return SymmetricCode(density=p, ratio=float(ratio), gain=gain, **rest)


def best_code(density: float) -> SymmetricCode:
    """Return the symmetric code of the largest benefit per dimension, over all ratios.

    Errors are about 1e-11 (ratio) and 1e-13 (benefit), relative; a density that is not in (0, 1] is
    a ValueError.

    Examples
    --------
    >>> code = best_code(0.045)
    >>> round(code.ratio, 4), round(code.benefit, 3)
    (0.1623, 2.885)
    """
    _check_density(density)
    p, V = float(density), float(dropped_loss(density))

    def roughly(ratio: float) -> float:
        variance = _variance(p, ratio)
        sums = _sums(p, _thresholds(p, variance), variance)
        return float(V - p * (sums.M / sums.D).min()) / ratio

    def slope(ratio: float) -> float:
        variance = _variance(p, ratio)
        sums = _sums(p, _best_threshold(p, variance), variance)
        loss = sums.M / sums.D
        by_variance = (sums.M_variance - loss * sums.D_variance) / sums.D
        return float(V - p * loss - p * by_variance * (V + variance))

    grid = np.geomspace(p / 10, 0.999, _RATIOS)
    best = int(np.argmax([roughly(ratio) for ratio in grid]))
    return symmetric_code(p, float(brentq(slope, grid[best - 1], grid[best + 1], xtol=_TINY)))
