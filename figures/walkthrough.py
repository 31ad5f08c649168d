"""Two introductory questions: an L1 penalty on the hidden layer, and finding the pentagon."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from numerics.experiments.results import constants_of
from theory.problem import dropped_loss

from . import style
from .paper_figure import Datasets, PaperFigure

__all__ = ["FIGURES"]

FIGURES = (
    PaperFigure(
        id="Q7",
        section="walkthrough",
        title="What an L1 penalty on the hidden layer does",
        caption="Ten equal sparse features in five hidden dimensions, trained with λ Σ|h| added to "
        "the loss; the best of several starts at each λ.  Top: how many features are stored, and "
        "how many of them share directions.  Bottom: the loss without the penalty; the dashed line "
        "is that of five dedicated features without superposition, the dotted one that of nothing "
        "stored.",
        stated="A penalty on the L1 norm of hidden activations removes superposition in toy "
        "models, at a cost in loss.",
        experiments=("hidden_penalty",),
        draw="walkthrough:draw_penalty",
    ),
    PaperFigure(
        id="Q8",
        section="walkthrough",
        title="Training finds the pentagon",
        caption="Five equal features of density 1/20 in two dimensions, trained by the notebook's "
        "optimiser: columns of W at some steps of the run that ended lowest, and the exact loss of "
        "every run.  The dashed line is the optimum of the exact loss.",
        stated="Five sparse features in two dimensions end as a pentagon.",
        experiments=("finding_the_pentagon",),
        draw="walkthrough:draw_pentagon",
        animate="walkthrough:pentagon_frames",
    ),
)

_SHOWN = 6  # steps of the filmstrip
_LIMIT = 1.35


def _plot_counts(ax: Axes, one: xr.Dataset) -> None:
    x = np.arange(one.sizes["coefficient"])
    ax.plot(x, one["represented"], "o-", color="#0072B2", markersize=5, label="stored")
    ax.plot(
        x, one["superposed"], "s--", color="#D55E00", markersize=4, label="of them in superposition"
    )
    ax.set(ylim=(-0.5, one.sizes["feature"] + 0.5))
    ax.axhline(one.sizes["hidden"], color="#444444", linestyle=":", linewidth=1)
    ax.tick_params(labelbottom=False)


def draw_penalty(data: Datasets) -> Figure:
    """Draw norms and losses over the coefficient, a column for each model."""
    found = data["hidden_penalty"]
    p, n, m = constants_of(found)["density"], found.sizes["feature"], found.sizes["hidden"]
    unit = n * dropped_loss(p)
    with style.paper_style():
        figure, axes = plt.subplots(
            2, 2, figsize=(8.5, 5), sharex=True, sharey="row", layout="constrained"
        )
        for column, model in enumerate(found["model"].values.tolist()):
            one = found.sel(model=model)
            top, bottom = axes[:, column]
            _plot_counts(top, one)
            top.set_title(f"{model}, {n} features in {m} dimensions", loc="left")
            x = np.arange(one.sizes["coefficient"])
            bottom.plot(x, one["loss"] / unit, "o-", color="#D55E00", markersize=4)
            bottom.axhline((n - m) / n, color="#444444", linestyle="--", linewidth=1)
            bottom.axhline(1, color="#444444", linestyle=":", linewidth=1)
            bottom.set_xticks(x, [f"{value:g}" for value in one["coefficient"].values])
            bottom.set(xlabel="coefficient λ of the penalty", ylim=(0, 1.1))
            bottom.text(
                0.02,
                (n - m) / n + 0.02,
                f"{m} dedicated features",
                fontsize=8,
                transform=bottom.get_yaxis_transform(),
            )
            bottom.text(
                0.02, 1.02, "nothing stored", fontsize=8, transform=bottom.get_yaxis_transform()
            )
        axes[0, 0].set_ylabel("features")
        axes[0, 0].legend(loc="lower left", frameon=False)
        axes[0, 0].text(
            0.98,
            m + 0.2,
            "one a dimension",
            fontsize=8,
            ha="right",
            transform=axes[0, 0].get_yaxis_transform(),
        )
        axes[1, 0].set_ylabel("loss without the penalty, in n V")
    return figure


def _plot_columns(ax: Axes, W: np.ndarray, title: str) -> None:
    colors = plt.get_cmap("viridis")(np.linspace(0.05, 0.9, W.shape[1]))
    ax.add_patch(Circle((0, 0), 1, fill=False, color="#BBBBBB", linewidth=0.8))
    for k, color in enumerate(colors):
        ax.plot([0, W[0, k]], [0, W[1, k]], color=color, linewidth=2)
        ax.plot(W[0, k], W[1, k], "o", color=color, markersize=5)
    ax.set(xlim=(-_LIMIT, _LIMIT), ylim=(-_LIMIT, _LIMIT), aspect="equal", xticks=[], yticks=[])
    ax.set_title(title)


def _plot_losses(ax: Axes, found: xr.Dataset, best: int, upto: int | None = None) -> None:
    steps = np.maximum(found["step"].values, 0.7)
    for start in range(found.sizes["start"]):
        mine = start == best
        ax.plot(
            steps,
            found["loss"][start],
            color="#0072B2" if mine else "#BBBBBB",
            linewidth=1.8 if mine else 0.9,
            zorder=3 if mine else 2,
        )
    if upto is not None:
        ax.plot(steps[upto], found["loss"][best, upto], "o", color="#D55E00", zorder=4)
    ax.axhline(float(found["least_loss"]), color="#444444", linestyle="--", linewidth=1)
    ax.axhline(float(found["dropped_loss"]), color="#444444", linestyle=":", linewidth=1)
    ax.set(xscale="log", yscale="log", xlabel="step", ylabel="exact loss")
    ax.annotate(
        "optimum",
        (1, float(found["least_loss"])),
        xytext=(0, 3),
        textcoords="offset points",
        fontsize=8,
    )
    ax.annotate(
        "nothing stored",
        (1, float(found["dropped_loss"])),
        xytext=(0, -10),
        textcoords="offset points",
        fontsize=8,
    )


def _best(found: xr.Dataset) -> int:
    return int(found["loss"].isel(step=-1).values.argmin())


def _shown(found: xr.Dataset, best: int) -> list[int]:
    """Return places evenly spaced in what the loss has still to fall, in the logarithm."""
    loss = np.minimum.accumulate(found["loss"][best].values)
    fallen = -np.log(loss - loss[-1] + 1e-4 * loss[0])
    levels = np.linspace(fallen[0], fallen[-1], _SHOWN)
    return [int(np.argmax(fallen >= level - 1e-12)) for level in levels]


def draw_pentagon(data: Datasets) -> Figure:
    """Draw the filmstrip of the best run above the losses of all."""
    found = data["finding_the_pentagon"]
    best = _best(found)
    with style.paper_style():
        figure = plt.figure(figsize=(9, 4.4), layout="constrained")
        grid = figure.add_gridspec(2, _SHOWN, height_ratios=(1, 1.35))
        for column, place in enumerate(_shown(found, best)):
            ax = figure.add_subplot(grid[0, column])
            step = int(found["step"][place])
            _plot_columns(ax, found["W"][best, place].values, f"step {step}")
        _plot_losses(figure.add_subplot(grid[1, :]), found, best)
    return figure


def pentagon_frames(data: Datasets) -> Iterator[Figure]:
    """Yield the frames of the best run: columns of W beside the loss."""
    found = data["finding_the_pentagon"]
    best = _best(found)
    with style.paper_style():
        for place in range(found.sizes["step"]):
            figure, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3), layout="constrained")
            _plot_columns(left, found["W"][best, place].values, f"step {int(found['step'][place])}")
            _plot_losses(right, found, best, place)
            yield figure
