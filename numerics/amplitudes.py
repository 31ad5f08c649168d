r"""What the law of an active feature's amplitude contributes: waves, moments, the own feature.

Amplitudes are uniform on [0, 1], uniform on [−1, 1] (``signed``) or 1 (``binary``).  With
:math:`\phi_m(\theta) = E\,x^m e^{i\theta x}` given that x is active, :math:`\phi_m' = i\phi_{m+1}`,
so one function of m and θ is all a series and its derivatives of any order need.  For uniform
amplitudes :math:`\phi_m` follows by integration by parts for :math:`|\theta| \ge 1` and by its
Taylor series below; the signed one is its real part (m even) or i times its imaginary part (m odd).

An output whose other features add up to t loses on average, its own feature active with gain g,

.. math::

    h(t) = E\,(x - (gx + t)_+)^2
         = E\bigl[x^2;\, gx + t \le 0\bigr] + E\bigl[(kx - t)^2;\, gx + t > 0\bigr],
         \qquad k = 1 - g,

an integral over the interval of amplitudes at which the ReLU is open.  In :math:`F_q = (\cdot)_+^q`
it reads, for uniform amplitudes,

.. math::

    h(t) = \tfrac13 + \kappa\,\bigl(F_3(t+g) - F_3(t)\bigr) - F_2(t+g)/g, \qquad
    \kappa = \frac1{3g} + \frac1{3g^2};

for signed ones :math:`\tfrac13 + \tfrac\kappa2 (F_3(t+g) - F_3(t-g)) -
(F_2(t+g) + F_2(t-g))/2g`; for binary ones :math:`1 - 2F_1(t+g) + F_2(t+g)`.
"""

import math
from typing import Any

import torch
from torch import Tensor

__all__ = ["MOMENTS", "endpoint_terms", "own_curvature", "own_loss", "rectified_square", "wave"]

MOMENTS = {
    "uniform": (1.0, 1 / 2, 1 / 3, 1 / 4),
    "signed": (1.0, 0.0, 1 / 3, 0.0),
    "binary": (1.0, 1.0, 1.0, 1.0),
}
"""E x^m given that x is active, m = 0 … 3."""

_SERIES = 17
_TINY = 1e-30  # gains below this open the ReLU for all amplitudes or for none


def _uniform_wave(theta: Tensor, m: int) -> Tensor:
    small = theta.abs() < 1.0
    large = torch.where(small, 1.0, theta)
    turn = torch.polar(torch.ones_like(large), large)
    inverse = -1j / large
    far = (turn - 1.0) * inverse
    for power in range(1, m + 1):
        far = (turn - power * far) * inverse
    if not bool(small.any()):
        return far
    x = 1j * theta[small]
    near = torch.zeros_like(x)
    for power in range(_SERIES, -1, -1):
        near = near * x + 1 / (math.factorial(power) * (power + m + 1))
    far[small] = near
    return far


class _Wave(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, theta: Tensor, m: int, amplitude: str) -> Tensor:
        ctx.save_for_backward(theta)
        ctx.order = m, amplitude
        if amplitude == "binary":
            return torch.polar(torch.ones_like(theta), theta)
        found = _uniform_wave(theta, m)
        if amplitude == "signed":
            zero = torch.zeros_like(theta)
            return torch.complex(zero, found.imag) if m % 2 else torch.complex(found.real, zero)
        return found

    @staticmethod
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor | None, ...]:
        (theta,) = ctx.saved_tensors
        m, amplitude = ctx.order
        slope = 1j * wave(theta, m + 1, amplitude)
        return (outer * slope.conj()).real, None, None


def wave(theta: Tensor, m: int, amplitude: str) -> Tensor:
    r"""Return :math:`E\,x^m e^{i\theta x}` of an active amplitude, differentiable in θ."""
    found: Tensor = _Wave.apply(theta, m, amplitude)  # type: ignore[no-untyped-call]
    return found


def _open(t: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    """Return the interval of u in [0, 1] where g u + t > 0."""
    gain = torch.where(g.abs() < _TINY, _TINY, g)
    edge = (-t / gain).clamp(0.0, 1.0)
    falling = gain < 0
    return torch.where(falling, 0.0, edge), torch.where(falling, edge, 1.0)


def rectified_square(t: Tensor, a: Tensor, amplitude: str) -> Tensor:
    """Return E (t + a x)_+² for one active feature x."""
    if amplitude == "binary":
        return (t + a).clamp_min(0.0) ** 2
    if amplitude == "signed":
        parts = (rectified_square(t, a, "uniform"), rectified_square(t, -a, "uniform"))
        return (parts[0] + parts[1]) / 2
    low, high = _open(t, a)
    return (
        t**2 * (high - low) + t * a * (high**2 - low**2) + a**2 / 3 * (high**3 - low**3)
    ).clamp_min(0.0)


def own_loss(t: Tensor, g: Tensor, amplitude: str) -> Tensor:
    """Return h(t), the mean loss of an output whose own feature is active."""
    if amplitude == "binary":
        return (1.0 - (t + g).clamp_min(0.0)) ** 2
    k = 1.0 - g
    total: Tensor | None = None
    for sign in (1.0, -1.0) if amplitude == "signed" else (1.0,):
        low, high = _open(t, sign * g)
        cubes = high**3 - low**3
        part = (
            (1.0 - cubes) / 3
            + k**2 * cubes / 3
            - sign * k * t * (high**2 - low**2)
            + t**2 * (high - low)
        )
        total = part if total is None else (total + part) / 2
    assert total is not None
    return total


def own_curvature(t: Tensor, g: Tensor, amplitude: str) -> tuple[Tensor, Tensor]:
    """Return h'(t) and h''(t), one-sided where the ReLU's edge meets an end of the amplitudes."""
    if amplitude == "binary":
        z = t + g
        return 2 * torch.where(z > 0, z - 1.0, 0.0), 2.0 * (z > 0).to(t)
    k = 1.0 - g
    slopes, curves = [], []
    for sign in (1.0, -1.0) if amplitude == "signed" else (1.0,):
        gain = sign * g
        low, high = _open(t, gain)
        edge = torch.where(gain < 0, high, low)
        inner = (edge > 0) & (edge < 1)
        slopes.append(2 * t * (high - low) - sign * k * (high**2 - low**2))
        jump = torch.where(inner, edge / torch.where(inner, gain.abs(), 1.0), 0.0)
        curves.append(2 * (high - low) - 2 * sign * jump)
    return torch.stack(slopes).mean(0), torch.stack(curves).mean(0)


def endpoint_terms(g: Tensor, amplitude: str) -> list[tuple[int, float, Tensor]]:
    """Return h − E x² as terms (q, s, c): h(t) = E x² + Σ c (t + s g)_+^q.  Divides by g."""
    if amplitude == "binary":
        one = torch.ones_like(g)
        return [(1, 1.0, -2 * one), (2, 1.0, one)]
    kappa, inverse = (1 / g + 1 / g**2) / 3, 1 / g
    if amplitude == "signed":
        return [
            (3, 1.0, kappa / 2),
            (3, -1.0, -kappa / 2),
            (2, 1.0, -inverse / 2),
            (2, -1.0, -inverse / 2),
        ]
    return [(3, 1.0, kappa), (3, 0.0, -kappa), (2, 1.0, -inverse)]
