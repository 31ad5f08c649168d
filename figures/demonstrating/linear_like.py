"""Linear-like models: WᵀW and biases, norms and superposition (arXiv 2209.10652, F7 and F8)."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import NDArray

from theory.capacity import polysemanticity, superposition

from ..paper_figure import Datasets
from ..style import paper_style
from .panels import SHARED, bias_strip, gram_panel, norm_bars

__all__ = ["draw_f7", "draw_f8"]

Array = NDArray[np.float64]
_SHARED = 0.3  # density of the model in superposition


def _linear(data: xr.Dataset) -> tuple[Array, Array]:
    at = data.sel(linear_density=1.0)
    best = at.isel(linear_start=int(at.linear_loss.values.argmin()))
    return best.linear_W.values, best.linear_b.values


def _relu(data: xr.Dataset, p: float) -> tuple[Array, Array]:
    at = data.sel(density=p)
    best = at.isel(start=int(at.best_start))
    return best.trained_W.values, best.trained_b.values


def _closed(data: xr.Dataset) -> tuple[Array, Array]:
    stored = data.linear_stored.values
    return np.eye(len(stored))[stored], np.where(stored, 0.0, 0.5)


def draw_f7(data: Datasets) -> Figure:
    """Draw WᵀW and b of linear-like models beside the closed form."""
    own = data["basic_results"]
    W0, b0 = _closed(own)
    shown = {
        "linear, trained": _linear(own),
        "ReLU, trained": _relu(own, 1.0),
        "linear, closed form": (W0, b0),
    }
    with paper_style():
        figure = Figure(figsize=(9.5, 3.3), layout="constrained")
        axes = figure.subplots(1, 6, width_ratios=[_WIDE, 1] * 3)
        for k, (name, (W, b)) in enumerate(shown.items()):
            couplings, biases = axes[2 * k : 2 * k + 2]
            image = gram_panel(couplings, W)
            strip = bias_strip(biases, b, upright=True)
            couplings.set_box_aspect(1)
            biases.set_box_aspect(_WIDE)
            biases.set_title("b")
            far = np.abs(W.T @ W - W0.T @ W0).max(), np.abs(b - b0).max()
            words = f"at most {far[0]:.3f} off in $W^TW$, {far[1]:.3f} in b"
            closed = "identity on the top m, b = p/2 on the others"
            couplings.set_title(name, fontweight="bold")
            couplings.set_xlabel(words if max(far) else closed, fontsize=7.5)
        figure.colorbar(image, ax=axes, location="right", shrink=0.85, label="$W^TW$", pad=0.02)
        figure.colorbar(strip, ax=axes, location="right", shrink=0.85, label="b", pad=0.02)
        figure.suptitle("Dense features, p = 1, importance 0.7$^i$: n = 20, m = 5")
    return figure


_WIDE = 12  # a Gram matrix, in columns of biases


def draw_f8(data: Datasets) -> Figure:
    """Draw norms of linear-like models, and one in superposition coloured in three ways."""
    own = data["basic_results"]
    linear, dense, shared = _linear(own)[0], _relu(own, 1.0)[0], _relu(own, _SHARED)[0]
    closed = own.linear_stored.values.astype(float)
    best = np.linalg.norm(own.optimum_W.sel(density=_SHARED).values, axis=0)
    own_square = (shared**2).sum(0)
    text = superposition(shared)
    panels = (
        ("linear, p = 1\ntext", linear, superposition(linear), closed),
        ("ReLU, p = 1\ntext", dense, superposition(dense), closed),
        (f"ReLU, p = {_SHARED:g}\ntext", shared, text, best),
        (f"ReLU, p = {_SHARED:g}\nlegend", shared, text + own_square, best),
        (f"ReLU, p = {_SHARED:g}\nnotebook", shared, polysemanticity(shared), best),
    )
    formulas = (
        r"text $\sum_{j\neq i}(\hat W_i\cdot W_j)^2$;  legend $\sum_{j}(\hat W_i\cdot W_j)^2$;  "
        r"notebook $(\sum_{j\neq i}(\hat W_i\cdot W_j)^2)^{1/2}$"
    )
    with paper_style():
        figure = Figure(figsize=(9.5, 3.4), layout="constrained")
        axes = figure.subplots(1, len(panels), sharey=True)
        for ax, (title, W, colors, theory) in zip(axes, panels, strict=True):
            norm_bars(ax, np.linalg.norm(W, axis=0), colors, theory)
            ax.set_title(title)
            ax.set_xticks(range(0, W.shape[1], 5))
            ax.set_xlabel("feature i")
        axes[0].set_ylabel(r"norm $\|W_i\|$")
        figure.colorbar(SHARED, ax=axes, extend="max", label="superposition")
        figure.suptitle(
            "Trained norms (bars) and the optimum's (outlines), n = 20, m = 5; coloured by\n"
            + formulas
        )
    return figure
