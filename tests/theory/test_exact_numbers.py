import flint
import pytest
import sympy

from theory.algebraic_numbers import AlgebraicNumber
from theory.exact_numbers import in_one_arithmetic, is_zero, to_expressions

X = sympy.Symbol("x", positive=True)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, sympy.Rational(2, 3)], flint.fmpq),
        ([1, sympy.sqrt(2)], AlgebraicNumber),
        ([1, sympy.pi], sympy.Basic),
        ([sympy.sqrt(2), X], sympy.Basic),
    ],
)
def test_the_smallest_arithmetic_is_chosen_and_gives_the_numbers_back(values, kind):
    numbers = in_one_arithmetic(values)
    assert all(isinstance(number, kind) for number in numbers)
    assert to_expressions(numbers) == values


def test_zero_is_recognised_in_every_arithmetic():
    two, three, six = in_one_arithmetic([sympy.sqrt(2), sympy.sqrt(3), sympy.sqrt(6)])
    assert is_zero(two * three - six)
    assert not is_zero(two * three - 2)
    assert is_zero((X - 1) * (X + 1) - X**2 + 1)
    assert not is_zero(X - 1)
    assert is_zero(sympy.pi * (1 + sympy.sqrt(2)) - sympy.pi - sympy.pi * sympy.sqrt(2))
    assert is_zero(flint.fmpq(0))
    assert not is_zero(flint.fmpq(1, 10**30))


def test_numbers_that_are_not_real_are_refused():
    with pytest.raises(ValueError, match=r"I is not real; pass real numbers"):
        in_one_arithmetic([1, sympy.I])
