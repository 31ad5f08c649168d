r"""F31: ten features in five neurons, the best of many models at each density.

Every model is trained by the public recipe; those of least loss on samples common to all are taken
to their local minimum there, and then judged on further samples, independent of these.  The best of
each regime (:func:`numerics.neuron_blocks.regime`) is followed through all densities: where two
regimes' losses cross, an edge is *predicted*.  Two of them are known exactly: all monosemantic,
:math:`V \sum_{i>m} I_i`, and three features in two neurons beside three alone
(:mod:`theory.neuron_losses`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.problem import dropped_loss

from ...neuron_blocks import neuron_blocks, regime
from ...neuron_samples import draw_samples, settle
from ...recipes import find
from ...training.specs import Run
from ..experiment import Experiment, by_quality, same
from ..trained import train
from ..work import Work
from .candidates import POINTS, evaluate_unit, follow_unit, pairs_of_neurons, three_in_two_unit
from .measures import PAPER, measure, standard_errors

__all__ = ["REGIMES"]

Array = NDArray[np.float64]


def _rank_unit(
    density: float, importance: Sequence[float], W: Array, b: Array, kept: int
) -> dict[str, Any]:
    """Return losses and regimes of models, and the best of them settled."""
    samples = draw_samples(W.shape[2], "settle", POINTS)
    losses = np.array([samples.loss(w, c, density, importance) for w, c in zip(W, b, strict=True)])
    best = np.argsort(losses, kind="stable")[:kept]
    settled = [settle(W[k], b[k], density, importance, samples) for k in best]
    return {
        "loss": losses,
        "regime": np.array([regime(w) for w in W]),
        "W": np.array([one.W for one in settled]),
        "b": np.array([one.b for one in settled]),
        "settled_loss": np.array([one.loss for one in settled]),
        "status": np.array([one.status for one in settled]),
    }


def _origins(
    densities: Sequence[float], ranked: list[dict[str, Array]], neurons: int, most: int
) -> list[tuple[str, Array, Array, float]]:
    """Return where regimes are followed from: the models nearest the best of their density.

    Followed are the paper's regimes and all that are best somewhere.
    """
    found: dict[str, list[tuple[float, Array, Array, float]]] = {}
    for p, part in zip(densities, ranked, strict=True):
        best: dict[str, int] = {}
        for k in np.argsort(part["settled_loss"], kind="stable").tolist():
            best.setdefault(regime(part["W"][k]), k)
        least = part["settled_loss"].min()
        for name, k in best.items():
            ratio = float(part["settled_loss"][k] / least)
            entry = (ratio, part["W"][k], part["b"][k], p)
            found.setdefault(name, []).append(entry)
    origins = [
        (name, W, b, p)
        for name, entries in sorted(found.items())
        if name in PAPER or min(entry[0] for entry in entries) == 1.0
        for _, W, b, p in sorted(entries, key=lambda entry: entry[0])[:most]
    ]
    return [*origins, ("pairs", *pairs_of_neurons(neurons), min(densities))]


def _compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    densities, starts = constants["densities"], constants["starts"]
    spec = replace(find("paper-privileged").spec, steps=constants["steps"])
    n, m, I = spec.n_features, spec.d_hidden, list(spec.importance)
    runs = [
        Run(replace(spec, density=(p,) * n), start, work.seed)
        for p in densities
        for start in range(starts)
    ]
    trained = train(work, "train", runs, runs_per_unit=25)
    W = trained["W"].astype(np.float64).reshape(len(densities), starts, m, n)
    b = trained["b"].astype(np.float64).reshape(len(densities), starts, n)
    kept = min(constants["settled"], starts)
    ranked = work.map(
        "rank", _rank_unit, [(p, I, W[k], b[k], kept) for k, p in enumerate(densities)]
    )
    grid = sorted({*densities, *constants["between"]}, reverse=True)
    origins = _origins(densities, ranked, m, constants["origins"])
    followed = work.map("follow", follow_unit, [(*one, grid, I) for one in origins])
    exact = work.map("three-in-two", three_in_two_unit, [(grid, I[m - 2 : m + 1])])[0]
    judged = []
    for k, p in enumerate(grid):
        own = ranked[densities.index(p)] if p in densities else {"W": W[0, :0], "b": b[0, :0]}
        followed_W = np.array([part["W"][k] for part in followed])
        followed_b = np.array([part["b"][k] for part in followed])
        judged.append(
            (
                np.concatenate([own["W"], followed_W]),
                np.concatenate([own["b"], followed_b]),
                p,
                I,
                constants["samples"],
            )
        )
    losses = [part["loss"] for part in work.map("judge", evaluate_unit, judged)]
    data = _models(densities, grid, ranked, losses)
    names = list(dict.fromkeys(one[0] for one in origins))
    data = data.assign(_branches(names, [one[0] for one in origins], followed, losses))
    V = dropped_loss(np.array(grid))
    return data.assign(
        monosemantic_exact=("grid", V * sum(I[m:])),
        three_in_two_exact=("grid", exact["loss"] + V * sum(I[m + 1 :])),
        three_in_two_W=(("grid", "neuron_of_two", "feature_of_three"), exact["W"]),
        dropped_loss=("grid", V * sum(I)),
        importance=("feature", I),
    ).assign_coords(grid=grid, regime=names)


def _models(
    densities: Sequence[float],
    grid: Sequence[float],
    ranked: list[dict[str, Array]],
    losses: list[Array],
) -> xr.Dataset:
    """Label the trained models; the settled ones by falling order on the judging samples."""
    columns: dict[str, list[Any]] = {}
    for p, part in zip(densities, ranked, strict=True):
        own = losses[grid.index(p)][: len(part["W"])]
        order = np.argsort(own.mean(1), kind="stable")
        own = own[order]
        W = part["W"][order]
        row = {
            "start_loss": part["loss"],
            "start_regime": part["regime"],
            "settled_W": W,
            "settled_b": part["b"][order],
            "settled_status": part["status"][order],
            "settled_loss": own.mean(1),
            "settled_error": standard_errors(own),
            "settled_excess": (own - own[0]).mean(1) / own[0].mean(),
            "settled_excess_error": standard_errors(own - own[0]) / own[0].mean(),
            "settled_regime": np.array([regime(one) for one in W]),
            "settled_blocks": np.array([neuron_blocks(one).name for one in W]),
        }
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    axes: dict[str, tuple[str, ...]] = {
        "start_loss": ("start",),
        "start_regime": ("start",),
        "settled_W": ("rank", "hidden", "feature"),
        "settled_b": ("rank", "feature"),
    }
    return xr.Dataset(
        {
            name: (("density", *axes.get(name, ("rank",))), np.array(values))
            for name, values in columns.items()
        },
        coords={"density": list(densities)},
    )


def _branches(
    names: Sequence[str],
    origins: Sequence[str],
    followed: list[dict[str, Array]],
    losses: list[Array],
) -> dict[str, Any]:
    """Return each regime's least loss over its origins, infinite where none of them lasts."""
    values = np.array([own[-len(followed) :] for own in losses])  # (grid, origin, sample)
    left = np.array([part["status"] == "left" for part in followed]).T
    mean = np.where(left, np.inf, values.mean(-1))
    shape = (len(names), len(values))
    loss, W = np.full(shape, np.inf), np.zeros((*shape, *followed[0]["W"].shape[1:]))
    samples = np.full((*shape, values.shape[-1]), np.inf)
    for row, name in enumerate(names):
        own = [k for k, origin in enumerate(origins) if origin == name]
        for g in range(len(values)):
            k = min(own, key=lambda k: mean[g, k])
            if not left[g, k]:
                loss[row, g], samples[row, g] = mean[g, k], values[g, k]
                W[row, g] = followed[k]["W"][g]
    return {
        "branch_loss": (("regime", "grid"), loss),
        "branch_samples": (("regime", "grid", "sample"), samples),
        "branch_W": (("regime", "grid", "hidden", "feature"), W),
    }


REGIMES = Experiment(
    name="neuron_regimes",
    title="Ten features in five neurons: the best of many models at each density",
    constants={
        "densities": same(
            [0.75, 0.55, 0.35, 0.25, 0.15, 0.12, 0.06, 0.03],
            "paper gives six regimes; ours: one density or two inside each",
        ),
        "starts": by_quality(50, 1000, "paper, F31: the lowest loss of 1000 models; 50 in a draft"),
        "steps": by_quality(
            4000, 10_000, "ARENA at paper quality; ours: fewer in a draft, for time"
        ),
        "settled": by_quality(4, 20, "ours: the best on common samples are taken to their minimum"),
        "between": by_quality(
            [0.65, 0.45, 0.3, 0.2, 0.135, 0.1, 0.08, 0.045, 0.02],
            [0.65, 0.5, 0.45, 0.4, 0.3, 0.22, 0.2, 0.18, 0.135, 0.1, 0.08, 0.045, 0.02, 0.015],
            "ours: further densities at which regimes are compared",
        ),
        "origins": by_quality(1, 4, "ours: models of a regime that are followed"),
        "samples": by_quality(6, 16, "ours: independent samples that judge; standard errors"),
    },
    compute=_compute,
    measure=measure,
    minutes=(2.4, 62.0),
)
