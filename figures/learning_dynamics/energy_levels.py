"""Dimensionalities that jump between levels (arXiv 2209.10652, F25)."""

import numpy as np
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from numerics.experiments.results import constants_of

from ..paper_figure import Datasets
from ..style import paper_style
from .losses import DOWN, SADDLE, most_plateaus, saddle_lines

__all__ = ["draw_f25"]

_STORED, _DISPLACED, _NEVER = "#0072B2", "#D55E00", "#B8B8B8"


def _fates(D: NDArray[np.float64]) -> list[str]:
    ends = D[-1] > 0.25
    held = D.max(0) > 0.25
    return [_STORED if e else _DISPLACED if h else _NEVER for e, h in zip(ends, held, strict=True)]


def _dimensionalities(ax: Axes, time: NDArray[np.float64], D: NDArray[np.float64]) -> None:
    order = {_NEVER: 1, _STORED: 2, _DISPLACED: 3}
    for values, color in zip(D.T, _fates(D), strict=True):
        ax.plot(time, values, color=color, lw=0.9, alpha=0.85, zorder=order[color])
    ax.axhline(0.5, color="k", lw=0.7, ls=":", zorder=0)
    ax.set(xscale="log", ylabel="dimensionality $D_i$ (norms ≥ 0.1)", ylim=(-0.03, 0.85))


def _levels(ax: Axes, levels: dict[str, float]) -> None:
    for name, level in levels.items():
        ax.axhline(level, color="k", lw=0.6, ls=":", zorder=0)
        ax.annotate(
            name, (0.01, level), xycoords=("axes fraction", "data"), fontsize=7, va="bottom",
            color="0.25",
        )  # fmt: skip


def draw_f25(data: Datasets) -> Figure:
    """Draw F25: dimensionalities above, losses with the critical points below."""
    own = data["energy_levels"]
    values = constants_of(own)
    flow = most_plateaus(own)
    with paper_style():
        figure, axes = plt.subplots(
            2, 3, figsize=(10.5, 5.8), sharex="col", layout="constrained"
        )  # fmt: skip
        steps = own["trained_place"].values[1:]
        time = own["flow_time"].values[flow][1:]
        columns = (
            ("trained", 0, steps, slice(1, None)),
            ("flow", flow, time, slice(1, None)),
            ("small", flow, steps, slice(1, None)),
        )
        for column, (kind, start, x, kept) in enumerate(columns):
            D = own[f"{kind}_dimensionality"].values[start][kept]
            _dimensionalities(axes[0, column], x, D)
            axes[1, column].plot(x, own[f"{kind}_loss"].values[start][kept], color=DOWN, lw=1.6)
            axes[1, column].set(xscale="log", ylabel="exact loss / loss of no weights")
            axes[1, column].set_xlabel("time of the flow" if kind == "flow" else "step of Adam")
        _titles(axes, values, own)
        ratio = values["hidden"] / values["features"]
        _levels(axes[0, 0], {"1/2 digon": 0.5, f"m/n = {ratio:g}, all alike": ratio})
        _levels(axes[0, 1], {"1/2": 0.5, "2/5": 0.4})
        _levels(axes[0, 2], {"1/2 digon": 0.5})
        for ax in axes[1, 1:]:
            ax.set_yscale("log")
            ax.set_ylim(0.42, 2.3)
            ax.set_yticks([0.45, 0.5, 0.6, 0.8, 1.0], ["0.45", "0.5", "0.6", "0.8", "1"])
            ax.yaxis.set_minor_formatter("")
        axes[0, 1].set_xlim(1, 1e3)
        _marks(axes[:, 1], own, flow)
        saddle_lines(axes[1, 1], own, flow, top=0.975)
        saddle_lines(axes[1, 2], own, flow)
        axes[0, 0].legend(
            handles=[
                Line2D([], [], color=_STORED, label="ends as a digon's"),
                Line2D([], [], color=_DISPLACED, label="had above 1/4, displaced"),
                Line2D([], [], color=_NEVER, label="never stored"),
            ],
            loc="upper left",
        )
        axes[1, 2].legend(
            handles=[Line2D([], [], color=SADDLE, ls="--", label="critical points of the flow")],
            loc="upper right",
        )
    return figure


def _titles(axes: NDArray[np.object_], values: dict[str, float], own: xr.Dataset) -> None:
    small = (
        f"n, m = {values['flow_features']}, {values['flow_hidden']}, p = {values['flow_density']}"
    )
    axes[0, 0].set_title(
        f"Adam on samples, n, m = {values['features']}, {values['hidden']}, p = {values['density']}"
    )
    axes[0, 1].set_title(f"gradient flow, {small}")
    axes[0, 2].set_title(f"Adam on samples, {small}")
    counts = (own["flow_plateau"].values >= 0).sum(1)
    axes[1, 1].set_title(
        f"of {len(counts)} flows, the one with most plateaus ({counts.max()})", fontsize=8
    )


def _marks(axes: NDArray[np.object_], own: xr.Dataset, flow: int) -> None:
    time = own["flow_time"].values[flow]
    jumps = own["flow_jump"].values[flow]
    for ax in axes:
        for place in jumps[jumps >= 0]:
            ax.axvline(time[place], color="0.8", lw=2.5, zorder=0)
    axes[0].annotate(
        "grey: jumps, the largest\nspeed between plateaus", (0.02, 0.975),
        xycoords="axes fraction", fontsize=7, va="top", color="0.35",
    )  # fmt: skip
    plateaus = own["flow_plateau"].values[flow]
    places = plateaus[plateaus >= 0]
    axes[1].plot(
        time[places], own["flow_loss"].values[flow][places], "o", ms=5, color=SADDLE, zorder=4
    )
