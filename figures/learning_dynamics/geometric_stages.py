"""Two correlated sets on the way to an octahedron (arXiv 2209.10652, F26), and its film."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from numerics.experiments.learning_dynamics.geometric_stages import partners, principal_share
from numerics.experiments.results import constants_of

from ..paper_figure import Datasets
from ..style import paper_style
from .losses import DOWN, SADDLE, most_plateaus, saddle_lines

__all__ = ["draw_f26", "film_f26", "marks"]

_SETS = ("#0072B2", "#D55E00")
_PANELS = 5
_FRAMES = 72
_VIEW = {"elev": 22, "azim": 32}

Array = NDArray[np.float64]


def marks(data: xr.Dataset, flow: int) -> list[int]:
    """Return the places of the stage marks: the first jump, then the plateaus after it."""
    plateaus = data["flow_plateau"].values[flow]
    plateaus = plateaus[plateaus >= 0]
    if len(plateaus) < 2:
        return [int(plateaus[-1])]
    first = int(data["flow_jump"].values[flow][0])
    return [first, *map(int, plateaus[1:])][:_PANELS]


def _turned(W: Array) -> Array:
    """Return a path (T, 3, n) turned so that the first set ends near the axes."""
    left, _, right = np.linalg.svd(W[-1][:, :3])
    return np.asarray(np.einsum("ji,tik->tjk", right.T @ left.T, W))


def _space(ax: Any, W: Array, place: int, last: bool, zoom: float = 1.3) -> None:
    """Draw the columns at a place, and their paths so far."""
    n = W.shape[2]
    for feature in range(n):
        color = _SETS[feature // 3]
        path = W[: place + 1, :, feature]
        ax.plot(*path.T, color=color, lw=0.8, alpha=0.5)
        ax.plot(*np.stack([np.zeros(3), path[-1]]).T, color=color, lw=1.6)
        ax.scatter(*path[-1], color=color, s=16, depthshade=False)
    if last:
        pairs = partners(W[place])
        corners = W[place]
        for i in range(n):
            for j in range(i):
                if pairs[i] != j:
                    ax.plot(*corners[:, [i, j]], color="0.55", lw=0.6, zorder=0)
    ax.set(xlim=(-0.85, 0.85), ylim=(-0.85, 0.85), zlim=(-0.85, 0.85))
    ax.set_box_aspect((1, 1, 1), zoom=zoom)
    ax.view_init(**_VIEW)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_ticklabels([])
        axis.set_pane_color((0.97, 0.97, 0.97, 1.0))
        axis._axinfo["grid"].update({"linewidth": 0.3, "color": "0.85"})
        axis.set_tick_params(length=0)


def _set_handles() -> list[Line2D]:
    return [
        Line2D([], [], color=color, marker="o", ms=4, label=f"features {members}")
        for color, members in zip(_SETS, ("0, 1, 2: one set", "3, 4, 5: the other"), strict=True)
    ]


def _loss(ax: Axes, data: xr.Dataset, flow: int, places: list[int]) -> None:
    time, loss = (data[f"flow_{name}"].values[flow] for name in ("time", "loss"))
    ax.plot(time[1:], loss[1:], color=DOWN, lw=1.6, zorder=3)
    for letter, place in zip("ABCDE", places, strict=False):
        ax.plot(time[place], loss[place], "o", ms=5, color="k", zorder=4)
        ax.annotate(
            letter, (time[place], loss[place]), xytext=(4, 5), textcoords="offset points",
            fontweight="bold",
        )  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="time of the flow", xlim=(0.5, time[-1]))
    ax.set(ylim=(0.045, 1.25), ylabel="exact loss / loss of no weights")
    ax.set_yticks([0.05, 0.1, 0.2, 0.5, 1], ["0.05", "0.1", "0.2", "0.5", "1"])
    ax.yaxis.set_minor_formatter("")


def _linear(ax: Axes, data: xr.Dataset, flow: int) -> None:
    time = data["flow_time"].values[flow][1:]
    W, linear = data["flow_W"].values[flow][1:], data["linear_W"].values[flow][1:]
    G, H = (np.einsum("tmi,tmj->tij", w, w) for w in (W, linear))
    size = np.linalg.norm(G, axis=(1, 2))
    ax.plot(time, principal_share(W), color="#009E73", lw=1.6, label="share in 2 components")
    ax.plot(
        time, np.linalg.norm(G - H, axis=(1, 2)) / size, color="#CC79A7", lw=1.6,
        label=r"$\|G - G_{\mathrm{linear}}\|/\|G\|$",
    )  # fmt: skip
    ax.axhline(1 / 3, color="0.5", lw=0.7, ls=":")
    ax.annotate("1/3 at random", (0.98, 1 / 3), xycoords=("axes fraction", "data"), fontsize=7,
                ha="right", va="bottom", color="0.4")  # fmt: skip
    ax.set(xscale="log", xlabel="time of the flow", xlim=(0.5, time[-1]), ylim=(-0.03, 1.12))
    ax.legend(loc="center left", bbox_to_anchor=(0.0, 0.36))
    ax.set_title("early stage: linear, principal components")


def _all(ax: Axes, data: xr.Dataset, flow: int) -> None:
    time, loss = data["flow_time"].values, data["flow_loss"].values
    for k in range(len(loss)):
        ax.plot(time[k][1:], loss[k][1:], color=DOWN, lw=0.8, alpha=0.7)
    steps = data["trained_place"].values
    axis = ax.twiny()
    for one in data["trained_loss"].values:
        axis.plot(steps[1:], one[1:], color="#E69F00", lw=0.8, alpha=0.8)
    axis.set(xscale="log", xlim=(10, steps[-1]))
    axis.set_xlabel("step of Adam", color="#B07A00")
    saddle_lines(ax, data, flow)
    ax.set(xscale="log", yscale="log", xlim=(0.5, 1e4), ylim=(0.045, 1.25))
    ax.set_yticks([0.05, 0.1, 0.2, 0.5, 1], ["0.05", "0.1", "0.2", "0.5", "1"])
    ax.yaxis.set_minor_formatter("")
    ax.set_xlabel("time of the flow")
    ax.legend(
        handles=[
            Line2D([], [], color=DOWN, label=f"gradient flow, {len(loss)} starts"),
            Line2D([], [], color="#E69F00", label=f"Adam, {data.sizes['trained_start']} starts"),
            Line2D([], [], color=SADDLE, ls="--", label="critical points, left"),
        ],
        loc="upper right",
    )


def draw_f26(data: Datasets) -> Figure:
    """Draw F26: columns in space at the stage marks, losses, and the linear stage."""
    own = data["geometric_stages"]
    values = constants_of(own)
    flow = most_plateaus(own)
    places = marks(own, flow)
    W = _turned(own["flow_W"].values[flow])
    with paper_style():
        figure = plt.figure(figsize=(11, 6.4), layout="constrained")
        top, bottom = np.asarray(figure.subfigures(2, 1, height_ratios=[1, 1.15]))
        for k, (letter, place) in enumerate(zip("ABCDE", places, strict=False)):
            ax = top.add_subplot(1, len(places), k + 1, projection="3d")
            _space(ax, W, place, place == places[-1])
            time = own["flow_time"].values[flow][place]
            ax.set_title(
                f"{letter}   t = {time:.3g}" if time < 1000 else f"{letter}   t = {time:.0f}",
                fontweight="bold",
            )
        top.legend(handles=_set_handles(), loc="lower center", ncols=2, fontsize=8)
        top.suptitle(
            f"Columns of W along the flow: n, m = 6, 3, 2 correlated sets, p = {values['density']}",
            fontsize=10,
        )
        left, middle, right = (bottom.add_subplot(1, 3, k) for k in (1, 2, 3))
        _loss(left, own, flow, places)
        saddle_lines(left, own, flow, top=0.98)
        counts = (own["flow_plateau"].values >= 0).sum(1)
        left.set_title(f"the flow with most plateaus ({counts.max()}) of {len(counts)}")
        _linear(middle, own, flow)
        _all(right, own, flow)
    return figure


def film_f26(data: Datasets) -> list[Figure]:
    """Return the frames of the film: columns in space beside the loss."""
    own = data["geometric_stages"]
    flow = most_plateaus(own)
    places = marks(own, flow)
    W = _turned(own["flow_W"].values[flow])
    time, loss = (own[f"flow_{name}"].values[flow] for name in ("time", "loss"))
    # at a pace between that of W and that of the logarithm of time
    length = np.cumsum(np.linalg.norm(np.diff(W, axis=0, prepend=W[:1]), axis=(1, 2)))
    first, last = int(np.argmax(time > 0.5)), len(time) - 1
    pace = (length - length[first]) / (length[last] - length[first])
    pace = pace + np.linspace(0, 0.7, len(time))
    shown = np.interp(
        np.linspace(pace[first], pace[last], _FRAMES), pace[first:], np.arange(first, last + 1)
    )
    frames = []
    with paper_style():
        for place in shown.round().astype(int):
            figure = Figure(figsize=(7, 3.4))
            space = figure.add_axes((0.0, 0.02, 0.47, 0.95), projection="3d")
            _space(space, W, int(place), bool(place == last), zoom=1.0)
            curve = figure.add_axes((0.57, 0.16, 0.4, 0.74))
            _loss(curve, own, flow, places)
            curve.plot(time[place], loss[place], "o", ms=8, color=SADDLE, zorder=5)
            figure.legend(handles=_set_handles(), loc="upper left", fontsize=7)
            frames.append(figure)
    return frames
