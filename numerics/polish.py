r"""The end of a descent, model by model: Newton's method, and the least curvature found.

Both need all second derivatives of a model, which are kept for tied models of independent uniform
features, at most :data:`LARGEST_NEWTON` of them (a gibibyte there).
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from .newton import TiedProblem, newton
from .objective import Objective
from .quasi_newton import Search
from .stability import Stability, stability

__all__ = ["FINE", "LARGEST_NEWTON", "finish", "has_hessian", "stabilities"]

FINE = 1e-12  # accuracy of the loss, in its unit, at which descents end
LARGEST_NEWTON = 512  # features
_NEWTON_STEPS = 100


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


def finish(
    search: Search,
    objective: Objective,
    tolerance: float,
    max_steps: int,
    report: Callable[[Tensor, Tensor], None] | None,
) -> None:
    """Take Newton steps with each finite model while it has steps left; all end at FINE."""
    still, unit = [], objective.unit
    for row in search.finite.nonzero().flatten().tolist():
        left = max(0, max_steps - int(search.steps[row]))
        problem = TiedProblem(objective.q[row], objective.importance[row], unit[row], FINE)
        W, _, b = objective.variables.models(search.x[row : row + 1])
        start = problem.model(W[0].numpy(), b[0].numpy())

        def tell(gradient: float, row: int = row) -> None:
            if report:
                report(torch.tensor([row]), torch.tensor([gradient]))

        ended = newton(
            problem, start, tolerance=tolerance, max_steps=min(_NEWTON_STEPS, left), report=tell
        )
        model = ended.model
        search.x[row] = torch.from_numpy(np.concatenate([model.W.ravel(), model.b]))
        search.f[row], search.g[row] = model.loss, torch.from_numpy(model.gradient)
        search.steps[row] += ended.steps
        if ended.status == "max_steps":
            still.append(row)
    search.open = torch.tensor(still, dtype=torch.int64)
