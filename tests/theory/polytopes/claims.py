"""Which claims of a shape its exact coordinates do not bear out: all of them computed anew."""

from collections import Counter
from typing import Any

import numpy as np
import sympy
from scipy.sparse.csgraph import connected_components

from theory.capacity import dimensionality, leverage
from theory.exact_numbers import in_one_arithmetic, is_zero
from theory.polytopes.shapes import Gram, Polytope, cosine_matrix
from theory.polytopes.symmetries import isometry_count

__all__ = ["broken_claims", "common_colours", "vertex_figure"]

_SMALL = sympy.Float(10) ** -45  # values are given to 50 digits


def _frame_operators(shape: Polytope) -> list[Any]:
    """Return the frame operators of the factors at unit norms, exact."""
    operators = []
    for factor in shape.factors:
        rows = factor.directions()
        flat = in_one_arithmetic([entry for row in rows for entry in row])
        n = len(rows[0])
        rows = [flat[k : k + n] for k in range(0, len(flat), n)]
        square = sum((row[0] * row[0] for row in rows[1:]), rows[0][0] * rows[0][0])
        operators.append(
            [[sum(a * b for a, b in zip(x, y, strict=True)) / square for y in rows] for x in rows]
        )
    return operators


def _is_tight(shape: Polytope) -> bool:
    share = sympy.Rational(shape.vertices, shape.dimension)
    ratio = in_one_arithmetic([share])[0]
    for operator in _frame_operators(shape):
        for i, row in enumerate(operator):
            for j, entry in enumerate(row):
                if isinstance(entry, sympy.Basic):
                    if not is_zero(entry - int(i == j) * share):
                        return False
                elif not is_zero(entry - int(i == j) * ratio):
                    return False
    return True


def _counted(values: Any) -> Counter[Any]:
    return Counter(sympy.radsimp(sympy.cancel(sympy.expand(value))) for value in values)


def _has_unit_columns(shape: Polytope) -> bool:
    """Whether directions have one length in each factor, exactly, and vertices the length one."""
    equal = all(
        set(np.diagonal(cosine_matrix(factor.directions).index)) == {0} for factor in shape.factors
    )
    weights = shape.weights()
    numbers = np.array(shape.values(list(weights.flat())), dtype=object).reshape(weights.shape)
    return equal and all(abs(square - 1) < _SMALL for square in (numbers**2).sum(0))


def _has_gram(shape: Polytope) -> bool:
    """Whether the Gram matrix is that of the coordinates: the same places, the same values."""
    weights, gram = shape.weights(), shape.gram()
    numbers = np.array(shape.values(list(weights.flat()), 30), dtype=float).reshape(weights.shape)
    cosines = np.array(shape.values(gram.cosines), dtype=float)
    return bool(
        np.allclose(numbers.T @ numbers, cosines[gram.index], rtol=0, atol=1e-14)  # rounding
        and np.all(np.diff(cosines) < -1e-9)  # different cosines are far apart
    )


def _connected(gram: Gram) -> int:
    """Return the number of connected components of the graph of non-zero cosines."""
    linked = np.array([cosine != 0 for cosine in gram.cosines])[gram.index]
    return int(connected_components(linked)[0])


def broken_claims(shape: Polytope) -> set[str]:
    """Return the names of the claims of a shape that do not hold."""
    gram, directions = shape.gram(), shape.directions()
    found, kinds = dimensionality(directions), dict(shape.dimensionalities)
    leverages = leverage(directions)
    claimed = _counted(value for value, number in kinds.items() for _ in range(number))
    holds = {
        "unit norms": _has_unit_columns(shape),
        "gram": _has_gram(shape),
        "dimension": len(directions) == shape.dimension
        and is_zero(sum(leverages) - shape.dimension),
        "vertices": shape.weights().shape == (shape.dimension, shape.vertices)
        and bool((np.tril(gram.index == 0, -1) == 0).all()),
        "dimensionalities": claimed == _counted(found),
        "order": isometry_count(shape) == shape.order,
        "tight": _is_tight(shape) == shape.tight,
        "tight in value": is_zero(sum(found) - shape.dimension) == _all_factors_tight(shape),
        "factors": [_connected(factor.gram()) for factor in shape.factors]
        == [1] * _connected(gram),
        "source": bool(shape.source),
    }
    return {claim for claim, good in holds.items() if not good}


def _all_factors_tight(shape: Polytope) -> bool:
    """Whether the dimensionalities sum to the dimension, as they do for blocks of tight frames."""
    return all(_is_tight(factor) for factor in shape.factors)


def common_colours(*shapes: Polytope) -> list[Any]:
    """Return the Gram matrices of shapes as integers, equal for equal cosines."""
    places: dict[str, int] = {}
    results = []
    for shape in shapes:
        gram = shape.gram()
        names = [str(sympy.Float(value, 40)) for value in shape.values(gram.cosines)]
        own = np.array([places.setdefault(name, len(places)) for name in names])
        results.append(own[gram.index])
    return results


def vertex_figure(shape: Polytope) -> Any:
    """Return the Gram matrix of the nearest neighbours of a vertex as integers in falling order.

    Projected off the vertex, neighbours at cosine c have cosines (c_ij - c²)/(1 - c²), which are
    equal where c_ij are and in the same order.
    """
    index = shape.gram().index
    near = np.flatnonzero(index[0] == 1)
    return np.unique(index[np.ix_(near, near)], return_inverse=True)[1].reshape(len(near), -1)
