"""A net as a graph: features below, neurons between, outputs above, wide edges for weights."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ..style import CANDIDATE_COLORS

__all__ = ["NEGATIVE", "POSITIVE", "draw_net"]

Array = NDArray[Any]

POSITIVE, NEGATIVE = CANDIDATE_COLORS["ignore_first"], CANDIDATE_COLORS["pair_last"]
_LEVELS = (0.0, 1.0, 2.0)
_WIDEST = 3.0  # points


def draw_net(
    ax: Axes,
    W_in: Array,
    W_out: Array,
    *,
    names: Sequence[str],
    least: float = 0.1,
    labelled: bool = False,
    fills: Mapping[int, str] | None = None,
    neurons: Sequence[str] = (),
) -> None:
    """Draw the net of W_in (m, n) and W_out (n, m).

    Parameters
    ----------
    names
        Of the features, as they stand after x and y.
    least
        Weights smaller than this are left out.
    labelled
        Whether weights are written on their edges.
    fills
        Colours of neurons.
    neurons
        What is written beside the neurons.
    """
    m, n = W_in.shape
    wide = max(m, n) - 1
    across = (np.linspace(0, wide, n), np.linspace(0, wide, m), np.linspace(0, wide, n))
    largest = max(np.abs(W_in).max(), np.abs(W_out).max())
    for level, matrix in ((0, W_in.T), (1, W_out.T)):
        for a, row in enumerate(matrix):
            for b, value in enumerate(row):
                if abs(value) < least:
                    continue
                x0, x1 = across[level][a], across[level + 1][b]
                color = POSITIVE if value > 0 else NEGATIVE
                width = 0.4 + _WIDEST * (abs(value) / largest) ** 0.5
                ax.plot([x0, x1], _LEVELS[level : level + 2], color=color, lw=width, zorder=1)
                if labelled:
                    t = 0.2 if level == 0 else 0.8  # near the outside, where edges part
                    ax.text(
                        x0 + t * (x1 - x0),
                        _LEVELS[level] + t,
                        f"{value:+.2g}".replace("-", "−"),
                        ha="center",
                        va="center",
                        fontsize=7.5,
                        color=color,
                        bbox={"fc": "white", "ec": "none", "pad": 0.6},
                        zorder=3,
                    )
    for level, label in ((0, "x"), (2, "y")):
        for place, name in zip(across[level], names, strict=True):
            _node(ax, place, _LEVELS[level], f"${label}_{{{name}}}$", "white")
    for k, place in enumerate(across[1]):
        _node(ax, place, _LEVELS[1], "", (fills or {}).get(k, "0.85"))
        if neurons:
            ax.annotate(
                neurons[k],
                (place, _LEVELS[1]),
                xytext=(9, 0),
                textcoords="offset points",
                va="center",
                fontsize=7,
            )
    ax.set(xlim=(-0.35, wide + 0.35), ylim=(-0.25, 2.25))
    ax.axis("off")


def _node(ax: Axes, x: float, y: float, text: str, fill: str) -> None:
    ax.plot([x], [y], marker="o", ms=16, mfc=fill, mec="black", mew=0.8, zorder=4)
    ax.text(x, y, text, ha="center", va="center", fontsize=8, zorder=5)
