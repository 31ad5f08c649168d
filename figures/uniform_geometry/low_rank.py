r"""Polytopes as symmetric matrices of low rank, and the vectors they are orthogonal to (F17)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from theory.polytopes.catalogue import polytope

from .. import style
from ..matrices import draw_matrix, write_entries
from ..paper_figure import Datasets
from .solids import plot_vectors, shape_edges

__all__ = ["ORDER", "SHAPES", "draw_f17", "kernel"]

Array = NDArray[np.float64]

SHAPES = {
    "triangle": "triangle",
    "square": "square = two digons",
    "pentagon": "pentagon",
    "tetrahedron": "tetrahedron",
    "square-antiprism-coulomb": "square antiprism",
}
"""The rows of the figure, from shapes of the catalogue to their titles."""

ORDER = {"square": (0, 2, 1, 3)}
"""The order of vertices in which the orthogonal vectors are the paper's."""

_INDEPENDENT = 0.1  # least singular value of entries that vectors are told apart by
_FEW = 5  # features, up to which entries are written


def kernel(W: Array) -> Array:
    """Return vectors (n − rank, n) that W (m, n) is orthogonal to, in reduced echelon form.

    Of the last columns that are independent, each is 1 in one vector and 0 in the others; this
    follows from the space they span, so exact and trained weights give the same vectors.
    """
    m, n = W.shape
    rows = np.linalg.svd(W)[2][m:]
    chosen: list[int] = []
    for column in reversed(range(n)):
        wider = [column, *chosen]
        if np.linalg.svd(rows[:, wider], compute_uv=False).min() > _INDEPENDENT:
            chosen = wider
        if len(chosen) == n - m:
            break
    return np.asarray(np.linalg.solve(rows[:, chosen], rows))


def _matrix(ax: Axes, G: Array) -> AxesImage:
    image = draw_matrix(ax, G)
    if len(G) <= _FEW:
        write_entries(image, size=6.5)
    ax.set(xticks=[], yticks=[])
    return image


def _graph(ax: Axes, V: Array, color: str) -> None:
    """Draw features on a circle, couplings of either sign as wide as they are large."""
    n = V.shape[1]
    turn = np.pi / 2 - 2 * np.pi * np.arange(n) / n
    x = np.stack([np.cos(turn), np.sin(turn)])
    G = V.T @ V
    for i in range(n):
        for j in range(i):
            if abs(G[i, j]) > 1e-9:
                shade = "#B40426" if G[i, j] > 0 else "#3B4CC0"
                ax.plot(*x[:, [i, j]], color=shade, lw=0.4 + 3.2 * abs(G[i, j]), zorder=1)
    ax.scatter(x[0], x[1], s=44, c=color, edgecolors="black", linewidths=0.6, zorder=2)
    ax.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), aspect="equal")
    ax.axis("off")


def _vectors(ax: Axes, exact: Array, trained: Array) -> None:
    """Draw orthogonal vectors, one below the other: exact ones as bars, trained as dots."""
    count, n = exact.shape
    largest = float(np.abs(exact).max())
    for row in range(count):
        base = -row * 2.3
        ax.axhline(base, color="0.7", lw=0.6, zorder=0)
        ax.bar(np.arange(n), exact[row] / largest, bottom=base, width=0.62, color="0.72")
        ax.plot(np.arange(n), base + trained[row] / largest, "ko", ms=3, zorder=3)
        if n > _FEW:
            continue
        entries = ", ".join(f"{one:g}" for one in exact[row].round(2) + 0.0)
        ax.annotate(
            f"({entries})".replace("-", "−"),
            (1.0, base),
            xycoords=ax.get_yaxis_transform(),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=6.5,
            annotation_clip=False,
        )
    ax.set(ylim=(-2.3 * (count - 1) - 1.25, 1.25), xlim=(-0.7, n - 0.3), xticks=[], yticks=[])
    ax.set_frame_on(False)


def draw_f17(data: Datasets) -> Figure:
    """Draw a row for each shape: vectors, graph, Gram matrices, orthogonal vectors."""
    own = data["small_polytopes"]
    with style.paper_style():
        figure = Figure(figsize=(9.2, 9.3), layout="constrained")
        axes = figure.subplots(len(SHAPES), 5, width_ratios=[1, 1, 1, 1, 1.15])
        image = None
        for row, (key, title) in zip(axes, SHAPES.items(), strict=True):
            shape = polytope(key)
            order = list(ORDER.get(key, range(shape.vertices)))
            V = shape.array()
            color = style.geometry_color("digon" if key == "square" else key)
            plot_vectors(V, shape_edges(key), [color] * shape.vertices, ax=row[0])
            model = own.sel(shape=key)
            W = model["trained_W"].values[: shape.dimension, : shape.vertices][:, order]
            V = V[:, order]
            _graph(row[1], V, color)
            image = _matrix(row[2], V.T @ V)
            norms = np.linalg.norm(W, axis=0)
            _matrix(row[3], (W / norms).T @ (W / norms))
            row[3].set_xlabel(f"p = {float(model['density']):.3g}, norms {norms.mean():.2f}")
            _vectors(row[4], kernel(V), kernel(W))
            row[0].set_ylabel(title, fontsize=9)
        for ax, text in zip(
            axes[0],
            (
                "vectors $W_i$",
                "graph of couplings",
                "$W^\\top W$, exact",
                "$W^\\top W$, trained\n(directions)",
                "orthogonal vectors\nbars: exact, dots: trained",
            ),
            strict=True,
        ):
            ax.set_title(text)
        assert image is not None
        figure.colorbar(
            image,
            ax=axes[:, :4],
            orientation="horizontal",
            shrink=0.5,
            aspect=40,
            pad=0.02,
            label="coupling (graph: blue negative, red positive)",
        )
    return figure
