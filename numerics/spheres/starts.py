"""Where descent begins: random points, and in 3-D also orbits of a random group of rotations.

Many of the best arrangements have a symmetry that random starts find rarely (one in a hundred at
N = 78).  A symmetric start takes a rotation group (cyclic, dihedral, tetrahedral, octahedral or
icosahedral), some of the orbits on its axes so that the rest is a multiple of its order, and orbits
of random points for the rest.  A little noise lets descent leave the symmetry where it is a saddle.

The first start is random, and from then on random and symmetric ones take turns.  Each belongs to
its number and seed, whatever the number of starts.
"""

from functools import cache
from math import cos, pi, sin, sqrt

import numpy as np

from ..seeds import generator
from .descent import normalised
from .riesz import Array

__all__ = ["rotation_group", "start"]

_NOISE = 0.01
_SAME = 1e-6
_GROUPS = (*(f"{letter}{n}" for n in range(2, 7) for letter in "CD"), "T", "O", "I")


def _rotation(axis: tuple[float, float, float], n: int) -> Array:
    """Return the rotation by 2π/n about an axis."""
    a = np.array(axis) / np.linalg.norm(axis)
    K = np.cross(np.eye(3), -a)
    return np.asarray(np.eye(3) + sin(2 * pi / n) * K + (1 - cos(2 * pi / n)) * K @ K)


def _generators(name: str) -> list[Array]:
    """Return two rotations that make a group."""
    if name in ("T", "O", "I"):
        second = {"T": ((0, 0, 1), 2), "O": ((0, 0, 1), 4), "I": ((0, 1, (1 + sqrt(5)) / 2), 5)}
        return [_rotation((1, 1, 1), 3), _rotation(*second[name])]
    main = _rotation((0, 0, 1), int(name[1:]))
    return [main, _rotation((1, 0, 0), 2 if name[0] == "D" else 1)]


@cache
def rotation_group(name: str) -> tuple[Array, tuple[Array, ...]]:
    """Return the rotations (g, 3, 3) of ``Cn``, ``Dn``, ``T``, ``O``, ``I``, and its short orbits.

    They are those of its axes, arrays (k, 3) of unit vectors with k < g.
    """
    elements = [np.eye(3)]
    for R in elements:  # grows while it is read
        for turn in _generators(name):
            product = R @ turn
            if all(np.abs(product - other).max() > _SAME for other in elements):
                elements.append(product)
    rotations = np.stack(elements)
    orbits: list[Array] = []
    for R in rotations[1:]:
        values, vectors = np.linalg.eig(R)
        axis = vectors[:, np.abs(values - 1).argmin()].real
        for end in (axis, -axis):
            if not any(np.abs(orbit - end).max(1).min() < _SAME for orbit in orbits):
                orbits.append(_distinct(rotations @ end))
    return rotations, tuple(orbits)


def _distinct(points: Array) -> Array:
    """Return points (K, 3) each once."""
    kept: list[Array] = []
    for point in points:
        if all(np.abs(point - other).max() > _SAME for other in kept):
            kept.append(point)
    return np.stack(kept)


def _symmetric(N: int, rng: np.random.Generator) -> Array | None:
    """Return N points in orbits of a random group, None if no group was found for them."""
    for name in rng.permutation(_GROUPS):
        rotations, orbits = rotation_group(str(name))
        taken: list[Array] = []
        for k in rng.permutation(len(orbits)):
            left = N - sum(map(len, taken))
            if len(orbits[k]) <= left and (left % len(rotations) or rng.random() < 0.3):
                taken.append(orbits[k])
        left = N - sum(map(len, taken))
        if left % len(rotations) == 0:
            free = normalised(rng.standard_normal((left // len(rotations), 3)))
            orbit = np.einsum("gde,ke->kgd", rotations, free).reshape(-1, 3)
            return np.vstack([*taken, orbit])
    return None


def start(N: int, d: int, seed: int, number: int) -> Array:
    """Return the unit vectors (N, d) of one start."""
    rng = generator("points on a sphere", N, d, seed, number)
    x = _symmetric(N, rng) if d == 3 and number % 2 else None
    if x is None:
        return normalised(rng.standard_normal((N, d)))
    return normalised(x + _NOISE * rng.standard_normal(x.shape))
