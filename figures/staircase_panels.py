r"""The panels of a staircase; each takes its report and the cells of the axis, and draws.

Predictions are whole blocks, drawn over the cells of their densities
(:mod:`figures.staircase_axis`).  A level of dimensionality is the thicker the larger its share of
the stored features.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from numerics.best_blocks.observations import CLOSE, DESCENDED, SETTLED, TRAINED

from . import style
from .staircase_axis import Cell, spread, stretches

__all__ = [
    "LEVELS",
    "MARKERS",
    "POINTS",
    "color",
    "families",
    "found_shares",
    "levels",
    "name_sizes",
    "plot_dimensionality",
    "plot_dimensions",
    "plot_excess",
    "plot_shares",
    "sources",
]

LEVELS = {
    "3/4 tetrahedron": 3 / 4,
    "2/3 triangle": 2 / 3,
    "1/2 digon": 1 / 2,
    "2/5 pentagon": 2 / 5,
    "3/8 square antiprism": 3 / 8,
}
"""The lines of the paper's figure."""

MARKERS = {TRAINED: "o", SETTLED: "s", DESCENDED: "^"}
_COLORED_AS = {"square-antiprism": "square-antiprism-coulomb"}
_FEW = 100  # dots at one density that are drawn larger
_PALE = 0.55  # opacity of predicted levels, which dots lie on
_NAMED = 0.03  # of the axis, the least that a block's size is written on
_SAME_LEVEL = 2e-3  # of dimensionality: levels closer than this are one in the picture

Report = dict[str, Any]
Places = Callable[[int], NDArray[np.float64]]


def color(family: str) -> str:
    """Return the colour of a family of blocks."""
    return style.geometry_color(_COLORED_AS.get(family, family))


def _family(block: str) -> str:
    """Return the family in the name of a block, ``family k,d``."""
    return block.rpartition(" ")[0] or block


def sources(report: Report) -> list[str]:
    """Return where the models of a report are from, in the order they are drawn."""
    present = {model["source"] for model in report["models"]}
    return [source for source in MARKERS if source in present]


def families(report: Report) -> list[str]:
    """Return all families of stored features, in the order of the colours."""
    present = {name for step in report["steps"] for name in step["whole"]["shares"]}
    present |= {name for model in report["models"] for name in model["shares"]}
    order = list(style.GEOMETRY_COLORS)

    def place(name: str) -> tuple[int, str]:
        own = _COLORED_AS.get(name, name)
        return order.index(own if own in order else "other"), name

    return sorted(present, key=place)


def levels(step: Report) -> list[tuple[float, str, float]]:
    """Return predicted dimensionalities, each with its family and its share, the largest first.

    Those of one family that can not be told apart in the picture are one, at their mean.
    """
    stored = step["whole"]["represented"]
    merged: list[tuple[float, str, float]] = []
    for one in step["whole"]["levels"]:
        D, share, kind = one["dimensionality"], one["count"] / stored, _family(one["block"])
        near = [
            k
            for k, (at, name, _) in enumerate(merged)
            if name == kind and abs(at - D) < _SAME_LEVEL
        ]
        if near:
            at, _, before = merged[near[0]]
            total = before + share
            merged[near[0]] = ((at * before + D * share) / total, kind, total)
        else:
            merged.append((D, kind, share))
    return merged


def _steps(places: Sequence[Cell], values: Iterable[float | None]) -> tuple[list[float], ...]:
    """Return a line that is level in each cell, upright where cells meet, open elsewhere."""
    x: list[float] = []
    y: list[float] = []
    for cell, value in zip(places, values, strict=True):
        if x and x[-1] != cell.start:
            x.append(cell.start)
            y.append(np.nan)
        x += [cell.start, cell.end]
        y += [np.nan if value is None else value] * 2
    return x, y


def _groups(report: Report) -> Iterator[tuple[str, list[Report], Places]]:
    """Yield the models of one source at one density, and how to place dots of theirs."""
    present = sources(report)
    densities = {model["density"] for model in report["models"]}
    for part, source in enumerate(present):
        for density in sorted(densities):
            own = [
                model
                for model in report["models"]
                if model["source"] == source and model["density"] == density
            ]
            if own:
                yield source, own, partial(spread, density, densities, (part, len(present)))


def _plot_models(report: Report, value: str, ax: Axes) -> None:
    """Draw one point for each model."""
    for source, own, places in _groups(report):
        ax.plot(places(len(own)), [model[value] for model in own], MARKERS[source], **POINTS)


POINTS: dict[str, Any] = {"ms": 3.5, "mfc": "white", "mec": "black", "mew": 0.7, "zorder": 3}


def plot_dimensions(report: Report, places: Sequence[Cell], *, ax: Axes) -> None:
    """Draw the dimensions per feature, predicted and found."""
    predicted = [step["whole"]["dimensions_per_feature"] for step in report["steps"]]
    for D in (0.5, 1):
        ax.axhline(D, color="0.6", lw=0.6, zorder=0.8)
    ax.plot(*_steps(places, predicted), color="black", lw=1.4, zorder=2)
    _plot_models(report, "dimensions_per_feature", ax)
    found = [model["dimensions_per_feature"] for model in report["models"]]
    shown = [D for D in [*predicted, *found] if D is not None and np.isfinite(D)]
    ax.set(ylim=(0, max([1.08, *(1.05 * D for D in shown)])), yticks=[0, 0.5, 1])
    ax.set_ylabel("dimensions\nper feature $D^*$")


def plot_dimensionality(report: Report, places: Sequence[Cell], *, ax: Axes) -> None:
    """Draw every feature of every model, and the predicted levels, in the colours of blocks."""
    for name, D in {**LEVELS, "0 not learned": 0}.items():
        ax.axhline(D, color="0.6", lw=0.6, zorder=0.8)
        lift = {"2/5 pentagon": "bottom", "3/8 square antiprism": "top"}.get(name, "center")
        ax.annotate(
            name,
            (1, D),
            xycoords=ax.get_yaxis_transform(),
            xytext=(4, 0),
            textcoords="offset points",
            va=lift,
            fontsize=7,
            annotation_clip=False,
        )
    bars = [
        (cell, *level)
        for cell, step in zip(places, report["steps"], strict=True)
        for level in levels(step)
    ]
    ax.add_collection(
        LineCollection(
            [[(cell.start, D), (cell.end, D)] for cell, D, _, _ in bars],
            colors=[color(name) for _, _, name, _ in bars],
            linewidths=[1 + 5 * share for *_, share in bars],
            capstyle="butt",
            alpha=_PALE,
            zorder=2,
        )
    )
    for source, own, jittered in _groups(report):
        found = np.concatenate([model["dimensionality"] for model in own])
        ax.scatter(
            jittered(len(found)),
            found,
            s=14 if len(found) <= _FEW else 5,
            c=[color(name) for model in own for name in model["families"]],
            marker=MARKERS[source],
            edgecolors="white",
            linewidths=0.3,
            zorder=3,
            rasterized=True,
        )
    ax.set(ylim=(-0.04, 1.1), yticks=np.arange(0, 1.1, 0.25))
    ax.set_ylabel("dimensionality $D_i$ of each feature")


def plot_shares(
    shares: Sequence[dict[str, float]],
    places: Sequence[Cell],
    families: Sequence[str],
    *,
    ax: Axes,
    title: str,
    shade: Callable[[str], str] = color,
) -> None:
    """Draw the shares of families in each cell on top of each other; nothing where none is known.

    They sum to at most 1.
    """
    bottom = np.zeros(len(places))
    for name in families:
        height = np.array([share.get(name, 0.0) for share in shares])
        ax.bar(
            [cell.start for cell in places],
            height,
            [cell.end - cell.start for cell in places],
            bottom=bottom,
            align="edge",
            color=shade(name),
            lw=0,
        )
        bottom += height
    ax.set(ylim=(0, 1), yticks=[])
    ax.tick_params(bottom=False)
    ax.set_ylabel(title, rotation=0, ha="right", va="center")


def _main_block(step: Report) -> str:
    """Return the name of the block that most stored features are in, "" if none is stored."""
    stored: dict[str, float] = {}
    for level in step["whole"]["levels"]:
        stored[level["block"]] = stored.get(level["block"], 0.0) + level["count"]
    return max(stored, key=lambda name: stored[name], default="")


def name_sizes(report: Report, places: Sequence[Cell], *, ax: Axes) -> None:
    """Write on the predicted shares how many features and dimensions the main block has."""
    low, high = ax.get_xlim()
    names = [_main_block(step) for step in report["steps"]]
    for name in dict.fromkeys(names):
        for start, end in stretches(places, [one == name for one in names]):
            if np.log(end / start) > _NAMED * np.log(high / low):
                ax.text(
                    (start * end) ** 0.5,
                    0.5,
                    name.rpartition(" ")[2],
                    ha="center",
                    va="center",
                    fontsize=7,
                    path_effects=[withStroke(linewidth=2, foreground="white")],
                )


def found_shares(report: Report, source: str) -> list[dict[str, float]]:
    """Return the mean shares in the models of one source at each density."""
    means = []
    for step in report["steps"]:
        own = [
            model["shares"]
            for model in report["models"]
            if model["source"] == source and model["density"] == step["density"] and model["shares"]
        ]
        names = {name for shares in own for name in shares}
        means.append({name: sum(one.get(name, 0.0) for one in own) / len(own) for name in names})
    return means


def plot_excess(report: Report, places: Sequence[Cell], *, ax: Axes) -> None:
    """Draw the losses of models above that of the best mix in fractions, per m V."""
    whole = [step["rounding_loss"] / (report["m"] * step["V"]) for step in report["steps"]]
    ax.axhspan(-CLOSE, CLOSE, color="0.85", lw=0, zorder=0.6)
    ax.plot(*_steps(places, whole), color="black", lw=1.4, zorder=2)
    _plot_models(report, "excess", ax)
    ax.set_yscale("symlog", linthresh=CLOSE)
    ax.set_ylabel("excess loss\nin units of $mV$")
