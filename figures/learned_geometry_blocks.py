r"""Blocks as they are drawn: their kinds, coordinates inside their own span, and edges.

*Kinds.*  Blocks of one name, one dimension and one number of features are drawn once; ambiguous
ones also need the same nearest shape.

*Coordinates.*  A block of weights :math:`W_i` is turned inside its span in one of two ways.  Where
a shape of the catalogue fits, it is turned onto that shape's coordinates, so that two cubes look
the same however they were learned; most shapes of the catalogue are tight frames, which have no
leading direction.  Otherwise it is turned onto its principal directions, the leading one first.
A shape of the catalogue of three dimensions or more then gets a fixed oblique turn, in each plane
of coordinates, so that its vertices do not hide each other.

*Edges.*  In three dimensions those of the convex hull of the vertices and the origin, without the
ones at the origin and those between two facets of (nearly) one plane.  The origin matters only for
vectors that do not surround it.  In higher dimensions, pairs of nearest neighbours: the largest
cosine of one of the two, within a tolerance.
"""

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from numerics.geometry.learned import LearnedGeometry
from numerics.geometry.naming import AMBIGUOUS, UNNAMED, Block

__all__ = [
    "Kind",
    "counted",
    "counted_blocks",
    "edges",
    "hull_edges",
    "is_aligned",
    "kinds",
    "oblique",
    "oriented",
    "require_weights",
    "runs",
]

Array = NDArray[np.float64]

_FLAT = 0.1  # radians between facets of one plane; the catalogue's least is 0.47, snub cube
_SAME_COSINE = 0.02  # the noise of cosines in trained models
_TURN, _TURN_MORE = 1.0, -0.09  # radians; keep the catalogue's vertices apart in the picture


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """Blocks that are drawn once, as they come in the geometry."""

    name: str
    blocks: tuple[Block, ...]

    @property
    def features(self) -> int:
        """How many features all of its blocks have."""
        return sum(len(block.features) for block in self.blocks)


def counted(name: str, count: int) -> str:
    """Return a name with how often it occurs, unless that is once."""
    return name if count == 1 else f"{name} × {count}"


def counted_blocks(found: LearnedGeometry) -> str:
    """Return how many blocks there are, in words."""
    return f"{len(found.blocks)} block{'s' * (len(found.blocks) > 1)}"


def require_weights(W: Array, found: LearnedGeometry) -> None:
    """Make sure that a geometry was found in these weights.

    Raises
    ------
    ValueError
        If not.
    """
    expected = (len(found.norms),)
    if W.ndim != 2 or W.shape[1:] != expected:
        raise ValueError(
            f"W has shape {W.shape}, the geometry is of {expected[0]} features; "
            "pass the weights (m, n) it was found in"
        )
    worst = float(np.abs(np.linalg.norm(W, axis=0) - found.norms).max())
    if not worst <= 1e-9 * max(1.0, float(found.norms.max())):
        raise ValueError(
            f"norms of W differ from those of the geometry by {worst:.3g}; "
            "pass the weights it was found in"
        )


def kinds(found: LearnedGeometry) -> tuple[Kind, ...]:
    """Return the kinds of blocks, those with the most features first."""
    groups: dict[tuple[str, str, int, int], list[Block]] = {}
    for block in found.blocks:
        nearest = block.candidates[0].key if block.name == AMBIGUOUS else ""
        key = block.name, nearest, block.dimension, len(block.features)
        groups.setdefault(key, []).append(block)
    every = [Kind(key[0], tuple(blocks)) for key, blocks in groups.items()]
    return tuple(sorted(every, key=lambda kind: -kind.features))


def runs(found: LearnedGeometry) -> list[tuple[str, int, int, int]]:
    """Return name, number of blocks, first and end position of each run of blocks of one name.

    Positions count the features block by block.
    """
    ends = np.cumsum([0, *(len(block.features) for block in found.blocks)])
    names = [block.name for block in found.blocks]
    cuts = [0, *(i for i in range(1, len(names)) if names[i] != names[i - 1]), len(names)]
    return [(names[a], b - a, int(ends[a]), int(ends[b])) for a, b in pairwise(cuts)]


def is_aligned(block: Block) -> bool:
    """Tell whether a shape of the catalogue fits, whose coordinates a block is turned onto."""
    return block.name != UNNAMED


def oblique(d: int) -> Array:
    """Return a fixed rotation of d dimensions, oblique to every plane of coordinates; (d, d)."""
    turn = np.eye(d)
    for count, (i, j) in enumerate(combinations(range(d), 2)):
        angle = _TURN + _TURN_MORE * (count % 5)
        c, s = np.cos(angle), np.sin(angle)
        turn[[i, j]] = np.array([[c, -s], [s, c]]) @ turn[[i, j]]
    return turn


def oriented(W: Array, block: Block) -> Array:
    """Return the weights (d, k) of a block in coordinates of its own span, turned to be drawn."""
    weights = W[:, block.features]
    unit = weights / np.linalg.norm(weights, axis=0)
    basis = np.linalg.svd(unit, full_matrices=False)[0][:, : block.dimension]
    if is_aligned(block):
        left, _, right = np.linalg.svd((basis.T @ unit) @ block.candidates[0].match.vertices.T)
        turned = (left @ right).T @ basis.T @ weights
    else:
        x = basis.T @ weights
        turned = np.linalg.svd(x)[0].T @ x
        largest = np.abs(turned).argmax(axis=1)[:, None]
        turned = turned * np.sign(np.take_along_axis(turned, largest, axis=1))
    aligned_in_space = is_aligned(block) and len(turned) >= 3
    return np.asarray(oblique(len(turned)) @ turned if aligned_in_space else turned)


def edges(W: Array, block: Block) -> list[tuple[int, int]]:
    """Return the edges (i < j) of a block of three dimensions or more, as positions in it."""
    if is_aligned(block):
        unit = block.candidates[0].match.vertices
    else:
        x = oriented(W, block)
        unit = x / np.linalg.norm(x, axis=0)
    return hull_edges(unit) if len(unit) == 3 else _nearest_neighbours(unit)


def hull_edges(unit: Array) -> list[tuple[int, int]]:
    """Return the edges of the hull of unit vectors (3, k) and the origin."""
    origin = unit.shape[1]
    hull = ConvexHull(np.vstack([unit.T, np.zeros(3)]))
    found = set()
    for facet, (corners, beside) in enumerate(zip(hull.simplices, hull.neighbors, strict=True)):
        for opposite, neighbour in enumerate(beside):
            i, j = sorted(np.delete(corners, opposite).tolist())
            normals = hull.equations[[facet, neighbour], :3]
            folded = normals[0] @ normals[1] < np.cos(_FLAT)
            if j != origin and folded:
                found.add((i, j))
    return sorted(found)


def _nearest_neighbours(unit: Array) -> list[tuple[int, int]]:
    """Return the pairs of unit vectors (d, k) whose cosine is the largest of either."""
    cosine = unit.T @ unit
    np.fill_diagonal(cosine, -np.inf)
    near = cosine >= cosine.max(axis=1, keepdims=True) - _SAME_COSINE
    rows, columns = np.nonzero(near | near.T)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if i < j]
