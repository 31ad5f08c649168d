r"""Shapes of the catalogue held rigid: free norms and biases, fixed directions.

Vertices whose sorted cosines with all vertices agree form a class; for the shapes here these are
the orbits of the isometry group.  One norm and one bias for each class are free, so a shape of many
vertices has few variables, and the loss of one output of each class, times the size of the class,
is the loss of all:

.. math:: L(g, \beta) = \sum_c |c|\, \mathrm{per\_feature}_{i_c}(g, \beta).

The result is the least loss of *this* arrangement.  Whether it is a minimum over all arrangements
is another matter: a shape may bend where that helps, as the square antiprism does, or not be a
minimum at all.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.polytopes.catalogue import KEYS, polytope
from theory.rationals import as_fraction

from ..descent import descend
from .search import Block

__all__ = ["rigid_shape", "rigid_shapes", "vertex_classes", "whole_shapes"]

_NORMS = (0.3, 0.8, 1.2)  # where descents begin: a norm well below 1 serves crowded shapes
_STEPS = 200  # at most; few variables need some tens
_DECIMALS = 9  # of cosines that are the same

Array = NDArray[np.float64]


@cache
def whole_shapes() -> tuple[str, ...]:
    """Return the catalogue's shapes that are no products, and simplices in up to 8 dimensions."""
    own = [key for key in KEYS if not (polytope(key).parts or polytope(key).up_to_sign)]
    return (*own, *(f"simplex-{d}" for d in range(4, 9)))


def vertex_classes(vertices: Array) -> NDArray[np.int64]:
    """Return the class of each of the unit vectors (d, k), numbered from 0."""
    rows = np.sort(vertices.T @ vertices, axis=1).round(_DECIMALS) + 0.0
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def rigid_shapes(key: str, densities: Sequence[Any]) -> list[Block]:
    """Return the least losses of a shape at several densities, each a start for the next one."""
    found: list[Block] = []
    for density in densities:
        found.append(rigid_shape(key, density, found[-1:]))
    return found


def rigid_shape(key: str, density: Any, known: Sequence[Block] = ()) -> Block:
    """Return the least loss of a shape of the catalogue over norms and biases by class.

    Parameters
    ----------
    key
        A key of :func:`theory.polytopes.catalogue.polytope`.
    density
        p = P(x ≠ 0), a number in (0, 1].
    known
        The same shape at other densities, whose norms and biases are starts.

    Raises
    ------
    ValueError, TypeError
        If there is no such shape, or the density is not in (0, 1].
    """
    p: Fraction = as_fraction(density)
    if not 0 < p <= 1:
        raise ValueError(f"density {density} is outside (0, 1]; give P(x ≠ 0)")
    vertices = polytope(key).array()
    classes = vertex_classes(vertices)
    count, k = int(classes.max()) + 1, len(classes)
    member = np.arange(count)[:, None] == classes
    first = member.argmax(1)
    importance = np.zeros(k)
    importance[first] = member.sum(1)
    starts = [(np.full(count, g), np.zeros(count)) for g in _NORMS]
    starts += [(np.linalg.norm(one.W, axis=0)[first], one.b[first]) for one in known]
    ended = descend(
        np.array([norms for norms, _ in starts]),
        np.array([biases[classes] for _, biases in starts]),
        float(p),
        importance,
        basis=member[:, None, :] * vertices,
        newton=False,
        max_steps=_STEPS,
    )
    at = int(ended.loss.argmin())
    return Block(
        density=p,
        W=ended.W[at].numpy(),
        b=ended.b[at].numpy()[first][classes],
        loss=float(ended.loss[at]),
        hits=ended.hits,
        starts=len(starts),
        status=ended.status[at],
    )
