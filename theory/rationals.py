r"""Numbers from the outside world, read exactly.

A user writes ``0.3``, ``3/5``, ``1,7/10`` or ``0.9^i``; a program hands over floats, numpy scalars,
:class:`~fractions.Fraction` or sympy numbers.  Each of them *is* a rational number: the decimal
``0.3`` is 3/10, the float ``0.3`` is 5404319552844595/18014398509481984.  This module reads them
as such, so that everything behind it can be exact.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from math import isfinite
from typing import Any

import flint
import sympy

__all__ = [
    "as_fraction",
    "as_vector",
    "is_inexact",
    "listed",
    "parse_number",
    "parse_vector",
    "rounded",
    "shown",
    "to_comparable",
    "to_fraction",
    "to_rational",
]

_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?(\s*/\s*\d+)?\s*")
_LARGEST_EXPONENT = 400


def parse_number(text: str) -> Fraction:
    """Read a decimal (``0.3``, ``1e-2``) or a fraction (``3/5``) exactly.

    Raises
    ------
    ValueError
        If the text is anything else, ``nan`` and ``inf`` included.

    Examples
    --------
    >>> parse_number("0.3"), parse_number("3/5")
    (Fraction(3, 10), Fraction(3, 5))
    """
    match = _NUMBER.fullmatch(text)
    exponent = int(match[3][1:]) if match and match[3] else 0
    if not match or abs(exponent) > _LARGEST_EXPONENT:
        raise ValueError(f"{text!r} is not a number; write a decimal (0.3) or a fraction (3/5)")
    numerator, _, denominator = text.replace(" ", "").partition("/")
    if denominator and int(denominator) == 0:
        raise ValueError(f"{text!r} divides by zero; write a finite number")
    return Fraction(numerator) / int(denominator or 1)


def parse_vector(text: str, length: int, what: str = "value") -> tuple[Fraction, ...]:
    """Read ``length`` numbers: a list ``1,7/10``, one for all, or a power ``0.9^i`` (i from 0).

    Examples
    --------
    >>> parse_vector("1/2^i", 3)
    (Fraction(1, 1), Fraction(1, 2), Fraction(1, 4))
    """
    base, power, rest = text.partition("^")
    if power:
        if rest.strip() != "i":
            raise ValueError(f"{what} {text!r}: a power is written BASE^i, for instance 0.9^i")
        return tuple(parse_number(base) ** i for i in range(length))
    values = tuple(parse_number(part) for part in text.split(","))
    if len(values) == 1:
        return values * length
    if len(values) != length:
        raise ValueError(
            f"{what} {text!r} has {len(values)} entries for {length} features; "
            f"give one number or {length}"
        )
    return values


def is_inexact(value: Any) -> bool:
    """Tell whether ``value`` is a binary floating-point number of any kind."""
    if isinstance(value, float | sympy.Float):
        return True
    dtype = getattr(value, "dtype", None)
    return dtype is not None and getattr(dtype, "kind", "f") == "f"


def to_fraction(value: Any) -> Fraction | None:
    """Return ``value`` as the rational number it is, or None if it is not rational.

    Raises
    ------
    ValueError
        If ``value`` is nan or infinite.
    TypeError
        If ``value`` is not a number at all.
    """
    if isinstance(value, int | Fraction):
        return Fraction(value)
    if isinstance(value, sympy.Basic):
        if value.is_Rational:
            return Fraction(int(value.p), int(value.q))
        if value.is_Float:
            exact = sympy.Rational(value)
            return Fraction(int(exact.p), int(exact.q))
        if value in (sympy.nan, sympy.oo, -sympy.oo, sympy.zoo):
            raise ValueError(f"{value} is not a finite number; pass finite values")
        return None
    if isinstance(value, flint.fmpq | flint.fmpz):
        quotient = flint.fmpq(value)
        return Fraction(int(quotient.p), int(quotient.q))
    if hasattr(value, "item"):  # numpy scalars and zero-dimensional arrays or tensors
        value = value.item()
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(f"{value} is not a finite number; pass finite values")
        return Fraction(value)
    raise TypeError(
        f"{value!r} of type {type(value).__name__} is not a real number; "
        "pass int, float, Fraction or a sympy number"
    )


def to_comparable(value: Any) -> Any:
    """Return a real number that compares with 0 and 1, or None for an expression with symbols.

    Raises
    ------
    ValueError
        If ``value`` is a number but not a real one.
    """
    exact = to_fraction(value)
    if exact is not None or value.free_symbols:
        return exact
    if not value.is_extended_real:
        raise ValueError(f"{value} is not a real number; pass real numbers")
    return value


def as_fraction(value: Any) -> Fraction:
    """Return ``value`` as a :class:`~fractions.Fraction`; irrational input is an error."""
    exact = to_fraction(value)
    if exact is None:
        raise ValueError(f"{value} is not a rational number; pass int, float or Fraction")
    return exact


def to_rational(value: Any) -> Any:
    """Return ``value`` as an exact sympy expression (floats become the rationals they are)."""
    exact = to_fraction(value)
    return value if exact is None else sympy.Rational(exact.numerator, exact.denominator)


def rounded(value: Fraction) -> float:
    """Return the nearest float; a number too large or too small for one is an error.

    Never a silent infinity, nor a silent zero.
    """
    try:
        nearest = float(value)
    except OverflowError as error:
        raise ValueError(
            "the result exceeds the largest float, 1.8e308; pass smaller or exact numbers"
        ) from error
    if value and not nearest:
        raise ValueError("the result is below the smallest float, 5e-324; pass exact numbers")
    return nearest


def shown(value: Any) -> str:
    """Write a number for an error message; a fraction also as the decimal a user may have typed."""
    if not isinstance(value, Fraction):
        return str(value)
    digits = len(str(value.numerator)) - len(str(value.denominator))
    if abs(digits) > 20:
        return f"of the order of 1e{digits:+d}"
    return f"{value} (= {float(value):.15g})" if value.denominator > 1 else str(value)


def listed(values: Any) -> Any:
    """Return arrays, tensors and sympy matrices as (nested) lists; other values as they are."""
    return values.tolist() if hasattr(values, "tolist") else values


def as_vector(values: Any) -> Any:
    """Return a vector as a list, given as a list, an array, or a matrix of one row or column.

    Examples
    --------
    >>> as_vector(sympy.Matrix([1, 2])), as_vector([[1, 2]])
    ([1, 2], [1, 2])
    """
    entries = listed(values)
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return entries
    rows = [listed(row) for row in entries]
    nested = [row for row in rows if isinstance(row, Sequence) and not isinstance(row, str)]
    if rows and len(nested) == len(rows):
        if len(rows) == 1:
            return list(rows[0])
        if all(len(row) == 1 for row in rows):
            return [row[0] for row in rows]
    return list(entries)
