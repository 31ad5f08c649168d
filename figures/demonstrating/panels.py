"""Gram matrices, biases, and bars of norms coloured by superposition."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from numpy.typing import NDArray

from ..matrices import draw_matrix

__all__ = ["BIAS_REACH", "SHARED", "bias_strip", "gram_panel", "norm_bars"]

BIAS_REACH = 0.5
"""The bias at which its colour saturates."""

SHARED = ScalarMappable(Normalize(0, 1), "viridis")
"""Colours of superposition, from 0 to 1 and above."""

Array = NDArray[np.float64]


def gram_panel(ax: Axes, W: Array) -> Any:
    """Draw WᵀW from −1 (blue) to 1 (red)."""
    image = draw_matrix(ax, W.T @ W, stretched=True)
    ax.set(xticks=[], yticks=[])
    return image


def bias_strip(ax: Axes, b: Array, *, upright: bool = False) -> Any:
    """Draw biases as a row below a Gram matrix, or as a column beside it."""
    values = b[:, None] if upright else b[None]
    image = ax.imshow(
        values,
        cmap="PuOr_r",
        vmin=-BIAS_REACH,
        vmax=BIAS_REACH,
        interpolation="nearest",
        aspect="auto",
    )
    ax.set(xticks=[], yticks=[])
    return image


def norm_bars(ax: Axes, norms: Array, shared: Array, theory: Array | None = None) -> None:
    """Draw norms as bars coloured by superposition, with the outlines of other norms."""
    places = np.arange(len(norms))
    ax.bar(places, norms, width=1.0, color=SHARED.to_rgba(shared), lw=0)
    if theory is not None:
        ax.stairs(theory, np.arange(len(norms) + 1) - 0.5, color="black", lw=0.8)
    ax.axhline(1, color="0.5", lw=0.5, ls=":")
    ax.set(xlim=(-0.5, len(norms) - 0.5), ylim=(0, 1.35), xticks=[], yticks=[0, 1])
