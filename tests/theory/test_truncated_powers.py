from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from theory.truncated_powers import rectified_moment

from ..support import cube_integral, fractions, within_standard_errors

nonzero = fractions().filter(bool)
powers = st.integers(1, 4)


def slopes(low: int, high: int) -> st.SearchStrategy[list[Fraction]]:
    return st.lists(nonzero, min_size=low, max_size=high)


@given(fractions(), st.permutations(range(3)), slopes(3, 3), powers)
def test_permuting_the_weights_changes_nothing(c, order, a, q):
    assert rectified_moment(c, a, q) == rectified_moment(c, [a[k] for k in order], q)


@given(fractions(), slopes(0, 4))
def test_positive_minus_negative_part_is_the_mean(c, a):
    plus = rectified_moment(c, a, 1)
    minus = rectified_moment(-c, [-w for w in a], 1)
    assert plus - minus == c + sum(a, Fraction(0)) / 2


@given(fractions(), slopes(0, 4))
def test_the_squares_of_both_parts_sum_to_the_second_moment(c, a):
    plus = rectified_moment(c, a, 2)
    minus = rectified_moment(-c, [-w for w in a], 2)
    assert (
        plus + minus
        == (c + sum(a, Fraction(0)) / 2) ** 2 + sum((w * w for w in a), Fraction(0)) / 12
    )


@given(fractions(), slopes(0, 3), nonzero, powers)
def test_one_more_weight_is_one_difference_of_the_next_power(c, a, g, q):
    difference = rectified_moment(c + g, a, q + 1) - rectified_moment(c, a, q + 1)
    assert rectified_moment(c, [*a, g], q) == difference / ((q + 1) * g)


@given(fractions(), slopes(1, 4), powers)
def test_reversing_a_uniform_changes_nothing(c, a, q):
    assert rectified_moment(c, a, q) == rectified_moment(c + a[0], [-a[0], *a[1:]], q)


@given(fractions(), slopes(0, 3), fractions(0, 3).filter(bool), powers)
def test_scaling_everything_scales_by_the_power(c, a, scale, q):
    scaled = rectified_moment(scale * c, [scale * w for w in a], q)
    assert scaled == scale**q * rectified_moment(c, a, q)


@given(fractions(), slopes(0, 3), powers)
def test_nothing_above_zero_has_no_moment(c, a, q):
    highest = c + sum(w for w in a if w > 0)
    assert (rectified_moment(c, a, q) == 0) == (highest <= 0)


@given(fractions(), slopes(0, 4), st.sampled_from((1, 2)))
def test_exact_integration_over_the_cube_agrees(c, a, q):
    def f(x):
        return max(c + sum(w * u for w, u in zip(a, x, strict=True)), Fraction(0)) ** q

    assert rectified_moment(c, a, q) == cube_integral(f, c, a)


def quadrature(c: float, a: list[float], q: int) -> mpmath.mpf:
    """Integrate numerically, in one or two dimensions, cutting the inner integral at its kink."""
    *outer, last = a

    def inner(c):
        kink = -c / last
        cuts = [0, kink, 1] if 0 < kink < 1 else [0, 1]
        return mpmath.quad(lambda u: max(c + last * u, mpmath.mpf(0)) ** q, cuts)

    if not outer:
        return inner(mpmath.mpf(c))
    cuts = sorted({0, 1, *(t for t in (-c / outer[0], -(c + last) / outer[0]) if 0 < t < 1)})
    return mpmath.fsum(
        mpmath.quad(lambda t: inner(c + outer[0] * t), [low, high]) for low, high in pairwise(cuts)
    )


@pytest.mark.parametrize(
    ("c", "a"),
    [(0.25, [0.5]), (0.25, [-0.75]), (-0.5, [1.25]), (0.125, [0.75, -0.5]), (-0.25, [1.0, -0.25])],
)
@pytest.mark.parametrize("q", [1, 2, 3])
def test_quadrature_agrees_to_fifteen_digits(c, a, q):
    exact = rectified_moment(Fraction(c), [Fraction(w) for w in a], q)
    assert abs(quadrature(c, a, q) - float(exact)) < 1e-15


def test_monte_carlo_agrees_within_five_standard_errors_and_a_wrong_constant_does_not():
    c, a = Fraction(1, 10), [Fraction(7, 10), Fraction(-2, 5), Fraction(1, 5)]
    u = np.random.default_rng(0).random((200_000, 3))
    samples = np.maximum(float(c) + u @ np.array(a, float), 0.0) ** 2
    mean, error = samples.mean(), samples.std() / np.sqrt(len(samples))
    assert within_standard_errors(mean, error, rectified_moment(c, a, 2))
    assert not within_standard_errors(mean, error, rectified_moment(c + Fraction(1, 50), a, 2))


@given(fractions(), slopes(1, 3), st.integers(1, 3))
def test_a_symbolic_moment_agrees_with_numbers_on_its_sign_region(c, a, q):
    C, A = sympy.Symbol("c"), sympy.symbols(f"a:{len(a)}")
    point = {
        symbol: sympy.Rational(value.numerator, value.denominator)
        for symbol, value in zip((C, *A), (c, *a), strict=True)
    }
    moment = rectified_moment(C, A, q, positive=lambda vertex: bool(vertex.subs(point) > 0))
    number = rectified_moment(c, a, q)
    assert sympy.sympify(moment).subs(point) == sympy.Rational(number.numerator, number.denominator)


def test_a_zero_weight_is_refused_and_the_message_shows_it():
    with pytest.raises(ValueError, match=r"\[Fraction\(1, 2\), 0\]; drop the zero"):
        rectified_moment(0, [Fraction(1, 2), 0], 1)


@pytest.mark.parametrize("power", [0, -1])
def test_a_power_below_one_is_refused_and_the_message_shows_it(power):
    with pytest.raises(ValueError, match=f"at least 1, got {power}"):
        rectified_moment(Fraction(1), [Fraction(1)], power)
