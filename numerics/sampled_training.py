r"""The public recipe: training on fresh random batches, many models in one tensor program.

As in the notebook published with arXiv 2209.10652: each step draws 1024 samples, a feature is on
with probability p and then uniform on [0, 1]; the loss is the importance-weighted square error,
**mean** over batch and features; AdamW at learning rate 1e-3 with its default weight decay 0.01, on
weights and biases; 10 000 steps; Xavier weights, zero biases.  All of it in float32.

Where this differs from the notebook, and why it is the same experiment:

* the instances of a batch are independent, each with a generator of its own, so a result depends on
  neither its batch nor the number of workers;
* one uniform u gives a feature its mask and its value: :math:`x = u/p` if :math:`u < p`, else 0,
  which has exactly the required law;
* data are laid out feature-major and the Gram matrix is formed first; the gradient is written out
  (:math:`\partial L/\partial G` summed over the batch), which is the autograd gradient up to
  rounding;
* initial weights have the standard deviation the notebook's rule gives a model trained alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from theory.problem import Problem

from .piecewise import gram
from .seeds import content_key
from .starts import random_starts

__all__ = ["BATCH", "LEARNING_RATE", "STEPS", "batch_gradient", "sample", "train_sampled"]

BATCH = 1024
LEARNING_RATE = 1e-3
STEPS = 10_000
_AHEAD = 8  # batches drawn at a time


@dataclass(frozen=True, slots=True)
class SampledModels:
    """Models trained on samples: weights (B, m, n) and biases (B, n), float32."""

    W: NDArray[np.float32]
    b: NDArray[np.float32]


def _generator(problem: Problem, start: int, seed: int) -> torch.Generator:
    parts = ["sampled", seed, start, problem.features, problem.hidden]
    key = content_key([*parts, problem.density, problem.importance], length=8)
    return torch.Generator().manual_seed(int(key, 16) >> 1)


def sample(u: Tensor, density: Tensor) -> Tensor:
    """Turn uniforms (B, n, samples) into features of density (B, n)."""
    p = density[:, :, None]
    return torch.where(u < p, u / p, 0.0)


def batch_gradient(W: Tensor, b: Tensor, x: Tensor, importance: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradient of the notebook's loss (mean over batch and features) by W and b.

    Parameters
    ----------
    W, b
        (B, m, n) and (B, n).
    x
        Samples, feature-major (B, n, samples).
    importance
        (B, n).
    """
    n = x.shape[1]
    G = gram(W)
    z = torch.addcmul(b[:, :, None], G[:, :, :1], x[:, :1])
    for j in range(1, n):
        z.addcmul_(G[:, :, j : j + 1], x[:, j : j + 1])
    error = (z.clamp_min(0.0) - x) * (z > 0)
    scale = importance * (2 / (n * x.shape[2]))
    d_G = torch.stack([(error * x[:, j : j + 1]).sum(-1) for j in range(n)], -1) * scale[:, :, None]
    d_b = error.sum(-1) * scale
    both = d_G + d_G.transpose(1, 2)
    d_W = sum(W[:, :, j, None] * both[:, None, j, :] for j in range(n))
    return d_W, d_b  # type: ignore[return-value]


def train_sampled(
    problems: Sequence[Problem], start: int = 0, *, steps: int = STEPS, seed: int = 0
) -> SampledModels:
    """Train one model for each problem (all of one size) by the public recipe.

    Parameters
    ----------
    problems
        What each model learns.
    start
        Index of the random start; weights and data follow from (problem, start, seed) alone.
    steps
        Optimiser steps, 10 000 in the notebook.
    """
    B, n = len(problems), problems[0].features
    weights = [random_starts(problem, start + 1, "sampled", seed)[0][start] for problem in problems]
    W = torch.from_numpy(np.stack(weights)).float()
    b = torch.zeros(B, n)
    p, I = (
        torch.tensor([[float(x) for x in values] for values in column])
        for column in zip(*((q.density, q.importance) for q in problems), strict=True)
    )
    generators = [_generator(problem, start, seed) for problem in problems]
    optimizer = torch.optim.AdamW([W, b], lr=LEARNING_RATE, foreach=True)
    drawn = torch.empty(B, _AHEAD, n, BATCH)
    for step in range(steps):
        turn = step % _AHEAD
        if turn == 0:
            for k, generator in enumerate(generators):
                torch.rand(_AHEAD, n, BATCH, generator=generator, out=drawn[k])
        W.grad, b.grad = batch_gradient(W, b, sample(drawn[:, turn], p), I)
        optimizer.step()
    return SampledModels(W.numpy(), b.numpy())
