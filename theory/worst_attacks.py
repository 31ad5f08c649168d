r"""The worst attack on one input, exactly, for models with one or two hidden dimensions.

The loss of an input x under an attack δ depends on :math:`\delta` through
:math:`u = W^\top W \delta`, so only the part of δ in the row space of W counts: with its singular
values, :math:`u = A\alpha` for α in a disc of m ≤ 2 dimensions and radius λ
(:mod:`theory.robustness`).

The lines :math:`z_j + (A\alpha)_j = 0` cut the disc into regions.  Inside one of them every output
is off, and costs a constant, or is on, and costs :math:`(z_j + (A\alpha)_j - x_j)^2`: the loss is
convex there.  A convex function takes its largest value at an extreme point, so the worst attack is
one of

* the points where two lines cross inside the disc,
* the points where a line meets the circle,
* the stationary points of an arc: there the loss is
  :math:`c_0 + c_1 \cos\theta + s_1 \sin\theta + c_2 \cos 2\theta + s_2 \sin 2\theta`, whose
  derivative is a polynomial of degree 4 in :math:`e^{i\theta}`.

All are tried.  In one dimension only the ends and the kinks remain.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .robustness import gram

__all__ = ["worst_attack"]

Array = NDArray[np.float64]


def _kinks(A: Array, z: Array, radius: float) -> list[float]:
    """Return the angles where the lines :math:`z_j + A_j α = 0` meet the circle."""
    length = radius * np.linalg.norm(A, axis=1)
    angles: list[float] = []
    for (a1, a2), zj, tj in zip(A, z, length, strict=True):
        if tj > abs(zj):
            middle, half = float(np.arctan2(a2, a1)), float(np.arccos(-zj / tj))
            angles += [middle - half, middle + half]
    return angles


def _crossings(A: Array, z: Array, radius: float) -> list[Array]:
    """Return the points of the disc where two lines cross."""
    points: list[Array] = []
    for j, k in combinations(range(len(A)), 2):
        pair = A[[j, k]]
        size = np.linalg.norm(pair, axis=1).prod()
        if abs(np.linalg.det(pair)) > 1e-12 * size:
            point = np.linalg.solve(pair, -z[[j, k]])
            if np.linalg.norm(point) <= radius:
                points.append(np.asarray(point, float))
    return points


def _stationary(A: Array, z: Array, x: Array, radius: float, angle: float) -> list[float]:
    """Return the stationary angles of the quadratic that holds on the circle at an angle."""
    on = z + A @ (radius * np.array([np.cos(angle), np.sin(angle)])) > 0
    a, e = radius * A[on], (z - x)[on]
    first = 2 * (e @ (a[:, 0] - 1j * a[:, 1]))
    second = ((a[:, 0] - 1j * a[:, 1]) ** 2).sum() / 2
    # loss = const + Re(first w + second w²) with w = exp(iθ); its derivative times −2i w²
    coefficients = np.array([2 * second, first, 0, -first.conj(), -2 * second.conj()])
    if not np.abs(coefficients).any():
        return []
    return [float(np.angle(root)) for root in np.roots(coefficients) if abs(root) > 1e-9]


def worst_attack(W: Array, b: Array, x: Array, radius: float) -> tuple[float, Array]:
    """Return the largest loss of an input over all attacks of a size, and the attack.

    Parameters
    ----------
    W, b
        Weights (m, n) with m ≤ 2, and biases (n,); importances are 1.
    x
        One input (n,).
    radius
        The largest length of an attack.

    Raises
    ------
    ValueError
        If there are more than two hidden dimensions, or the radius is not positive.
    """
    W, b, x = np.asarray(W, float), np.asarray(b, float), np.asarray(x, float)
    if len(W) > 2:
        raise ValueError(f"W has {len(W)} rows; the worst attack is exact for one or two only")
    if not radius > 0:
        raise ValueError(f"radius {radius} is not positive; give the size of the attacks")
    rows = np.linalg.svd(W, full_matrices=False)[2]
    A, z = gram(W) @ rows.T, gram(W) @ x + b
    if len(rows) == 1:
        points = [np.array([end]) for end in (-radius, radius)]
        points += [np.array([-zj / a]) for (a,), zj in zip(A, z, strict=True) if a]
        points = [point for point in points if abs(point[0]) <= radius]
    else:
        angles = sorted(angle % (2 * np.pi) for angle in _kinks(A, z, radius)) or [0.0]
        ends = [*angles[1:], angles[0] + 2 * np.pi]
        for start, end in zip(list(angles), ends, strict=True):
            angles += _stationary(A, z, x, radius, (start + end) / 2)
        points = [radius * np.array([np.cos(angle), np.sin(angle)]) for angle in angles]
        points += _crossings(A, z, radius)
    outputs = np.maximum(z + np.array(points) @ A.T, 0)
    losses = ((outputs - x) ** 2).sum(1)
    best = int(losses.argmax())
    return float(losses[best]), points[best] @ rows
