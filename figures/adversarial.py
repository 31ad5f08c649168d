"""Superposition and adversarial vulnerability (arXiv 2209.10652, F27 and F28)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from numerics.experiments.results import constants_of, measurements_of

from .paper_figure import Datasets, PaperFigure
from .style import CANDIDATE_COLORS, paper_style, plain_numbers

__all__ = ["FIGURES", "draw_f27", "draw_f28"]

BLUE, ORANGE = CANDIDATE_COLORS["ignore_first"], CANDIDATE_COLORS["pair_last"]
GREEN, AMBER = CANDIDATE_COLORS["triangle"], CANDIDATE_COLORS["pair_first"]
GREY = "#6E6E6E"
DENSITY_COLORS = (BLUE, GREEN, ORANGE, AMBER, CANDIDATE_COLORS["tilted_triangle"])
SHAPE_LABELS = {
    "digon": ("digon", "o", (5, -10)),
    "triangle": ("triangle", "^", (5, -10)),
    "pentagon": ("pentagon", "p", (-20, -14)),
    "square-antiprism-tight": ("square antiprism", "s", (6, -3)),
    "2_21": ("$2_{21}$, 27 in 6", "D", (5, -10)),
}
SHAPE_DENSITY = 0.1
PAPER_STRENGTH = 0.8

FIGURES = (
    PaperFigure(
        id="F27",
        section="adversarial",
        title="Adversarial vulnerability and features per dimension",
        caption=(
            "Left: vulnerability of trained models (circles; lines: means), exact population "
            "losses under the paper's attack, and ‖W‖²/m; dashed, the same of the best mix of "
            "rigid polytopes, without training.  Middle: attacks made for each input; the band "
            "holds the worst attack, between a search (which gradient ascent equals) and a bound.  "
            "Right: how often outputs are off, and on how many inputs the gradient is exactly 0."
        ),
        stated=(
            "As superposition forms, vulnerability rises more than threefold and runs parallel to "
            "the features per dimension; gradient attacks are difficult where outputs are off "
            "99 % of the time."
        ),
        experiments=("adversarial_vulnerability",),
        draw="adversarial:draw_f27",
    ),
    PaperFigure(
        id="F28",
        section="adversarial",
        title="Vulnerability against features per dimension, and training under attack",
        caption=(
            "Left: one mark for each trained model of F27; outlined, rigid polytopes at density "
            "0.1; the line is vulnerability = features per dimension, exact for antipodal pairs "
            "as features get sparse.  Middle: ‖W‖²/m after training with an attack on a random "
            "feature; ticks on the axis show where a pair of features stops being worth more than "
            "a single one, in theory.  Right: what is left of superposition, and what it costs."
        ),
        stated=(
            "The two are highly correlated.  Training under attack reduces superposition, but "
            "attacks of 80 % of the input's norm are needed to remove it."
        ),
        experiments=("adversarial_vulnerability", "adversarial_training"),
        draw="adversarial:draw_f28",
    ),
)


def _sparsity_axis(ax: Axes, scale: np.ndarray) -> None:
    ax.set_xscale("log")
    ticks = [t for t in (1, 2, 5, 10, 20, 50, 100, 200, 500) if t <= scale[-1] * 1.01]
    plain_numbers(ax.xaxis, ticks)
    ax.set_xlabel("1/(1 − S)")


def _vulnerability(ax: Axes, d: xr.Dataset, scale: np.ndarray) -> None:
    series = (
        ("fixed_analytic", "predicted_vulnerability", ORANGE, "vulnerability (L′−L)/(L′₀−L₀)"),
        (
            "features_per_dimension",
            "predicted_features_per_dimension",
            BLUE,
            "features per dimension, 1/D* = ‖W‖²/m",
        ),
    )
    for name, theory, color, label in series:
        values = d[name].values
        ax.plot(scale, values, "o", color=color, ms=3, alpha=0.5, mew=0)
        ax.plot(scale, values.mean(1), color=color, lw=1.6, label=label)
        ax.plot(scale, d[theory].values, "--", color=color, lw=1.1)
    ax.axhline(1, color=GREY, lw=0.8)
    ax.text(8, 0.93, "no superposition", ha="center", va="top", fontsize=7, color=GREY)
    handles, labels = ax.get_legend_handles_labels()
    handles.append(Line2D([], [], color=GREY, ls="--", lw=1.1))
    ax.legend(handles, [*labels, "theory: best mix of polytopes"], loc="upper left", frameon=False)
    top = max(float(d.features_per_dimension.max()), float(d.predicted_vulnerability.max()))
    ax.set_ylim(0, top * 1.32)
    ax.set_title("One attack for all inputs, λ = 0.1 E‖x‖", loc="left")


def _per_input(ax: Axes, d: xr.Dataset, scale: np.ndarray) -> None:
    mean, count = d.mean("input", keep_attrs=True), d.sizes["input"]
    found, bound = mean.input_found.values, mean.input_bound.values
    ax.fill_between(scale, found, bound, color=GREY, alpha=0.35, lw=0, label="worst attack")
    ax.plot(scale, d.spectral_bound, ":", color=GREY, lw=1.2, label="bound by ‖WᵀW‖")
    lines = (
        ("input_found", GREEN, "-", "search (± 95 %)"),
        ("input_gradient", AMBER, "--", "gradient ascent"),
        ("input_analytic", ORANGE, "-", "best (WᵀW)ᵢ for x"),
    )
    for name, color, style, label in lines:
        values = mean[name].values
        error = 1.96 * d[name].std("input").values / np.sqrt(count)
        if name != "input_gradient":
            ax.fill_between(scale, values - error, values + error, color=color, alpha=0.25, lw=0)
        ax.plot(scale, values, style, color=color, lw=1.5, label=label)
    ax.plot(
        scale, d.fixed_analytic.mean("start"), color=ORANGE, lw=1, ls=":", label="fixed, as left"
    )
    ax.set_yscale("log")
    plain_numbers(ax.yaxis, [0.5, 1, 2, 5, 10, 20, 50, 100, 200])
    ax.set_ylim(0.3, 1500)
    ax.set_ylabel("growth of the loss / λ²")
    ax.legend(loc="upper left", frameon=False, ncols=2, fontsize=7, columnspacing=1)
    ax.set_title(f"An attack for each of {count} inputs", loc="left")


def _masking(ax: Axes, d: xr.Dataset, scale: np.ndarray) -> None:
    off, masked = d.input_off.mean("input").values, d.input_masked.mean("input").values
    ax.plot(scale, off, color=BLUE, lw=1.6, label="outputs off, share")
    ax.plot(scale, masked, color=GREEN, lw=1.6, label="inputs with gradient exactly 0")
    ax.plot(
        scale,
        (1 - d.density.values) ** constants_of(d)["features"],
        "--",
        color=GREEN,
        lw=1.1,
        label="theory: inputs all 0, Sⁿ",
    )
    ax.axhline(0.99, color=GREY, lw=0.8, ls=":")
    ax.text(1, 0.985, "99 %", fontsize=7, color=GREY, va="top")
    ax.set_ylim(0, 1.42)
    ax.set_yticks(np.linspace(0, 1, 6))
    ax.legend(loc="upper left", frameon=False, fontsize=7.5)
    ax.set_title("Where gradients vanish", loc="left")


def draw_f27(data: Datasets) -> Figure:
    """Draw vulnerability and features per dimension against sparsity."""
    d = data["adversarial_vulnerability"]
    scale = 1 / d.density.values
    with paper_style():
        figure = Figure(figsize=(10, 3.7), layout="constrained")
        axes = figure.subplots(1, 3, width_ratios=(1.25, 1.1, 0.9))
        for draw, ax in zip((_vulnerability, _per_input, _masking), axes, strict=True):
            draw(ax, d, scale)
            _sparsity_axis(ax, scale)
        constants = constants_of(d)
        n, m = constants["features"], constants["hidden"]
        figure.suptitle(
            f"n = {n}, m = {m}, equal importance, {d.sizes['start']} models a density "
            f"({d.attrs['quality']} quality); sizes are ours, the paper states none",
            fontsize=8.5,
        )
    return figure


def _scatter(ax: Axes, d: xr.Dataset, figure: Figure) -> None:
    per_dimension, fixed = d.features_per_dimension.values, d.fixed_analytic.values
    scale = np.broadcast_to((1 / d.density.values)[:, None], fixed.shape)
    marks = ax.scatter(
        per_dimension.ravel(),
        fixed.ravel(),
        c=scale.ravel(),
        norm=LogNorm(1, float(scale.max())),
        cmap="viridis",
        s=18,
        linewidths=0,
        zorder=3,
    )
    bar = figure.colorbar(marks, ax=ax, pad=0.02, aspect=30)
    bar.set_label("1/(1 − S)")
    plain_numbers(bar.ax.yaxis)
    top = float(per_dimension.max()) * 1.08
    ax.plot([0, top], [0, top], color=GREY, lw=0.8)
    at = int(np.abs(d.density.values - SHAPE_DENSITY).argmin())
    for key, (label, marker, place) in SHAPE_LABELS.items():
        x = float(d.shape_features_per_dimension.sel(shape=key)[at])
        y = float(d.shape_vulnerability.sel(shape=key)[at])
        ax.plot(x, y, marker, mfc="none", mec="black", ms=7, mew=1, zorder=4)
        ax.annotate(label, (x, y), place, textcoords="offset points", fontsize=7, zorder=5)
    found = {name: value for name, value in measurements_of(d).items() if "correlation" in name}
    text = {
        name: "–" if value is None else f"{round(value, 2) + 0.0:.2f}"
        for name, value in found.items()
    }
    ax.text(
        0.03,
        0.97,
        f"r = {text['correlation_near']} ± {text['correlation_near_error']} for 1/(1 − S) ≤ 10\n"
        f"r = {text['correlation_all']} ± {text['correlation_all_error']} for all",
        transform=ax.transAxes,
        va="top",
        fontsize=8,
    )
    ax.set(xlim=(0.5, top), ylim=(0, max(5.0, float(fixed.max()) * 1.45)))
    ax.set_xlabel("features per dimension, ‖W‖²/m")
    ax.set_ylabel("vulnerability (L′−L)/(L′₀−L₀)")
    ax.set_title("Trained models and polytopes (outlined)", loc="left")


def _hardened(ax: Axes, d: xr.Dataset, pays: list[float | None]) -> None:
    strength = d.strength.values
    for k, color in zip(range(d.sizes["density"]), DENSITY_COLORS, strict=False):
        for reading, style in (("mean", "-"), ("input", ":")):
            values = d.features_per_dimension.isel(density=k).sel(reading=reading).values
            for run in values:
                ax.plot(strength, run, style, color=color, lw=1.4, marker="o", ms=2.5)
        end = pays[k]
        if end is not None:
            ax.plot([end, end], [0, 0.28], color=color, lw=2.5, solid_capstyle="butt")
    ax.axhline(1, color=GREY, lw=0.8)
    ax.axvline(PAPER_STRENGTH, ymax=0.7, color="black", lw=0.8, ls="--")
    top = float(d.features_per_dimension.max())
    ax.text(PAPER_STRENGTH + 0.01, 0.55 * top, "paper:\n80 %", fontsize=7, va="top")
    handles = [
        Line2D([], [], color=color, lw=1.4, label=f"density {p:g}")
        for p, color in zip(d.density.values, DENSITY_COLORS, strict=False)
    ]
    handles += [
        Line2D([], [], color=GREY, label="λ = strength · E‖x‖"),
        Line2D([], [], color=GREY, ls=":", label="λ = strength · ‖x‖"),
        Line2D([], [], color=GREY, lw=2.5, label="theory: a pair is\nworth it up to here"),
    ]
    ax.legend(handles=handles, frameon=False, loc="upper center", ncols=2, fontsize=7.5)
    ax.set_ylim(0, 1.4 * top)
    ax.set_xlabel("strength of the attack in training")
    ax.set_ylabel("features per dimension, ‖W‖²/m")
    ax.set_title("Trained under attack", loc="left")


def _remains(ax: Axes, d: xr.Dataset) -> None:
    strength = d.strength.values
    mean = d.sel(reading="mean").drop_vars("status").mean("start")
    for k, color in zip(range(d.sizes["density"]), DENSITY_COLORS, strict=False):
        at = mean.isel(density=k)
        ax.plot(strength, at.dimensionality, color=color, lw=1.5)
        ax.plot(strength, at.held_per_dimension / at.held_per_dimension[0], "--", color=color, lw=1)
        ax.plot(strength, at.loss_share, ":", color=color, lw=1.5)
    ax.axvline(PAPER_STRENGTH, ymax=0.7, color="black", lw=0.8, ls="--")
    handles = [
        Line2D([], [], color=GREY, label="mean Dᵢ, weighted by ‖Wᵢ‖²"),
        Line2D([], [], color=GREY, ls="--", lw=1, label="features of ‖Wᵢ‖ > ½ / unattacked"),
        Line2D([], [], color=GREY, ls=":", label="loss without attack / all dropped"),
    ]
    ax.set_ylim(0, 1.42)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.legend(handles=handles, frameon=False, loc="upper left", fontsize=7.5)
    ax.set_xlabel("strength of the attack in training")
    ax.set_title("What remains, what it costs", loc="left")


def draw_f28(data: Datasets) -> Figure:
    """Draw vulnerability against features per dimension, and training under attack."""
    d, hardened = data["adversarial_vulnerability"], data["adversarial_training"]
    with paper_style():
        figure = Figure(figsize=(10, 3.7), layout="constrained")
        axes = figure.subplots(1, 3, width_ratios=(1.2, 1.1, 0.95))
        _scatter(axes[0], d, figure)
        _hardened(axes[1], hardened, measurements_of(hardened)["pair_pays_until"])
        _remains(axes[2], hardened)
        figure.suptitle(
            f"under attack: {hardened.sizes['start']} start(s) for each strength, "
            f"{constants_of(hardened)['steps']} steps "
            f"({hardened.attrs['quality']} quality)",
            fontsize=8.5,
        )
    return figure
