"""Neurons in the middle: linear or rectified hidden layers, stacks, regimes (F29 to F31)."""

from typing import Any

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from numerics.experiments.results import measurements_of
from theory.neuron_losses import neuron_loss
from theory.problem import dropped_loss

from . import style
from .matrices import write_entries
from .neuron_regimes import draw_models, plot_losses, plot_strips
from .neuron_stacks import draw_stacks, draw_weights
from .paper_figure import Datasets, PaperFigure

__all__ = ["EXAMPLE", "FIGURES", "draw_f29", "draw_f30", "draw_f31"]

EXAMPLE = (
    np.array([[0.86, 0.84, -0.67, 0.0], [0.85, -0.82, 0.81, 0.0], [0.0, 0.0, 0.0, 1.0]]),
    np.array([-0.5, 0.04, 0.03, 0.0]),
)
"""Three features in two neurons and one alone, to two digits as found at density 0.35."""

_EXAMPLE_DENSITY = 0.35
_MODEL_COLORS = {
    "linear hidden layer": style.CANDIDATE_COLORS["ignore_first"],
    "hidden ReLU": style.CANDIDATE_COLORS["pair_last"],
}


def draw_f29(data: Datasets) -> Figure:
    """Draw raw weights of both models at each density, and how aligned their features are."""
    found = data["neuron_alignment"]
    densities, models = found.density.values, [str(name) for name in found.model.values]
    with style.paper_style():
        figure = Figure(figsize=(9.5, 5.6), layout="constrained")
        panels: Any = figure.subfigures(2, 1, height_ratios=[1.35, 1])
        above, below = panels
        axes = above.subplots(len(models), len(densities), sharex=True, sharey=True, squeeze=False)
        for row, model in enumerate(models):
            for column, p in enumerate(densities):
                ax = axes[row, column]
                own = found.sel(model=model, density=p)
                image = draw_weights(ax, own.W.values[int(own.loss.values.argmin())])
                if row == 0:
                    ax.set_title(f"density p = {p:g}")
                else:
                    ax.set_xlabel("feature, by falling importance")
            axes[row, 0].set_ylabel(f"{model}\nneuron" if row else f"{model}\nhidden dimension")
        above.colorbar(image, ax=axes, label="weight $W_{ai}$", shrink=0.8, extend="both")
        axes = below.subplots(1, len(densities), sharey=True, squeeze=False)[0]
        for ax, p in zip(axes, densities, strict=True):
            _plot_alignment(ax, found.sel(density=p), models)
        axes[0].set_ylabel("share of rotations")
        handles, labels = axes[0].get_legend_handles_labels()
        below.legend(handles, labels, loc="outside lower center", ncols=4)
    return figure


def _plot_alignment(ax: Axes, found: xr.Dataset, models: list[str]) -> None:
    bins = np.linspace(0.2, 1.0, 25).tolist()
    expected = 3 / (found.sizes["hidden"] + 2)
    random = found.random_mean_alignment.values.ravel()
    share = np.full(random.size, 1 / random.size)
    ax.hist(random, bins=bins, weights=share, color="#C8C8C8", label="random rotations of both")
    marks = {"linear hidden layer": 0.02, "hidden ReLU": 0.05}
    for model in models:
        own = found.sel(model=model).mean_alignment.values
        best = own[int(found.sel(model=model).loss.values.argmin())]
        ax.plot(
            own,
            np.full(own.size, marks[model]),
            "o",
            color=_MODEL_COLORS[model],
            alpha=0.75,
            markersize=5,
            markeredgecolor="white",
            label=f"trained, {model}",
        )
        ax.plot(best, marks[model], "o", color="none", markeredgecolor="black", markersize=9)
    ax.axvline(
        expected, color="black", linestyle="--", linewidth=1, label="theory, random: 3/(m+2)"
    )
    linear, rectified = (float(found.sel(model=m)["rank"].mean()) for m in models)
    ax.set_title(f"rank: linear {linear:.2g}, ReLU {rectified:.2g}")
    ax.set_xlabel(r"alignment $\Sigma_a W_{ai}^4/(\Sigma_a W_{ai}^2)^2$")
    ax.set_xlim(0.2, 1.02)


def draw_f30(data: Datasets) -> Figure:
    """Explain stacks of bars by three features in two neurons and one alone."""
    W, b = EXAMPLE
    p = _EXAMPLE_DENSITY
    loss = float(neuron_loss(W, b, p))
    alone = float(dropped_loss(p))  # three features in three neurons, the fourth dropped
    with style.paper_style():
        figure = Figure(figsize=(9, 3.4), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=[1, 1.25])
        image = draw_weights(left, W)
        left.set_xticks(range(W.shape[1]))
        write_entries(image, size=9)
        left.set(xlabel="feature", ylabel="neuron", title="the weights W (neurons × features)")
        figure.colorbar(image, ax=left, shrink=0.8)
        colors = mpl.colormaps["tab10"](np.arange(W.shape[1]))
        draw_stacks(right, W, colors, edge=0.6)
        right.set(xticks=range(len(W)), title="the same as stacks: one bar a weight")
        right.set(xlabel="neuron", ylabel="|weight|, negative ones downwards")
        right.set_xlim(-0.6, 3.4)
        handles = [Patch(color=color, label=f"feature {k}") for k, color in enumerate(colors)]
        right.legend(handles=handles, loc="upper right")
        notes = (
            "three features share\ntwo neurons:\npolysemantic",
            "",
            "one feature:\nmonosemantic",
        )
        for neuron, note in enumerate(notes):
            right.text(neuron if neuron else 0.5, -1.62, note, ha="center", va="bottom", fontsize=8)
        right.set_ylim(-1.7, 2.0)
        figure.suptitle(
            f"exact loss at p = {p:g}: {loss:.4f} with four features in three neurons, "
            f"{alone:.4f} with three, each alone",
            fontsize=9.5,
        )
    return figure


def draw_f31(data: Datasets) -> Figure:
    """Draw the best model of each density as weights and stacks, and the regimes' losses."""
    found = data["neuron_regimes"]
    measured = measurements_of(found)
    densities = found.density.values
    with style.paper_style():
        figure = Figure(figsize=(10, 8.2), layout="constrained")
        panels: Any = figure.subfigures(2, 1, height_ratios=[1.25, 1])
        above, below = panels
        draw_models(above, found, measured)
        axes = below.subplots(2, 1, sharex=True, height_ratios=[5, 1.2])
        plot_losses(axes[0], found)
        plot_strips(axes[1], found, measured, densities)
    return figure


FIGURES = (
    PaperFigure(
        id="F29",
        section="privileged_basis",
        title="Features align with neurons under a hidden ReLU",
        caption="Raw weights of the trained model of least loss, the hidden layer linear above and "
        "rectified below.  Dots: the mean alignment of each trained model's features, the shown "
        "one ringed; grey: the same weights under random rotations, whose mean 3/(m+2) is theory.  "
        "The rank is the share of rotations at least as aligned: 0 is aligned, 0.5 on average is "
        "arbitrary.",
        stated="With a linear hidden layer features lie in arbitrary directions; with a ReLU there "
        "they align with neurons.",
        experiments=("neuron_alignment",),
        draw="privileged_basis:draw_f29",
    ),
    PaperFigure(
        id="F30",
        section="privileged_basis",
        title="How to read a stack plot",
        caption="A worked example, three features in two neurons and one alone: each weight is a "
        "bar of its size on its neuron, negative ones downwards, one colour per feature.  Losses "
        "are exact, of this very example.",
        stated="A neuron with one bar is monosemantic, one with several is polysemantic.",
        experiments=(),
        draw="privileged_basis:draw_f30",
    ),
    PaperFigure(
        id="F31",
        section="privileged_basis",
        title="From monosemantic neurons to a pair of neurons for each feature",
        caption="Above: the trained model of least loss at each density, as weights and as stacks "
        "coloured by superposition Σ (Ŵ_i·W_j)², with the regime its blocks have and the paper's.  "
        "Below: losses of each regime followed through all densities (lines), exact ones (dotted: "
        "five features alone; three in two beside three alone), best trained models (dots), and "
        "the regime of least loss beside the paper's statement.",
        stated="From density 0.5 on all neurons are monosemantic; then three features in two "
        "neurons; five in three at 0.15; six in four at 0.12; eight in five at 0.05 to 0.08; up to "
        "0.04 each of the ten features is a pair of the five neurons.",
        experiments=("neuron_regimes",),
        draw="privileged_basis:draw_f31",
    ),
)
