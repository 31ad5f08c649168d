"""Steps of training on the exact population loss: many runs in step, float64.

The gradient is that of the loss as ``reduction`` says, evaluated to :data:`ACCURACY` of its unit;
nothing is drawn after the initial weights.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from ..compiled.updates import update
from ..evaluator import law_numbers
from ..objective import Objective, Variables
from .optimizers import State, update_rule
from .specs import Run

__all__ = ["ACCURACY", "ExactSteps", "rows_by_law"]

ACCURACY = 1e-9  # of Σ I V
_BY_ROW = ("compiled", "piecewise")  # evaluators whose rounding does not depend on the batch


class ExactSteps:
    """Steps of linear and ReLU-output models of one law on their exact losses."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = runs
        self.groups = [_Group(runs, rows) for rows in rows_by_law(runs)]

    def advance(
        self, states: Sequence[State], rates: NDArray[np.float64], first: int
    ) -> NDArray[np.float64]:
        """Take K steps with every state at ``rates`` (R, K); return the losses before each."""
        losses = np.empty(rates.shape)
        for group in self.groups:
            own = [states[row] for row in group.rows]
            for k in range(rates.shape[1]):
                losses[group.rows, k] = group.step(own, rates[group.rows, k], first + k + 1)
        return losses


def rows_by_law(runs: Sequence[Run]) -> list[list[int]]:
    """Return the places of the runs of each law."""
    rows: dict[str, list[int]] = {}
    for row, run in enumerate(runs):
        rows.setdefault(str(run.spec.data), []).append(row)
    return list(rows.values())


class _Group:
    """Runs of one law: their gradients come from one evaluation."""

    def __init__(self, runs: Sequence[Run], rows: list[int]) -> None:
        self.rows = rows
        specs = [runs[row].spec for row in rows]
        first = specs[0]
        law, n = first.data.exact(), first.n_features
        densities = [spec.density for spec in specs]
        importance = np.array([spec.importance for spec in specs])
        q, I = law_numbers(
            None if law.kind == "one-hot" else np.array(densities),
            importance,
            law,
            n,
            torch.Size([len(rows)]),
            torch.zeros((), dtype=torch.float64),
        )
        objective = Objective(
            variables=Variables(hidden=first.d_hidden, features=n),
            q=q,
            importance=I,
            law=law,
            activation="linear" if first.model == "linear" else "relu",
        )
        self.evaluate = objective.at_accuracy(ACCURACY)
        self.together = objective.evaluator in _BY_ROW
        self.unit = objective.unit.numpy()
        self.factor = 1.0 / n if first.reduction == "mean" else 1.0
        self.rules = [update_rule(spec) for spec in specs]

    def step(
        self, states: Sequence[State], rates: NDArray[np.float64], step: int
    ) -> NDArray[np.float64]:
        """Take one step with every state; return the losses before it."""
        x = torch.from_numpy(np.stack([state.theta for state in states]))
        rows = torch.arange(len(x))
        pieces = [rows] if self.together else [rows[k : k + 1] for k in rows.tolist()]
        f, g = (
            torch.cat(part)
            for part in zip(*(self.evaluate(x[piece], piece) for piece in pieces), strict=True)
        )
        gradients = g.numpy() * (self.unit * self.factor)[:, None]
        for state, gradient, rule, rate in zip(states, gradients, self.rules, rates, strict=True):
            update(*state.vectors(), gradient, rule, rate, step)
        losses: NDArray[np.float64] = f.numpy() * self.unit
        return losses
