"""Gradient flow and training, their plateaus, and the critical points beside these.

Losses are in the unit of :mod:`numerics.objective`, that of a model without weights; dropped
features (norm below 0.1) have dimensionality 0.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.laws import FeatureLaw
from theory.phases import dimensionalities

from ...critical_points import critical_point
from ...geometry import learned_geometry
from ...geometry.learned import LearnedGeometry
from ...gradient_flow import gradient_flow
from ...landscapes import Landscape, LinearLoss, MixtureLoss
from ...recipes.catalogue import find
from ...training.initialisations import initial_weights
from ...training.specs import Run, RunSpec
from ...trajectories import kept_weights, stages
from ..work import Arrays

__all__ = [
    "MOST_PLATEAUS",
    "PROMINENCES",
    "flow_unit",
    "kept_steps",
    "linear_unit",
    "named",
    "path_dataset",
    "recipe_spec",
    "trained_unit",
]

MOST_PLATEAUS = 10
PROMINENCES = (0.1, 0.15, 0.2, 0.3)  # decades; plateaus are matched at the first
_FLOOR = 1e-6  # of the speed
_NOISE = 0.02  # of a block's directions, up to which it is named

Array = NDArray[np.float64]


def recipe_spec(name: str, n: int, m: int, density: float, **changes: Any) -> dict[str, Any]:
    """Return the fields of a recipe's run at another size and density."""
    values = find(name).spec.to_dict()
    values |= {"n_features": n, "d_hidden": m, "density": [density] * n, "importance": [1.0] * n}
    return {**values, **changes}


def kept_steps(steps: int, count: int) -> list[int]:
    """Return step 0 and about ``count`` further ones, evenly in the logarithm from 10 on."""
    return [0, *np.unique(np.geomspace(10, steps, count).astype(int)).tolist()]


def _landscape(spec: RunSpec, kind: type[MixtureLoss] | type[LinearLoss]) -> Landscape:
    return kind(spec.d_hidden, spec.n_features, spec.density[0], FeatureLaw.parse(spec.law))


def _names(found: LearnedGeometry) -> list[str]:
    names = []
    for block in found.blocks:
        features, again = len(block.features), sum(len(same) - 1 for same in block.coincident)
        if block.name != "unnamed":
            names.append(block.name)
        elif block.distinct not in (None, "unnamed"):
            names.append(f"{block.distinct} of {features}")
        elif again:
            names.append(f"{features - again} directions of {features}")
        else:
            names.append(f"{features} in {block.dimension}-D")
    return names


def named(W: Array) -> str:
    """Return what a model is, its blocks named: ``nothing`` if no feature is represented.

    Features that share directions are counted: ``digon of 3`` is three in one line, ``4 directions
    of 6`` a block of no name, ``5 in 2-D`` one of no name whose directions all differ.

    Examples
    --------
    >>> named(np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]))
    'digon + single'
    """
    if not (np.linalg.norm(W, axis=0) >= 0.1).any():
        return "nothing"
    found = learned_geometry(W, level=_NOISE)
    if found.composite == "octahedron":
        return found.composite
    names = _names(found)
    counted = [
        f"{names.count(name)} × {name}" if names.count(name) > 1 else name
        for name in dict.fromkeys(names)
    ]
    return " + ".join(counted)


def _matched(problem: Landscape, points: Array, places: Sequence[int]) -> Arrays:
    """Return the plateaus at some places and the critical points beside them, padded."""
    k = MOST_PLATEAUS
    m, n = problem.hidden, problem.features
    found: Arrays = {
        "plateau": np.full(k, -1),
        "critical_W": np.zeros((k, m, n)),
        "critical_loss": np.zeros(k),
        "critical_distance": np.zeros(k),
        "index_low": np.zeros(k, int),
        "index_high": np.zeros(k, int),
        "critical_status": np.full(k, "", dtype="<U16"),
        "geometry": np.full(k, "", dtype="<U64"),
    }
    for row, place in enumerate(places[:k]):
        point = critical_point(problem, points[place])
        W = problem.model(point.point)[0]
        found["plateau"][row] = place
        found["critical_W"][row] = W
        found["critical_loss"][row] = point.loss
        found["critical_distance"][row] = point.distance
        found["index_low"][row], found["index_high"][row] = point.index
        found["critical_status"][row] = point.status
        found["geometry"][row] = named(W)
    return found


def _described(problem: Landscape, points: Array) -> Arrays:
    W = np.array([problem.model(x)[0] for x in points])
    G = np.einsum("tmi,tmj->tij", W, W)
    return {"W": W, "dimensionality": dimensionalities(G)}


def linear_unit(spec: dict[str, Any], start: int, seed: int, duration: float, count: int) -> Arrays:
    """Follow the flow of the linear model from the same weights."""
    run = Run(RunSpec.from_dict(spec), start, seed)
    problem = _landscape(run.spec, LinearLoss)
    flow = gradient_flow(problem, _first(run), duration, count)
    filled = np.minimum(np.arange(count), len(flow.time) - 1)
    return {"W": _described(problem, flow.points[filled])["W"], "status": np.array(flow.status)}


def _first(run: Run) -> Array:
    weights = initial_weights(run)
    return np.concatenate([weights["W"].ravel(), weights["b"]]).astype(float)


def flow_unit(spec: dict[str, Any], start: int, seed: int, duration: float, count: int) -> Arrays:
    """Follow the flow from a run's initial weights and match its plateaus.

    A flow that the solver gave up on repeats its last point, and its status says so.
    """
    run = Run(RunSpec.from_dict(spec), start, seed)
    problem = _landscape(run.spec, MixtureLoss)
    flow = gradient_flow(problem, _first(run), duration, count)
    filled = np.minimum(np.arange(count), len(flow.time) - 1)
    counts = [len(stages(flow.speed, p, _FLOOR).plateaus) for p in PROMINENCES]
    found = stages(flow.speed, PROMINENCES[0], _FLOOR)
    jumps = np.full(MOST_PLATEAUS, -1)
    jumps[: len(found.jumps)] = found.jumps[:MOST_PLATEAUS]
    return {
        **_described(problem, flow.points[filled]),
        "time": np.concatenate([[0.0], np.geomspace(min(0.1, duration), duration, count - 1)]),
        "loss": flow.loss[filled],
        "speed": flow.speed[filled],
        "status": np.array(flow.status),
        "plateau_counts": np.array(counts),
        "jump": jumps,
        **_matched(problem, flow.points, found.plateaus),
    }


def trained_unit(spec: dict[str, Any], start: int, seed: int, count: int) -> Arrays:
    """Train with one optimiser throughout; judge the kept weights by the exact loss."""
    run = Run(RunSpec.from_dict(spec), start, seed)
    kept = kept_weights(run, kept_steps(run.spec.steps, count))
    problem = _landscape(run.spec, MixtureLoss)
    points = np.concatenate([kept["W"].reshape(len(kept["W"]), -1), kept["b"]], 1)
    loss = np.array([problem.value(x)[0] for x in points])
    wanted = np.minimum(np.arange(len(kept_steps(run.spec.steps, count))), len(points) - 1)
    return {
        **{name: value[wanted] for name, value in _described(problem, points).items()},
        "loss": loss[wanted],
        "status": kept["status"],
    }


_PATH_DIMS: Mapping[str, tuple[str, ...]] = {
    "W": ("place", "hidden", "feature"),
    "dimensionality": ("place", "feature"),
    "loss": ("place",),
    "speed": ("place",),
    "time": ("place",),
    "status": (),
    "plateau_counts": ("prominence",),
    "jump": ("plateau_number",),
    "plateau": ("plateau_number",),
    "critical_W": ("plateau_number", "hidden", "feature"),
    "critical_loss": ("plateau_number",),
    "critical_distance": ("plateau_number",),
    "index_low": ("plateau_number",),
    "index_high": ("plateau_number",),
    "critical_status": ("plateau_number",),
    "geometry": ("plateau_number",),
}


def path_dataset(
    prefix: str, units: Sequence[Arrays], size: str = "", without: Sequence[str] = ()
) -> xr.Dataset:
    """Return units of one kind as variables ``prefix_NAME``, with the start as leading axis.

    ``place`` gets the prefix too, ``hidden`` and ``feature`` the name of the size.
    """
    variables = {}
    for name in units[0]:
        if name in without:
            continue
        dims = []
        for dim in _PATH_DIMS[name]:
            if dim == "place":
                dims.append(f"{prefix}_place")
            elif dim in ("hidden", "feature"):
                dims.append(f"{size}{dim}")
            else:
                dims.append(dim)
        stacked = np.stack([unit[name] for unit in units])
        variables[f"{prefix}_{name}"] = ((f"{prefix}_start", *dims), stacked)
    return xr.Dataset(variables)
