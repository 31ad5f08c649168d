"""The public recipe on a problem: training on fresh random batches, one model for each problem.

As in the notebook published with arXiv 2209.10652: 1024 samples a step, AdamW at learning rate 1e-3
with weight decay 0.01 on weights and biases, 10 000 steps, zero biases, mean over features.  The
initial weights have the standard deviation its rule gives a model trained alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.problem import Problem

from .training.engine import train_runs
from .training.specs import Run, RunSpec

__all__ = ["STEPS", "public_run", "train_sampled"]

STEPS = 10_000


@dataclass(frozen=True, slots=True)
class SampledModels:
    """Models trained on samples: weights (B, m, n) and biases (B, n), float32."""

    W: NDArray[np.float32]
    b: NDArray[np.float32]


def public_run(problem: Problem, start: int = 0, *, steps: int = STEPS, seed: int = 0) -> Run:
    """Return the run that trains a model on a problem by the public recipe."""
    spec = RunSpec(
        model="linear" if problem.activation == "linear" else "relu-output",
        n_features=problem.features,
        d_hidden=problem.hidden,
        density=tuple(map(float, problem.density)),
        importance=tuple(map(float, problem.importance)),
        law=str(problem.law),
        amplitude=problem.law.amplitude,
        initialisation="xavier-normal-rows",
        optimizer="adamw",
        learning_rate=1e-3,
        weight_decay=0.01,
        steps=steps,
    )
    return Run(spec, start, seed)


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
    runs = [public_run(problem, start, steps=steps, seed=seed) for problem in problems]
    parameters = train_runs(runs).parameters
    return SampledModels(parameters["W"], parameters["b"])
