r"""The staircase of a few kinds of blocks over density (arXiv 2209.10652, F14 and F15).

From top to bottom: the dimensions per feature :math:`D^* = m/\|W\|_F^2`; the dimensionality
:math:`D_i` of every feature; which blocks the stored features are in, as predicted and as found in
the models of each source; and how much larger the losses of models are than that of the best mix of
blocks in fractions, in units of m V.  The line there is the loss of the best whole blocks, and in
the grey band a difference makes none.  A model below the band has blocks that the prediction lacks.
"""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from numerics.best_blocks.observations import DROPPED

from . import style
from .staircase_axis import cells, density_axis, mark_transitions, shade
from .staircase_panels import (
    MARKERS,
    POINTS,
    color,
    families,
    found_shares,
    name_sizes,
    plot_dimensionality,
    plot_dimensions,
    plot_excess,
    plot_shares,
    sources,
)

__all__ = ["draw", "save"]

_SCHEMA = "antipode.staircase/1"
_WIDTH = 9.0  # inches
_TOP, _MAIN, _STRIP, _BOTTOM = 1.2, 3.4, 0.34, 1.3  # inches of panels
_COLUMNS = 4  # of the legend
_BETWEEN = 1.4  # inches of labels above and below, and of the spaces between panels
_LABEL = 24  # letters of a line of the legend
_LINE = 0.25  # inches of the legend

Report = dict[str, Any]


def _legend(report: Report) -> list[Artist]:
    """Return what stands for each kind of block, each source of models and each kind of line."""
    named: dict[str, list[str]] = {}
    for name in families(report):
        named.setdefault(color(name), []).append(name)
    if any(DROPPED in model["families"] for model in report["models"]):
        named[color(DROPPED)] = ["dropped feature"]
    entries: list[Artist] = [
        Patch(color=paint, label=fill(", ".join(names), _LABEL)) for paint, names in named.items()
    ]
    entries.append(Line2D([], [], color="black", lw=1.4, label="predicted, whole blocks"))
    entries += [
        Line2D([], [], ls="", marker=MARKERS[source], label=f"{source} model", **POINTS)
        for source in sources(report)
    ]
    changes = report["transitions"]
    if any(one["density"] and one["closed"] for one in changes):
        entries.append(Line2D([], [], color="0.35", lw=0.8, label="leading block changes at p"))
    if any(one["density"] and not one["closed"] for one in changes):
        label = "leading block changes at p,\namong those compared"
        entries.append(Line2D([], [], color="0.35", lw=0.8, ls=(0, (4, 2)), label=label))
    if any(one["density"] is None for one in changes):
        label = "leading block changes\nsomewhere between"
        entries.append(Patch(fc="none", ec="0.8", hatch="////", label=label))
    if not all(step["closed"] for step in report["steps"]):
        label = "lower bound: larger blocks\nmay use dimensions better"
        entries.append(Patch(color="0.93", label=label))
    return entries


def draw(report: Report) -> Figure:
    """Return the figure of a staircase.

    Parameters
    ----------
    report
        What :func:`numerics.best_blocks.reports.staircase_report` returns, with models or without.

    Raises
    ------
    ValueError
        If it is another report.
    """
    if report.get("schema") != _SCHEMA:
        raise ValueError(
            f"report of schema {report.get('schema')!r} is no staircase; give one of {_SCHEMA}"
        )
    places, found = cells(report), sources(report)
    strips = 1 + len(found)
    heights = [_TOP, _MAIN, *[_STRIP] * strips, *[_BOTTOM] * bool(found)]
    with style.paper_style():
        legend = _legend(report)
        height = sum(heights) + _BETWEEN + _LINE * -(-len(legend) // _COLUMNS)
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        axes = list(figure.subplots(len(heights), 1, sharex=True, height_ratios=heights))
        density_axis(axes[0], places)
        shade(axes[:2], report, places, "lower bound")
        plot_dimensions(report, places, ax=axes[0])
        plot_dimensionality(report, places, ax=axes[1])
        order = families(report)
        predicted = [step["whole"]["shares"] for step in report["steps"]]
        plot_shares(predicted, places, order, ax=axes[2], title="predicted")
        for source, ax in zip(found, axes[3:], strict=False):
            plot_shares(found_shares(report, source), places, order, ax=ax, title=source)
        name_sizes(report, places, ax=axes[2])
        title = "stored features by block; its features, dimensions"
        axes[2].set_title(title, fontsize=8, loc="left", pad=2)
        if found:
            plot_excess(report, places, ax=axes[-1])
        mark_transitions(axes, report)
        axes[-1].set_xlabel("$1/(1-S) = 1/p$")
        n, m = report["n"], report["m"]
        figure.suptitle(f"{n} equal features in {m} dimension{'s' * (m > 1)}", fontsize=10)
        figure.legend(handles=legend, loc="outside lower center", ncols=_COLUMNS, frameon=False)
        style.fix_layout(figure)
    return figure


def save(report: Report, folder: Path, formats: Sequence[str] = style.FORMATS) -> list[Path]:
    """Draw and write ``staircase_N_M`` in every format, the same bytes every time.

    Raises
    ------
    ValueError
        As :func:`draw`, and if a file cannot be written.
    """
    stem = f"staircase_{report.get('n')}_{report.get('m')}"
    return style.save(draw(report), folder, stem, formats)
