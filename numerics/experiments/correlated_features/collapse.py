"""Three correlated pairs from sparse to dense: how many of them collapse (F24)."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.correlated_sets import (
    CANDIDATES,
    candidate_loss,
    collapse_bound,
    principal_component_loss,
)

from ..experiment import Experiment, Measurements, by_quality
from ..work import Arrays, Work
from .measures import COLLAPSED, aligned, collapsed_pairs, openings, wilson_interval
from .runs import trained_models, training_constants
from .states import change, state_losses

__all__ = ["PCA_COLLAPSE"]

_PER_UNIT = 8  # densities

Array = NDArray[np.float64]


def _around_changes(
    scan: list[float], state: NDArray[np.int64], found: Arrays, width: float
) -> list[tuple[Any, ...]]:
    """Return for each change of the optimum its densities and the models of all states there."""
    units = []
    for i in np.flatnonzero(np.diff(state)):
        here = np.isfinite(found["loss"][i : i + 2])
        W, b = (found[name][i : i + 2][here] for name in "Wb")
        units.append((scan[i], scan[i + 1], W, b, width))
    return units


def _compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    densities = constants["densities"]
    scan = sorted({*constants["scan"], *densities})
    trained = trained_models(constants, work, "train", densities)
    blocks = [scan[k : k + _PER_UNIT] for k in range(0, len(scan), _PER_UNIT)]
    parts = work.map(
        "states", state_losses, [(block, constants["descents"], work.seed) for block in blocks]
    )
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    best = found["loss"].argmin(1)
    rows = np.arange(len(scan))
    W = found["W"][rows, best]
    least = found["loss"][rows, best]
    state = collapsed_pairs(W)
    edges = work.map("edges", change, _around_changes(scan, state, found, constants["edge_width"]))
    p = np.array(scan)
    return xr.Dataset(
        {
            "W": (("density", "start", "hidden", "feature"), trained.W),
            "b": (("density", "start", "feature"), trained.b),
            "loss": (("density", "start"), trained.loss),
            "status": (("density", "start"), trained.status),
            "collapsed": (("density", "start"), collapsed_pairs(trained.W)),
            "best_W": (
                ("density", "hidden", "feature"),
                np.stack([aligned(W) for W in trained.best_W]),
            ),
            "state_loss": (("scan", "state"), found["loss"]),
            "state_W": (("scan", "state", "hidden", "feature"), found["W"]),
            "state_b": (("scan", "state", "feature"), found["b"]),
            "ends": (("scan", "state"), found["ends"]),
            "optimum_W": (("scan", "hidden", "feature"), np.stack([aligned(one) for one in W])),
            "optimum_loss": (("scan",), least),
            "optimum_collapsed": (("scan",), state),
            "candidate_loss": (
                ("candidate", "scan"),
                np.array([[float(candidate_loss(c, q)) for q in scan] for c in CANDIDATES]),
            ),
            "principal_loss": (("scan",), principal_component_loss(3, 2, p)),
            "bound": (("state", "scan"), np.stack([collapse_bound(k, p) for k in range(4)])),
            "edge_low": (("edge",), np.array([float(e["low"]) for e in edges])),
            "edge_high": (("edge",), np.array([float(e["high"]) for e in edges])),
            "edge_states": (
                ("edge", "side"),
                np.array([e["states"] for e in edges], dtype=np.int64).reshape(-1, 2),
            ),
        },
        coords={
            "density": densities,
            "scan": scan,
            "state": range(4),
            "candidate": list(CANDIDATES),
        },
    )


def _half(p: Array, share: Array) -> float | None:
    """Return the density at which a share rises through one half, between those it is known at."""
    above = np.flatnonzero((share[:-1] < 0.5) & (share[1:] >= 0.5))
    if not len(above):
        return None
    i = int(above[-1])
    t = (0.5 - share[i]) / (share[i + 1] - share[i])
    return float(p[i] ** (1 - t) * p[i + 1] ** t)


def _majority_edges(data: xr.Dataset) -> dict[str, list[float | None]]:
    """Return where half of the runs have at least k pairs collapsed, for k = 1 to 3.

    With it the same for shares one standard error lower and higher.
    """
    p, count = data["density"].values, data["collapsed"].values
    order = np.argsort(p)
    edges = {}
    for k in (1, 2, 3):
        share = (count[order] >= k).mean(1)
        error = np.sqrt(share * (1 - share) / count.shape[1])
        edges[str(k)] = [_half(p[order], share + sign * error) for sign in (0, -1, 1)]
    return edges


def _over(function: Callable[[Array], Any], values: Array) -> float | None:
    return float(function(values)) if values.size else None


def _measure(data: xr.Dataset) -> Measurements:
    edges = {
        f"{low}-{high}": [float(data["edge_low"][i]), float(data["edge_high"][i])]
        for i, (low, high) in enumerate(data["edge_states"].values.tolist())
    }
    optimum = data["optimum_W"].values
    opened = openings(optimum)
    scan = data["scan"].values
    middle = (scan >= 0.2) & (scan <= 0.5)
    closed = np.where(opened < 1e-3, opened, 0.0).max(1)
    count = data["collapsed"].values
    trained = openings(data["W"].values)
    gap = (data["principal_loss"] / data["optimum_loss"] - 1).values
    starts = data.sizes["start"]
    least = data["optimum_loss"].sel(scan=data["density"].values).values
    return {
        "scan": scan.tolist(),
        "optimum_collapsed": data["optimum_collapsed"].values.tolist(),
        "optimum_per_density": (data["optimum_loss"] / data["scan"]).values.tolist(),
        "edges": edges,
        "densities": data["density"].values.tolist(),
        "trained_counts": [np.bincount(row, minlength=4).tolist() for row in count],
        "trained_best": count[np.arange(len(count)), data["loss"].values.argmin(1)].tolist(),
        "trained_edges": _majority_edges(data),
        "trained_below_optimum": int((data["loss"].values < least[:, None] * (1 - 1e-6)).sum()),
        "none_share": (count == 0).mean(1).tolist(),
        "none_interval": [list(wilson_interval(int(h), starts)) for h in (count == 0).sum(1)],
        "optimum_opening": _over(np.max, closed[middle]),
        "trained_opening": _over(np.median, trained[trained < COLLAPSED]),
        "principal_gap": gap.tolist(),
        "gap_dense": _over(np.max, gap[scan >= 0.5]),
        "gap_sparse": _over(np.min, gap[scan < 0.5]),
        "bound_ratio": float(
            np.nanmin(
                np.where(
                    (data["state"].values > 0) & np.isfinite(data["state_loss"].values),
                    data["state_loss"].values / np.maximum(data["bound"].values.T, 1e-12),
                    np.nan,
                )
            )
        ),
    }


def _scan(count: int) -> list[float]:
    return [float(x) for x in np.geomspace(0.01, 0.95, count).round(5)]


PCA_COLLAPSE = Experiment(
    name="pca_collapse",
    title="Three correlated pairs: collapse towards principal components",
    constants={
        **training_constants("paper-pca-collapse", (30, 300)),
        "densities": by_quality(
            [0.75, 0.5, 0.35, 0.25, 0.225, 0.175, 0.15, 0.125, 0.1, 0.07, 0.04, 0.01],
            [
                *[0.9, 0.75, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3, 0.27, 0.25, 0.225, 0.2, 0.19, 0.175],
                *[0.16, 0.15, 0.14, 0.125, 0.11, 0.1, 0.085, 0.07, 0.06, 0.05, 0.04, 0.02, 0.01],
            ],
            "paper gives five ranges; ours: densities in each and at their edges",
        ),
        "scan": by_quality(
            sorted({*_scan(25), 0.2, 0.4}),
            sorted({*_scan(81), 0.2, 0.4}),
            "ours: where the states are minimised, beside the densities of training",
        ),
        "descents": by_quality(6, 24, "ours: random starts of a state, beside the candidates"),
        "edge_width": by_quality(1e-3, 1e-5, "ours: how closely a change is located"),
    },
    compute=_compute,
    measure=_measure,
    minutes=(1.2, 18.0),
)
