"""One number per feature: a scalar for all, or a list, checked by what it is."""

from collections.abc import Sequence
from typing import Any

from .rationals import listed, shown, to_comparable

__all__ = ["per_feature"]


def per_feature(value: Any, n: int, what: str, default: Any = None) -> tuple[Any, ...]:
    """Return one value per feature: a scalar is repeated, a sequence must have ``n`` entries.

    Raises
    ------
    ValueError
        If the length does not fit, or a number is out of range for ``what``: a ``density`` must
        lie in (0, 1], an ``importance`` must not be negative, nor all of them zero.
    """
    value = default if value is None else listed(value)
    if isinstance(value, str):
        raise TypeError(f"{what} {value!r} is text; pass numbers, or read it with parse_vector")
    entries = tuple(value) if isinstance(value, Sequence) else (value,) * n
    if len(entries) != n:
        raise ValueError(
            f"{what} has {len(entries)} entries for {n} features; give one number or {n}"
        )
    numbers = [to_comparable(entry) for entry in entries]
    for entry, number in zip(entries, numbers, strict=True):
        if number is None:  # a symbol
            continue
        if what == "density" and not 0 < number <= 1:
            raise ValueError(
                f"density {shown(entry)} is outside (0, 1]; give P(x ≠ 0), which is 1 − sparsity"
            )
        if what == "importance" and number < 0:
            raise ValueError(f"importance {shown(entry)} is negative; give numbers of at least 0")
    if what == "importance" and all(number == 0 for number in numbers):
        raise ValueError("every importance is 0, so every model has loss 0; give one above 0")
    return entries
