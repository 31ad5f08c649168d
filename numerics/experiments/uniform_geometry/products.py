r"""Exact losses of tegum products over density, and of what competes with them (F16).

Factors of a tegum product do not meet, so its exact loss is the sum of theirs, with
V = p/3 − p²/4 for each feature that is dropped.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from theory.polytopes.catalogue import polytope
from theory.problem import dropped_loss

from ...best_blocks.table import Table, stored_table

__all__ = ["CANDIDATES", "candidate_losses", "known_loss", "losses_above_known"]

CANDIDATES: Mapping[str, tuple[str, ...]] = {
    "triangular-bipyramid": ("triangle+digon", "digon+digon+single", "tetrahedron"),
    "octahedron": ("digon+digon+digon", "triangle+digon", "tetrahedron"),
    "pentagonal-bipyramid": ("pentagon+digon", "digon+digon+digon", "tetrahedron"),
}
"""What competes with each product of F16 in three dimensions; features left over are dropped."""

Array = NDArray[np.float64]


def _losses(table: Table, key: str) -> dict[float, float]:
    return {float(one.density): one.loss for one in table.rigid[key]}


def candidate_losses(parts: str, features: int, densities: Sequence[float]) -> Array:
    """Return exact losses of a tegum product over densities, features left over dropped.

    Parameters
    ----------
    parts
        Keys of single shapes joined by ``+``.
    features
        At least the vertices of all parts.
    densities
        Of the atlas.
    """
    table = stored_table()
    keys = parts.split("+")
    left = features - sum(polytope(key).vertices for key in keys)
    if left < 0:
        raise ValueError(f"{parts} has more vertices than {features} features; give more features")
    factors = [_losses(table, key) for key in keys]
    return np.array([sum(own[p] for own in factors) + left * dropped_loss(p) for p in densities])


def known_loss(features: int, dimensions: int, density: float) -> float:
    """Return the loss of the best model of the atlas, nan at a density it does not have."""
    best = stored_table().best[features, dimensions]
    return next((one.loss for one in best if float(one.density) == density), float("nan"))


def losses_above_known(densities: Sequence[float]) -> tuple[Array, Array]:
    """Return losses above the best known (product, candidate, density), and those, in V."""
    V = dropped_loss(np.array(densities))
    above, least = [], []
    for product, candidates in CANDIDATES.items():
        n = polytope(product).vertices
        best = np.array([known_loss(n, 3, p) for p in densities])
        rows = [candidate_losses(parts, n, densities) for parts in candidates]
        above.append([(row - best) / V for row in rows])
        least.append(best / V)
    return np.array(above), np.array(least)
