"""What the texts of arguments and options say: a case, a law, a number for every feature."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction

    from theory.laws import FeatureLaw

__all__ = ["parse_case", "parse_densities", "parse_features", "parse_numbers", "parse_range"]

_LONGEST = 1000  # numbers of a range


def parse_case(text: str) -> tuple[int, int]:
    """Read ``N,M``.

    Raises
    ------
    ValueError
        If it is not two whole numbers.
    """
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise ValueError(
            f"{text!r} is not a case; write features,hidden dimensions, for instance 3,2"
        )
    return int(parts[0]), int(parts[1])


def parse_densities(text: str) -> "tuple[Fraction, ...]":
    """Read a list of densities, each of equal features.

    Raises
    ------
    ValueError
        If one is no number in (0, 1].
    """
    from theory.rationals import parse_number

    found = []
    for part in text.split(","):
        try:
            density = parse_number(part)
        except ValueError as error:
            raise ValueError(f"--density: {error}") from error
        if not 0 < density <= 1:
            raise ValueError(f"--density: {part.strip()} is outside (0, 1]; give P(x ≠ 0)")
        found.append(density)
    return tuple(found)


def parse_range(text: str, option: str) -> tuple[int, ...]:
    """Read whole numbers: ``4``, ``4-20``, or a list of these.

    Raises
    ------
    ValueError
        If it is something else.
    """
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isdecimal() and (last.isdecimal() if dash else not last)):
            raise ValueError(f"--{option}: {part!r} is no whole number or range; write 4, 4-20")
        start, stop = int(first), int(last if dash else first)
        if not 0 <= stop - start < _LONGEST:
            raise ValueError(f"--{option}: {part.strip()} is no range of some numbers; write 4-20")
        found += range(start, stop + 1)
    return tuple(dict.fromkeys(found))


def parse_features(law: str, amplitude: str, density: str | None, activation: str) -> "FeatureLaw":
    """Read the law of the features.

    Raises
    ------
    ValueError
        If there is no such law or activation, or a density does not go with the law.
    """
    from theory.laws import FeatureLaw
    from theory.problem import check_activation

    features = FeatureLaw.parse(law, amplitude)
    if (density is None) != (features.kind == "one-hot"):
        raise ValueError(
            f"--law {law} needs --density, for instance --density 0.1"
            if density is None
            else "--law one-hot takes no --density: one of n features is on; leave it out"
        )
    check_activation(activation)
    return features


def parse_numbers(density: str | None, importance: str, n: int) -> tuple[Any, Any]:
    """Read the densities (None if there are none) and importances of n features.

    Raises
    ------
    ValueError
        If one of the two lists cannot be read.
    """
    from theory.rationals import parse_vector

    values = []
    for option, text in (("density", density), ("importance", importance)):
        try:
            values.append(None if text is None else parse_vector(text, n, option))
        except ValueError as error:
            raise ValueError(f"--{option}: {error}") from error
    return values[0], values[1]
