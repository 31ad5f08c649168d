r"""Shapes in layers: polygons at heights ±h on the unit sphere, and points between or beyond.

With layers of k points on circles of radius :math:`r = \sqrt{1 - h^2}` the frame operator is
diagonal with entries :math:`k r^2, k r^2, 2 k h^2`, so

.. math:: D = \frac{1}{k r^4 + 2 k h^4},

which is greatest, 3/(2k), for the *tight* frame at :math:`h^2 = 1/3`.  Other heights have other
merits: the *uniform* ones make all edges equal (for the antiprism the best packing of eight
points), the *Coulomb* ones minimise :math:`\sum_{i<j} 1/|w_i - w_j|`, and are roots of its
derivative in h.  Points on the equator or at the poles add 3/2, 3/2, 0 (a triangle) or 0, 0, 2
(both poles) to the frame operator.

Prisms repeat the polygon, antiprisms turn it by half a step.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import sympy

from .coulomb import coulomb_height
from .implicit_numbers import ImplicitNumber
from .orbits import as_rows
from .shapes import Polytope

__all__ = [
    "antiprism_coulomb",
    "antiprism_tight",
    "antiprism_uniform",
    "bipyramid_gyroelongated",
    "prism_tight",
    "prism_uniform",
    "tricapped_coulomb",
    "tricapped_tammes",
]

_HERE = "the height at which the frame is tight, derived in theory.polytopes.layered"
_SCHUETTE = "K. Schütte and B. L. van der Waerden 1951, best packing of {} points"
_THOMSON = "lowest known Coulomb energy of {} charges, en.wikipedia.org/wiki/Thomson_problem"
_UNIFORM = "all edges equal, derived in theory.polytopes.layered"

Rows = list[list[Any]]


_SQUARE_UNIFORM = (2 * sympy.sqrt(2) - 1) / 7


def _two_layers(k: int, height: Any, radius: Any, turn: int) -> list[tuple[Any, ...]]:
    """Return two k-gons, the lower one turned by ``turn`` half steps."""
    return [
        (radius * sympy.cos(angle), radius * sympy.sin(angle), height * (1 - 2 * side))
        for side in (0, 1)
        for angle in (sympy.pi * (2 * j + turn * side) / k for j in range(k))
    ]


def _shape(
    key: str,
    source: str,
    order: int,
    kinds: tuple[tuple[Any, int], ...],
    directions: Callable[[], Rows],
    *unknowns: ImplicitNumber,
    tight: bool = False,
) -> Polytope:
    return Polytope(
        key=key,
        source=source,
        dimension=3,
        vertices=sum(number for _, number in kinds),
        order=order,
        tight=tight,
        dimensionalities=kinds,
        directions=directions,
        unknowns=unknowns,
    )


def _share(k: int, square: Any) -> tuple[tuple[Any, int], ...]:
    """Return the dimensionality of two layers of k points at the squared height."""
    return ((sympy.radsimp(1 / sympy.expand(k * (1 - square) ** 2 + 2 * k * square**2)), 2 * k),)


def prism_uniform() -> Polytope:
    """Return the triangular prism with equal edges: h² = 3/7."""
    return _shape(
        "triangular-prism-uniform",
        _UNIFORM,
        12,
        _share(3, sympy.Rational(3, 7)),
        lambda: as_rows(_two_layers(3, sympy.sqrt(3), 2, 0)),
    )


def prism_tight() -> Polytope:
    """Return the triangular prism that is a tight frame."""
    return _shape(
        "triangular-prism-tight",
        _HERE,
        12,
        _share(3, sympy.Rational(1, 3)),
        lambda: as_rows(_two_layers(3, 1, sympy.sqrt(2), 0)),
        tight=True,
    )


def antiprism_uniform() -> Polytope:
    r"""Return the square antiprism with equal edges: :math:`r^2/\sqrt2 = 2 h^2`."""
    ratio = sympy.sqrt(sympy.radsimp(_SQUARE_UNIFORM / (1 - _SQUARE_UNIFORM)))
    return _shape(
        "square-antiprism-uniform",
        _SCHUETTE.format(8),
        16,
        _share(4, _SQUARE_UNIFORM),
        lambda: as_rows(_two_layers(4, ratio, 1, 1)),
    )


def antiprism_tight() -> Polytope:
    """Return the square antiprism that is a tight frame, with dimensionality 3/8."""
    return _shape(
        "square-antiprism-tight",
        _HERE,
        16,
        _share(4, sympy.Rational(1, 3)),
        lambda: as_rows(_two_layers(4, 1, sympy.sqrt(2), 1)),
        tight=True,
    )


def antiprism_coulomb() -> Polytope:
    """Return the square antiprism of eight charges."""
    h = sympy.Symbol("h_8", positive=True)
    directions = partial(_antiprism, h)
    height = coulomb_height(h, directions, Fraction(56, 100), Fraction(561, 1000))
    kinds = _share(4, h**2)
    return _shape("square-antiprism-coulomb", _THOMSON.format(8), 16, kinds, directions, height)


def _antiprism(h: Any) -> Rows:
    return as_rows(_two_layers(4, h, sympy.sqrt(1 - h**2), 1))


def tricapped_coulomb() -> Polytope:
    """Return the tricapped triangular prism of nine charges."""
    h = sympy.Symbol("h_9", positive=True)
    directions = partial(_tricapped, h)
    height = coulomb_height(h, directions, Fraction(703, 1000), Fraction(704, 1000))
    source = _THOMSON.format(9)
    return _shape("tricapped-prism-coulomb", source, 12, _tricapped_share(h**2), directions, height)


def tricapped_tammes() -> Polytope:
    """Return the tricapped triangular prism of the best packing: h² = 5/9, largest cosine 1/3."""
    kinds = _tricapped_share(sympy.Rational(5, 9))
    directions = partial(_tricapped, sympy.sqrt(5) / 3)
    return _shape("tricapped-prism-tammes", _SCHUETTE.format(9), 12, kinds, directions)


def _tricapped(h: Any) -> Rows:
    equator = [(-x, -y, 0) for x, y, _ in _two_layers(3, 0, 1, 0)[:3]]
    return as_rows([*_two_layers(3, h, sympy.sqrt(1 - h**2), 0), *equator])


def _tricapped_share(square: Any) -> tuple[tuple[Any, int], ...]:
    across = 3 * (1 - square) + sympy.Rational(3, 2)
    return ((1 / ((1 - square) * across + 6 * square**2), 6), (1 / across, 3))


def bipyramid_gyroelongated() -> Polytope:
    """Return the gyroelongated square bipyramid of ten charges: an antiprism and both poles."""
    h = sympy.Symbol("h_10", positive=True)
    directions = partial(_gyroelongated, h)
    height = coulomb_height(h, directions, Fraction(422, 1000), Fraction(423, 1000))
    along = 8 * h**2 + 2
    kinds = ((1 / (4 * (1 - h**2) ** 2 + h**2 * along), 8), (1 / along, 2))
    key = "gyroelongated-square-bipyramid"
    return _shape(key, _THOMSON.format(10), 16, kinds, directions, height)


def _gyroelongated(h: Any) -> Rows:
    return as_rows([*_two_layers(4, h, sympy.sqrt(1 - h**2), 1), (0, 0, 1), (0, 0, -1)])
