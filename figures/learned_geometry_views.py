r"""Each kind of block drawn once, in coordinates of its own span (arXiv 2209.10652, F17).

Blocks of one or two dimensions are vectors from the origin, with the unit circle.  Others are
vertices and edges in perspective, seen from the distance D on the third axis,
:math:`x' = x\,D/(D - z)`: what lies behind the middle is pale, hollow and dashed.  The circle is
the outline :math:`D/\sqrt{D^2 - 1}` of the unit sphere.  Of more than three dimensions the first
three are drawn, and the title says which these are.
"""

from collections.abc import Sequence
from math import ceil, sqrt

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import NDArray

from numerics.geometry.learned import LearnedGeometry
from numerics.geometry.naming import AMBIGUOUS, Block

from .learned_geometry_blocks import (
    Kind,
    counted,
    counted_blocks,
    edges,
    is_aligned,
    kinds,
    oriented,
    require_weights,
)
from .style import geometry_color, paper_style

__all__ = ["MOST_PANELS", "perspective", "plot_block", "views"]

Array = NDArray[np.float64]

MOST_PANELS = 12
_ACROSS = 4
_DISTANCE = 4.0  # of the eye, in radii of the unit sphere
_LISTED = 6  # features named below a panel
_LABELLED = 10  # vectors of the plane with their features beside them


def perspective(x: Array, radius: float) -> tuple[Array, Array]:
    """Return the picture (2, k) of points (3, k), seen from afar of a ball of this radius."""
    away = _DISTANCE * radius
    return x[:2] * away / (away - x[2]), x[2]


def _features(features: Sequence[int]) -> str:
    """Return a short list of features."""
    named = ", ".join(map(str, features[:_LISTED]))
    more = len(features) - _LISTED
    word = "feature" if len(features) == 1 else "features"
    return f"{word} {named}" + (f", … ({more} more)" if more > 0 else "")


def _title(kind: Kind) -> str:
    """Say what is drawn, how many there are, and in how many dimensions."""
    block = kind.blocks[0]
    d, k = block.dimension, len(block.features)
    lines = [
        counted(kind.name, len(kind.blocks)),
        f"{k} feature{'s' * (k > 1)} in {d} dimension{'s' * (d > 1)}",
    ]
    if kind.name == AMBIGUOUS:
        lines.append(f"nearest {block.candidates[0].key}")
    if d > 3:
        lines.append(
            "projected on 3 of them, oblique"
            if is_aligned(block)
            else "projected on 3 principal axes"
        )
    return "\n".join(lines)


def _vectors(ax: Axes, block: Block, x: Array, color: str) -> None:
    """Draw vectors of one or two dimensions from the origin, with their features beside them."""
    tips = np.vstack([x, np.zeros((2 - len(x), x.shape[1]))]).T
    ax.add_collection(
        LineCollection(
            [[(0, 0), tip] for tip in tips], colors=color, linewidths=1.8, capstyle="round"
        )
    )
    ax.plot(*tips.T, "o", color=color, ms=6, mec="black", mew=0.5)
    if len(tips) > _LABELLED:
        return
    left = list(range(len(tips)))
    while left:
        here = [i for i in left if np.linalg.norm(tips[i] - tips[left[0]]) < 0.12]
        left = [i for i in left if i not in here]
        tip = tips[here].mean(axis=0)
        text = ", ".join(str(block.features[i]) for i in here)
        away = tip / np.linalg.norm(tip) * [7 + 2.6 * len(text), 10]
        ax.annotate(
            text,
            tuple(tip),
            xytext=tuple(away),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=7,
            bbox={"fc": "white", "ec": "none", "pad": 0.6},
        )


def _solid(ax: Axes, W: Array, block: Block, x: Array, color: str, radius: float) -> None:
    """Draw vertices and edges of three dimensions in perspective, the back first."""
    points, depth = perspective(x, radius)
    pairs = edges(W, block)
    thin = min(1.0, sqrt(60 / max(len(pairs), 1)))
    size = 6.5 * min(1.0, sqrt(24 / points.shape[1]))
    for front in (False, True):
        seen = [p for p in pairs if (depth[list(p)].mean() >= 0) == front]
        lines = LineCollection(
            [points[:, list(pair)].T for pair in seen],
            colors=color,
            linewidths=(1.6 if front else 1.0) * thin,
            alpha=0.9 * sqrt(thin) if front else 0.45 * sqrt(thin),
            linestyles="solid" if front else "dashed",
            zorder=4 if front else 2,
        )
        ax.add_collection(lines)
        at = (depth >= 0) == front
        ax.plot(
            *points[:, at],
            "o",
            ms=size if front else 0.75 * size,
            mfc=color if front else "white",
            mec="black" if front else color,
            mew=0.5 if front else 0.9,
            zorder=5 if front else 3,
        )


def plot_block(W: Array, kind: Kind, *, ax: Axes) -> Axes:
    """Draw the first block of a kind; W (m, n) are the weights of the whole model."""
    block = kind.blocks[0]
    x = oriented(W, block)
    color = geometry_color(kind.name)
    radius = max(1.0, float(np.linalg.norm(x, axis=0).max()))
    outline = 1.0
    if len(x) > 2:
        outline = _DISTANCE * radius / sqrt((_DISTANCE * radius) ** 2 - 1)
        _solid(ax, W, block, x[:3], color, radius)
    else:
        _vectors(ax, block, x, color)
    ax.add_patch(
        Circle((0, 0), outline, fc="0.97" if len(x) > 2 else "none", ec="0.7", lw=0.8, zorder=1)
    )
    reach = 1.22 * radius
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
    ax.set_frame_on(False)
    ax.set_title(_title(kind))
    ax.set_xlabel(_features(block.features.tolist()), fontsize=7.5)
    return ax


def views(W: Array, found: LearnedGeometry) -> Figure:
    """Draw each kind of block found in weights (m, n), at most :data:`MOST_PANELS`, once."""
    require_weights(W, found)
    every = kinds(found)
    drawn = every[:MOST_PANELS]
    across = min(_ACROSS, len(drawn))
    down = ceil(len(drawn) / across)
    with paper_style():
        figure = Figure(figsize=(max(2.7 * across, 4.4), 3.4 * down + 0.7), layout="constrained")
        figure.get_layout_engine().set(h_pad=0.12)  # type: ignore[union-attr, call-arg]
        axes = figure.subplots(down, across, squeeze=False).ravel()
        for ax, kind in zip(axes, drawn, strict=False):
            plot_block(W, kind, ax=ax)
        for ax in axes[len(drawn) :]:
            ax.remove()
        figure.suptitle(
            f"{W.shape[1]} features in {W.shape[0]} dimension{'s' * (W.shape[0] > 1)}:\n"
            f"{len(found.represented)} in {counted_blocks(found)}, "
            f"{len(found.dropped) or 'none'} dropped",
            fontsize=11,
        )
        if len(every) > len(drawn):
            rest = sum(kind.features for kind in every[len(drawn) :])
            figure.supxlabel(
                f"Not drawn: {len(every) - len(drawn)} more kinds of blocks, {rest} features.",
                fontsize=9,
            )
    return figure
