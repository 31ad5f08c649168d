r"""Two sets of three correlated features on the way to an octahedron (arXiv 2209.10652, F26).

The components of largest variance are the means of the two sets.  With U an orthonormal basis of
them, the *principal share* :math:`\|WU\|^2/\|W\|^2` is 1 if a model holds these components and
nothing else, and about 1/3 for random weights.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.laws import FeatureLaw

from ..experiment import Experiment, Measurements, by_quality, same
from ..work import Work
from .paths import (
    PROMINENCES,
    flow_unit,
    kept_steps,
    linear_unit,
    path_dataset,
    recipe_spec,
    trained_unit,
)

__all__ = [
    "GEOMETRIC_STAGES",
    "compute",
    "measure",
    "pair_times",
    "partners",
    "principal_share",
]

_LAW = "correlated:0,1,2/3,4,5"
_ANTIPODAL = -0.95  # cosine

_CONSTANTS = {
    "features": same(6, "paper, F26"),
    "hidden": same(3, "paper, F26"),
    "law": same(_LAW, "paper, F26: two sets of 3, shared on/off"),
    "density": same(0.1, "ours: stages are clearest; the paper is silent, keltin13 has .01"),
    "other_density": same(0.01, "keltin13"),
    "init_scale": same(0.01, "ours: so small that the first plateau is seen"),
    "trained_init_scale": same(0.1, "ours: stages of Adam, which leaves 0 at once, are seen"),
    "optimizer": same("adamw", "notebook; one throughout, where keltin13 makes one a step"),
    "learning_rate": same(1e-3, "notebook"),
    "batch": same(1024, "notebook"),
    "steps": same(10_000, "notebook"),
    "duration": same(1e4, "ours: the last plateau is reached by then"),
    "points": same(400, "ours: points kept, evenly in the logarithm of time"),
    "kept": same(200, "ours: weights kept, evenly in the logarithm of the step"),
    "starts": by_quality(8, 100, "ours"),
    "other_starts": by_quality(4, 30, "ours: at the other density"),
}


def compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    """Follow flows and train, from weights of two sizes; flows at another density too."""

    def spec(density: float, scale: float) -> dict[str, Any]:
        return recipe_spec(
            "paper-trajectories",
            constants["features"],
            constants["hidden"],
            density,
            law=constants["law"],
            init_scale=scale,
            optimizer=constants["optimizer"],
            learning_rate=constants["learning_rate"],
            batch_size=constants["batch"],
            steps=constants["steps"],
        )

    length = (constants["duration"], constants["points"])
    flows, others = (
        work.map(
            stage,
            flow_unit,
            [
                (spec(constants[density], constants["init_scale"]), k, work.seed, *length)
                for k in range(constants[starts])
            ],
        )
        for stage, density, starts in (
            ("flow", "density", "starts"),
            ("other", "other_density", "other_starts"),
        )
    )
    linear = work.map(
        "linear",
        linear_unit,
        [
            (spec(constants["density"], constants["init_scale"]), k, work.seed, *length)
            for k in range(constants["starts"])
        ],
    )
    trained = work.map(
        "trained",
        trained_unit,
        [
            (
                spec(constants["density"], constants["trained_init_scale"]),
                k,
                work.seed,
                constants["kept"],
            )
            for k in range(constants["starts"])
        ],
    )
    found = xr.merge(
        [
            path_dataset("flow", flows),
            path_dataset("linear", linear),
            path_dataset("other", others, without=("W", "critical_W")),
            path_dataset("trained", trained),
        ]
    )
    ends = np.stack([partners(unit["W"][-1]) for unit in others])
    found["other_partner"] = (("other_start", "feature"), ends)
    steps = np.array(kept_steps(constants["steps"], constants["kept"]))
    return found.assign_coords(trained_place=steps, prominence=list(PROMINENCES))


def _cosines(W: NDArray[Any]) -> NDArray[Any]:
    norms = np.linalg.norm(W, axis=0)
    unit = np.divide(W, norms, out=np.zeros_like(W), where=norms > 0)
    return np.asarray(unit.T @ unit)


def partners(W: NDArray[Any]) -> NDArray[np.int64]:
    """Return each feature's antipodal partner, −1 where there is none; (n,).

    Examples
    --------
    >>> partners(np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]])).tolist()
    [1, 0, -1]
    """
    cosine = _cosines(W)
    return np.asarray(np.where(cosine.min(1) < _ANTIPODAL, cosine.argmin(1), -1))


def principal_share(W: NDArray[Any], law: str = _LAW) -> NDArray[Any]:
    """Return the share of ‖W‖² in the space of the sets' means, (..., m, n) → (...)."""
    kept = np.zeros((*W.shape[:-1], 0))
    for members in FeatureLaw.parse(law).sets:
        mean = W[..., list(members)].sum(-1, keepdims=True) / np.sqrt(len(members))
        kept = np.concatenate([kept, mean], -1)
    total = (W**2).sum((-2, -1))
    return np.asarray(
        np.divide((kept**2).sum((-2, -1)), total, out=np.zeros_like(total), where=total > 0)
    )


def _of_different_sets(pairs: NDArray[Any]) -> bool:
    return bool((pairs >= 0).all() and all((i < 3) != (j < 3) for i, j in enumerate(pairs)))


def pair_times(W: NDArray[Any], time: NDArray[Any]) -> list[float]:
    """Return when each antipodal pair of the end formed for good, ascending."""
    pairs = partners(W[-1])
    found = []
    for i, j in enumerate(pairs):
        if j > i:
            cosine = np.array([_cosines(one)[i, j] for one in W])
            apart = np.flatnonzero(cosine > _ANTIPODAL)
            found.append(float(time[min(len(time) - 1, apart[-1] + 1)]) if len(apart) else 0.0)
    return sorted(found)


def measure(data: xr.Dataset) -> Measurements:
    """Return what the claims need, per path."""
    flows = range(data.sizes["flow_start"])
    W, loss, plateau = (data[f"flow_{name}"].values for name in ("W", "loss", "plateau"))
    linear = data["linear_W"].values
    names = data["flow_geometry"].values
    real = plateau >= 0
    found: dict[str, Any] = {
        "plateau_counts": data["flow_plateau_counts"].values.tolist(),
        "other_plateau_counts": data["other_plateau_counts"].values.tolist(),
        "prominences": list(PROMINENCES),
        "geometries": [[str(g) for g in names[k][real[k]]] for k in flows],
        "indices": [data["flow_index_low"].values[k][real[k]].tolist() for k in flows],
        "indices_high": [data["flow_index_high"].values[k][real[k]].tolist() for k in flows],
        "critical_losses": [data["flow_critical_loss"].values[k][real[k]].tolist() for k in flows],
        "drops": [(-np.diff(loss[k][plateau[k][real[k]]])).tolist() for k in flows],
        "matched": float((data["flow_critical_status"].values[real] == "converged").mean()),
    }
    ends = [partners(W[k][-1]) for k in flows]
    trained_ends = [partners(one[-1]) for one in data["trained_W"].values]
    found["octahedra"] = [str(names[k][real[k]][-1]) == "octahedron" for k in flows]
    found["different_sets"] = [_of_different_sets(pairs) for pairs in ends]
    found["trained_different_sets"] = [_of_different_sets(pairs) for pairs in trained_ends]
    found["other_different_sets"] = [
        _of_different_sets(pairs) for pairs in data["other_partner"].values
    ]
    found["trained_gap"] = [
        float(x / loss[:, -1].min() - 1) for x in data["trained_loss"].values[:, -1]
    ]
    found["pair_times"] = [pair_times(W[k], data["flow_time"].values[k]) for k in flows]
    shares, gaps = [], []
    for k in flows:
        places = plateau[k][real[k]][:-1]
        fallen = [p for p in places if loss[k][p] < 0.95]  # the first plateau that has learned
        if fallen:
            place = int(fallen[0])
            shares.append(float(principal_share(W[k][place])))
            G, H = (w.T @ w for w in (W[k][place], linear[k][place]))
            gaps.append(float(np.linalg.norm(G - H) / np.linalg.norm(G)))
    found |= {"principal_share": shares, "linear_gap": gaps}
    return found


GEOMETRIC_STAGES = Experiment(
    name="geometric_stages",
    title="Two correlated sets: from nothing through principal components to an octahedron",
    constants=_CONSTANTS,
    compute=compute,
    measure=measure,
    minutes=(0.4, 6.0),
)
