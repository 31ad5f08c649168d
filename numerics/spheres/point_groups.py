r"""The symmetries of points in space: isometries that permute them, and the name of their group.

An isometry of 3-D is fixed, up to the reflection in a plane, by the images of two points a, b that
are not on one line.  The pair is chosen whose cosine occurs least often; every ordered pair (k, l)
with that cosine is a candidate image, in two handednesses.  A candidate is a symmetry if it takes
each point to within the tolerance of a different one, after the best fit (orthogonal Procrustes).

The Schönflies symbol follows from the rotations and the improper operations found: more than one
axis of order three or higher means T, O or I; otherwise the main axis, the number of rotations
(n for cyclic groups, 2n for dihedral ones) and the mirrors decide.  Points on one line through the
origin have an infinite group, ``Dinfh`` or ``Cinfv``.

In any dimension the *order* of the group is a product of orbit lengths: of a first point, of a
second one under the isometries that keep the first, and so on through points that span the space.
Whether points can be the images of others is found by trying, one after the other; images from
which the whole looks different are dropped at once.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr

from .riesz import Array

__all__ = ["isometries", "isometry_order", "schoenflies"]

TOLERANCE = 1e-6  # distance between a point and its image, for polished points
_PARALLEL = 0.95  # |cosine| above which two points make a poor frame
_CUBIC = {12: "T", 24: "O", 60: "I"}  # rotations of groups with several main axes
_SAME = 1e-3  # difference of matrices below which two operations are one


def _frames(x: Array, first: NDArray[np.int64], second: NDArray[np.int64]) -> Array:
    """Return right-handed frames (K, 3, 3), as columns, of pairs of points."""
    a, b = x[first], x[second]
    across = b - (a * b).sum(1, keepdims=True) * a
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    return np.stack([a, across, np.cross(a, across)], axis=2)


def _fitted(x: Array, R: Array, tolerance: float) -> Array | None:
    """Return the best isometry near R if it permutes the points (N, d), else None."""
    nearest = (x @ R.T @ x.T).argmax(1)
    if len(set(nearest.tolist())) < len(x):
        return None
    U, _, Vt = np.linalg.svd(x[nearest].T @ x + 1e-9 * R)  # R decides where the points do not
    best = U @ Vt
    return best if np.abs(x @ best.T - x[nearest]).max() < tolerance else None


def _collinear(x: Array, tolerance: float) -> bool:
    """Tell whether all points are on one line through the origin."""
    return bool(np.abs(x - (x @ x[0])[:, None] * x[0]).max() < tolerance)


def isometries(x: Array, tolerance: float = TOLERANCE) -> Array:
    """Return the orthogonal matrices (K, 3, 3) that permute unit vectors (N, 3) not on one line.

    Raises
    ------
    ValueError
        If the points are on one line: their symmetries are infinitely many.
    """
    G = x @ x.T
    if _collinear(x, tolerance):
        raise ValueError("the points are on one line; their symmetries are infinitely many")
    first, second = np.argwhere(np.abs(G) < max(_PARALLEL, 1.001 * np.abs(G).min())).T
    cosines = G[first, second]
    ordered = np.sort(cosines)
    low = np.searchsorted(ordered, cosines - tolerance)
    count = np.searchsorted(ordered, cosines + tolerance) - low
    pair = int(count.argmin())
    same = np.abs(cosines - cosines[pair]) < 4 * tolerance
    home = _frames(x, first[pair : pair + 1], second[pair : pair + 1])[0]
    found: list[Array] = []
    for frame in _frames(x, first[same], second[same]):
        for hand in (1.0, -1.0):
            R = _fitted(x, frame @ np.diag([1.0, 1.0, hand]) @ home.T, tolerance)
            if R is not None and all(np.abs(R - other).max() > _SAME for other in found):
                found.append(R)
    return np.stack(found)


def _axis(R: Array) -> Array:
    """Return the axis (3,) of a rotation that is not the identity."""
    values, vectors = np.linalg.eig(R)
    return np.asarray(vectors[:, np.abs(values - 1).argmin()].real)


def _order(R: Array) -> int:
    """Return how often a rotation is repeated to give the identity."""
    angle = np.arccos(np.clip((np.trace(R) - 1) / 2, -1, 1))
    return next(n for n in range(1, 10_000) if abs(np.sin(n * angle / 2)) < n * _SAME)


def _axes(rotations: list[Array]) -> tuple[Array, list[int]]:
    """Return the axes (K, 3) of rotations, each once, and their orders."""
    axes: list[Array] = []
    orders: list[int] = []
    for R in rotations:
        axis, order = _axis(R), _order(R)
        near = [k for k, other in enumerate(axes) if abs(abs(other @ axis) - 1) < _SAME]
        if near:
            orders[near[0]] = max(orders[near[0]], order)
        else:
            axes.append(axis)
            orders.append(order)
    return np.array(axes), orders


def schoenflies(x: Array, tolerance: float = TOLERANCE) -> str:
    """Return the Schönflies symbol of unit vectors (N, 3), for instance ``D3h``.

    Raises
    ------
    ValueError
        If what maps points to others within the tolerance forms no group.

    Examples
    --------
    >>> schoenflies(np.vstack([np.eye(3), -np.eye(3)]))
    'Oh'
    """
    if _collinear(x, tolerance):
        return "Dinfh" if np.abs(x.sum(0)).max() < tolerance else "Cinfv"
    operations = isometries(x, tolerance)
    proper = np.linalg.det(operations) > 0
    improper = list(operations[~proper])
    rotations = [R for R in operations[proper] if np.trace(R) < 3 - _SAME**2]
    inversion = any(np.trace(R) < -3 + _SAME for R in improper)
    mirrors = [_axis(-R) for R in improper if abs(np.trace(R) - 1) < _SAME]
    if not rotations:
        return "Cs" if mirrors else "Ci" if inversion else "C1"
    axes, orders = _axes(rotations)
    count, main = len(rotations) + 1, int(np.argmax(orders))
    if sum(order > 2 for order in orders) > 1:
        if count not in _CUBIC:
            raise ValueError(
                f"{count} rotations found within tolerance {tolerance} form no point group; "
                "give a smaller tolerance"
            )
        return _cubic(_CUBIC[count], bool(improper), inversion)
    n, dihedral = orders[main], count > orders[main]
    if not improper:
        return f"{'D' if dihedral else 'C'}{n}"
    across = any(abs(abs(normal @ axes[main]) - 1) < _SAME for normal in mirrors)
    if dihedral:
        return f"D{n}{'h' if (inversion if n == 2 else across) else 'd'}"
    return f"C{n}h" if across else f"C{n}v" if mirrors else f"S{2 * n}"


def _cubic(letter: str, improper: bool, inversion: bool) -> str:
    """Name a group with several axes of order three or higher."""
    if not improper:
        return letter
    return "Td" if letter == "T" and not inversion else f"{letter}h"


def isometry_order(x: Array, tolerance: float = TOLERANCE) -> int | None:
    """Return the number of isometries of d dimensions that permute unit vectors (N, d).

    None if they are infinitely many: the points leave two dimensions free.
    """
    G, d = x @ x.T, x.shape[1]
    rank = int(np.linalg.matrix_rank(x, tol=1e-6))
    if rank < d - 1:
        return None
    anchors = qr(x.T, pivoting=True, mode="r")[1][:rank]
    inverse = np.linalg.pinv(x[anchors])

    def alike(prefix: list[int]) -> bool:
        """Tell whether the points see these images as they see the anchors."""
        k = len(prefix)
        weights = np.sqrt(2 + np.pi * np.arange(k))  # no two sums of cosines agree by chance
        seen = [np.sort(G[:, which] @ weights) for which in (prefix, anchors[:k])]
        return bool(np.abs(seen[0] - seen[1]).max() < 4 * tolerance * weights.sum())

    def images(prefix: list[int]) -> list[int]:
        k = len(prefix)
        far = np.abs(G[:, prefix] - G[anchors[k], anchors[:k]])
        near = (far < 4 * tolerance).all(1)
        near[prefix] = False
        return [int(q) for q in np.nonzero(near)[0] if alike([*prefix, int(q)])]

    def extends(prefix: list[int]) -> bool:
        if len(prefix) == rank:
            image = x @ (inverse @ x[prefix])
            nearest = (image @ x.T).argmax(1)
            different = len(set(nearest.tolist())) == len(x)
            return different and bool(np.abs(image - x[nearest]).max() < 10 * tolerance)
        return any(extends([*prefix, q]) for q in images(prefix))

    order = 1 if rank == d else 2
    for k in range(rank):
        prefix = [int(q) for q in anchors[:k]]
        order *= sum(extends([*prefix, q]) for q in images(prefix))
    return order
