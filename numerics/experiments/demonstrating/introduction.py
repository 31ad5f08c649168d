"""Five features in two dimensions (F1): trained models, and the least loss with k features stored.

At each density of a scan every start of a multi-start descent ends in a minimum; the least of those
with k features stored is a *branch*, and the least of all is the optimum.  Losses are in units of
Σ I V, what a model without weights loses.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray

from theory.phases import DROPPED_NORM
from theory.problem import Problem, dropped_loss
from theory.rationals import as_fraction

from ...descent import descend
from ...ends import descend_all, joined
from ...evaluator import exact_loss
from ...starts import random_starts, structured_starts
from ..experiment import Experiment, Measurements, by_quality, same
from ..trained import train
from ..work import Arrays, Work
from .recipes import recipe_constants, runs

__all__ = ["INTRODUCTION"]

Array = NDArray[np.float64]


def _canonical(W: Array) -> Array:
    """Turn two-dimensional weights so that feature 0 points right and feature 1 up."""
    angle = np.arctan2(W[1, 0], W[0, 0])
    x, y = np.cos(angle), np.sin(angle)
    turned = np.array([[x, y], [-y, x]]) @ W
    return np.asarray(turned * [[1.0], [1.0 if turned[1, 1] >= 0 else -1.0]])


def _branches(n: int, m: int, p: float, importance: list[float], starts: int, seed: int) -> Arrays:
    """Return the least loss with k features stored, k from 0 to n; infinite where none was found.

    With it the models that have it.
    """
    problem = Problem(
        features=n,
        hidden=m,
        density=(as_fraction(p),) * n,
        importance=tuple(map(as_fraction, importance)),
    )
    (random,) = descend_all([problem], [random_starts(problem, starts, "introduction", seed)])
    (structured,) = descend_all([problem], [structured_starts(problem)])
    ends = joined(random, structured)
    minimum = np.array([status == "converged" for status in ends.status])
    stored = (np.linalg.norm(ends.W, axis=1) >= DROPPED_NORM).sum(1)
    loss, W, b = np.full(n + 1, np.inf), np.zeros((n + 1, m, n)), np.zeros((n + 1, n))
    for k in range(n + 1):
        rows = np.flatnonzero(minimum & (stored == k))
        if len(rows):
            best = rows[ends.loss[rows].argmin()]
            loss[k], W[k], b[k] = ends.loss[best], ends.W[best], ends.b[best]
    return {"loss": loss, "W": W, "b": b}


def _compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    n, m = constants["n_features"], constants["d_hidden"]
    importance, densities = constants["importance"], constants["densities"]
    starts = constants["starts"]
    shape = (len(densities), starts)
    found = train(
        work,
        "train",
        runs(constants, "relu-output", densities, starts, work.seed),
        constants["runs_per_unit"],
    )
    trained = {
        name: found[name].astype(float).reshape(*shape, *found[name].shape[1:]) for name in "Wb"
    }
    p = np.array(densities, float)[:, None, None] * np.ones(n)
    unit = dropped_loss(np.array(densities, float)) * sum(importance)
    loss = exact_loss(trained["W"], trained["b"], p, importance).numpy() / unit[:, None]
    best = loss.argmin(1)
    rows = np.arange(len(densities))
    settled = descend(
        trained["W"][rows, best], trained["b"][rows, best], torch.tensor(p[:, 0]), importance
    )
    scan = sorted({*constants["scan_densities"], *densities}, reverse=True)
    branches = work.map(
        "descend",
        _branches,
        [(n, m, q, importance, constants["descents"], work.seed) for q in scan],
    )
    scan_unit = dropped_loss(np.array(scan)) * sum(importance)
    return xr.Dataset(
        {
            "trained_W": (("density", "start", "hidden", "feature"), trained["W"]),
            "trained_b": (("density", "start", "feature"), trained["b"]),
            "trained_loss": (("density", "start"), loss),
            "trained_status": (("density", "start"), found["status"].reshape(shape)),
            "drawn_W": (
                ("density", "hidden", "feature"),
                np.stack([_canonical(W) for W in trained["W"][rows, best]]),
            ),
            "settled_W": (
                ("density", "hidden", "feature"),
                np.stack([_canonical(W) for W in settled.W.numpy()]),
            ),
            "settled_b": (("density", "feature"), settled.b.numpy()),
            "settled_loss": (("density",), settled.loss.numpy() / unit),
            "settled_status": (("density",), np.array(settled.status)),
            "branch_loss": (
                ("scan_density", "stored"),
                np.stack([one["loss"] for one in branches]) / scan_unit[:, None],
            ),
            "branch_W": (
                ("scan_density", "stored", "hidden", "feature"),
                np.stack([one["W"] for one in branches]),
            ),
            "branch_b": (
                ("scan_density", "stored", "feature"),
                np.stack([one["b"] for one in branches]),
            ),
        },
        coords={
            "density": densities,
            "scan_density": scan,
            "stored": range(n + 1),
            "importance": ("feature", importance),
        },
    )


def _measure(data: xr.Dataset) -> Measurements:
    """Describe the best trained model and the optimum at the densities of F1's three panels."""
    measured: dict[str, Any] = {
        "starts": data.sizes["start"],
        "least_gap": min(
            float(data.trained_loss.sel(density=p).min()) - _least(data, float(p))
            for p in data.density.values
        ),
    }
    for name, p in _PANELS.items():
        at = data.sel(density=p)
        start = int(at.trained_loss.values.argmin())
        best, every = at.isel(start=start), np.linalg.norm(at.trained_W.values, axis=1)
        optimum = data.branch_W.sel(scan_density=p).isel(
            stored=int(data.branch_loss.sel(scan_density=p).values.argmin())
        )
        losses = at.trained_loss.values
        measured[name] = {
            "density": p,
            "trained": _described(best.trained_W.values),
            "optimum": _described(optimum.values),
            "stored_by_start": (every >= _STORED).sum(1).tolist(),
            "biases": best.trained_b.values.tolist(),
            "loss": float(losses.min()),
            "optimal_loss": _least(data, p),
            "settled_loss": float(at.settled_loss),
            "starts_at_best": int((losses <= losses.min() + _NEAR).sum()),
        }
    branch = data.branch_loss.values
    least = [int(k) for k in branch.argmin(1)]
    measured["stored_at_optimum"] = [
        [float(p), k] for p, k in zip(data.scan_density.values, least, strict=True)
    ]
    return measured


_PANELS = {"sparsity_0": 1.0, "sparsity_80": 0.2, "sparsity_90": 0.1}
_STORED = 0.5  # norm from which an arrow of F1 counts as drawn
_NEAR = 0.01  # of Σ I V: starts as good as the best


def _least(data: xr.Dataset, p: float) -> float:
    return float(data.branch_loss.sel(scan_density=p).min())


def _described(W: Array) -> dict[str, Any]:
    """Return which features are stored, their angles in ascending order, and their couplings."""
    norms = np.linalg.norm(W, axis=0)
    stored = np.flatnonzero(norms >= _STORED)
    angles = np.sort(np.degrees(np.arctan2(W[1, stored], W[0, stored])) % 360)
    gaps = np.diff(angles, append=angles[:1] + 360)
    coupling = (W.T @ W)[np.ix_(stored, stored)]
    off = coupling[np.triu_indices(len(stored), 1)]
    return {
        "stored": stored.tolist(),
        "norms": norms.tolist(),
        "gaps": gaps.tolist(),
        "largest_coupling": float(off.max()) if off.size else None,
        "least_coupling": float(off.min()) if off.size else None,
    }


INTRODUCTION = Experiment(
    name="introduction",
    title="Five features in two dimensions",
    constants={
        **recipe_constants("paper-intro"),
        "densities": by_quality(
            [1.0, 0.5, 0.3, 0.2, 0.1, 0.05],
            [1.0, 0.7, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.07, 0.05],
            "paper, F1: sparsity 0, 80 and 90 %; ours: more between and beyond",
        ),
        "starts": by_quality(6, 30, "paper silent; ours: the best of several"),
        "runs_per_unit": same(18, "ours: a few seconds of work each"),
        "scan_densities": by_quality(
            [float(p) for p in np.geomspace(1, 0.03, 21).round(4)],
            [float(p) for p in np.geomspace(1, 0.03, 61).round(4)],
            "ours: a scan of the optimum",
        ),
        "descents": by_quality(16, 64, "ours: random starts of the exact descents"),
    },
    compute=_compute,
    measure=_measure,
    minutes=(0.3, 4.0),
)
