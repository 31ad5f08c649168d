"""Three correlated pairs in two dimensions, and six independent features (F22)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from numerics.experiments.results import measurements_of

from .. import style
from ..paper_figure import Datasets
from .arrows import density_ticks, draw_arrows

__all__ = ["draw_f22"]

_CHANCE = 2 / 15


def draw_f22(data: Datasets) -> Figure:
    """Draw weights, who is side by side, and collapsed pairs with their losses."""
    found = data["three_pairs"]
    measured = measurements_of(found)
    p, starts = found["density"].values, found.sizes["start"]
    with style.paper_style():
        figure = Figure(figsize=(9.0, 6.8), layout="constrained")
        above, below = np.asarray(figure.subfigures(2, 1, height_ratios=[1.6, 1.0]), dtype=object)
        axes = above.subplots(2, len(p))
        for k in range(len(p)):
            cosines = ", ".join(f"{c:.2f}" for c in measured["best_cosines"][k])
            draw_arrows(
                axes[0, k], found["best_W"].values[k], f"p = {p[k]:.2g}\ncos within = {cosines}"
            )
            kept = int((np.linalg.norm(found["independent_best_W"].values[k], axis=0) > 0.1).sum())
            draw_arrows(
                axes[1, k], found["independent_best_W"].values[k], f"p = {p[k]:.2g}, {kept} stored"
            )
        axes[0, 0].set_ylabel("three correlated pairs")
        axes[1, 0].set_ylabel("six independent features")
        above.suptitle(f"Best of {starts} trained runs; a colour is a pair", fontsize=10)
        left, middle, right = below.subplots(1, 3, gridspec_kw={"wspace": 0.08})
        _plot_sides(left, measured)
        _plot_counts(middle, measured, p)
        states = measurements_of(data["pca_collapse"])["edges"]
        _plot_losses(right, found, measured, list(states.get("0-1", []))[:1])
        style.fix_layout(figure)
    return figure


def _plot_sides(ax: Axes, measured: dict[str, object]) -> None:
    for x, (key, color) in enumerate(
        (("side_by_side", "#0072B2"), ("independent_side_by_side", "#D55E00"))
    ):
        one = measured[key]
        assert isinstance(one, dict)
        if one["share"] is None:
            continue
        ends = np.abs(np.array([one["interval"]]).T - one["share"])
        ax.bar(x, one["share"], 0.6, color=color, alpha=0.7, yerr=ends, capsize=3)
        ax.text(x, 0.03, f"{one['models']} runs", ha="center", fontsize=7.5)
    ax.axhline(_CHANCE, color="black", lw=1, ls="--")
    ax.text(1.0, 0.3, "chance on a\nhexagon: 2/15", ha="center", fontsize=8)
    ax.set(xticks=[0, 1], xticklabels=["correlated", "independent"], ylim=(0, 1.08))
    ax.set_ylabel("share of runs")
    ax.set_title("every pair side by side", loc="left")


def _plot_counts(ax: Axes, measured: dict[str, object], p: NDArray[np.float64]) -> None:
    counts = np.array(measured["collapsed_counts"], float)
    shares = counts / counts.sum(1, keepdims=True)
    bottom = np.zeros(len(p))
    for state, color in enumerate(("#56B4E9", "#E69F00", "#D55E00", "#5A1846")):
        if shares[:, state].any():
            ax.bar(range(len(p)), shares[:, state], 0.7, bottom, color=color, label=f"{state}")
        bottom += shares[:, state]
    ax.set_xticks(range(len(p)), [f"{x:.2g}" for x in p])
    ax.set(xlabel="density p", ylabel="share of runs", ylim=(0, 1.25), yticks=[0, 0.5, 1])
    ax.legend(title="collapsed pairs", ncols=4, loc="upper center", frameon=False,
              title_fontsize=8, borderpad=0.1)  # fmt: skip
    ax.set_title("collapsed pairs", loc="left")


def _plot_losses(
    ax: Axes, found: xr.Dataset, measured: dict[str, object], edges: list[float]
) -> None:
    p = found["density"].values
    for key, label, style_ in (
        ("least_one_collapsed", "one pair collapsed", {"color": "#E69F00", "marker": "s"}),
        ("least_hexagon", "hexagon", {"color": "#56B4E9", "marker": "o"}),
    ):
        values = np.array(measured[key], float)
        ax.plot(p, values / p, label=label, lw=1.2, ms=4, **style_)  # type: ignore[arg-type]
    for edge in edges:
        ax.axvline(edge, color="0.5", lw=0.9, ls=":")
        ax.text(edge * 0.97, 0.13, f"equal at {edge:.3f}", rotation=90, ha="right", fontsize=7.5)
    density_ticks(ax, (0.01, 0.02, 0.05, 0.1))
    ax.set(xlabel="density p", ylabel="L / p")
    ax.legend(loc="upper left", frameon=False)
    ax.set_title("exact losses of the best runs", loc="left")
