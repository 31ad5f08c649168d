"""Models on which a loss that divides or truncates would fail, random and structured.

Exact and nearly exact zeros, biases of 0, densities from 1e-3 to 1, tied and untied, weights on
every scale from 1e-12 to 3.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

__all__ = ["STRUCTURES", "models", "row", "rows"]


def _polygon(k: int, n: int) -> Any:
    angle = 2 * np.pi * np.arange(n) / k
    return np.array([np.cos(angle), np.sin(angle)])


def _antiprism(n: int) -> Any:
    k = np.arange(n)
    angle = np.pi / 2 * k + np.pi / 4 * (k >= 4)
    return np.array([0.85 * np.cos(angle), 0.85 * np.sin(angle), np.where(k < 4, 0.5, -0.5)])


TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1.0]]).T / np.sqrt(3)
STRUCTURES = {
    "digons": lambda rng, n: np.kron(np.eye((n + 1) // 2), [[1.0, -1.0]])[:, :n],
    "triangle": lambda rng, n: _polygon(3, n),
    "pentagon": lambda rng, n: _polygon(5, n),
    "tetrahedron": lambda rng, n: TETRAHEDRON[:, np.arange(n) % 4],
    "antiprism": lambda rng, n: _antiprism(n),
    "near identity": lambda rng, n: (
        np.eye(n) + 10 ** rng.uniform(-7, -1) * rng.standard_normal((n, n))
    ),
    "duplicates": lambda rng, n: np.repeat(rng.standard_normal((2, 1)), n, 1),
    "random": lambda rng, n: (
        10 ** rng.uniform(-2, 0.48) * rng.standard_normal((rng.integers(1, n + 1), n))
    ),
}
CHANCES = [0.08] * 7 + [0.44]


def models(seed: int, count: int, sizes: dict[int, float]) -> Iterator[tuple[Any, ...]]:
    """Yield (W, b, density, importance, W_out or None); ``sizes`` are n: share."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        n = int(rng.choice(list(sizes), p=list(sizes.values())))
        kind = str(rng.choice(list(STRUCTURES), p=CHANCES))
        W = np.array(STRUCTURES[kind](rng, n))
        if kind != "random":
            W = W * rng.choice([1.0, 0.9, 1.3])
            if rng.random() < 0.3:
                W = W + 10 ** rng.uniform(-12, -1) * rng.standard_normal(W.shape)
        drop = rng.random()
        if drop < 0.15:
            W[:, -1] = 0
        elif drop < 0.35:
            W[:, -1 if drop < 0.3 else -2 :] *= 10 ** rng.uniform(-12, -2)
        size = 10 ** rng.uniform(-3, 0)
        b = {
            0: np.zeros(n),
            1: size * rng.standard_normal(n),
            2: np.full(n, -size),
            3: -size * rng.random(n),
            4: size * rng.standard_normal(n) * (rng.random(n) < 0.5),
        }[int(rng.integers(5))]
        p = {
            0: np.full(n, 10 ** rng.uniform(-3, 0)),
            1: 10 ** rng.uniform(-3, 0, n),
            2: np.ones(n),
        }[int(rng.choice(3, p=[0.45, 0.45, 0.1]))]
        I = np.ones(n) if rng.random() < 0.5 else rng.random(n) + 0.01
        free, W_out = rng.random(), None
        if free < 0.15:
            W_out = 10 ** rng.uniform(-1, 0.3) * rng.standard_normal((n, len(W)))
        elif free < 0.25:  # any matrix, its diagonal negative, tiny and 0 too
            W = np.eye(n)
            W_out = 10 ** rng.uniform(-2, 0.48) * rng.standard_normal((n, n))
            W_out *= 10 ** rng.uniform(-6 * rng.integers(2), 0, (n, n))
            tiny = rng.choice([0.0, 1e-9, -1e-9, 1e-4, -1e-4], n)
            W_out[np.diag_indices(n)] = np.where(rng.random(n) < 0.3, tiny, np.diag(W_out))
        yield W, b, p, I, W_out


def rows(matrix: Any) -> list[list[Fraction]]:
    """Return a matrix of exact numbers."""
    return [[Fraction(x) for x in line] for line in matrix.tolist()]


def row(vector: Any) -> list[Fraction]:
    """Return a vector of exact numbers."""
    return [Fraction(x) for x in vector.tolist()]
