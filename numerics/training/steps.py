r"""Steps of training on samples, one run at a time: two ways that agree with the definitions.

Every model is :math:`\mathrm{act}(W_{out}\,\mathrm{act}_h(W_{in} x) + b)` with
:math:`W_{out} = W_{in}^\top` where it is tied.  With e the gradient by the output's pre-activation
(:func:`numerics.compiled.training_steps.errors`) and :math:`\delta = W_{out}^\top e`, masked where
the hidden layer is rectified,

.. math:: \partial W_{out} = e\,h^\top, \qquad \partial W_{in} = \delta\,x^\top,

added up for tied weights.  A tied model of few features and no hidden ReLU takes all its steps
inside one compiled function, Gram matrix first.  Either way the batch of a run stays in the nearest
cache that holds it, buffers are made once, and a run's numbers do not depend on other runs.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..compiled.training_steps import TARGET_CODES, errors, masked, small_steps
from ..compiled.updates import update
from .optimizers import State, aligned, update_rule
from .parameters import parameter_count, views
from .specs import RunSpec

__all__ = ["SMALL", "GramSteps", "MatrixSteps", "sampled_steps"]

SMALL = 32  # features up to which the Gram matrix comes first
_AHEAD = 10  # batches drawn before the steps on them

Draw = Callable[[NDArray[np.float32]], None]


class GramSteps:
    """Steps of small tied models without a hidden ReLU."""

    def __init__(self, spec: RunSpec) -> None:
        self.batches = aligned((_AHEAD, spec.n_features, spec.batch_size))
        self.rule = update_rule(spec)
        self.importance = np.array(spec.importance, np.float32)
        self.linear = spec.model == "linear"
        self.factor = _factor(spec)

    def advance(
        self, state: State, draw: Draw, rates: NDArray[np.float64], first: int
    ) -> NDArray[np.float64]:
        """Take a step for each of ``rates`` (K,); return the losses of the batches (K,).

        ``draw`` fills a batch (n, S), and ``first`` steps have been taken before.
        """
        losses = np.empty(len(rates))
        for begin in range(0, len(rates), _AHEAD):
            some = slice(begin, min(begin + _AHEAD, len(rates)))
            batches = self.batches[: some.stop - begin]
            for batch in batches:
                draw(batch)
            small_steps(
                *state.vectors(),
                self.rule,
                rates[some],
                first + begin,
                batches,
                self.importance,
                self.linear,
                self.factor,
                losses[some],
            )
        return losses


class MatrixSteps:
    """Steps of any model by matrix products."""

    def __init__(self, spec: RunSpec) -> None:
        self.spec = spec
        n, m, outputs, S = spec.n_features, spec.d_hidden, spec.outputs, spec.batch_size
        self.tied = spec.model != "two-layer"
        self.rectified = spec.model in ("relu-hidden", "two-layer")
        self.rule = update_rule(spec)
        self.importance = np.array(spec.importance, np.float32)
        self.gradient = aligned((parameter_count(spec),))
        self.batch, self.out = aligned((n, S)), aligned((outputs, S))
        self.hidden, self.delta = aligned((m, S)), aligned((m, S))

    def advance(
        self, state: State, draw: Draw, rates: NDArray[np.float64], first: int
    ) -> NDArray[np.float64]:
        """Take steps, as :meth:`GramSteps.advance`."""
        losses = np.empty(len(rates))
        for k, rate in enumerate(rates):
            draw(self.batch)
            losses[k] = self._differentiate(state.theta)
            update(*state.vectors(), self.gradient, self.rule, rate, first + k + 1)
        return losses

    def _differentiate(self, theta: NDArray[Any]) -> float:
        """Fill the gradient; return the loss."""
        now, slope = views(self.spec, theta), views(self.spec, self.gradient)
        x, h, z, delta = (
            torch.from_numpy(one) for one in (self.batch, self.hidden, self.out, self.delta)
        )
        W_in = torch.from_numpy(now["W" if self.tied else "W_in"])
        W_out = W_in.mT if self.tied else torch.from_numpy(now["W_out"])
        by_in = torch.from_numpy(slope["W" if self.tied else "W_in"])
        torch.mm(W_in, x, out=h)
        if self.rectified:
            h.clamp_(min=0.0)
        torch.mm(W_out, h, out=z)
        spec = self.spec
        loss = errors(
            self.out,
            now["b"],
            self.batch,
            TARGET_CODES[spec.target],
            self.importance,
            spec.model == "linear",
            _factor(spec),
            slope["b"],
        )
        torch.mm(W_out.mT, z, out=delta)
        if self.rectified:
            masked(self.delta, self.hidden)
        torch.mm(delta, x.mT, out=by_in)
        if self.tied:
            by_in.addmm_(h, z.mT)
        else:
            torch.mm(z, h.mT, out=torch.from_numpy(slope["W_out"]))
        return float(loss)


def _factor(spec: RunSpec) -> float:
    """Return what turns the sum over outputs into the loss that is differentiated."""
    return 1.0 / spec.outputs if spec.reduction == "mean" else 1.0


def sampled_steps(spec: RunSpec) -> GramSteps | MatrixSteps:
    """Return the faster way for a model."""
    few = spec.n_features <= SMALL and spec.model in ("linear", "relu-output")
    return GramSteps(spec) if few else MatrixSteps(spec)
