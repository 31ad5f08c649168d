r"""Three products of polytopes in orthogonal subspaces, exact and trained (F16)."""

from collections import Counter
from typing import Any

import numpy as np
import sympy
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from numerics.experiments.results import measurements_of
from theory.capacity import dimensionality
from theory.polytopes.catalogue import polytope

from .. import style
from ..paper_figure import Datasets
from .solids import plot_vectors, shape_edges

__all__ = ["draw_f16", "sum_of_shares"]

Array = NDArray[np.float64]

_SAME = 1e-6  # of losses in units of V
_HALF_CELL = 10 ** (1 / 40)  # from a density of the table halfway to the next
_NAMES = {
    "triangle+digon": "triangle + digon",
    "digon+digon+single": "two digons + a feature alone",
    "digon+digon+digon": "three digons",
    "pentagon+digon": "pentagon + digon",
    "tetrahedron": "tetrahedron",
}
_COLORS = {
    "triangle+digon": style.GEOMETRY_COLORS["triangle"],
    "digon+digon+single": style.GEOMETRY_COLORS["single"],
    "digon+digon+digon": style.GEOMETRY_COLORS["digon"],
    "pentagon+digon": style.GEOMETRY_COLORS["pentagon"],
    "tetrahedron": style.GEOMETRY_COLORS["tetrahedron"],
}
_DIGONS = ("#0072B2", "#56B4E9", "#332288")


def sum_of_shares(key: str) -> str:
    """Return the exact dimensionalities of a product, factor by factor, as a sum.

    Examples
    --------
    >>> sum_of_shares("triangular-bipyramid")
    '3 × 2/3 + 2 × 1/2 = 3'
    """
    terms: Counter[Any] = Counter()
    for value, number in polytope(key).dimensionalities:
        terms[sympy.nsimplify(value)] += number
    total = sum(value * number for value, number in terms.items())
    return " + ".join(f"{number} × {value}" for value, number in terms.items()) + f" = {total}"


def _vertex_colors(key: str) -> list[str]:
    """Return a colour for each vertex: that of its factor, digons in three blues."""
    shades: list[str] = []
    digons = iter(_DIGONS)
    for factor in polytope(key).factors:
        shade = next(digons) if factor.key == "digon" else style.geometry_color(factor.key)
        shades += [shade] * factor.vertices
    return shades


def _write(ax: Axes, points: Array, texts: list[str]) -> None:
    for point, text in zip(points.T, texts, strict=True):
        away = point / max(float(np.linalg.norm(point)), 0.35)
        ax.annotate(
            text,
            tuple(point),
            xytext=tuple(15 * away),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=7.5,
            zorder=6,
        )


def _branches(ax: Axes, data: xr.Dataset, product: str, density: float) -> None:
    """Draw the losses of the product's rivals above the best model known."""
    own = data.sel(product=product)
    x = 1 / own["branch_density"].values
    for parts, row in zip(
        own["candidate_parts"].values.tolist(), own["candidate_above"].values, strict=True
    ):
        first = parts == own["candidate_parts"].values[0]
        ax.plot(
            x,
            np.maximum(row, 0),
            color=_COLORS[parts],
            lw=2.4 if first else 1.3,
            zorder=4 if first else 3,
        )
    best = x[own["candidate_above"].values[0] < _SAME]
    if len(best):
        ax.axvspan(best.min() / _HALF_CELL, best.max() * _HALF_CELL, color="0.91", lw=0, zorder=0)
    ax.axvline(1 / density, color="0.3", lw=0.8, ls=(0, (4, 2)))
    ax.set(xscale="log", xlim=(x.min(), x.max()), ylim=(-0.012, 0.36))
    style.plain_numbers(ax.xaxis, [1, 1.5, 2, 3, 5, 10])
    ax.set_xlabel("$1/p$ (dashed: the models above)")


def draw_f16(data: Datasets) -> Figure:
    """Draw the three products: exact, trained, and where they are the best."""
    own = data["small_polytopes"]
    found = measurements_of(own)["shapes"]
    products = [str(one) for one in own["product"].values]
    with style.paper_style():
        figure = Figure(figsize=(9.2, 8.7), layout="constrained")
        axes = figure.subplots(3, 3, height_ratios=[3, 3, 2.1])
        for column, key in enumerate(products):
            exact = polytope(key)
            V, shades, edges = exact.array(), _vertex_colors(key), shape_edges(key)
            top, middle, bottom = axes[:, column]
            D = [str(sympy.nsimplify(d)) for d in dimensionality(exact.weights())]
            _write(top, plot_vectors(V, edges, shades, ax=top), D)
            top.set_title(f"{key.replace('-', ' ')}\n{sum_of_shares(key)}")
            model = own.sel(shape=key)
            W = model["trained_W"].values[:, : exact.vertices]
            learned = np.asarray(dimensionality(W), float)
            placed = plot_vectors(W, edges, shades, ax=middle)
            _write(middle, placed, [f"{one:.3f}" for one in learned])
            density, share = float(model["density"]), found[key]["share"]
            starts = own.sizes["start"]
            middle.set_title(
                f"trained at p = {density:.3g}, best of {starts}\n"
                f"{round(share * starts)} of {starts} starts end in this shape"
            )
            _branches(bottom, own, key, density)
        axes[0, 0].set_ylabel("exact; numbers: $D_i$")
        axes[1, 0].set_ylabel("trained on samples; numbers: $D_i$")
        axes[2, 0].set_ylabel("exact loss above the\nbest model known, per V")
        figure.legend(
            handles=[
                *(
                    Line2D([], [], color=_COLORS[parts], lw=2, label=_NAMES[parts])
                    for parts in _NAMES
                ),
                Patch(color="0.91", label="the product is the best model known"),
            ],
            loc="outside lower center",
            ncols=3,
            frameon=False,
        )
    return figure
