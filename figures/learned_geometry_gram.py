r"""The matrix :math:`W^\top W`, features in the order of their blocks (arXiv 2209.10652, F17).

Blocks come as they do in the geometry, the largest dimension first, so orthogonal blocks are
squares on the diagonal.  Dropped features come last, or are left out where they are more than the
represented ones; the title says so.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from numerics.geometry.learned import LearnedGeometry

from .learned_geometry_blocks import counted, counted_blocks, require_weights, runs
from .style import geometry_color, paper_style

__all__ = ["gram_heat_map", "shown_features"]

Array = NDArray[np.float64]

_SIDE = 5.2  # inches of the matrix
_LINE = 0.14  # inches of a label's height
_BORDER = 0.12  # of a feature's width
_NUMBERED = 40  # features with their numbers on the axis


def shown_features(found: LearnedGeometry) -> list[int]:
    """Return features in the order they are drawn: block by block, dropped ones last or not."""
    ordered = [int(i) for block in found.blocks for i in block.features]
    return ordered + list(found.dropped) * (len(found.dropped) <= len(ordered))


def _title(found: LearnedGeometry, shown: int) -> str:
    dropped = len(found.dropped)
    title = f"WᵀW, {len(found.represented)} features in {counted_blocks(found)}"
    if dropped:
        place = "left out" if shown == len(found.represented) else "last"
        title += f"; {dropped} dropped one{'s' * (dropped > 1)} {place}"
    return title


def _borders(ax: Axes, found: LearnedGeometry, shown: int) -> None:
    """Outline each block in its colour."""
    start = 0
    frames, colors = [], []
    for block in found.blocks:
        side = len(block.features)
        frames.append(Rectangle((start - 0.5, start - 0.5), side, side))
        colors.append(geometry_color(block.name))
        start += side
    width = min(1.8, _BORDER * 72 * _SIDE / shown)
    ax.add_collection(
        PatchCollection(frames, facecolors="none", edgecolors=colors, linewidths=width)
    )


def _names(ax: Axes, found: LearnedGeometry, shown: int) -> None:
    """Name the runs of blocks on the left where they fit, and features above if there are few."""
    spans = [(counted(name, count), start, end) for name, count, start, end in runs(found)]
    kept = len(found.represented)
    if shown > kept:
        spans.append(("dropped", kept, shown))
    fit = [each for each in spans if (each[2] - each[1]) * _SIDE / shown >= _LINE]
    ax.set_yticks([(start + end - 1) / 2 for _, start, end in fit], [name for name, _, _ in fit])
    ax.tick_params(length=0)
    ax.xaxis.tick_top()
    ax.set_xticks([])
    if shown <= _NUMBERED:
        features = shown_features(found)
        ax.set_xticks(range(shown), list(map(str, features)), fontsize=8 if shown <= 20 else 6)
        ax.set_xlabel("feature")
        ax.xaxis.set_label_position("top")


def gram_heat_map(W: Array, found: LearnedGeometry) -> Figure:
    """Draw the Gram matrix of weights (m, n), block by block of the geometry found in them."""
    require_weights(W, found)
    order = shown_features(found)
    gram = W[:, order].T @ W[:, order]
    reach = float(np.abs(gram).max())
    with paper_style():
        figure = Figure(figsize=(_SIDE + 2.2, _SIDE + 0.9), layout="constrained")
        ax = figure.subplots()
        image = ax.imshow(
            gram, cmap="RdBu_r", vmin=-reach, vmax=reach, interpolation="nearest", aspect="equal"
        )
        _borders(ax, found, len(order))
        _names(ax, found, len(order))
        ax.set_title(_title(found, len(order)))
        figure.colorbar(image, ax=ax, shrink=0.7, label=r"$W_i \cdot W_j$")
    return figure
