"""Two correlated pairs (F20) and two anticorrelated ones (F21)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from numerics.experiments.correlated_features.measures import pair_cosines
from numerics.experiments.results import measurements_of

from .. import style
from ..paper_figure import Datasets
from .arrows import density_ticks, draw_arrows

__all__ = ["draw_f20", "draw_f21"]

_WIDTH = 9.0


def draw_f20(data: Datasets) -> Figure:
    """Draw weights, cosines within pairs and losses of two correlated pairs."""
    found = data["correlated_pairs"]
    p = found["density"].values
    starts = found.sizes["start"]
    with style.paper_style():
        figure = Figure(figsize=(_WIDTH, 5.0), layout="constrained")
        above, below = np.asarray(figure.subfigures(2, 1, height_ratios=[1.0, 1.45]), dtype=object)
        cosines = pair_cosines(found["best_W"].values)
        for k, ax in enumerate(above.subplots(1, len(p))):
            title = (
                f"p = {p[k]:.2g}\nL/p = {found['best_loss'].values[k] / p[k]:.3g}\n"
                f"cos = {cosines[k, 0]:+.3f}, {cosines[k, 1]:+.3f}"
            )
            draw_arrows(ax, found["best_W"].values[k], title)
        above.suptitle(
            f"Two correlated pairs, one colour each: best of {starts} trained runs", fontsize=10
        )
        left, right = below.subplots(1, 2)
        _plot_cosines(left, found)
        _plot_losses(right, found)
        style.fix_layout(figure)
    return figure


def _plot_cosines(ax: Axes, found: xr.Dataset) -> None:
    p = found["density"].values
    cosines = pair_cosines(found["W"].values)
    spread = np.linspace(-0.06, 0.06, cosines.shape[1] * cosines.shape[2])
    x = p[:, None] * 10 ** spread[None]
    ax.plot(
        x.ravel(), cosines.reshape(len(p), -1).ravel(), "o", ms=3, mfc="none", mec="#0072B2",
        label="trained runs, both pairs",
    )  # fmt: skip
    ax.plot(p, pair_cosines(found["least_W"].values)[:, 0], "k-", lw=1.2, label="exact optimum")
    density_ticks(ax, (0.0025, 0.005, 0.01, 0.02, 0.05))
    ax.set(ylim=(-1.08, 1.08), xlabel="density p", ylabel="cosine within a pair")
    ax.axhline(0, color="0.8", lw=0.7, zorder=0)
    measured = measurements_of(found)
    ax.set_title(
        f"right angles (|cos| < 0.1 in both): {100 * measured['orthogonal_share']:.0f} % of "
        f"{measured['runs']} runs",
        loc="left",
    )
    ax.legend(loc="lower right", frameon=False)


def _plot_losses(ax: Axes, found: xr.Dataset) -> None:
    p = found["density"].values
    runs = np.repeat(p, found.sizes["start"])
    ax.plot(p, found["within_loss"] / p, "--", color="#D55E00", lw=1.3)
    ax.plot(p, found["across_loss"] / p, "-", color="black", lw=1.3)
    ax.plot(runs, found["loss"].values.ravel() / runs, "o", ms=3, mfc="none", mec="#0072B2")
    ax.text(p.min(), 0.8, "antipodal within pairs: L = 2p/3", color="#D55E00", fontsize=8)
    ax.text(p.max(), 2e-3, "antipodal across pairs: L = 2p²/3", ha="right", fontsize=8)
    density_ticks(ax, (0.0025, 0.005, 0.01, 0.02, 0.05))
    ax.set(yscale="log", ylim=(1e-3, 1.6), xlabel="density p", ylabel="L / p")
    ax.set_title("exact losses: closed forms and trained runs", loc="left")


def draw_f21(data: Datasets) -> Figure:
    """Draw weights, right pairings and losses of two anticorrelated pairs."""
    found = data["anticorrelated_pairs"]
    q, starts = found["marginal"].values, found.sizes["start"]
    shown = np.unique(np.linspace(0, len(q) - 1, 5).round().astype(int))
    rules = {"paper": "the paper's rule", "arena": "ARENA's rule"}
    with style.paper_style():
        figure = Figure(figsize=(_WIDTH, 6.6), layout="constrained")
        above, below = np.asarray(figure.subfigures(2, 1, height_ratios=[1.5, 1.1]), dtype=object)
        axes = above.subplots(2, len(shown))
        for row, (rule, name) in zip(axes, rules.items(), strict=True):
            cosines = pair_cosines(found[f"{rule}_best_W"].values)
            for ax, k in zip(row, shown, strict=True):
                density = found[f"{rule}_density"].values[k]
                what = "1 − S" if rule == "paper" else "p"
                draw_arrows(
                    ax,
                    found[f"{rule}_best_W"].values[k],
                    f"{what} = {density:.3g}, q = {q[k]:.3g}\ncos = {cosines[k].max():+.4f}",
                )
            row[0].set_ylabel(name)
        above.suptitle(
            f"Two anticorrelated pairs, one colour each: best of {starts} trained runs", fontsize=10
        )
        left, right = below.subplots(1, 2)
        _plot_shares(left, found)
        _plot_pairing_losses(right, found)
        style.fix_layout(figure)
    return figure


_RULES = {"paper": ("#0072B2", "o", 0.96), "arena": ("#D55E00", "s", 1.04)}


def _plot_shares(ax: Axes, found: xr.Dataset) -> None:
    measured = measurements_of(found)
    q = found["marginal"].values
    for rule, (color, marker, shift) in _RULES.items():
        share = np.array(measured[rule]["share"])
        ends = np.array(measured[rule]["interval"]).T
        ax.errorbar(
            q * shift, share, np.abs(ends - share), fmt=marker, ms=4, color=color, lw=1, capsize=2,
            label="paper's rule, 1 − S = 2q" if rule == "paper" else "ARENA's rule, p = q",
        )  # fmt: skip
    ax.axhline(1 / 3, color="0.5", lw=0.9, ls="--")
    ax.text(q.max(), 1 / 3 - 0.09, "chance: one of three pairings", ha="right", fontsize=8)
    density_ticks(ax, (0.02, 0.05, 0.1, 0.2, 0.3))
    ax.set(ylim=(0, 1.05), xlabel="marginal density q of a feature")
    ax.set_ylabel("share of runs, right pairing")
    ax.set_title(f"right pairing found, of {measured['starts']} runs (95 %)", loc="left")
    ax.legend(loc="upper left", frameon=False)


def _plot_pairing_losses(ax: Axes, found: xr.Dataset) -> None:
    q = found["marginal"].values
    for rule, (color, marker, shift) in _RULES.items():
        x = np.repeat(q * shift, found.sizes["start"])
        loss = found[f"{rule}_loss"].values.ravel() / np.repeat(q, found.sizes["start"]) ** 2
        ax.plot(x, np.maximum(loss, 1e-9), marker, ms=3, mfc="none", mec=color)
    ax.axhline(2 / 3, color="black", lw=1.2)
    ax.text(q.min(), 1.4, "wrong pairing, unit weights: L = 2q²/3", fontsize=8)
    ax.text(q.max(), 3e-3, "right pairing: L = 0 exactly; what is\nleft below is training noise",
            fontsize=8, ha="right", va="bottom")  # fmt: skip
    density_ticks(ax, (0.02, 0.05, 0.1, 0.2, 0.3))
    ax.set(yscale="log", ylim=(5e-10, 30), xlabel="marginal density q of a feature")
    ax.set_ylabel("exact loss / q²")
    ax.set_title("the loss tells pairings apart; D = 1/2 in both", loc="left")
