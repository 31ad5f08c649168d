"""Absolute values: three features in six neurons (F33), a hundred in forty (F34, F35)."""

from typing import Any

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from numerics.absolute_neurons import concentration, gains, secondary_ratio, unit_largest
from numerics.experiments.results import constants_of, measurements_of
from theory.asymmetric_motif import crossing
from theory.problem import dropped_loss

from .. import style
from ..matrices import draw_matrix, write_entries
from ..neuron_stacks import draw_stacks, ranked_colors
from ..paper_figure import Datasets
from .net_graph import draw_net

__all__ = ["draw_f33", "draw_f34", "draw_f35"]

Array = NDArray[Any]

_MIXED = Normalize(0.7, 1.0)  # max |w| / ‖w‖, from two equal weights to one
_ZOOM = 0.03  # density of F35
_SHOWN = 6  # neurons of either kind in F35
_SERVED = 0.25  # gain


def _sorted_neurons(W_in: Array, W_out: Array) -> Array:
    """Return the neurons by the importance of their largest feature, the largest first."""
    return np.lexsort((-np.abs(W_in).max(1), np.abs(W_in).argmax(1)))


def draw_f33(data: Datasets) -> Figure:
    """Draw the best net as matrices, stacks and a graph, and the losses of all starts."""
    own = data["absolute_small"]
    best = int(own["loss"].values.argmin())
    W_in, W_out = unit_largest(own["W_in"].values[best], own["W_out"].values[best])
    largest = np.abs(W_in).argmax(1)
    order = np.lexsort((-W_in[np.arange(len(W_in)), largest], largest))
    W_in, W_out = W_in[order], W_out[:, order]
    n = W_in.shape[1]
    with style.paper_style():
        figure = Figure(figsize=(9.6, 5.2), layout="constrained")
        grid = figure.add_gridspec(2, 4, width_ratios=[1, 1.25, 2.2, 1.1])
        for row, (matrix, name) in enumerate(
            ((W_in, "in-weights $W_1$"), (W_out.T, "out-weights $W_2$"))
        ):
            ax = figure.add_subplot(grid[row, 0])
            span = float(np.abs(matrix).max())
            write_entries(draw_matrix(ax, matrix, span), least=0.01)
            ax.set(xticks=range(n), yticks=range(len(matrix)), ylabel="neuron")
            ax.set_xticklabels([f"${'xy'[row]}_{i}$" for i in range(n)])
            ax.set_title(name, loc="left")
            ax = figure.add_subplot(grid[row, 1])
            draw_stacks(ax, matrix, ranked_colors(n))
            ax.set(xticks=range(len(matrix)), xlabel="neuron" if row else "")
            ax.set_title("stacked", loc="left")
        ax = figure.add_subplot(grid[:, 2])
        draw_net(ax, W_in, W_out, names=[str(i) for i in range(n)], least=0.05)
        ax.set_title(
            f"as a graph (blue +, orange −)\nexact loss {own['loss'].values[best]:.1g}; "
            "of the exact split 0",
            loc="left",
        )
        _losses_of_starts(figure.add_subplot(grid[:, 3]), own)
        figure.suptitle(
            f"|x| of {n} features by {len(W_in)} neurons, density {float(own['density']):g}",
            fontsize=10,
        )
    return figure


def _losses_of_starts(ax: Axes, own: xr.Dataset) -> None:
    loss, split = own["loss"].values, own["split"].values.astype(bool)
    place = np.linspace(-0.3, 0.3, loss.size)
    for which, color, label in (
        (split, style.CANDIDATE_COLORS["ignore_first"], "split"),
        (~split, style.CANDIDATE_COLORS["pair_last"], "not split"),
    ):
        ax.plot(place[which], loss[which], "o", ms=4, color=color, label=f"{label}, {which.sum()}")
    V = float(dropped_loss(float(own["density"])))
    ax.axhline(V, color="black", lw=1)
    ax.text(0, V * 1.3, "a feature dropped, V", ha="center", va="bottom", fontsize=7.5)
    ax.set(yscale="log", xlim=(-0.5, 0.5), xticks=[], ylim=(None, 5))
    ax.set_title(f"exact loss of {loss.size} starts", loc="left")
    ax.legend(loc="center", frameon=False)


def draw_f34(data: Datasets) -> Figure:
    """Draw the neurons at every density, and how many are of which kind."""
    own = data["absolute_superposition"]
    measured = measurements_of(own)
    with style.paper_style():
        figure = Figure(figsize=(10, 9.2), layout="constrained")
        axes = figure.subplots(4, 2).ravel()
        cmap = mpl.colormaps["viridis_r"]
        for k, (ax, p) in enumerate(zip(axes, own["density"].values, strict=False)):
            best = int(own["loss"].values[k].argmin())
            W_in, W_out = unit_largest(own["W_in"].values[k, best], own["W_out"].values[k, best])
            order = _sorted_neurons(W_in, W_out)
            W_in, W_out = W_in[order], W_out[:, order]
            shade = cmap(_MIXED(concentration(W_in)))
            idle = gains(W_in, W_out).max(1) <= 0.1
            shade[idle] = (0.8, 0.8, 0.8, 1.0)
            draw_stacks(ax, np.abs(W_in), shade[:, None], edge=0.2)
            shown = range(0, len(W_in), 4)
            ax.set(xticks=shown, xticklabels=[str(np.abs(W_in[i]).argmax()) for i in shown])
            ax.set(ylabel="Σ |w|", ylim=(0, None))
            ax.set_title(
                f"p = {p:g}: {measured['monosemantic_count'][k]:.1f} monosemantic, "
                f"{measured['slightly_count'][k]:.1f} slightly mixed, "
                f"{measured['polysemantic_count'][k]:.1f} polysemantic",
                loc="left",
                fontsize=7.2,
            )
        axes[6].set_xlabel("largest feature of the neuron")
        axes[5].set_xlabel("largest feature of the neuron")
        _counts(axes[7], own, measured)
        figure.colorbar(
            ScalarMappable(_MIXED, cmap),
            ax=axes,
            shrink=0.5,
            aspect=60,
            pad=0.01,
            location="bottom",
            label="max |w| / ‖w‖ of the neuron's in-weights (1: one feature; 0.71: two equal; "
            "grey: idle, serves no feature)",
        )
        steps = constants_of(own)["steps"]
        figure.suptitle(
            f"|x| of 100 features by 40 neurons, I = 0.8$^i$, {steps} steps; "
            f"neurons of the best of {own.sizes['start']} starts, counts are means over them",
            fontsize=10,
        )
    return figure


def _density_axis(ax: Axes) -> None:
    ax.set(xscale="log", xlabel="density p = 1 − S")
    ax.invert_xaxis()
    style.plain_numbers(ax.xaxis)


def _counts(ax: Axes, own: xr.Dataset, measured: dict[str, Any]) -> None:
    constants = constants_of(own)
    kinds = (
        (
            "monosemantic",
            "monosemantic: max |w| > 0.99 ‖w‖",
            style.CANDIDATE_COLORS["ignore_first"],
        ),
        ("polysemantic", "polysemantic: max |w| ≤ 0.9 ‖w‖", style.CANDIDATE_COLORS["pair_last"]),
        (
            "several_served",
            "several features served (gain > 0.1)",
            style.CANDIDATE_COLORS["triangle"],
        ),
    )
    p = measured["densities"]
    for key, label, color in kinds:
        spread = np.array(measured[f"{key}_sd"], dtype=float)
        ax.errorbar(p, measured[key], spread, color=color, marker="o", ms=3, capsize=2, label=label)
        later = measured["longer"][key]
        ax.plot(measured["longer_densities"], later, "--s", ms=3, mfc="white", color=color)
    ax.axvline(float(crossing()), color="black", ls=":", lw=1)
    _density_axis(ax)
    ax.set(ylim=(-0.03, 1.6), yticks=[0, 0.5, 1])
    ax.set_ylabel("share of active neurons")
    ax.set_title(
        f"mean ± sd of {measured['starts']} starts; dashed: {constants['longer_steps']} steps",
        loc="left",
    )
    handles, _ = ax.get_legend_handles_labels()
    handles.append(Line2D([], [], color="black", ls=":", label="p = 0.322: sharing pays below"))
    ax.legend(
        handles=handles, loc="upper left", ncols=2, frameon=False, fontsize=6.5, columnspacing=1
    )


def draw_f35(data: Datasets) -> Figure:
    """Draw single neurons of one net, and how weights within neurons compare."""
    own = data["absolute_superposition"]
    constants = constants_of(own)
    k = int(np.flatnonzero(np.isclose(own["longer_density"].values, _ZOOM))[0])
    best = int(own["loss_longer"].values[k].argmin())
    W_in, W_out = unit_largest(
        own["W_in_longer"].values[k, best].astype(float),
        own["W_out_longer"].values[k, best].astype(float),
    )
    busy = np.flatnonzero(gains(W_in, W_out).max(1) > 0.1)
    by_purity = busy[np.argsort(-concentration(W_in[busy]), kind="stable")]
    chosen = np.concatenate([by_purity[:_SHOWN], by_purity[_SHOWN:][-_SHOWN:]])
    n = W_in.shape[1]
    with style.paper_style():
        figure = Figure(figsize=(9.6, 7.6), layout="constrained")
        grid = figure.add_gridspec(3, 2, height_ratios=[1, 1, 1.25])
        colors = ranked_colors(n)
        for row, (matrix, name) in enumerate(((W_in, "in-weights"), (W_out.T, "out-weights"))):
            ax = figure.add_subplot(grid[row, :])
            draw_stacks(ax, matrix[chosen], colors, labelled=0.13 * np.abs(matrix[chosen]).max())
            ax.axvline(_SHOWN - 0.5, color="0.5", lw=0.8, ls=":")
            ax.set(xticks=range(len(chosen)), ylabel=name)
            ax.set_xticklabels([f"{value:.2f}" for value in concentration(W_in[chosen])])
            if row == 0:
                ax.set_title(
                    f"the {_SHOWN} purest and the {_SHOWN} most mixed neurons of a net at p = "
                    f"{_ZOOM:g} after {constants['longer_steps']} steps; numbers are "
                    "features, 0 the most important",
                    loc="left",
                )
        ax.set_xlabel("max |w| / ‖w‖ of the neuron's in-weights")
        _second_weights(figure.add_subplot(grid[2, 0]), own, constants)
        _in_against_out(figure.add_subplot(grid[2, 1]), W_in, W_out)
    return figure


def _second_weights(ax: Axes, own: xr.Dataset, constants: dict[str, Any]) -> None:
    blue, orange = style.CANDIDATE_COLORS["ignore_first"], style.CANDIDATE_COLORS["pair_first"]
    for suffix, prefix, color, shift in (
        ("", "", blue, 1.08),
        ("_longer", "longer_", orange, 0.92),
    ):
        steps = constants[f"{prefix}steps"]
        ratio = secondary_ratio(own[f"W_in{suffix}"].values)
        busy = gains(own[f"W_in{suffix}"].values, own[f"W_out{suffix}"].values).max(-1) > 0.1
        p = own[f"{prefix}density"].values
        levels = np.array(
            [
                np.quantile(one[which], [0.1, 0.5, 0.9]) if which.any() else [np.nan] * 3
                for one, which in zip(ratio, busy, strict=True)
            ]
        )
        spread = [levels[:, 1] - levels[:, 0], levels[:, 2] - levels[:, 1]]
        label = f"{steps} steps"
        ax.errorbar(p * shift, levels[:, 1], spread, fmt="o", ms=4, color=color, label=label)
    ax.axhline(0.25, color="black", lw=0.8, ls="--")
    ax.text(1.1, 0.26, "the paper's 1/4", fontsize=7.5, va="bottom", ha="left")
    _density_axis(ax)
    ax.set(ylim=(0, 1.12))
    ax.set_ylabel("second / first |in-weight|")
    ax.set_title("median and 10–90 % of the active neurons", loc="left")
    ax.legend(loc="upper left", frameon=False, ncols=2)


def _in_against_out(ax: Axes, W_in: Array, W_out: Array) -> None:
    gain = gains(W_in, W_out)
    neuron, feature = np.nonzero(gain > _SERVED)
    primary = gain.argmax(1)[neuron] == feature
    for which, color, label in (
        (primary, style.CANDIDATE_COLORS["ignore_first"], "its neuron's largest gain"),
        (~primary, style.CANDIDATE_COLORS["pair_last"], "a further feature"),
    ):
        x, y = np.abs(W_in)[neuron, feature], W_out.T[neuron, feature]
        ax.plot(x[which], y[which], "o", ms=3.5, alpha=0.7, color=color, label=label)
    line = np.geomspace(0.03, 1.2, 20)
    ax.plot(line, 1 / line, color="black", lw=0.8, label="in × out = 1")
    ax.set(xscale="log", yscale="log", xlabel="|in-weight| (largest: 1)", ylabel="out-weight")
    ax.set_title(f"features served (gain > {_SERVED:g}) in this net", loc="left")
    ax.legend(frameon=False)
