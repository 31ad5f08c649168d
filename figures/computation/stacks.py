"""Neurons as stacks of weights: positive ones above the axis, negative ones below."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from numpy.typing import NDArray

__all__ = ["draw_stacks", "feature_colors"]

Array = NDArray[Any]

_WIDTH = 0.86
_VISIBLE, _EDGED = 0.004, 0.03  # of the largest weight: pieces drawn, pieces with an edge


def feature_colors(n: int) -> Array:
    """Return a colour for each of n features, the first dark."""
    return np.asarray(mpl.colormaps["viridis"](np.linspace(0.0, 0.92, n)))


def draw_stacks(
    ax: Axes, weights: Array, colors: Array, *, labelled: float = np.inf, edge: float = 0.25
) -> None:
    """Draw rows of weights (m, n) as bars, the largest pieces nearest to the axis.

    Parameters
    ----------
    colors
        One for each piece: (m, n, 4).
    labelled
        Height from which a piece bears the number of its feature.
    edge
        Width of the white edges.
    """
    largest = np.abs(weights).max()
    corners, fills, edges = [], [], []
    for k, row in enumerate(weights):
        tops = {1: 0.0, -1: 0.0}
        left, right = k - _WIDTH / 2, k + _WIDTH / 2
        for i in np.argsort(-np.abs(row), kind="stable"):
            value = float(row[i])
            if abs(value) < _VISIBLE * largest:
                break
            side = 1 if value > 0 else -1
            low, high = tops[side], tops[side] + value
            corners.append([(left, low), (right, low), (right, high), (left, high)])
            fills.append(colors[k, i])
            edges.append(edge if abs(value) > _EDGED * largest else 0.0)
            if abs(value) >= labelled:
                dark = np.dot(colors[k, i][:3], (0.3, 0.59, 0.11)) < 0.5
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
