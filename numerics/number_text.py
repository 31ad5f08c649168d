"""Numbers as text for tables: one, several, an interval."""

from collections.abc import Mapping
from typing import Any

__all__ = ["interval_text", "number_text"]


def number_text(value: Any) -> str:
    """Return a JSON value with six digits, a dash for none, lists and mappings by commas.

    Examples
    --------
    >>> number_text([0.1 + 0.2, 3, None]), number_text({"a": 1})
    ('0.3, 3, –', 'a: 1')
    """
    if value is None:
        return "–"
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int | float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {number_text(one)}" for key, one in value.items())
    return ", ".join(map(number_text, value))


def interval_text(value: Any) -> str:
    """Return a number, or a list ``[low, high]`` with None for an open end, as text.

    Examples
    --------
    >>> interval_text([0.5, None]), interval_text([None, 2]), interval_text([1, 2])
    ('≥ 0.5', '≤ 2', '1 to 2')
    """
    if not isinstance(value, list):
        return number_text(value)
    low, high = value
    if high is None:
        return f"≥ {number_text(low)}"
    return f"≤ {number_text(high)}" if low is None else f"{number_text(low)} to {number_text(high)}"
