r"""Lists of exact numbers in one arithmetic, in which zero is recognised, and back to sympy.

Formulas with ``+ - * /`` are fastest in the smallest arithmetic that holds their numbers: rationals
(:class:`flint.fmpq`), else one number field (:mod:`theory.algebraic_numbers`), else sympy
expressions, which transcendental numbers and symbols need.
"""

from collections.abc import Sequence
from typing import Any

import flint
import sympy

from .algebraic_numbers import AlgebraicNumber, algebraic_numbers, smallest_field
from .rationals import to_fraction, to_rational

__all__ = ["in_one_arithmetic", "is_zero", "to_expressions"]


def in_one_arithmetic(values: Sequence[Any]) -> list[Any]:
    """Return exact numbers as flint rationals, else as numbers of one field, else as expressions.

    Parameters
    ----------
    values
        int, Fraction or sympy numbers; expressions may have symbols.

    Raises
    ------
    ValueError
        If a value is known not to be real.
    """
    exact = [f for f in map(to_fraction, values) if f is not None]
    if len(exact) == len(values):
        return [flint.fmpq(f.numerator, f.denominator) for f in exact]
    expressions = [to_rational(value) for value in values]
    if any(entry.is_extended_real is False for entry in expressions):
        wrong = next(entry for entry in expressions if entry.is_extended_real is False)
        raise ValueError(f"{wrong} is not real; pass real numbers")
    if any(entry.free_symbols for entry in expressions):
        return expressions
    return algebraic_numbers(expressions) or expressions


def is_zero(value: Any) -> bool:
    """Tell whether a number of :func:`in_one_arithmetic` is zero (with symbols: identically)."""
    if isinstance(value, sympy.Basic):
        reduced = sympy.cancel(sympy.expand(value))
        return bool(reduced == 0 or (reduced.is_number and reduced.equals(0)))
    return bool(value == 0)


def to_expressions(values: Sequence[Any]) -> list[Any]:
    """Return numbers of one arithmetic as sympy expressions, in the smallest field of them all.

    Examples
    --------
    >>> root, _ = in_one_arithmetic([sympy.sqrt(2) + 1, sympy.sqrt(3)])
    >>> to_expressions([root * root, root - root])
    [2*sqrt(2) + 3, 0]
    """
    algebraic = [value for value in values if isinstance(value, AlgebraicNumber)]
    if algebraic:
        home = algebraic[0].field
        values = smallest_field([_in(home, value) for value in values])
    return [_expression(value) for value in values]


def _in(home: Any, value: Any) -> AlgebraicNumber:
    return value if isinstance(value, AlgebraicNumber) else home.number([value])


def _expression(value: Any) -> Any:
    if isinstance(value, AlgebraicNumber):
        return value.sympy()
    if isinstance(value, sympy.Basic):
        return sympy.cancel(sympy.expand(value)) if value.free_symbols else sympy.radsimp(value)
    quotient = flint.fmpq(value)
    return sympy.Rational(int(quotient.p), int(quotient.q))
