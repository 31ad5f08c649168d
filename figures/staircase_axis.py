r"""The axis of a staircase: :math:`1/(1-S) = 1/p`, logarithmic, cut into a cell for each density.

A prediction is made at single densities and drawn as wide as its *cell*.  Neighbours meet at the
density where the leading block changes, if one was found between them; if two were, another block
leads in between and the cells leave room for it; otherwise they meet halfway.

Models stand at their density, those of one source beside those of the next, and their features are
spread over the room there is by multiples of the golden ratio, evenly and the same every time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator
from matplotlib.transforms import blended_transform_factory
from numpy.typing import NDArray

__all__ = ["Cell", "cells", "density_axis", "mark_transitions", "shade", "spread", "stretches"]

Array = NDArray[np.float64]

_ALONE = 1.12  # from the centre of an only cell to its edges
_ROOM = 0.8  # of the way from one density to the next, for dots
_MOST_ROOM = 0.05  # decades
_GOLDEN = (5**0.5 - 1) / 2
_TICKS = (1, 1.5, 2, 3, 5, 7)
_MOST_TICKS = 12
_LABEL = 0.022  # of the axis, the height of a line of text


@dataclass(frozen=True, slots=True)
class Cell:
    """The stretch of the axis that stands for one density, all in 1/p."""

    start: float
    centre: float
    end: float


def cells(report: dict[str, Any]) -> list[Cell]:
    """Return the cells of the densities of a report, by rising 1/p."""
    x = [1 / step["density"] for step in report["steps"]]
    if len(x) == 1:
        return [Cell(x[0] / _ALONE, x[0], x[0] * _ALONE)]
    changes = sorted(1 / one["density"] for one in report["transitions"] if one["density"])
    starts = [x[0] * (x[0] / x[1]) ** 0.5]
    ends = []
    for left, right in pairwise(x):
        between = [at for at in changes if left <= at <= right] or [(left * right) ** 0.5]
        ends.append(between[0])
        starts.append(between[-1])
    ends.append(x[-1] * (x[-1] / x[-2]) ** 0.5)
    return [Cell(*each) for each in zip(starts, x, ends, strict=True)]


def stretches(cells: Sequence[Cell], chosen: Iterable[bool]) -> list[tuple[float, float]]:
    """Return where cells are chosen, from start to end; neighbouring ones are one stretch."""
    return [
        (run[0].start, run[-1].end)
        for wanted, group in groupby(zip(cells, chosen, strict=True), key=lambda pair: pair[1])
        if wanted and (run := [cell for cell, _ in group])
    ]


def spread(
    density: float, densities: Iterable[float], column: tuple[int, int], count: int
) -> Array:
    """Return places in 1/p for dots at a density, shape (count,).

    Parameters
    ----------
    density
        Of the model or models whose dots these are.
    densities
        Of all models in the picture, which leave room for each other.
    column
        Which of how many columns of dots at the same density.
    count
        How many dots.
    """
    part, parts = column
    gaps = (np.log10(more / less) for less, more in pairwise(sorted(set(densities))))
    room = min(_MOST_ROOM * parts, *(_ROOM * gap for gap in gaps), np.inf)
    jitter = 0.1 + 0.8 * (np.arange(1, count + 1) * _GOLDEN % 1)
    return np.asarray(10 ** (room * ((part + jitter) / parts - 0.5)) / density)


def shade(axes: Sequence[Axes], report: dict[str, Any], places: Sequence[Cell], text: str) -> None:
    """Shade where the ranking of blocks is not closed, and say so in the last of the panels."""
    for start, end in stretches(places, (not step["closed"] for step in report["steps"])):
        for ax in axes:
            ax.axvspan(start, end, color="0.93", lw=0, zorder=0)
        axes[-1].annotate(
            text,
            ((start * end) ** 0.5, 1),
            xycoords=axes[-1].get_xaxis_transform(),
            xytext=(0, -3),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=7,
            color="0.45",
        )


def mark_transitions(axes: Sequence[Axes], report: dict[str, Any]) -> None:
    """Draw a line down all panels where the leading block changes, its density above the first.

    A change that is known to be between two densities only is a hatched stretch of the first two
    panels, without a number.
    """
    low, high = np.log(axes[0].get_xlim())
    free = -np.inf
    above = blended_transform_factory(axes[0].transAxes, axes[0].transAxes)
    for one in report["transitions"]:
        p = one["density"]
        if p is None:
            start, end = sorted(1 / q for q in one["between"])
            for ax in axes[:2]:
                ax.axvspan(start, end, fc="none", ec="0.8", hatch="////", lw=0, zorder=0.5)
            continue
        style = "-" if one["closed"] else (0, (4, 2))
        for ax in axes:
            ax.axvline(1 / p, color="0.35", lw=0.8, ls=style, zorder=1)
        own = (np.log(1 / p) - low) / (high - low)
        free = max(own, free + _LABEL)
        axes[0].annotate(
            f"{p:.4f}",
            (own, 1),
            xycoords=above,
            xytext=(free, 1.08),
            textcoords=above,
            rotation=90,
            ha="center",
            va="bottom",
            fontsize=7,
            color="0.25",
            arrowprops={"arrowstyle": "-", "color": "0.35", "lw": 0.6, "shrinkA": 0, "shrinkB": 0},
        )


def density_axis(ax: Axes, places: Sequence[Cell]) -> None:
    """Make the axis logarithmic, from the first cell to the last, with plain numbers."""
    low, high = places[0].start, places[-1].end
    ax.set(xscale="log", xlim=(low, high))
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))))
    ticks = [k * 10.0**e for e in decades for k in _TICKS if low <= k * 10.0**e <= high]
    if len(ticks) > _MOST_TICKS:
        ticks = [10.0**e for e in [*decades, decades[-1] + 1] if low <= 10.0**e <= high]
    ax.set_xticks(ticks if len(ticks) > 1 else [cell.centre for cell in places])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.4g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_minor_locator(NullLocator())
