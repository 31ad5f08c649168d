r"""Descent on the exact population loss, over all weights and biases or a linear family of them.

Every model of a batch is its own problem: own density, importance, starting point and step length
(:mod:`numerics.quasi_newton`), so a model's result does not depend on which others are descended
beside it.  The loss is measured in the unit of :mod:`numerics.objective`, the loss of a model
without weights, so one tolerance serves every law and density.

For continuous amplitudes the loss is smooth except at isolated kinks and :math:`C^{1,1}` at a
dropped feature, where a quasi-Newton method with backtracking is still a descent method.  With
binary amplitudes it is piecewise quadratic in :math:`W_{out} W` and b.  An output whose own feature
is on has the kink of :math:`(1 - z_+)^2` at z = 0, where the slope falls: no minimum lies on it,
but a descent may stop there, and is then ``stalled``.

Where the loss is exact the gradient is exact to rounding and a minimum is found to about
:math:`10^{-15}` of the unit; elsewhere the loss is evaluated to a loose accuracy while the gradient
is large and to :data:`numerics.polish.FINE` at the end.  Features differ in importance and density
by orders of magnitude, and the Hessian with them, so beyond three features its first guess is the
feature's share of the unit.  Tied models of many variables end with Newton's method, without the
features that are dropped (:mod:`numerics.polish`): of hundreds these are soon known, and what
follows depends on how many are stored.

Gradients of laws served by plain tensors (``series``, ``enumeration``) are sums whose rounding may
depend on the batch, by some :math:`10^{-16}`; a descent there repeats exactly only in its batch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from theory.laws import FeatureLaw
from theory.phases import DROPPED_NORM
from theory.problem import check_activation

from .adam import adam
from .evaluator import law_numbers
from .objective import Objective, Variables
from .piecewise import LARGEST_BATCHED
from .polish import FINE, finish, has_hessian, stabilities
from .quasi_newton import DENSE, Search
from .stability import Stability

__all__ = ["Descent", "descend"]

_LARGE = 200  # features from which a Newton step costs more than dozens of others
_WARM_ACCURACY = 1e-2  # of the unit; the error is usually a hundred times smaller
_WARM_PATH = 10.0  # learning rate times steps: a parameter goes half as far at most
_STAGES = ((1e-7, 1e-4), (1e-9, 1e-6), (FINE, 0.0))  # accuracy, and the gradient it serves down to
_BEFORE_NEWTON = ((1e-7, 1e-4, 500),)  # the same, and the steps after which Newton's method follows
_LARGE_BEFORE_NEWTON = ((1e-3, 1e-4, 100), (1e-7, 1e-4, 2000), (1e-9, 1e-6, 2000))
_ROUNDING = 1e-15
_STALLED = 1e-5  # gradient norm at which a descent that does not move is no longer at a minimum


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
        loss by rounding only, at a gradient of at most 1e-5), ``stalled`` (no step lowers the loss
        though the gradient is larger: a kink), ``max_steps`` or ``nonfinite``.
    steps
        Iterations used by the slowest model, those of the warm-up apart.
    unit
        The unit of each loss (B,).
    W_out
        Weights (B, n, m) of the output if they were free, else None: Wᵀ.
    stability
        Per model its least curvature (:mod:`numerics.stability`) if it was asked for, or None where
        there is none: laws and readouts whose second derivatives are not kept.
    """

    W: Tensor
    b: Tensor
    loss: Tensor
    gradient: Tensor
    status: list[str]
    steps: int
    unit: Tensor
    W_out: Tensor | None = None
    stability: list[Stability | None] | None = None

    @property
    def hits(self) -> int:
        """How many models ended within 1e-9 of the least loss; meant for starts of one problem."""
        if not len(self.loss):
            return 0
        return int((self.loss <= self.loss.min() * (1 + 1e-15) + 1e-9 * self.unit).sum())


def _laid_out(
    W: Tensor, b: Tensor, basis: Tensor | None, W_out: Tensor | None
) -> tuple[Variables, Tensor]:
    """Return what the variables mean and where they start, or say which shape does not fit."""
    if (
        b.ndim != 2
        or len(W) != len(b)
        or W.ndim != (3 if basis is None else 2)
        or 0 in (*b.shape[1:], *W.shape[1:])
    ):
        raise ValueError(
            f"W of shape {tuple(W.shape)} and b of shape {tuple(b.shape)} are not a batch; give "
            "(B, m, n), or (B, k) with a basis, and (B, n)"
        )
    n = b.shape[1]
    if basis is not None and (basis.ndim != 3 or len(basis) != W.shape[1] or basis.shape[2] != n):
        raise ValueError(
            f"basis of shape {tuple(basis.shape)} does not fit W of shape {tuple(W.shape)} and "
            f"{n} features; give (k, m, n)"
        )
    m = W.shape[1] if basis is None else basis.shape[1]
    if basis is None and W.shape[2] != n:
        raise ValueError(
            f"W of shape {tuple(W.shape)} and b of shape {tuple(b.shape)} do not fit; "
            "give (B, m, n) and (B, n)"
        )
    if W_out is not None and W_out.shape != (len(b), n, m):
        raise ValueError(
            f"W_out of shape {tuple(W_out.shape)} does not fit; give {(len(b), n, m)}, (B, n, m)"
        )
    out = [] if W_out is None else [W_out.flatten(1)]
    layout = Variables(hidden=m, features=n, basis=basis, tied=W_out is None)
    return layout, torch.cat([W.flatten(1), *out, b], 1)


def _wake(search: Search, objective: Objective, accuracy: float, max_steps: Tensor) -> None:
    """Give silent outputs of rows with steps left their constants where this lowers the loss."""
    rows = (search.finite & (search.steps < max_steps)).nonzero().flatten()
    tried = objective.woken(search.x[rows], search.g[rows], rows)
    lower = objective.at_accuracy(accuracy)(tried, rows)[0] < search.f[rows]
    search.x[rows[lower]] = tried[lower]


def _plan(objective: Objective, newton: bool, most: int) -> Sequence[tuple[float, float, int]]:
    """Return the accuracies to descend at, the gradients they serve down to, and steps."""
    if newton and not objective.exact:
        large = objective.variables.features > _LARGE
        return _LARGE_BEFORE_NEWTON if large else _BEFORE_NEWTON
    return [(*stage, most) for stage in (_STAGES[-1:] if objective.exact else _STAGES)]


def _crowded(search: Search, variables: Variables) -> Tensor:
    """Return which rows store so many features that a Newton step costs much."""
    W, _, _ = variables.models(search.x)
    crowded: Tensor = (W.norm(dim=1) >= DROPPED_NORM).sum(1) > _LARGE
    return crowded


def _statuses(search: Search, tolerance: float) -> list[str]:
    least = max(_STALLED, tolerance)
    status = ["stalled" if g > least else "converged" for g in search.g.norm(dim=1).tolist()]
    for k in search.open.tolist():
        status[k] = "max_steps"
    for k in (~search.finite).nonzero().flatten().tolist():
        status[k] = "nonfinite"
    return status


def descend(
    W: Any,
    b: Any,
    density: Any,
    importance: Any = None,
    *,
    law: FeatureLaw | None = None,
    activation: str = "relu",
    W_out: Any = None,
    basis: Any = None,
    max_steps: int | None = None,
    warm_up: int = 0,
    tolerance: float = 1e-11,
    newton: bool | None = None,
    curvature: bool = False,
    report: Callable[[Tensor, Tensor], None] | None = None,
) -> Descent:
    """Minimise the population loss from each start of a batch.

    Parameters
    ----------
    W, b
        Starting weights (B, m, n) and biases (B, n), made float64 on the CPU.  With ``basis`` the
        first argument holds coordinates θ, shape (B, k).
    density, importance
        One number, (n,) or (B, n); what a density means is said by the law, and one-hot takes
        None.  Importances are 1 by default.
    law
        A :class:`theory.laws.FeatureLaw`; independent features, uniform on [0, 1], by default.
    activation
        ``relu`` or ``linear``.
    W_out
        Starting weights (B, n, m) of the output, which are then variables of their own; tied by
        default.
    basis
        Matrices (k, m, n) spanning the weights that are allowed, W(θ) = Σ_k θ_k basis_k; all by
        default.
    max_steps
        Iterations after which a model is given up with status ``max_steps``; by default 300, and
        5000 beyond three features.
    warm_up
        Steps of Adam (:mod:`numerics.adam`) taken first, not counted in ``max_steps``: some hundred
        lead from small random weights to lower minima.
    tolerance
        Norm of the gradient, in units of Σ I V, at which a model has converged.
    newton
        Whether descents end with Newton's method where it serves; by default those of more than
        :data:`numerics.quasi_newton.DENSE` variables do.
    curvature
        Also find each model's least curvature.
    report
        Called after each step with the indices of models still under way and their gradient norms.

    Raises
    ------
    ValueError, TypeError
        If shapes do not fit, a number is out of range, or the law does not fit the problem.
    """
    law = FeatureLaw() if law is None else law
    if not isinstance(law, FeatureLaw):
        raise ValueError(f"law {law!r} is not supported; pass a theory.laws.FeatureLaw or None")
    check_activation(activation)

    if not tolerance >= 0 or warm_up < 0 or (max_steps is not None and max_steps < 0):
        raise ValueError(
            f"tolerance {tolerance}, warm_up {warm_up}, max_steps {max_steps}: none may be negative"
        )

    def tensor(x: Any) -> Tensor:
        return torch.as_tensor(x, dtype=torch.float64, device="cpu").detach()

    W, b = tensor(W), tensor(b)
    basis, W_out = (None if x is None else tensor(x) for x in (basis, W_out))
    variables, start = _laid_out(W, b, basis, W_out)
    n = variables.features
    if max_steps is None:
        max_steps = 300 if n <= LARGEST_BATCHED else 5000
    q, I = law_numbers(density, importance, law, n, b.shape[:1], b)
    objective = Objective(variables=variables, q=q, importance=I, law=law, activation=activation)
    if warm_up:
        coarse = objective.at_accuracy(_WARM_ACCURACY)
        start = adam(
            coarse, start, steps=warm_up, learning_rate=_WARM_PATH / warm_up, report=report
        )
    search = Search(start, None if objective.evaluator == "piecewise" else objective.metric())
    if newton is None:
        newton = objective.evaluator == "compiled" and start.shape[1] > DENSE
    newton = newton and has_hessian(objective)
    limit = torch.full((len(b),), max_steps)
    for stage, (accuracy, goal, steps) in enumerate(_plan(objective, newton, max_steps)):
        if stage and newton:
            limit[~_crowded(search, variables)] = 0
            if not limit.any():
                break
        search.run(
            objective.at_accuracy(accuracy),
            tolerance=max(tolerance, goal),
            floor=_ROUNDING if objective.exact else max(_ROUNDING, accuracy / 100),
            max_steps=limit.clamp_max(steps),
            report=report,
        )
        if newton or accuracy > FINE:
            _wake(search, objective, accuracy, limit)
    if newton:
        finish(search, objective, tolerance, max_steps, report)
    W, W_out, b = variables.models(search.x)
    return Descent(
        W=W,
        b=b,
        loss=search.f * objective.unit,
        gradient=search.g.norm(dim=1),
        status=_statuses(search, tolerance),
        steps=int(search.steps.max()) if len(b) else 0,
        unit=objective.unit,
        W_out=W_out,
        stability=stabilities(search, objective) if curvature else None,
    )
