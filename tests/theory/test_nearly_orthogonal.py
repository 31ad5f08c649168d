"""Room for nearly orthogonal vectors: bounds in order, known numbers, more room with more."""

from fractions import Fraction

import pytest

from theory.nearly_orthogonal import room_for
from theory.packing import kissing_number


@pytest.mark.parametrize("d", [2, 3, 5, 9, 10, 14, 20, 51, 100, 256])
@pytest.mark.parametrize("c", [0.0, 0.05, 0.1, 0.3])
def test_what_exists_is_below_what_cannot_be_exceeded(c, d):
    room = room_for(c, d)
    for least, most in (room.directions, room.lines):
        assert most is None or least <= most
    assert room.directions[0] >= 2 * d
    assert room.lines[0] >= d


@pytest.mark.parametrize(
    ("d", "lines"), [(9, (9, 9)), (10, (11, 11)), (13, (14, 14)), (14, (15, 16)), (20, (22, 24))]
)
def test_lines_at_a_tenth(d, lines):
    """The regular simplex has |cos| = 1/d, so one more fits from ten dimensions on."""
    assert room_for(0.1, d).lines == lines


@pytest.mark.parametrize("d", [2, 3, 4])
def test_right_angles_leave_room_for_the_cross_polytope_only(d):
    assert room_for(0.0, d).directions == (2 * d, 2 * d)
    assert room_for(0.0, d).lines == (d, d)


def test_a_half_is_the_kissing_number():
    for d in (2, 8, 24):
        least, most = kissing_number(d)
        assert room_for(0.5, d).directions == (least, most)


def test_more_room_with_more_dimensions_and_a_larger_cosine():
    assert room_for(0.1, 20).lines[1] < room_for(0.1, 50).lines[1] < room_for(0.2, 50).lines[1]


def test_what_the_volume_argument_promises_is_rounded_down():
    """At d = 5000 both ends are 1467549865264.4 by mpmath; floats know ten digits."""
    assert 1.4675e12 < room_for(Fraction(1, 10), 5000).directions[0] <= 1467549865265


@pytest.mark.parametrize(("c", "d"), [(-0.1, 5), (1, 5), (0.1, 1), (0.1, 2.5), (0.1, 10**6)])
def test_wrong_arguments_are_refused(c, d):
    with pytest.raises(ValueError, match=r"must be in|whole number from 2"):
        room_for(c, d)
