r"""Which features of a model interfere: a graph with edges of weight :math:`|W_i \cdot W_j|` (F15).

Features coupled more strongly than noise would are a cluster; clusters stand on a grid, the largest
first.  A cluster's features are at the first two principal coordinates of their directions, those
of a large one on a circle in the order of their angles there.  A node's area is proportional to the
feature's squared norm; features that are not stored are left out.
"""

from collections.abc import Callable, Sequence
from math import ceil, sqrt

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from numerics.geometry.separation import coupled
from theory.phases import DROPPED_NORM

__all__ = ["graph_layout", "plot_graph"]

_LEVEL = 0.05  # standard deviation of unit vectors' coordinates that counts as noise
_ROUND = 12  # features, above which a cluster is a circle
_FAINTEST = 0.1  # of the largest weight: lighter edges are left out

Array = NDArray[np.float64]


def graph_layout(W: Array) -> tuple[NDArray[np.int64], Array]:
    """Return the stored features (k,), and their places (k, 2) with a cluster in each cell."""
    norms = np.linalg.norm(W, axis=0)
    kept = np.flatnonzero(norms >= DROPPED_NORM)
    unit = W[:, kept] / norms[kept]
    groups = sorted(coupled(unit, _LEVEL), key=lambda one: (-len(one), int(one[0])))
    # a cluster takes room by the square root of its features
    sides = [max(1, ceil(sqrt(len(group) / 3))) for group in groups]
    width = max(max(sides), ceil(sqrt(sum(side**2 for side in sides))))
    taken = np.zeros((4 * width + 8, width), dtype=bool)
    places = np.zeros((len(kept), 2))
    for group, side in zip(groups, sides, strict=True):
        row, column = next(
            (r, c)
            for r in range(len(taken))
            for c in range(width - side + 1)
            if not taken[r : r + side, c : c + side].any()
        )
        taken[row : row + side, column : column + side] = True
        centre = np.array([column + side / 2, -row - side / 2])
        places[group] = centre + 0.38 * side * _inside(unit[:, group])
    return kept, places


def _inside(unit: Array) -> Array:
    """Return the places (k, 2) of a cluster's directions (m, k), within −1 and 1."""
    k = unit.shape[1]
    if k < 3:
        return np.array([[-1.0, 0.0], [1.0, 0.0]]) if k == 2 else np.zeros((1, 2))
    spot = np.linalg.svd(unit, full_matrices=False)[2][:2].T
    if k > _ROUND:
        rank = np.arctan2(spot[:, 1], spot[:, 0]).argsort().argsort()
        turn = 2 * np.pi * rank / k
        return np.column_stack([np.cos(turn), np.sin(turn)])
    return np.asarray(spot / np.abs(spot).max())


def plot_graph(W: Array, families: Sequence[str], *, ax: Axes, shade: Callable[[str], str]) -> None:
    """Draw the graph of the stored features of a model, coloured by family."""
    kept, places = graph_layout(W)
    weight = np.abs(W[:, kept].T @ W[:, kept])
    i, j = np.triu_indices(len(kept), 1)
    largest = float(weight[i, j].max(initial=0.0)) or 1.0
    heavy = weight[i, j] >= _FAINTEST * largest
    order = np.argsort(weight[i, j][heavy])
    pairs = np.column_stack([i[heavy], j[heavy]])[order]
    share = weight[i, j][heavy][order] / largest
    crowded = min(1.0, 4 * len(kept) / max(len(pairs), 1))
    ax.add_collection(
        LineCollection(
            list(places[pairs]),
            linewidths=(0.2 + 1.6 * share) * crowded,
            colors=[(0.2, 0.2, 0.2, alpha) for alpha in (0.05 + 0.9 * share**1.5) * crowded],
            zorder=1,
            rasterized=True,
        )
    )
    ax.scatter(
        places[:, 0],
        places[:, 1],
        s=min(30.0, 1600 / len(kept)) * np.clip((W[:, kept] ** 2).sum(0), 0.1, 1.5),
        c=[shade(families[k]) for k in kept],
        edgecolors="black",
        linewidths=0.4,
        zorder=2,
    )
    ax.set_aspect("equal")
    ax.set_anchor("N")
    ax.margins(0.06)
    ax.axis("off")
