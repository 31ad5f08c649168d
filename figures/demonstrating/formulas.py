"""The formulas of the loss, and how much each number of active features adds (F11)."""

from typing import Any

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..paper_figure import Datasets
from ..style import CANDIDATE_COLORS, GEOMETRY_COLORS, paper_style, plain_numbers

__all__ = ["draw_f11"]

_TEXTS = {
    "linear": (
        "Linear model, best bias, features of one variance V:",
        r"$L/V=\sum_i I_i(1-\|W_i\|^2)^2+\sum_{i\neq j} I_j(W_j\cdot W_i)^2$",
    ),
    "sum over active": (
        "ReLU model, by the number k of active features:",
        r"$L=\sum_k(1-S)^kS^{n-k}L_k$, multiplicities inside $L_k$",
    ),
    "one active": (
        "one active: feature benefit + interference",
        r"$L_1=\sum_i\,\int_0^1\,I_i(x-\mathrm{ReLU}(\|W_i\|^2x+b_i))^2dx"
        r"+\sum_{i\neq j}\,\int_0^1\,I_j\mathrm{ReLU}(W_j\cdot W_ix+b_j)^2dx$",
    ),
    "discrete": ("integrands at x = 1: values of 1", r"the same sums without $\int$"),
    "Thomson": (
        "norms 0 and 1, b = 0: generalised Thomson problem",
        r"$3L_1=\sum_{W_i=0}I_i+\sum_{i\neq j}I_j\mathrm{ReLU}(W_j\cdot W_i)^2$",
    ),
    "none active, weighted": ("none active:", r"$L_0=\sum_i I_i\mathrm{ReLU}(b_i)^2$"),
    "none active, as written": ("as written, without importance:", r"$\sum_i\mathrm{ReLU}(b_i)^2$"),
    "importance inside, as written": (
        "as written, the importance inside of the square:",
        r"$\sum_i\,\int_0^1\,(I_i(x-\ldots))^2dx+\ldots$ (read with $I_i^2$)",
    ),
}
_MODELS = {
    "two dedicated": GEOMETRY_COLORS["single"],
    "two digons": GEOMETRY_COLORS["digon"],
    "pentagon": GEOMETRY_COLORS["pentagon"],
}

_STYLES = {"-": "exact loss", "--": "one feature active", ":": "several active"}


def _formulas(ax: Axes, data: xr.Dataset) -> None:
    ax.set_axis_off()
    step = 1 / len(_TEXTS)
    for row, (name, (words, formula)) in enumerate(_TEXTS.items()):
        off = float(data.disagreement.sel(formula=name))
        y = 1 - row * step
        mark, color = ("✓", "#009E73") if off == 0 else ("✗", "#D55E00")
        verdict = "holds exactly" if off == 0 else f"off by {off:.0%} in the example"
        kind: dict[str, Any] = {"transform": ax.transAxes, "va": "top"}
        ax.text(0, y, mark, color=color, fontsize=15, fontweight="bold", **kind)
        ax.text(0.06, y, f"{words}  {verdict}", fontsize=8, color="0.35", **kind)
        ax.text(0.06, y - 0.38 * step, formula, fontsize=9.5, **kind)


def _density_axis(ax: Axes) -> None:
    ax.set(xscale="log", xlim=(1.15, 0.00087))
    plain_numbers(ax.xaxis, [1, 0.1, 0.01, 0.001])
    ax.set_xlabel("density p = 1 − S   (sparser to the right)")


def _parts(ax: Axes, data: xr.Dataset) -> None:
    p = data.density.values
    for name, color in _MODELS.items():
        at = data.sel(model=name)
        several = at.part.sel(active=slice(2, None)).sum("active")
        for part, style in zip((at.loss, at.part.sel(active=1), several), _STYLES, strict=True):
            ax.plot(p, part.values / p, style, color=color, lw=1.8 if style == "-" else 1.2)
    ax.set(yscale="log", ylim=(1e-3, 6))
    ax.set_ylabel("part of the loss, over p")
    ax.set_title("five equal features in two dimensions, weights held")
    lines = [Line2D([], [], color="black", ls=style, label=_STYLES[style]) for style in _STYLES]
    ax.legend(handles=lines, fontsize=7, ncols=3, loc="upper center")
    _density_axis(ax)


def _shares(ax: Axes, terms: xr.Dataset, basic: xr.Dataset) -> None:
    p = terms.density.values
    for name, color in _MODELS.items():
        at = terms.sel(model=name)
        ax.plot(p, at.part.sel(active=1).values / at.loss.values, color=color, label=name)
    q = basic.density.values
    trained = CANDIDATE_COLORS["pair_last"]
    ax.plot(q, basic.trained_one_active.values, "o", color=trained, label="F9, trained")
    ax.plot(q, basic.optimum_one_active.values, "k+", ms=8, label="F9, best known")
    ax.axhline(1, color="0.6", lw=0.6)
    ax.set(ylim=(-0.03, 1.05), title="share of the loss with exactly one feature active")
    ax.legend(loc="lower right", fontsize=7)
    _density_axis(ax)


def draw_f11(data: Datasets) -> Figure:
    """Draw the formulas with what the exact loss says of them, and the parts of the loss."""
    terms = data["loss_terms"]
    with paper_style():
        figure = Figure(figsize=(10, 5.4), layout="constrained")
        halves: Any = figure.subfigures(1, 2, width_ratios=[1.12, 1])
        left, right = halves
        _formulas(left.subplots(), terms)
        above, below = right.subplots(2, 1)
        _parts(above, terms)
        _shares(below, terms, data["basic_results"])
        figure.suptitle("The loss in terms: each formula against the exact loss")
    return figure
