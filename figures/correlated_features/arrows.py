"""A model in the plane as arrows, one colour for each set of features."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from numpy.typing import NDArray

from ..style import plain_numbers

__all__ = ["PAIR_COLORS", "density_ticks", "draw_arrows"]

PAIR_COLORS = ("#0072B2", "#D55E00", "#009E73")
_HEAD: dict[str, Any] = {"width": 0.022, "length_includes_head": True, "head_width": 0.11}


def density_ticks(ax: Axes, ticks: Sequence[float]) -> None:
    """Make the horizontal axis logarithmic with plain numbers at ``ticks``."""
    ax.set_xscale("log")
    plain_numbers(ax.xaxis, ticks)


def draw_arrows(
    ax: Axes, W: NDArray[np.float64], title: str = "", circles: tuple[float, ...] = (1.0,)
) -> None:
    """Draw columns of W (2, n) as arrows; features 0 and 1, 2 and 3, … share a colour.

    The second of a pair is drawn dashed, so that both show where they coincide.
    """
    reach = 1.12 * max(1.0, float(np.linalg.norm(W, axis=0).max()))
    for radius in circles:
        ax.add_patch(Circle((0, 0), radius, fill=False, ec="0.8", lw=0.7))
    for i, (x, y) in enumerate(W.T):
        color = PAIR_COLORS[i // 2]
        if i % 2 == 0:
            ax.arrow(0, 0, x, y, color=color, alpha=0.55, lw=0, **_HEAD)
        else:
            ax.plot([0, x], [0, y], color=color, lw=1.2, ls=(0, (3, 1.5)))
            ax.plot(x, y, "o", mfc="white", mec=color, ms=4.5, mew=1.3)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_title(title, fontsize=8.5)
