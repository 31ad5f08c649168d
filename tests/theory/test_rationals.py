from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from theory.rationals import (
    as_fraction,
    is_inexact,
    listed,
    parse_number,
    parse_vector,
    to_fraction,
    to_rational,
)

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.fractions())
def test_a_printed_fraction_is_read_back(value):
    assert parse_number(str(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_a_printed_decimal_is_read_back_as_the_decimal_it_is(value):
    assert parse_number(f"{value:f}") == Fraction(value)


@given(finite)
def test_a_printed_float_is_read_as_its_decimal_digits(value):
    assert parse_number(repr(value)) == Fraction(Decimal(repr(value)))


def test_decimals_are_decimals_and_not_floats():
    assert parse_number("0.3") == Fraction(3, 10) != Fraction(0.3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3/5", Fraction(3, 5)),
        (" 3 / 5 ", Fraction(3, 5)),
        (".5", Fraction(1, 2)),
        ("2.", Fraction(2)),
        ("+1", Fraction(1)),
        ("-1/4", Fraction(-1, 4)),
        ("1e-2", Fraction(1, 100)),
        ("2.5E3", Fraction(2500)),
        ("0.5/2", Fraction(1, 4)),
    ],
)
def test_the_forms_of_a_number(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "x", "nan", "inf", "-inf", "½", "0.3.1", "1,2", "0.9^i", "1_000", "0x10"),
        *("1/0", "1//2", "1/2/3", "1/0.5", "1/-2", "1e999999999", "--1", "1e", "3 5"),
    ],
)
def test_anything_else_is_refused_and_the_message_shows_it(text):
    with pytest.raises(ValueError, match="write a") as refusal:
        parse_number(text)
    assert repr(text) in str(refusal.value)


@given(st.fractions(max_denominator=50), st.integers(1, 9))
def test_one_number_serves_all_features(value, n):
    assert parse_vector(str(value), n) == (value,) * n


@given(st.lists(st.fractions(), min_size=2, max_size=6))
def test_a_list_is_read_entry_by_entry(values):
    assert parse_vector(",".join(map(str, values)), len(values)) == tuple(values)


@given(st.integers(1, 12))
def test_a_power_starts_at_one(n):
    powers = parse_vector("0.9^i", n)
    assert powers[0] == 1
    assert all(powers[i + 1] == Fraction(9, 10) * powers[i] for i in range(n - 1))
    assert len(powers) == n


@pytest.mark.parametrize("text", ["1,2,3", "1,2"])
def test_a_list_of_the_wrong_length_is_refused_with_both_lengths(text):
    count = text.count(",") + 1
    with pytest.raises(ValueError, match=f"importance '{text}' has {count} entries for 4 features"):
        parse_vector(text, 4, "importance")


@pytest.mark.parametrize("text", ["0.9^j", "0.9^", "0.9^2", "0.9^i,1"])
def test_a_power_that_is_not_of_i_is_refused_with_the_text_and_the_remedy(text):
    with pytest.raises(ValueError, match=r"BASE\^i") as refusal:
        parse_vector(text, 3)
    assert repr(text) in str(refusal.value)


@pytest.mark.parametrize("text", ["x^i", "1,,2", "1,x,2"])
def test_a_bad_entry_of_a_list_is_refused(text):
    with pytest.raises(ValueError, match="is not a number"):
        parse_vector(text, 3)


@given(finite)
def test_a_float_is_the_rational_it_is(value):
    exact = Fraction(value)
    assert to_fraction(value) == to_fraction(np.float64(value)) == exact
    assert to_fraction(sympy.Rational(exact.numerator, exact.denominator)) == exact
    assert float(as_fraction(value)) == value


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_single_precision_is_read_exactly(value):
    assert to_fraction(np.float32(value)) == to_fraction(np.array(value, np.float32)) == value


def test_irrational_numbers_and_symbols_are_not_fractions():
    p = sympy.Symbol("p")
    for value in (p, sympy.sqrt(2), sympy.pi, 2 * p):
        assert to_fraction(value) is None
        assert to_rational(value) == value
        with pytest.raises(ValueError, match="not a rational number") as refusal:
            as_fraction(value)
        assert str(value) in str(refusal.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float32("-inf"), sympy.oo])
def test_numbers_that_are_not_finite_are_refused_by_name(value):
    with pytest.raises(ValueError, match="not a finite number") as refusal:
        to_fraction(value)
    assert str(value) in str(refusal.value)


@pytest.mark.parametrize("value", ["0.3", None, [1], 1j])
def test_what_is_no_real_number_is_refused_by_name_and_type(value):
    with pytest.raises(TypeError, match="not a real number") as refusal:
        to_fraction(value)
    assert repr(value) in str(refusal.value)
    assert type(value).__name__ in str(refusal.value)


def test_binary_floating_point_is_told_from_exact_numbers():
    inexact = [0.5, np.float32(0.5), np.array(0.5), sympy.Float(0.5)]
    exact = [1, Fraction(1, 2), sympy.Rational(1, 2), sympy.Symbol("p"), np.int64(1)]
    assert all(map(is_inexact, inexact))
    assert not any(map(is_inexact, exact))


def test_arrays_and_matrices_become_nested_lists_and_lists_stay():
    assert listed(np.eye(2)) == [[1.0, 0.0], [0.0, 1.0]]
    assert listed(sympy.eye(2)) == [[1, 0], [0, 1]]
    given_list = [1, 2]
    assert listed(given_list) is given_list
