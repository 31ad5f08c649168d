"""Neurons as rows of a matrix, and as stacks of weights (arXiv 2209.10652, F29 to F35)."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike, NDArray

from numerics.neuron_blocks import USED
from theory.capacity import superposition

from .matrices import draw_matrix

__all__ = ["draw_stacks", "draw_weights", "overlap_colors", "ranked_colors", "sorted_neurons"]

_WIDTH = 0.86
_VISIBLE, _EDGED = 0.004, 0.03  # of the largest weight: pieces drawn, pieces with an edge

Array = NDArray[np.float64]


def ranked_colors(n: int) -> Array:
    """Return a colour for each of n features (n, 4), the first dark."""
    return np.asarray(mpl.colormaps["viridis"](np.linspace(0.0, 0.92, n)))


def overlap_colors(W: Array) -> Array:
    """Return a colour for each feature (n, 4) by Σ_{j≠i} (Ŵ_i·W_j)², 0 dark to 1 light."""
    return np.asarray(mpl.colormaps["viridis"](np.minimum(superposition(W), 1.0)))


def sorted_neurons(W: Array) -> Array:
    """Return weights with neurons ordered by the most important feature they hold."""
    used = np.abs(W) >= USED
    first = np.where(used.any(1), used.argmax(1), W.shape[1])
    shared = used.sum(1) > 1
    return W[np.lexsort((-np.abs(W).max(1), first, shared))]


def draw_weights(ax: Axes, W: Array, reach: float = 1.2) -> AxesImage:
    """Draw weights (m, n) as a matrix, neurons × features."""
    image = draw_matrix(ax, W, reach, stretched=True)
    ax.set_xticks(range(0, W.shape[1], 3))
    ax.set_yticks(range(len(W)))
    return image


def draw_stacks(
    ax: Axes,
    weights: NDArray[Any],
    colors: ArrayLike,
    *,
    least: float = 0.0,
    labelled: float = np.inf,
    edge: float = 0.25,
) -> None:
    """Draw rows of weights (m, n) as bars, negative ones downwards, large pieces near the axis.

    Parameters
    ----------
    colors
        One for each feature (n, 4), or one for each piece (m, n, 4).
    least
        Smaller weights are left out, as are those below 0.4 % of the largest.
    labelled
        Height from which a piece bears the number of its feature.
    edge
        Width of the white edges, in points.
    """
    shades = np.broadcast_to(colors, (*weights.shape, 4))
    largest = float(np.abs(weights).max())
    least = max(least, _VISIBLE * largest)
    corners, fills, edges = [], [], []
    for k, row in enumerate(weights):
        tops = {1: 0.0, -1: 0.0}
        left, right = k - _WIDTH / 2, k + _WIDTH / 2
        for i in np.argsort(-np.abs(row), kind="stable"):
            value = float(row[i])
            if abs(value) < least:
                break
            side = 1 if value > 0 else -1
            low, high = tops[side], tops[side] + value
            corners.append([(left, low), (right, low), (right, high), (left, high)])
            fills.append(shades[k, i])
            edges.append(edge if abs(value) > _EDGED * largest else 0.0)
            if abs(value) >= labelled:
                dark = np.dot(shades[k, i][:3], (0.3, 0.59, 0.11)) < 0.5
                ax.text(
                    k,
                    low + value / 2,
                    str(i),
                    ha="center",
                    va="center",
                    fontsize=6.5,
                    color="white" if dark else "black",
                )
            tops[side] = high
    ax.add_collection(
        PolyCollection(corners, facecolors=fills, edgecolors="white", linewidths=edges)
    )
    ax.axhline(0, color="black", lw=0.6)
    ax.autoscale_view()
    ax.set(xlim=(-0.6, len(weights) - 0.4))
    ax.tick_params(axis="x", length=0)
