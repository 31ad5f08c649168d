r"""Cubes cut into simplices by hyperplanes, and means of products of affine functions on them.

A simplex whose vertices lie on both sides of a hyperplane is cut where one of its edges meets it,
into two with volumes in the ratio of the edge's parts, so no determinant is needed; a cut edge is
crossed no more, so every edge is cut once.  On a simplex of k dimensions affine f and g have the
mean product

.. math:: \frac{(\sum_v f_v)(\sum_v g_v) + \sum_v f_v g_v}{(k+1)(k+2)}

over its vertices v.  Fractions in, fractions out; floats as they are.
"""

from itertools import combinations, permutations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["mean_product", "ordered_cube", "split", "triangulated_cube"]

Array = NDArray[Any]


def ordered_cube(k: int) -> NDArray[np.int64]:
    """Return the simplices (k!, k + 1, k) of [0, 1]^k, one for each order of the coordinates.

    They have equal volumes; vertex c of one has the first c coordinates of its order 1, the others
    0.
    """
    corners = [
        [[int(order.index(i) < c) for i in range(k)] for c in range(k + 1)]
        for order in permutations(range(k))
    ]
    return np.array(corners, dtype=np.int64).reshape(len(corners), k + 1, k)


def triangulated_cube(k: int, kind: type = float) -> tuple[Array, Array]:
    """Return simplices (S, k + 1, k) that fill [−1, 1]^k, and their shares of its volume (S,).

    Parameters
    ----------
    k
        Dimensions.
    kind
        ``float`` or :class:`~fractions.Fraction`.
    """
    cube = ordered_cube(k)
    corners = np.concatenate(
        [np.array(signs, dtype=np.int64) * cube for signs in product((-1, 1), repeat=k)]
    )
    share = kind(1) / kind(len(corners))
    if kind is float:
        return corners.astype(np.float64), np.full(len(corners), share)
    exact = np.vectorize(kind, otypes=[object])
    return exact(corners), np.array([share] * len(corners), dtype=object)


def split(vertices: Array, shares: Array, normal: Array, offset: Any = 0) -> tuple[Array, Array]:
    """Cut simplices so that ``normal · x + offset`` has one sign, or 0, on each.

    ``normal`` is one for all (k,), or one for each simplex (S, k) with its ``offset`` (S,).
    """
    normals = np.broadcast_to(normal, (len(vertices), vertices.shape[2]))
    values = (vertices * normals[:, None]).sum(2) + np.reshape(offset, (-1, 1))
    corners = vertices.shape[1]
    for a, b in combinations(range(corners), 2):
        across = ((values[:, a] > 0) & (values[:, b] < 0)) | (
            (values[:, a] < 0) & (values[:, b] > 0)
        )
        if not across.any():
            continue
        part, height = vertices[across], values[across]
        t = height[:, a] / (height[:, a] - height[:, b])
        cut = part[:, a] + t[:, None] * (part[:, b] - part[:, a])
        pieces, heights = [], []
        for place in (a, b):
            piece, own = part.copy(), height.copy()
            piece[:, place], own[:, place] = cut, 0 * t
            pieces.append(piece)
            heights.append(own)
        whole = shares[across]
        vertices = np.concatenate([vertices[~across], *pieces])
        values = np.concatenate([values[~across], *heights])
        shares = np.concatenate([shares[~across], whole * (1 - t), whole * t])
    return vertices, shares


def mean_product(f: Array, g: Array, shares: Array) -> Any:
    """Return the mean of fg over all simplices, from the values (S, k + 1) at their vertices."""
    corners = f.shape[1]
    each = f.sum(1) * g.sum(1) + (f * g).sum(1)
    return (shares * each).sum() / (corners * (corners + 1))
