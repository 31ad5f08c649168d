"""Lists of numbers and ranges on the command line."""

import pytest

from commands.reading import parse_densities, parse_range


def test_ranges_and_lists_are_read_once_each() -> None:
    assert parse_range("4", "points") == (4,)
    assert parse_range("4-6,5,9", "points") == (4, 5, 6, 9)


@pytest.mark.parametrize("text", ["9-4", "4-999999999", "a", "4-", "", "4-6-8"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"--points: .* write 4"):
        parse_range(text, "points")


@pytest.mark.parametrize("text", ["0", "1.5", "-1/2", "0.1,2"])
def test_densities_outside_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"--density: .* outside \(0, 1\]"):
        parse_densities(text)
