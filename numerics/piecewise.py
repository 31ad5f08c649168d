r"""The population loss of up to three features, batched, by exact piecewise quadrature.

Condition on everything but the amplitude of feature i (notation of :mod:`theory`).  With
:math:`t = b_i + \sum_{j \neq i} G_{ij} x_j`, :math:`g = G_{ii}`, :math:`k = g - 1` and the point
:math:`u_0 = \mathrm{clip}(-t/g, 0, 1)` where the ReLU opens,

.. math::

    h(t)   &= E_u\bigl(u - (gu + t)_+\bigr)^2
            = \tfrac13 u_0^3 + \tfrac13 k^2 (1 - u_0^3) + k t (1 - u_0^2) + t^2 (1 - u_0), \\
    H(t)   &= p_i\, h(t) + (1 - p_i)\, t_+^2, \qquad
    H'(t)  = 2 p_i \bigl(\tfrac12 k (1 - u_0^2) + t (1 - u_0)\bigr) + 2 (1 - p_i)\, t_+, \\
    \partial_g H &= 2 p_i \bigl(\tfrac13 k (1 - u_0^3) + \tfrac12 t (1 - u_0^2)\bigr),

each a piecewise cubic in t with breaks at :math:`t = 0` and :math:`t = -g`.  The loss of output i
is the average of H over the active sets of the other features.  With two of them active,
:math:`t = b' + s` where :math:`s = \ell v_\ell + h v_h` is a sum of two uniforms of lengths
:math:`\ell \le h` (a negative coupling runs backwards from :math:`b' = b - |a|`), whose density is
the trapezoid :math:`f(s) = (\alpha - \beta)/h` with :math:`\alpha = \mathrm{clip}(s/\ell)`,
:math:`\beta = \mathrm{clip}((s - h)/\ell)`, and
:math:`E[v_\ell \mid s] f = (\alpha^2 - \beta^2)/2h`.  Where :math:`t \le -g` the ReLU is shut and
:math:`h = 1/3`, so that part is a probability; the rest is an integral over at most four pieces of
a polynomial of degree at most five, for which three Gauss nodes a piece are exact.  No sum cancels,
and nothing is divided by a small coupling.

**Accuracy.**  Value and gradient are good to about :math:`10^{-15}(1 + |G| + |b|)^2` at every
coupling, zero included (tested against rational arithmetic).  The one exception is the gradient on
the kink :math:`b = -g` with a zero coupling, where lengths below 1e-30 show: 1e-30/g.  The gradient
is computed beside the value, by the same nodes.
"""

import torch
from torch import Tensor

from theory.problem import Problem, dropped_loss

__all__ = [
    "LARGEST_BATCHED",
    "gram",
    "kernel",
    "loss_and_gradient",
    "loss_unit",
    "one_active",
    "output_losses",
    "plane_tensors",
]

LARGEST_BATCHED = 3
_TINY = 1e-30  # lengths below this are read as this: an absolute error of 1e-30
_ROOT = 0.6**0.5
_NODES3 = ((1 - _ROOT) / 2, 0.5, (1 + _ROOT) / 2)
_WEIGHTS3 = (5 / 18, 8 / 18, 5 / 18)
_NODES2 = ((1 - 3**-0.5) / 2, (1 + 3**-0.5) / 2)
_WEIGHTS2 = (0.5, 0.5)


def gram(W: Tensor) -> Tensor:
    """Return W^T W, (..., m, n) → (..., n, n), by elementwise products.

    Unlike a matrix product its rounding does not depend on the size of the batch.
    """
    total = W[..., 0, :, None] * W[..., 0, None, :]
    for k in range(1, W.shape[-2]):
        total = total + W[..., k, :, None] * W[..., k, None, :]
    return total


def _total(x: Tensor) -> Tensor:
    """Sum over the first axis by halving it.

    Unlike ``x.sum(0)``, whose order depends on the other axes, this rounds the same in any batch.
    """
    while len(x) > 1:
        half = len(x) // 2
        odd = x[2 * half :]
        x = x[:half] + x[half : 2 * half]
        if len(odd):
            x[0] += odd[0]
    return x[0]


def kernel(t: Tensor, g: Tensor, p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return H, H'/2 and ∂H/∂g / 2 at t.  Works in place where it can: memory is the limit."""
    u = (t / (-g).clamp_max(-_TINY)).clamp_(0.0, 1.0)
    k, u2 = g - 1, u * u
    rest3 = (u2 * u).neg_().add_(1.0)
    on, kr2 = (1 - u).mul_(t), u2.neg_().add_(1.0)
    slope_g = kr2 * t
    kr2 *= k
    slope_g.mul_(0.5).addcmul_(rest3, k / 3).mul_(p)
    slope = (kr2 / 2).add_(on).mul_(p)
    value = on.add_(kr2).mul_(t).addcmul_(rest3, (k * k - 1) / 3).add_(1 / 3).mul_(p)
    rectified = t.clamp_min(0.0)
    silent = (1 - p) * rectified
    return value.addcmul_(silent, rectified), slope.add_(silent), slope_g


def _nodes(
    edges: Tensor, nodes: tuple[float, ...], weights: tuple[float, ...]
) -> tuple[Tensor, Tensor]:
    """Return Gauss nodes and weights between ascending edges, along the first axis."""
    left, width = edges[:-1], edges[1:] - edges[:-1]
    s = torch.cat([torch.add(left, width, alpha=x) for x in nodes])
    return s, torch.cat([width * w for w in weights])


def one_active(a: Tensor, g: Tensor, b: Tensor, p: Tensor) -> tuple[Tensor, ...]:
    """Average over one active neighbour: value, ∂g/2, ∂b/2, ∂a/2.

    Below the point where t = −g the loss is p/3 whatever the parameters, so nodes begin there.
    """
    length = a.abs().clamp_min_(_TINY)
    open_ = (-a).clamp_min_(0.0).sub_(b)
    first = (open_ - g).clamp_min_(0.0).minimum(length)
    second = open_.clamp_min(0.0).minimum(length)
    s, w = _nodes(torch.stack([first, second, length]), _NODES2, _WEIGHTS2)
    w /= length
    value, slope, slope_g = kernel(s - open_, g, p)
    slope *= w
    v = s.div_(length)
    d_b, d_v = _total(slope), _total(v.mul_(slope))
    value = _total(value.mul_(w)).addcmul_(first / length, p, value=1 / 3)
    return value, _total(slope_g.mul_(w)), d_b, torch.where(a < 0, d_b - d_v, d_v)


def _two_active(a: Tensor, c: Tensor, g: Tensor, b: Tensor, p: Tensor) -> tuple[Tensor, ...]:
    """Average over two active neighbours: value, ∂g/2, ∂b/2, ∂a/2, ∂c/2."""
    A, C = a.abs().clamp_min_(_TINY), c.abs().clamp_min_(_TINY)
    low, high = A.minimum(C), A.maximum(C)
    total = low + high
    open_ = (-a).clamp_min_(0.0).add_((-c).clamp_min_(0.0)).sub_(b)
    first = (open_ - g).clamp_min_(0.0).minimum(total)
    second = open_.clamp_min(0.0).minimum(total)
    # first ≤ second ≤ total and low ≤ high ≤ total: merge low and high into the rest
    x, y = low.maximum(first), high.maximum(first)
    merged = torch.stack(
        [first, x.minimum(second), y.minimum(x.maximum(second)), y.maximum(second)]
    )
    s, w = _nodes(torch.cat([merged, total[None]]), _NODES3, _WEIGHTS3)
    w /= high
    upper, lower = (s / low).clamp_(0.0, 1.0), ((s - high) / low).clamp_(0.0, 1.0)
    value, slope, slope_g = kernel(s - open_, g, p)
    density = upper - lower
    share_low = (upper.add_(lower)).mul_(density).mul_(0.5)
    share_high = s.mul_(density).addcmul_(low, share_low, value=-1).div_(high)
    slope *= w
    w *= density
    d_b, d_low, d_high = (_total(x.mul_(slope)) for x in (density, share_low, share_high))
    swap = A > C
    d_a, d_c = torch.where(swap, d_high, d_low), torch.where(swap, d_low, d_high)
    d_a = torch.where(a < 0, d_b - d_a, d_a)
    d_c = torch.where(c < 0, d_b - d_c, d_c)
    # P(s < first), where the loss is p/3: the trapezoid's distribution function
    rising, falling = first.minimum(low), (first - high).clamp_min_(0.0)
    mass = (rising**2 / 2 + low * (first.minimum(high) - rising)) / (low * high)
    mass += falling * (2 * low - falling) / (2 * low * high)
    value = _total(value.mul_(w)).addcmul_(mass, p, value=1 / 3)
    return value, _total(slope_g.mul_(w)), d_b, d_a, d_c


def output_losses(G: Tensor, b: Tensor, density: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return E(x_i − x'_i)² with its derivatives by the Gram row and the bias.

    Parameters
    ----------
    G
        Gram matrices, batch last: (n, n, B) with n ≤ 3.
    b, density
        Biases and densities, (n, B).

    Returns
    -------
    tuple
        Losses (n, B), derivatives ∂L_i/∂G_ij (n, n, B), derivatives ∂L_i/∂b_i (n, B).
    """
    n = len(G)
    index = torch.arange(n)
    g = G[index, index]
    value, slope, slope_g = kernel(b, g, density)
    if n == 1:
        return value, 2 * slope_g[None], 2 * slope
    on = torch.stack([density.roll(-k, 0) for k in range(1, n)])  # the other features, in order
    others = [(index + k) % n for k in range(1, n)]
    coupling = torch.stack([G[index, other] for other in others])
    alone = on if n == 2 else on * (1 - on.flip(0))
    silent = (1 - on).prod(0)
    one = [(alone * part) for part in one_active(coupling, g, b, density)]
    value, d_g, d_b = (
        silent * x + _total(y) for x, y in zip((value, slope_g, slope), one[:3], strict=True)
    )
    slopes = one[3]
    if n == 3:
        both = on[0] * on[1]
        two = [both * part for part in _two_active(coupling[0], coupling[1], g, b, density)]
        value, d_g, d_b = value + two[0], d_g + two[1], d_b + two[2]
        slopes = slopes + torch.stack(two[3:])
    d_G = torch.empty_like(G)
    d_G[index, index] = d_g
    for other, d_a in zip(others, slopes, strict=True):
        d_G[index, other] = d_a
    return value, 2 * d_G, 2 * d_b


def loss_and_gradient(
    W: Tensor, b: Tensor, density: Tensor, importance: Tensor, chunk: int | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the loss (B,) and its gradients by W and b, computed in blocks that fit the cache."""
    parts = []
    chunk = chunk or (768 if W.shape[-1] == 3 else 2048)
    for block in range(0, len(W), chunk):
        part = slice(block, block + chunk)
        w, I = W[part], importance[part].movedim(-1, 0)
        G = gram(w).movedim(0, -1)
        losses, d_G, d_b = output_losses(
            G.contiguous(), b[part].movedim(-1, 0).contiguous(), density[part].movedim(-1, 0)
        )
        d_G = I[:, None] * d_G
        both = (d_G + d_G.transpose(0, 1)).movedim(-1, 0)
        d_W = _total((w[:, :, :, None] * both[:, None]).movedim(2, 0))
        parts.append((_total(I * losses), d_W, (I * d_b).movedim(0, -1)))
    if not parts:
        return W.new_zeros(0), torch.zeros_like(W), torch.zeros_like(b)
    loss, d_W, d_b = (torch.cat(column) for column in zip(*parts, strict=True))
    return loss, d_W, d_b


def loss_unit(density: Tensor, importance: Tensor) -> Tensor:
    """Return Σ_i I_i (p_i/3 − p_i²/4), shape (...)."""
    unit: Tensor = (importance * dropped_loss(density)).sum(-1)
    return unit


def plane_tensors(problem: Problem) -> tuple[Tensor, Tensor]:
    """Return the density and importance of a problem as float64 tensors (n,)."""
    p, I = ([float(x) for x in values] for values in (problem.density, problem.importance))
    return torch.tensor(p, dtype=torch.float64), torch.tensor(I, dtype=torch.float64)
