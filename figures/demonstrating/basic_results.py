"""Linear against ReLU models as features become sparse (arXiv 2209.10652, F9 and F10)."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from numerics.experiments.demonstrating.basic_measures import FULL_NORM, READ_OFF
from numerics.experiments.results import measurements_of
from theory.capacity import superposition

from ..paper_figure import Datasets
from ..style import CANDIDATE_COLORS, paper_style, plain_numbers
from .panels import SHARED, bias_strip, gram_panel, norm_bars

__all__ = ["draw_f9", "draw_f10"]

Array = NDArray[np.float64]
_TRAINED, _BEST = CANDIDATE_COLORS["pair_last"], CANDIDATE_COLORS["ignore_first"]


def _columns(data: xr.Dataset) -> list[tuple[str, Array, Array, Array]]:
    """Return title, weights, biases and the norms of theory for each column."""
    sparsest = data.isel(linear_density=int(data.linear_density.values.argmin()))
    best = sparsest.isel(linear_start=int(sparsest.linear_loss.values.argmin()))
    closed = data.linear_stored.values.astype(float)
    title = f"linear\np = {float(best.linear_density):g}"
    columns = [(title, best.linear_W.values, best.linear_b.values, closed)]
    for k, p in enumerate(data.density.values):
        at = data.isel(density=k, start=int(data.best_start.values[k]))
        optimum = np.linalg.norm(at.optimum_W.values, axis=0)
        columns.append((f"ReLU\np = {p:g}", at.trained_W.values, at.trained_b.values, optimum))
    return columns


def _models(figure: Any, data: xr.Dataset) -> None:
    columns = _columns(data)
    axes = figure.subplots(
        3, len(columns), height_ratios=[7, 0.8, 4.2], gridspec_kw={"hspace": 0.0, "wspace": 0.04}
    )
    for (title, W, b, theory), (couplings, biases, bars) in zip(columns, axes.T, strict=True):
        image = gram_panel(couplings, W)
        strip = bias_strip(biases, b)
        norms = np.linalg.norm(W, axis=0)
        norm_bars(bars, norms, superposition(W), theory)
        couplings.set_title(title)
        bars.set_xlabel(f"{(norms >= FULL_NORM).sum()} full", fontsize=8)
        if bars is not axes[2, 0]:
            bars.set_yticks([])
    for ax, label in zip(axes[:, 0], ("$W^TW$", "b", r"$\|W_i\|$"), strict=True):
        ax.set_ylabel(label, rotation=0, ha="right", va="center")
    wide = {"location": "right", "aspect": 12, "pad": 0.01}
    figure.colorbar(image, ax=axes[0], **wide, ticks=[-1, 0, 1])
    figure.colorbar(strip, ax=axes[1], **{**wide, "aspect": 2}, ticks=[-0.5, 0.5])
    bar = figure.colorbar(SHARED, ax=axes[2], **wide, extend="max", ticks=[0, 1])
    bar.set_label("superposition")


def _density_axis(ax: Axes, p: Array) -> None:
    ax.set(xscale="log", xlim=(1.4, p.min() / 1.4))
    plain_numbers(ax.xaxis, p.tolist())
    ax.set_xlabel("density p = 1 − S   (sparser to the right)")


def _losses(ax: Axes, data: xr.Dataset) -> None:
    p = data.density.values
    closed = float(data.linear_optimum_loss)
    ax.axhline(closed, color="black", lw=1.2, label="linear model: closed form")
    ax.plot(
        data.linear_density.values,
        data.linear_loss.values.min(1),
        "x",
        color="black",
        ms=6,
        label="linear model, trained",
    )
    for start in range(data.sizes["start"]):
        ax.plot(p, data.trained_loss.values[:, start], "o", mfc="none", mec=_TRAINED, ms=4, mew=0.8)
    ax.plot(p, data.trained_loss.values.min(1), "o", color=_TRAINED, ms=5, label="ReLU, trained")
    ax.plot(p, data.settled_loss.values, "+", color=_TRAINED, ms=8, label="ReLU, then descended")
    ax.plot(p, data.optimum_loss.values, color=_BEST, lw=1.4, label="ReLU, best known")
    ax.set_yscale("log")
    ticks = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2]
    low, high = ax.get_ylim()
    plain_numbers(ax.yaxis, [tick for tick in ticks if low <= tick <= high])
    _density_axis(ax, p)
    ax.set_title("exact loss, units of Σ I V")
    ax.legend(loc="lower left", frameon=False)


def _counts(ax: Axes, data: xr.Dataset) -> None:
    p, measured = data.density.values, measurements_of(data)
    for start, counts in enumerate(np.array(measured["full_by_start"]).T):
        label = "trained, every start" if start == 0 else None
        ax.plot(p, counts, "o", mfc="none", mec=_TRAINED, ms=4, mew=0.8, label=label)
    ax.plot(
        p,
        [one["full"] for one in measured["trained"]],
        "o",
        color=_TRAINED,
        label="the best of them",
    )
    ax.plot(p, [one["full"] for one in measured["optimum"]], color=_BEST, label="best model known")
    low, high = np.array(READ_OFF).T
    label = "read off the paper's figure"
    ax.vlines(p, low - 0.35, high + 0.35, color="0.78", lw=13, label=label, zorder=0)
    ax.axhline(measured["hidden"], color="black", lw=1.2, label="linear model: m")
    _density_axis(ax, p)
    ax.set_title(f"full bars (norm ≥ {FULL_NORM:g})")
    ax.set_ylim(top=1.1 * ax.get_ylim()[1])
    ax.legend(loc="upper left", frameon=False, markerscale=0.8)


def _counts_per_dimension(ax: Axes, data: Datasets) -> None:
    styles = {"basic_results_larger": ("o", "-"), "basic_results": ("s", "--")}
    for name, (marker, line) in styles.items():
        own = data[name]
        p, measured = own.density.values, measurements_of(own)
        m = measured["hidden"]
        size = f"{own.sizes['feature']} in {m}"
        per = [one["full"] / m for one in measured["trained"]]
        ax.plot(p, per, marker, color=_TRAINED, mfc="white", label=f"{size}, trained")
        best = [one["full"] / m for one in measured["optimum"]]
        ax.plot(p, best, line, color=_BEST, label=f"{size}, best known")
    ax.axhline(1, color="black", lw=1.2, label="linear model")
    _density_axis(ax, p)
    ax.set_title(f"full bars per dimension (norm ≥ {FULL_NORM:g})")
    ax.legend(loc="upper left", frameon=False)


def _figure(data: xr.Dataset) -> tuple[Figure, Axes, Axes]:
    figure = Figure(figsize=(10, 6.8), layout="constrained")
    halves: Any = figure.subfigures(2, 1, height_ratios=[1.15, 1])
    above, below = halves
    _models(above, data)
    left, right = below.subplots(1, 2)
    measured = measurements_of(data)
    n, base = data.sizes["feature"], float(data.importance.values[1])
    figure.suptitle(
        f"{n} features in {measured['hidden']} dimensions, importance {base:g}$^i$: best of "
        f"{measured['starts']} trained models (bars), best model known (outlines)"
    )
    return figure, left, right


def draw_f9(data: Datasets) -> Figure:
    """Draw linear and ReLU models at seven densities, their full bars and their exact losses."""
    own = data["basic_results"]
    with paper_style():
        figure, left, right = _figure(own)
        _counts(left, own)
        _losses(right, own)
    return figure


def draw_f10(data: Datasets) -> Figure:
    """Draw the same for more features, with what F9 has per dimension."""
    own = data["basic_results_larger"]
    with paper_style():
        figure, left, right = _figure(own)
        _counts_per_dimension(left, data)
        _losses(right, own)
    return figure
