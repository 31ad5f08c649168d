r"""Moments of a rectified sum of independent uniforms, in closed form.

Every exact loss of this package reduces to one integral.  For a constant :math:`c`, nonzero
weights :math:`a \in \mathbb{R}^k` and :math:`u_1, \dots, u_k` independent and uniform on
:math:`[0, 1]`,

.. math::

    M_q(a; c) = E\bigl[(c + a \cdot u)_+^{\,q}\bigr]
      = \frac{q!}{(q + k)!\,\prod_j a_j}
        \sum_{v \in \{0,1\}^k} (-1)^{k-|v|} (c + a \cdot v)_+^{q+k},

which is :math:`k` applications of :math:`\int_0^1 f'(c + a u)\,du = (f(c + a) - f(c))/a`.

One text serves every arithmetic: rationals, algebraic numbers, and symbols, for which ``positive``
says which vertices :math:`c + a \cdot v` lie above zero (a *sign region*; on it the moment is one
rational function).  The alternating sum loses :math:`\sum_j \log_{10} 1/|a_j|` digits, so it is
never evaluated in floating point: callers turn floats into the rationals they are.
"""

from collections.abc import Callable, Sequence
from math import factorial
from typing import Any

__all__ = ["is_positive", "rectified_moment"]


def is_positive(value: Any) -> bool:
    """Decide the sign of an exact number."""
    return bool(value > 0)


def rectified_moment(
    constant: Any,
    weights: Sequence[Any],
    power: int,
    positive: Callable[[Any], bool] = is_positive,
) -> Any:
    r"""Return :math:`M_q(a; c)` with ``c = constant``, ``a = weights`` and ``q = power``.

    Parameters
    ----------
    constant
        The constant :math:`c`, an exact number or a symbolic expression.
    weights
        The weights :math:`a`, length ``k``; each must be nonzero.
    power
        The exponent :math:`q \ge 1`.
    positive
        Decides whether a vertex is above zero; needed for symbols only.

    Returns
    -------
    scalar
        The moment, in the arithmetic of the inputs.

    Raises
    ------
    ValueError
        If a weight is zero (drop that coordinate instead) or ``power`` is below one.

    Examples
    --------
    >>> from fractions import Fraction
    >>> rectified_moment(Fraction(0), [Fraction(1)], 2)
    Fraction(1, 3)
    """
    if power < 1:
        raise ValueError(f"power must be at least 1, got {power}")
    if 0 in weights:
        raise ValueError(f"weights must be nonzero, got {list(weights)}; drop the zero coordinates")
    k = len(weights)
    vertices = [(constant, (-1) ** k)]
    product = 1
    for a in weights:
        product = product * a
        vertices += [(vertex + a, -sign) for vertex, sign in vertices]
    total = 0 * constant
    for vertex, sign in vertices:
        if positive(vertex):
            total = total + sign * vertex ** (power + k)
    return total * factorial(power) / (factorial(power + k) * product)
