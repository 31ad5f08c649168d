"""Boundary points: where neighbouring cells differ, and as exact as bisection makes them."""

import numpy as np
import pytest

from numerics.boundaries import bisected, crossings, distance_to, midpoints
from numerics.optimum import search
from numerics.plane import PlaneSpec
from theory.coexistence import coexistence

A, B, C = (frozenset({(name,)}) for name in "abc")


def test_edges_separate_disjoint_neighbours_only():
    edges, tied = crossings([[A, A, B], [A, A | B, B]])
    assert {(e.first, e.second) for e in edges} == {((0, 1), (0, 2))}
    assert tied == [(1, 1)]
    assert crossings([[A, A], [A | B, A]]) == ([], [])


def test_a_cell_tied_between_two_phases_is_itself_on_the_boundary():
    assert crossings([[A, A | B, B]]) == ([], [(0, 1)])
    assert crossings([[A], [A | B], [B]]) == ([], [(1, 0)])
    assert crossings([[A, A | B, A]]) == ([], [])


def test_midpoints_are_halfway_in_the_logarithms():
    spec = PlaneSpec(2, 1, density_cells=3, importance_cells=3)
    points = midpoints(spec, [[A, A, B]] * 3)
    assert np.allclose(points, [(0, 0.5), (-1, 0.5), (-2, 0.5)])
    points = midpoints(spec, [[A] * 3, [B] * 3, [C] * 3])
    assert sorted(map(tuple, points.round(12))) == [
        (x, y) for x in (-1.5, -0.5) for y in (-1.0, 0.0, 1.0)
    ]
    assert midpoints(spec, [[A] * 3] * 3).shape == (0, 2)
    tied = midpoints(spec, [[A, A | B, B]] * 3)
    assert np.allclose(tied, [(0, 0), (-1, 0), (-2, 0)])


@pytest.mark.parametrize("p", [0.1, 0.3])
def test_bisection_finds_where_drop_and_pair_coexist(p):
    spec = PlaneSpec(2, 1, density_cells=2, importance_cells=3)
    object.__setattr__(spec, "density", np.array([p, p * 0.999]))
    object.__setattr__(spec, "importance", np.array([0.02, 0.9, 1.1]))
    problems = [[spec.problem(i, j) for j in range(3)] for i in range(2)]
    optima = [search(row, starts=10) for row in problems]
    points = bisected(spec, optima)
    critical = [np.log10(float(coexistence(x).importance)) for x in spec.density]
    half = np.log10(0.9 / 0.02) / 2**7
    assert len(points) == 2
    for (x, y), row in zip(points, (0, 1), strict=True):
        assert x == pytest.approx(np.log10(spec.density[row]))
        assert abs(y - critical[row]) <= half * (1 + 1e-9)


def test_without_edges_there_are_no_points():
    spec = PlaneSpec(2, 1, density_cells=2, importance_cells=2)
    object.__setattr__(spec, "importance", np.array([0.5, 0.6]))
    object.__setattr__(spec, "density", np.array([0.1, 0.11]))
    optima = [search([spec.problem(i, j) for j in range(2)], starts=4) for i in range(2)]
    assert bisected(spec, optima).shape == (0, 2)


def test_distance_is_to_the_nearest_point():
    curve = np.array([[0.0, 0.0], [1.0, 0.0]])
    found = distance_to(np.array([[0.0, 3.0], [1.0, 0.5], [4.0, 4.0]]), curve)
    assert found.tolist() == [3.0, 0.5, 5.0]
    assert np.isnan(distance_to(curve, np.empty((0, 2)))).all()
    assert distance_to(np.empty((0, 2)), curve).shape == (0,)
