"""Two correlated pairs (F20), two anticorrelated ones (F21), three correlated ones (F22)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray

from theory.correlated_sets import right_and_wrong_pairing
from theory.laws import FeatureLaw
from theory.phases import DROPPED_NORM

from ...descent import descend
from ...recipes import find
from ...seeds import generator
from ...set_descent import descend_mixture, mixture_loss
from ..experiment import Experiment, Measurements, by_quality, json_number, same
from ..work import Arrays, Work
from .measures import (
    adjacent_pairs,
    aligned,
    collapsed_pairs,
    openings,
    pair_cosines,
    wilson_interval,
)
from .runs import Trained, trained_models, training_constants

__all__ = ["ANTICORRELATED_PAIRS", "CORRELATED_PAIRS", "THREE_PAIRS"]

_RIGHT = -0.9  # cosine below which a pair counts as antipodal
_SCALE = 0.4  # of the random weights that descents begin at

Array = NDArray[np.float64]


def _labelled(found: Trained, prefix: str = "", density: str = "density") -> dict[str, Any]:
    return {
        f"{prefix}W": ((density, "start", "hidden", "feature"), found.W),
        f"{prefix}b": ((density, "start", "feature"), found.b),
        f"{prefix}loss": ((density, "start"), found.loss),
        f"{prefix}status": ((density, "start"), found.status),
        f"{prefix}best_W": (
            (density, "hidden", "feature"),
            np.stack([aligned(W) for W in found.best_W]),
        ),
        f"{prefix}best_loss": ((density,), found.best_loss),
    }


def _numbers(values: Any) -> list[Any]:
    listed: list[Any] = np.asarray(values, float).round(12).tolist()
    return listed


def _correlated(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    densities = constants["densities"]
    found = trained_models(constants, work, "train", densities)
    law = FeatureLaw.parse(constants["law"])
    within, across = right_and_wrong_pairing()
    p = np.array(densities)

    def fixed(weights: Any) -> Array:
        return mixture_loss([weights] * len(p), np.zeros((len(p), 4)), p, law)

    starts = np.broadcast_to(np.array(across, float), (len(p), 2, 4))
    least = descend_mixture(starts, np.zeros((len(p), 4)), p, law)
    return xr.Dataset(
        {
            **_labelled(found),
            "across_loss": (("density",), fixed(across)),
            "within_loss": (("density",), fixed(within)),
            "least_loss": (("density",), least.loss),
            "least_W": (("density", "hidden", "feature"), least.W),
        },
        coords={"density": densities},
    )


def _measure_correlated(data: xr.Dataset) -> Measurements:
    cosines = np.abs(pair_cosines(data["W"].values)).max(-1)
    best = pair_cosines(data["best_W"].values)
    orthogonal = cosines < 0.1
    return {
        "densities": _numbers(data["density"]),
        "best_cosines": _numbers(best),
        "best_largest_cosine": float(np.abs(best).max()),
        "orthogonal_share": float(orthogonal.mean()),
        "runs": int(orthogonal.size),
        "orthogonal_interval": list(wilson_interval(int(orthogonal.sum()), orthogonal.size)),
        "loss_over_theory": _numbers(data["best_loss"] / data["across_loss"]),
        "least_over_theory": _numbers(data["least_loss"] / data["across_loss"]),
        "least_cosines": _numbers(pair_cosines(data["least_W"].values)),
        "within_over_across": _numbers(data["within_loss"] / data["across_loss"]),
    }


def _anticorrelated(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    marginals = np.array(constants["marginals"])
    members = 2
    variables: dict[str, Any] = {}
    for rule, law, factor in (
        ("paper", constants["law"], members),
        ("arena", constants["exclusive_law"], 1),
    ):
        densities = (marginals * factor).tolist()
        found = trained_models(constants, work, f"train-{rule}", densities, law)
        variables |= _labelled(found, f"{rule}_", "marginal")
        variables[f"{rule}_density"] = (("marginal",), densities)
        variables[f"{rule}_right"] = (
            ("marginal", "start"),
            (pair_cosines(found.W) < _RIGHT).all(-1).astype(np.int64),
        )
    return xr.Dataset(variables, coords={"marginal": marginals})


def _measure_anticorrelated(data: xr.Dataset) -> Measurements:
    found: dict[str, Any] = {"marginals": _numbers(data["marginal"])}
    starts = data.sizes["start"]
    for rule in ("paper", "arena"):
        hits = data[f"{rule}_right"].values.sum(1)
        ends = [wilson_interval(int(h), starts) for h in hits]
        best = pair_cosines(data[f"{rule}_best_W"].values)
        norms = np.linalg.norm(data[f"{rule}_W"].values, axis=-2)
        wrong = (data[f"{rule}_right"].values == 0) & (norms > DROPPED_NORM).all(-1)
        q = data["marginal"].values[:, None]
        ratio = (data[f"{rule}_loss"].values / (2 * q**2 / 3))[wrong]
        found[rule] = {
            "best_cosines": _numbers(best),
            "best_worst_cosine": float(best.max()),
            "best_loss": _numbers(data[f"{rule}_best_loss"] / data["marginal"]),
            "share": _numbers(hits / starts),
            "interval": [list(pair) for pair in ends],
            "wrong_loss_over_theory": float(np.median(ratio)) if ratio.size else None,
        }
    found["starts"] = starts
    return found


def _independent_optimum(n: int, p: float, starts: int, seed: int) -> Arrays:
    W = _SCALE * generator("independent six", n, p, seed).normal(size=(starts, 2, n))
    ends = descend(torch.from_numpy(W), torch.zeros(starts, n, dtype=torch.float64), p)
    best = int(ends.loss.argmin())
    return {"W": ends.W[best].numpy(), "loss": ends.loss[best].numpy()}


def _three(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    densities, n = constants["densities"], constants["n_features"]
    pairs = trained_models(constants, work, "train", densities)
    alone = trained_models(constants, work, "train-independent", densities, "independent")
    starts = constants["descents"]
    least = work.map(
        "descend-independent",
        _independent_optimum,
        [(n, p, starts, work.seed) for p in densities],
    )
    return xr.Dataset(
        {
            **_labelled(pairs),
            **_labelled(alone, "independent_"),
            "independent_least_loss": (("density",), [float(one["loss"]) for one in least]),
            "independent_least_W": (
                ("density", "hidden", "feature"),
                np.stack([aligned(one["W"]) for one in least]),
            ),
        },
        coords={"density": densities},
    )


def _side_by_side(W: Array) -> dict[str, Any]:
    """Return the share of models that store all features in which every pair is side by side."""
    models = W.reshape(-1, *W.shape[-2:])
    models = models[(np.linalg.norm(models, axis=1) > DROPPED_NORM).all(1)]
    hits = sum(adjacent_pairs(one) for one in models)
    if not len(models):
        return {"share": None, "models": 0, "interval": None}
    return {
        "share": hits / len(models),
        "models": len(models),
        "interval": list(wilson_interval(hits, len(models))),
    }


def _gaps(W: Array) -> list[float]:
    angles = np.sort(np.degrees(np.arctan2(W[1], W[0])))
    return _numbers(np.diff(angles, append=angles[0] + 360))


def _measure_three(data: xr.Dataset) -> Measurements:
    best = data["best_W"].values
    collapsed = collapsed_pairs(data["W"].values)
    hexagon = (collapsed == 0) & (openings(data["W"].values) < 1).all(-1)
    loss = data["loss"].values

    def least(where: NDArray[np.bool_]) -> list[float | None]:
        values = np.where(where, loss, np.inf).min(1)
        return [json_number(x) for x in values]

    return {
        "densities": _numbers(data["density"]),
        "best_side_by_side": [bool(adjacent_pairs(W)) for W in best],
        "best_cosines": _numbers(pair_cosines(best)),
        "best_gaps": [_gaps(W) for W in best],
        "best_collapsed": collapsed_pairs(best).tolist(),
        "side_by_side": _side_by_side(data["W"].values),
        "independent_side_by_side": _side_by_side(data["independent_W"].values),
        "independent_gaps": [_gaps(W) for W in data["independent_least_W"].values],
        "independent_norms": _numbers(
            np.linalg.norm(data["independent_least_W"].values, axis=1).min(1)
        ),
        "collapsed_counts": [np.bincount(row, minlength=4).tolist() for row in collapsed],
        "collapsed_share": _numbers((collapsed > 0).mean(1)),
        "least_hexagon": least(hexagon),
        "least_one_collapsed": least(collapsed == 1),
    }


CORRELATED_PAIRS = Experiment(
    name="correlated_pairs",
    title="Two correlated pairs in two dimensions",
    constants={
        **training_constants("paper-correlated", (20, 100)),
        "densities": same(
            [p[0] for p in find("paper-correlated").densities],
            find("paper-correlated").sources["densities"],
        ),
    },
    compute=_correlated,
    measure=_measure_correlated,
    minutes=(0.1, 0.4),
)

ANTICORRELATED_PAIRS = Experiment(
    name="anticorrelated_pairs",
    title="Two anticorrelated pairs in two dimensions, by two rules",
    constants={
        **training_constants("paper-anticorrelated", (40, 400)),
        "exclusive_law": same("exclusive:0,1/2,3", "ARENA: members keep their marginals"),
        "marginals": by_quality(
            [0.3162, 0.1778, 0.1, 0.05, 0.02],
            [0.45, 0.3162, 0.2371, 0.1778, 0.1334, 0.1, 0.075, 0.05, 0.03, 0.02],
            "ours: ARENA's range 0.1 to 0.316, and below it",
        ),
    },
    compute=_anticorrelated,
    measure=_measure_anticorrelated,
    minutes=(0.3, 5.5),
)

THREE_PAIRS = Experiment(
    name="three_pairs",
    title="Three correlated pairs in two dimensions, and six independent features",
    constants={
        **training_constants("paper-correlated-three", (20, 200)),
        "densities": same(
            [p[0] for p in find("paper-correlated-three").densities],
            find("paper-correlated-three").sources["densities"],
        ),
        "descents": by_quality(16, 64, "ours: the optimum is found several times"),
    },
    compute=_three,
    measure=_measure_three,
    minutes=(0.3, 2.5),
)
