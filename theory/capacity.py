r"""How much of the hidden space a feature has to itself, as formulas on arrays.

For weights W with columns :math:`W_i` (features) and :math:`\hat W_i = W_i/\|W_i\|`,

* *interference* :math:`\hat W_i \cdot W_j`, :math:`j \ne i`: what feature j puts into the direction
  of feature i;
* *superposition* :math:`\sum_{j \ne i} (\hat W_i \cdot W_j)^2` (arXiv 2209.10652, "Demonstrating
  superposition"; the published notebook colours by its square root, the *polysemanticity*, clipped
  to [0, 1]; a figure legend there omits :math:`j \ne i`);
* *dimensionality* :math:`D_i = \|W_i\|^2 / \sum_j (\hat W_i \cdot W_j)^2` (arXiv 2209.10652, "The
  geometry of superposition"), all j included: the share of a dimension that feature i has;
* *dimensions per feature* :math:`m/\|W\|_F^2` (same section), m the number of hidden dimensions.

Why dimensionalities sum to at most the rank
--------------------------------------------
Let :math:`F = W W^\top` with pseudo-inverse :math:`F^+`.  Since
:math:`\sum_j (W_i \cdot W_j)^2 = W_i^\top F W_i`, and by Cauchy and Schwarz,

.. math::

    \|W_i\|^4 = (F^{-1/2} W_i \cdot F^{1/2} W_i)^2
        \le (W_i^\top F^+ W_i)\,(W_i^\top F W_i),
    \qquad\text{so}\qquad
    D_i \le \ell_i := W_i^\top F^+ W_i ,

the *leverage* of feature i.  Leverages are the diagonal of the projection onto the row space of W,
so they lie in [0, 1] and sum to the rank.  The *defect* :math:`\ell_i - D_i` is zero for all i if
and only if every :math:`W_i` is an eigenvector of F: the features then fall into mutually
orthogonal blocks, the eigenspaces, and each block is a tight frame.

Exact input gives exact output: :math:`D_i = (W_i \cdot W_i)^2 / W_i^\top F W_i`, and the leverages
from an orthogonal basis :math:`q_k` of the row space, :math:`\ell_i = \sum_k q_{ki}^2/\|q_k\|^2`.
With symbols this holds for generic values of them.  All but the dimensions per feature are blind
to rotations of the hidden space; D and ℓ also to a common scale.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from .exact_numbers import in_one_arithmetic, is_zero, to_expressions
from .rationals import is_inexact, listed

__all__ = [
    "defect",
    "dimensionality",
    "dimensions_per_feature",
    "interference",
    "leverage",
    "polysemanticity",
    "superposition",
]

Array = NDArray[Any]


def _exact_rows(W: Any) -> list[list[Any]] | None:
    """Return W as rows of numbers in one exact arithmetic, or None if it holds floats."""
    if isinstance(W, np.ndarray) and W.dtype.kind == "f" and W.ndim > 1 and W.size:
        return None
    rows = listed(W)
    if not isinstance(rows, Sequence) or not rows or isinstance(rows, str):
        raise ValueError(f"W is {rows!r}; it must be a matrix (m, n), features are columns")
    rows = [listed(row) for row in rows]
    lengths = [len(row) if isinstance(row, Sequence) else 0 for row in rows]
    if not min(lengths) or len(set(lengths)) > 1:
        raise ValueError(f"W has rows of lengths {lengths}; it must be a matrix (m, n)")
    entries = [listed(entry) for row in rows for entry in row]
    if any(isinstance(entry, Sequence) or is_inexact(entry) for entry in entries):
        return None
    numbers, n = in_one_arithmetic(entries), lengths[0]
    return [numbers[k : k + n] for k in range(0, len(numbers), n)]


def _floats(W: Any) -> NDArray[np.float64]:
    values = np.asarray(W, float)
    if not np.isfinite(values).all():
        raise ValueError(f"W has {values[~np.isfinite(values)][0]} in it; pass finite weights")
    return values


def _directions(W: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return unit columns (zero for zero columns) and norms, safe from overflow."""
    largest = np.abs(W).max(-2, keepdims=True)
    scaled = np.divide(W, largest, out=np.zeros_like(W), where=largest > 0)
    norm = np.sqrt((scaled**2).sum(-2, keepdims=True))
    unit = np.divide(scaled, norm, out=scaled, where=norm > 0)
    return unit, (norm * largest)[..., 0, :]


def _dot(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return sum((a * b for a, b in zip(x[1:], y[1:], strict=True)), x[0] * y[0])


def _array(expressions: list[Any]) -> Array:
    result = np.empty(len(expressions), dtype=object)
    result[:] = expressions
    return result


def _choose(W: Any, exact: Callable[[Any], list[Any]], numeric: Callable[[Any], Array]) -> Array:
    rows = _exact_rows(W)
    if rows is None:
        return numeric(_floats(W))
    return _array(to_expressions(exact(rows)))


def dimensionality(W: Any) -> Array:
    """Return the feature dimensionalities D, 0 where a column is zero.

    Features that a model has all but dropped (norm below a threshold) are not set to zero here;
    :func:`theory.phases.dimensionalities` does that.

    Parameters
    ----------
    W
        Weights, features are columns: floats of shape (..., m, n), or one matrix (m, n) of int,
        Fraction or sympy numbers, symbols included.

    Returns
    -------
    array
        Shape (..., n), float64 within 1e-13 relative; an array of sympy numbers if W is exact.

    Raises
    ------
    ValueError
        If W is no matrix or not finite.

    Examples
    --------
    A triangle and a digon at right angles share three dimensions:

    >>> from sympy import Rational, sqrt
    >>> half, high = Rational(1, 2), sqrt(3) / 2
    >>> print(dimensionality([[1, -half, -half, 0, 0], [0, high, -high, 0, 0], [0, 0, 0, 1, -1]]))
    [2/3 2/3 2/3 1/2 1/2]
    """

    def exact(rows: list[list[Any]]) -> list[Any]:
        return [a if is_zero(a) else a * a / b for a, b in _fourth_moments(rows)]

    return _choose(W, exact, _dimensionality)


def _fourth_moments(rows: list[list[Any]]) -> list[tuple[Any, Any]]:
    """Return the pairs of W_i · W_i and W_i · F W_i."""
    frame = [[_dot(x, y) for y in rows] for x in rows]
    columns = list(zip(*rows, strict=True))
    return [(_dot(x, x), _dot(x, [_dot(row, x) for row in frame])) for x in columns]


def _dimensionality(W: NDArray[np.float64]) -> Array:
    unit, norm = _directions(W)
    cosine = unit.swapaxes(-1, -2) @ unit
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        ratio = np.where(cosine == 0, 0.0, cosine * (norm[..., None, :] / norm[..., None]))
        total = (ratio**2).sum(-1)
    return np.asarray(np.divide(1.0, total, out=np.zeros_like(norm), where=norm > 0))


def leverage(W: Any) -> Array:
    r"""Return the leverages :math:`W_i^\top (W W^\top)^+ W_i`, which sum to the rank of W.

    Parameters and errors are those of :func:`dimensionality`.  The rank of floats is counted from
    singular values above ``max(m, n)`` rounding errors of the largest.

    Returns
    -------
    array
        Shape (..., n) in [0, 1], or sympy numbers if W is exact.

    Examples
    --------
    >>> print(leverage([[2, 0, 1], [0, 1, 1]]))
    [8/9 5/9 5/9]
    """

    def exact(rows: list[list[Any]]) -> list[Any]:
        basis: list[tuple[list[Any], Any]] = []
        for row in rows:
            rest = list(row)
            for q, square in basis:
                part = _dot(rest, q) / square
                rest = [a - part * b for a, b in zip(rest, q, strict=True)]
            square = _dot(rest, rest)
            if not is_zero(square):
                basis.append((rest, square))
        zero = rows[0][0] - rows[0][0]
        return [sum((q[i] * q[i] / s for q, s in basis), zero) for i in range(len(rows[0]))]

    return _choose(W, exact, _leverage)


def _leverage(W: NDArray[np.float64]) -> Array:
    scale = np.abs(W).max((-2, -1), keepdims=True)
    _, singular, right = np.linalg.svd(W / np.where(scale > 0, scale, 1.0), full_matrices=False)
    least = max(W.shape[-2:]) * np.finfo(float).eps * singular[..., :1]
    kept = (singular > least)[..., None]
    return np.asarray((np.where(kept, right, 0.0) ** 2).sum(-2))


def defect(W: Any) -> Array:
    """Return leverage minus dimensionality: zero for orthogonal blocks of tight frames.

    Parameters, shapes and errors are those of :func:`dimensionality`; never negative but for
    rounding.
    """
    return np.asarray(leverage(W) - dimensionality(W))


def interference(W: Any) -> Array:
    r"""Return :math:`\hat W_i \cdot W_j` in row i and column j, with zeros on the diagonal.

    Parameters and errors are those of :func:`dimensionality`; the rows of zero columns are zero.

    Returns
    -------
    array
        Shape (..., n, n).
    """
    rows = _exact_rows(W)
    if rows is None:
        unit, norm = _directions(_floats(W))
        cosine = unit.swapaxes(-1, -2) @ unit
        diagonal = np.eye(cosine.shape[-1], dtype=bool)
        return np.where(diagonal, 0.0, cosine * norm[..., None, :])
    columns = list(zip(*rows, strict=True))
    n = len(columns)
    gram = _array(to_expressions([_dot(x, y) for x in columns for y in columns])).reshape(n, n)
    result = gram - gram
    for i in range(n):
        if gram[i, i] != 0:
            others = np.arange(n) != i
            result[i, others] = gram[i, others] / sympy.sqrt(gram[i, i])
    return result


def superposition(W: Any) -> Array:
    r"""Return :math:`\sum_{j \ne i} (\hat W_i \cdot W_j)^2`, 0 where a column is zero; (..., n).

    Parameters and errors are those of :func:`dimensionality`.
    """

    def exact(rows: list[list[Any]]) -> list[Any]:
        return [b / a - a if not is_zero(a) else a for a, b in _fourth_moments(rows)]

    return _choose(W, exact, lambda floats: np.asarray((interference(floats) ** 2).sum(-1)))


def polysemanticity(W: Any) -> Array:
    """Return the norms of the rows of the interference, the square roots of the superposition.

    Parameters and errors are those of :func:`dimensionality`.
    """
    square = superposition(W)
    if square.dtype == object:
        return _array([sympy.sqrt(value) for value in square])
    return np.asarray(np.sqrt(square))


def dimensions_per_feature(W: Any) -> Any:
    r"""Return :math:`m/\|W\|_F^2`: hidden dimensions per represented feature.

    Parameters and errors are those of :func:`dimensionality`, and weights that are all zero are an
    error.

    Returns
    -------
    array or sympy number
        Shape (...).
    """
    rows = _exact_rows(W)
    if rows is None:
        values = _floats(W)
        total: Any = (values**2).sum((-2, -1))
        m = values.shape[-2]
    else:
        m, entries = len(rows), [entry for row in rows for entry in row]
        (total,) = to_expressions([_dot(entries, entries)])
    if np.any(total == 0):
        raise ValueError("W is zero and represents no feature; pass weights that are not all zero")
    return m / total
