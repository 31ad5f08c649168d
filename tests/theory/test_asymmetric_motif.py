from fractions import Fraction

import numpy as np
import pytest
import sympy

from theory.absolute_value import absolute_loss, conditional_losses, total
from theory.asymmetric_motif import (
    best_bias,
    best_ratio,
    crossing,
    first_orders,
    half_ignored,
    half_ignored_loss,
    limit_loss,
    motif,
)

I = [Fraction(1), Fraction(7, 10), Fraction(49, 100)]
P = sympy.Symbol("p")


@pytest.mark.parametrize(("a", "e"), [(2, Fraction(1, 2)), (3, Fraction(1, 3))])
def test_first_order_and_what_bounds_the_ratio_are_those_of_the_exact_loss(a, e):
    r = Fraction(a * a)
    losses = conditional_losses(*motif(a, e, r / e))
    first, second = first_orders(r, e, I)
    polynomial = sympy.expand(total(losses, P, I))
    assert polynomial.coeff(P, 1) == sympy.Rational(first.numerator, first.denominator)
    assert I[2] * losses[(0, 1)][2] == second


def test_the_half_ignored_has_its_closed_form_and_its_best_bias():
    p = Fraction(1, 5)
    inner, outer, b = half_ignored(p)
    exact = absolute_loss(inner, outer, b, p, I)
    assert exact == half_ignored_loss(p, I[2])
    for change in (Fraction(-1, 100), Fraction(1, 100)):
        moved = [0, 0, best_bias(p) + change]
        assert absolute_loss(inner, outer, moved, p, I) > exact
        slope = [*outer[:2], [0, 0, 0, 0, outer[2][4] + change]]
        assert absolute_loss(inner, slope, b, p, I) > exact


def test_two_inhibiting_neurons_reach_their_limit():
    p = Fraction(1, 5)
    gaps = []
    for a in (10, 100):
        e = Fraction(1, a * a)
        exact = absolute_loss(*motif(a, e, a * a / (2 * e), inhibitors=2), p, I)
        gaps.append(abs(exact / limit_loss(p, I[2]) - 1))
    assert gaps[0] < Fraction(1, 50)
    assert gaps[1] < gaps[0] / 10


def test_the_limit_is_better_than_ignoring_below_the_crossing_only():
    p = float(crossing())
    assert p == pytest.approx(0.3221235652756)
    assert limit_loss(p) == pytest.approx(half_ignored_loss(p))
    assert limit_loss(p - 0.01) < half_ignored_loss(p - 0.01)
    assert limit_loss(p + 0.01) > half_ignored_loss(p + 0.01)


def test_the_leading_ratio_balances_the_two_terms():
    p, e = 0.01, 1e-6
    r = best_ratio(p, 1.0, 0.49)

    def leading(ratio):
        first, second = first_orders(ratio, e, (1.0, 0.7, 0.49))
        return p * first + p * p * second

    around = [leading(r * change) for change in (0.99, 1.0, 1.01)]
    assert np.argmin(around) == 1
    assert best_ratio(1 / 128) == pytest.approx(4)


def test_other_counts_of_inhibitors_are_refused():
    with pytest.raises(ValueError, match="1 or 2"):
        motif(2, 1, 1, inhibitors=3)
