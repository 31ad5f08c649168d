"""Packings of points and lines: exact angles, contacts, and the bounds they must respect."""

from math import degrees, sqrt

import numpy as np
import pytest

from numerics.spheres import largest_angle, tables
from numerics.spheres.contacts import largest_cosine, packed_from
from theory.packing import rankin_cosine, welch_square

from .support import ICOSAHEDRON, TWENTY_FOUR_CELL, antiprism, random_points, unit

EXACT = {
    2: -1,
    3: -1 / 2,
    4: -1 / 3,
    5: 0,
    6: 0,
    7: 0.2101383127,  # the root of 3x³ − 9x² − 3x + 1
    8: (2 * sqrt(2) - 1) / 7,
    9: 1 / 3,
    11: 1 / sqrt(5),
    12: 1 / sqrt(5),
    15: 0.5926059029,  # the root of 13x⁵ − x⁴ + 6x³ + 2x² − 3x − 1
    24: 0.7230784683,  # uniform snub cube
}
"""Cosines: Schütte and van der Waerden 1951, Danzer, Robinson (abstract of arXiv 1410.2536)."""

IN_RADIANS = {10: 1.15447983341927, 14: 0.971634742886224}
"""OEIS A340918 and A383860."""


def cosine(found):
    return largest_cosine(found.points, found.lines)


@pytest.mark.parametrize("N", EXACT)
def test_exact_angles(N):
    found = largest_angle(N, starts=10)
    assert found.status == "converged"
    assert cosine(found) == pytest.approx(EXACT[N], rel=0, abs=2e-10)  # ten digits stated
    assert cosine(found) >= float(rankin_cosine(N, 3)) - 1e-12


@pytest.mark.parametrize("N", IN_RADIANS)
def test_angles_to_twelve_digits(N):
    found = largest_angle(N, starts=12)
    assert found.angle == pytest.approx(degrees(IN_RADIANS[N]), rel=0, abs=1e-11)


@pytest.mark.parametrize("N", [16, 17, 18, 22])
def test_the_table_is_found_again_from_other_starts(N):
    found = largest_angle(N, starts=10, seed=1)
    assert tables.verdict("tammes", found) == "equal"


@pytest.mark.slow
@pytest.mark.parametrize("N", range(2, 33))
def test_the_whole_table_is_found_again(N):
    found = largest_angle(N, seed=2)
    assert tables.verdict("tammes", found) == "equal"
    assert found.status == "converged"


@pytest.mark.parametrize(
    ("N", "square", "group"),
    [
        (2, 0, "D4h"),
        (3, 0, "Oh"),
        (4, 1 / 9, "Oh"),
        (5, 1 / 5, "D5d"),
        (6, 1 / 5, "Ih"),
        (7, 1 / 3, "Oh"),
    ],
)
def test_best_lines_in_space(N, square, group):
    found = largest_angle(N, lines=True, starts=10)
    assert cosine(found) ** 2 == pytest.approx(square, rel=0, abs=1e-11)
    assert cosine(found) ** 2 >= float(welch_square(N, 3)) - 1e-12
    assert found.point_group == group
    assert found.dipole is None


@pytest.mark.parametrize(
    ("N", "d", "lines", "stated"),
    [
        (7, 2, False, np.cos(2 * np.pi / 7)),
        (7, 2, True, np.cos(np.pi / 7)),
        (5, 4, False, -1 / 4),
        (8, 4, False, 0),
        (10, 4, False, 1 / 6),  # Petersen code: arXiv 0708.3947
        (16, 5, False, 1 / 5),
        (27, 6, False, 1 / 4),
        (12, 4, True, 1 / 2),  # axes of the 24-cell
        (10, 5, True, 1 / 3),  # tight, equiangular
    ],
)
def test_exact_codes_in_other_dimensions(N, d, lines, stated):
    found = largest_angle(N, d, lines=lines, starts=10)
    assert cosine(found) == pytest.approx(stated, rel=0, abs=1e-11)
    assert found.status == "converged"


@pytest.mark.parametrize(("N", "free"), [(19, 1), (20, 2)])
def test_rattlers_are_told_apart(N, free):
    """Points without a contact: one and two (found here; no table states them)."""
    found = largest_angle(N, starts=10)
    assert N - len(found.held) == free
    assert tables.verdict("tammes", found) == "equal"


def test_the_contacts_of_the_icosahedron_and_of_it_less_one_point():
    twelve, eleven = largest_angle(12, starts=5), largest_angle(11, starts=5)
    assert (twelve.contacts, twelve.point_group) == (30, "Ih")
    assert (eleven.contacts, eleven.point_group) == (25, "C5v")
    assert eleven.angle == pytest.approx(twelve.angle, abs=1e-10)


def test_the_same_seed_gives_the_same_bits():
    first, again = largest_angle(13, starts=6), largest_angle(13, starts=6)
    np.testing.assert_array_equal(first.points, again.points)
    assert (first.hits, first.starts) == (again.hits, 6)


@pytest.mark.parametrize(
    ("ideal", "lines"),
    [
        (ICOSAHEDRON, False),
        (antiprism(0.511081085), False),
        (TWENTY_FOUR_CELL, False),
        (ICOSAHEDRON[ICOSAHEDRON @ [1.0, 2, 3] > 0], True),
    ],
    ids=["icosahedron", "antiprism", "24-cell", "six lines"],
)
def test_programmes_bring_a_disturbed_packing_back(ideal, lines):
    noise = np.random.default_rng(0).standard_normal(ideal.shape)
    packed = packed_from(unit(ideal + 0.01 * noise), lines=lines)
    assert packed.status == "converged"
    assert packed.cosine == pytest.approx(largest_cosine(ideal, lines), abs=1e-9)
    ends = packed.x[packed.contacts]
    of_contacts = np.abs((ends[:, 0] * ends[:, 1]).sum(1))
    np.testing.assert_allclose(of_contacts, abs(packed.cosine), rtol=0, atol=1e-13)


def test_programmes_never_make_a_packing_worse():
    for seed in range(3):
        x = random_points(10, 3, seed)
        packed = packed_from(x)
        assert packed.cosine <= largest_cosine(x)
        np.testing.assert_allclose(np.linalg.norm(packed.x, axis=1), 1, atol=1e-14)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((1,), {}, "1 points have no distance"),
        ((5, 1), {}, "dim must be at least 2, got 1"),
        ((5,), {"starts": 0}, "0 starts find nothing"),
    ],
)
def test_what_is_no_problem_is_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        largest_angle(*arguments, **options)
