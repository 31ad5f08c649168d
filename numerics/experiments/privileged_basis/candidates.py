"""One regime followed through all densities, three features in two neurons exactly, ten pairs."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.neuron_losses import neuron_loss

from ...neuron_blocks import regime
from ...neuron_samples import Samples, draw_samples, settle

__all__ = ["POINTS", "evaluate_unit", "follow_unit", "pairs_of_neurons", "three_in_two_unit"]

Array = NDArray[np.float64]

POINTS = 512
"""Samples of each count of active features on which models settle."""

_TRIPLE = ([[0.86, 0.84, -0.67], [0.85, -0.82, 0.81]], [-0.5, 0.0, 0.0])
"""About the best at density 0.35: (1, 1) and an antipodal pair across it."""


def pairs_of_neurons(neurons: int) -> tuple[Array, Array]:
    """Return weights and biases with a feature on every pair of neurons, to settle from."""
    pairs = list(combinations(range(neurons), 2))
    W = np.zeros((neurons, len(pairs)))
    for feature, pair in enumerate(pairs):
        W[list(pair), feature] = 0.8
    return W, np.full(len(pairs), -0.3)


def follow_unit(
    name: str, W: Array, b: Array, origin: float, grid: Sequence[float], importance: Sequence[float]
) -> dict[str, Any]:
    """Follow a model of a regime from its density down and up the grid while the regime lasts.

    Returns
    -------
    dict
        ``W`` (G, m, n) and ``b`` (G, n), zero where ``status`` is ``left``: the descent from the
        neighbouring density ended in another regime.
    """
    samples = draw_samples(W.shape[1], "settle", POINTS)
    found = np.zeros((len(grid), *W.shape)), np.zeros((len(grid), len(b)))
    status = np.full(len(grid), "left", dtype="<U9")
    order = np.argsort(np.abs(np.log(np.array(grid) / origin)), kind="stable").tolist()
    for side in ([k for k in order if grid[k] >= origin], [k for k in order if grid[k] < origin]):
        now = W, b
        for k in side:
            settled = settle(*now, grid[k], importance, samples)
            if regime(settled.W) != name:
                break
            now = settled.W, settled.b
            found[0][k], found[1][k] = now
            status[k] = settled.status
    return {"W": found[0], "b": found[1], "status": status}


def evaluate_unit(
    W: Array, b: Array, density: float, importance: Sequence[float], samples: int
) -> dict[str, Any]:
    """Return losses (models, samples) on independent samples, the same for all models."""
    n = W.shape[2]
    drawn: list[Samples] = [draw_samples(n, f"evaluate {k}") for k in range(samples)]
    rows = [
        [one.loss(weights, biases, density, importance) for one in drawn]
        for weights, biases in zip(W, b, strict=True)
    ]
    return {"loss": np.array(rows).reshape(len(W), samples)}


def three_in_two_unit(grid: Sequence[float], importance: Sequence[float]) -> dict[str, Any]:
    """Return the best block of three features in two neurons, and its exact loss, per density."""
    samples = draw_samples(3, "settle", 4096)
    W, b = (np.array(one) for one in _TRIPLE)
    losses, weights = np.empty(len(grid)), np.empty((len(grid), 2, 3))
    for k in np.argsort(np.abs(np.log(np.array(grid) / 0.35))).tolist():
        near = settle(W, b, grid[k], importance, samples)
        losses[k] = neuron_loss(near.W, near.b, grid[k], np.array(importance, np.float64))
        weights[k] = near.W
    return {"loss": losses, "W": weights}
