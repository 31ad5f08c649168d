r"""Orbits of a point under permutations and signs of its coordinates, and tight shapes.

A group that acts irreducibly makes its orbits tight frames: the frame operator
:math:`F = \sum_i w_i w_i^\top` commutes with it, so F is a multiple of the identity (Schur), and
its trace N gives :math:`F = (N/d)\,1` and :math:`D_i = d/N`.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations, permutations, product
from typing import Any

import sympy

from .shapes import Directions, Polytope

__all__ = [
    "as_rows",
    "cyclic",
    "parity",
    "permuted_evenly",
    "signed_pairs",
    "signs",
    "tight_shape",
]


def as_rows(columns: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Return points as the rows of the matrix that has them as columns."""
    return [[sympy.expand(entry) for entry in row] for row in zip(*columns, strict=True)]


def signs(d: int, *, even: bool = False) -> list[tuple[int, ...]]:
    """Return the points (±1, ..., ±1), or those with an even number of minus signs."""
    return [point for point in product((1, -1), repeat=d) if not even or sum(point) % 4 == d % 4]


def signed_pairs(d: int) -> list[tuple[int, ...]]:
    """Return the permutations of (±1, ±1, 0, ..., 0): the roots of D_d."""
    return [
        tuple(a * (k == i) + b * (k == j) for k in range(d))
        for i, j in combinations(range(d), 2)
        for a, b in signs(2)
    ]


def cyclic(points: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Return the points in space with their coordinates permuted cyclically."""
    return [(*point[k:], *point[:k]) for point in points for k in range(3)]


def parity(order: Sequence[int]) -> int:
    """Return 0 for an even permutation and 1 for an odd one."""
    return sum(a > b for a, b in combinations(order, 2)) % 2


def permuted_evenly(points: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Return the points with their coordinates permuted by all even permutations."""
    return [
        tuple(point[k] for k in order)
        for point in points
        for order in permutations(range(len(point)))
        if parity(order) == 0
    ]


def tight_shape(
    key: str,
    source: str,
    size: tuple[int, int],
    order: int,
    directions: Directions,
    **more: Any,
) -> Polytope:
    """Return a tight shape of equal norms, of ``size`` (dimension, number of vertices)."""
    d, n = size
    return Polytope(
        key=key,
        source=source,
        dimension=d,
        vertices=n,
        order=order,
        tight=True,
        dimensionalities=((sympy.Rational(d, n), n),),
        directions=directions,
        **more,
    )
