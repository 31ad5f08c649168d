r"""The population loss at any size, as a Fourier series against the characteristic function.

Output i sees :math:`z = b + g u + y` with :math:`y = \sum_{j \neq i} a_j x_j`, independent of its
own amplitude u.  On an interval :math:`|z| \le L` that holds the support, a window makes
:math:`z_+^q` periodic with period :math:`2cL`, and with :math:`\omega_k = \pi k/cL`

.. math::

    z_+^q = L^q \sum_k \hat c_{q,k}\, e^{i \omega_k z}, \qquad
    E\,e^{i\omega a_j x_j} = \chi_j(\omega) = 1 - p_j + p_j \psi(\omega a_j), \qquad
    \psi(\theta) = \int_0^1 e^{i\theta u} du,

so :math:`E z_+^2` and :math:`E u z_+` are sums over modes of products of the :math:`\chi_j`, with
no division by a coupling.  The coefficients are universal: they are computed once.  The states with
no or one active neighbour are taken out of the product and averaged exactly
(:mod:`numerics.piecewise`); the rest has a density, so its terms fall off as :math:`\omega^{-5}`
once :math:`\omega` exceeds the inverse couplings.  Rows whose preactivation never changes sign need
no series at all: they are polynomials.

**Accuracy.**  Modes are doubled until the error estimate, the root of the sum of squares of the
last octave of terms, is below what is asked for, or the largest number of modes is reached.  Hard
for the series are two or more couplings that are small beside the others but not zero: two such
neighbours active together are nearly an atom, and terms fall off only as :math:`\omega^{-3}` until
the modes resolve it (errors up to 1e-7 were seen at the largest number of modes, and the estimate
said so).

**Cost.**  Neighbours × modes per output; rows are taken in blocks of a million complex numbers.
"""

import math
from functools import cache

import numpy as np
import torch
from torch import Tensor

from theory.problem import dropped_loss

from .piecewise import gram, kernel, one_active

__all__ = ["MOST_MODES", "loss_gradient_error", "row_losses"]

MOST_MODES = 2048
_FEWEST_MODES = 64
_PERIOD = 1.3  # c: the window falls from 1 at |z| = L to 0 at cL
_SERIES = 16


@cache
def _coefficients() -> tuple[Tensor, Tensor]:
    """Return the Fourier coefficients of the windowed x_+ and x_+², modes 0 … MOST_MODES."""
    nodes, weights = np.polynomial.legendre.leggauss(48)
    edges = np.linspace(0, _PERIOD, MOST_MODES // 8 + 1)
    half = np.diff(edges)[:, None] / 2
    x = ((edges[:-1, None] + edges[1:, None]) / 2 + half * nodes).ravel()
    s = np.clip((x - 1) / (_PERIOD - 1), 0, 1)
    with np.errstate(divide="ignore"):
        fall, rise = np.exp(-1 / (1 - s)), np.exp(-1 / s)
    window = (half * weights).ravel() * fall / (fall + rise) / (2 * _PERIOD)
    found = np.empty((2, MOST_MODES + 1), complex)
    for first in range(0, MOST_MODES + 1, 128):
        k = np.arange(first, min(first + 128, MOST_MODES + 1))
        wave = np.exp(-1j * np.pi / _PERIOD * k[:, None] * x)
        for q in (1, 2):
            found[q - 1, k] = wave @ (x**q * window)
    return torch.from_numpy(found[0]), torch.from_numpy(found[1])


def _uniform_waves(theta: Tensor, count: int) -> list[Tensor]:
    r"""Return :math:`\int_0^1 u^m e^{i\theta u} du` for m = 0 … count − 1."""
    small = theta.abs() < 1.0
    large = torch.where(small, 1.0, theta)
    wave = torch.polar(torch.ones_like(large), large)
    far = [(wave - 1.0) / (1j * large)]
    for m in range(1, count):
        far.append((wave - m * far[-1]) / (1j * large))
    x = 1j * torch.where(small, theta, 0.0)
    near = [torch.zeros_like(x) for _ in range(count)]
    for power in range(_SERIES, -1, -1):
        for m in range(count):
            near[m] = near[m] * x + 1 / (math.factorial(power) * (power + m + 1))
    return [torch.where(small, a, c) for a, c in zip(near, far, strict=True)]


def _others(x: Tensor) -> Tensor:
    """Return, along the second axis, the product of all entries but one."""
    one = torch.ones_like(x[:, :1])
    before = torch.cat([one, x[:, :-1]], 1).cumprod(1)
    after = torch.cat([one, x[:, 1:].flip(1)], 1).cumprod(1).flip(1)
    return before * after


def _series(
    a: Tensor, g: Tensor, b: Tensor, p: Tensor, on: Tensor, L: Tensor, modes: int
) -> tuple[Tensor, ...]:
    """Return what two or more active neighbours add to −2E x z_+ + E z_+², and its derivatives."""
    c1, c2 = (c[: modes + 1] for c in _coefficients())
    omega = torch.arange(modes + 1, dtype=a.dtype) * (math.pi / _PERIOD) / L[:, None]
    psi, psi1 = _uniform_waves(omega[:, None] * a[:, :, None], 2)
    chi = 1 - on[:, :, None] + on[:, :, None] * psi
    rest = _others(1 - on)
    other_waves = _others(chi)
    both = other_waves - rest[:, :, None]
    product = chi[:, 0] * other_waves[:, 0]
    many = product - (1 - on).prod(1)[:, None] - (on[:, :, None] * psi * rest[:, :, None]).sum(1)
    u0, u1, u2 = _uniform_waves(omega * g[:, None], 3)
    L, p = L[:, None], p[:, None]
    amplitude = c2 * L**2 * (1 - p + p * u0) - 2 * c1 * L * p * u1
    d_amplitude = 1j * omega * (c2 * L**2 * p * u1 - 2 * c1 * L * p * u2)
    phase = torch.polar(torch.ones_like(omega), omega * b[:, None])
    phase[:, 1:] *= 2
    terms = phase * many * amplitude
    value, d_b = terms.real.sum(1), (1j * omega * terms).real.sum(1)
    d_g = (phase * many * d_amplitude).real.sum(1)
    weight = 1j * omega * phase * amplitude
    d_a = on * (weight[:, None] * psi1 * both).real.sum(2)
    octave = terms[:, modes // 2 + 1 :]
    error = (octave.real**2 + octave.imag**2).sum(1).sqrt()
    return value, d_g, d_b, d_a, error


def row_losses(
    a: Tensor, g: Tensor, b: Tensor, p: Tensor, on: Tensor, tolerance: Tensor
) -> tuple[Tensor, ...]:
    """Return E(x − (z)_+)² per row with its derivatives by g, b and a, and an error estimate.

    Parameters
    ----------
    a, on
        Couplings to the other features and their densities, (rows, neighbours).
    g, b, p
        Diagonal entry, bias and density of the row's own feature, (rows,).
    tolerance
        Wanted accuracy, (rows,).
    """
    rest = _others(1 - on)
    none, alone = (1 - on).prod(1), on * rest
    V = dropped_loss(on)
    zero = [none * x for x in kernel(b, g, p)]
    one = [
        alone.T * x
        for x in one_active(
            *(x[:, None].expand_as(a).T if x.ndim == 1 else x.T for x in (a, g, b, p))
        )
    ]
    value = zero[0] + one[0].sum(0) + p / 3 * (1 - none - alone.sum(1))
    d_g, d_b = 2 * (zero[2] + one[1].sum(0)), 2 * (zero[1] + one[2].sum(0))
    d_a = 2 * one[3].T
    low, high = b + a.clamp_max(0).sum(1), b + g + a.clamp_min(0).sum(1)
    L = torch.maximum(low.abs(), high.abs()).clamp_min(1e-30)
    error = 1e-15 * (1 + L) ** 2
    # never clipped: a polynomial in the moments of y; always shut: 1/3 while on
    m, v, k = b + (on * a).sum(1) / 2, (a**2 * V).sum(1), 1 - g
    d_m = 2 * m - p * k
    linear = low >= 0
    shut = high <= 0
    value = torch.where(linear, p * k * (k / 3 - m) + m**2 + v, torch.where(shut, p / 3, value))
    d_g = torch.where(linear, p * (m - 2 * k / 3), torch.where(shut, 0.0, d_g))
    d_b = torch.where(linear, d_m, torch.where(shut, 0.0, d_b))
    d_a = torch.where(
        linear[:, None], d_m[:, None] * on / 2 + 2 * a * V, torch.where(shut[:, None], 0.0, d_a)
    )
    rows = (~(linear | shut)).nonzero().flatten()
    modes = _FEWEST_MODES
    base = [x.clone() for x in (value, d_g, d_b, d_a)]
    while len(rows):
        size = max(1, 1_000_000 // (modes * a.shape[1]))
        for part in torch.split(rows, size):
            extra = _series(a[part], g[part], b[part], p[part], on[part], L[part], modes)
            for total, start, add in zip((value, d_g, d_b, d_a), base, extra[:4], strict=True):
                total[part] = start[part] + add
            error[part] = 1e-15 * (1 + L[part]) ** 2 + extra[4]
        modes *= 2
        if modes > MOST_MODES:
            break
        rows = rows[error[rows] > tolerance[rows]]
    return value, d_g, d_b, d_a, error


def loss_gradient_error(
    W: Tensor, b: Tensor, density: Tensor, importance: Tensor, tolerance: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the loss (B,), its gradients by W (B, m, n) and b (B, n), and error estimates (B,).

    Parameters
    ----------
    tolerance
        Wanted accuracy of each loss, (B,).
    """
    B, n = b.shape
    G = gram(W)
    other = torch.tensor([[j for j in range(n) if j != i] for i in range(n)])
    index = other.expand(B, n, n - 1)
    a = G.gather(2, index).reshape(B * n, n - 1)
    diagonal = G.diagonal(dim1=1, dim2=2).reshape(-1)
    own, on = density.reshape(-1), density[:, other].reshape(B * n, n - 1)
    share = importance.clamp_min(importance.amax(1, keepdim=True) * 1e-12) * n
    wanted = (tolerance[:, None] / share).reshape(-1)
    value, d_g, d_b, d_a, error = row_losses(a, diagonal, b.reshape(-1), own, on, wanted)
    value, d_g, d_b, error = (x.reshape(B, n) for x in (value, d_g, d_b, error))
    d_G = torch.zeros_like(G).scatter(2, index, d_a.reshape(B, n, n - 1))
    d_G = importance[:, :, None] * (d_G + torch.diag_embed(d_g))
    d_W = W @ (d_G + d_G.mT)
    return (importance * value).sum(1), d_W, importance * d_b, (importance * error).sum(1)
