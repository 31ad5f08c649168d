r"""Where descent and training begin.

Random weights follow the public notebook's ``xavier_normal_`` on its (instances, n, m) tensor,
whose standard deviation :math:`\sqrt{2/(m(n + \text{instances}))}` depends on how many models
share the tensor; here every model counts as alone (one instance).  Biases begin at 0.

Up to three features the structured starts are the shapes a small model can take: every way of
dropping features, every antipodal or aligned pair at equal and unequal norms, and for three
features in two dimensions the straight and tilted triangles.  Beyond, they are the packings of
:mod:`numerics.packings`, filled with features in the order of :math:`I_i V_i` (what dropping one
costs), every choice of m dedicated features where these are few, and a copy of each with Gaussian
noise of 0.05 on every weight, since the shapes themselves are saddle points often enough.
"""

from itertools import combinations, permutations
from math import comb, sqrt

import numpy as np
from numpy.typing import NDArray

from theory.problem import Problem

from .packings import packings
from .seeds import generator

__all__ = ["by_cost", "notebook_std", "random_starts", "structured_starts"]

Array = NDArray[np.float64]
_SMALLEST_PACKED = 4  # features from which on the shapes are packings
_NOISE = 0.05
_MOST_CHOICES = 20  # ways to choose m dedicated features that are all tried


def notebook_std(n: int, m: int, instances: int = 1) -> float:
    """Return the standard deviation of the public notebook's initial weights."""
    return sqrt(2 / (m * (n + instances)))


def random_starts(problem: Problem, count: int, purpose: str, seed: int) -> tuple[Array, Array]:
    """Return random models (count, m, n), (count, n); start k does not depend on ``count``."""
    n, m = problem.features, problem.hidden
    rng = generator(purpose, seed, n, m, problem.density, problem.importance)
    W = rng.standard_normal((count, m, n)) * notebook_std(n, m)
    return W, np.zeros((count, n))


def _with_last(problem: Problem, columns: dict[int, list[float]], fill: list[int]) -> Array:
    """Return W with the given columns in the first dimensions and ``fill`` on axes of their own."""
    n, m = problem.features, problem.hidden
    W = np.zeros((m, n))
    used = max((len(column) for column in columns.values()), default=0)
    for i, column in columns.items():
        W[: len(column), i] = column
    for axis, i in enumerate(fill[: m - used], start=used):
        W[axis, i] = 1.0
    return W


def _small_shapes(problem: Problem) -> Array:
    """Return the shapes of up to three features."""
    n, m = problem.features, problem.hidden
    shapes = [_with_last(problem, {}, list(order)) for order in combinations(range(n), m)]
    for i, j in permutations(range(n), 2):
        rest = [k for k in range(n) if k not in (i, j)]
        for second in (-1.0, -0.5, -0.2, 0.5) if i < j else (-0.5, -0.2):
            shapes.append(_with_last(problem, {i: [1.0], j: [second]}, rest))
    if (n, m) == (3, 2):
        for k in range(3):
            i, j = (x for x in range(3) if x != k)
            for angle in (1 / 2, 1 / 4, 1 / 10, -1 / 4):
                side = sqrt(1 - angle**2)
                columns = {i: [side, angle], j: [-side, angle], k: [0.0, -1.0]}
                shapes.append(_with_last(problem, columns, []))
    return np.stack(shapes)


def by_cost(problem: Problem) -> list[int]:
    """Return the features in the order of what dropping one costs, the dearest first."""
    cost = [i * V for i, V in zip(problem.importance, problem.variances, strict=True)]
    return sorted(range(problem.features), key=lambda k: -cost[k])


def _packed_shapes(problem: Problem, limit: int) -> Array:
    """Return packings, then other choices of dedicated features, at most ``limit``."""
    n, m = problem.features, problem.hidden
    order = by_cost(problem)
    shapes = [packing.weights(order) for packing in packings(n, m, limit)]
    if comb(n, m) <= _MOST_CHOICES:
        kind = problem.kinds
        seen = {tuple(sorted(kind[k] for k in order[:m]))}
        for chosen in combinations(order, m):
            key = tuple(sorted(kind[k] for k in chosen))
            if key not in seen:
                seen.add(key)
                shapes.append(_with_last(problem, {}, list(chosen)))
    return np.stack(shapes[:limit])


def structured_starts(problem: Problem, limit: int = 64) -> tuple[Array, Array]:
    """Return the shapes a model of this size can take, (count, m, n) and (count, n).

    Features left without a direction get their best constant, their mean, as bias.

    Parameters
    ----------
    problem
        Of any size; up to three features all shapes are given, whatever the limit.
    limit
        How many starts at most, perturbed copies (the second half) included.
    """
    if limit < 0:
        raise ValueError(f"limit is {limit}; give 0 or more")
    n, m = problem.features, problem.hidden
    if n < _SMALLEST_PACKED:
        W = kept = _small_shapes(problem)
    elif limit == 0:
        return np.zeros((0, m, n)), np.zeros((0, n))
    else:
        shapes = _packed_shapes(problem, (limit + 1) // 2)
        rng = generator("perturbed", n, m, problem.density, problem.importance)
        copies = shapes[: limit - len(shapes)]
        W = np.concatenate([shapes, copies + _NOISE * rng.standard_normal(copies.shape)])
        kept = np.concatenate([shapes, copies])
    means = np.array([float(mean) for mean in problem.means])
    b = np.where((kept**2).sum(1) > 0, 0.0, means)
    return W, b
