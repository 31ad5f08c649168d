"""Shapes of the catalogue disguised: turned, mixed up, scaled, disturbed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from theory.polytopes.catalogue import KEYS, polytope

FAMILIES = ["9-gon", "12-gon", "simplex-4", "simplex-6", "simplex-9", "cube-5"]
SHAPES = [*(key for key in KEYS if not polytope(key).parts), *FAMILIES]
VARIANTS = [
    "triangular-prism-uniform",
    "triangular-prism-tight",
    "square-antiprism-uniform",
    "square-antiprism-coulomb",
    "square-antiprism-tight",
    "tricapped-prism-coulomb",
    "tricapped-prism-tammes",
]

Array = NDArray[np.float64]


def kind(key: str) -> str:
    """Return the name of a shape without its metric variant."""
    return key.rpartition("-")[0] if key in VARIANTS else key


def turn(d: int, rng: np.random.Generator) -> Array:
    """Return a random isometry of d dimensions."""
    return np.linalg.qr(rng.normal(size=(d, d)))[0] * rng.choice([-1.0, 1.0], d)


def disguised(
    key: str,
    rng: np.random.Generator,
    noise: float = 0.0,
    spare: int = 0,
    scales: Sequence[float] | None = None,
) -> tuple[Array, list[list[int]]]:
    """Return a shape as the weights of a model, and the features of each of its factors.

    Its vectors stand in a random order and in ``spare`` more dimensions than they span; each
    coordinate of a unit vector is disturbed, then each factor scaled.
    """
    factors = polytope(key).factors
    sizes = [factor.vertices for factor in factors]
    unit = polytope(key).array()
    unit = np.vstack([unit, np.zeros((spare, unit.shape[1]))])
    W = turn(len(unit), rng) @ unit + noise * rng.normal(size=unit.shape)
    W *= np.repeat(np.ones(len(sizes)) if scales is None else np.asarray(scales), sizes)
    order = rng.permutation(W.shape[1])
    place = np.argsort(order)
    ends = np.cumsum(sizes)
    parts = [
        sorted(place[end - size : end].tolist()) for end, size in zip(ends, sizes, strict=True)
    ]
    return W[:, order], parts
