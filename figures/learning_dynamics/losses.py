"""A loss over time with the critical points it passes."""

import xarray as xr
from matplotlib.axes import Axes

__all__ = ["DOWN", "SADDLE", "index_text", "most_plateaus", "saddle_lines"]

SADDLE = "#D55E00"
DOWN = "#0072B2"


def most_plateaus(data: xr.Dataset) -> int:
    """Return the flow that passes most plateaus, the first of several."""
    return int((data["flow_plateau"].values >= 0).sum(1).argmax())


def index_text(low: int, high: int) -> str:
    """Return an index as text; on a kink it depends on the side.

    Examples
    --------
    >>> index_text(2, 2), index_text(4, 11)
    ('2', '4–11')
    """
    return f"{low}" if low == high else f"{low}–{high}"


def saddle_lines(ax: Axes, data: xr.Dataset, flow: int, top: float | None = None) -> None:
    """Draw the loss of each critical point of a flow as a dashed line.

    With ``top``, a height in the axes, they are listed below it, with index and geometry.
    """
    real = data["flow_plateau"].values[flow] >= 0
    losses = data["flow_critical_loss"].values[flow][real]
    for loss in losses:
        ax.axhline(loss, color=SADDLE, lw=0.8, ls=(0, (4, 3)), zorder=1)
    if top is None:
        return
    lows, highs = (data[f"flow_index_{end}"].values[flow][real] for end in ("low", "high"))
    names = data["flow_geometry"].values[flow][real]
    states = data["flow_critical_status"].values[flow][real]
    lines = ["critical points (index: directions down)"] + [
        f"{'' if state == 'converged' else 'near '}{name}, index {index_text(low, high)}"
        for name, low, high, state in zip(names, lows, highs, states, strict=True)
    ]
    ax.text(
        0.985, top, "\n".join(lines), transform=ax.transAxes, fontsize=7, ha="right", va="top",
        color="#A04600", linespacing=1.35, zorder=6,
        bbox={"facecolor": "w", "edgecolor": "0.85", "pad": 2.5},
    )  # fmt: skip
