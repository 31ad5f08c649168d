"""Two features on one line without biases: loss surfaces, phases, cuts (arXiv 2209.10652, F37)."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from theory.problem import dropped_loss

from .paper_figure import Datasets
from .style import cell_edges, paper_style, phase_axes

__all__ = ["draw_f37", "plot_cut", "plot_phases", "plot_surface"]

_LEVELS = 22
_JUMP = 0.05  # a larger change of a weight between neighbours is drawn as a gap
_MARKS: dict[str, dict[str, Any]] = {
    "minimum": {"marker": "o", "color": "#D55E00", "markeredgecolor": "white", "markersize": 8},
    "saddle": {"marker": "X", "color": "white", "markeredgecolor": "black", "markersize": 7.5},
}
_LINES = {"exchange": ("black", "-"), "onset": ("black", ":")}


def plot_surface(dataset: xr.Dataset, surface: int, *, ax: Axes, title: str) -> Axes:
    """Draw contours of the exact loss in units of V, with its minima and saddles.

    The lowest minimum is the larger mark; levels are finer near it.
    """
    p = float(dataset["surface_density"][surface])
    loss = dataset["surface_loss"].values[surface] / float(dropped_loss(p))
    low, high = float(loss.min()), _at_origin(dataset, surface) / float(dropped_loss(p))
    levels = low + (high - low) * np.linspace(0, 1, _LEVELS) ** 2
    w1, w2 = dataset["w1"].values, dataset["w2"].values
    ax.contourf(w1, w2, loss, levels=levels, cmap="viridis", extend="max")
    ax.contour(w1, w2, loss, levels=levels[1:], colors="white", linewidths=0.35, alpha=0.6)
    ax.set_facecolor("#fde725")
    here = dataset["point_surface"].values == surface
    kinds = dataset["point_kind"].values[here]
    weights = np.stack([dataset[f"point_{w}"].values[here] for w in ("w1", "w2")], axis=-1)
    least = float(dataset["point_loss"].values[here].min())
    for kind, at, height in zip(kinds, weights, dataset["point_loss"].values[here], strict=True):
        mark = dict(_MARKS[str(kind)])
        if kind == "minimum" and height - least < 1e-9 * least:
            mark["markersize"] = 12
        for sign in (1, -1):
            ax.plot(*(sign * at), linestyle="none", zorder=4, **mark)
    for line in (ax.axhline, ax.axvline):
        line(0, color="white", lw=0.6, alpha=0.5)
    ax.set_title(title, loc="left")
    ax.set(xlabel="W₁", ylabel="W₂", aspect="equal")
    ax.set_xticks([-1, 0, 1])
    ax.set_yticks([-1, 0, 1])
    return ax


def _at_origin(dataset: xr.Dataset, surface: int) -> float:
    """Return the loss at W = 0, a maximum."""
    p, r = (float(dataset[f"surface_{name}"][surface]) for name in ("density", "importance"))
    return (1 + r) * p / 3


def plot_phases(dataset: xr.Dataset, *, ax: Axes, title: str) -> Axes:
    """Colour the plane by the coupling of the best model; draw where minima tie and end."""
    coupling = dataset["W"].values.prod(-1)
    mesh = ax.pcolormesh(
        cell_edges(dataset["importance"].values),
        cell_edges(dataset["density"].values),
        coupling,
        cmap="coolwarm",
        vmin=-1,
        vmax=1,
        rasterized=True,
    )
    labels = {
        "exchange": "antipodal and confused tie: a jump",
        "onset": "antipodal minima exist below",
    }
    for name, (color, dashes) in _LINES.items():
        p = dataset[f"{name}_density"].values
        r = dataset[f"{name}_importance"].values
        ax.plot(r, p, color=color, linestyle=dashes, lw=1.5, label=labels[name])
        ax.plot(1 / r, p, color=color, linestyle=dashes, lw=1.5)
    phase_axes(ax, title)
    ax.figure.colorbar(mesh, ax=ax, label="coupling W₁W₂ of the best model", pad=0.02)
    for letter, p, r in zip(
        "abcdef",
        dataset["surface_density"].values,
        dataset["surface_importance"].values,
        strict=False,
    ):
        ax.text(
            r,
            p,
            letter,
            ha="center",
            va="center",
            fontsize=8,
            bbox={"boxstyle": "circle,pad=0.15", "facecolor": "white", "linewidth": 0.6},
        )
    ax.legend(loc="lower center", fontsize=7.5)
    return ax


def plot_cut(dataset: xr.Dataset, *, ax: Axes, title: str) -> Axes:
    """Draw the best weights against the importance, one style for each density of the dataset."""
    r = dataset["cut_importance"].values
    for p, W, dashes in zip(
        dataset["cut"].values, dataset["cut_W"].values, ("-", "--"), strict=False
    ):
        for k, color in enumerate(("#0072B2", "#D55E00")):
            w = W[:, k].copy()
            broken = np.flatnonzero(np.abs(np.diff(w)) > _JUMP)
            x, y = np.insert(r, broken + 1, np.nan), np.insert(w, broken + 1, np.nan)
            ax.plot(x, y, dashes, color=color, label=f"W{'₁₂'[k]} at p = {p:g}")
    ax.axhline(np.sqrt(0.5), color="0.5", lw=0.8, ls=":")
    ax.text(r[0] * 1.2, np.sqrt(0.5), "1/√2", va="bottom", fontsize=8, color="0.35")
    ax.set(xscale="log", xlim=(r[0], r[-1]), xlabel="relative importance r", ylabel="best weights")
    ax.set_title(title, loc="left")
    ax.legend(loc="lower right", fontsize=7.5)
    return ax


def draw_f37(data: Datasets) -> Figure:
    """Draw six surfaces beside the phases and the cuts."""
    dataset = data["bias_free"]
    with paper_style():
        figure = Figure(figsize=(12.5, 6.6), layout="constrained")
        grid = figure.add_gridspec(2, 4, width_ratios=(1, 1, 1, 1.6))
        figure.suptitle(
            "Two features in one dimension without biases: exact loss over both weights, "
            "importances (1, r)",
            fontsize=12,
        )
        for k, letter in enumerate("abcdef"):
            p, r = (float(dataset[f"surface_{n}"][k]) for n in ("density", "importance"))
            plot_surface(
                dataset,
                k,
                ax=figure.add_subplot(grid[k // 3, k % 3]),
                title=f"({letter}) p = {p:.4g}, r = {r:.4g}",
            )
        plot_phases(
            dataset,
            ax=figure.add_subplot(grid[0, 3]),
            title="(g) blue antipodal, grey dropped, red confused",
        )
        plot_cut(
            dataset,
            ax=figure.add_subplot(grid[1, 3]),
            title="(h) continuous above the apex, a jump below",
        )
        figure.legend(
            handles=[
                Line2D([], [], linestyle="none", label=text, **{**_MARKS[kind], "markersize": size})
                for text, kind, size in (
                    ("lowest minimum", "minimum", 12),
                    ("other minimum", "minimum", 8),
                    ("saddle", "saddle", 7.5),
                )
            ],
            loc="outside lower left",
            ncols=3,
            frameon=False,
        )
        figure.supxlabel(
            "Loss in units of V = p/3 − p²/4, dark is low.  Every mark is exact.", fontsize=9
        )
    return figure
