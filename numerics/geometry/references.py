"""The shapes of the catalogue with k vertices in d dimensions, the ones a block can be.

The families (polygons, simplices, cubes, cross-polytopes) are asked for their member of that size.
A block that does not fall apart is no tegum product, yet products are the nearest other shapes of
some (pentagon+pentagon for the rectified 5-cell), so those of two factors stand among the
references up to :data:`MOST_FACTORED` vertices.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from theory.polytopes.catalogue import KEYS, polytope
from theory.polytopes.shapes import Polytope
from theory.polytopes.tegum import tegum_product

__all__ = ["MOST_FACTORED", "Reference", "references"]

MOST_FACTORED = 16


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A shape of the catalogue with its unit vectors (d, k)."""

    shape: Polytope
    vertices: NDArray[np.float64]


def references(k: int, d: int) -> tuple[Reference, ...]:
    """Return the shapes with k vertices in d dimensions, products of many factors left out."""
    return tuple(_reference(key) for key in _keys(k, d))


@cache
def _reference(key: str) -> Reference:
    shape = polytope(key)
    vertices = shape.array()
    vertices.flags.writeable = False  # it is shared
    return Reference(shape, vertices)


@cache
def _by_size() -> dict[tuple[int, int], tuple[str, ...]]:
    """Return the keys of the catalogue by number of vertices and dimension."""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for key in KEYS:
        shape = polytope(key)
        size = shape.vertices, shape.dimension
        found[size] = (*found.get(size, ()), key)
    return found


@cache
def _own_keys(k: int, d: int) -> tuple[str, ...]:
    """Return the keys of this size that are no products of other keys."""
    families = []
    if d == 2 and k >= 9:
        families.append(f"{k}-gon")
    if d >= 4:
        families += [f"simplex-{d}"] * (k == d + 1) + [f"cross-polytope-{d}"] * (k == 2 * d)
        families += [f"cube-{d}"] * (d >= 5 and k == 2**d)
    return (*_by_size().get((k, d), ()), *families)


@cache
def _keys(k: int, d: int) -> tuple[str, ...]:
    products = []
    if k <= MOST_FACTORED:
        for d1 in range(1, d // 2 + 1):
            for k1 in range(1, k):
                for one in _own_keys(k1, d1):
                    for other in _own_keys(k - k1, d - d1):
                        products.append(tegum_product([polytope(one), polytope(other)]).key)
    return tuple(dict.fromkeys((*_own_keys(k, d), *products)))
