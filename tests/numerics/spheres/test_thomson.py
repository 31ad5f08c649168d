"""The Thomson problem: closed forms, point groups, and what the search says of itself."""

from math import radians, sin, sqrt

import numpy as np
import pytest

from numerics.spheres import least_energy, tables
from numerics.spheres.multistart import ENOUGH, FEWEST

CLOSED = {
    2: 1 / 2,
    3: sqrt(3),
    4: 3 * sqrt(6) / 2,
    5: 1 / 2 + sqrt(3) + 3 * sqrt(2),
    6: 3 / 2 + 6 * sqrt(2),
    7: 1 / 2 + 5 * sqrt(2) + 2.5 * (1 / sin(radians(36)) + 1 / sin(radians(72))),
    12: 3 + 15 * sqrt(5 + 2 * sqrt(5)),
}
"""Energies of digon, triangle, tetrahedron, bipyramids, octahedron and icosahedron."""

PUBLISHED = {
    8: (19.675287861, "D4d"),
    10: (32.716949460, "D4d"),
    13: (58.853230612, "C2v"),
    16: (92.911655302, "T"),
    19: (135.089467557, "C2v"),
    22: (185.287536149, "Td"),
    24: (223.347074052, "O"),
    32: (412.261274651, "Ih"),
}
"""Some rows of Wikipedia, "Thomson problem"."""


@pytest.mark.parametrize("N", CLOSED)
def test_closed_forms(N):
    found = least_energy(N, starts=5)
    assert found.status == "converged"
    assert found.energy == pytest.approx(CLOSED[N], rel=0, abs=1e-12)
    assert tables.known("thomson", N)["energy"] == pytest.approx(CLOSED[N], rel=0, abs=1e-12)


@pytest.mark.parametrize("N", PUBLISHED)
def test_published_energies_and_point_groups(N):
    found = least_energy(N, starts=10)
    energy, group = PUBLISHED[N]
    assert found.energy == pytest.approx(energy, rel=0, abs=1e-9)
    assert found.point_group == group
    assert found.status == "converged"
    assert 1 <= found.hits <= found.starts == 10


@pytest.mark.parametrize("N", [9, 11, 14, 15, 17, 18, 20, 21, 23, 25])
def test_the_table_is_found_again_from_other_starts(N):
    found = least_energy(N, starts=6, seed=1)
    assert tables.verdict("thomson", found) == "equal"
    assert found.point_group == tables.known("thomson", N)["point_group"]


@pytest.mark.slow
@pytest.mark.parametrize("N", range(2, 101))
def test_the_whole_table_is_found_again(N):
    found = least_energy(N, seed=2)
    assert tables.verdict("thomson", found) == "equal"
    assert found.point_group == tables.known("thomson", N)["point_group"]
    assert found.status == "converged"


def test_dipoles_and_angles():
    """Wikipedia, "Thomson problem"; a group with an axis and no mirror across leaves a dipole."""
    eleven, twelve = least_energy(11, starts=5), least_energy(12, starts=5)
    assert eleven.dipole == pytest.approx(0.013219635, abs=1e-9)
    assert twelve.dipole == pytest.approx(0, abs=1e-12)
    assert eleven.angle == pytest.approx(58.540, abs=5e-4)
    assert twelve.angle == pytest.approx(np.degrees(np.arccos(1 / sqrt(5))), abs=1e-10)
    assert (twelve.contacts, twelve.symmetry_order) == (30, 120)


def test_the_published_smallest_angle_of_fifty_points_is_wrong():
    """The source prints 29.231 beside the energy of this configuration."""
    found = least_energy(50, starts=10)
    assert found.energy == pytest.approx(1055.182314726, abs=1e-9)
    assert found.angle == pytest.approx(28.711, abs=5e-4)


@pytest.mark.parametrize("power", [-1.0, 0.0, 1.0, 6.0, 30.0])
def test_the_icosahedron_minimises_every_power(power):
    """Universal optimality: Cohn and Kumar, arXiv math/0607446."""
    found = least_energy(12, power=power, starts=8)
    assert found.point_group == "Ih"


@pytest.mark.parametrize(
    ("N", "d", "cosine", "order"),
    [
        (7, 2, np.cos(2 * np.pi / 7), 14),
        (6, 5, -1 / 5, 720),
        (8, 4, 0, 384),
        (16, 5, 1 / 5, 1920),
        (27, 6, 1 / 4, 51840),
    ],
    ids=["heptagon", "simplex", "16-cell", "demicube", "2_21"],
)
def test_sharp_codes_of_other_dimensions(N, d, cosine, order):
    found = least_energy(N, d, starts=5)
    assert found.angle == pytest.approx(np.degrees(np.arccos(cosine)), abs=1e-9)
    assert found.symmetry_order == order
    assert found.point_group is None


@pytest.mark.parametrize(("power", "group"), [(15.04, "D3h"), (15.06, "C4v")])
def test_five_points_change_from_bipyramid_to_pyramid(power, group):
    """At s = 15.048...: R. Schwartz, arXiv 1610.03303."""
    assert least_energy(5, power=power, starts=30).point_group == group


def test_a_search_without_a_number_of_starts_goes_on_until_the_best_was_hit_often():
    easy = least_energy(4)
    assert (easy.hits, easy.starts) == (FEWEST, FEWEST)
    hard = tables.known("thomson", 78)
    assert hard["hits"] >= ENOUGH


def test_the_same_seed_gives_the_same_bits_and_more_starts_contain_the_fewer():
    first, again = least_energy(13, starts=4), least_energy(13, starts=4)
    np.testing.assert_array_equal(first.points, again.points)
    assert (first.energy, first.hits) == (again.energy, again.hits)
    assert least_energy(37, starts=6).energy <= least_energy(37, starts=3).energy + 1e-12


def test_progress_is_told_after_each_start():
    told = []
    least_energy(5, starts=3, progress=lambda *what: told.append(what[:2]))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_fewer_points_than_dimensions_are_a_simplex_in_a_corner():
    found = least_energy(4, 40, starts=2)
    assert found.points.shape == (4, 40)
    assert found.angle == pytest.approx(np.degrees(np.arccos(-1 / 3)), abs=1e-10)
    assert found.symmetry_order is None


def test_an_energy_beyond_floats_is_infinite_and_its_points_are_not():
    found = least_energy(70, power=1024.0, starts=1)
    assert found.energy == np.inf
    assert np.isfinite(found.points).all()


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((1,), {}, "1 points have no distance"),
        ((5, 1), {}, "dim must be at least 2, got 1"),
        ((5,), {"starts": 0}, "0 starts find nothing"),
        ((5,), {"power": -2.0}, "power must be above −2"),
        ((5,), {"power": float("inf")}, "power must be above −2"),
        ((5,), {"power": float("nan")}, "power must be above −2"),
    ],
)
def test_what_is_no_problem_is_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        least_energy(*arguments, **options)
