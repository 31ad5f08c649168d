"""Colours, sizes, the axes of the phase plane, and saving that gives the same bytes every time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import floor
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure, FigureBase, SubFigure
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from numerics.store import write_whole

__all__ = [
    "CANDIDATE_COLORS",
    "FORMATS",
    "GEOMETRY_COLORS",
    "RC",
    "cell_edges",
    "fix_layout",
    "geometry_color",
    "paper_style",
    "phase_axes",
    "plain_numbers",
    "save",
    "state_color",
]

FORMATS = ("png", "svg", "pdf")
_STEP = 1e-4  # of a figure's width or height
_BETWEEN = 0.3819660112501051
GREY, BLUE, RED = np.array([[0.88, 0.88, 0.88], [0.17, 0.36, 0.68], [0.80, 0.20, 0.18]])

# Okabe & Ito, readable by colour-blind eyes
CANDIDATE_COLORS = {
    "ignore_last": "#000000",
    "ignore_first": "#0072B2",
    "pair_first": "#E69F00",
    "pair_last": "#D55E00",
    "triangle": "#009E73",
    "tilted_triangle": "#CC79A7",
}

# the same, with two shades and two greys
GEOMETRY_COLORS = {
    "single": "#56B4E9",
    "digon": "#0072B2",
    "triangle": "#009E73",
    "tetrahedron": "#E69F00",
    "pentagon": "#D55E00",
    "square-antiprism-uniform": "#E8A8D8",
    "square-antiprism-coulomb": "#CC79A7",
    "square-antiprism-tight": "#5A1846",
    "other": "#000000",
    "ambiguous": "#F0E442",
    "unnamed": "#6E6E6E",
    "dropped": "#C8C8C8",
}

RC: Any = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "legend.fontsize": 8,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "svg.hashsalt": "antipode",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "figure.dpi": 100,
    "savefig.dpi": 180,
}


@contextmanager
def paper_style() -> Iterator[None]:
    """Draw with the project's sizes and a fixed hash salt."""
    with mpl.rc_context(RC):
        yield


def state_color(norm: Any, overlap: Any) -> NDArray[np.float64]:
    """Return RGB for a feature: grey if dropped, blue if dedicated, red if superposed.

    Norm and overlap are clipped at 1, as in the paper's empirical panels; shape (...) → (..., 3).
    """
    n = np.clip(norm, 0, 1)[..., None]
    o = np.clip(overlap, 0, 1)[..., None]
    return np.asarray((1 - n) * GREY + n * ((1 - o) * BLUE + o * RED))


def geometry_color(name: str) -> str:
    """Return the colour of a block of this name, ``other`` for shapes without one of their own.

    Names are the keys of :mod:`theory.polytopes.catalogue`, ``ambiguous``, ``unnamed``,
    ``dropped``.
    """
    return GEOMETRY_COLORS.get(name, GEOMETRY_COLORS["other"])


def cell_edges(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the edges of logarithmic cells around ascending or descending centres."""
    x = np.log10(centres)
    middle = (x[1:] + x[:-1]) / 2
    return np.asarray(
        10 ** np.concatenate([[2 * x[0] - middle[0]], middle, [2 * x[-1] - middle[-1]]])
    )


def plain_numbers(axis: Axis, ticks: Sequence[float] | None = None) -> None:
    """Write numbers as they are, 0.1 for 10⁻¹, at ``ticks`` or where an axis has them."""
    if ticks is not None:
        axis.set_ticks(ticks)
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def phase_axes(ax: Axes, title: str) -> None:
    """Label the phase plane: importance across, density up, both logarithmic."""
    ax.set(xscale="log", yscale="log", xlim=(0.1, 10), ylim=(0.01, 1))
    ax.set_title(title, loc="left")
    ax.set_xlabel("relative importance r of the last feature")
    ax.set_ylabel("density p = 1 − S")
    plain_numbers(ax.xaxis, [0.1, 0.3, 1, 3, 10])
    plain_numbers(ax.yaxis, [0.01, 0.03, 0.1, 0.3, 1])


def _snapped(value: float) -> float:
    """Round to a step, between steps that no layout of whole parts falls on."""
    return floor(value / _STEP + _BETWEEN) * _STEP


def _parts(figure: FigureBase) -> Iterator[SubFigure]:
    """Yield the parts of a figure, and theirs."""
    for part in figure.subfigs:
        yield part
        yield from _parts(part)


def fix_layout(figure: Figure) -> None:
    """Lay panels out once for all, in steps of 1e-4: the last digits differ from run to run."""
    engine = figure.get_layout_engine()
    if engine is None:
        return
    engine.execute(figure)
    figure.set_layout_engine("none")
    for part in _parts(figure):
        corners = part.bbox_relative.get_points()
        part.bbox_relative.set_points(np.vectorize(_snapped)(corners))
    for ax in figure.axes:
        left, bottom, width, height = map(_snapped, ax.get_position(original=True).bounds)
        ax.set_position((left, bottom, width, height))


def save(figure: Figure, folder: Path, stem: str, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a figure in every format, byte-identical from run to run, each renamed into place."""
    dates: dict[str, dict[str, Any]] = {
        "png": {"Software": None},
        "svg": {"Date": None},
        "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    }
    paths = [folder / f"{stem}.{kind}" for kind in formats]
    with mpl.rc_context(RC):
        fix_layout(figure)
        for path, kind in zip(paths, formats, strict=True):

            def write(aside: Path, kind: str = kind) -> None:
                figure.savefig(aside, format=kind, metadata=dates[kind])

            write_whole(path, write)
    return paths
