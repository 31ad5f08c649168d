"""Two questions of introductions: what an L1 penalty does, and how training finds the pentagon."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.capacity import dimensionality
from theory.phases import DEDICATED_OVERLAP, DROPPED_NORM, overlaps
from theory.phases import norms as norms_of
from theory.problem import Problem, dropped_loss
from theory.rationals import as_fraction

from ..evaluator import exact_loss
from ..hidden_penalty import penalised_models, sampled_losses
from ..optimum import find_optimum
from ..recipes import catalogue as recipes
from ..training.specs import Run
from ..trajectories import kept_weights
from .experiment import Experiment, by_quality, same
from .work import Arrays, Work

__all__ = ["EXPERIMENTS"]

MODELS = ("linear hidden layer", "hidden ReLU")


def _penalised(constants: Mapping[str, Any], hidden_relu: bool, start: int, seed: int) -> Arrays:
    n, m, p = constants["n_features"], constants["d_hidden"], constants["density"]
    importance = [1.0] * n
    found = penalised_models(
        n,
        m,
        p,
        importance,
        constants["coefficients"],
        hidden_relu=hidden_relu,
        start=start,
        steps=constants["steps"],
        seed=seed,
    )
    loss, size = sampled_losses(
        found["W"],
        found["b"],
        p,
        importance,
        hidden_relu=hidden_relu,
        samples=constants["samples"],
        seed=seed,
    )
    return {**found, "loss": loss, "size": size}


def _penalty(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    units = [
        (dict(constants), hidden_relu, start, work.seed)
        for hidden_relu in (False, True)
        for start in range(constants["starts"])
    ]
    parts = work.map("penalised", _penalised, units)
    shape = (len(MODELS), constants["starts"])
    found = {
        name: np.stack([part[name] for part in parts]).reshape(*shape, *parts[0][name].shape)
        for name in parts[0]
    }
    penalty = np.array(constants["coefficients"])
    best = (found["loss"] + penalty * found["size"]).argmin(1)
    rows, columns = np.indices(best.shape)
    chosen = {name: values[rows, best, columns] for name, values in found.items()}
    # of a rectified hidden layer only what a feature excites is a direction of its own
    shown = np.where(
        np.array(MODELS)[:, None, None, None] == "hidden ReLU",
        np.maximum(chosen["W"], 0),
        chosen["W"],
    )
    norms = np.linalg.norm(shown, axis=2)
    dims = ("model", "coefficient")
    return xr.Dataset(
        {
            "W": ((*dims, "hidden", "feature"), chosen["W"]),
            "b": ((*dims, "feature"), chosen["b"]),
            "loss": (dims, chosen["loss"]),
            "hidden_size": (dims, chosen["size"]),
            "norm": ((*dims, "feature"), norms),
            "represented": (dims, (norms >= DROPPED_NORM).sum(2)),
            "superposed": (dims, _superposed(shown)),
        },
        coords={"model": list(MODELS), "coefficient": penalty},
    )


def _superposed(W: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many features of weights (..., m, n) are in superposition."""
    G = W.swapaxes(-1, -2) @ W
    shared = (overlaps(G) >= DEDICATED_OVERLAP) & (norms_of(G) >= DROPPED_NORM)
    return np.asarray(shared.sum(-1))


def _measure_penalty(data: xr.Dataset) -> dict[str, Any]:
    """Return for each model whether a penalty leaves features without superposition, and its cost.

    ``free_of_superposition`` is the largest number of stored features, over the dimensions, among
    the models without a feature in superposition; 0 if every penalty leaves some, or nothing.
    """
    measured: dict[str, Any] = {}
    m = data.sizes["hidden"]
    for model in data["model"].values.tolist():
        one = data.sel(model=model)
        stored, shared = one["represented"].values, one["superposed"].values
        loss = one["loss"].values
        measured[str(model)] = {
            "represented": stored.tolist(),
            "loss": loss.tolist(),
            "coefficients": one["coefficient"].values.tolist(),
            "superposed": shared.tolist(),
            "free_of_superposition": float(max(stored[shared == 0], default=0) / m),
        }
    return measured


def _path(p: float, steps: tuple[int, ...], start: int, seed: int) -> Arrays:
    spec = recipes.find("paper-intro").spec
    n = spec.n_features
    equal = replace(spec, density=(p,) * n, importance=(1.0,) * n, steps=steps[-1])
    kept = kept_weights(Run(equal, start, seed), steps)
    loss = exact_loss(kept["W"], kept["b"], p).numpy()
    return {"W": kept["W"], "b": kept["b"], "loss": loss}


def _pentagon(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    steps = np.unique(np.geomspace(1, constants["steps"], constants["frames"]).round().astype(int))
    kept, p = (0, *steps.tolist()), constants["density"]
    parts = work.map("path", _path, [(p, kept, s, work.seed) for s in range(constants["starts"])])
    stacked = {name: np.stack([part[name] for part in parts]) for name in parts[0]}
    problem = Problem(features=5, hidden=2, density=(as_fraction(p),) * 5)
    return xr.Dataset(
        {
            "W": (("start", "step", "hidden", "feature"), stacked["W"]),
            "b": (("start", "step", "feature"), stacked["b"]),
            "loss": (("start", "step"), stacked["loss"]),
            "dimensionality": (("start", "step", "feature"), dimensionality(stacked["W"])),
            "least_loss": ((), find_optimum(problem, starts=16, seed=work.seed).loss),
            "dropped_loss": ((), 5 * dropped_loss(p)),
        },
        coords={"step": list(kept), "start": list(range(constants["starts"]))},
    )


def _measure_pentagon(data: xr.Dataset) -> dict[str, Any]:
    last = data.isel(step=-1)
    pentagon = np.abs(last["dimensionality"].values - 0.4).max(1) < 0.01
    return {
        "share_of_pentagons": float(pentagon.mean()),
        "least_gap": float(last["loss"].min() - data["least_loss"]),
        "starts": int(data.sizes["start"]),
    }


_OURS = "ours: the introductions name no size; that of F31, uniform"

EXPERIMENTS = (
    Experiment(
        name="hidden_penalty",
        title="An L1 penalty on the hidden layer",
        constants={
            "n_features": same(10, _OURS),
            "d_hidden": same(5, _OURS),
            "density": same(0.05, "ours: sparse enough for superposition without a penalty"),
            "coefficients": same(
                [0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9],
                "ours: from none to one that leaves nothing",
            ),
            "starts": by_quality(3, 20, "ours: the best of them is kept"),
            "steps": by_quality(2000, 10_000, "ours: Adam, 512 samples, 1e-2 falling to 0"),
            "samples": by_quality(100_000, 400_000, "ours: for the losses reported"),
        },
        compute=_penalty,
        measure=_measure_penalty,
        minutes=(0.6, 20.0),
    ),
    Experiment(
        name="finding_the_pentagon",
        title="Training finds the pentagon",
        constants={
            "density": same(0.05, "paper, F18: the base density"),
            "steps": same(5000, "ours: half the notebook's, after which nothing changes"),
            "frames": same(80, "ours: evenly spaced in the logarithm"),
            "starts": by_quality(6, 20, "ours"),
        },
        compute=_pentagon,
        measure=_measure_pentagon,
        minutes=(0.3, 0.6),
    ),
)
