r"""Exact losses of nets that compute absolute values (arXiv 2209.10652, section 7).

The net is :math:`y = \mathrm{ReLU}(W_{out}\,\mathrm{ReLU}(W_{in} x) + b)`, without a hidden bias,
its target :math:`|x_i|`, and an active feature is uniform on [−1, 1].  Its loss is a sum over which
features are on,

.. math::

    L = \sum_A p^{|A|} (1-p)^{n-|A|} \sum_i I_i\,E_A\bigl(|x_i| - y_i\bigr)^2 .

Given A, everything is piecewise affine on the cube :math:`[-1, 1]^{|A|}`.  The cube is cut into
simplices (:mod:`theory.simplices`) on which the order of the :math:`|x_i|` and all signs are fixed,
by the hyperplane of every neuron, and for each output by its own kink.  Rational weights give
rational losses; floats are used as they are.  Cells multiply with |A|! and the neurons, so this is
for three features or four.

With :math:`p \to 0` only :math:`|A| = 1` counts.  Two neurons per feature, :math:`\pm x_i \to y_i`,
lose nothing at any density (:func:`pairs`).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rationals import is_inexact, to_fraction
from .simplices import mean_product, split, triangulated_cube

__all__ = [
    "absolute_loss",
    "active_sets",
    "conditional_losses",
    "pairs",
    "rectified",
    "total",
]

Array = NDArray[Any]
Losses = Mapping[tuple[int, ...], Sequence[Any]]


def _numbers(values: Any) -> Array:
    """Return an array of floats if one of the values is inexact, of fractions otherwise."""
    plain = np.array(values, dtype=object)
    if any(is_inexact(value) for value in plain.flat):
        return plain.astype(np.float64)
    return np.vectorize(to_fraction, otypes=[object])(plain) if plain.size else plain


def rectified(values: Array) -> Array:
    """Return max(0, values), of floats or fractions."""
    return np.where(values > 0, values, 0 * values)


def active_sets(n: int) -> list[tuple[int, ...]]:
    """Return all nonempty subsets of n features, the small ones first."""
    return [A for k in range(1, n + 1) for A in combinations(range(n), k)]


def conditional_losses(W_in: Any, W_out: Any, b: Any) -> dict[tuple[int, ...], list[Any]]:
    r"""Return :math:`E_A(|x_i| - y_i)^2` for each active set A and output i; () is the empty set.

    Parameters
    ----------
    W_in, W_out, b
        (m, n), (n, m) and (n,); all ints, fractions or sympy numbers, or with floats among them.
    """
    flat = [*np.ravel(np.array(W_in, dtype=object)), *np.ravel(np.array(W_out, dtype=object))]
    parts = _numbers([*flat, *np.ravel(np.array(b, dtype=object))])
    m, n = np.shape(W_in)
    inner, outer = parts[: m * n].reshape(m, n), parts[m * n : 2 * m * n].reshape(n, m)
    bias = parts[2 * m * n :]
    kind = float if parts.dtype == np.float64 else Fraction
    found: dict[tuple[int, ...], list[Any]] = {(): [value * value for value in rectified(bias)]}
    for A in active_sets(n):
        vertices, shares = triangulated_cube(len(A), kind)
        for row in inner[:, list(A)]:
            vertices, shares = split(vertices, shares, row)
        found[A] = [
            _output_loss(vertices, shares, A, inner, outer[i], bias[i], i) for i in range(n)
        ]
    return found


def _output_loss(
    vertices: Array, shares: Array, A: tuple[int, ...], inner: Array, out: Array, bias: Any, i: int
) -> Any:
    own = inner[:, list(A)]
    centre = vertices.sum(1) / vertices.shape[1]
    on = (centre @ own.T > 0).astype(int)  # (S, m)
    vertices, shares = split(vertices, shares, (on * out) @ own, bias)
    y = rectified(rectified(vertices @ own.T) @ out + bias)
    target = np.abs(vertices[:, :, A.index(i)]) if i in A else 0 * y
    return mean_product(target - y, target - y, shares)


def total(losses: Losses, density: Any, importance: Sequence[Any]) -> Any:
    """Return L from the losses of :func:`conditional_losses`; density and I may be symbols."""
    n = len(losses[()])
    return sum(
        density ** len(A)
        * (1 - density) ** (n - len(A))
        * sum(I * loss for I, loss in zip(importance, own, strict=True))
        for A, own in losses.items()
    )


def absolute_loss(
    W_in: Any, W_out: Any, b: Any, density: Any, importance: Sequence[Any] | None = None
) -> Any:
    """Return the population loss, exact for exact weights.

    Examples
    --------
    >>> absolute_loss([[1]], [[1]], [0], Fraction(1, 2))
    Fraction(1, 12)
    """
    losses = conditional_losses(W_in, W_out, b)
    return total(losses, density, [1] * len(losses[()]) if importance is None else importance)


def pairs(n: int) -> tuple[list[list[int]], list[list[int]], list[int]]:
    """Return the net of 2n neurons, x_i and −x_i for each feature, that loses nothing."""
    inner = [[sign * (i == j) for j in range(n)] for i in range(n) for sign in (1, -1)]
    outer = [[int(k // 2 == i) for k in range(2 * n)] for i in range(n)]
    return inner, outer, [0] * n
