"""Two dense numbers in one, nonlinearly (arXiv 2209.10652, appendix, F38)."""

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from numerics.experiments.results import constants_of

from .paper_figure import Datasets, PaperFigure
from .style import paper_style

__all__ = ["FIGURES", "draw_f38", "plot_errors", "plot_scheme"]


def plot_scheme(dataset: xr.Dataset, Z: int, *, ax: Axes, title: str, packing: bool) -> Axes:
    """Draw the staircase that packs x, or what is read from the packed number."""
    unit = dataset["unit"].values
    steps = np.arange(Z)
    if packing:
        ax.hlines(steps / Z, steps / Z, (steps + 1) / Z, color="0.6", lw=4, label="⌊Zx⌋ / Z")
        ax.plot(unit, dataset["packed"], color="#0072B2", label="with steep segments")
        ax.set(xlabel="x", ylabel="t − y/Z")
    else:
        for k, color in enumerate(("#0072B2", "#D55E00")):
            label = f"{'xy'[k]} as read"
            ax.plot(unit, dataset["unpacked"].values[k], color=color, label=label)
        ax.set(xlabel="t", ylabel="read from t")
    ax.set(xlim=(0, 1))
    ax.set_title(title, loc="left")
    ax.legend(loc="upper left")
    return ax


def plot_errors(
    dataset: xr.Dataset, *, ax: Axes, title: str, of_interval: bool, claimed: tuple[int, float]
) -> Axes:
    """Draw the loss against ε, of a step or of the unit interval, one curve for each Z."""
    claimed_Z, claimed_width = claimed
    linear = float(dataset["linear_loss"])
    loss = dataset["error_x"] + dataset["error_y"]
    colors = mpl.colormaps["viridis"](np.linspace(0, 0.85, dataset.sizes["segments"]))
    for Z, color in zip(dataset["segments"].values, colors, strict=True):
        scale = 1 / Z if of_interval else 1
        ax.plot(
            dataset["width"] * scale,
            loss.sel(segments=Z) / linear,
            color=color,
            label=f"Z = {Z}",
        )
        ax.plot(
            dataset["checked_width"] * scale,
            dataset["quadrature"].sel(segments=Z) / linear,
            "o",
            ms=4,
            color=color,
            markerfacecolor="white",
        )
    ax.axhline(1, color="black", ls="--", lw=1.2)
    ax.text(0.99, 1.01, "linear: keep x, or the average (1/12)", ha="right", va="bottom",
            transform=ax.get_yaxis_transform(), fontsize=8)  # fmt: skip
    ax.axvline(claimed_width, color="0.75", lw=1, zorder=0)
    in_steps = dataset["width_of_steps"].values.astype(bool)
    other = dataset["loss_as_read"].values[in_steps != of_interval] / linear
    ax.plot(
        np.full(other.shape, claimed_width),
        other,
        "x",
        color="#D55E00",
        label=f"Z = {claimed_Z}, other readings",
    )
    ax.set(xlim=(0, 0.5 if of_interval else 1), ylim=(0, 2))
    ax.set(xlabel="ε, width of a ramp on [0, 1]" if of_interval else "ε, share of a step")
    ax.set_ylabel("loss / loss of the best linear number")
    ax.set_title(title, loc="left")
    return ax


def draw_f38(data: Datasets) -> Figure:
    """Draw the scheme and its loss, ε read in either unit."""
    dataset = data["nonlinear_compression"]
    constants = constants_of(dataset)
    Z, width, *claimed = (
        constants[name]
        for name in ("shown_segments", "shown_width", "claimed_segments", "claimed_width")
    )
    with paper_style():
        figure = Figure(figsize=(10, 7), layout="constrained")
        axes = figure.subplots(2, 2, height_ratios=(1, 1.45))
        figure.suptitle(
            "Two dense numbers in one, t = (⌊Zx⌋ + y)/Z with every jump made a steep segment",
            fontsize=12,
        )
        shown = f"Z = {Z}, ε = {width:g} of a step"
        plot_scheme(dataset, Z, ax=axes[0, 0], title=f"(a) packing, {shown}", packing=True)
        plot_scheme(dataset, Z, ax=axes[0, 1], title=f"(b) unpacking, {shown}", packing=False)
        plot_errors(
            dataset,
            ax=axes[1, 0],
            title="(c) ε as a share of a step",
            of_interval=False,
            claimed=(claimed[0], claimed[1]),
        )
        plot_errors(
            dataset,
            ax=axes[1, 1],
            title="(d) ε as a width on the unit interval",
            of_interval=True,
            claimed=(claimed[0], claimed[1]),
        )
        axes[1, 0].legend(loc="upper left", ncols=3)
        figure.supxlabel(
            "Loss E(x̂ − x)² + E(ŷ − y)² for x and y uniform on [0, 1).  Lines: closed form.  "
            "Circles: the scheme itself on a grid of x and y.\nCrosses, at the paper's "
            f"Z = {claimed[0]}, ε = {claimed[1]:g}: segments beside the jump, x read with another "
            "constant.",
            fontsize=9,
        )
    return figure


FIGURES: tuple[PaperFigure, ...] = (
    PaperFigure(
        id="F38",
        section="compression",
        title="Nonlinear compression of two dense numbers into one",
        caption="(a) and (b) are the scheme with its jumps smoothed.  (c) and (d) are its mean "
        "square error in closed form against the width ε of the steep segments, read as a share "
        "of a step and as a width on the unit interval, with the scheme itself evaluated beside; "
        "the horizontal line is the best linear number.  Crosses are other readings of what is not "
        "stated.  Nothing is trained.",
        stated="With ε as large as 0.1 and Z as low as 3 the nonlinear scheme beats keeping one "
        "number and keeping the average.",
        experiments=("nonlinear_compression",),
        draw="compression:draw_f38",
    ),
)
