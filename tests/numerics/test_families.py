"""The named families: never below the optimum, and equal to it where they win."""

import pytest

from numerics.families import family_losses, family_names
from numerics.optimum import find_optimum
from theory.problem import phase_plane

POINTS = [(1.0, 1.0), (0.8, 0.9), (0.5, 1.0), (0.3, 0.1), (0.1, 3.0), (0.9, 8.0), (0.02, 0.5)]


@pytest.fixture(scope="module")
def found():
    problems = [phase_plane(3, 2, p, r) for p, r in POINTS]
    names = family_names(3, 2)
    return [dict(zip(names, row, strict=True)) for row in family_losses(problems)]


def test_names_are_the_families_each_once():
    assert family_names(3, 2) == ["pair", "triangle", "tilted_triangle"]
    assert family_names(2, 1) == ["pair"]


def test_no_family_beats_the_optimum_and_some_family_nearly_reaches_it(found):
    for (p, r), losses in zip(POINTS, found, strict=True):
        best = find_optimum(phase_plane(3, 2, p, r), starts=20).loss
        V = p / 3 - p * p / 4
        assert min(losses.values()) >= best - 1e-12 * V
        assert min(losses.values()) <= best + 0.01 * V


def test_a_tilted_triangle_does_no_worse_than_a_straight_one(found):
    for losses in found:
        assert losses["tilted_triangle"] <= losses["triangle"] + 1e-12


def test_a_triangle_beats_every_pair_when_always_on_and_equally_important(found):
    assert found[0]["triangle"] < found[0]["pair"] - 1e-6
    assert found[4]["pair"] < found[4]["triangle"] - 1e-6


@pytest.mark.parametrize(("p", "r"), [(0.3, 0.5), (0.7, 2.0), (1.0, 0.4)])
def test_two_features_have_one_family_and_it_is_everything(p, r):
    problem = phase_plane(2, 1, p, r)
    best = find_optimum(problem, starts=20).loss
    assert family_losses([problem])[0, 0] == pytest.approx(best, abs=1e-12)


def test_a_problem_among_others_has_the_same_losses(found):
    alone = family_losses([phase_plane(3, 2, *POINTS[1])])[0]
    assert list(found[1].values()) == pytest.approx(list(alone), abs=1e-13)
