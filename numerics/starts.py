r"""Where descent and training begin.

Random weights follow the public notebook's ``xavier_normal_`` on its (instances, n, m) tensor,
whose standard deviation :math:`\sqrt{2/(m(n + \text{instances}))}` depends on how many models
share the tensor; here every model counts as alone (one instance).  Biases begin at 0.

The structured starts are the shapes a small model can take: every way of dropping features, every
antipodal or aligned pair at equal and unequal norms, and for three features in two dimensions the
straight and tilted triangles.
"""

from itertools import combinations, permutations
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from theory.problem import Problem

from .seeds import generator

__all__ = ["notebook_std", "random_starts", "structured_starts"]

Array = NDArray[np.float64]


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


def structured_starts(problem: Problem) -> tuple[Array, Array]:
    """Return the shapes a model of this size can take, (count, m, n) and (count, n).

    Features left without a direction get their best constant, half their density.
    """
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
    W = np.stack(shapes)
    p = np.array([float(q) for q in problem.density])
    b = np.where((W**2).sum(1) > 0, 0.0, p / 2)
    return W, b
