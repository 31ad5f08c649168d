"""Two correlated sets of ten in ten dimensions (F23)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.correlated_sets import bases_loss
from theory.laws import FeatureLaw

from ...recipes import find
from ...set_descent import descend_mixture
from ..experiment import Experiment, Measurements, by_quality, same
from ..work import Arrays, Work
from .runs import trained_models, training_constants

__all__ = ["LOCAL_BASES"]

Array = NDArray[np.float64]


def _settle(W: Array, b: Array, p: float, law: str, steps: int) -> Arrays:
    ends = descend_mixture(W[None], b[None], p, FeatureLaw.parse(law), max_steps=steps)
    return {"W": ends.W[0], "loss": ends.loss, "status": np.array(ends.status)}


def _by_set(W: Array, size: int) -> Array:
    """Return W with the second set's features in the order of their partners in the first.

    The partner is the one of least cosine, greedily.
    """
    U = W / np.linalg.norm(W, axis=0)
    cosines = U[:, :size].T @ U[:, size:]
    order = np.zeros(size, int)
    for _ in range(size):
        i, j = np.unravel_index(cosines.argmin(), cosines.shape)
        order[i] = j
        cosines[i, :], cosines[:, j] = np.inf, np.inf
    return np.concatenate([W[:, :size], W[:, size + order]], 1)


def _squared_cosines(W: Array, size: int) -> tuple[float, float]:
    """Return the mean squared cosine of features of one set, and of features of two."""
    U = W / np.linalg.norm(W, axis=0)
    C = (U.T @ U) ** 2
    off = ~np.eye(size, dtype=bool)
    inside = np.concatenate([C[:size, :size][off], C[size:, size:][off]])
    return float(inside.mean()), float(C[:size, size:].mean())


def _compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    densities, size = constants["densities"], constants["d_hidden"]
    found = trained_models(constants, work, "train", densities)
    places = list(zip(range(len(densities)), found.best.tolist(), strict=True))
    settled = work.map(
        "descend",
        _settle,
        [
            (found.W[d, s], found.b[d, s], densities[d], constants["law"], constants["descent"])
            for d, s in places
        ],
    )
    measured = np.array([[_squared_cosines(W, size) for W in row] for row in found.W])
    return xr.Dataset(
        {
            "loss": (("density", "start"), found.loss),
            "status": (("density", "start"), found.status),
            "within": (("density", "start"), measured[..., 0]),
            "between": (("density", "start"), measured[..., 1]),
            "best_W": (
                ("density", "hidden", "feature"),
                np.stack([_by_set(W, size) for W in found.best_W]),
            ),
            "settled_W": (
                ("density", "hidden", "feature"),
                np.stack([_by_set(one["W"], size) for one in settled]),
            ),
            "settled_loss": (("density",), [float(one["loss"][0]) for one in settled]),
            "settled_status": (("density",), [str(one["status"][0]) for one in settled]),
            "theory_loss": (("density",), bases_loss(size, np.array(densities))),
        },
        coords={"density": densities},
    )


def _measure(data: xr.Dataset) -> Measurements:
    size = data.sizes["hidden"]
    best = data["loss"].values.argmin(1)
    rows = np.arange(len(best))
    settled = np.array([_squared_cosines(W, size) for W in data["settled_W"].values])
    return {
        "densities": data["density"].values.tolist(),
        "within": data["within"].values[rows, best].tolist(),
        "between": data["between"].values[rows, best].tolist(),
        "within_largest": data["within"].values.max(1).tolist(),
        "settled_within": settled[:, 0].tolist(),
        "settled_between": settled[:, 1].tolist(),
        "random": 1 / size,
        "loss_over_theory": (data["loss"].values[rows, best] / data["theory_loss"].values).tolist(),
        "settled_over_theory": (data["settled_loss"] / data["theory_loss"]).values.tolist(),
        "partner_cosines": [_partner_cosine(W, size) for W in data["best_W"].values],
    }


def _partner_cosine(W: Array, size: int) -> float:
    U = W / np.linalg.norm(W, axis=0)
    return float((U[:, :size] * U[:, size:]).sum(0).mean())


LOCAL_BASES = Experiment(
    name="local_bases",
    title="Two correlated sets of ten features in ten dimensions",
    constants={
        **training_constants("paper-local-bases", (6, 50)),
        "densities": same(
            [find("paper-local-bases").densities[0][0], 0.1],
            f"{find('paper-local-bases').sources['densities']}; and ours: one ten times as dense",
        ),
        "descent": by_quality(300, 3000, "ours: steps of the descent that the best run ends with"),
    },
    compute=_compute,
    measure=_measure,
    minutes=(0.1, 1.0),
)
