r"""The best isometry between two sets of vectors, when nobody says which vector is which.

For k vectors x in d dimensions and a reference v of as many unit vectors, find

.. math:: \min_{R \in O(d),\, s,\, \pi} \sum_i \|x_i - s R v_{\pi_i}\|^2 .

Given π, R and s are known (orthogonal Procrustes: with :math:`X V_\pi^\top = P S Q^\top`,
:math:`R = P Q^\top` and :math:`s = \operatorname{tr} S / k`); given R and s, π is a linear
assignment.  Alternating between the two descends to a local minimum, so what counts is the start.

*Starts.*  d vectors x that are well conditioned, the first d pivots of a QR factorisation, are
*anchors*.  Their images are chosen one by one; an image costs the squared differences of its
cosines to the images before from those of the anchors, and the mean squared difference of the
sorted cosines of image and anchor with all other vectors.  The cheapest partial images are kept at
each level (a beam).  Isometries of the reference give many equal costs: among equals, images are
taken that are spread over the reference.

*Choice.*  Each full image of the anchors fixes a rotation, and the vectors' nearest neighbours
under it a score.  The best different scores are refined.  A match that leaves each vector nearer to
its image than a quarter of the least distance in the reference is final.  Without one, images are
exchanged in pairs while that helps (up to :data:`MOST_EXCHANGED` vectors): the least residual is
that of the greatest :math:`\operatorname{tr} S`, and an exchange of i and j changes
:math:`X V_\pi^\top` by :math:`-(x_i - x_j)(v_{\pi_i} - v_{\pi_j})^\top`.  Between shapes that are
unlike each other the residual found is an upper bound, seldom far from the least.

A reference *up to sign* stands for lines: starts are those of both sets together with their
opposites, and an image is assigned with the sign that brings it nearer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr
from scipy.optimize import linear_sum_assignment

__all__ = ["MOST_EXCHANGED", "Match", "best_match", "fitted", "spacing"]

Array = NDArray[np.float64]
Images = NDArray[np.int64]

_BEAM = 256
_ENTRIES = 2**21  # numbers held together while images are scored
_REFINED = 32
_ROUNDS = 50
_GAIN = 1e-9
MOST_EXCHANGED = 24
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    r"""Reference vectors in the order of the given ones, fitted to them.

    Attributes
    ----------
    vertices
        The unit vectors :math:`v_{\pi_i}` of the reference, with their signs, shape (d, k).
    order
        The bijection π, shape (k,).
    points
        :math:`s R v_{\pi_i}`, shape (d, k).
    squares
        The sum of squared distances.
    """

    vertices: Array
    order: Images
    points: Array
    squares: float


def fitted(x: Array, v: Array) -> tuple[Array, float]:
    """Return s R v for the best scale s and isometry R, and the sum of squared distances to x.

    ``x`` has shape (m, k), ``v`` (d, k) with m at least d; R embeds d dimensions in m.
    """
    left, singular, right = np.linalg.svd(x @ v.T, full_matrices=False)
    points = (singular.sum() / (v**2).sum()) * (left @ right) @ v
    return points, float(((x - points) ** 2).sum())


def spacing(v: Array) -> float:
    """Return the least distance between two of the unit vectors (d, k), infinite for one."""
    cosines = v.T @ v
    np.fill_diagonal(cosines, -1.0)
    k = len(cosines)
    return float(np.sqrt(max(2 - 2 * cosines.max(), 0))) if k > 1 else float("inf")


def _profiles(gram: Array) -> Array:
    """Return each vector's sorted cosines."""
    return np.sort(gram, axis=1)


def _beam(x: Array, v: Array, anchors: Images) -> Images:
    """Return images of the anchors, the cheapest, shape (B, d)."""
    G, H = x.T @ x, v.T @ v
    own, other = _profiles(G), _profiles(H)
    images = np.zeros((1, 0), dtype=np.int64)
    cost = np.zeros(1)
    for level, anchor in enumerate(anchors):
        total = cost[:, None] + ((own[anchor] - other) ** 2).mean(1)
        for before in range(level):
            total += 2 * (G[anchors[before], anchor] - H[images[:, before]]) ** 2
        np.put_along_axis(total, images, np.inf, axis=1)
        flat = total.ravel()
        spread = (np.arange(len(flat)) * _GOLDEN) % 1.0
        kept = np.lexsort((spread, flat.round(9)))[:_BEAM]
        kept = kept[np.isfinite(flat[kept])]
        parent, image = np.divmod(kept, v.shape[1])
        images = np.column_stack((images[parent], image))
        cost = flat[kept]
    return images


def _rotations(x: Array, v: Array, anchors: Images, images: Images) -> Array:
    """Return the isometries (B, d, d) that bring the images nearest to the anchors."""
    product = np.einsum("ik,bjk->bij", x[:, anchors], v[:, images].transpose(1, 0, 2))
    left, _, right = np.linalg.svd(product)
    return np.asarray(left @ right)


def _starts(x: Array, v: Array) -> list[Array]:
    """Return the isometries to refine, the best first, those of one score taken once."""
    anchors = qr(x, pivoting=True, mode="r")[1][: len(x)].astype(np.int64)
    R = _rotations(x, v, anchors, _beam(x, v, anchors))
    step = max(1, _ENTRIES // v.shape[1] ** 2)
    parts = [(x.T @ (R[i : i + step] @ v)).max(2).sum(1) for i in range(0, len(R), step)]
    scores = np.concatenate(parts)
    _, different = np.unique(-scores.round(6), return_index=True)
    return [R[i] for i in different[:_REFINED]]


def _refined(x: Array, v: Array, R: Array, up_to_sign: bool) -> Match:
    """Alternate between assignment and rotation until the assignment stays."""
    vertices, before = v, np.full(v.shape, np.nan)
    order = np.arange(v.shape[1])
    for _ in range(_ROUNDS):
        cosines = x.T @ R @ v
        order = linear_sum_assignment(-np.abs(cosines) if up_to_sign else -cosines)[1]
        vertices = v[:, order]
        if up_to_sign:
            vertices = vertices * np.where(cosines[np.arange(len(order)), order] < 0, -1.0, 1.0)
        if np.array_equal(vertices, before):
            break
        left, _, right = np.linalg.svd(x @ vertices.T)
        R, before = left @ right, vertices
    return _match(x, vertices, order.astype(np.int64))


def _match(x: Array, vertices: Array, order: Images) -> Match:
    points, squares = fitted(x, vertices)
    return Match(vertices, order, points, squares)


def _exchanged(x: Array, v: Array, order: Images) -> Match:
    """Exchange two images as long as the residual falls."""
    first, second = np.triu_indices(x.shape[1], 1)
    order = order.copy()
    across = (x[:, first] - x[:, second]).T[:, :, None]
    reached = -np.inf
    while True:
        product = x @ v[:, order].T
        trace = float(np.linalg.svd(product, compute_uv=False).sum())
        if trace <= reached:  # what rounding had promised did not come
            return _match(x, v[:, order], order)
        reached = trace
        steps = (v[:, order[first]] - v[:, order[second]]).T[:, None, :]
        exchanged = np.linalg.svd(product - across * steps, compute_uv=False).sum(1)
        best = int(exchanged.argmax())
        if exchanged[best] <= trace + _GAIN:
            return _match(x, v[:, order], order)
        pair = [first[best], second[best]]
        order[pair] = order[pair[::-1]]


def best_match(x: Array, v: Array, *, up_to_sign: bool = False) -> Match:
    """Match vectors to a reference up to rotation, reflection, permutation and scale.

    Parameters
    ----------
    x
        Vectors, columns of shape (d, k), about of unit length, that span the d dimensions.
    v
        Unit vectors, as many in as many dimensions.
    up_to_sign
        Whether each vector of the reference stands for its line.
    """
    near = spacing(v) / 4
    starts = _starts(np.hstack((x, -x)), np.hstack((v, -v))) if up_to_sign else _starts(x, v)
    found: list[Match] = []
    for R in starts:
        found.append(_refined(x, v, R, up_to_sign))
        if np.sqrt(((x - found[-1].points) ** 2).sum(0).max()) < near:
            return found[-1]
    if 1 < x.shape[1] <= MOST_EXCHANGED and not up_to_sign:
        found = [_exchanged(x, v, match.order) for match in found]
    return min(found, key=lambda match: match.squares)
