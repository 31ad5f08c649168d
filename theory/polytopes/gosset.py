r"""The root system E8 and shapes inside it, all of them sharp codes, and two sets of lines.

The 240 roots of E8 are the permutations of :math:`(\pm1, \pm1, 0^6)` and the
:math:`(\pm\frac12)^8` with an even number of minus signs.  The neighbours of a vertex, projected
off it, are its *vertex figure*:

* 3_21 is that of E8 at the root :math:`e_7 + e_8`.  In the coordinates
  :math:`e_1, \dots, e_6, (e_7 - e_8)/\sqrt2` its 56 vectors are :math:`(\pm e_i, \pm1/\sqrt2)` and
  :math:`((\pm\frac12)^6, 0)` with an even number of minus signs.
* 2_21 is that of 3_21, or the projection of E8 off two roots at 60°.  In
  :math:`e_1, \dots, e_5, (e_6 + e_7 + e_8)/\sqrt3` up to signs its 27 vectors are
  :math:`(0, 2/\sqrt3)`, :math:`(\pm e_i, -1/\sqrt3)` and :math:`((\pm\frac12)^5, 1/(2\sqrt3))`
  with an even number of minus signs; the cosines are 1/4 and -1/2.
* The 5-demicube, every second vertex of the cube, is that of 2_21.

One vertex of each antipodal pair of the icosahedron and of 3_21 gives the equiangular tight frames
of 6 lines in 3 and 28 lines in 7 dimensions.
"""

from typing import Any

import sympy

from .orbits import as_rows, signed_pairs, signs, tight_shape
from .regular import icosahedron
from .shapes import Directions, Polytope

__all__ = ["demicube", "e8", "etf_3_6", "etf_7_28", "gosset_2_21", "gosset_3_21"]

_SHARP = (
    "H. S. M. Coxeter, Regular Polytopes, 3rd ed., 1973; universally optimal: Cohn and Kumar, "
    "arXiv math/0607446"
)
_EQUIANGULAR = "J. C. Tremain, arXiv 0811.2779"


def demicube() -> Polytope:
    """Return the 5-demicube."""
    return tight_shape("demicube-5", _SHARP, (5, 16), 1920, lambda: as_rows(signs(5, even=True)))


def gosset_2_21() -> Polytope:
    """Return 2_21, the 27 lines on a cubic surface."""
    return tight_shape("2_21", _SHARP, (6, 27), 51840, _gosset_2_21)


def _gosset_2_21() -> list[list[Any]]:
    top = [(0, 0, 0, 0, 0, 4)]
    axes = [[*axis, -2] for axis in _axes(5, 2)]
    halves = [(*point, 1) for point in signs(5, even=True)]
    *plane, height = as_rows([*top, *axes, *halves])
    return [*plane, [entry / sympy.sqrt(3) for entry in height]]


def gosset_3_21() -> Polytope:
    """Return 3_21, the 56 vectors of the lines on a surface of degree two."""
    return tight_shape("3_21", _SHARP, (7, 56), 2903040, _gosset_3_21)


def _gosset_3_21() -> list[list[Any]]:
    root = sympy.sqrt(2)
    pairs = [[*axis, sign * root] for axis in _axes(6, 2) for sign in (1, -1)]
    return as_rows([*pairs, *((*point, 0) for point in signs(6, even=True))])


def e8() -> Polytope:
    """Return the roots of E8, with the kissing number of eight dimensions."""
    return tight_shape("e8", _SHARP, (8, 240), 696729600, _e8)


def _e8() -> list[list[Any]]:
    pairs = [[2 * entry for entry in pair] for pair in signed_pairs(8)]
    return as_rows([*pairs, *signs(8, even=True)])


def etf_3_6() -> Polytope:
    """Return six equiangular lines in space; the order is that of the icosahedron."""
    directions = _halved(icosahedron())
    return tight_shape("etf-3-6", _EQUIANGULAR, (3, 6), 120, directions, up_to_sign=True)


def etf_7_28() -> Polytope:
    """Return 28 equiangular lines in seven dimensions; the order is that of 3_21."""
    directions = _halved(gosset_3_21())
    return tight_shape("etf-7-28", _EQUIANGULAR, (7, 28), 2903040, directions, up_to_sign=True)


def _axes(d: int, length: int) -> list[list[int]]:
    return [[s * length * int(i == k) for k in range(d)] for i in range(d) for s in (1, -1)]


def _halved(shape: Polytope) -> Directions:
    """Return a maker of one vertex of each antipodal pair, the first of the two."""

    def directions() -> list[list[Any]]:
        kept: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        for column in zip(*shape.directions(), strict=True):
            if column not in kept.values():
                kept[column] = tuple(sympy.expand(-entry) for entry in column)
        return as_rows(kept)

    return directions
