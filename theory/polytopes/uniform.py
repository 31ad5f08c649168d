r"""Uniform shapes that are not regular: all vertices alike, but not all faces.

* The *snub cube* has the rotations of the cube and no reflection.  With the real root t of
  :math:`t^3 = t^2 + t + 1` its vertices are the permutations of :math:`(\pm1, \pm1/t, \pm t)` whose
  parity is that of their minus signs.
* The *rectified 5-cell* has the midpoints of the edges of the simplex, :math:`s_i + s_j`: ten
  vectors with cosines 1/6 and -2/3, the Petersen code.
* The *duoprism* pairs the vertices of two triangles, :math:`(a, b)`.
"""

from itertools import combinations, permutations, product
from typing import Any

import sympy

from .orbits import as_rows, cyclic, parity, signed_pairs, signs, tight_shape
from .regular import COXETER, GOLDEN, polygon, simplex
from .shapes import Polytope

__all__ = ["cuboctahedron", "duoprism", "icosidodecahedron", "rectified_simplex", "snub_cube"]

_UNIFORM = "H. S. M. Coxeter, M. S. Longuet-Higgins and J. C. P. Miller, Uniform polyhedra, 1954"


def cuboctahedron() -> Polytope:
    """Return the cuboctahedron, the roots of A3."""
    return tight_shape("cuboctahedron", _UNIFORM, (3, 12), 48, lambda: as_rows(signed_pairs(3)))


def icosidodecahedron() -> Polytope:
    """Return the icosidodecahedron, the midpoints of the edges of the icosahedron."""
    return tight_shape("icosidodecahedron", _UNIFORM, (3, 30), 120, _icosidodecahedron)


def _icosidodecahedron() -> list[list[Any]]:
    long = [(2 * GOLDEN, 0, 0), (-2 * GOLDEN, 0, 0)]
    mixed = [(a, b * GOLDEN, c * GOLDEN**2) for a, b, c in signs(3)]
    return as_rows(cyclic([*long, *mixed]))


def snub_cube() -> Polytope:
    """Return the uniform snub cube, the best packing of 24 points (R. M. Robinson 1961)."""
    return tight_shape("snub-cube", _UNIFORM, (3, 24), 24, _snub_cube)


def _snub_cube() -> list[list[Any]]:
    t = sympy.CRootOf(sympy.Poly([1, -1, -1, -1], sympy.Symbol("t")), 0)
    return as_rows(
        [
            [(a, b, c)[k] * (t, 1, t * t)[k] for k in order]
            for order in permutations(range(3))
            for a, b, c in signs(3)
            if (a * b * c < 0) == parity(order)
        ]
    )


def rectified_simplex() -> Polytope:
    """Return the rectified 5-cell: ten vectors, optimal and unique as a code."""
    source = f"{COXETER}; optimal: Bachoc and Vallentin, arXiv 0708.3947"
    return tight_shape("rectified-5-cell", source, (4, 10), 120, _rectified_simplex)


def _rectified_simplex() -> list[list[Any]]:
    corners = zip(*simplex(4).directions(), strict=True)
    return as_rows(
        [[x + y for x, y in zip(*pair, strict=True)] for pair in combinations(corners, 2)]
    )


def duoprism() -> Polytope:
    """Return the 3-3 duoprism."""
    return tight_shape("duoprism-3-3", COXETER, (4, 9), 72, _duoprism)


def _duoprism() -> list[list[Any]]:
    corners = list(zip(*polygon(3).directions(), strict=True))
    return as_rows([(*a, *b) for a, b in product(corners, corners)])
