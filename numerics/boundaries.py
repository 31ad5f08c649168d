r"""Where phases change on a grid: boundary points of the optimum, of trained models, of the theory.

Every cell carries a *set* of phases (ties, closed under symmetries).  Between neighbouring cells
whose sets are disjoint there is a boundary; for the optimum its place on the edge is then bisected
by descent, for trained models it is the midpoint.  A cell whose set meets the sets of two opposite
neighbours that are disjoint from each other, as at r = 1, is itself a boundary point.

All points are :math:`(\log_{10} p, \log_{10} r)`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from theory.phases import Phase

from .optimum import Optimum, improve, search
from .plane import PlaneSpec

__all__ = ["Edge", "bisected", "crossings", "distance_to", "midpoints"]

Array = NDArray[np.float64]
Phases = frozenset[Phase]
_HALVINGS = 6
_RANDOM_STARTS = 4


class Edge(NamedTuple):
    """Two neighbouring cells (row, column) with different phases."""

    first: tuple[int, int]
    second: tuple[int, int]


def crossings(sets: Sequence[Sequence[Phases]]) -> tuple[list[Edge], list[tuple[int, int]]]:
    """Return the edges across which the phase changes, and the tied cells in between two phases."""
    rows, columns = len(sets), len(sets[0])
    edges, tied = [], set()
    for i in range(rows):
        for j in range(columns):
            for di, dj in ((1, 0), (0, 1)):
                if i + di < rows and j + dj < columns and not sets[i][j] & sets[i + di][j + dj]:
                    edges.append(Edge((i, j), (i + di, j + dj)))
                inside = i >= di and j >= dj and i + di < rows and j + dj < columns
                if inside:
                    before, here, after = sets[i - di][j - dj], sets[i][j], sets[i + di][j + dj]
                    if before & here and here & after and not before & after:
                        tied.add((i, j))
    return edges, sorted(tied)


def _coordinates(spec: PlaneSpec, cell: tuple[int, int]) -> Array:
    return np.log10([spec.density[cell[0]], spec.importance[cell[1]]])


def midpoints(spec: PlaneSpec, sets: Sequence[Sequence[Phases]]) -> Array:
    """Return boundary points at the grid's own resolution, (points, 2)."""
    edges, tied = crossings(sets)
    points = [(_coordinates(spec, e.first) + _coordinates(spec, e.second)) / 2 for e in edges]
    points += [_coordinates(spec, cell) for cell in tied]
    return np.array(points).reshape(-1, 2)


def bisected(spec: PlaneSpec, optima: Sequence[Sequence[Optimum]]) -> Array:
    """Return boundary points of the optimum, each edge halved six times, (points, 2)."""
    edges, tied = crossings([[o.ties for o in row] for row in optima])
    ends = [[optima[i][j] for i, j in edge] for edge in edges]
    places = [[_coordinates(spec, cell) for cell in edge] for edge in edges]
    for _ in range(_HALVINGS if edges else 0):
        middles = [(a + b) / 2 for a, b in places]
        problems = [spec.at(float(10 ** x[0]), float(10 ** x[1])) for x in middles]
        found = improve(
            search(problems, starts=_RANDOM_STARTS, seed=spec.seed),
            [(np.stack([a.W, b.W]), np.stack([a.b, b.b])) for a, b in ends],
        )
        for k, (middle, new) in enumerate(zip(middles, found, strict=True)):
            side = 0 if new.ties & ends[k][0].ties else 1
            ends[k][side], places[k][side] = new, middle
    points = [(a + b) / 2 for a, b in places] + [_coordinates(spec, cell) for cell in tied]
    return np.array(points).reshape(-1, 2)


def distance_to(points: Array, curve: Array) -> Array:
    """Return the distance of each point (k, 2) to the nearest of ``curve`` (c, 2); nan if none."""
    if not len(curve):
        return np.full(len(points), np.nan)
    return np.asarray(np.sqrt(((points[:, None] - curve[None]) ** 2).sum(-1)).min(1))
