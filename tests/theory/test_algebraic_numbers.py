"""Number fields: arithmetic, signs and conversion agree with sympy; the smallest field is found."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.algebraic_numbers import algebraic_numbers, smallest_field

SQRT = sympy.sqrt
GIVEN = [
    [SQRT(2), 1 / SQRT(3), sympy.Rational(2, 7)],
    [sympy.cos(2 * sympy.pi / 5), sympy.sin(2 * sympy.pi / 5), SQRT(5)],
    [sympy.cbrt(2), SQRT(2 - SQRT(2))],
    [sympy.CRootOf(sympy.Symbol("x") ** 3 - sympy.Symbol("x") - 1, 0), sympy.Integer(3)],
]
small = st.integers(-3, 3)


@pytest.mark.parametrize("values", GIVEN, ids=str)
def test_a_number_goes_into_its_field_and_comes_back(values):
    for number, value in zip(algebraic_numbers(values), values, strict=True):
        assert abs(sympy.N(number.sympy() - value, 40)) < 1e-35


@settings(max_examples=25)
@given(st.sampled_from(GIVEN), st.lists(small, min_size=6, max_size=6))
def test_arithmetic_and_signs_agree_with_forty_digits(values, k):
    x, y = algebraic_numbers(values)[:2]
    a, b = (sympy.N(value, 60) for value in values[:2])
    number = (k[0] * x + k[1]) * (y - k[2]) ** 2 - (k[3] - x) / (y + 5) + k[4] * y * x - k[5]
    value = (k[0] * a + k[1]) * (b - k[2]) ** 2 - (k[3] - a) / (b + 5) + k[4] * b * a - k[5]
    assert abs(sympy.N(number.sympy(), 60) - value) < 1e-35
    assert (number > 0) == (value > 1e-35)
    assert (number == 0) == (abs(value) < 1e-35)


def test_zero_is_zero_and_the_tiniest_difference_is_not():
    two, three, six = algebraic_numbers([SQRT(2), SQRT(3), SQRT(6)])
    assert two * three == six
    assert not two * three - six > 0
    close = sympy.Rational(int(SQRT(2) * 10**60), 10**60)
    root, below = algebraic_numbers([SQRT(2), close])
    assert root > below
    assert not below > root


def test_the_gram_matrix_of_a_pentagon_lies_in_the_field_of_the_root_of_five():
    angles = [2 * sympy.pi * k / 5 for k in range(5)]
    x = algebraic_numbers([*map(sympy.cos, angles), *map(sympy.sin, angles)])
    assert x[0].field.modulus.degree() == 4
    gram = [x[0] * x[k] + x[5] * x[5 + k] for k in range(5)]
    reduced = smallest_field(gram)
    assert reduced[0].field.modulus.degree() == 2
    assert reduced[1].sympy() == SQRT(5) / 4 - sympy.Rational(1, 4)


def test_transcendental_numbers_are_in_no_number_field():
    assert algebraic_numbers([sympy.pi, SQRT(2)]) is None


def test_division_by_zero_is_refused():
    (root,) = algebraic_numbers([SQRT(2)])
    with pytest.raises(ZeroDivisionError, match="divided by zero"):
        root / (root * root - 2)
