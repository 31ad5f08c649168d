r"""Tegum products: shapes put into mutually orthogonal subspaces.

The Gram matrix is block diagonal, so each factor keeps its dimensionalities, and the isometries
are those of the factors and the permutations of congruent ones,
:math:`|A| = \prod_f |A_f|^{k_f}\, k_f!` for factors f that occur :math:`k_f` times.  (No isometry
mixes factors that are themselves indecomposable: they are the connected components of the graph of
non-zero cosines.)  A product of tight frames is tight if and only if all have the same N/d.

A product takes a key of its own if it has one, else the keys of its factors joined by ``+``, by
falling dimension, then falling number of vertices, then alphabetically.
"""

from collections import Counter
from collections.abc import Sequence
from math import factorial, prod
from typing import Any

import sympy

from .shapes import Polytope

__all__ = ["OWN_KEYS", "tegum_product"]

OWN_KEYS = {
    ("digon", "digon"): "square",
    ("digon", "digon", "digon"): "octahedron",
    ("triangle", "digon"): "triangular-bipyramid",
    ("pentagon", "digon"): "pentagonal-bipyramid",
}
_SOURCE = "arXiv 2209.10652, tegum products"


def tegum_product(shapes: Sequence[Polytope]) -> Polytope:
    """Return the product of shapes, products among them taken apart; of one shape, that shape.

    Raises
    ------
    ValueError
        If there are none.
    """
    factors = sorted(
        (factor for shape in shapes for factor in shape.factors),
        key=lambda factor: (-factor.dimension, -factor.vertices, factor.key),
    )
    if not factors:
        raise ValueError("a tegum product has factors; give at least one shape")
    if len(factors) == 1:
        return factors[0]
    repeated = Counter(factor.key for factor in factors)
    kinds: dict[Any, int] = {}
    for value, number in (kind for factor in factors for kind in factor.dimensionalities):
        kinds[value] = kinds.get(value, 0) + number
    unknowns = dict.fromkeys(unknown for factor in factors for unknown in factor.unknowns)
    ratios = {sympy.Rational(factor.vertices, factor.dimension) for factor in factors}
    return Polytope(
        key=_key(tuple(factor.key for factor in factors)),
        source=_SOURCE,
        dimension=sum(factor.dimension for factor in factors),
        vertices=sum(factor.vertices for factor in factors),
        order=prod(factor.order for factor in factors) * prod(map(factorial, repeated.values())),
        tight=len(ratios) == 1 and all(factor.tight for factor in factors),
        dimensionalities=tuple(kinds.items()),
        directions=lambda: sympy.diag(*(sympy.Matrix(f.directions()) for f in factors)).tolist(),
        unknowns=tuple(unknowns),
        parts=tuple(factors),
    )


def _key(keys: tuple[str, ...]) -> str:
    if set(keys) == {"digon"} and len(keys) > 3:
        return f"cross-polytope-{len(keys)}"
    return OWN_KEYS.get(keys, "+".join(keys))
