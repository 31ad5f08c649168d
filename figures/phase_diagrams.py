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
    _draw_curves(ax, dataset, "black")
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
        ax.plot(
            points[:, 1],
            points[:, 0],
            ".",
            color="black",
            ms=3,
            zorder=4,
            label="optimum's boundary",
        )


def _draw_curves(ax: Axes, dataset: xr.Dataset, color: str) -> None:
    for curve in _curves(dataset).values():
        order = np.lexsort((curve[:, 1], curve[:, 0]))
        ax.plot(curve[order, 1], curve[order, 0], color=color, lw=1.3)


def _at_equal_importance(dataset: xr.Dataset, G: Array) -> Array:
    """Return Gram matrices in which, where r = 1, the most superposed feature comes last.

    There all features are alike and which of them is the last one is a matter of labels.
    """
    G = G.copy()
    n = G.shape[-1]
    for column in np.flatnonzero(dataset["importance"].values == 1):
        for row in range(len(G)):
            here = G[row, column]
            last = max(range(n), key=lambda i: (overlaps(here)[i], norms(here)[i]))
            order = [*(i for i in range(n) if i != last), last]
            G[row, column] = here[np.ix_(order, order)]
    return G


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
        linewidths=0.4,
        edgecolors="0.45",
    )
    ax.set(xlim=(0.085, 11.8), ylim=(0.0085, 1.18))
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
    for mark, face in (("cut_other_crossing", "white"), ("cut_crossing", "black")):
        for x, y in zip(*(dataset[f"{mark}_{k}"].values for k in ("density", "loss")), strict=True):
            height = y / dropped_loss(x)
            ax.plot(x, height, "o", color="black", markerfacecolor=face, ms=5, zorder=5)
            if face == "black":
                ax.annotate(
                    f"p = {x:.4f}",
                    (x, height),
                    xytext=(-5, -13),
                    textcoords="offset points",
                    ha="right",
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
    inner = ax.inset_axes((0.70, 0.13, 0.25, 0.23))
    norm, overlap = np.meshgrid(np.linspace(0, 1, 40), np.linspace(0, 1, 40))
    inner.imshow(state_color(norm, overlap), origin="lower", extent=(0, 1, 0, 1), aspect="auto")
    inner.set_xticks([0, 1])
    inner.set_yticks([0, 1])
    inner.tick_params(labelsize=7, length=2, pad=1, colors="white")
    inner.set_xlabel("norm", fontsize=8, labelpad=-5, color="white")
    inner.set_ylabel("overlap", fontsize=8, labelpad=-4, color="white")
    for spine in inner.spines.values():
        spine.set_color("white")


def _starts(count: int) -> str:
    return "one start" if count == 1 else f"best of {count}"


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
        figure.supxlabel(
            "Colour: the last feature.  Grey: dropped (norm 0).  Blue: a dimension of its own.  "
            "Red: superposed (overlap Σ(Ŵₙ·Wⱼ)² = 1).  Phases that differ in the other features "
            "only have one colour.",
            fontsize=9,
        )
        plot_theory(dataset, ax=axes[0, 0], title="(a) theory: best of the paper's fixed weights")
        _color_key(axes[0, 0])
        panels: list[tuple[Axes, Callable[[], tuple[Array, Array]], str]] = [
            (
                axes[0, 1],
                lambda: _last(_at_equal_importance(dataset, _grams(dataset["optimum_W"]))),
                "(b) optimum: least loss over all W and b found",
            ),
            (
                axes[0, 2],
                lambda: _last(_at_equal_importance(dataset, _grams(dataset["trained_W"]))),
                f"(c) trained on the exact loss, best of {starts}:\n"
                f"same phase as the optimum in {_percent(summary['agreement'])} of cells",
            ),
            (
                axes[1, 0],
                lambda: _last(dataset["trained_mean_gram"].values),
                "(d) the same models, the paper's protocol:\n"
                f"worst of {starts} dropped, WᵀW averaged",
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
        _draw_curves(axes[0, 1], dataset, "white")
        axes[0, 1].plot([], [], color="white", lw=1.5, label="boundaries of (a)")
        axes[0, 1].legend(loc="lower left", facecolor="0.6", framealpha=0.9, markerscale=3)
        if sampled["cells"]:
            _plot_sampled(
                dataset,
                ax=axes[1, 1],
                title="(e) trained on samples by the public recipe, "
                f"{_starts(sampled['starts'])}:\nsame phase in {_percent(sampled['agreement'])} of "
                f"{sampled['cells']} cells; median {sampled['gap_in_V']['median']:.0e} V above",
            )
            _overlay(axes[1, 1], dataset)
        else:
            phase_axes(axes[1, 1], "(e) trained on samples: left out (sampled starts 0)")
        plot_cut(
            dataset,
            ax=axes[1, 2],
            title=f"(f) fixed weights at r = {cut}:\n● the best changes, ○ others cross",
        )
    return figure
