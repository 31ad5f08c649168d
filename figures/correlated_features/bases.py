"""Two correlated sets of ten features in ten dimensions (F23)."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from numerics.experiments.results import measurements_of

from .. import style
from ..matrices import draw_matrix
from ..paper_figure import Datasets

__all__ = ["draw_f23"]


def draw_f23(data: Datasets) -> Figure:
    """Draw Gram matrices and mean squared cosines of two local bases."""
    found = data["local_bases"]
    measured = measurements_of(found)
    p, size, starts = found["density"].values, found.sizes["hidden"], found.sizes["start"]
    panels = [
        (found["best_W"].values[0], f"trained, p = {p[0]:g}, best of {starts}", "loss_over_theory"),
        (found["settled_W"].values[0], f"descended from it, p = {p[0]:g}", "settled_over_theory"),
        (found["best_W"].values[-1], f"trained, p = {p[-1]:g}", "loss_over_theory"),
    ]
    with style.paper_style():
        figure = Figure(figsize=(10.0, 3.3), layout="constrained")
        axes = figure.subplots(1, 4, width_ratios=[1, 1, 1, 1.25])
        for place, (W, title, key) in enumerate(panels):
            ax = axes[place]
            image = draw_matrix(ax, W.T @ W)
            edge = size - 0.5
            ax.plot([edge, edge], [-0.5, 2 * size - 0.5], "k-", lw=0.8)
            ax.plot([-0.5, 2 * size - 0.5], [edge, edge], "k-", lw=0.8)
            ratio = measured[key][-1 if place == 2 else 0]
            ax.set_title(f"{title}\nL / (10p²/3) = {ratio:.4f}", fontsize=8.5)
            ax.set_xticks([4.5, 14.5], ["set 1", "set 2"])
            ax.set_yticks([4.5, 14.5], ["set 1", "set 2"], rotation=90, va="center")
            ax.tick_params(length=0)
        figure.colorbar(image, ax=axes[:3].tolist(), shrink=0.75, label="WᵀW", pad=0.01)
        _bars(axes[3], measured)
        style.fix_layout(figure)
    return figure


def _bars(ax: Axes, measured: dict[str, Any]) -> None:
    x = np.arange(len(measured["densities"]))
    for shift, key, color in ((-0.2, "within", "#0072B2"), (0.2, "between", "#D55E00")):
        ax.bar(x + shift, measured[key], 0.36, color=color, alpha=0.75, label=f"{key} sets")
        ax.plot(x + shift, measured[f"settled_{key}"], "kD", ms=4,
                label="exact minimum" if key == "between" else None)  # fmt: skip
        for place, value in zip(x + shift, measured[key], strict=True):
            ax.text(place, value + 0.003, f"{value:.2g}", ha="center", fontsize=7)
    ax.axhline(measured["random"], color="black", ls="--", lw=1, label="random: 1/m")
    ax.set_xticks(x, [f"p = {p:g}" for p in measured["densities"]])
    ax.set(ylim=(0, 0.175), ylabel="mean squared cosine")
    ax.set_title("overlap of two features", loc="left")
    ax.legend(loc="upper center", ncols=2, frameon=False, fontsize=7.5, columnspacing=0.8)
