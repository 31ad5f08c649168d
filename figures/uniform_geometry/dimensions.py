r"""Dimensions per feature and dimensionality of each feature over density (F14, F15)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from numerics.experiments.results import measurements_of

from .. import style
from ..paper_figure import Datasets
from ..staircase_axis import Cell, cells, density_axis, spread, stretches
from ..staircase_panels import LEVELS, color, plot_shares
from .graphs import plot_graph

__all__ = ["chosen_models", "draw_f14", "draw_f15", "shares"]

_WITHIN = 0.03  # as numerics.experiments.uniform_geometry.equal_features has it
_TRAINED: dict[str, Any] = {"marker": "o", "ms": 4.5, "mfc": "white", "mec": "black", "mew": 0.8}
_GRAPHS = (1.8, 2.6, 4.5, 6.3)  # 1/p near which a model is drawn as a graph
_LABELS = {"square-antiprism": "square antiprism", "demicube-5": "5-demicube"}
_COLORS = {"demicube-5": "#882255", "single": "#56B4E9"}


def _family_color(name: str) -> str:
    return _COLORS.get(name, color(name))


def _places(densities: Sequence[float]) -> list[Cell]:
    falling = sorted(densities, reverse=True)
    return cells({"steps": [{"density": p} for p in falling], "transitions": []})


def _size(data: xr.Dataset) -> str:
    n, m = data.sizes["feature"], data.sizes["hidden"]
    here = f"{n} equal features in {m} dimensions"
    return here if n == 400 else f"{here} (the notebook's size; the paper's is 400 in 30)"


def _stairs(ax: Axes, data: xr.Dataset, **kwargs: Any) -> None:
    """Draw the predicted dimensions per feature, level over each cell."""
    places = _places(data["predicted_density"].values.tolist())
    values = data["predicted_dimensions_per_feature"].values
    edges = [places[0].start, *(cell.end for cell in places)]
    ax.stairs(values, edges, baseline=None, **kwargs)


def _stays(times: float | None) -> str:
    return "not there" if times is None else f"× {times:.1f}"


def draw_f14(data: Datasets) -> Figure:
    """Draw the dimensions per feature over density, trained and predicted."""
    own = data["equal_features"]
    found = measurements_of(own)
    with style.paper_style():
        figure = Figure(figsize=(8.0, 4.6), layout="constrained")
        ax = figure.subplots()
        density_axis(ax, _places(own["density"].values.tolist()))
        for level, key in ((1.0, "at_1"), (0.5, "at_half")):
            ax.axhspan(level - _WITHIN, level + _WITHIN, color="#FFE9B8", lw=0, zorder=0)
            ax.axhline(level, color="0.55", lw=0.7, zorder=0.5)
            trained, predicted = found[f"sticky_{key}"], found[f"predicted_sticky_{key}"]
            text = (
                f"within {_WITHIN} of {level:g}, against an even descent: "
                f"trained {_stays(trained)}, best blocks {_stays(predicted)}"
            )
            ax.annotate(
                text,
                (0.985, level + _WITHIN + 0.008),
                xycoords=ax.get_yaxis_transform(),
                ha="right",
                fontsize=8,
                color="#8A5A00",
            )
        _stairs(ax, own, color=style.CANDIDATE_COLORS["ignore_first"], lw=2)
        ax.plot(
            1 / own["density"].values,
            own["dimensions_per_feature"].values,
            color="0.4",
            lw=0.8,
            zorder=3,
            **_TRAINED,
        )
        ax.set(ylim=(0, 1.12), xlabel="$1/(1-S) = 1/p$", yticks=[0, 0.25, 0.5, 0.75, 1])
        ax.set_ylabel(r"dimensions per feature $D^* = m/\|W\|_F^2$")
        ax.set_title(_size(own), loc="left")
        ax.legend(
            handles=[
                Line2D([], [], color="0.4", lw=0.8, label="trained on samples", **_TRAINED),
                Line2D(
                    [],
                    [],
                    color=style.CANDIDATE_COLORS["ignore_first"],
                    lw=2,
                    label="best mix of blocks, exact loss (theory)",
                ),
            ],
            loc="lower left",
            frameon=False,
        )
    return figure


def chosen_models(densities: Sequence[float]) -> list[int]:
    """Return the places of the models nearest to where the paper's polytopes are."""
    x = np.log(1 / np.array(densities))
    return list(dict.fromkeys(int(np.abs(x - np.log(one)).argmin()) for one in _GRAPHS))


def shares(families: Sequence[str]) -> dict[str, float]:
    """Return the share of the stored features in each family."""
    stored = [one for one in families if one not in ("dropped", "failed")]
    names, counts = np.unique(stored, return_counts=True)
    return {str(name): count / len(stored) for name, count in zip(names, counts, strict=True)}


def _predicted_shares(own: xr.Dataset) -> list[dict[str, float]]:
    rows = []
    for p in own["predicted_density"].values:
        here = own["level_density"].values == p
        row: dict[str, float] = {}
        for name, share in zip(
            own["level_family"].values[here], own["level_share"].values[here], strict=True
        ):
            row[str(name)] = row.get(str(name), 0.0) + float(share)
        rows.append(row)
    return rows


def _order(names: set[str]) -> list[str]:
    first = ["single", "triangle", "digon", "tetrahedron", "pentagon", "square-antiprism"]
    rest = sorted(names - {*first, "unnamed"})
    return [one for one in [*first, *rest, "unnamed"] if one in names]


def _plot_features(ax: Axes, own: xr.Dataset) -> None:
    """Draw every feature of every model, the predicted levels, and the paper's lines."""
    for name, D in {**LEVELS, "0 not learned": 0}.items():
        ax.axhline(D, color="0.6", lw=0.6, zorder=0.8)
        lift = {"2/5 pentagon": "bottom", "3/8 square antiprism": "top"}.get(name, "center")
        ax.annotate(
            name,
            (1, D),
            xycoords=ax.get_yaxis_transform(),
            xytext=(4, 0),
            textcoords="offset points",
            va=lift,
            fontsize=8,
            annotation_clip=False,
        )
    wanted = own["predicted_density"].values.tolist()
    places = dict(zip(sorted(wanted, reverse=True), _places(wanted), strict=True))
    levels = list(
        zip(
            own["level_density"].values.tolist(),
            own["level_dimensionality"].values.tolist(),
            own["level_share"].values.tolist(),
            own["level_family"].values.tolist(),
            strict=True,
        )
    )
    ordered = sorted(wanted, reverse=True)
    open_ends = [not own["closed"].sel(predicted_density=p) for p in ordered]
    for start, end in stretches([places[p] for p in ordered], open_ends):
        ax.axvspan(start, end, color="0.95", lw=0, zorder=0)
    ax.add_collection(
        LineCollection(
            [[(places[p].start, D), (places[p].end, D)] for p, D, _, _ in levels],
            colors=[_family_color(name) for *_, name in levels],
            linewidths=[1 + 6 * share for _, _, share, _ in levels],
            capstyle="butt",
            alpha=0.45,
            zorder=2,
        )
    )
    densities = own["density"].values.tolist()
    for k, p in enumerate(densities):
        D, names = own["dimensionality"].values[k], own["family"].values[k]
        ax.scatter(
            spread(p, densities, (0, 1), len(D)),
            D,
            s=7,
            c=[_family_color(str(name)) for name in names],
            edgecolors="white",
            linewidths=0.25,
            zorder=3,
            rasterized=True,
        )
    ax.plot(
        1 / own["density"].values,
        own["dimensions_per_feature"].values,
        color="black",
        lw=1.0,
        zorder=2.5,
    )
    ax.set(ylim=(-0.04, 1.06), yticks=np.arange(0, 1.1, 0.25))
    ax.set_ylabel("dimensionality $D_i$ of each feature")


def _legend(names: Sequence[str]) -> list[Any]:
    counted: dict[str, list[str]] = {}
    for name in [*names, "dropped"]:
        counted.setdefault(_family_color(name), []).append(_LABELS.get(name, name))
    return [
        *(Patch(color=shade, label=", ".join(own)) for shade, own in counted.items()),
        Line2D([], [], color="black", lw=1, label="$D^*$ of the trained models"),
        Line2D([], [], color="0.5", lw=5, alpha=0.45, label="levels of the best blocks (theory)"),
        Patch(color="0.95", label="larger blocks may do better"),
    ]


def draw_f15(data: Datasets) -> Figure:
    """Draw the dimensionality of every feature, shares of blocks, and four graphs."""
    own = data["equal_features"]
    predicted = _predicted_shares(own)
    trained = [shares([str(one) for one in row]) for row in own["family"].values]
    names = _order({name for row in [*predicted, *trained] for name in row})
    with style.paper_style():
        figure = Figure(figsize=(9.0, 8.6), layout="constrained")
        upper, lower = figure.subfigures(2, 1, squeeze=False, height_ratios=[6.3, 2.3]).ravel()
        axes = upper.subplots(3, 1, sharex=True, height_ratios=[5, 0.42, 0.42])
        places = _places(own["density"].values.tolist())
        density_axis(axes[0], places)
        _plot_features(axes[0], own)
        axes[0].set_title(_size(own), loc="left")
        for ax, rows, where, title in (
            (axes[1], predicted, own["predicted_density"].values.tolist(), "predicted"),
            (axes[2], trained, own["density"].values.tolist(), "trained"),
        ):
            plot_shares(rows, _places(where), names, ax=ax, title=title, shade=_family_color)
        axes[1].set_title("share of the stored features by block", fontsize=8, loc="left", pad=2)
        axes[2].set_xlabel("$1/(1-S) = 1/p$")
        axes[2].tick_params(bottom=True)
        done = np.flatnonzero(own["status"].values == "done")
        chosen = done[chosen_models(own["density"].values[done].tolist())]
        for letter, k, ax in zip(
            "abcd", chosen, lower.subplots(1, len(chosen), squeeze=False)[0], strict=False
        ):
            families = [str(one) for one in own["family"].values[k]]
            p = float(own["density"].values[k])
            plot_graph(own["W"].values[k], families, ax=ax, shade=_family_color)
            kept = sum(one != "dropped" for one in families)
            ax.set_title(f"({letter}) 1/p = {1 / p:.2f}, {kept} stored")
            axes[0].annotate(
                letter, (1 / p, 1.03), ha="center", va="center", fontsize=9, weight="bold"
            )
        figure.legend(handles=_legend(names), loc="outside lower center", ncols=4, frameon=False)
    return figure
