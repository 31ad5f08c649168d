r"""The packing a model resembles most, by the distance of Gram matrices.

For a model with Gram matrix G and a packing with Gram matrix H of unit norms,

.. math::

    d(G, H) = \min_\pi \bigl(\sum_{ij} (G_{ij} - H_{\pi_i \pi_j})^2\bigr)^{1/2},

over all permutations of the features, whatever their densities and importances: which feature is
in which block is the phase's business.  The minimum is a quadratic assignment; it is approached by
steepest descent over exchanges of two features, from two starts: features matched by their sorted
rows, and blocks filled one by one, the largest first, from the feature that lets a block fit best.
So the distance is an upper bound of the minimum, exact on shapes that are clearly there.

With :math:`P` the permuted H, zero on the diagonal as G is here (the diagonals enter apart), an
exchange of i and j changes :math:`\sum (G - P)^2` by

.. math::

    4 \bigl(M_{ii} + M_{jj} - M_{ij} - M_{ji} - 2 G_{ij} P_{ij}\bigr), \qquad M = G P,

for the terms of both triangles, and by
:math:`2 (G_{ii} - G_{jj})(H_{\pi_i\pi_i} - H_{\pi_j\pi_j})` for the diagonal.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .packings import Packing, packings

__all__ = ["MOST_FEATURES", "NEAR", "Nearest", "gram_distance", "nearest_packing"]

MOST_FEATURES = 128  # above, matching features takes minutes
NEAR = 0.5  # a packing farther than this, as a share of the norm of G, is not near
_MOST_PACKINGS = 32

Array = NDArray[np.float64]
Order = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Nearest:
    """A packing and its distance in Gram matrices, after matching features."""

    name: str
    gram_distance: float


def _exchanged(G: Array, H: Array, order: Order) -> Array:
    """Exchange features of H while that brings it nearer to G; return the permuted H."""
    order = order.copy()
    square, off = np.diag(G), G - np.diag(np.diag(G))
    gains = 2 * np.subtract.outer(square, square)
    tolerance = 1e-12 * (1 + float((G**2).sum()))
    while True:
        P = H[np.ix_(order, order)]
        own = np.diag(P)
        M = off @ (P - np.diag(own))
        diagonal = np.diag(M)
        change = 4 * (np.add.outer(diagonal, diagonal) - M - M.T - 2 * off * P)
        change += gains * np.subtract.outer(own, own)
        i, j = divmod(int(change.argmin()), len(G))
        if change[i, j] >= -tolerance:
            return np.asarray(P)
        order[[i, j]] = order[[j, i]]


def _by_rows(G: Array, H: Array) -> Order:
    """Match features by norm and then by their sorted couplings."""

    def ranks(A: Array) -> Order:
        rows = np.sort(A.round(6), axis=1)
        keys = (*rows.T[::-1], np.diag(A).round(6))
        return np.lexsort(keys)

    order = np.empty(len(G), dtype=np.int64)
    order[ranks(G)] = ranks(H)
    return order


def _filled(G: Array, H: Array, left: Order, first: int) -> tuple[float, list[int]]:
    """Fill a block H (k, k), beginning with a feature, each place with the feature that fits."""
    chosen, free = [first], left[left != first]
    total = float((G[first, first] - H[0, 0]) ** 2)
    for k in range(1, len(H)):
        couplings = G[np.ix_(free, chosen)] - H[k, :k]
        misfit = 2 * (couplings**2).sum(1) + (G[free, free] - H[k, k]) ** 2
        best = int(misfit.argmin())
        total += float(misfit[best])
        chosen.append(int(free[best]))
        free = np.delete(free, best)
    return total, chosen


def _by_blocks(G: Array, packing: Packing) -> Order:
    """Fill the blocks, the largest first, each from the feature that lets it fit best."""
    sizes = [block.vertices.shape[1] for block in packing.blocks]
    ends = np.cumsum(sizes)
    order, left = np.empty(len(G), dtype=np.int64), np.arange(len(G))
    for which in sorted(range(len(sizes)), key=lambda k: -sizes[k]):
        V = packing.blocks[which].vertices
        H = V.T @ V
        _, chosen = min(_filled(G, H, left, int(first)) for first in left)
        order[chosen] = np.arange(ends[which] - sizes[which], ends[which])
        left = np.setdiff1d(left, chosen)
    order[left] = np.arange(ends[-1], len(G))
    return order


def gram_distance(G: Array, packing: Packing) -> float:
    """Return the distance of a Gram matrix (n, n) to a packing's, features matched (see above)."""
    V = packing.weights(range(len(G)))
    H = V.T @ V
    ends = (_exchanged(G, H, start) for start in (_by_rows(G, H), _by_blocks(G, packing)))
    return min(float(np.linalg.norm(G - P)) for P in ends)


def nearest_packing(W: Array) -> Nearest | None:
    """Return the packing nearest to a model (m, n), or None if none is near or n is too large."""
    m, n = W.shape
    if n > MOST_FEATURES:
        return None
    G = W.T @ W
    found = [Nearest(p.name, gram_distance(G, p)) for p in packings(n, m, _MOST_PACKINGS)]
    best = min(found, key=lambda one: one.gram_distance)
    return best if best.gram_distance <= NEAR * float(np.linalg.norm(G)) else None
