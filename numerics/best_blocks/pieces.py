"""Models taken apart into blocks that do not fall apart any further, and what those are called."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.capacity import dimensionality
from theory.phases import DROPPED_NORM

from ..evaluator import exact_loss
from ..geometry.learned import learned_geometry
from ..geometry.naming import AMBIGUOUS
from ..geometry.naming import Block as NamedBlock
from ..geometry.separation import span
from .search import Block

__all__ = ["Piece", "family", "pieces_of"]

_VARIANT = re.compile("-(uniform|coulomb|tight|tammes)$")
_ACCURACY = 1e-12  # of Σ I E x²

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A block with a name.

    Attributes
    ----------
    block
        Its model.
    name
        A key of the catalogue, ``ambiguous`` or ``unnamed``.
    family
        The name without its metric variant (the square antiprisms are one family); for an ambiguous
        block that of all shapes it can be, if they agree.
    rigid
        Whether it is a shape held rigid, not a minimum over all weights.
    """

    block: Block
    name: str
    family: str
    rigid: bool = False

    @property
    def identity(self) -> tuple[int, int, str]:
        """Features, dimensions and family: what makes two pieces the same kind."""
        return self.block.k, self.block.d, self.family

    @property
    def dimensionality(self) -> Array:
        """The D_i, shape (k,)."""
        return np.asarray(dimensionality(self.block.W))


def family(name: str, candidates: Iterable[str] = ()) -> str:
    """Return the name of a kind of shape, metric variants taken together.

    Examples
    --------
    >>> family("square-antiprism-tight")
    'square-antiprism'
    """
    if name != AMBIGUOUS:
        return _VARIANT.sub("", name)
    kinds = {_VARIANT.sub("", one) for one in candidates}
    return kinds.pop() if len(kinds) == 1 else AMBIGUOUS


def _piece(model: Block, part: NamedBlock) -> Piece:
    """Return one part of a model as a block in its own dimensions."""
    W = model.W[:, part.features]
    basis = span(W / np.linalg.norm(W, axis=0))
    W, b = basis.T @ W, model.b[part.features]
    loss = exact_loss(W, b, float(model.density), rtol=_ACCURACY)
    block = Block(
        density=model.density,
        W=W,
        b=b,
        loss=float(loss),
        hits=model.hits,
        starts=model.starts,
        status=model.status,
    )
    fitting = [one.key for one in part.candidates if one.fits]
    return Piece(block, part.name, family(part.name, fitting))


def pieces_of(model: Block) -> list[Piece]:
    """Return the orthogonal blocks of a model, the largest dimension first; dropped features go.

    A piece has the hits, starts and status of the model it was part of.
    """
    if not (np.linalg.norm(model.W, axis=0) >= DROPPED_NORM).any():
        return []
    return [_piece(model, part) for part in learned_geometry(model.W).blocks]
