"""Neurons as stacks of bars: how much of each feature a neuron holds (arXiv 2209.10652, F30)."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from numerics.neuron_blocks import USED

__all__ = ["FEATURE_COLORS", "overlap_colors", "plot_stacks", "plot_weights", "sorted_neurons"]

FEATURE_COLORS = tuple(mpl.colormaps["tab10"](k / 10 + 0.05) for k in range(10))
_VISIBLE = 0.05  # weights below it are not drawn

Array = NDArray[np.float64]


def overlap_colors(W: Array) -> list[Any]:
    """Return viridis colours of features by Σ_{j≠i} (Ŵ_i·W_j)², 0 dark to 1 light."""
    norms = np.maximum(np.linalg.norm(W, axis=0), 1e-9)
    couplings = (W / norms).T @ W
    np.fill_diagonal(couplings, 0.0)
    overlap = (couplings**2).sum(1)
    return [mpl.colormaps["viridis"](float(min(1.0, one))) for one in overlap]


def sorted_neurons(W: Array) -> Array:
    """Return weights with neurons ordered by the most important feature they hold."""
    used = np.abs(W) >= USED
    first = np.where(used.any(1), used.argmax(1), W.shape[1])
    shared = used.sum(1) > 1
    return W[np.lexsort((-np.abs(W).max(1), first, shared))]


def plot_stacks(
    ax: Axes, W: Array, colors: Sequence[Any], *, labels: bool = False, title: str = ""
) -> None:
    """Draw |w| of each feature as bars on each neuron, negative weights below the axis."""
    for neuron, row in enumerate(W):
        heights = {1: 0.0, -1: 0.0}
        for feature, weight in enumerate(row):
            if abs(weight) < _VISIBLE:
                continue
            sign = 1 if weight > 0 else -1
            ax.bar(
                neuron,
                weight,
                bottom=heights[sign],
                width=0.8,
                color=colors[feature],
                edgecolor="white",
                linewidth=0.6,
            )
            if labels and abs(weight) > 0.2:
                ax.text(
                    neuron,
                    heights[sign] + weight / 2,
                    str(feature),
                    ha="center",
                    va="center",
                    color="white" if sum(colors[feature][:3]) < 1.8 else "black",
                    fontsize=6.5,
                )
            heights[sign] += weight
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set_xticks(range(len(W)))
    ax.set_title(title)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def plot_weights(ax: Axes, W: Array, limit: float = 1.2) -> Any:
    """Draw W as a picture, neurons × features, blue negative and red positive."""
    image = ax.imshow(W, cmap="coolwarm", vmin=-limit, vmax=limit, aspect="auto")
    ax.set_xticks(range(0, W.shape[1], 3))
    ax.set_yticks(range(len(W)))
    return image
