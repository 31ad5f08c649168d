r"""Attacks on trained models: the paper's analytic ones, gradient ascent, and a search for worse.

Two readings of "taking the one which most harms model performance" (arXiv 2209.10652, before F27):

* **fixed**: one δ for all inputs, judged by the population loss.  A fixed attack is a change of
  bias (:mod:`theory.robustness`), so its loss is exact; samples only choose whom to evaluate.
* **per input**: every input gets the δ that harms it most; means over samples.

All losses are :math:`\sum_j (x'_j - x_j)^2`, importances 1, and all attacks have length λ or less.

**The search.**  Between kinks the loss is convex in δ, so that :math:`\delta \leftarrow \lambda
\nabla/\|\nabla\|`, the point of the ball that the linear part likes most, climbs without a step
size; where it does not, the best point so far is kept.  It starts at the best analytic attacks, at
the worst attacks of :func:`theory.robustness.worst_loss_bound` and at random.  What it finds is
attained, so a lower bound of the worst; that function bounds it from above.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from theory.robustness import attack_directions, attack_shifts, gram, worst_loss_bound

from .evaluator import exact_loss

__all__ = ["FixedAttacks", "InputAttacks", "draw_inputs", "fixed_attacks", "input_attacks"]

Array = NDArray[np.float64]
_RTOL = 1e-7  # of the exact losses, in units of Σ E x²
_SHORTLIST = 8  # analytic attacks that are judged exactly
_ASCENTS = 15
_GRADIENT_STEPS = 20
_BLOCK = 64  # inputs attacked together: what fits the cache
_ZERO = 1e-300


@dataclass(frozen=True, slots=True)
class FixedAttacks:
    """Growth of the population loss, in units of λ², and the feature of the best analytic attack.

    ``loss`` is without attack, ``analytic`` under the best analytic attack, ``either_sign`` under
    the best of these and their opposites, ``found`` under the worst fixed attack of the search.
    """

    loss: float
    analytic: float
    either_sign: float
    found: float
    feature: int


@dataclass(frozen=True, slots=True)
class InputAttacks:
    """Growth of the loss of each input (S,) in units of λ², and how often outputs are off.

    ``analytic`` by the best analytic attack for the input, ``gradient`` by gradient ascent that
    begins at the input, ``found`` by the search, ``bound`` above all attacks; ``off`` is the share
    of outputs at 0 and ``masked`` whether the gradient by the input is exactly 0.
    """

    analytic: Array
    gradient: Array
    found: Array
    bound: Array
    off: Array
    masked: NDArray[np.bool_]


def draw_inputs(rng: np.random.Generator, samples: int, n: int, density: float) -> Array:
    """Return inputs (S, n) of independent features."""
    return np.asarray(rng.random((samples, n)) * (rng.random((samples, n)) < density))


def _errors(z: Array, x: Array) -> tuple[Array, Array]:
    """Return the losses of preactivations (..., n), and the gradients by them."""
    error = np.maximum(z, 0) - x
    return (error**2).sum(-1), np.where(z > 0, 2 * error, 0.0)


def _rescaled(g: Array, radius: float) -> tuple[Array, NDArray[np.bool_]]:
    length = np.linalg.norm(g, axis=-1, keepdims=True)
    return radius * g / np.maximum(length, _ZERO), length[..., 0] > 0


def _ascend(G: Array, loss_of: Any, delta: Array, radius: float) -> tuple[Array, Array]:
    """Return the best losses, and attacks, met on the way up from attacks (..., n)."""
    best, kept = np.full(delta.shape[:-1], -np.inf), delta.copy()
    for _ in range(_ASCENTS):
        loss, by_shift = loss_of(delta @ G)
        better = loss > best
        best = np.where(better, loss, best)
        kept = np.where(better[..., None], delta, kept)
        moved, alive = _rescaled(by_shift @ G, radius)
        delta = np.where(alive[..., None], moved, delta)
    return best, kept


def _exact(W: Array, b: Array, shifts: Array, density: float) -> Array:
    """Return the population losses with shifts (K, n) of the biases."""
    biases = torch.as_tensor(b + shifts)
    weights = torch.as_tensor(W).expand(len(shifts), *W.shape)
    return np.asarray(exact_loss(weights, biases, density, rtol=_RTOL).numpy())


def fixed_attacks(
    W: Array, b: Array, density: float, radius: float, rng: np.random.Generator, samples: int = 1000
) -> FixedAttacks:
    """Attack a model with one δ for all inputs.

    Parameters
    ----------
    W, b
        Weights (m, n) and biases (n,).
    density
        p = P(x ≠ 0) of every feature.
    radius
        λ.
    rng, samples
        For the inputs that shortlist attacks and guide the search; losses are exact.
    """
    G, directions = gram(W), attack_directions(W)
    x = draw_inputs(rng, samples, W.shape[1], density)
    z = x @ G + b

    def mean_loss(shifts: Array) -> tuple[Array, Array]:
        found = [_errors(z + shift, x) for shift in shifts]
        return (
            np.array([loss.mean() for loss, _ in found]),
            np.array([slope.mean(0) for _, slope in found]),
        )

    shifts = radius * attack_shifts(W).T
    plus, minus = mean_loss(shifts)[0], mean_loss(-shifts)[0]
    order = plus.argsort()[::-1][:_SHORTLIST]
    opposite = minus.argsort()[::-1][: _SHORTLIST // 2]
    starts = np.concatenate(
        [
            directions.T[order],
            -directions.T[opposite],
            _rescaled(rng.standard_normal((_SHORTLIST // 2, W.shape[1])) @ G, 1.0)[0],
        ]
    )
    climbed, ends = _ascend(G, mean_loss, radius * starts, radius)
    top = ends[climbed.argsort()[::-1][: _SHORTLIST // 2]]
    every = np.concatenate([np.zeros((1, W.shape[1])), shifts[order], -shifts[opposite], top @ G])
    losses = _exact(W, b, every, density)
    growth = (losses[1:] - losses[0]) / radius**2
    analytic = growth[: len(order)]
    return FixedAttacks(
        loss=float(losses[0]),
        analytic=float(analytic.max()),
        either_sign=float(growth[: len(order) + len(opposite)].max()),
        found=float(growth.max()),
        feature=int(order[analytic.argmax()]),
    )


def _gradient_ascent(G: Array, z: Array, x: Array, radius: float) -> Array:
    """Return the best losses on the way of projected gradient ascent from δ = 0."""
    delta, best = np.zeros_like(x), np.full(len(x), -np.inf)
    for _ in range(_GRADIENT_STEPS + 1):
        loss, by_shift = _errors(z + delta @ G, x)
        best = np.maximum(best, loss)
        delta = delta + _rescaled(by_shift @ G, radius / 4)[0]
        length = np.linalg.norm(delta, axis=-1, keepdims=True)
        delta *= np.minimum(1.0, radius / np.maximum(length, _ZERO))
    return best


def input_attacks(
    W: Array, b: Array, x: Array, radius: float, rng: np.random.Generator, starts: int = 3
) -> InputAttacks:
    """Attack every input by itself.

    Parameters
    ----------
    W, b
        Weights (m, n) and biases (n,).
    x
        Inputs (S, n), not negative.
    radius
        λ.
    rng, starts
        Random starts of the search, and as many analytic ones.
    """
    parts = [
        _attack_some(W, b, x[first : first + _BLOCK], radius, rng, starts)
        for first in range(0, len(x), _BLOCK)
    ]
    return InputAttacks(
        *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(InputAttacks))
    )


def _attack_some(
    W: Array, b: Array, x: Array, radius: float, rng: np.random.Generator, starts: int
) -> InputAttacks:
    G, directions = gram(W), attack_directions(W)
    z = x @ G + b
    clean, by_shift = _errors(z, x)
    shifts = radius * attack_shifts(W).T
    analytic = np.stack([_errors(z + shift, x)[0] for shift in shifts])
    opposite = np.stack([_errors(z - shift, x)[0] for shift in shifts])
    bound, suspected = worst_loss_bound(W, b, x, radius)
    begin = [_rescaled(suspected @ G, radius)[0]]
    for sign, losses in ((1, analytic), (-1, opposite)):
        top = losses.argsort(0)[::-1][:starts]
        begin += [sign * radius * directions.T[features] for features in top]
    for _ in range(starts):
        begin.append(_rescaled(rng.standard_normal(x.shape) @ G, radius)[0])
    climbed, _ = _ascend(G, lambda u: _errors(z + u, x), np.stack(begin), radius)
    gradient = _gradient_ascent(G, z, x, radius)
    best = analytic.max(0)
    found = np.maximum.reduce([climbed.max(0), best, opposite.max(0), gradient])

    def growth(losses: Array) -> Array:
        return np.asarray((losses - clean) / radius**2)

    return InputAttacks(
        analytic=growth(best),
        gradient=growth(gradient),
        found=growth(found),
        bound=growth(bound),
        off=np.asarray((z <= 0).mean(-1)),
        masked=np.asarray(~(by_shift @ G).any(-1)),
    )
