r"""Features into blocks that are mutually orthogonal, the factors of a tegum product.

Features are the vertices of a graph whose edges are the couplings, cosines too large to be noise
(:func:`~numerics.geometry.noise.largest_cosine`).  Its connected components span subspaces that are
orthogonal but for noise, unless small couplings are structural, as -1/d is in a simplex of many
dimensions: taken apart, it spans one dimension too few.  So let Q hold orthonormal bases of the
components side by side.  Its singular values are 1 where components are orthogonal and 0 for
each linear dependency, whose right singular vectors tell which components take part (there are as
many as the dimensions of the components exceed those of the whole); with N the projection on these,
components b and c belong to one dependency if the norm of the block :math:`N_{bc}` is about the
geometric mean of those of :math:`N_{bb}` and :math:`N_{cc}`, and to
different ones if it is small beside it.  They are joined, the clear cases first, and Q is formed
again, until no dependency is left.

The reported couplings show how clear the cut is.  A block holds together by its strongest chain, so
*weakest within* is the least edge of its maximal spanning tree; *strongest between* is the largest
coupling of different blocks, *typical between* the root mean square of all those.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from .noise import LARGEST, largest_cosine, largest_singular_value, least_square_of_bases

__all__ = ["Separation", "coupled", "separate", "span"]

_TAKES_PART = 0.25  # norm, as a share of the largest
_TOGETHER = (0.5, 0.25, 0.0)  # shares of the geometric mean, in the order they are tried

Array = NDArray[np.float64]
Features = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """Orthogonal blocks of unit vectors.

    Attributes
    ----------
    blocks
        The features of each block, ascending; blocks by falling dimension, then falling size.
    threshold
        The coupling from which on two features were joined.
    coupling
        The absolute cosines, shape (n, n).
    weakest_within, strongest_between, typical_between
        See above; None without two features in a block, without two blocks.
    """

    blocks: tuple[Features, ...]
    threshold: float
    coupling: Array
    weakest_within: float | None
    strongest_between: float | None
    typical_between: float | None


def span(unit: Array, level: float = LARGEST) -> Array:
    """Return an orthonormal basis (m, d) of what unit vectors (m, k) span, noise left out."""
    left, singular, _ = np.linalg.svd(unit, full_matrices=False)
    m, k = unit.shape
    return np.asarray(left[:, singular > largest_singular_value(m, k, level)])


def _components(edges: NDArray[np.bool_]) -> Features:
    return np.asarray(connected_components(edges, directed=False)[1], dtype=np.int64)


def _joined(unit: Array, member: Features, level: float) -> Features | None:
    """Join the components that depend on each other; None if there are none."""
    bases = [span(unit[:, member == b], level) for b in range(int(member.max()) + 1)]
    owner = np.repeat(np.arange(len(bases)), [basis.shape[1] for basis in bases])
    Q = np.hstack(bases)
    squares, vectors = np.linalg.eigh(Q.T @ Q)
    surplus = Q.shape[1] - span(unit, level).shape[1]
    dependent = int((squares < least_square_of_bases(len(Q), Q.shape[1], level)).sum())
    null = vectors[:, : max(min(surplus, dependent), 0)]
    if not null.size:
        return None
    parts = np.zeros((len(bases), len(owner)))
    parts[owner, np.arange(len(owner))] = 1.0
    size = np.sqrt(parts @ (null @ null.T) ** 2 @ parts.T)
    own = np.diag(size)
    takes_part = own > _TAKES_PART * own.max()
    for share in _TOGETHER:
        together = size > share * np.sqrt(np.outer(own, own))
        groups = _components(together & np.outer(takes_part, takes_part))
        if groups.max() + 1 < len(bases):
            return groups[member]
    return None


def _weakest(coupling: Array, block: Features) -> float:
    """Return the least edge of the maximal spanning tree of a block."""
    tree = minimum_spanning_tree(2.0 - coupling[np.ix_(block, block)])  # a zero is no edge
    return 2.0 - float(tree.data.max())


def coupled(unit: Array, level: float = LARGEST) -> list[Features]:
    """Return the connected groups of unit vectors (m, n), by couplings too large to be noise."""
    n = unit.shape[1]
    member = _components(np.abs(unit.T @ unit) > largest_cosine(n * (n - 1) // 2, level))
    return [np.flatnonzero(member == group) for group in range(int(member.max()) + 1)]


def separate(unit: Array, level: float = LARGEST) -> Separation:
    """Split unit vectors (m, n), at least one, into blocks orthogonal but for noise of a level."""
    n = unit.shape[1]
    coupling = np.minimum(np.abs(unit.T @ unit), 1.0)
    threshold = largest_cosine(n * (n - 1) // 2, level)
    member = _components(coupling > threshold)
    while (joined := _joined(unit, member, level)) is not None:
        member = joined
    blocks = [np.flatnonzero(member == b) for b in range(int(member.max()) + 1)]
    within = [_weakest(coupling, block) for block in blocks if len(block) > 1]
    between = coupling[member[:, None] != member]
    ranked = sorted(blocks, key=lambda b: (-span(unit[:, b], level).shape[1], -len(b), int(b[0])))
    return Separation(
        blocks=tuple(ranked),
        threshold=threshold,
        coupling=coupling,
        weakest_within=min(within, default=None),
        strongest_between=float(between.max()) if between.size else None,
        typical_between=float(np.sqrt((between**2).mean())) if between.size else None,
    )
