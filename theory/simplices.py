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

__all__ = ["mean_product", "split", "triangulated_cube"]

Array = NDArray[Any]


def triangulated_cube(k: int, kind: type = float) -> tuple[Array, Array]:
    """Return simplices (S, k + 1, k) that fill [−1, 1]^k, and their shares of its volume (S,).

    Parameters
    ----------
    k
        Dimensions.
    kind
        ``float`` or :class:`~fractions.Fraction`.
    """
    corners = []
    for signs, order in product(product((-1, 1), repeat=k), permutations(range(k))):
        corner = [kind(0)] * k
        simplex = [list(corner)]
        for place in order:
            corner[place] = kind(signs[place])
            simplex.append(list(corner))
        corners.append(simplex)
    dtype = np.float64 if kind is float else object
    share = kind(1) / kind(len(corners))
    return np.array(corners, dtype=dtype), np.array([share] * len(corners), dtype=dtype)


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
