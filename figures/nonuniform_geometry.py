r"""Five features in two dimensions, the density of one varied (arXiv 2209.10652, F18 and F19)."""

from typing import Any

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from numerics.experiments.results import measurements_of

from . import style
from .paper_figure import Datasets, PaperFigure

__all__ = ["FIGURES", "draw_f18", "draw_f19"]

_SECTION = "nonuniform_geometry"
_VARIED = 4
_COLORS = {
    "pentagon": style.GEOMETRY_COLORS["pentagon"],
    "digons": style.GEOMETRY_COLORS["digon"],
    "doubled": "#CC79A7",
    "swapped": "#009E73",
    "other": "0.55",
}
_MEANING = {
    "pentagon": "pentagon",
    "digons": "two digons, the varied feature dropped",
    "swapped": "two digons, another one dropped",
    "doubled": "two digons, one feature beside another",
    "other": "other",
}
_PAPER = 2.5  # times sparser, as the paper says

FIGURES = (
    PaperFigure(
        id="F18",
        section=_SECTION,
        title="A pentagon stretches, then collapses to two digons",
        caption="Weight vectors of five features in two dimensions, the varied one up, coloured by "
        "its density relative to the others. Lines: exact minima of the population loss, followed "
        "in that density; dots: models trained on samples, the best of several starts. "
        "Arrows: both branches where their losses cross.",
        stated="The pentagon stretches continuously as one feature gets sparser, and collapses to "
        "two digons with that feature at 0 when it is about 2.5 times sparser.",
        experiments=("varied_density",),
        draw="nonuniform_geometry:draw_f18",
    ),
    PaperFigure(
        id="F19",
        section=_SECTION,
        title="The losses of pentagon and digons cross",
        caption="Lines: exact losses of the two branches of minima; diamonds: the least loss of a "
        "multi-start search; dots: exact losses of all models trained on samples, coloured by "
        "their shape. Right: where the branches cross for other base densities.",
        stated="The loss curves of the pentagon and of the digons cross, a first-order change.",
        experiments=("varied_density",),
        draw="nonuniform_geometry:draw_f19",
    ),
)
"""Figures of the section, in the paper's order."""


def _plain(ax: Axes, ticks: list[float]) -> None:
    ax.set_xscale("log")
    style.plain_numbers(ax.xaxis, ticks)


def _plane(ax: Axes, title: str) -> None:
    ax.add_patch(Circle((0, 0), 1, fill=False, ec="0.6", lw=0.8, ls=(0, (4, 2)), zorder=0))
    ax.axhline(0, color="0.9", lw=0.6, zorder=-1)
    ax.axvline(0, color="0.9", lw=0.6, zorder=-1)
    ax.set(xlim=(-1.32, 1.32), ylim=(-1.32, 1.32), aspect="equal", xticks=[-1, 0, 1])
    ax.set_yticks([-1, 0, 1])
    ax.set_title(title)


def draw_f18(data: Datasets) -> Figure:
    """Draw the weight vectors of digons and pentagons over the relative density."""
    own = data["varied_density"]
    found = measurements_of(own)
    x, fine = own["relative_density"].values, own["fine_density"].values
    kept = own["shape"].values[np.arange(len(x)), own["best"].values]
    at = own.sel(base_density=found["base_density"], method="nearest")
    star = float(at["crossing"])
    norm, cmap = LogNorm(float(x.min()), float(x.max())), mpl.colormaps["viridis"]
    with style.paper_style():
        figure = Figure(figsize=(9.0, 5.2), layout="constrained")
        axes = figure.subplots(1, 2)
        for ax, shape, title in (
            (axes[0], "digons", f"two digons: best for x < {star:.3f}"),
            (axes[1], "pentagon", f"pentagon: best for x > {star:.3f}"),
        ):
            count = int((kept == shape).sum())
            _plane(ax, f"{title}\n{count} of {len(x)} trained models")
            best = (fine < star) if shape == "digons" else (fine >= star)
            W = own["branch_W"].sel(branch=shape).values
            if shape == "digons":
                W = np.stack([W[:, 0], W[:, 1]], 1)
            for feature in own["feature"].values:
                path = W[best, :, feature]
                ax.plot(*path.T, color="black", lw=0.9, zorder=4)
                tip = at["crossing_W"].sel(branch=shape).values[:, feature]
                if np.linalg.norm(tip) > 0:
                    ax.annotate(
                        "",
                        tuple(tip),
                        (0, 0),
                        arrowprops={"arrowstyle": "-|>", "color": "0.45", "lw": 1, "shrinkB": 0},
                        zorder=1,
                    )
            for k in np.flatnonzero(kept == shape):
                vectors = own["W"].values[k]
                ax.scatter(
                    *vectors,
                    s=[34] * _VARIED + [58],
                    c=[cmap(norm(x[k]))] * 5,
                    edgecolors=["white"] * _VARIED + ["black"],
                    linewidths=0.6,
                    zorder=3,
                )
        axes[0].annotate("varied feature, at 0", (0.07, 0.07), fontsize=8)
        axes[1].annotate("varied feature", (0.12, 0.55), fontsize=8)
        figure.colorbar(
            ScalarMappable(norm, cmap),
            ax=axes,
            shrink=0.8,
            format="{x:g}",
            label="density of the varied feature / that of the others, x",
        )
        p = found["base_density"]
        figure.suptitle(
            f"Others at density {p:g}; best of {own.sizes['start']} models at each x. The losses "
            f"cross where it is {found['times_sparser']:.2f} times sparser (paper: about {_PAPER})",
            fontsize=9.5,
        )
        figure.legend(
            handles=[
                Line2D([], [], color="black", lw=0.9, label="exact minima (theory)"),
                Line2D([], [], color="0.45", marker=">", lw=1, label="at the crossing (theory)"),
                Line2D(
                    [],
                    [],
                    ls="",
                    marker="o",
                    ms=6,
                    mfc=cmap(0.6),
                    mec="white",
                    label="trained (black rim: varied feature)",
                ),
                Line2D([], [], color="0.6", lw=0.8, ls=(0, (4, 2)), label="unit circle"),
            ],
            loc="outside lower center",
            ncols=4,
            frameon=False,
        )
    return figure


def _losses(ax: Axes, own: xr.Dataset, found: dict[str, Any]) -> None:
    """Draw both branches, the search, and every trained model."""
    x, fine = own["relative_density"].values, own["fine_density"].values
    for branch in own["branch"].values:
        ax.plot(
            fine,
            own["branch_loss"].sel(branch=branch).values,
            color=_COLORS[str(branch)],
            lw=2,
            zorder=2,
        )
    shapes, loss = own["shape"].values, own["loss"].values
    starts = own.sizes["start"]
    jitter = 10 ** (0.035 * (np.arange(starts) / max(starts - 1, 1) - 0.5))
    for name, shade in _COLORS.items():
        rows, runs = np.nonzero((shapes == name) & np.isfinite(loss))
        ax.scatter(
            x[rows] * jitter[runs],
            loss[rows, runs],
            s=11,
            c=shade,
            edgecolors="white",
            linewidths=0.3,
            zorder=3,
            alpha=0.9,
        )
    ax.plot(
        own["searched_density"].values,
        own["least_loss"].values,
        "D",
        ms=6,
        mfc="none",
        mec="black",
        mew=0.8,
        zorder=4,
    )
    star = 1 / found["times_sparser"]
    top = float(np.nanmax(own["branch_loss"].sel(branch="pentagon").values)) * 1.25
    ax.axvline(star, color="0.3", lw=0.9)
    ax.axvline(1 / _PAPER, color="0.3", lw=0.9, ls=(0, (4, 2)))
    for at, text, side, room in (
        (star, f"cross: 1/{1 / star:.2f}", "right", -4),
        (1 / _PAPER, "paper: 1/2.5", "left", 4),
    ):
        ax.annotate(
            text,
            (at, 0.97),
            xycoords=ax.get_xaxis_transform(),
            xytext=(room, 0),
            textcoords="offset points",
            ha=side,
            va="top",
            fontsize=8,
        )
    _plain(ax, [0.1, 0.2, 0.5, 1, 2, 5, 10])
    ax.set(ylim=(0, top), xlabel="density of the varied feature / that of the others, x")
    ax.set_ylabel(f"exact loss, in units of V at p = {found['base_density']:g}")


def _crossings(ax: Axes, own: xr.Dataset, found: dict[str, Any]) -> None:
    """Draw how many times sparser the varied feature is where the losses cross."""
    base, times = own["base_density"].values, 1 / own["crossing"].values
    ax.plot(base, times, "o-", color="black", ms=4, lw=1.2)
    ax.plot(
        found["base_density"],
        found["times_sparser"],
        "o",
        ms=9,
        mfc="none",
        mec=_COLORS["pentagon"],
        mew=1.6,
    )
    rare = found["times_sparser_rare"]
    ax.axhline(rare, color="0.5", lw=0.8, ls=":")
    ax.annotate(f"p → 0: {rare:.2f}", (0.2, rare - 0.12), ha="right", va="top", fontsize=8)
    ax.axhline(_PAPER, color="0.3", lw=0.9, ls=(0, (4, 2)))
    ax.annotate("paper, at .05: 2.5", (0.009, _PAPER - 0.1), ha="left", va="top", fontsize=8)
    ax.annotate(
        f"{found['times_sparser']:.2f} at .05",
        (found["base_density"], found["times_sparser"]),
        xytext=(8, 4),
        textcoords="offset points",
        fontsize=8,
    )
    _plain(ax, [0.01, 0.02, 0.05, 0.1, 0.2])
    ax.set(ylim=(0, 8.2), xlabel="density of the other four")
    ax.set_ylabel("times sparser at the crossing")


def draw_f19(data: Datasets) -> Figure:
    """Draw the losses of pentagon and digons over the relative density, and where they cross."""
    own = data["varied_density"]
    found = measurements_of(own)
    present = [name for name in _COLORS if (own["shape"].values == name).any()]
    with style.paper_style():
        figure = Figure(figsize=(9.4, 5.0), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=[2.3, 1])
        _losses(left, own, found)
        left.set_title("(a) losses of the branches (lines), and of every trained model", loc="left")
        _crossings(right, own, found)
        right.set_title("(b) the crossing, exact", loc="left")
        figure.legend(
            handles=[
                *(
                    Line2D([], [], color=_COLORS[name], lw=2, label=f"{name}, exact branch")
                    for name in ("pentagon", "digons")
                ),
                *(
                    Line2D(
                        [],
                        [],
                        ls="",
                        marker="o",
                        ms=5,
                        color=_COLORS[name],
                        label=f"trained: {_MEANING[name]}",
                    )
                    for name in present
                ),
                Line2D(
                    [],
                    [],
                    ls="",
                    marker="D",
                    mfc="none",
                    mec="black",
                    label="least loss of a search from random starts",
                ),
            ],
            loc="outside lower center",
            ncols=3,
            frameon=False,
        )
    return figure
