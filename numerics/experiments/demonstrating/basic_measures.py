"""What models of many features in few dimensions do with them, in numbers (F7 to F10)."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.capacity import superposition
from theory.phases import DEDICATED_OVERLAP, DROPPED_NORM

from ..experiment import Measurements

__all__ = ["FULL_NORM", "READ_OFF", "described", "measure"]

Array = NDArray[np.float64]

FULL_NORM = 0.75
"""Norm from which a bar of F9 counts as full: the short bars beside end well below."""

READ_OFF = ((5, 5), (7, 7), (9, 9), (10, 10), (11, 12), (11, 12), (11, 12))
"""Least and largest number of full bars in F9 at its seven densities, read off the image."""

_ANTIPODAL = -0.9  # cosine below which two features are a pair


def described(W: Array, b: Array) -> dict[str, Any]:
    """Return what a model W (m, n), b (n,) does with its features; None for means over none."""
    norm, overlap = np.linalg.norm(W, axis=0), superposition(W)
    full = norm >= FULL_NORM
    shared = full & (overlap >= DEDICATED_OVERLAP)
    dedicated = np.flatnonzero(full & ~shared)
    G = W.T @ W
    unit = G / np.maximum(np.outer(norm, norm), DROPPED_NORM**2)
    partner = unit.argmin(1)
    paired = [
        i
        for i in np.flatnonzero(full)
        if unit[i, partner[i]] < _ANTIPODAL and partner[partner[i]] == i
    ]
    between = G[np.ix_(full, full)][np.triu_indices(int(full.sum()), 1)]
    first_shared = int(np.flatnonzero(shared).min()) if shared.any() else len(norm)
    return {
        "full": int(full.sum()),
        "partly": int(((norm >= DROPPED_NORM) & ~full).sum()),
        "dedicated": dedicated.tolist(),
        "antipodal": [int(i) for i in paired],
        "dedicated_after_shared": int((dedicated > first_shared).sum()),
        "superposed_share": float(shared.sum() / full.sum()) if full.any() else None,
        "mean_bias": float(b[full].mean()) if full.any() else None,
        "largest_bias": float(b[full].max()) if full.any() else None,
        "negative_bias_share": float((b[full] < 0).mean()) if full.any() else None,
        "largest_coupling": float(between.max()) if between.size else None,
    }


def _deviation(W: Array, b: Array, p: Array, stored: NDArray[np.bool_]) -> tuple[float, float]:
    """Return how far models (k, m, n) are from the linear optimum: couplings, biases."""
    G = np.swapaxes(W, -1, -2) @ W
    bias = np.where(stored, 0.0, p[:, None] / 2)
    return float(np.abs(G - np.diag(stored)).max()), float(np.abs(b - bias).max())


def measure(data: xr.Dataset) -> Measurements:
    """Return all that the claims need, by density for trained models and the best known."""
    stored, densities = data.linear_stored.values, data.density.values
    linear = data.isel(linear_start=data.linear_loss.argmin("linear_start"))
    couplings, biases = _deviation(
        linear.linear_W.transpose("linear_density", ...).values,
        linear.linear_b.transpose("linear_density", ...).values,
        data.linear_density.values,
        stored,
    )
    rows = np.arange(len(densities))
    best = data.best_start.values
    W, b = data.trained_W.values[rows, best], data.trained_b.values[rows, best]
    dense = int(densities.argmax())
    dense_couplings, dense_biases = _deviation(
        W[dense : dense + 1], b[dense : dense + 1], densities[dense : dense + 1], stored
    )
    trained = [described(*model) for model in zip(W, b, strict=True)]
    optimum = [
        described(*model)
        for model in zip(data.optimum_W.values, data.optimum_b.values, strict=True)
    ]
    norms = np.linalg.norm(data.trained_W.values, axis=2)
    closed = float(data.linear_optimum_loss)
    return {
        "hidden": data.sizes["hidden"],
        "densities": densities.tolist(),
        "starts": data.sizes["start"],
        "linear_densities": data.linear_density.values.tolist(),
        "linear_couplings": couplings,
        "linear_biases": biases,
        "linear_above_optimum": float(data.linear_loss.max() - closed),
        "dense_couplings": dense_couplings,
        "dense_biases": dense_biases,
        "dense_loss": float(data.optimum_loss.values[dense]),
        "linear_optimum_loss": closed,
        "trained": trained,
        "optimum": optimum,
        "full_by_start": (norms >= FULL_NORM).sum(-1).tolist(),
        "trained_loss": data.trained_loss.values.min(1).tolist(),
        "optimum_loss": data.optimum_loss.values.tolist(),
        "settled_status": [str(word) for word in data.settled_status.values],
        "trained_one_active": data.trained_one_active.values.tolist(),
        "optimum_one_active": data.optimum_one_active.values.tolist(),
    }
