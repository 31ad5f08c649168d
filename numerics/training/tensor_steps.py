r"""Steps of training on samples as plain tensors: all runs of a batch together, on any device.

What a GPU runs.  The rules are those of :mod:`numerics.training.steps`, and the batches have the
same laws, but other random numbers: they are drawn where they are used, from one generator for each
chunk and batch of runs.  So here, unlike there, a result belongs to its batch.

A feature of a block of the law is on where the block's uniform u lies in the feature's window; a
second number gives its value.  A window at w is met within :math:`2^{-24} w`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..seeds import content_key
from .models import batch_loss
from .optimizers import State, update_rule
from .parameters import views
from .specs import Run, RunSpec

__all__ = ["TensorSampler", "TensorSteps"]


class TensorSampler:
    """Batches (R, n, S) of runs that share a law, on a device."""

    def __init__(self, runs: Sequence[Run], device: torch.device) -> None:
        spec = runs[0].spec
        self.law, self.shape = spec.data, (len(runs), spec.n_features, spec.batch_size)
        self.generator = torch.Generator(device)
        self.key = content_key(["tensors", [run.data_key for run in runs]])
        if self.law.kind == "exactly":
            return
        low, high = (np.empty(self.shape[:2], np.float32) for _ in range(2))
        self.block = np.empty(spec.n_features, np.int64)
        for row, run in enumerate(runs):
            for k, states in enumerate(self.law.states(run.spec.density, spec.n_features)):
                end = 0.0  # windows from 0 up, where floats are fine; what remains is silence
                for members, probability in states:
                    if members:
                        begin, end = end, end + float(probability)
                    for j in members:
                        low[row, j], high[row, j], self.block[j] = begin, end, k
        self.low, self.high = (torch.from_numpy(a)[:, :, None].to(device) for a in (low, high))

    def seek(self, chunk: int) -> None:
        """Begin a chunk."""
        self.generator.manual_seed(int(content_key([self.key, chunk], 8), 16) >> 1)

    def _random(self, normal: bool, *shape: int) -> Tensor:
        kind = torch.randn if normal else torch.rand
        return kind(shape, generator=self.generator, device=self.generator.device)

    def draw(self) -> Tensor:
        """Return the next batch."""
        R, n, S = self.shape
        if self.law.kind == "exactly":
            order = self._random(False, R, n, S).argsort(1).argsort(1)
            on = order < int(self.law.n_active or 0)
        else:
            blocks = int(self.block.max()) + 1
            # two numbers of 24 bits: where the first is small the second fills its steps
            u = self._random(False, R, blocks, S)
            u = (u + 2.0**-24 * self._random(False, R, blocks, S))[:, self.block]
            on = (u >= self.low) & (u < self.high)
        if self.law.amplitude == "binary":
            return on.float()
        value = self._random(self.law.amplitude == "normal", R, n, S)
        if self.law.amplitude == "signed":
            value = 2 * value - 1
        elif self.law.amplitude == "normal":
            value = (0.5 + 0.2 * value).clamp(0, 1)
        return torch.where(on, value, 0.0)


class TensorSteps:
    """Steps of runs that share a law, in float32."""

    def __init__(self, runs: Sequence[Run], states: Sequence[State], device: torch.device) -> None:
        self.runs, self.spec = runs, runs[0].spec
        self.sampler = TensorSampler(runs, device)

        def on_device(rows: list[Any]) -> Tensor:
            return torch.from_numpy(np.stack(rows)).to(device, torch.float32)

        self.theta, self.m, self.v = (
            on_device([state.vectors()[k] for state in states]) for k in range(3)
        )
        self.importance = on_device([np.array(run.spec.importance) for run in runs])
        self.rules = np.stack([update_rule(run.spec) for run in runs])
        self.device = device

    def state(self, row: int) -> State:
        """Return a run's state."""
        return State(*(one[row].cpu().numpy() for one in (self.theta, self.m, self.v)))

    def advance(self, rates: NDArray[np.float64], first: int) -> NDArray[np.float64]:
        """Take K steps at ``rates`` (R, K); return the losses of the batches (R, K)."""
        losses = [
            self._step(rates[:, k], first + k + 1, self.sampler.draw())
            for k in range(rates.shape[1])
        ]
        return torch.stack(losses, 1).double().cpu().numpy()

    def _step(self, rates: NDArray[np.float64], step: int, x: Tensor) -> Tensor:
        loss, gradient = gradient_of(self.spec, self.theta, x, self.importance)
        self._update(gradient, rates, step)
        return loss

    def _update(self, g: Tensor, rates: NDArray[np.float64], step: int) -> None:
        """Take one step, by the rules of :mod:`numerics.compiled.updates`."""

        def column(values: NDArray[np.float64]) -> Tensor:
            return torch.from_numpy(values[:, None]).to(self.device, torch.float32)

        _, beta_1, beta_2, epsilon, decay, momentum = self.rules.T
        if self.spec.optimizer == "adamw":
            self.theta *= column(1 - rates * decay)
        else:
            g = g + column(decay) * self.theta
        if self.spec.optimizer == "sgd":
            self.m = column(momentum) * self.m + g
            self.theta -= column(rates) * self.m
            return
        self.m = column(beta_1) * self.m + column(1 - beta_1) * g
        self.v = column(beta_2) * self.v + column(1 - beta_2) * g * g
        root = column(np.sqrt(1 - beta_2**step))
        size = column(rates / (1 - beta_1**step))
        self.theta -= size * self.m / (self.v.sqrt() / root + column(epsilon))


def gradient_of(
    spec: RunSpec, theta: Tensor, x: Tensor, importance: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the losses (R,) of a batch and the gradients (R, d) of what is differentiated.

    Parameters
    ----------
    theta
        Parameters (R, d), as :func:`numerics.training.parameters.views` lays them out.
    x, importance
        Samples (R, n, S) and importances (R, outputs).
    """
    theta = theta.detach().requires_grad_()
    with torch.enable_grad():
        parameters = views(spec, theta)
        loss = batch_loss(spec.model, spec.target, parameters, x, importance)
        factor = 1 / spec.outputs if spec.reduction == "mean" else 1.0
        (gradient,) = torch.autograd.grad((factor * loss).sum(), theta)
    return loss.detach(), gradient
