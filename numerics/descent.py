r"""Batched BFGS on the exact population loss, over all weights or within a linear family of them.

Every model of a batch is its own problem: own density, importance, starting point, inverse Hessian
and step length, so a model's result does not depend on which others are descended beside it.  The
loss is measured in units of :math:`\sum_i I_i V_i` with :math:`V = p/3 - p^2/4`, so one tolerance
serves every density.

The loss is smooth except at isolated kinks and :math:`C^{1,1}` at a dropped feature, where BFGS
with a backtracking (Armijo) search is still a descent method; the gradient is exact to rounding,
so a minimum is found to about :math:`10^{-15}` of the unit.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .piecewise import loss_and_gradient, loss_unit

__all__ = ["Descent", "descend"]

_ARMIJO = 1e-4
_BACKTRACKS = 25
_FLOOR = 1e-15  # decreases below this, in units of Σ I V, are rounding
_FLAT = 1e-5  # largest gradient entry at which they count as convergence
_PATIENCE = 4  # such decreases in a row after which a model has converged


@dataclass(frozen=True, slots=True)
class Descent:
    """Where a batch of descents ended.

    Attributes
    ----------
    W, b
        Weights (B, m, n) and biases (B, n).
    loss
        Population losses (B,).
    gradient
        Largest gradient entry in units of the loss unit (B,).
    status
        Per model ``converged`` (gradient within tolerance, or several steps in a row that lower the
        loss by rounding only), ``max_steps`` or ``nonfinite``.
    steps
        Iterations used by the slowest model.
    """

    W: Tensor
    b: Tensor
    loss: Tensor
    gradient: Tensor
    status: list[str]
    steps: int


def _dot(x: Tensor, y: Tensor) -> Tensor:
    return (x * y).sum(-1)


def _line_search(
    evaluate: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]],
    rows: Tensor,
    x0: Tensor,
    f0: Tensor,
    g0: Tensor,
    direction: Tensor,
    slope: Tensor,
    t: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Backtrack each model's step ``t`` until it lowers the loss enough (Armijo's rule).

    Returns points, losses and gradients, and the indices of models for which no step did.
    """
    x1, f1, g1 = x0.clone(), f0.clone(), g0.clone()
    pending = torch.arange(len(rows))
    for _ in range(_BACKTRACKS):
        trial = x0[pending] + t[pending, None] * direction[pending]
        value, gradient = evaluate(trial, rows[pending])
        good = value <= f0[pending] + _ARMIJO * t[pending] * slope[pending]
        done = pending[good]
        x1[done], f1[done], g1[done] = trial[good], value[good], gradient[good]
        pending, value = pending[~good], value[~good]
        if not len(pending):
            break
        curvature = value - f0[pending] - t[pending] * slope[pending]
        parabola = -slope[pending] * t[pending] / (2 * curvature)
        t[pending] = t[pending] * parabola.nan_to_num(0.1).clamp(0.1, 0.5)
    return x1, f1, g1, pending


def _updated(
    H: Tensor, s: Tensor, y: Tensor, fresh: Tensor, moved: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the inverse Hessians after steps s with gradient changes y, and which were updated.

    The first update of a model scales the identity to the curvature seen; a step along which the
    curvature is not positive changes nothing.
    """
    sy = _dot(s, y)
    update = moved & (sy > 1e-14 * (_dot(s, s) * _dot(y, y)).sqrt())
    sy = torch.where(update, sy, 1.0)
    scale = (sy / _dot(y, y).clamp_min(1e-300))[:, None, None]
    H = torch.where((fresh & update)[:, None, None], H * scale, H)
    Hy = (H * y[:, None, :]).sum(-1)
    outer = s[:, :, None] * s[:, None, :]
    cross = Hy[:, :, None] * s[:, None, :]
    changed = (
        H
        + ((sy + _dot(y, Hy)) / sy**2)[:, None, None] * outer
        - (cross + cross.transpose(1, 2)) / sy[:, None, None]
    )
    return torch.where(update[:, None, None], changed, H), update


def descend(
    W: Tensor,
    b: Tensor,
    density: Tensor,
    importance: Tensor,
    *,
    basis: Tensor | None = None,
    max_steps: int = 300,
    tolerance: float = 1e-11,
) -> Descent:
    """Minimise the population loss from each start of a batch.

    Parameters
    ----------
    W, b
        Starting weights (B, m, n) and biases (B, n), float64.  With ``basis`` the first argument
        holds coordinates θ, shape (B, k).
    density, importance
        (n,) or (B, n).
    basis
        Matrices (k, m, n) spanning the weights that are allowed, W(θ) = Σ_k θ_k basis_k; all by
        default.
    max_steps
        Iterations after which a model is given up with status ``max_steps``.
    tolerance
        Largest gradient entry, in units of Σ I V, at which a model has converged.
    """
    W, b, density, importance = (
        torch.as_tensor(x, dtype=torch.float64) for x in (W, b, density, importance)
    )
    if b.ndim != 2 or len(W) != len(b) or (basis is None and W.ndim != 3):
        raise ValueError(
            f"W of shape {tuple(W.shape)} and b of shape {tuple(b.shape)} are not a batch; give "
            "(B, m, n), or (B, k) with a basis, and (B, n)"
        )
    n = b.shape[-1]
    p, I = density.expand(len(b), n), importance.expand(len(b), n)
    shape = W.shape[1:]
    d = b.shape[0] and W[0].numel()
    unit = loss_unit(p, I)

    def weights(theta: Tensor) -> Tensor:
        if basis is None:
            return theta.reshape(-1, *shape)
        return (theta[:, :, None, None] * basis).sum(1)

    def evaluate(x: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        loss, d_W, d_b = loss_and_gradient(weights(x[:, :d]), x[:, d:], p[rows], I[rows])
        flat = d_W.reshape(len(x), -1)
        d_theta = flat if basis is None else (d_W[:, None] * basis).sum((2, 3))
        return loss / unit[rows], torch.cat([d_theta, d_b], 1) / unit[rows, None]

    x = torch.cat([W.reshape(len(b), -1), b], 1)
    size = x.shape[1]
    rows = torch.arange(len(x))
    f, g = evaluate(x, rows)
    H = torch.eye(size, dtype=x.dtype).repeat(len(x), 1, 1)
    fresh = torch.ones(len(x), dtype=torch.bool)
    idle = torch.zeros(len(x), dtype=torch.int64)
    finite = f.isfinite() & g.isfinite().all(1)
    rows = rows[finite & (g.abs().amax(1) > tolerance)]
    step = 0
    while len(rows) and step < max_steps:
        step += 1
        g0, f0, x0, H0 = g[rows], f[rows], x[rows], H[rows]
        direction = -(H0 * g0[:, None, :]).sum(-1)
        slope = _dot(direction, g0)
        uphill = slope >= 0
        direction = torch.where(uphill[:, None], -g0, direction)
        slope = torch.where(uphill, -_dot(g0, g0), slope)
        t = torch.where(fresh[rows] | uphill, 0.1 / (-slope).sqrt().clamp_min(0.1), 1.0)
        x1, f1, g1, left = _line_search(evaluate, rows, x0, f0, g0, direction, slope, t)
        moved = torch.ones(len(rows), dtype=torch.bool)
        moved[left] = False
        H[rows], update = _updated(H0, x1 - x0, g1 - g0, fresh[rows], moved)
        # a model that could not move from a steepest-descent step is at the floor of rounding
        stuck = ~moved & fresh[rows]
        reset = ~moved & ~stuck
        H[rows[reset]] = torch.eye(size, dtype=x.dtype)
        fresh[rows] = torch.where(moved, ~update & fresh[rows], reset)
        x[rows], f[rows], g[rows] = x1, f1, g1
        largest = g1.abs().amax(1)
        idle[rows] = torch.where((f0 - f1 > _FLOOR) | (largest > _FLAT), 0, idle[rows] + 1)
        rows = rows[~stuck & (largest > tolerance) & (idle[rows] < _PATIENCE)]
    status = ["converged"] * len(x)
    for k in rows.tolist():
        status[k] = "max_steps"
    for k in (~finite).nonzero().flatten().tolist():
        status[k] = "nonfinite"
    return Descent(
        W=weights(x[:, :d]),
        b=x[:, d:],
        loss=f * unit,
        gradient=g.abs().amax(1),
        status=status,
        steps=step,
    )
