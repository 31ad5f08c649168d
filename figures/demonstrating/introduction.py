"""Five features in two dimensions (arXiv 2209.10652, F1)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import NDArray

from numerics.experiments.results import constants_of
from theory.phases import DROPPED_NORM

from ..paper_figure import Datasets
from ..style import GEOMETRY_COLORS, paper_style, plain_numbers

__all__ = ["draw_f1"]

_PANELS = (1.0, 0.2, 0.1)
_REACH = 1.3
_COLORS = dict(
    zip(
        range(1, 6),
        (GEOMETRY_COLORS[k] for k in ("other", "single", "triangle", "digon", "pentagon")),
        strict=True,
    )
)
_HIGHEST = 0.135  # of Σ I V above the optimum


def _arrows(ax: Axes, data: xr.Dataset, p: float, colors: ScalarMappable) -> None:
    at = data.sel(density=p)
    W, settled = at.drawn_W.values, at.settled_W.values
    for i in reversed(range(W.shape[1])):
        if np.linalg.norm(W[:, i]) < DROPPED_NORM:
            continue
        ax.annotate(
            "",
            W[:, i],
            (0, 0),
            arrowprops={
                "arrowstyle": "-|>",
                "color": colors.to_rgba(at.importance.values[i]),
                "lw": 2.2,
                "shrinkA": 0,
                "shrinkB": 0,
                "mutation_scale": 13,
            },
        )
    ax.plot(*settled, "o", mfc="none", mec="black", ms=7, mew=0.9)
    ax.add_patch(Circle((0, 0), 1, fill=False, ec="0.8", lw=0.8, zorder=0))
    least = float(data.branch_loss.sel(scan_density=p).min())
    loss = float(at.trained_loss.min())
    ax.set_title(f"sparsity {1 - p:.0%}", fontsize=11, fontweight="bold")
    dropped = int((np.linalg.norm(W, axis=0) < DROPPED_NORM).sum())
    ax.set_xlabel(f"loss {loss:.4f} Σ I V\nexact optimum {least:.4f}")
    if dropped:
        ax.plot(0, 0, "o", color="0.3", ms=3)
        ax.annotate(f"{dropped} not stored", (0.06, -0.16), fontsize=8, color="0.3")
    ax.set(xlim=(-_REACH, _REACH), ylim=(-_REACH, _REACH), xticks=[], yticks=[], aspect="equal")


def _branches(ax: Axes, data: xr.Dataset) -> None:
    p = data.scan_density.values
    loss = data.branch_loss.values
    least = loss.min(1)
    best = loss.argmin(1)
    for k, color in _COLORS.items():
        above = loss[:, k] - least
        shown = np.where(np.isfinite(above), above, np.nan)
        if np.isfinite(above).any() and np.nanmin(shown) < _HIGHEST:
            ax.plot(p, shown, color=color, lw=1.6, label=f"{k} stored")
            ax.plot(p[best == k], np.full((best == k).sum(), -0.006), "s", color=color, ms=6)
    for start in range(data.sizes["start"]):
        at = data.isel(start=start)
        floor = data.branch_loss.sel(scan_density=data.density.values).min("stored").values
        ax.plot(
            data.density.values,
            at.trained_loss.values - floor,
            "o",
            mfc="white",
            mec="black",
            ms=4,
            mew=0.7,
            zorder=3,
            label="trained, every start" if start == 0 else None,
        )
    for density in _PANELS:
        ax.axvline(density, color="0.85", lw=0.8, zorder=0)
    ax.set(xscale="log", xlim=(1.05, p.min()), ylim=(-0.012, _HIGHEST))
    plain_numbers(ax.xaxis, [1, 0.5, 0.2, 0.1, 0.05, 0.03])
    ax.set_xlabel("density p = 1 − S   (sparser to the right)")
    ax.set_ylabel("exact loss above the optimum\n(units of Σ I V)")
    ax.set_title("least loss of a minimum with k features stored; squares: the optimum's k")
    ax.legend(loc="upper center", ncols=5, framealpha=1)


def draw_f1(data: Datasets) -> Figure:
    """Draw F1 with the exact losses of what else could be stored."""
    own = data["introduction"]
    decay = constants_of(own)["importance"][1]
    with paper_style():
        figure = Figure(figsize=(9, 6.4), layout="constrained")
        axes = figure.subplot_mosaic(
            [["left", "middle", "right"], ["below"] * 3], height_ratios=[1.1, 1]
        )
        importance = own.importance.values
        colors = ScalarMappable(Normalize(importance.min() - 0.12, importance.max()), "viridis_r")
        for name, p in zip(("left", "middle", "right"), _PANELS, strict=True):
            _arrows(axes[name], own, p, colors)
        bar = figure.colorbar(colors, ax=axes["right"], shrink=0.75, boundaries=_edges(importance))
        bar.set_ticks(importance, labels=[f"{value:.2f}" for value in importance])
        bar.set_label(f"importance {decay:g}$^i$")
        _branches(axes["below"], own)
        figure.suptitle(
            f"Five features in two dimensions: best of {own.sizes['start']} trained models "
            "(arrows), and where exact descent takes it (circles)"
        )
    return figure


def _edges(importance: NDArray[np.float64]) -> list[float]:
    values = np.sort(importance)
    middle = (values[1:] + values[:-1]) / 2
    return [2 * values[0] - middle[0], *middle.tolist(), 2 * values[-1] - middle[-1]]
