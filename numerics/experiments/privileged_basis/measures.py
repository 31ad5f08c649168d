"""What is measured of F31: the regime of least loss at each density, and where it changes hands."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ...neuron_blocks import excited
from ..experiment import Measurements

__all__ = ["PAPER", "measure", "standard_errors"]

PAPER = {
    "monosemantic": (0.5, 1.0),
    "3 in 2": (0.2, 0.5),
    "5 in 3": (0.15, 0.15),
    "6 in 4": (0.12, 0.12),
    "8 in 5": (0.05, 0.08),
    "pairs": (0.0, 0.04),
}
"""The paper's regimes, by falling density, and the densities it gives them."""

_NEAR = 1.01  # of the least loss: such a start counts as a hit
Array = NDArray[np.float64]


def standard_errors(values: Array) -> Array:
    """Return the standard errors of means over the last axis."""
    return np.asarray(values.std(-1, ddof=1) / np.sqrt(values.shape[-1]))


def _least(data: xr.Dataset, p: float) -> dict[str, Any]:
    """Return what has the least loss known at a density, and the paper's regime beside it."""
    at = data.sel(density=p)
    rows = data.branch_samples.sel(grid=p)
    known = {str(name): rows.sel(regime=name).values for name in data.regime.values}
    finite = {name: own for name, own in known.items() if np.isfinite(own).all()}
    best = min(finite, key=lambda name: finite[name].mean()) if finite else ""
    paper = next((name for name, (low, high) in PAPER.items() if low <= p <= high), "")
    found = {
        "density": p,
        "paper": paper,
        "trained": str(at.settled_regime.values[0]),
        "blocks": str(at.settled_blocks.values[0]),
        "least": best,
        "excess": None,
        "error": None,
        "hits": float((at.start_loss <= _NEAR * at.start_loss.min()).mean()),
        "shares": _shares(at.start_regime.values.tolist()),
    }
    if paper in finite:
        difference = finite[paper] - finite[best]
        found["excess"] = float(difference.mean() / finite[best].mean())
        found["error"] = float(standard_errors(difference) / finite[best].mean())
    return found


def _shares(names: list[str]) -> dict[str, float]:
    return {name: names.count(name) / len(names) for name in sorted(set(names))}


def _edges(grid: Array, names: Sequence[str], loss: Array) -> list[list[Any]]:
    """Return [above, below, density] wherever the least loss changes hands, the density between."""
    best = [names[k] for k in loss.argmin(0)]
    edges = []
    for g in range(1, len(grid)):
        if best[g] != best[g - 1]:
            pair = [loss[names.index(best[k])] for k in (g - 1, g)]
            before, after = pair[1][g - 1] - pair[0][g - 1], pair[1][g] - pair[0][g]
            part = before / (before - after) if np.isfinite(before - after) else 0.5
            place = np.exp(np.log(grid[g - 1]) + part * np.log(grid[g] / grid[g - 1]))
            edges.append([best[g - 1], best[g], float(place)])
    return edges


def _cosine(u: Array, v: Array) -> float:
    return float(u @ v / np.linalg.norm(u) / np.linalg.norm(v))


def measure(data: xr.Dataset) -> Measurements:
    """Return the regimes, stated, trained and predicted, their edges, and who shares neurons."""
    densities = data.density.values.tolist()
    grid, names = data.grid.values, data.regime.values.tolist()
    exact = np.array([data.monosemantic_exact.values, data.three_in_two_exact.values])
    first = [edge[2] for edge in _edges(grid, ["monosemantic", "3 in 2"], exact)]
    triple = data.three_in_two_W.sel(grid=0.35, method="nearest").values
    pairs = data.branch_W.sel(regime="pairs", grid=min(densities)).values
    own = [pair for pair in excited(pairs) if len(pair) == 2]
    return {
        "starts": data.sizes["start"],
        "at": [_least(data, p) for p in densities],
        "edges": _edges(grid, names, data.branch_loss.values),
        "exact_first_edge": first[-1] if first else None,
        "triple_sum_to_pair": [_cosine(triple[:, 0], triple[:, k]) for k in (1, 2)],
        "triple_pair": _cosine(triple[:, 1], triple[:, 2]),
        "pairs": len(own),
        "distinct_pairs": len(set(own)),
        "trained_pairs": sum(
            len(pair) == 2 for pair in excited(data.settled_W.sel(density=min(densities)).values[0])
        ),
    }
