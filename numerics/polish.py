r"""The end of a descent, model by model: dropped features leave, Newton's method, least curvature.

All need second derivatives of a model, which are kept for tied models of independent uniform
features, at most :data:`LARGEST_NEWTON` of them (a gibibyte there).

**Dropped features.**  A feature without weights meets no other: its output is its bias, best at the
mean, which costs :math:`I_j V_j` (:mod:`numerics.objective`), and the rest of the model is one of
fewer features.  Newton's method costs the cube of their number, so features whose columns are short
and would shrink are left out.  A column :math:`W_j = v` changes the loss to second order by
:math:`v^\top Q_j v`, where the biases follow, with

.. math::

    Q_j = I_j \Bigl(\sum_l V_l W_l W_l^\top - 2 V_j\Bigr)
        + \frac{V_j}{2} \sum_i \frac{\partial^2 L}{\partial b_i^2} W_i W_i^\top:

output j errs by :math:`(1 - |v|^2) x_j - v^\top W x` about its mean, and output i has a neighbour
more, whose mean its bias takes up.  No term joins it with the change of another column, so the
whole model is a minimum if the rest is one and every :math:`Q_j` is positive.  A bias on its kink,
as that of a dedicated feature at 0, bends differently to its two sides, and v may lead to either:
the smaller counts.

Columns whose :math:`Q_j` is no longer positive at the end get back what they had, and the whole
model goes on.  A column that vanished though its :math:`Q_j` is not positive feels no slope: it is
given a small one along the least eigenvalue.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from theory.phases import DROPPED_NORM

from .newton import Model, Newton, TiedProblem, newton
from .objective import Objective
from .quasi_newton import Search
from .stability import Stability, stability

__all__ = ["FINE", "LARGEST_NEWTON", "finish", "has_hessian", "stabilities"]

FINE = 1e-12  # accuracy of the loss, in its unit, at which descents end
LARGEST_NEWTON = 512  # features
_NEWTON_STEPS = 500
_SIDE = 1e-3  # how far from a kink its sides are looked at
_GONE, _NUDGE, _REGROWN = (
    1e-6,
    1e-2,
    3,
)  # norm of a column that vanished, the slope it is given; times
_COARSE, _SERVES = 1e-6, 1e-5  # accuracy of first steps, and the gradient it serves down to

Array = NDArray[np.float64]
Chosen = NDArray[np.bool_]


def has_hessian(objective: Objective) -> bool:
    """Whether all second derivatives of a model can be had and kept."""
    own = objective.variables
    independent = objective.evaluator in ("compiled", "piecewise")
    return independent and own.tied and own.basis is None and own.features <= LARGEST_NEWTON


def stabilities(search: Search, objective: Objective) -> list[Stability | None]:
    """Return the least curvature of each finite model, None for others and where there is none."""
    found: list[Stability | None] = [None] * len(search.x)
    if has_hessian(objective):
        W, _, b = objective.variables.models(search.x)
        unit = objective.unit
        for row in search.finite.nonzero().flatten().tolist():
            problem = TiedProblem(objective.q[row], objective.importance[row], unit[row], FINE)
            found[row] = stability(problem, problem.model(W[row].numpy(), b[row].numpy()))
    return found


def _growth(problem: TiedProblem, model: Model, columns: Chosen) -> tuple[Array, Array]:
    """Return the least eigenvalue of the Q of each of ``columns`` (n,), and its vector (m, n).

    Others have an eigenvalue of 1.
    """
    p, I = problem.p[0].numpy(), problem.weight[0].numpy()
    V = p / 3 - p**2 / 4
    W = np.where(columns, 0.0, model.W)
    sides = (problem.bends(replace(model, b=model.b + step)) for step in (-_SIDE, 0.0, _SIDE))
    bends = np.minimum.reduce(list(sides))
    spread, interference = (W * V) @ W.T, (W * bends) @ W.T / 2
    least, along = np.ones(len(p)), np.zeros_like(W)
    for j in np.flatnonzero(columns):
        Q = I[j] * (spread - 2 * V[j] * np.eye(len(W))) + V[j] * interference
        values, vectors = np.linalg.eigh(Q)
        least[j], along[:, j] = values[0], vectors[:, 0]
    return least, along


def _shrinking(problem: TiedProblem, model: Model, columns: Chosen) -> Chosen:
    """Return which of ``columns`` have a positive Q."""
    shrinking: Chosen = columns & (_growth(problem, model, columns)[0] > 0)
    return shrinking


def _dropped(problem: TiedProblem, model: Model, columns: Chosen) -> tuple[Array, Array]:
    """Return the weights and biases without ``columns``: the biases take up what they meant."""
    means = problem.p[0].numpy() / 2
    taken = model.W.T @ (model.W @ np.where(columns, means, 0.0))
    return np.where(columns, 0.0, model.W), np.where(columns, means, model.b + taken)


def _droppable(problem: TiedProblem, model: Model) -> Chosen:
    """Return the short columns that would shrink, none if the loss would rise without them."""
    short: Chosen = np.linalg.norm(model.W, axis=0) < DROPPED_NORM
    if short.any():
        short = _shrinking(problem, model, short)
    if short.any() and not short.all():
        bare = problem.model(*_dropped(problem, model, short))
        if bare.loss <= model.loss + problem.noise:
            return short
    return np.zeros_like(short)


def _converged(
    problem: TiedProblem,
    W: Array,
    b: Array,
    tolerance: float,
    max_steps: int,
    report: Callable[[float], None],
) -> Newton:
    """Take Newton steps at a coarse accuracy, then at FINE."""
    steps = 0
    for accuracy, goal in ((_COARSE, _SERVES), (FINE, 0.0)):
        task = problem.at(accuracy)
        start, left, least = task.model(W, b), max_steps - steps, max(tolerance, goal)
        ended = newton(task, start, tolerance=least, max_steps=left, report=report)
        W, b, steps = ended.model.W, ended.model.b, steps + ended.steps
    return Newton(ended.model, ended.status, steps)


def _ended(
    problem: TiedProblem,
    W: Array,
    b: Array,
    tolerance: float,
    max_steps: int,
    report: Callable[[float], None],
) -> Newton:
    """Descend without the features that are dropped, then with them."""
    coarse, steps = problem.at(_COARSE), 0
    model = coarse.model(W, b)
    if max_steps and np.linalg.norm(model.gradient) > max(tolerance, _SERVES):
        out = _droppable(coarse, model)
        if out.any():
            bare, biases = _dropped(coarse, model, out)
            # a slope by a bias is one by each dropped column, times its mean and the weights
            least = tolerance / (1 + float(np.linalg.norm(biases[out]) * np.linalg.norm(bare, 2)))
            rest = _converged(
                problem.of(~out), bare[:, ~out], biases[~out], least, max_steps, report
            )
            bare[:, ~out], biases[~out], steps = rest.model.W, rest.model.b, rest.steps
            back = out & ~_shrinking(coarse, coarse.model(bare, biases), out)
            W, b = np.where(back, W, bare), biases
    ended = _converged(problem, W, b, tolerance, max_steps - steps, report)
    steps += ended.steps
    for _ in range(_REGROWN):
        started = _regrown(problem, ended.model)
        if started is None or ended.status == "max_steps":
            break
        other = _converged(problem, started.W, started.b, tolerance, max_steps - steps, report)
        steps += other.steps
        if other.model.loss >= ended.model.loss - problem.noise:
            break
        ended = other
    return Newton(ended.model, ended.status, steps)


def _regrown(problem: TiedProblem, model: Model) -> Model | None:
    """Return the model with a little of the columns that vanished but would grow, if there are any.

    They are tried one by one, to both sides, with biases that take up their means and with biases
    that stay on their kinks; None if none lowers the loss.
    """
    gone: Chosen = np.linalg.norm(model.W, axis=0) < _GONE
    if not gone.any():
        return None
    least, along = _growth(problem, model, gone)
    found = model
    for j in np.flatnonzero(least <= 0):
        for side in (-_NUDGE, _NUDGE):
            W = found.W.copy()
            W[:, j] = side * along[:, j]
            means = problem.p[0].numpy() / 2
            taken = (W.T @ W - found.W.T @ found.W) @ means
            for b in (found.b - taken, found.b - np.maximum(taken, 0.0)):
                tried = problem.model(W, b)
                if tried.loss < found.loss - problem.noise:
                    found = tried
    return None if found is model else found


def finish(
    search: Search,
    objective: Objective,
    tolerance: float,
    max_steps: int,
    report: Callable[[Tensor, Tensor], None] | None,
) -> None:
    """Take Newton steps with each finite model while it has steps left; all end at FINE."""
    still, unit = [], objective.unit
    W, _, b = objective.variables.models(search.x)
    for row in search.finite.nonzero().flatten().tolist():

        def tell(gradient: float, row: int = row) -> None:
            if report:
                report(torch.tensor([row]), torch.tensor([gradient]))

        problem = TiedProblem(objective.q[row], objective.importance[row], unit[row], FINE)
        left = min(_NEWTON_STEPS, max(0, max_steps - int(search.steps[row])))
        ended = _ended(problem, W[row].numpy(), b[row].numpy(), tolerance, left, tell)
        model = ended.model
        search.x[row] = torch.from_numpy(np.concatenate([model.W.ravel(), model.b]))
        search.f[row], search.g[row] = model.loss, torch.from_numpy(model.gradient)
        search.steps[row] += ended.steps
        if ended.status == "max_steps":
            still.append(row)
    search.open = torch.tensor(still, dtype=torch.int64)
