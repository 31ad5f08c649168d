"""Points on spheres that tests share."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
PHI = (1 + 5**0.5) / 2


def unit(points: object) -> Array:
    x = np.asarray(points, float)
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def signs(*coordinates: float) -> list[tuple[float, ...]]:
    """All changes of signs of the coordinates that are not zero."""
    choices = [(c, -c) if c else (0.0,) for c in coordinates]
    return list(product(*choices))


def random_points(N: int, d: int, seed: int = 0) -> Array:
    return unit(np.random.default_rng(seed).standard_normal((N, d)))


def random_isometry(d: int, seed: int = 0) -> Array:
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]


def antiprism(h: float) -> Array:
    """Two squares at heights ±h, turned by 45 degrees."""
    angles = np.pi / 2 * np.arange(4)
    rings = [(angles, h), (angles + np.pi / 4, -h)]
    r = (1 - h * h) ** 0.5
    return np.vstack([np.c_[r * np.cos(a), r * np.sin(a), np.full(4, z)] for a, z in rings])


CUBE = unit(signs(1, 1, 1))
ICOSAHEDRON = unit(
    [p for p in (*signs(0, 1, PHI), *((z, x, y) for x, y, z in signs(0, 1, PHI)))]
    + [(y, z, x) for x, y, z in signs(0, 1, PHI)]
)
TWENTY_FOUR_CELL = unit(
    [
        np.eye(4)[i] * a + np.eye(4)[j] * b
        for i in range(4)
        for j in range(i)
        for a, b in signs(1, 1)
    ]
)
E8 = unit(
    [
        np.eye(8)[i] * a + np.eye(8)[j] * b
        for i in range(8)
        for j in range(i)
        for a, b in signs(1, 1)
    ]
    + [p for p in signs(*[0.5] * 8) if np.prod(p) > 0]
)
