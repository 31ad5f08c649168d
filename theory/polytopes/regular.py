r"""Regular polytopes: any flag of vertex, edge, face, ... can be moved to any other.

The vertices of the d-simplex are those of the standard one, :math:`e_1, \dots, e_{d+1}`, moved into
d dimensions: :math:`e_1, \dots, e_d` and :math:`a(1, \dots, 1)` have equal distances for
:math:`a = (1 - \sqrt{d+1})/d`, and their centre is :math:`(1 + a)/(d + 1)` times
:math:`(1, \dots, 1)`.

The single vector stands here too, as the simplex without a second vertex.
"""

from functools import partial
from itertools import product
from math import factorial
from typing import Any

import numpy as np
import sympy

from .orbits import as_rows, cyclic, permuted_evenly, signed_pairs, signs, tight_shape
from .shapes import Gram, Polytope

__all__ = [
    "COXETER",
    "GOLDEN",
    "cell_24",
    "cell_600",
    "cube",
    "digon",
    "dodecahedron",
    "icosahedron",
    "polygon",
    "simplex",
    "single",
]

COXETER = "H. S. M. Coxeter, Regular Polytopes, 3rd ed., 1973"
GOLDEN = (1 + sympy.sqrt(5)) / 2
_POLYGONS = {3: "triangle", 5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon"}
_CUBES = {3: "cube", 4: "tesseract"}


def single() -> Polytope:
    """Return the single vector, of a feature with a dimension of its own."""
    return tight_shape("single", "arXiv 2209.10652", (1, 1), 1, lambda: as_rows([(1,)]))


def digon() -> Polytope:
    """Return an antipodal pair."""
    return tight_shape("digon", "arXiv 2209.10652", (1, 2), 2, lambda: as_rows([(1,), (-1,)]))


def polygon(k: int) -> Polytope:
    """Return the regular k-gon, k = 3 or at least 5 (the square is a product of digons)."""
    key = _POLYGONS.get(k, f"{k}-gon")
    make, gram = partial(_polygon, k), partial(_polygon_gram, k)
    return tight_shape(key, COXETER, (2, k), 2 * k, make, closed_gram=gram)


def _polygon(k: int) -> list[list[Any]]:
    angles = [2 * sympy.pi * j / k for j in range(k)]
    return as_rows([(sympy.cos(angle), sympy.sin(angle)) for angle in angles])


def _polygon_gram(k: int) -> Gram:
    cosines = [sympy.cos(2 * sympy.pi * j / k) for j in range(k // 2 + 1)]
    steps = abs(np.subtract.outer(np.arange(k), np.arange(k)))
    return Gram(tuple(cosines), np.minimum(steps, k - steps))


def simplex(d: int) -> Polytope:
    """Return the regular simplex in d dimensions, d at least 3."""
    key = "tetrahedron" if d == 3 else f"simplex-{d}"
    return tight_shape(key, COXETER, (d, d + 1), factorial(d + 1), partial(_simplex, d))


def _simplex(d: int) -> list[list[Any]]:
    last = (1 - sympy.sqrt(d + 1)) / d
    centre = (1 + last) / (d + 1)
    corners = [[int(i == j) - centre for i in range(d)] for j in range(d)]
    return as_rows([*corners, [last - centre] * d])


def cube(d: int) -> Polytope:
    """Return the cube in d dimensions, d at least 3."""
    key = _CUBES.get(d, f"cube-{d}")
    order = 2**d * factorial(d)
    return tight_shape(key, COXETER, (d, 2**d), order, lambda: as_rows(signs(d)))


def icosahedron() -> Polytope:
    """Return the icosahedron: 12 charges at their least Coulomb energy."""
    source = f"{COXETER}; universally optimal: Cohn and Kumar, arXiv math/0607446"
    return tight_shape("icosahedron", source, (3, 12), 120, _icosahedron)


def _icosahedron() -> list[list[Any]]:
    return as_rows(cyclic(product((0,), (1, -1), (GOLDEN, -GOLDEN))))


def dodecahedron() -> Polytope:
    """Return the dodecahedron."""
    return tight_shape("dodecahedron", COXETER, (3, 20), 120, _dodecahedron)


def _dodecahedron() -> list[list[Any]]:
    short = GOLDEN - 1
    return as_rows([*signs(3), *cyclic(product((0,), (short, -short), (GOLDEN, -GOLDEN)))])


def cell_24() -> Polytope:
    """Return the 24-cell, the roots of D4, with the kissing number of four dimensions."""
    return tight_shape("24-cell", COXETER, (4, 24), 1152, lambda: as_rows(signed_pairs(4)))


def cell_600() -> Polytope:
    """Return the 600-cell."""
    source = f"{COXETER}; universally optimal: Cohn and Kumar, arXiv math/0607446"
    return tight_shape("600-cell", source, (4, 120), 14400, _cell_600)


def _cell_600() -> list[list[Any]]:
    axes = [[2 * a * int(i == j) for j in range(4)] for i in range(4) for a in (1, -1)]
    golden = [(a * GOLDEN, b, c * (GOLDEN - 1), 0) for a, b, c in signs(3)]
    return as_rows([*axes, *signs(4), *permuted_evenly(golden)])
