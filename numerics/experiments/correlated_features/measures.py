r"""What is measured of models whose features 0 and 1, 2 and 3, … are pairs.

The *opening* of a pair is :math:`\|W(e_a - e_b)\| / \|W(e_a + e_b)\|`: 0 if the model reads the sum
of the two only, 1 if they are at right angles and equally long, infinite if they are antipodal.  A
pair is *collapsed* if its opening is below :data:`COLLAPSED`, so that its two arrows cannot be told
apart in a picture.
"""

import numpy as np
from numpy.typing import NDArray

from theory.phases import DROPPED_NORM

__all__ = [
    "COLLAPSED",
    "adjacent_pairs",
    "aligned",
    "collapsed_pairs",
    "openings",
    "pair_cosines",
    "wilson_interval",
]

COLLAPSED = 0.1
_SAME = 1e-3  # radians between arrows that point the same way
_Z = 1.959963984540054  # 95 %

Array = NDArray[np.float64]


def pair_cosines(W: Array) -> Array:
    """Return the cosine within each pair, (..., m, n) → (..., n/2); 0 where a norm is 0."""
    a, b = W[..., 0::2], W[..., 1::2]
    size = np.linalg.norm(a, axis=-2) * np.linalg.norm(b, axis=-2)
    return np.asarray((a * b).sum(-2) / np.where(size > 0, size, 1.0))


def openings(W: Array) -> Array:
    """Return how far each pair is open, (..., m, n) → (..., n/2); at most 1e6."""
    a, b = W[..., 0::2], W[..., 1::2]
    difference, total = (np.linalg.norm(x, axis=-2) for x in (a - b, a + b))
    return np.asarray(difference / np.maximum(total, 1e-6 * np.maximum(difference, 1e-12)))


def collapsed_pairs(W: Array) -> NDArray[np.int64]:
    """Return how many pairs are collapsed, (..., m, n) → (...); dropped pairs are not."""
    length = np.linalg.norm(W[..., 0::2] + W[..., 1::2], axis=-2)
    return np.asarray(((openings(W) < COLLAPSED) & (length >= 2 * DROPPED_NORM)).sum(-1))


def adjacent_pairs(W: Array) -> bool:
    """Tell whether no feature of a model in the plane stands between the two of any pair.

    A pair's members are beside one another if one of the two arcs between them is free; features
    that point the same way do not separate.
    """
    angle = np.arctan2(W[1], W[0])
    for a in range(0, W.shape[1], 2):
        others = np.delete(angle, [a, a + 1])
        arc = (angle[a + 1] - angle[a]) % (2 * np.pi)
        place = (others - angle[a]) % (2 * np.pi)
        place = np.where(place > 2 * np.pi - _SAME, 0.0, place)
        inside = (place > _SAME) & (place < arc - _SAME)
        outside = place > arc + _SAME
        if inside.any() and outside.any():
            return False
    return True


def aligned(W: Array) -> Array:
    """Turn a model in the plane so that feature 0 points right and the next off its line, up."""
    length = np.hypot(*W[:, 0])
    x, y = W[:, 0] / length if length > 0 else (1.0, 0.0)
    turned = np.array([[x, y], [-y, x]]) @ W
    off = np.flatnonzero(np.abs(turned[1]) > 0.1)
    if len(off) and turned[1, off[0]] < 0:
        turned[1] *= -1
    return np.asarray(turned)


def wilson_interval(hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of which ``hits`` of ``total`` were seen."""
    share, z2 = hits / total, _Z**2 / total
    middle = (share + z2 / 2) / (1 + z2)
    half = _Z * np.sqrt(share * (1 - share) / total + z2 / (4 * total)) / (1 + z2)
    return float(middle - half), float(middle + half)
