r"""Many features in few dimensions (F7 to F10): linear and rectified models at seven densities.

Every model is judged by its exact loss, in units of Σ I V.  *Settled* is where descent on the exact
loss leads from the best trained start, and the *optimum* the least loss of that and of descents
from random weights: the best model known, an upper bound.  The linear model's optimum is the closed
form of :mod:`theory.linear`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.laws import FeatureLaw
from theory.linear import linear_optimum
from theory.problem import Problem, dropped_loss
from theory.rationals import as_fraction

from ...descent import descend
from ...evaluator import exact_loss
from ...recipes.catalogue import find
from ...starts import random_starts
from ..experiment import Experiment, by_quality, same
from ..trained import train
from ..work import Arrays, Work
from .basic_measures import measure
from .recipes import recipe_constants, runs

__all__ = ["EXPERIMENTS"]

Array = NDArray[np.float64]

_ONE_HOT = FeatureLaw("one-hot")


def _ends(W: Array, b: Array, p: float, constants: Mapping[str, Any], warm_up: int) -> Arrays:
    most = constants["descent_steps"]
    ends = descend(W, b, p, constants["importance"], warm_up=warm_up, max_steps=most)
    found = {name: getattr(ends, name).numpy() for name in ("W", "b", "loss")}
    return {**found, "status": np.array(ends.status)}


def _settled(W: Array, b: Array, p: float, constants: Mapping[str, Any]) -> Arrays:
    """Descend from a trained model."""
    return _ends(W[None], b[None], p, constants, 0)


def _descended(p: float, constants: Mapping[str, Any], first: int, last: int, seed: int) -> Arrays:
    """Descend from some of the random weights."""
    problem = Problem(
        features=constants["n_features"],
        hidden=constants["d_hidden"],
        density=(as_fraction(p),) * constants["n_features"],
        importance=tuple(map(as_fraction, constants["importance"])),
    )
    W, b = random_starts(problem, last, "basic results", seed)
    return _ends(W[first:], b[first:], p, constants, constants["warm_up"])


def _known(W: Array, b: Array, constants: Mapping[str, Any], work: Work) -> Arrays:
    """Return where descent leads from a model per density, and the best end at each."""
    densities, count = constants["densities"], constants["descents"]
    at_once = constants["descents_per_unit"]
    trained = [(W[k], b[k], p, dict(constants)) for k, p in enumerate(densities)]
    settled = work.map("settle", _settled, trained)
    units = [
        (p, dict(constants), first, min(first + at_once, count), work.seed)
        for p in densities
        for first in range(0, count, at_once)
    ]
    random = work.map("descend", _descended, units)
    best = []
    for p, own in zip(densities, settled, strict=True):
        parts = [own, *(part for part, unit in zip(random, units, strict=True) if unit[0] == p)]
        ends = {name: np.concatenate([part[name] for part in parts]) for name in own}
        least = int(ends["loss"].argmin())
        best.append({name: values[least] for name, values in ends.items()})
    return {
        **{f"settled_{name}": np.stack([own[name][0] for own in settled]) for name in settled[0]},
        **{f"optimum_{name}": np.stack([own[name] for own in best]) for name in best[0]},
    }


def _one_active(W: Array, b: Array, p: Array, importance: list[float]) -> Array:
    """Return the loss with one feature active times its probability, for models (k, m, n)."""
    n = W.shape[-1]
    each = n * exact_loss(W, b, None, importance, law=_ONE_HOT).numpy()
    return np.asarray(p * (1 - p) ** (n - 1) * each)


def _trained(
    constants: Mapping[str, Any], model: str, densities: list[float], starts: int, work: Work
) -> Arrays:
    """Return weights, biases, exact losses in their units, statuses: (densities, starts, ...)."""
    shape = (len(densities), starts)
    batch = runs(constants, model, densities, starts, work.seed)
    found = train(work, f"train-{model}", batch, constants["runs_per_unit"])
    W, b = (found[name].astype(float).reshape(*shape, *found[name].shape[1:]) for name in "Wb")
    importance, n = constants["importance"], constants["n_features"]
    p = np.array(densities, float)
    activation = "linear" if model == "linear" else "relu"
    each = p[:, None, None] * np.ones(n)
    loss = exact_loss(W, b, each, importance, activation=activation).numpy()
    unit = dropped_loss(p) * sum(importance)
    return {"W": W, "b": b, "loss": loss / unit[:, None], "status": found["status"].reshape(shape)}


def _compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    densities, linear_densities = constants["densities"], constants["linear_densities"]
    importance, n = constants["importance"], constants["n_features"]
    relu = _trained(constants, "relu-output", densities, constants["starts"], work)
    linear = _trained(constants, "linear", linear_densities, constants["linear_starts"], work)
    p, rows = np.array(densities, float), np.arange(len(densities))
    best = relu["loss"].argmin(1)
    W, b = relu["W"][rows, best], relu["b"][rows, best]
    ends = _known(W, b, constants, work)
    unit = dropped_loss(p) * sum(importance)
    closed = linear_optimum(constants["d_hidden"], [1.0] * n, importance)
    models, values = ("density", "hidden", "feature"), ("density", "feature")
    starts, linear_starts = ("density", "start"), ("linear_density", "linear_start")
    return xr.Dataset(
        {
            "trained_W": ((*starts, "hidden", "feature"), relu["W"]),
            "trained_b": ((*starts, "feature"), relu["b"]),
            "trained_loss": (starts, relu["loss"]),
            "trained_status": (starts, relu["status"]),
            "best_start": (("density",), best),
            "linear_W": ((*linear_starts, "hidden", "feature"), linear["W"]),
            "linear_b": ((*linear_starts, "feature"), linear["b"]),
            "linear_loss": (linear_starts, linear["loss"]),
            "linear_status": (linear_starts, linear["status"]),
            "linear_stored": (("feature",), np.isin(np.arange(n), closed.stored)),
            "linear_optimum_loss": ((), float(closed.loss / (sum(importance) * dropped_loss(1.0)))),
            "settled_W": (models, ends["settled_W"]),
            "settled_b": (values, ends["settled_b"]),
            "settled_loss": (("density",), ends["settled_loss"] / unit),
            "settled_status": (("density",), ends["settled_status"]),
            "optimum_W": (models, ends["optimum_W"]),
            "optimum_b": (values, ends["optimum_b"]),
            "optimum_loss": (("density",), ends["optimum_loss"] / unit),
            "trained_one_active": (
                ("density",),
                _one_active(W, b, p, importance) / (relu["loss"][rows, best] * unit),
            ),
            "optimum_one_active": (
                ("density",),
                _one_active(ends["optimum_W"], ends["optimum_b"], p, importance)
                / ends["optimum_loss"],
            ),
        },
        coords={
            "density": densities,
            "linear_density": linear_densities,
            "importance": ("feature", importance),
        },
    )


def _experiment(
    name: str,
    recipe: str,
    title: str,
    sizes: dict[str, tuple[Any, Any]],
    minutes: tuple[float, float],
) -> Experiment:
    densities = [density[0] for density in find(recipe).densities]
    origins = {
        "starts": "paper silent; ours: the best of several, by exact loss",
        "linear_starts": "paper silent; ours",
        "linear_densities": "paper: shown at 0.001, 'or any'; ours: others too",
        "runs_per_unit": "ours: seconds of work each",
        "descents": "ours: descents on the exact loss from random weights",
        "descents_per_unit": "ours: seconds of work each",
        "warm_up": "ours: steps of Adam before such a descent",
        "descent_steps": "ours: steps after which a descent is given up, null for 5000",
    }
    return Experiment(
        name=name,
        title=title,
        constants={
            **recipe_constants(recipe),
            "densities": same(densities, find(recipe).sources["densities"]),
            **{key: by_quality(*pair, origins[key]) for key, pair in sizes.items()},
        },
        compute=_compute,
        measure=measure,
        minutes=minutes,
    )


_SEVEN = [density[0] for density in find("paper-basic").densities]

EXPERIMENTS = (
    _experiment(
        "basic_results",
        "paper-basic",
        "Twenty features in five dimensions, linear and rectified",
        {
            "starts": (4, 30),
            "linear_starts": (1, 3),
            "linear_densities": (_SEVEN, _SEVEN),
            "runs_per_unit": (14, 30),
            "descents": (4, 60),
            "descents_per_unit": (4, 12),
            "warm_up": (400, 800),
            "descent_steps": (None, None),
        },
        (0.7, 8.0),
    ),
    _experiment(
        "basic_results_larger",
        "paper-basic-80",
        "Eighty features in twenty dimensions, linear and rectified",
        {
            "starts": (2, 10),
            "linear_starts": (1, 1),
            "linear_densities": ([1.0, 0.001], _SEVEN),
            "runs_per_unit": (4, 8),
            "descents": (0, 8),
            "descents_per_unit": (1, 1),
            "warm_up": (400, 800),
            "descent_steps": (150, None),
        },
        (1.2, 25.0),
    ),
)
