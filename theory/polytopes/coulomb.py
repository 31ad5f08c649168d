r"""The Coulomb energy of unit vectors, exactly, and heights that minimise it.

.. math:: E = \sum_{i<j} \frac{1}{|w_i - w_j|} = \sum_{i<j} (2 - 2\cos_{ij})^{-1/2} .

A shape in layers at heights ±h is symmetric for every h, and a minimum over h is then a critical
point of the energy over all positions, since the gradient at a symmetric configuration is itself
symmetric.  So the height is a root of :math:`dE/dh`, at which it rises.
"""

from fractions import Fraction
from typing import Any

import sympy

from .implicit_numbers import ImplicitNumber
from .shapes import Directions, Gram, cosine_matrix

__all__ = ["coulomb_energy", "coulomb_height"]


def coulomb_energy(gram: Gram) -> Any:
    """Return the Coulomb energy of different unit vectors as a sympy expression.

    Examples
    --------
    >>> from theory.polytopes.catalogue import polytope
    >>> coulomb_energy(polytope("octahedron").gram())
    3/2 + 6*sqrt(2)
    """
    pairs = gram.counts().sum(0)
    pairs[gram.index[0, 0]] -= len(gram.index)
    if pairs[gram.index[0, 0]]:
        raise ValueError("two vectors coincide and have infinite energy; pass different ones")
    terms = (
        int(number) / (2 * sympy.sqrt(2 - 2 * cosine))
        for cosine, number in zip(gram.cosines, pairs, strict=True)
        if number
    )
    return sum(terms, sympy.Integer(0))


def coulomb_height(
    height: sympy.Symbol, directions: Directions, low: Fraction, high: Fraction
) -> ImplicitNumber:
    """Return the height in the interval at which the energy of a layered shape is least."""
    energy = coulomb_energy(cosine_matrix(directions))
    slope = sympy.diff(energy, height)
    return ImplicitNumber(symbol=height, equation=slope, low=low, high=high)
