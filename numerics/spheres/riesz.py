r"""Riesz energies of points on a sphere as a power mean of their distances, and its derivatives.

For N unit vectors with distances :math:`r_{ij} = \sqrt{2 - 2 c_{ij}}`, the energy
:math:`E_s = \sum_{i<j} r_{ij}^{-s}` overflows for large s and says nothing at s = 0.  What is
minimised here is the logarithm of a power mean, a rising function of it:

.. math::

    F_s = \frac1s \log \frac{1}{P} \sum_{i<j} r_{ij}^{-s},
    \qquad F_0 = -\frac1P \sum_{i<j} \log r_{ij},
    \qquad F_\infty = -\log \min_{i<j} r_{ij},

P the number of pairs.  It is continuous in s: s = 1 is the Thomson problem, s = 0 the logarithmic
one, −2 < s < 0 maximises a sum of distances (to the power −s), and s → ∞ is the Tammes problem.
For lines each pair enters with both signs of its cosine.

With weights :math:`p_{ij} = r_{ij}^{-s} / \sum r^{-s}` and :math:`\varphi = -\log r`,
:math:`\partial \varphi / \partial c = r^{-2}` and

.. math::

    \nabla F = \sum p\, \nabla\varphi, \qquad
    \nabla^2 F = \sum p\, (\nabla^2\varphi + s\, \nabla\varphi \nabla\varphi^\top)
    - s\, \nabla F\, \nabla F^\top.

On the sphere gradients are projected on the tangent spaces, and the Hessian of a point's own block
is lowered by :math:`x_i \cdot \nabla_i F` (the curvature of the sphere).
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "energy", "mean_energy", "mean_gradient", "tangent_bases", "tangent_hessian"]

Array = NDArray[np.float64]

_SMALLEST = 1e-30  # square distances below this count as this: coincident points


def _powers(ratio: Array, power: float) -> Array:
    """Return ratio^(−power/2), by a root where that is enough."""
    return 1 / np.sqrt(ratio) if power == 1 else np.asarray(ratio ** (-power / 2))


def _pairs(x: Array, sign: float) -> tuple[Array, float]:
    """Return square distances to the points times ``sign``, infinite for i = j, and the least."""
    r2 = 2 - 2 * sign * (x @ x.T)
    np.fill_diagonal(r2, np.inf)
    np.maximum(r2, _SMALLEST, out=r2)
    return r2, float(r2.min())


def _weights(x: Array, power: float, lines: bool) -> tuple[float, list[tuple[float, Array, Array]]]:
    """Return F, and for each sign its square distances and the weights p (N, N), both ways 2."""
    signs = (1.0, -1.0) if lines else (1.0,)
    squares = [_pairs(x, sign) for sign in signs]
    least = min(smallest for _, smallest in squares)
    ratios = [_powers(r2 / least, power) for r2, _ in squares]
    if power <= 0:
        for ratio in ratios:
            np.fill_diagonal(ratio, 0.0)
    total = sum(float(ratio.sum()) for ratio in ratios)
    count = len(signs) * len(x) * (len(x) - 1)
    if power == 0:
        logs = sum(float(np.log(r2[np.isfinite(r2)]).sum()) for r2, _ in squares)
        value = -0.5 * logs / count
    else:
        value = np.log(total / count) / power - 0.5 * np.log(least)
    parts = [
        (sign, r2, ratio * (2 / total))
        for sign, (r2, _), ratio in zip(signs, squares, ratios, strict=True)
    ]
    return float(value), parts


def mean_energy(x: Array, power: float, lines: bool = False) -> float:
    """Return F of unit vectors (N, d)."""
    return _weights(x, power, lines)[0]


def mean_gradient(x: Array, power: float, lines: bool = False) -> tuple[float, Array]:
    """Return F and its gradient on the spheres (N, d), of unit vectors (N, d)."""
    value, parts = _weights(x, power, lines)
    g = np.zeros_like(x)
    for sign, r2, p in parts:
        g += sign * ((p / r2) @ x)
    return value, g - (g * x).sum(1, keepdims=True) * x


def energy(x: Array, power: float) -> float:
    """Return the Riesz energy of unit vectors (N, d), as published tables state it.

    Σ r^−s for s > 0, −Σ log r for s = 0, −Σ r^−s for s < 0 (so that less is better throughout);
    infinite where it exceeds floats.
    """
    r2 = ((x[:, None, :] - x[None, :, :]) ** 2).sum(-1)[np.triu_indices(len(x), 1)]
    if power == 0:
        return float(-0.5 * np.log(r2).sum())
    with np.errstate(over="ignore"):
        return float(np.sign(power) * _powers(r2, power).sum())


def tangent_bases(x: Array) -> Array:
    """Return orthonormal bases (N, d, d − 1) of the tangent spaces at unit vectors (N, d).

    The columns 2 … d of the reflection that takes the first axis to ±x.
    """
    v = x.copy()
    v[:, 0] += np.where(x[:, 0] >= 0, 1.0, -1.0)
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    return np.asarray((np.eye(x.shape[1]) - 2 * v[:, :, None] * v[:, None, :])[:, :, 1:])


def tangent_hessian(x: Array, power: float, lines: bool = False) -> tuple[Array, Array]:
    """Return gradient (N(d−1),) and Hessian of F on the spheres, in :func:`tangent_bases`."""
    N, d = x.shape
    _, parts = _weights(x, power, lines)
    bases = tangent_bases(x)
    first, second = np.zeros((N, N)), np.zeros((N, N))
    for sign, r2, p in parts:
        first += sign * p / r2
        second += p * ((2 + power) / r2**2)
    g = first @ x
    along = np.einsum("ide,jd->ije", bases, x)  # x_j in the tangent space of i
    H = np.einsum("ij,ide,jdf->iejf", first, bases, bases, optimize=True)
    H += np.einsum("ij,ije,jif->iejf", second, along, along)
    own = np.einsum("ij,ije,ijf->ief", second, along, along, optimize=True)
    own -= (g * x).sum(1)[:, None, None] * np.eye(d - 1)
    H[np.arange(N), :, np.arange(N), :] += own
    gradient = np.einsum("ide,id->ie", bases, g).ravel()
    size = N * (d - 1)
    return gradient, H.reshape(size, size) - power * np.outer(gradient, gradient)
