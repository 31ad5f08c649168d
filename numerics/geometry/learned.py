r"""A whole model: its represented features, their blocks, the shapes of these and of the whole.

Features of norm below the threshold of :data:`theory.phases.THRESHOLDS` are dropped.  The *rank*
is the sum of the dimensions of the blocks, so dimensions that only noise spans are not counted;
leverages are those of the row space of W cut to that rank, and literally those of
:func:`theory.capacity.leverage` where nothing is cut.

The whole has a name if every block has one and the blocks are orthogonal but for noise: if the
couplings between blocks (root mean square) are at most :math:`\sqrt2` times three standard
deviations per coordinate, as they are estimated from the residuals, or times :data:`SLACK`, the
noise at which metric variants can still be told apart.  It is the tegum product of the blocks'
shapes, whatever their scales.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from theory.capacity import dimensionality
from theory.phases import DROPPED_NORM
from theory.polytopes.catalogue import polytope

from .naming import AMBIGUOUS, UNNAMED, Block, name_block
from .noise import LARGEST, MOST, upper_estimate
from .separation import Separation, separate

__all__ = ["SLACK", "LearnedGeometry", "learned_geometry"]

SLACK = 0.005

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LearnedGeometry:
    """What a model learned.

    Attributes
    ----------
    blocks
        The orthogonal blocks, the largest dimension first, then the most features.
    composite
        The name of the whole, ``ambiguous`` or ``unnamed``.
    rank
        The number of dimensions that the represented features span.
    dropped, represented
        The features of either kind.
    norms, dimensionality, leverage
        Of all features, shape (n,); the dimensionality and leverage of dropped ones is 0.
    separation
        How the blocks were found.
    level
        The standard deviation of the noise that was allowed for.
    """

    blocks: tuple[Block, ...]
    composite: str
    rank: int
    dropped: tuple[int, ...]
    represented: tuple[int, ...]
    norms: Array
    dimensionality: Array
    leverage: Array
    separation: Separation
    level: float


def learned_geometry(
    W: Array, tolerance: float | None = None, level: float = LARGEST
) -> LearnedGeometry:
    """Split the features of a model into orthogonal blocks and name them.

    Parameters
    ----------
    W
        Weights (m, n), features are columns.
    tolerance
        The largest residual of a block's directions that a name is given to; by default what
        noise of the level accounts for.
    level
        Standard deviation of the noise, per coordinate of unit vectors, up to which blocks are
        told apart; trained models may need more than the default.

    Raises
    ------
    ValueError
        If W is no matrix or not finite, or represents no feature, or the tolerance or the level is
        out of range.

    Examples
    --------
    >>> found = learned_geometry(np.array([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.5, -0.5]]))
    >>> [block.name for block in found.blocks], found.composite
    (['digon', 'digon'], 'square')
    """
    W = np.asarray(W, float)
    if W.ndim != 2 or not W.size:
        raise ValueError(f"W has shape {W.shape}; pass a matrix (m, n), features are columns")
    if not np.isfinite(W).all():
        raise ValueError(f"W has {W[~np.isfinite(W)][0]} in it; pass finite weights")
    if tolerance is not None and not 0 <= tolerance < np.inf:
        raise ValueError(f"the tolerance is {tolerance}; give a number from 0 on, such as 0.05")
    if not 0 < level <= MOST:
        raise ValueError(f"the noise is {level}; give a number above 0, at most {MOST}")
    scale = float(np.abs(W).max())
    norms = scale * np.linalg.norm(W / (scale or 1.0), axis=0)
    kept = np.flatnonzero(norms >= DROPPED_NORM)
    if not len(kept):
        raise ValueError(
            f"no feature is represented: the largest norm is {norms.max():.3g}, below "
            f"{DROPPED_NORM}; give a model that has learned some"
        )
    unit = (W / scale)[:, kept] / (norms[kept] / scale)
    separation = separate(unit, level)
    blocks = tuple(
        name_block(W / scale, kept[block], tolerance, level) for block in separation.blocks
    )
    rank = sum(block.dimension for block in blocks)
    present = np.zeros(W.shape[1])
    present[kept] = 1.0
    _, _, right = np.linalg.svd(W / scale, full_matrices=False)
    return LearnedGeometry(
        blocks=blocks,
        composite=_composite(blocks, separation),
        rank=rank,
        dropped=tuple(np.flatnonzero(norms < DROPPED_NORM).tolist()),
        represented=tuple(kept.tolist()),
        norms=norms,
        dimensionality=present * dimensionality(W),
        leverage=present * (right[:rank] ** 2).sum(0),
        separation=separation,
        level=level,
    )


def _composite(blocks: tuple[Block, ...], separation: Separation) -> str:
    """Name the product of all blocks."""
    names = {block.name for block in blocks}
    coupling = separation.typical_between
    if UNNAMED in names:
        return UNNAMED
    if coupling is not None:
        squares = sum(block.squares for block in blocks)
        noise = upper_estimate(squares, sum(block.freedom for block in blocks))
        if coupling > sqrt(2) * max(SLACK, 3 * noise):
            return UNNAMED
    if AMBIGUOUS in names:
        return AMBIGUOUS
    return polytope("+".join(block.name for block in blocks)).key
