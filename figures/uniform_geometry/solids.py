"""Vectors of the plane, and of space in perspective, with edges of their polytope (F16, F17).

In space the third coordinate points up; the eye is a little above the plane of the other two.
"""

from collections.abc import Sequence
from math import cos, radians, sin, sqrt
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle
from numpy.typing import NDArray

from theory.polytopes.catalogue import polytope

from ..learned_geometry_blocks import hull_edges
from ..learned_geometry_views import perspective

__all__ = ["plot_vectors", "shape_edges"]

Array = NDArray[np.float64]

_REACH = 1.3
_AZIMUTH, _ELEVATION = radians(12), radians(17)
_VIEW = np.array(
    [
        [cos(_AZIMUTH), -sin(_AZIMUTH), 0],
        [sin(_ELEVATION) * sin(_AZIMUTH), sin(_ELEVATION) * cos(_AZIMUTH), cos(_ELEVATION)],
        [-cos(_ELEVATION) * sin(_AZIMUTH), -cos(_ELEVATION) * cos(_AZIMUTH), sin(_ELEVATION)],
    ]
)
"""Right, up, towards the eye."""


def shape_edges(key: str) -> list[tuple[int, int]]:
    """Return the edges of a shape of the catalogue in two or three dimensions."""
    V = polytope(key).array()
    if len(V) == 3:
        return hull_edges(V)
    order = np.argsort(np.arctan2(V[1], V[0]))
    return [(int(i), int(j)) for i, j in zip(order, np.roll(order, -1), strict=True)]


def plot_vectors(
    W: Array, edges: Sequence[tuple[int, int]], colors: Sequence[Any], *, ax: Axes
) -> Array:
    """Draw the columns of weights (2 or 3, n) as points with edges between them.

    Returns
    -------
    array
        Where the points are in the picture, (2, n).
    """
    space = len(W) == 3
    x = _VIEW @ W if space else W
    points, depth = perspective(x, 1.3) if space else (x, np.ones(W.shape[1]))
    for front in (False, True):
        seen = [pair for pair in edges if (depth[list(pair)].mean() >= 0) == front]
        ax.add_collection(
            LineCollection(
                [points[:, list(pair)].T for pair in seen],
                colors="0.25" if front else "0.6",
                linewidths=1.2 if front else 0.9,
                linestyles="solid" if front else "dashed",
                zorder=4 if front else 2,
            )
        )
        at = [k for k in range(W.shape[1]) if (depth[k] >= 0) == front]
        for k in at:
            ax.plot(
                *np.array([(0, 0), points[:, k]]).T,
                color=colors[k],
                lw=1.6,
                alpha=0.55 if front else 0.35,
                zorder=3 if front else 1.5,
            )
        ax.scatter(
            points[0, at],
            points[1, at],
            s=46 if front else 32,
            c=[colors[k] for k in at],
            edgecolors="black" if front else "0.45",
            linewidths=0.6,
            zorder=5 if front else 2.5,
        )
    outline = 5.2 / sqrt(5.2**2 - 1) if space else 1.0
    ax.add_patch(Circle((0, 0), outline, fc="0.97", ec="0.75", lw=0.8, zorder=0))
    ax.set(xlim=(-_REACH, _REACH), ylim=(-_REACH, _REACH), aspect="equal", xticks=[], yticks=[])
    ax.set_frame_on(False)
    return points
