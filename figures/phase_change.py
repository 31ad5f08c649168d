"""The phase diagrams of the small cases, theory beside training (arXiv 2209.10652, F12 and F13)."""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from theory import candidates
from theory.phase_boundaries import winner
from theory.phases import norms, overlaps
from theory.problem import dropped_loss

from .style import CANDIDATE_COLORS, cell_edges, paper_style, phase_axes, state_color

__all__ = [
    "draw",
    "plot_cut",
    "plot_state",
    "plot_theory",
    "theory_state",
]

Array = NDArray[np.float64]
_MESH = 321


def _grams(W: xr.DataArray) -> Array:
    values = W.values
    return np.asarray(np.einsum("...mi,...mj->...ij", values, values))


def _last(G: Array) -> tuple[Array, Array]:
    return norms(G)[..., -1], overlaps(G)[..., -1]


def theory_state(winner: NDArray[Any]) -> tuple[Array, Array]:
    """Return norm and overlap of the last feature in each named fixed-weight candidate."""
    norm = np.where(winner == "ignore_last", 0.0, 1.0)
    overlap = np.where(np.isin(winner, ["pair_last", "triangle"]), 1.0, 0.0)
    return norm, overlap


def plot_state(
    density: Array, importance: Array, norm: Array, overlap: Array, *, ax: Axes, title: str
) -> Axes:
    """Colour the plane by norm and overlap of the last feature, (densities, importances)."""
    ax.pcolormesh(
        cell_edges(importance), cell_edges(density), state_color(norm, overlap), rasterized=True
    )
    phase_axes(ax, title)
    return ax


def _curves(dataset: xr.Dataset) -> dict[str, Array]:
    start = "theory_curve_"
    return {
        name.removeprefix(start).replace("__", " | "): 10 ** dataset[name].values
        for name in map(str, dataset.data_vars)
        if name.startswith(start)
    }


def plot_theory(dataset: xr.Dataset, *, ax: Axes, title: str) -> Axes:
    """Draw the theory panel: the winning candidate, boundaries as curves from their closed forms.

    The fill is evaluated from the closed forms on a mesh of its own, finer than the data's.
    """
    n, m = (int(dataset.attrs[f"option_{name}"]) for name in ("features", "hidden"))
    density, importance = np.geomspace(1, 0.01, _MESH), np.geomspace(0.1, 10, _MESH)
    p, r = np.meshgrid(density, importance, indexing="ij")
    names = np.array([c.name for c in candidates(n, m, level="unit_bias")])
    best = names[winner(n, m, "unit_bias", p, r)]
    plot_state(density, importance, *theory_state(best), ax=ax, title=title)
    for curve in _curves(dataset).values():
        order = np.lexsort((curve[:, 1], curve[:, 0]))
        ax.plot(curve[order, 1], curve[order, 0], color="black", lw=1.3)
    for name in names:
        mask = best == name
        if mask.mean() > 0.02:
            x, y = (10 ** np.median(np.log10(v[mask])) for v in (r, p))
            color = "black" if name == "ignore_last" else "white"
            label = str(name).replace("_", " ")
            ax.text(x, y, label, ha="center", va="center", color=color, fontsize=8)
    return ax


def _overlay(ax: Axes, dataset: xr.Dataset) -> None:
    points = 10 ** dataset["optimum_boundary"].values
    if len(points):
        ax.plot(points[:, 1], points[:, 0], ".", color="black", ms=1.8, label="optimum's boundary")


def _plot_sampled(dataset: xr.Dataset, *, ax: Axes, title: str) -> Axes:
    norm, overlap = _last(_grams(dataset["sampled_W"]))
    phase_axes(ax, title)
    ax.set_facecolor("white")
    side = max(np.unique(dataset["sampled_importance"]).size, 2)
    ax.scatter(
        dataset["sampled_importance"],
        dataset["sampled_density"],
        c=state_color(norm, overlap),
        marker="s",
        s=(150 / side) ** 2,
        linewidths=0,
        clip_on=True,
    )
    return ax


def plot_cut(dataset: xr.Dataset, *, ax: Axes, title: str) -> Axes:
    """Draw every candidate's loss / V against density at fixed importance, crossings marked."""
    p = dataset["cut_density"].values
    V = dropped_loss(p)
    for name, loss in zip(
        dataset["candidate"].values, dataset["theory_cut_loss"].values, strict=True
    ):
        dashed = "--" if str(name) == "pair_first" else "-"
        ax.plot(
            p,
            loss / V,
            dashed,
            color=CANDIDATE_COLORS[str(name)],
            label=str(name).replace("_", " "),
        )
    for x, y in zip(
        *(dataset[f"cut_crossing_{x}"].values for x in ("density", "loss")), strict=True
    ):
        height = y / dropped_loss(x)
        ax.plot(x, height, "o", color="black", ms=5, zorder=5)
        ax.annotate(
            f"p = {x:.4f}", (x, height), xytext=(-5, -13), textcoords="offset points", ha="right"
        )
    ax.set(xscale="log", xlim=(1, 0.01), ylim=(0, 1.6))
    ax.set_xticks([1, 0.3, 0.1, 0.03, 0.01], ["1", "0.3", "0.1", "0.03", "0.01"])
    ax.set_title(title, loc="left")
    ax.set_xlabel("density p")
    ax.set_ylabel("loss / V,  V = p/3 − p²/4")
    ax.legend(loc="upper right", framealpha=0.9)
    return ax


def _color_key(ax: Axes) -> None:
    """Draw the colour map of norm and overlap into a small corner of a panel."""
    inner = ax.inset_axes((0.05, 0.09, 0.22, 0.22))
    norm, overlap = np.meshgrid(np.linspace(0, 1, 40), np.linspace(0, 1, 40))
    inner.imshow(state_color(norm, overlap), origin="lower", extent=(0, 1, 0, 1), aspect="auto")
    inner.set_xticks([0, 1])
    inner.set_yticks([0, 1])
    inner.tick_params(labelsize=6, length=2, pad=1)
    inner.set_xlabel("norm", fontsize=6.5, labelpad=-5)
    inner.set_ylabel("overlap", fontsize=6.5, labelpad=-3)


def _percent(value: Any) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def draw(dataset: xr.Dataset, summary: dict[str, Any]) -> Figure:
    """Return the figure of one case: theory, optimum, trained three ways, and the cut.

    Parameters
    ----------
    dataset
        A results file of ``antipode phase-diagram``.
    summary
        The case's entry of ``summary.json``; only its numbers appear in the titles.
    """
    starts, cut = dataset.attrs["option_starts"], dataset.attrs["option_cut"]
    n, m = (int(dataset.attrs[f"option_{name}"]) for name in ("features", "hidden"))
    sampled = summary["sampled"]
    with paper_style():
        figure = Figure(figsize=(13.2, 8.4), layout="constrained")
        axes = figure.subplots(2, 3)
        weights = ", ".join(["1"] * (n - 1) + ["r"])
        figure.suptitle(
            f"{n} features in {m} dimension{'s' * (m > 1)}, importances ({weights}): "
            "what happens to the last feature",
            fontsize=12,
        )
        plot_theory(dataset, ax=axes[0, 0], title="(a) theory: best of the paper's fixed weights")
        _color_key(axes[0, 0])
        panels: list[tuple[Axes, Callable[[], tuple[Array, Array]], str]] = [
            (
                axes[0, 1],
                lambda: _last(_grams(dataset["optimum_W"])),
                "(b) optimum: least loss over all W and b found",
            ),
            (
                axes[0, 2],
                lambda: _last(_grams(dataset["trained_W"])),
                f"(c) trained on the exact loss, best of {starts}\n"
                f"      phase as the optimum's in {_percent(summary['agreement'])} of cells",
            ),
            (
                axes[1, 0],
                lambda: _last(dataset["trained_mean_gram"].values),
                "(d) the same models, the paper's protocol:\n"
                f"      worst of {starts} dropped, WᵀW averaged",
            ),
        ]
        for ax, state, title in panels:
            plot_state(
                dataset["density"].values,
                dataset["importance"].values,
                *state(),
                ax=ax,
                title=title,
            )
            _overlay(ax, dataset)
        for curve in _curves(dataset).values():
            axes[0, 1].plot(curve[:, 1], curve[:, 0], ".", color="white", ms=1.2)
        axes[0, 1].plot([], [], color="white", lw=1.5, label="boundaries of (a)")
        axes[0, 1].legend(loc="lower left", facecolor="0.6", framealpha=0.9, markerscale=3)
        if sampled["cells"]:
            _plot_sampled(
                dataset,
                ax=axes[1, 1],
                title="(e) trained on samples by the public recipe, "
                f"best of {sampled['starts']}\n      phase as the optimum's in "
                f"{_percent(sampled['agreement'])} of {sampled['cells']} cells",
            )
            _overlay(axes[1, 1], dataset)
        else:
            phase_axes(axes[1, 1], "(e) trained on samples: left out (sampled starts 0)")
        plot_cut(dataset, ax=axes[1, 2], title=f"(f) the candidates of (a) at r = {cut}")
    return figure
