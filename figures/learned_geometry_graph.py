r"""Features as a graph: edges of weight :math:`|W_i \cdot W_j|` (arXiv 2209.10652, F15, F17).

An edge is drawn from the threshold of :class:`numerics.geometry.separation.Separation` on, the
wider and darker the heavier it is.  Each block is a cluster: blocks stand on a grid, in the order
of the geometry, their features inside at the first two coordinates of
:func:`~figures.learned_geometry_blocks.oriented`.  A node's diameter is proportional to its norm.
Dropped features are rows of dots below.
"""

from math import ceil, sqrt
from textwrap import fill, wrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from numerics.geometry.learned import LearnedGeometry

from .learned_geometry_blocks import counted, oriented, require_weights
from .style import geometry_color, paper_style

__all__ = ["feature_graph", "heavy_pairs", "layout"]

Array = NDArray[np.float64]

_WIDTH = 7.5  # inches, at most
_NARROWEST = 300.0  # points
_TITLE = 28.0  # points
_RADIUS = 0.34  # of a cluster, in cells of the grid
_LARGEST_CELL = 200.0  # points, and up to twice that for crowded blocks
_ROOMY = 60  # features, from which on a block is crowded
_LARGEST_NODE = 11.0  # points
_SMALLEST_NODE = 3.0
_LABEL = 7.0  # points
_LETTER = 0.6  # width in units of the size
_LINE = 1.35  # height of a line in units of the size
_LEGEND = 8.0  # points
_ENTRY = 30  # letters in a line of the legend
_UNCROWDED = 7  # edges at a feature
_MOST_LINES = 4000  # beyond these edges are pixels in every format


def _grid(count: int) -> tuple[int, int]:
    """Return columns and rows for so many clusters."""
    across = ceil(sqrt(1.35 * count)) if count > 3 else count
    return across, ceil(count / across)


def layout(W: Array, found: LearnedGeometry) -> dict[int, tuple[float, float]]:
    """Return the place of each represented feature, cells of the grid being of side 1."""
    across, _ = _grid(len(found.blocks))
    places = {}
    for position, block in enumerate(found.blocks):
        x = oriented(W, block)[:2]
        flat = np.vstack([x, np.zeros((2 - len(x), x.shape[1]))])
        row, column = divmod(position, across)
        largest = float(np.linalg.norm(flat, axis=0).max())
        centre = np.array([column, -row])
        for feature, spot in zip(block.features.tolist(), flat.T, strict=True):
            at = centre + _RADIUS * spot / largest * (len(block.features) > 1)
            places[feature] = float(at[0]), float(at[1])
    return places


def heavy_pairs(W: Array, found: LearnedGeometry) -> list[tuple[int, int, float]]:
    """Return represented features i < j of a weight from the threshold on, the lightest first."""
    gram = np.abs(W.T @ W)
    kept = np.array(found.represented)
    rows, columns = np.triu_indices(len(kept), 1)
    i, j = kept[rows], kept[columns]
    heavy = gram[i, j] > found.separation.threshold
    pairs = zip(i[heavy].tolist(), j[heavy].tolist(), gram[i, j][heavy].tolist(), strict=True)
    return sorted(pairs, key=lambda pair: pair[2])


def _draw_edges(
    ax: Axes,
    W: Array,
    found: LearnedGeometry,
    places: dict[int, tuple[float, float]],
    cell: float,
) -> None:
    """Draw the couplings, those of features with many thinner; a cell is so many points wide."""
    pairs = heavy_pairs(W, found)
    if not pairs:
        return
    ends = np.array([(i, j) for i, j, _ in pairs])
    degree = np.bincount(ends.ravel())[ends].max(axis=1)
    room = np.minimum(1.0, _UNCROWDED / degree)
    share = np.array([weight for _, _, weight in pairs]) / pairs[-1][2]
    ax.add_collection(
        LineCollection(
            [[places[i], places[j]] for i, j, _ in pairs],
            linewidths=(0.3 + 2.0 * share) * np.sqrt(room) * min(1.0, cell / 100),
            colors=[(0.25, 0.25, 0.25, alpha) for alpha in (0.2 + 0.75 * share) * room],
            zorder=1,
            rasterized=len(pairs) > _MOST_LINES,
        )
    )


def _draw_nodes(
    ax: Axes, found: LearnedGeometry, places: dict[int, tuple[float, float]], cell: float
) -> None:
    """Draw the represented features, smaller where a block has many."""
    crowded = max(len(block.features) for block in found.blocks)
    node = min(_LARGEST_NODE, 0.13 * cell, 0.8 * _RADIUS * cell / sqrt(crowded))
    kept = [i for block in found.blocks for i in block.features.tolist()]
    names = [block.name for block in found.blocks for _ in block.features]
    x, y = np.array([places[i] for i in kept]).T
    ax.scatter(
        x,
        y,
        s=(max(node, _SMALLEST_NODE) * found.norms[kept] / found.norms[kept].max()) ** 2,
        c=[geometry_color(name) for name in names],
        edgecolors="black",
        linewidths=0.4,
        zorder=2,
    )


def _draw_dropped(ax: Axes, found: LearnedGeometry, across: int, rows: int, cell: float) -> float:
    """Draw dropped features in rows below the grid; return the lower end of it all."""
    bottom = 0.5 - rows
    if not found.dropped:
        return bottom
    step = 6.0 / cell
    per_row = max(int((across - 0.6) / step), 1)
    row, column = np.divmod(np.arange(len(found.dropped)), per_row)
    y = bottom - 9.0 / cell - row * step
    color = geometry_color("dropped")
    ax.plot(-0.3 + column * step, y, "o", ms=3.6, color=color, mec="0.5", mew=0.3)
    return float(y.min()) - step


def _label(ax: Axes, found: LearnedGeometry, across: int, cell: float) -> None:
    """Write its name below each cluster, if all names fit."""
    letters = int(cell / (_LETTER * _LABEL))
    names = {block.name: wrap(block.name, letters) for block in found.blocks}
    fit = all(word in name for name, lines in names.items() for word in lines)
    tallest = max(len(lines) for lines in names.values())
    if not fit or _LINE * _LABEL * tallest > (1 - 2 * _RADIUS) * cell:
        return
    for position, block in enumerate(found.blocks):
        row, column = divmod(position, across)
        text = "\n".join(names[block.name])
        ax.text(column, -row - _RADIUS - 0.06, text, ha="center", va="top", fontsize=_LABEL)


def _legend(figure: Figure, found: LearnedGeometry, width: float) -> float:
    """Explain the colours, shapes of one colour together; return the height, in points."""
    names = [block.name for block in found.blocks] + ["dropped"] * len(found.dropped)
    entries: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        entries.setdefault(geometry_color(name), []).append(counted(name, names.count(name)))
    labels = [fill(", ".join(each), _ENTRY) for each in entries.values()]
    lines = [label.splitlines() for label in labels]
    longest = max(len(line) for each in lines for line in each)
    columns = max(min(int(width / (_LEGEND * _LETTER * (longest + 7))), len(labels)), 1)
    handles = [
        Line2D([], [], ls="", marker="o", ms=7, color=color, mec="black", mew=0.4, label=label)
        for color, label in zip(entries, labels, strict=True)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)
    deep = ceil(len(labels) / columns) + max(map(len, lines))
    return (_LINE * deep + 1.5) * _LEGEND


def feature_graph(W: Array, found: LearnedGeometry) -> Figure:
    """Draw features of weights (m, n) and their couplings, each block found a cluster."""
    require_weights(W, found)
    across, rows = _grid(len(found.blocks))
    places = layout(W, found)
    crowded = max(len(block.features) for block in found.blocks)
    cell = min(72 * _WIDTH / across, _LARGEST_CELL * min(max(1.0, sqrt(crowded / _ROOMY)), 2.0))
    with paper_style():
        width = max(cell * (across + 0.1), _NARROWEST)
        figure = Figure(layout="constrained")
        ax = figure.subplots()
        _draw_edges(ax, W, found, places, cell)
        _draw_nodes(ax, found, places, cell)
        _label(ax, found, across, cell)
        bottom = _draw_dropped(ax, found, across, rows, cell)
        ax.set(xlim=(-0.55, across - 0.45), ylim=(bottom, 0.45), aspect="equal")
        ax.axis("off")
        least = f"{found.separation.threshold:.2g}"
        ax.set_title(rf"features, joined where $|W_i \cdot W_j| > {least}$")
        below = _legend(figure, found, width)
        figure.set_size_inches(width / 72, (cell * (0.45 - bottom) + below + _TITLE) / 72)
    return figure
