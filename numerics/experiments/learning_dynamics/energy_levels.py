"""Uniform features whose dimensionalities jump between levels (arXiv 2209.10652, F25).

The recipe's own size, trained on samples by one Adam throughout, and a small one where the flow on
the exact loss can be followed and every plateau be matched to a saddle.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.phases import dimensionalities

from ...trajectories import level_jumps
from ..experiment import Experiment, Measurements, by_quality, same
from ..work import Work
from .paths import PROMINENCES, flow_unit, kept_steps, path_dataset, recipe_spec, trained_unit

__all__ = ["ENERGY_LEVELS", "LEVELS", "NAMED_LEVELS", "compute", "measure", "path_measurements"]

LEVELS = (0.0, 0.5)  # dropped, and a digon
_WIDTH = 0.06
NAMED_LEVELS = (1.0, 3 / 4, 2 / 3, 1 / 2, 2 / 5, 3 / 8)  # single to square antiprism, as in F15
_CLOSE = 0.02
_RECIPE = "paper-energy-levels"

_CONSTANTS = {
    "features": same(100, "keltin13; the paper is silent"),
    "hidden": same(10, "keltin13; the paper is silent"),
    "density": same(0.45, "keltin13; the paper is silent"),
    "init_scale": same(0.1, "keltin13: factor on the notebook's first weights"),
    "optimizer": same("adamw", "notebook; one throughout, where keltin13 makes one a step"),
    "learning_rate": same(1e-3, "notebook"),
    "batch": same(1024, "notebook"),
    "steps": same(10_000, "notebook"),
    "starts": by_quality(1, 8, "ours: one is drawn"),
    "kept": same(200, "ours: weights kept, evenly in the logarithm of the step"),
    "flow_features": same(12, "ours: small enough for exact second derivatives"),
    "flow_hidden": same(4, "ours: room for 8 of the 12 features as digons"),
    "flow_density": same(0.3, "ours: all that is kept ends as digons, as the paper has it"),
    "flow_init_scale": same(1e-3, "ours: so small that the first plateau is seen"),
    "flow_duration": same(1e4, "ours: the last plateau is reached by then"),
    "flow_points": same(400, "ours: points kept, evenly in the logarithm of time"),
    "flow_starts": by_quality(6, 64, "ours: the flow with most plateaus is drawn"),
}


def compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    """Train at the recipe's size; flow and train at the small one."""
    own = {
        "learning_rate": constants["learning_rate"],
        "batch_size": constants["batch"],
        "optimizer": constants["optimizer"],
        "steps": constants["steps"],
    }
    sizes = {
        kind: recipe_spec(
            _RECIPE,
            constants[f"{part}features"],
            constants[f"{part}hidden"],
            constants[f"{part}density"],
            init_scale=constants[f"{part if kind == 'flow' else ''}init_scale"],
            **own,
        )
        for kind, part in (("trained", ""), ("small", "flow_"), ("flow", "flow_"))
    }
    kept = constants["kept"]
    trained, small = (
        work.map(
            kind,
            trained_unit,
            [(sizes[kind], start, work.seed, kept) for start in range(constants[starts])],
        )
        for kind, starts in (("trained", "starts"), ("small", "flow_starts"))
    )
    flows = work.map(
        "flow",
        flow_unit,
        [
            (sizes["flow"], k, work.seed, constants["flow_duration"], constants["flow_points"])
            for k in range(constants["flow_starts"])
        ],
    )
    found = xr.merge(
        [
            path_dataset("trained", trained, "large_", without=("W",)),
            path_dataset("small", small, without=("W",)),
            path_dataset("flow", flows),
        ]
    )
    steps = np.array(kept_steps(constants["steps"], kept))
    return found.assign_coords(trained_place=steps, small_place=steps, prominence=list(PROMINENCES))


def path_measurements(D: NDArray[Any], loss: NDArray[Any]) -> dict[str, Any]:
    """Return what one path shows: jumps between 0 and 1/2, swaps, and the loss at the jumps.

    Parameters
    ----------
    D
        Dimensionalities (T, n), evenly in the logarithm of time.
    loss
        (T,).
    """
    jumps = level_jumps(D, LEVELS, _WIDTH)
    last = D[-1]
    ended_down = (D.max(0) > 0.25) & (last < _WIDTH)
    places = np.array([place for *_, place in jumps], int)
    fall = -np.diff(loss, append=loss[-1])
    # rank of the fall of the loss at each jump among all kept places
    order = fall.argsort().argsort() / max(1, len(fall) - 1)
    return {
        "jumps": len(jumps),
        "jumps_per_stored_feature": len(jumps) / max(1, int((last > 0.25).sum())),
        "rank_at_jumps": float(order[places].mean()) if len(places) else None,
        "displaced": int(ended_down.sum()),
        "at_levels": float(np.mean(np.abs(last[:, None] - np.array(LEVELS)).min(1) < _WIDTH)),
        "digons": int((np.abs(last - 0.5) < _WIDTH).sum()),
    }


def _drops(loss: NDArray[Any], plateaus: NDArray[Any]) -> list[float]:
    places = plateaus[plateaus >= 0]
    return [float(x) for x in -np.diff(loss[places])]


def _columns(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def measure(data: xr.Dataset) -> Measurements:
    """Return what the claims need, per path."""
    found: dict[str, Any] = {}
    for kind in ("trained", "small", "flow"):
        D, loss = data[f"{kind}_dimensionality"].values, data[f"{kind}_loss"].values
        rows = [path_measurements(*path) for path in zip(D, loss, strict=True)]
        found |= {f"{kind}_{name}": values for name, values in _columns(rows).items()}
    flows = range(data.sizes["flow_start"])
    plateaus, losses = data["flow_plateau"].values, data["flow_loss"].values
    found["plateau_counts"] = data["flow_plateau_counts"].values.tolist()
    found["prominences"] = list(PROMINENCES)
    found["drops"] = [_drops(losses[k], plateaus[k]) for k in flows]
    real = plateaus >= 0
    geometry = data["flow_geometry"].values
    converged = data["flow_critical_status"].values == "converged"
    low = data["flow_index_low"].values
    found["plateaus"] = int(real.sum())
    found["matched"] = float(converged[real].mean())
    found["indices"] = [low[k][real[k]].tolist() for k in flows]
    found["critical_losses"] = [
        data["flow_critical_loss"].values[k][real[k]].tolist() for k in flows
    ]
    found["geometries"] = [[str(g) for g in geometry[k][real[k]]] for k in flows]
    found["level_share"] = _level_share(data)
    return found


def _level_share(data: xr.Dataset) -> float | None:
    """Return the share of stored features at a level of a named geometry, at matched saddles."""
    close, total = 0, 0
    levels = np.array(NAMED_LEVELS)
    for D, place, status, index in _saddles(data):
        if status == "converged" and place >= 0 and index > 0:
            stored = D[D > _WIDTH]
            close += int((np.abs(stored[:, None] - levels).min(1) < _CLOSE).sum())
            total += len(stored)
    return close / total if total else None


def _saddles(data: xr.Dataset) -> list[tuple[NDArray[Any], int, str, int]]:
    """Return dimensionalities, place, status and index of every matched point."""
    W = data["flow_critical_W"].values
    D = dimensionalities(np.einsum("skmi,skmj->skij", W, W))
    names = ("flow_plateau", "flow_critical_status", "flow_index_low")
    place, status, index = (data[name].values for name in names)
    return [
        (D[s, k], int(place[s, k]), str(status[s, k]), int(index[s, k]))
        for s in range(D.shape[0])
        for k in range(D.shape[1])
    ]


ENERGY_LEVELS = Experiment(
    name="energy_levels",
    title="Dimensionalities jump between levels while the loss passes saddles",
    constants=_CONSTANTS,
    compute=compute,
    measure=measure,
    minutes=(0.7, 8.0),
)
