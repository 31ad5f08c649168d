from fractions import Fraction

import pytest
import sympy

from theory.polytopes.implicit_numbers import ImplicitNumber

X = sympy.Symbol("x", positive=True)


def number(equation, low, high):
    return ImplicitNumber(symbol=X, equation=equation, low=Fraction(low), high=Fraction(high))


@pytest.mark.parametrize(
    ("equation", "low", "high", "root"),
    [
        (X**2 - 2, 1, 2, sympy.sqrt(2)),
        (3 - X**2, "17/10", "18/10", sympy.sqrt(3)),
        (1 / sympy.sqrt(X) - sympy.Rational(2, 3), 2, "5/2", sympy.Rational(9, 4)),
        (X**3 - X**2 - X - 1, "18/10", 2, sympy.CRootOf(X**3 - X**2 - X - 1, 0)),
        ((1 - X) ** sympy.Rational(3, 2) - 2 * X**3, "1/4", "3/4", None),
    ],
)
@pytest.mark.parametrize("count", [15, 50, 120])
def test_digits_are_those_of_the_root(equation, low, high, root, count):
    value = number(equation, low, high).digits(count)
    scale = sympy.Float(10) ** -(count - 1)
    if root is None:
        assert abs(sympy.N(equation.subs(X, value), 2 * count)) < 10 * scale
    else:
        assert abs(sympy.N(root, count + 20) - value) < 2 * scale


def test_the_sign_of_the_slope_says_which_way_the_equation_crosses_zero():
    assert number(X**2 - 2, 1, 2).slope_sign() == 1
    assert number(2 - X**2, 1, 2).slope_sign() == -1


@pytest.mark.parametrize(
    ("equation", "low", "high"),
    [
        (X**2 - 2, 2, 3),  # no root
        (X**2 - 3 * X + 2, "1/2", 3),  # two roots
        ((X - 1) ** 2, "1/2", 2),  # touches zero
        ((X - 1) * (X - 2) * (X - 3), "1/2", 4),  # three roots
    ],
)
def test_an_interval_without_one_proved_root_is_refused(equation, low, high):
    with pytest.raises(ValueError, match=r"is not proved to hold one root .* narrower interval"):
        number(equation, low, high).digits()


@pytest.mark.parametrize(
    ("equation", "low", "high"),
    [(X - 1, 2, 1), (X - 1, 1, 1), (X - sympy.Symbol("y"), 0, 2), (sympy.Integer(1), 0, 1)],
)
def test_what_defines_no_number_is_refused(equation, low, high):
    with pytest.raises(ValueError, match="defines no x; give an equation in it and an interval"):
        number(equation, low, high)
