r"""Descent on the exact population loss, over all weights and biases or a linear family of them.

Every model of a batch is its own problem: own density, importance, starting point and step length
(:mod:`numerics.quasi_newton`), so a model's result does not depend on which others are descended
beside it.  The loss is measured in units of :math:`\sum_i I_i V_i` with :math:`V = p/3 - p^2/4`, so
one tolerance serves every density.

The loss is smooth except at isolated kinks and :math:`C^{1,1}` at a dropped feature, where a
quasi-Newton method with backtracking is still a descent method.  Up to three features the gradient
is exact to rounding and a minimum is found to about :math:`10^{-15}` of the unit; beyond, the loss
is evaluated to a loose accuracy while the gradient is large and to :data:`FINE` at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .compiled.batches import tied_loss_and_gradient
from .piecewise import LARGEST_BATCHED, loss_and_gradient, loss_unit
from .quasi_newton import Evaluate, Search

__all__ = ["FINE", "Descent", "descend"]

FINE = 1e-12  # accuracy of the loss, in its unit, at which descents end
_STAGES = ((1e-7, 1e-4), (1e-9, 1e-6), (FINE, 0.0))  # accuracy, and the gradient it serves down to
_ROUNDING = 1e-15


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
        Euclidean norm of the gradient in units of the loss unit (B,).
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


def _objective(
    p: Tensor, I: Tensor, weights: Callable[[Tensor], Tensor], basis: Tensor | None, d: int
) -> Callable[[float], Evaluate]:
    """Return, for an accuracy, the loss in its unit as a function of the variables."""
    unit = loss_unit(p, I)

    def at_accuracy(accuracy: float) -> Evaluate:
        def evaluate(x: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
            models = (weights(x[:, :d]), x[:, d:], p[rows], I[rows])
            if p.shape[1] <= LARGEST_BATCHED:
                loss, d_W, d_b = loss_and_gradient(*models)
            else:
                loss, d_W, d_b, _ = tied_loss_and_gradient(*models, accuracy * unit[rows])
            flat = d_W.flatten(1)
            d_theta = flat if basis is None else (d_W[:, None] * basis).sum((2, 3))
            return loss / unit[rows], torch.cat([d_theta, d_b], 1) / unit[rows, None]

        return evaluate

    return at_accuracy


def descend(
    W: Tensor,
    b: Tensor,
    density: Tensor,
    importance: Tensor,
    *,
    basis: Tensor | None = None,
    max_steps: int | None = None,
    tolerance: float = 1e-11,
    report: Callable[[Tensor, Tensor], None] | None = None,
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
        Iterations after which a model is given up with status ``max_steps``; by default 300, and
        5000 beyond three features.
    tolerance
        Norm of the gradient, in units of Σ I V, at which a model has converged.
    report
        Called after each step with the indices of models still under way and their gradient norms.
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
    small = n <= LARGEST_BATCHED
    if max_steps is None:
        max_steps = 300 if small else 5000
    p, I = density.expand(len(b), n), importance.expand(len(b), n)
    shape = W.shape[1:]
    d = b.shape[0] and W[0].numel()

    def weights(theta: Tensor) -> Tensor:
        if basis is None:
            return theta.reshape(-1, *shape)
        return (theta[:, :, None, None] * basis).sum(1)

    objective = _objective(p, I, weights, basis, d)
    search = Search(torch.cat([W.reshape(len(b), -1), b], 1))
    for accuracy, goal in _STAGES[-1:] if small else _STAGES:
        search.run(
            objective(accuracy),
            tolerance=max(tolerance, goal),
            floor=_ROUNDING if small else max(_ROUNDING, accuracy / 100),
            max_steps=max_steps,
            report=report,
        )
        if goal <= tolerance:
            break
    status = ["converged"] * len(b)
    for k in search.open.tolist():
        status[k] = "max_steps"
    for k in (~search.finite).nonzero().flatten().tolist():
        status[k] = "nonfinite"
    return Descent(
        W=weights(search.x[:, :d]),
        b=search.x[:, d:],
        loss=search.f * loss_unit(p, I),
        gradient=search.g.norm(dim=1),
        status=status,
        steps=int(search.steps.max()) if len(b) else 0,
    )
