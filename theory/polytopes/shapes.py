r"""A shape: unit vectors given exactly, with what is claimed of them.

The vectors are the columns of a matrix, as features are.  A shape that is no tegum product has
*directions*, columns of one common length that lie in a small number field: normalised, they are
the vertices, and the cosines are quotients in that field.  A *tegum product* puts its factors into
mutually orthogonal subspaces; its Gram matrix is block diagonal.

Claims (order of the group, dimensionalities, ...) are written down beside the coordinates and are
not computed from them: a test does that for every shape.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ..exact_numbers import in_one_arithmetic, to_expressions
from .implicit_numbers import ImplicitNumber

__all__ = ["Directions", "Gram", "Polytope", "cosine_matrix"]

Directions = Callable[[], list[list[Any]]]
"""Makes the d rows of N coordinates each, as sympy numbers, columns of equal length."""

_DIGITS = 50


@dataclass(frozen=True, slots=True)
class Gram:
    """A Gram matrix of unit vectors: the different cosines, largest first, and where they stand.

    Attributes
    ----------
    cosines
        sympy numbers, 1 the first.
    index
        Position in ``cosines`` of each entry, shape (N, N).
    """

    cosines: tuple[Any, ...]
    index: NDArray[np.int64]

    def counts(self) -> NDArray[np.int64]:
        """Return how often each cosine stands in each row, shape (N, number of cosines)."""
        kinds = range(len(self.cosines))
        return np.stack([(self.index == kind).sum(1) for kind in kinds], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polytope:
    r"""A named shape, with its claims and its source.

    Attributes
    ----------
    key
        The name that output uses.
    source
        Where the shape, or its part in the theory, is described.
    dimension, vertices
        The dimension d of the space and the number N of vectors.
    order
        Order of the group of isometries in O(d) that permute the vectors.
    tight
        Whether the frame operator :math:`\sum_i w_i w_i^\top` is a multiple of the identity.
    dimensionalities
        The dimensionality of each kind of vertex at unit norms, with the number of such vertices.
    directions
        Makes the exact coordinates; see :data:`Directions`.
    unknowns
        The numbers without closed form that the coordinates contain as symbols.
    parts
        The indecomposable factors of a tegum product; none for other shapes.
    up_to_sign
        Whether each vector stands for its line; the isometries then permute the lines.
    closed_gram
        Makes the Gram matrix where it has a shorter form than the products of coordinates.
    """

    key: str
    source: str
    dimension: int
    vertices: int
    order: int
    tight: bool
    dimensionalities: tuple[tuple[Any, int], ...]
    directions: Directions
    unknowns: tuple[ImplicitNumber, ...] = ()
    parts: tuple["Polytope", ...] = ()
    up_to_sign: bool = False
    closed_gram: Callable[[], Gram] | None = None

    @property
    def factors(self) -> tuple["Polytope", ...]:
        """The indecomposable factors of a tegum product; of another shape, itself."""
        return self.parts or (self,)

    def weights(self) -> Any:
        """Return the unit vectors as the columns of an exact sympy matrix (d, N)."""
        blocks = []
        for factor in self.factors:
            rows = sympy.Matrix(factor.directions())
            first = rows[:, 0]
            blocks.append(rows / sympy.sqrt(sympy.expand(first.dot(first))))
        return sympy.ImmutableMatrix(sympy.diag(*blocks))

    def values(self, expressions: Any, digits: int = _DIGITS) -> list[Any]:
        """Return exact numbers of this shape, unknowns included, as sympy Floats."""
        known = {each.symbol: each.digits(digits + 5) for each in self.unknowns}
        distinct = {each: None for each in expressions}
        for each in distinct:
            distinct[each] = sympy.N(sympy.sympify(each).subs(known), digits)
        return [distinct[each] for each in expressions]

    def array(self) -> NDArray[np.float64]:
        """Return the unit vectors as columns, rounded to floats, shape (d, N)."""
        exact = self.weights()
        return np.array(self.values(list(exact.flat())), float).reshape(exact.shape)

    def gram(self) -> Gram:
        """Return the exact Gram matrix of the unit vectors."""
        return _gram(self)


@cache
def _gram(shape: Polytope) -> Gram:
    found = [(f.closed_gram or partial(cosine_matrix, f.directions))() for f in shape.factors]
    n = sum(len(own.index) for own in found)
    zero = sympy.Integer(0)
    cosines = {cosine: None for own in found for cosine in own.cosines}
    if len(found) > 1:
        cosines[zero] = None
    values = dict(zip(cosines, shape.values(list(cosines)), strict=True))
    ranked = sorted(cosines, key=lambda cosine: -values[cosine])
    place = {cosine: k for k, cosine in enumerate(ranked)}
    index = np.full((n, n), place.get(zero, 0))
    start = 0
    for own in found:
        end = start + len(own.index)
        index[start:end, start:end] = np.array([place[each] for each in own.cosines])[own.index]
        start = end
    index.flags.writeable = False  # it is shared
    return Gram(tuple(ranked), index)


def cosine_matrix(directions: Directions) -> Gram:
    """Return the Gram matrix of normalised directions, the cosines in the order they are met."""
    rows = directions()
    n = len(rows[0])
    numbers = in_one_arithmetic([entry for row in rows for entry in row])
    columns = [numbers[i::n] for i in range(n)]
    kinds: dict[Any, int] = {}
    products = np.zeros((n, n), dtype=np.int64)
    for i, x in enumerate(columns):
        for j, y in enumerate(columns[: i + 1]):
            dot = sum((a * b for a, b in zip(x[1:], y[1:], strict=True)), x[0] * y[0])
            dot = sympy.expand(dot) if isinstance(dot, sympy.Basic) else dot
            products[i, j] = products[j, i] = kinds.setdefault(dot, len(kinds))
    square = next(iter(kinds))
    return Gram(tuple(to_expressions([dot / square for dot in kinds])), products)
