r"""Losses of models with a hidden ReLU on samples sorted by their active features, and descent.

The loss of :math:`x' = \mathrm{ReLU}(W^\top \mathrm{ReLU}(W x) + b)` has no fast exact form beyond
a few active features (:mod:`theory.neuron_losses`).  Here every set of active features is a stratum
with its own shifted Sobol points, so how many features are on is no source of error, and one
sample serves every density and every model: :math:`L = \sum_k p^k (1-p)^{n-k} L_k`, each
:math:`L_k` a sum over sets of k features.  Samples of other seeds are independent; the spread of
the losses over them is the standard error, and of *differences* on the same samples a smaller one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import qmc

from .compiled.jit import compiled
from .seeds import generator

__all__ = ["Samples", "Settled", "draw_samples", "settle"]

_LEAST_POINTS = 8  # of a set of active features
_RARE = 1e-7  # probability of a count of active features that is left out

Array = NDArray[np.float64]


@compiled
def _loss_and_slope(W, b, importance, x, weight, slope_W, slope_b):  # type: ignore[no-untyped-def]
    """Return the weighted loss of samples (S, n), adding its gradient to two arrays of zeros."""
    m, n = W.shape
    h, back, e = np.empty(m), np.empty(m), np.empty(n)
    total = 0.0
    for s in range(x.shape[0]):
        h[:] = 0.0
        for i in range(n):
            value = x[s, i]
            if value != 0.0:
                for a in range(m):
                    h[a] += W[a, i] * value
        for a in range(m):
            h[a] = max(h[a], 0.0)
            back[a] = 0.0
        for j in range(n):
            z = b[j]
            for a in range(m):
                z += W[a, j] * h[a]
            difference = max(z, 0.0) - x[s, j]
            total += weight[s] * importance[j] * difference * difference
            e[j] = 2.0 * weight[s] * importance[j] * difference if z > 0.0 else 0.0
            slope_b[j] += e[j]
            if e[j] != 0.0:
                for a in range(m):
                    back[a] += W[a, j] * e[j]
                    slope_W[a, j] += h[a] * e[j]
        for i in range(n):
            value = x[s, i]
            if value != 0.0:
                for a in range(m):
                    if h[a] > 0.0:
                        slope_W[a, i] += back[a] * value
    return total


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples x (S, n), the active features of each, and its share among all of that count."""

    x: Array
    count: NDArray[np.int64]
    share: Array

    def at(self, density: float) -> tuple[Array, Array]:
        """Return the samples that matter at a density, and their probabilities."""
        n = self.x.shape[1]
        counts = range(n + 1)
        chance = np.array([comb(n, k) * density**k * (1 - density) ** (n - k) for k in counts])
        kept = chance[self.count] > _RARE
        return self.x[kept], (chance[self.count] * self.share)[kept]

    def loss(self, W: Array, b: Array, density: float, importance: Sequence[float]) -> float:
        """Return the loss Σ_i I_i E(x_i − x'_i)² of weights (m, n) and biases (n,)."""
        x, weight = self.at(density)
        return _evaluate(W, b, np.asarray(importance, np.float64), x, weight)[0]


def draw_samples(features: int, key: Any, points: int = 1024) -> Samples:
    """Return samples with about ``points`` or more for each count of active features.

    Every set of active features has a power of two of them, at least 8 and at most 64 for one.
    """
    x, count, share = [np.zeros((1, features))], [0], [1.0]
    for k in range(1, features + 1):
        sets = comb(features, k)
        each = 2 ** int(np.ceil(np.log2(max(_LEAST_POINTS, points / sets))))
        rng = generator("neuron samples", features, key, k)
        cloud = qmc.Sobol(k, scramble=False).random(each)
        for active in combinations(range(features), k):
            values = np.zeros((each, features))
            values[:, active] = (cloud + rng.random(k)) % 1.0
            x.append(values)
        count += [k] * (sets * each)
        share += [1 / (sets * each)] * (sets * each)
    return Samples(np.concatenate(x), np.array(count), np.array(share))


def _evaluate(
    W: Array, b: Array, importance: Array, x: Array, weight: Array
) -> tuple[float, Array, Array]:
    slope_W, slope_b = np.zeros_like(W), np.zeros_like(b)
    loss = _loss_and_slope(W, b, importance, x, weight, slope_W, slope_b)
    return float(loss), slope_W, slope_b


@dataclass(frozen=True, slots=True)
class Settled:
    """A model at the end of a descent on samples: weights, biases, loss there, and how it ended."""

    W: Array
    b: Array
    loss: float
    status: str


def settle(
    W: Array,
    b: Array,
    density: float,
    importance: Sequence[float],
    samples: Samples,
    *,
    iterations: int = 200,
) -> Settled:
    """Return the local minimum on samples that L-BFGS reaches from a model.

    The status is ``converged``, or ``stopped`` after the iterations or at a kink.
    """
    x, weight = samples.at(density)
    I = np.asarray(importance, np.float64)
    shape, size = W.shape, W.size

    def objective(theta: Array) -> tuple[float, Array]:
        loss, slope_W, slope_b = _evaluate(theta[:size].reshape(shape), theta[size:], I, x, weight)
        return loss / scale, np.concatenate([slope_W.ravel(), slope_b]) / scale

    scale = float(I.sum()) * density / 3
    start = np.concatenate([np.asarray(W, np.float64).ravel(), np.asarray(b, np.float64)])
    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations, "maxcor": 20, "ftol": 1e-8, "gtol": 1e-6},
    )
    theta = np.asarray(found.x)
    return Settled(
        theta[:size].reshape(shape),
        theta[size:],
        float(found.fun) * scale,
        "converged" if found.status == 0 else "stopped",
    )
