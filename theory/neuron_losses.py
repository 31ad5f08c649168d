r"""Exact loss of :math:`x' = \mathrm{ReLU}(W^\top \mathrm{ReLU}(W x) + b)`, neurons in the middle.

Given the set A of active features the output is piecewise linear in :math:`x_A`, uniform on the
cube :math:`[0, 1]^A`.  Cut the cube into simplices on which it is linear (:mod:`theory.simplices`):
begin with the |A|! simplices of points whose coordinates are in one order, cut them by the planes
:math:`W_a \cdot x = 0` of the neurons and, for output j, by :math:`W_j \cdot h + b_j = 0`.  On each
simplex the mean of the squared error follows from its values at the vertices.

As in :mod:`theory.active_sets` the loss at density p is the polynomial
:math:`\sum_k p^k (1 - p)^{n-k} L_k`, with :math:`L_k` the sum over the sets of k features.
Features and neurons that share no weight form blocks, and losses of blocks add up: a block of three
features takes sets of up to three.  Rationals in, rationals out; floats in, floats to rounding.
|A|! grows: meant for up to four active features (arXiv 2209.10652, F31).
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .simplices import mean_product, ordered_cube, split

__all__ = ["active_set_loss", "losses_by_count", "neuron_loss"]

Array = NDArray[Any]


def _arrays(*values: Any) -> list[Array]:
    """Return arrays of one arithmetic: floats if one is a float, else fractions."""
    raw = [np.asarray(value) for value in values]
    if any(one.dtype.kind == "f" for one in raw):
        return [one.astype(np.float64) for one in raw]
    return [np.vectorize(Fraction, otypes=[object])(one) for one in raw]


def active_set_loss(W: Any, b: Any, importance: Any, active: Sequence[int]) -> Any:
    """Return the expected loss when exactly the features ``active`` are on.

    Parameters
    ----------
    W, b, importance
        Weights (m, n), features as columns, output biases (n,), importances (n,).
    active
        Indices of the active features.
    """
    W, b, importance = _arrays(W, b, importance)
    n, k = W.shape[1], len(active)
    one = W.flat[0] * 0 + 1
    vertices = ordered_cube(k) * one
    shares = np.array([one / len(vertices)] * len(vertices))
    for neuron in W[:, list(active)]:
        vertices, shares = split(vertices, shares, neuron)
    x = np.full((*vertices.shape[:2], n), 0 * one)
    x[:, :, list(active)] = vertices
    z = np.maximum(x @ W.T, 0 * one) @ W + b
    total, along = 0 * one, np.array([0 * one, one])
    for j in range(n):
        pieces, volumes = split(np.stack([x[:, :, j], z[:, :, j]], axis=2), shares, along)
        error = pieces[:, :, 0] - np.maximum(pieces[:, :, 1], 0 * one)
        total += importance[j] * mean_product(error, error, volumes)
    return total


def losses_by_count(W: Any, b: Any, importance: Any, most: int | None = None) -> list[Any]:
    """Return L_0, ..., L_most: the sums over the sets of k features of their expected losses."""
    n = np.shape(W)[1]
    most = n if most is None else most
    return [
        sum(active_set_loss(W, b, importance, active) for active in combinations(range(n), k))
        for k in range(most + 1)
    ]


def neuron_loss(W: Any, b: Any, density: Any, importance: Any = None) -> Any:
    """Return the population loss Σ_i I_i E(x_i − x'_i)² of a model with a hidden ReLU.

    Parameters
    ----------
    W, b
        Weights (m, n), features as columns, and output biases (n,).
    density
        P(x_i ≠ 0), a number or a symbol.
    importance
        (n,), 1 by default.

    Examples
    --------
    >>> neuron_loss([[1, 0]], [0, 0], Fraction(1, 2))
    Fraction(1, 6)
    """
    n = np.shape(W)[1]
    losses = losses_by_count(W, b, [1] * n if importance is None else importance)
    return sum(density**k * (1 - density) ** (n - k) * loss for k, loss in enumerate(losses))
