"""Three correlated pairs collapse towards principal components (F24)."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from numerics.experiments.results import measurements_of

from .. import style
from ..paper_figure import Datasets
from .arrows import density_ticks, draw_arrows

__all__ = ["PAPER_RANGES", "draw_f24"]

PAPER_RANGES = ((0.01, 0.05, 0), (0.05, 0.15, 1), (0.15, 0.2, 2), (0.25, 1.0, 3))
"""Densities from and to, and how many pairs the paper sees collapsed there."""

_COLORS = ("#56B4E9", "#E69F00", "#D55E00", "#5A1846")
_SHOWN = (0.75, 0.35, 0.175, 0.1, 0.01)
_CANDIDATES = {
    "two_collapsed": (2, "two, weights fixed: p/6 + 0.94p²"),
    "three_collapsed": (3, "three, weights fixed: p/4 + 0.7p²"),
}


def draw_f24(data: Datasets) -> Figure:
    """Draw trained weights, losses of the states, and the number of collapsed pairs."""
    found = data["pca_collapse"]
    measured = measurements_of(found)
    with style.paper_style():
        figure = Figure(figsize=(9.0, 8.2), layout="constrained")
        above, below = np.asarray(figure.subfigures(2, 1, height_ratios=[1.0, 3.2]), dtype=object)
        for ax, p in zip(above.subplots(1, len(_SHOWN)), _SHOWN, strict=True):
            k = int(np.abs(np.log(found["density"].values / p)).argmin())
            states = measured["trained_best"][k]
            title = f"p = {found['density'].values[k]:g}: {states} collapsed"
            draw_arrows(ax, found["best_W"].values[k], title, circles=(np.sqrt(0.5), 1.0))
        above.suptitle(
            f"Best of {found.sizes['start']} trained runs; circles of radius 1 and 1/√2",
            fontsize=10,
        )
        upper, lower = below.subplots(2, 1, sharex=True, height_ratios=[1.35, 1])
        _plot_states(upper, found, measured)
        _plot_counts(lower, found, measured)
        for ax in (upper, lower):
            for edge in measured["edges"].values():
                ax.axvline(np.mean(edge), color="0.35", lw=0.8, ls=":", zorder=0)
        style.fix_layout(figure)
    return figure


def _plot_states(ax: Axes, found: xr.Dataset, measured: dict[str, Any]) -> None:
    p = found["scan"].values
    loss = found["state_loss"].values / p[:, None]
    worst = np.nanmin(np.where(np.isfinite(loss), loss, np.nan)[:, 3:], axis=1)
    for state in range(4):
        shown = np.where(loss[:, state] <= worst * (1 + 1e-9), loss[:, state], np.nan)
        ax.plot(p, shown, color=_COLORS[state], lw=1.8, label=f"{state} collapsed, minimised")
    for name, (state, label) in _CANDIDATES.items():
        values = found["candidate_loss"].sel(candidate=name).values / p
        ax.plot(p, np.where(values < 0.6, values, np.nan), ls=(0, (2, 2)), lw=1.1,
                color=_COLORS[state], label=label)  # fmt: skip
    principal = found["principal_loss"].values / p
    ax.plot(p, np.where(principal < 0.6, principal, np.nan), "k-.", lw=1.2,
            label="principal components (linear)")  # fmt: skip
    runs = found["loss"].values / found["density"].values[:, None]
    count = found["collapsed"].values
    for state in range(4):
        x = np.broadcast_to(found["density"].values[:, None], runs.shape)[count == state]
        ax.plot(x, runs[count == state], "o", ms=3, mfc="none", mec=_COLORS[state], mew=0.8)
    ax.plot([], [], "o", ms=3, mfc="none", mec="0.4", label="trained runs")
    ax.set(xscale="log", ylim=(0.08, 0.78), xlim=(0.0095, 1), ylabel="exact loss / p")
    for name, edge in measured["edges"].items():
        ax.text(np.mean(edge) * 0.985, 0.09, f"{name.replace('-', ' | ')} at {np.mean(edge):.3f}",
                rotation=90, ha="right", va="bottom", fontsize=7.5, color="0.3")  # fmt: skip
    ax.legend(loc="upper left", frameon=False, ncols=2)
    ax.set_title("loss of each state; where the least changes", loc="left")


def _plot_counts(ax: Axes, found: xr.Dataset, measured: dict[str, Any]) -> None:
    for low, high, state in PAPER_RANGES:
        ax.fill_between(
            [low, high], state - 0.3, state + 0.3, color=_COLORS[state], alpha=0.3, lw=0
        )
        ax.text(np.sqrt(low * high), state + 0.36, "paper", ha="center", fontsize=7.5, color="0.3")
    ax.axvspan(0.2, 0.25, fc="none", ec="0.7", hatch="////", lw=0)
    ax.text(0.223, -0.42, "unassigned\nin the paper", ha="center", va="bottom", fontsize=7.5,
            bbox={"fc": "white", "ec": "none", "pad": 1})  # fmt: skip
    counts = np.array(measured["trained_counts"], float)
    shares = counts / counts.sum(1, keepdims=True)
    p = np.broadcast_to(found["density"].values[:, None], shares.shape)
    states_of = np.broadcast_to(np.arange(4), shares.shape)
    on = shares > 0
    ax.scatter(p[on], states_of[on], s=130 * shares[on], fc="white", ec="black", lw=0.9, zorder=3,
               label="trained runs, area by share")  # fmt: skip
    ax.plot(p[:, 0], measured["trained_best"], "kx", ms=5, zorder=4, label="best trained run")
    edges = sorted((float(np.mean(e)), k) for k, e in measured["edges"].items())
    states = [int(name.split("-")[0]) for _, name in edges]
    states.append(int(edges[-1][1].split("-")[1]) if edges else measured["optimum_collapsed"][0])
    x = [found["scan"].values.min(), *(e for e, _ in edges), found["scan"].values.max()]
    ax.stairs(states, x, baseline=None, color="black", lw=1.6, label="least exact loss")
    ax.set(ylim=(-0.5, 3.6), yticks=range(4), xlabel="density p = 1 − S of a pair")
    ax.set_ylabel("collapsed pairs")
    density_ticks(ax, (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1))
    ax.legend(loc="upper left", frameon=False)
    ax.set_title("how many pairs are collapsed", loc="left")
