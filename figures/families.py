"""Where a triangle beats every pair: W ⊥ (1, 1, 1), which F13 of the paper leaves out."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from theory.problem import dropped_loss

from .style import CANDIDATE_COLORS, cell_edges, paper_style, phase_axes

__all__ = ["advantages", "draw", "plot_advantage", "plot_cut"]

_WIN = 1e-9  # in units of V: differences below this are ties


def advantages(dataset: xr.Dataset) -> dict[str, Any]:
    """Return how far each family's least loss lies above the optimum, in V, (rows, columns)."""
    V = dropped_loss(dataset["density"].values)[:, None]
    best = dataset["optimum_loss"].values
    return {
        str(name): (dataset["family_loss"].sel(family=name).values - best) / V
        for name in dataset["family"].values
    }


def plot_advantage(dataset: xr.Dataset, *, ax: Axes, title: str) -> Axes:
    """Colour the cells where the optimum lies below every pair, by how much."""
    advantage = advantages(dataset)["pair"]
    shown = np.where(advantage > _WIN, advantage, np.nan)
    ax.set_facecolor("0.93")
    mesh = ax.pcolormesh(
        cell_edges(dataset["importance"].values),
        cell_edges(dataset["density"].values),
        shown,
        norm=LogNorm(1e-5, 1e-1),
        cmap="YlGnBu",
        rasterized=True,
    )
    phase_axes(ax, title)
    ax.figure.colorbar(mesh, ax=ax, label="(best pair − optimum) / V", extend="both", pad=0.03)
    points = 10 ** dataset["optimum_boundary"].values
    ax.plot(
        points[:, 1],
        points[:, 0],
        ".",
        color="black",
        ms=2.5,
        label="phase boundary of the optimum",
    )
    ax.legend(loc="lower left")
    return ax


def plot_cut(dataset: xr.Dataset, *, ax: Axes, title: str) -> Axes:
    """Draw each family's least loss above the optimum along r = 1."""
    column = int(np.abs(np.log(dataset["importance"].values)).argmin())
    colors = {"pair": CANDIDATE_COLORS["pair_last"], **CANDIDATE_COLORS}
    styles = {"pair": "-", "triangle": "-", "tilted_triangle": "--"}
    for name, above in advantages(dataset).items():
        label = {
            "pair": "best pair or drop",
            "triangle": "straight triangle, W ⊥ (1,1,1)",
            "tilted_triangle": "tilted triangle (equal-norm pair, triangle included)",
        }
        ax.plot(
            dataset["density"],
            100 * above[:, column],
            styles[name],
            color=colors[name],
            marker=".",
            ms=4,
            label=label.get(name, name.replace("_", " ")),
        )
    ax.set(xscale="log", xlim=(1, 0.1), ylim=(-0.2, 6))
    ax.set_xticks([1, 0.5, 0.3, 0.2, 0.1], ["1", "0.5", "0.3", "0.2", "0.1"])
    ax.minorticks_off()
    ax.set_title(title, loc="left")
    ax.set_xlabel("density p")
    ax.set_ylabel("least loss of the family above the optimum, % of V")
    ax.legend(loc="upper right")
    return ax


def draw(dataset: xr.Dataset, summary: dict[str, Any]) -> Figure:
    """Return the figure: where pairs are beaten, and the families along r = 1."""
    found = summary["families"]
    with paper_style():
        figure = Figure(figsize=(11, 4.4), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
        plot_advantage(
            dataset,
            ax=left,
            title=f"(a) a triangle beats every pair in {found['cells_where_pairs_are_beaten']} of "
            f"{summary['cells']} cells;\nthe optimum is outside every family in "
            f"{found['cells_outside_every_family']}",
        )
        left.set(xlim=(0.4, 2.5), ylim=(0.4, 1))
        left.set_xticks([0.4, 0.6, 1, 1.5, 2.5], ["0.4", "0.6", "1", "1.5", "2.5"])
        left.set_yticks([0.4, 0.5, 0.6, 0.7, 0.8, 1], ["0.4", "0.5", "0.6", "0.7", "0.8", "1"])
        column = int(np.abs(np.log(dataset["importance"].values)).argmin())
        r = float(dataset["importance"][column])
        plot_cut(dataset, ax=right, title=f"(b) along r = {r:.3g}, every norm and bias free")
    return figure
