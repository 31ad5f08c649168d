r"""The asymmetric superposition motif (arXiv 2209.10652, F36) in its smallest problem.

Three features have six halves, :math:`x_i > 0` and :math:`x_i < 0`.  With six neurons nothing is
lost (:func:`theory.absolute_value.pairs`); with five, one half, say :math:`x_3 < 0`, has no neuron
of its own.  The motif lets it share one:

=============  ==========================  ====================================
neuron         in-weights on x₁, x₂, x₃    out-weights to y₁, y₂, y₃
=============  ==========================  ====================================
shared         a, 0, −1/a                  1/a, 0, a
inhibiting     e, 1, 0                     0, 1, −g
others         −x₁;  −x₂;  x₃              to y₁;  to y₂;  to y₃
=============  ==========================  ====================================

The paper draws a = 2: in-weights [2, −1/2], out-weights [1/2, 2].  A neuron may be rescaled; what
counts is the *ratio* :math:`r = a^2` of its in-weights and of its out-weights.  There may be a
second inhibiting neuron, that of :math:`-x_2`, with the same e and g.

**One inhibiting neuron.**  The shared neuron turns :math:`x_1 > 0` into :math:`r x_1` at y₃, and
:math:`x_3 < 0` into :math:`|x_3|/r` at y₁; the inhibiting one takes :math:`eg x_1` from y₃ and puts
:math:`e x_1` on y₂.  At first order the loss is

.. math:: \frac p6 \left( \frac{I_1}{r^2} + I_2 e^2 + I_3 (r - eg)_+^2 \right),

against :math:`p I_3/6` for the half ignored, and with eg = r, large r and small e nothing of it is
left.  What bounds r is that :math:`x_2 < 0` turns the inhibiting neuron off: given that x₁ and x₂
are on, y₃ is :math:`r \min(x_1, |x_2|/e)` then, a loss of
:math:`p^2 I_3 r^2 (2 - e)/24` in all for :math:`e \le 1`.  With e → 0 the sum is least at

.. math:: r^* = \left( \frac{2 I_1}{p I_3} \right)^{1/4},

so the ratio 4 of the paper belongs to :math:`p I_3/I_1 = 1/128`, and it grows as p falls.

**Two inhibiting neurons** take at least :math:`2eg x_1`, whatever x₂ is.  With 2eg = r little
bounds r (the best is 50 at p = 0.2), and as r → ∞, e → 0 the net is a set of switches.  Where x₂
is on, y₃ = 0.  Where it is off, :math:`x_1 > 0` leaves :math:`y_3 = (-x_3)_+` and :math:`x_1 < 0`
leaves :math:`(x_3)_+`.  All else is exact, so

.. math::

    L \to \frac{p I_3}{3}\Bigl(p + (1-p)\frac p2\Bigr) = \frac{I_3\,p^2(3-p)}{6},

whatever the other importances: of second order, where ignoring the half costs first order.

**The half ignored** at its best has a bias β at y₃ and slope 1 − 3β/2 for :math:`x_3 > 0`, and
loses :math:`I_3 (p/6 - p\beta/2 + \beta^2(1 - 3p/8))`, which β = 2p/(8 − 3p) makes

.. math:: L = \frac{I_3\,p}{6}\,\frac{8 - 6p}{8 - 3p} .

The limit of the motif is below it for p less than 0.322…, the root of
:math:`3p^3 - 17p^2 + 30p = 8`; without bias, for :math:`p < (3 - \sqrt 5)/2 = 0.382`.
"""

from fractions import Fraction
from typing import Any

import sympy

__all__ = [
    "PAPER_RATIO",
    "best_bias",
    "best_ratio",
    "crossing",
    "first_orders",
    "half_ignored",
    "half_ignored_loss",
    "limit_loss",
    "motif",
]

Net = tuple[list[list[Any]], list[list[Any]], list[Any]]

PAPER_RATIO = 4
"""Ratio of the in-weights [2, −1/2] and of the out-weights [1/2, 2], in absolute value."""


def motif(a: Any, e: Any, g: Any, inhibitors: int = 1) -> Net:
    """Return W_in, W_out and b of the table, rational for rational parameters.

    Parameters
    ----------
    a, e, g
        Of the table.
    inhibitors
        1, or 2 for both neurons of x₂.

    Examples
    --------
    >>> inner, outer, _ = motif(2, Fraction(1, 2), 8)
    >>> inner[0], [row[0] for row in outer]
    ([2, 0, Fraction(-1, 2)], [Fraction(1, 2), 0, 2])
    """
    if inhibitors not in (1, 2):
        raise ValueError(f"a motif has 1 or 2 inhibiting neurons here, not {inhibitors}")
    inverse = 1 / (a if isinstance(a, float) else Fraction(a))
    second = inhibitors == 2
    inner: list[list[Any]] = [
        [a, 0, -inverse],
        [e, 1, 0],
        [-1, 0, 0],
        [e * second, -1, 0],
        [0, 0, 1],
    ]
    outer: list[list[Any]] = [[inverse, 0, 1, 0, 0], [0, 1, 0, 1, 0], [a, -g, 0, -g * second, 1]]
    return inner, outer, [0, 0, 0]


def best_bias(p: Any) -> Any:
    """Return the best bias of a feature of which one half is ignored."""
    return 2 * p / (8 - 3 * p)


def half_ignored(p: Any) -> Net:
    """Return the net that has no neuron for x₃ < 0, at its best for density p."""
    bias = best_bias(p)
    inner = [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1]]
    outer: list[list[Any]] = [[1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1 - 3 * bias / 2]]
    return inner, outer, [0, 0, bias]


def half_ignored_loss(p: Any, importance: Any = 1) -> Any:
    """Return its loss."""
    return importance * p * (8 - 6 * p) / (6 * (8 - 3 * p))


def limit_loss(p: Any, importance: Any = 1) -> Any:
    """Return the loss of the motif with two inhibiting neurons as r → ∞, e → 0, 2eg = r."""
    return importance * p * p * (3 - p) / 6


def crossing() -> sympy.Expr:
    """Return the density below which that limit loses less than the half ignored, exactly."""
    p = sympy.Symbol("p")
    difference = sympy.numer(sympy.together(limit_loss(p) / p - half_ignored_loss(p) / p))
    inside = [root for root in sympy.real_roots(difference, p) if 0 < root < 1]
    assert len(inside) == 1
    return inside[0]


def best_ratio(p: Any, first: Any = 1, third: Any = 1) -> float:
    """Return r* of one inhibiting neuron, of importances I₁ and I₃, in the leading order."""
    return float((2 * first / (p * third)) ** 0.25)


def first_orders(r: Any, e: Any, importance: Any) -> tuple[Any, Any]:
    """Return the coefficient of p, and of p² what bounds r, at one inhibiting neuron with eg = r.

    The second is the loss of y₃ given x₁ and x₂, times I₃; for 0 < e ≤ 1.
    """
    I_1, I_2, I_3 = importance
    return (I_1 / (r * r) + I_2 * e * e) / 6, I_3 * r * r * (2 - e) / 24
