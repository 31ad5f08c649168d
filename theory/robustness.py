r"""What a small change of the input does to a model: attacks, their exact losses, and bounds.

An input x is replaced by :math:`x + \delta` with :math:`\|\delta\|_2 \le \lambda`; the target
stays x (arXiv 2209.10652, "Superposition and adversarial vulnerability", F27 and F28).  With
:math:`G = W^\top W`,

.. math:: x' = \mathrm{ReLU}(Gx + b + u), \qquad u = G\delta,

so **a fixed attack is a change of bias**: its population loss is the loss at the biases b + u,
exact by :func:`theory.population_loss` or its twin for many features, without sampling.

**The analytic attacks.**  Output i answers with :math:`u_i = G_i \cdot \delta`, which is largest at
the paper's :math:`\delta_i = \lambda\,G_i/\|G_i\|`, and is then

.. math:: u_i = \lambda \|G_i\| = \lambda\,G_{ii}/\sqrt{D_i},
   \qquad D_i = G_{ii}^2 / \textstyle\sum_j G_{ij}^2

the dimensionality.  Where the ReLU is on, output i alone therefore costs
:math:`\lambda^2 G_{ii}^2/D_i`.

**The model without superposition** holds m unit features apart and gives the others a constant.
Errors of held features are 0, others do not see the attack, so for every attack of size λ, fixed
or made for each input, the loss grows by at most :math:`\lambda^2` (importances 1), and by exactly
that for every :math:`\delta_i`.  *Vulnerability* is the growth of the loss in this unit; the line
above says why it should be near :math:`1/D_i`, the features per dimension.

**Bounds for the worst attack on one input.**  Write z = Gx + b.  Three cases for output j, with
:math:`t_j = \lambda\|G_j\| \ge |u_j|`:

* :math:`z_j + t_j \le 0`: it stays off, its loss :math:`x_j^2` stays.
* :math:`z_j < 0 < z_j + t_j`: on at :math:`v = z_j + u_j > 0` it costs
  :math:`x_j^2 + v(v - 2x_j)`, and :math:`v(v - 2x_j)/(v - z_j)^2` rises in v where it is positive,
  so the loss is at most :math:`x_j^2 + c_j u_j^2` with
  :math:`c_j = v_j (v_j - 2x_j)_+/t_j^2` at :math:`v_j = z_j + t_j`.
* :math:`z_j \ge 0`: as :math:`x_j \ge 0`, rectifying brings no output further from its target, so
  the loss is at most :math:`(z_j + u_j - x_j)^2`.

The sum is a quadratic in δ, and its largest value over the ball is the root of one equation:
:math:`\alpha^\top H \alpha + 2 g^\top \alpha` is at most
:math:`\min_{\mu \ge \max \mathrm{eig}\,H} \mu \lambda^2 + \sum_k \hat g_k^2/(\mu - h_k)` in the
eigenbasis of H, for *every* such μ, so that a bound never depends on how well μ was found.
:func:`worst_loss_bound` is this.  Cruder, for the mean over inputs, from
:math:`\|\Delta x'\| \le \lambda \|G\|`:
:math:`L' - L \le 2\lambda\|G\|\sqrt L + \lambda^2\|G\|^2` (:func:`spectral_bound`).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import erf

__all__ = [
    "attack_directions",
    "attack_shifts",
    "gram",
    "largest_on_ball",
    "mean_input_norm",
    "own_response",
    "spectral_bound",
    "worst_loss_bound",
]

Array = NDArray[np.float64]
_HALVINGS = 60  # of the bracket of μ
_LEAST = 1e-300  # of μ, where all is 0


def gram(W: Array) -> Array:
    """Return :math:`W^T W` of weights (..., m, n)."""
    W = np.asarray(W, float)
    return np.asarray(W.swapaxes(-1, -2) @ W)


def attack_directions(W: Array) -> Array:
    r"""Return the unit attacks :math:`G_i/\|G_i\|` as columns (..., n, n), 0 for zero columns."""
    G = gram(W)
    length = np.linalg.norm(G, axis=-2, keepdims=True)
    return np.asarray(np.divide(G, length, out=np.zeros_like(G), where=length > 0))


def attack_shifts(W: Array) -> Array:
    """Return what the unit attacks add to the preactivations, column i by attack i."""
    return np.asarray(gram(W) @ attack_directions(W))


def own_response(W: Array) -> Array:
    r"""Return :math:`\|G_i\| = G_{ii}/\sqrt{D_i}`, how far attack i moves output i, (..., n)."""
    return np.asarray(np.linalg.norm(gram(W), axis=-2))


def mean_input_norm(density: float | Sequence[float], n: int) -> float:
    r"""Return :math:`E\|x\|_2` of n independent features, each uniform on [0, 1] with its density.

    From :math:`\sqrt Q = \frac1{2\sqrt\pi}\int_0^\infty (1 - e^{-tQ})\,t^{-3/2}\,dt` at
    :math:`t = s^2`: the expectation of a product of
    :math:`1 - p_i + p_i \frac{\sqrt\pi\,\mathrm{erf}(s)}{2s}`.

    Examples
    --------
    >>> round(mean_input_norm(1.0, 1), 12)
    0.5
    """
    p = np.broadcast_to(np.asarray(density, float), (n,))
    if not ((p > 0) & (p <= 1)).all():
        raise ValueError(f"density {density} is outside (0, 1]; give P(x ≠ 0)")

    def integrand(s: float) -> float:
        if s < 1e-4:  # (1 − E exp(−s²Q))/s² → E Q
            return float((p / 3).sum())
        share = np.sqrt(np.pi) * erf(s) / (2 * s)
        return float(-np.expm1(np.log1p(-p * (1 - share)).sum()) / s**2)

    near = quad(integrand, 0, 1, epsabs=0, epsrel=1e-11, limit=200)[0]
    far = quad(lambda r: integrand(1 / r) / r**2, 0, 1, epsabs=0, epsrel=1e-11, limit=200)[0]
    return float((near + far) / np.sqrt(np.pi))


def spectral_bound(W: Array, loss: float, radius: float) -> float:
    """Return the bound of L' − L from the largest stretch of G, for attacks made for each input."""
    stretch = radius * float(np.linalg.norm(W, 2)) ** 2
    return 2 * stretch * float(np.sqrt(loss)) + stretch**2


def largest_on_ball(H: Array, g: Array, radius: float) -> tuple[Array, Array]:
    r"""Return a bound of :math:`\alpha^T H \alpha + 2 g^T \alpha` on the ball, and its α.

    The bound is rigorous up to rounding, and attained but for the accuracy of one root.

    Parameters
    ----------
    H, g
        Positive semidefinite matrices (..., m, m) and vectors (..., m).
    radius
        Of the ball.

    Returns
    -------
    tuple
        Bounds (...) and points of the sphere (..., m), those of a root μ.
    """
    h, basis = np.linalg.eigh(H)
    along = np.einsum("...km,...k->...m", basis, g)
    top = h[..., -1]
    # at μ = top + |g|/λ the point lies inside the ball, so the root is below
    low, high = np.zeros(top.shape), np.linalg.norm(along, axis=-1) / radius + _LEAST
    gap = top[..., None] - h
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        outside = ((along / (middle[..., None] + gap)) ** 2).sum(-1) > radius**2
        low, high = np.where(outside, middle, low), np.where(outside, high, middle)
    mu = high[..., None] + gap
    bound = (top + high) * radius**2 + (along**2 / mu).sum(-1)
    alpha = along / mu
    rest = radius**2 - (alpha[..., :-1] ** 2).sum(-1)
    alpha[..., -1] = np.where(alpha[..., -1] >= 0, 1, -1) * np.sqrt(np.maximum(rest, 0))
    return bound, np.einsum("...km,...m->...k", basis, alpha)


def worst_loss_bound(W: Array, b: Array, x: Array, radius: float) -> tuple[Array, Array]:
    r"""Return a bound of the loss of each input under every attack of a size.

    Parameters
    ----------
    W, b
        Weights (m, n) and biases (n,); importances are 1.
    x
        Inputs (S, n), not negative.
    radius
        λ, the largest :math:`\|\delta\|_2`.

    Returns
    -------
    tuple
        Bounds of the loss (S,), and the attacks (S, n) that are worst for the bound: good starts of
        a search, no worst attacks.
    """
    if not (np.asarray(x) >= 0).all():
        raise ValueError("x has negative entries; the bound is for features of at least 0")
    W, b, x = np.asarray(W, float), np.asarray(b, float), np.asarray(x, float)
    G = gram(W)
    rows = np.linalg.svd(W, full_matrices=False)[2]  # an attack counts by its part in these
    A = G @ rows.T
    z = x @ G + b
    t = radius * np.linalg.norm(G, axis=0)
    up = z + t
    scale = np.divide(1.0, t**2, out=np.zeros_like(t), where=t > 0)
    below = np.maximum(up, 0) * np.maximum(up - 2 * x, 0) * scale
    c = np.where(z >= 0, 1.0, below)
    g = np.where(z >= 0, z - x, 0.0) @ A
    H = np.einsum("jk,sj,jl->skl", A, c, A, optimize=True)
    rest = np.where(z >= 0, (z - x) ** 2, x**2).sum(-1)
    gain, alpha = largest_on_ball(H, g, radius)
    return rest + gain, alpha @ rows
