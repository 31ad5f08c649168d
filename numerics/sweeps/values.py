"""One value of one field of a run, as a user writes it: in TOML, or as text on the command line.

What a field takes is read off :class:`numerics.training.specs.RunSpec`: text, a whole number, a
number, or one number per feature.  Numbers are numbers of TOML or text that
:mod:`theory.rationals` reads exactly: decimals, fractions, and for vectors lists and ``0.9^i``.
"""

from collections.abc import Sequence
from dataclasses import fields
from difflib import get_close_matches
from math import isfinite
from typing import Any

from theory.rationals import parse_number, parse_vector, rounded

from ..training.specs import RunSpec

__all__ = ["FIELDS", "SIZES", "VECTORS", "listed_fields", "nearest", "read_value", "shown_value"]

FIELDS: dict[str, Any] = {field.name: field.type for field in fields(RunSpec)}
"""The fields of a run and their types."""

VECTORS = ("density", "importance")
SIZES = ("n_features", "d_hidden")
_LARGEST = 10**9  # of whole numbers
_LARGEST_SIZE = 10**5


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a hint for a misspelt name: the nearest that is known, or all of them."""
    close = get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"use one of {', '.join(known)}"


def listed_fields(*, grid: bool) -> tuple[str, ...]:
    """Return the fields that may be set, or span an axis of a grid."""
    return tuple(name for name in FIELDS if not (grid and name in SIZES))


def _number(name: str, value: Any) -> float:
    if isinstance(value, str):
        try:
            return rounded(parse_number(value))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name}: {value!r} is no number; write a decimal, or a fraction as text")
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueError(f"{name}: a whole number is too large for a float") from error
    if not isfinite(number):
        raise ValueError(f"{name}: {number} is not finite; write a decimal")
    return number


def _whole(name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        number: float = value
    else:
        number = _number(name, value)
    least, most = (1, _LARGEST_SIZE) if name in SIZES else (-_LARGEST, _LARGEST)
    if number != int(number) or not least <= number <= most:
        raise ValueError(f"{name}: {value!r} is no whole number from {least} to {most}")
    return int(number)


def _vector(name: str, value: Any, length: int) -> tuple[float, ...]:
    if isinstance(value, str):
        try:
            return tuple(rounded(one) for one in parse_vector(value, length))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    entries = value if isinstance(value, list | tuple) else [value]
    numbers = tuple(_number(name, entry) for entry in entries)
    if not isinstance(value, list | tuple):
        return numbers * length
    if len(numbers) != length:
        raise ValueError(
            f"{name}: {len(numbers)} entries for {length} values; give one number or {length}"
        )
    return numbers


def read_value(name: str, value: Any, length: int = 1) -> Any:
    """Read one value of a field of a run.

    Parameters
    ----------
    name
        A name of :data:`FIELDS`.
    value
        What TOML or the command line gave.
    length
        The entries of a vector: features, or outputs for importances.

    Raises
    ------
    ValueError
        If it is of another type, not finite, or of another length.
    """
    kind = FIELDS[name]
    if name in VECTORS:
        return _vector(name, value, length)
    if kind is int:
        return _whole(name, value)
    if kind is float:
        return _number(name, value)
    if not isinstance(value, str):
        raise ValueError(f"{name}: {value!r} is no text; write it in quotes")
    return value


def shown_value(value: Any) -> Any:
    """Return the label of a value: itself, or for a vector its number if all entries are equal.

    Examples
    --------
    >>> shown_value((0.1, 0.1)), shown_value((1.0, 0.5)), shown_value(()), shown_value("relu")
    (0.1, '1.0,0.5', 'none', 'relu')
    """
    if not isinstance(value, tuple):
        return value
    if not value:
        return "none"
    return value[0] if len(set(value)) == 1 else ",".join(map(repr, value))
