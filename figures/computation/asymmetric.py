"""The asymmetric motif (F36): two instances dissected, all counted, and what it costs exactly."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from numerics.experiments.results import measurements_of
from theory.asymmetric_motif import PAPER_RATIO, crossing

from .. import style
from ..paper_figure import Datasets
from .net_graph import draw_net

__all__ = ["draw_f36", "shown_instances"]

Array = NDArray[Any]

_BLUE, _ORANGE = style.CANDIDATE_COLORS["ignore_first"], style.CANDIDATE_COLORS["pair_last"]
_GREEN, _PINK = style.CANDIDATE_COLORS["triangle"], style.CANDIDATE_COLORS["tilted_triangle"]
_LENGTHS = (("short", _BLUE), ("longer", _ORANGE))
_INSTANCES = 2


def shown_instances(own: xr.Dataset) -> list[int]:
    """Return up to two instances of the net of least loss that has two, or of the best with one."""
    starts = own["start_longer"].values
    counts = np.bincount(starts, minlength=own.sizes["start_longer"])
    enough = counts >= min(_INSTANCES, counts.max(initial=0))
    loss = np.where(enough, own["loss_longer"].values, np.inf)
    return [int(place) for place in np.flatnonzero(starts == loss.argmin())[:_INSTANCES]]


def _instance(ax: Axes, own: xr.Dataset, place: int) -> None:
    def field(name: str) -> Any:
        return own[f"{name}_longer"].values[place]

    start, shared, inhibitor = int(field("start")), int(field("shared")), int(field("inhibitor"))
    features = [int(field("primary")), int(field("secondary"))]
    if int(field("helps")) >= 0:
        features.append(int(field("helps")))
    pair = [shared, inhibitor]
    W_in = own["W_in_longer"].values[start][np.ix_(pair, features)].astype(float)
    W_out = own["W_out_longer"].values[start][np.ix_(features, pair)].astype(float)
    scale = np.array([np.sqrt(abs(W_in[0, 0] * W_in[0, 1])), np.abs(W_in[1]).max()])
    W_in, W_out = W_in / scale[:, None], W_out * scale
    draw_net(
        ax,
        W_in,
        W_out,
        names=[str(i) for i in features],
        least=0.06,
        labelled=True,
        fills={0: _GREEN, 1: _PINK},
        neurons=("shared", "inhibits"),
    )
    signs = ["−" if W_in[0, i] < 0 else "" for i in (0, 1)]
    ratio = [abs(W_in[0, 0]), abs(W_in[0, 1]), W_out[0, 0], W_out[1, 0]]
    ax.set_title(
        f"in [{signs[0]}{ratio[0]:.2f}, {signs[1]}{ratio[1]:.2f}], "
        f"out [{ratio[2]:.2f}, {ratio[3]:.2f}]  (paper: [2, −½], [½, 2])\n"
        f"$x_{features[0]}$ → $y_{features[1]}$: {field('interference'):+.2f} by the shared "
        f"neuron, {field('net'):+.2f} in all".replace("-", "−"),
        loc="left",
        fontsize=8.5,
    )


def _ratios(ax: Axes, own: xr.Dataset) -> None:
    for length, color in _LENGTHS:
        x, y = own[f"in_ratio_{length}"].values, own[f"out_ratio_{length}"].values
        steps = int(own["steps"].values[int(length == "longer")])
        nets = own.sizes[f"start_{length}"]
        label = f"{steps} steps: {x.size} in {nets} nets"
        ax.plot(x, y, "o", ms=4, alpha=0.65, color=color, label=label)
    line = np.geomspace(1.5, 12, 10)
    ax.plot(line, line, color="black", lw=0.7)
    ax.plot(PAPER_RATIO, PAPER_RATIO, "*", ms=14, color="black", label="the paper's, 4 and 4")
    chance = measurements_of(own)["short"]["by_chance"]
    ax.set(xscale="log", yscale="log", xlabel="ratio of in-weights", ylabel="ratio of out-weights")
    for axis in (ax.xaxis, ax.yaxis):
        style.plain_numbers(axis, [2, 4, 8])
    ax.set_title(
        f"all inhibited instances, p = {float(own['density']):g}\n(by chance {chance:.2f} a net)",
        loc="left",
    )
    ax.legend(frameon=False, fontsize=7, loc="upper left")


def _small_density_axis(ax: Axes) -> None:
    ax.set(xscale="log", xlabel="density p = 1 − S")
    ax.invert_xaxis()
    style.plain_numbers(ax.xaxis, [0.4, 0.2, 0.1, 0.05, 0.02])


def _losses(ax: Axes, own: xr.Dataset) -> None:
    p = own["density"].values
    fine = own["fine_density"].values
    ax.plot(fine, own["half_ignored"].values, color="black", label="half a feature ignored")
    ax.plot(p, own["drawn_loss"].values, ":", color=_BLUE, label="motif as drawn, ratio 4")
    one = own["family_loss"].sel(inhibitors=1).values
    ax.plot(p, one, "-", color=_BLUE, label="motif, best ratio")
    two = own["family_loss"].sel(inhibitors=2).values
    ax.plot(p, two, "-", color=_PINK, label="two inhibiting neurons, best")
    limit = own["limit"].values
    ax.plot(fine, limit, ":", color=_PINK, label="the same, ratio → ∞: p(3 − p)")
    trained = own["trained_loss"].values
    offset = np.geomspace(0.96, 1.04, trained.shape[1])
    ax.plot(p[:, None] * offset, trained, ".", ms=3, color="0.6", zorder=1)
    ax.plot(p, trained.min(1), "o", ms=5, color=_ORANGE, label="trained, best (grey: all)")
    below = own["descended_loss"].values
    ax.plot(p, below, "v", ms=5, mfc="white", color=_ORANGE, label="the best, descended exactly")
    ax.axvline(float(crossing()), color="black", lw=0.8, ls="--")
    ax.text(float(crossing()) * 1.03, 0.033, "0.322", rotation=90, fontsize=7.5, ha="right")
    ax.set(yscale="log", ylim=(0.03, 80))
    _small_density_axis(ax)
    ax.set_ylabel("exact loss / loss of half a feature")
    ax.set_title(f"three features, five neurons, best of {trained.shape[1]} starts", loc="left")
    ax.legend(frameon=False, fontsize=6.8, loc="upper right", ncols=1)


def _best_ratios(ax: Axes, own: xr.Dataset, six: xr.Dataset) -> None:
    p = own["density"].values
    one, two = (own["family_ratio"].sel(inhibitors=count).values for count in (1, 2))
    ax.plot(p, own["leading_ratio"].values, "-", color=_BLUE, label="$(2I_1/pI_3)^{1/4}$")
    ax.plot(p, one, "o", ms=4, color=_BLUE, label="best, exact: one inhibits")
    ax.plot(p, two, "D", ms=4, color=_PINK, label="best, exact: two inhibit")
    trained = own["trained_ratio"].values
    ax.plot(p, trained, "s", ms=5, mfc="white", color=_ORANGE, label="best trained net")
    for length, color in _LENGTHS:
        values = six[f"in_ratio_{length}"].values
        if values.size:
            low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
            place = float(six["density"]) * (1.12 if length == "short" else 0.88)
            steps = int(six["steps"].values[int(length == "longer")])
            ax.errorbar(
                place,
                middle,
                [[middle - low], [high - middle]],
                color=color,
                marker="x",
                ms=5,
                label=f"six features, {steps} steps",
            )
    ax.axhline(PAPER_RATIO, color="black", lw=0.8, ls="--")
    ax.text(0.021, PAPER_RATIO * 1.05, "the paper's", fontsize=7.5, ha="right")
    ax.set(yscale="log", ylim=(1, 3e4))
    style.plain_numbers(ax.yaxis, [1, 4, 10, 100, 1000])
    _small_density_axis(ax)
    ax.set_ylabel("ratio of in-weights")
    ax.set_title("the ratio that exact losses prefer", loc="left")
    ax.legend(frameon=False, fontsize=7, loc="upper left")


def draw_f36(data: Datasets) -> Figure:
    """Draw two instances, all ratios, the exact losses and the best ratios."""
    six, three = data["asymmetric_motif"], data["smallest_motif"]
    with style.paper_style():
        figure = Figure(figsize=(10, 8.2), layout="constrained")
        grid = figure.add_gridspec(2, 6, height_ratios=[1, 1.05])
        for column, place in enumerate(shown_instances(six)):
            _instance(figure.add_subplot(grid[0, 3 * column : 3 * column + 3]), six, place)
        _ratios(figure.add_subplot(grid[1, :2]), six)
        _losses(figure.add_subplot(grid[1, 2:4]), three)
        _best_ratios(figure.add_subplot(grid[1, 4:]), three, six)
        figure.suptitle(
            f"the asymmetric motif in a net of {six.sizes['feature']} features and "
            f"{six.sizes['neuron']} neurons, I = 0.7$^i$, p = {float(six['density']):g}; "
            "edges: blue +, orange −",
            fontsize=10,
        )
    return figure
