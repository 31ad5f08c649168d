r"""Blocks of features that share a few dimensions, and the ways to fill m dimensions with them.

At a minimum features often split into mutually orthogonal groups, each a regular polytope of unit
vectors (arXiv 2209.10652, "The Geometry of Superposition"): k features in d dimensions,

=================  ===  ===  ==========================================================
block               k    d   vertices
=================  ===  ===  ==========================================================
dedicated           1    1   one axis
digon               2    1   an axis and its opposite
triangle            3    2
tetrahedron         4    3
pentagon            5    2
square antiprism    8    3   heights ±z, z = 0.56, the squares turned by 45°
simplex d          d+1   d   cosines −1/d
polygon k           k    2
=================  ===  ===  ==========================================================

A block stores :math:`k - d` features more than it has dimensions.  A *packing* of n features in m
dimensions takes blocks with :math:`\sum d = m` and :math:`\sum (k - d) \le n - m`, dedicated
features filling what is left; the other features are dropped.  There are too many packings to list
for large m; the ones given here, in this order, are: nothing superposed; one kind of block, as
often as it fits; one kind as often as it fits and a second in the rest; one kind half or quarter
as often, and such mixtures with a second kind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from math import cos, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["Block", "Packing", "packings", "polygon", "simplex"]

Array = NDArray[np.float64]
_ANTIPRISM_HEIGHT = 0.56


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Unit vectors (d, k), one column for each feature, by name."""

    name: str
    vertices: Array

    @property
    def excess(self) -> int:
        """Features stored beyond the number of dimensions."""
        return len(self.vertices[0]) - len(self.vertices)


def polygon(k: int) -> Array:
    """Return the regular k-gon (2, k)."""
    angles = 2 * pi * np.arange(k) / k
    return np.stack([np.cos(angles), np.sin(angles)])


def simplex(d: int) -> Array:
    """Return the regular simplex (d, d + 1): unit columns with cosines −1/d."""
    W = np.eye(1, d + 1)
    for row in range(1, d):
        W = np.concatenate([W, np.zeros((1, d + 1))])
        W[row - 1, row:] = -1 / (d - row + 1) * W[row - 1, row - 1]
        W[row, row] = sqrt(1 - (W[:row, row] ** 2).sum())
    W[d - 1, d] = -W[d - 1, d - 1]
    return W


def _antiprism() -> Array:
    z = _ANTIPRISM_HEIGHT
    flat = sqrt(1 - z * z)
    turns = [(pi / 2 * i + pi / 4 * side, side) for side in (0, 1) for i in range(4)]
    return np.array([[flat * cos(a), flat * sin(a), z * (1 - 2 * side)] for a, side in turns]).T


DEDICATED = Block("dedicated", np.eye(1))


@cache
def _kinds(n: int, m: int) -> tuple[Block, ...]:
    """Return the blocks a packing can have, dedicated ones aside; a square is two digons."""
    kinds = [
        Block("digon", simplex(1)),
        Block("triangle", simplex(2)),
        Block("tetrahedron", simplex(3)),
        Block("pentagon", polygon(5)),
        Block("square antiprism", _antiprism()),
    ]
    if m > 3:
        kinds.append(Block(f"simplex {m}", simplex(m)))
    if m == 2 and n not in (2, 3, 4, 5):
        kinds.append(Block(f"polygon {n}", polygon(n)))
    return tuple(k for k in kinds if len(k.vertices) <= m and k.excess <= n - m)


@dataclass(frozen=True, slots=True, eq=False)
class Packing:
    """Blocks that fill m dimensions, the dedicated ones first."""

    features: int
    hidden: int
    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        """The blocks with their numbers, as ``2 dedicated + 3 digon``."""
        names = [block.name for block in self.blocks]
        return " + ".join(f"{names.count(one)} {one}" for one in dict.fromkeys(names))

    def weights(self, order: Sequence[int]) -> Array:
        """Return W (m, n); the features fill the blocks in the given order, the rest stay 0."""
        W = np.zeros((self.hidden, self.features))
        row = first = 0
        for block in self.blocks:
            d, k = block.vertices.shape
            W[row : row + d, list(order[first : first + k])] = block.vertices
            row, first = row + d, first + k
        return W


def _most(kind: Block, dimensions: int, excess: int) -> int:
    return min(dimensions // len(kind.vertices), excess // kind.excess)


def _chosen(n: int, m: int) -> Iterator[list[Block]]:
    """Yield the superposed blocks of each packing, some of them twice."""
    kinds = _kinds(n, m)

    def rest(blocks: list[Block]) -> tuple[int, int]:
        return m - sum(len(b.vertices) for b in blocks), n - m - sum(b.excess for b in blocks)

    yield []
    for share in (1.0, 0.5, 0.25, 0.75):
        for kind in kinds:
            yield [kind] * int(share * _most(kind, m, n - m))
        for kind in kinds:
            blocks = [kind] * int(share * _most(kind, m, n - m))
            for second in kinds:
                if second is not kind:
                    yield blocks + [second] * _most(second, *rest(blocks))
    if m <= 6:  # few enough: one more block of every kind at a time
        for kind in kinds:
            for count in range(1, _most(kind, m, n - m) + 1):
                for second in kinds:
                    blocks = [kind] * count
                    for more in range(_most(second, *rest(blocks)) + 1):
                        yield blocks + [second] * more


def _distinct(n: int, m: int) -> Iterator[Packing]:
    seen = set()
    for blocks in _chosen(n, m):
        ordered = sorted(blocks, key=lambda block: (block.excess, len(block.vertices)))
        key = tuple(block.name for block in ordered)
        if key not in seen:
            seen.add(key)
            free = m - sum(len(block.vertices) for block in ordered)
            yield Packing(n, m, (DEDICATED,) * free + tuple(ordered))


def packings(n: int, m: int, limit: int) -> list[Packing]:
    """Return packings of n features in m dimensions, the plainest first, at most ``limit``.

    Examples
    --------
    >>> [packing.name for packing in packings(5, 2, 10)]
    ['2 dedicated', '2 digon', '1 triangle', '1 pentagon', '1 dedicated + 1 digon']
    """
    if not 1 <= m <= n:
        raise ValueError(f"{n} features do not fill {m} dimensions; give features ≥ dimensions ≥ 1")
    return list(islice(_distinct(n, m), limit))
