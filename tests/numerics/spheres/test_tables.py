"""The tables that are shipped, and how a result compares with them."""

import tomllib
from dataclasses import replace
from itertools import pairwise

import pytest

from numerics.spheres import largest_angle, least_energy, tables


def test_the_tables_reach_as_far_as_they_should():
    assert all(tables.known("thomson", n) for n in range(2, 101))
    assert all(tables.known("tammes", n) for n in range(2, 33))
    assert tables.known("thomson", 10_000) is None


def test_energies_grow_and_angles_shrink_with_the_number_of_points():
    energies = [tables.known("thomson", n)["energy"] for n in range(2, 101)]
    steps = [b - a for a, b in pairwise(energies)]
    assert steps == sorted(steps)  # convex: a point more costs more
    angles = [tables.known("tammes", n)["angle_deg"] for n in range(2, 33)]
    assert all(b <= a + 1e-9 for a, b in pairwise(angles))


@pytest.mark.parametrize("problem", tables.PROBLEMS)
def test_a_table_names_its_source_and_the_command_that_makes_it(problem):
    text = tables.path_of(problem).read_text()
    assert "Compared with" in text
    assert "python benchmarks/thomson.py" in text


@pytest.mark.parametrize(
    ("problem", "search"), [("thomson", least_energy), ("tammes", largest_angle)]
)
def test_a_table_holds_what_was_written(problem, search):
    found = {n: search(n, starts=2) for n in (3, 4)}
    rows = tomllib.loads(tables.render(problem, found))[problem]
    key = {"thomson": "energy", "tammes": "angle_deg"}[problem]
    for n, one in found.items():
        value = one.energy if problem == "thomson" else one.angle
        assert rows[str(n)] == {
            key: value,
            "point_group": one.point_group,
            "hits": one.hits,
            "starts": 2,
        }


def test_what_beats_or_misses_the_table_is_told():
    found = least_energy(6, starts=2)
    assert tables.verdict("thomson", found) == "equal"
    assert tables.verdict("thomson", replace(found, energy=found.energy - 2e-9)) == "record"
    assert tables.verdict("thomson", replace(found, energy=found.energy + 2e-9)) == "short"
    packing = largest_angle(4, starts=2)
    moved = packing.points.copy()
    moved[0] = [1, 0, 0]
    assert tables.verdict("tammes", packing) == "equal"
    assert tables.verdict("tammes", replace(packing, points=moved)) == "short"
