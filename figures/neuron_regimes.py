"""Ten features in five neurons: the best models, and the losses of their regimes (F31)."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from numerics.experiments.privileged_basis.measures import PAPER

from . import style
from .neuron_stacks import draw_stacks, draw_weights, overlap_colors, sorted_neurons

__all__ = ["draw_models", "plot_losses", "plot_strips"]

_REGIME_COLORS = {
    "monosemantic": style.CANDIDATE_COLORS["ignore_first"],
    "3 in 2": style.CANDIDATE_COLORS["triangle"],
    "5 in 3": style.CANDIDATE_COLORS["pair_first"],
    "6 in 4": style.CANDIDATE_COLORS["pair_last"],
    "8 in 5": style.CANDIDATE_COLORS["tilted_triangle"],
    "pairs": style.CANDIDATE_COLORS["ignore_last"],
}
_OTHER = "#9A9A9A"
_VISIBLE = 0.05  # least weight that is drawn in stacks


def draw_models(panel: Any, found: xr.Dataset, measured: dict[str, Any]) -> None:
    """Draw the best trained model of each density as weights and as stacks."""
    densities = found.density.values
    axes = panel.subplots(2, len(densities), sharey="row", height_ratios=[1, 1.7])
    for column, p in enumerate(densities):
        W = sorted_neurons(found.settled_W.sel(density=p).values[0])
        image = draw_weights(axes[0, column], W)
        at = measured["at"][column]
        axes[0, column].set_title(
            f"p = {p:g}\n{at['trained']}\npaper:\n{at['paper']}", fontsize=8.5
        )
        axes[0, column].set_yticks([])
        draw_stacks(axes[1, column], W, overlap_colors(W), least=_VISIBLE, labelled=0.2)
        axes[1, column].set_xticks(range(len(W)))
        axes[1, column].set_xlabel(f"{100 * at['hits']:.0f} % of starts\nwithin 1 %", fontsize=8)
        axes[0, column].tick_params(labelsize=6.5)
        axes[1, column].tick_params(labelsize=6.5)
    axes[0, 0].set_ylabel("W, neurons ×\nfeatures")
    axes[1, 0].set_ylabel("|weight| on each neuron")
    panel.colorbar(image, ax=axes[0, :], label="weight", shrink=0.9, extend="both", pad=0.01)
    overlap = ScalarMappable(Normalize(0, 1), "viridis")
    panel.colorbar(overlap, ax=axes[1, :], label="superposition (≥ 1)", shrink=0.7, pad=0.01)
    starts = found.sizes["start"]
    panel.suptitle(
        f"best of {starts} trained models a density (the paper: of 1000), numbers are features",
        fontsize=9.5,
    )


def _relative(found: xr.Dataset, loss: Any) -> Any:
    """Return losses as shares of those of all monosemantic, missing where infinite."""
    ratio = np.asarray(loss) / found.monosemantic_exact.values
    return np.where(np.isfinite(ratio), ratio, np.nan)


def plot_losses(ax: Axes, found: xr.Dataset) -> None:
    """Draw the loss of every regime over density, in units of that of all monosemantic."""
    grid = found.grid.values
    for name in found.regime.values.tolist():
        own = _relative(found, found.branch_loss.sel(regime=name).values)
        color = _REGIME_COLORS.get(name, _OTHER)
        width = 1.6 if name in PAPER else 0.8
        ax.plot(grid, own, "-", color=color, linewidth=width, label=name if name in PAPER else None)
    ax.axhline(1, color=_REGIME_COLORS["monosemantic"], linestyle=":", linewidth=2)
    exact = _relative(found, found.three_in_two_exact.values)
    ax.plot(grid, exact, ":", color=_REGIME_COLORS["3 in 2"], linewidth=2.4)
    ax.plot([], [], ":", color="black", label="exact, no weights beside the block")
    if any(name not in PAPER for name in found.regime.values.tolist()):
        ax.plot([], [], "-", color=_OTHER, linewidth=0.8, label="other blocks, followed")
    for p in found.density.values:
        at = found.sel(density=p)
        scale = float(found.monosemantic_exact.sel(grid=p))
        color = _REGIME_COLORS.get(str(at.settled_regime.values[0]), _OTHER)
        ax.errorbar(
            p,
            float(at.settled_loss[0]) / scale,
            yerr=2 * float(at.settled_error[0]) / scale,
            fmt="o",
            color=color,
            markeredgecolor="black",
            markersize=6,
            zorder=5,
        )
    ax.plot(
        [], [], "o", color="white", markeredgecolor="black", label="best trained model, ± 2 s.e."
    )
    ax.set_ylabel("loss / loss of five features alone")
    ax.set_title(
        "loss of each regime, followed through all densities: the least one is predicted",
        loc="left",
    )
    ax.set_ylim(0.3, 1.12)
    ax.legend(loc="lower left", ncols=2)


def plot_strips(ax: Axes, found: xr.Dataset, measured: dict[str, Any], densities: Any) -> None:
    """Draw which regime is best along the axis: the paper's statement above, ours below."""
    grid = found.grid.values
    for name, (low, high) in PAPER.items():
        width = 1.04 if low == high else 1.0
        span = (max(low, grid[-1]) / width, min(high, 1.0) * width)
        ax.fill_betweenx([1.1, 1.9], *span, color=_REGIME_COLORS[name], linewidth=0)
    edges = [entry[2] for entry in measured["edges"]]
    names = found.regime.values.tolist()
    best = [names[k] for k in found.branch_loss.values.argmin(0)]
    order = [best[0], *(entry[1] for entry in measured["edges"])]
    bounds = [grid[0], *edges, grid[-1]]
    for k, name in enumerate(order):
        ax.fill_betweenx(
            [0.1, 0.9],
            bounds[k + 1],
            bounds[k],
            color=_REGIME_COLORS.get(name, _OTHER),
            linewidth=0,
        )
    for edge in edges:
        ax.text(edge, 0.02, f"{edge:.3g}", ha="center", va="top", fontsize=7, rotation=0)
    ax.set_yticks([0.5, 1.5], ["predicted here", "stated in the paper"])
    ax.set(xscale="log", ylim=(-0.45, 2.0), xlabel="density p = 1 − S")
    ax.set_xlim(1.0, grid[-1] / 1.05)
    ticks = [1, 0.5, 0.3, 0.2, 0.15, 0.1, 0.06, 0.04, 0.03, 0.02]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set_xticks([], minor=True)
