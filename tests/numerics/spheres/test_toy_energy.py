"""The toy model's own energy: identities, derivatives, and the arrangements that make it least."""

from math import cos, pi, sqrt

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from numerics.spheres import arrangements, least_energy, least_toy_energy
from numerics.spheres.descent import descended, settled
from numerics.spheres.multistart import ENOUGH, FEWEST
from numerics.spheres.point_groups import schoenflies
from numerics.spheres.riesz import tangent_bases
from numerics.spheres.toy_energy import (
    is_continuum,
    toy_derivatives,
    toy_energy,
    toy_gradient,
)

from .support import CUBE, E8, ICOSAHEDRON, TWENTY_FOUR_CELL, antiprism, random_points, signs, unit

CUBOCTAHEDRON = unit([p for p in np.vstack([signs(1, 1, 0), signs(1, 0, 1), signs(0, 1, 1)])])


def polygon(k):
    angles = 2 * pi * np.arange(k) / k
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@pytest.mark.parametrize("k", range(3, 13))
def test_regular_polygons(k):
    """k corners see each other at 2πj/k, those nearer than a right angle cost cos² twice."""
    near = sum(cos(2 * pi * j / k) ** 2 for j in range(1, k) if 4 * j < k)
    assert toy_energy(polygon(k)) == pytest.approx(2 * k * near, rel=0, abs=1e-13)


def test_polygons_in_closed_form():
    """cos² 72° = (3 − √5)/8; 60°; 45° and 90°."""
    assert toy_energy(polygon(5)) == pytest.approx(10 * (3 - sqrt(5)) / 8, abs=1e-14)
    assert toy_energy(polygon(6)) == pytest.approx(3, abs=1e-14)
    assert toy_energy(polygon(8)) == pytest.approx(8, abs=1e-14)


@pytest.mark.parametrize(
    ("x", "value"),
    [
        (unit(np.vstack([np.eye(3), -np.eye(3)])), 0),
        (CUBE, 8 / 3),
        (ICOSAHEDRON, 12),
        (CUBOCTAHEDRON, 12),
        (unit(signs(1, 1, 1, 1)), 16),
        (TWENTY_FOUR_CELL, 48),
        (E8, 3360),
    ],
    ids=["octahedron", "cube", "icosahedron", "cuboctahedron", "tesseract", "24-cell", "E8"],
)
def test_tight_antipodal_sets_cost_the_least_an_antipodal_set_can(x, value):
    """E = ½ Σ cos² − N ≥ N²/2d − N: of c and −c one is positive; the frame potential is N²/d."""
    N, d = x.shape
    assert toy_energy(x) == pytest.approx(N * N / (2 * d) - N, abs=1e-10)
    assert toy_energy(x) == pytest.approx(value, abs=1e-10)


@pytest.mark.parametrize(("half", "d"), [(4, 2), (5, 3), (9, 4)])
def test_other_antipodal_sets_cost_more(half, d):
    x = random_points(half, d)
    both = np.vstack([x, -x])
    potential = float(((both @ both.T) ** 2).sum())
    assert toy_energy(both) == pytest.approx(potential / 2 - 2 * half, rel=1e-12)
    assert toy_energy(both) > (2 * half) ** 2 / (2 * d) - 2 * half + 0.01


@pytest.mark.parametrize(("N", "d"), [(7, 2), (11, 3), (9, 5)])
def test_derivatives_agree_with_finite_differences(N, d):
    """At random points no cosine is within 1e-3 of 0, where the second derivative jumps."""
    x = random_points(N, d, seed=3)
    assert np.abs(x @ x.T).min() > 1e-3
    bases = tangent_bases(x)
    gradient, H = toy_derivatives(x)
    value, ambient = toy_gradient(x)
    assert value == toy_energy(x)
    np.testing.assert_allclose(
        np.einsum("ide,id->ie", bases, ambient).ravel(), gradient, atol=1e-12
    )
    np.testing.assert_allclose(H, H.T, atol=1e-12)

    def along(step):  # second order in the step, as geodesics are
        moved = x + np.einsum("ide,ie->id", bases, step.reshape(N, -1))
        return toy_energy(moved / np.linalg.norm(moved, axis=1, keepdims=True))

    rng = np.random.default_rng(0)
    for _ in range(5):
        v = rng.standard_normal(N * (d - 1))
        v /= np.linalg.norm(v)
        h = 1e-4
        up, down = along(h * v), along(-h * v)
        assert (up - down) / (2 * h) == pytest.approx(gradient @ v, abs=1e-6)
        assert (up - 2 * value + down) / h**2 == pytest.approx(v @ H @ v, abs=1e-4)


@pytest.mark.parametrize("N", range(3, 13))
def test_in_the_plane_features_share_directions_from_seven_on(N):
    found = least_toy_energy(N, 2, starts=30)
    assert found.status == "converged"
    regular = toy_energy(polygon(N))
    if N < 7:
        assert found.energy == pytest.approx(regular, abs=1e-12)
        assert found.multiplicities == (1,) * N
    else:
        assert found.energy < regular - 0.01
        assert found.multiplicities[0] > 1


@pytest.mark.parametrize("N", range(7, 13))
def test_in_space_the_thomson_shape_is_left_from_eight_on_and_directions_shared_from_eleven(N):
    found, thomson = least_toy_energy(N, starts=60), least_energy(N, starts=10)
    assert found.status == "converged"
    gain = toy_energy(thomson.points) - found.energy
    if N == 7:
        assert gain == pytest.approx(0, abs=1e-12)
        assert found.point_group == "D5h"
    else:
        assert gain > 2e-4
    if N <= 10:
        assert found.multiplicities == (1,) * N
        assert found.point_group == thomson.point_group
        assert found.symmetry_order == thomson.symmetry_order
    else:
        assert found.multiplicities[0] == 2


def test_two_pentagons_on_each_other_make_ten_least_in_the_plane():
    """Ten pairs at no angle cost 2 each, and the pentagon's own energy counts four times."""
    found = least_toy_energy(10, 2, starts=20)
    assert found.multiplicities == (2,) * 5
    assert found.symmetry_order == 10
    assert found.energy == pytest.approx(10 + 4 * 10 * (3 - sqrt(5)) / 8, abs=1e-12)


def test_nine_in_space_have_a_rational_energy_and_eighteen_are_these_doubled():
    """Least of all tricapped prisms (z the height): 63/17; doubled 4 · 63/17 + 9 · 2 = 558/17."""

    def prism(z):
        angles = 2 * pi * np.arange(3) / 3
        r = sqrt(1 - z * z)
        rings = [np.c_[r * np.cos(angles), r * np.sin(angles), np.full(3, h)] for h in (z, -z)]
        caps = np.c_[np.cos(angles + pi / 3), np.sin(angles + pi / 3), np.zeros(3)]
        return np.vstack([*rings, caps])

    heights = minimize_scalar(
        lambda z: toy_energy(prism(z)), bounds=(0.6, 0.8), method="bounded", options={"xatol": 1e-9}
    )
    assert heights.fun == pytest.approx(63 / 17, abs=1e-12)
    assert least_toy_energy(9, starts=10).energy == pytest.approx(63 / 17, abs=1e-12)
    doubled = least_toy_energy(18, starts=20)
    assert doubled.multiplicities == (2,) * 9
    assert doubled.point_group == "D3h"
    assert doubled.energy == pytest.approx(558 / 17, abs=1e-12)


def test_eight_in_space_are_the_antiprism_of_their_own_height():
    """One parameter: the least over heights of the square antiprism."""
    height = minimize_scalar(
        lambda z: toy_energy(antiprism(z)),
        bounds=(0.5, 0.6),
        method="bounded",
        options={"xatol": 1e-9},
    )
    found = least_toy_energy(8, starts=10)
    assert found.energy == pytest.approx(height.fun, abs=1e-12)
    assert height.x == pytest.approx(0.55533, abs=1e-5)


@pytest.mark.parametrize(("N", "d"), [(3, 2), (4, 3), (5, 3), (6, 4), (7, 4)])
def test_up_to_two_points_a_dimension_cost_nothing_in_many_ways(N, d):
    found, other = least_toy_energy(N, d, starts=1), least_toy_energy(N, d, starts=1, seed=1)
    assert is_continuum(N, d)
    assert found.energy == pytest.approx(0, abs=1e-16)  # cosines of 1e-8 at most
    cosines = [np.sort((one.points @ one.points.T).ravel()) for one in (found, other)]
    assert np.abs(cosines[0] - cosines[1]).max() > 1e-2


@pytest.mark.parametrize(("d", "order"), [(2, 8), (3, 48), (4, 384)])
def test_at_two_points_a_dimension_only_the_cross_polytope_costs_nothing(d, order):
    found = least_toy_energy(2 * d, d, starts=5)
    assert not is_continuum(2 * d, d)
    assert found.energy == pytest.approx(0, abs=1e-16)  # cosines of 1e-8 at most
    assert found.symmetry_order == order
    assert found.status == "converged"


def test_points_that_coincide_are_grouped_and_the_group_is_that_of_the_directions():
    x = np.repeat(CUBE, 2, axis=0)[[0, 2, 1, *range(3, 16)]]
    groups = arrangements.coincident(x)
    assert groups[0] == (0, 2)
    assert sorted(map(len, groups)) == [2] * 8
    found = arrangements.Arrangement(
        points=x, hits=1, starts=1, status="", residual=0.0, held=tuple(range(16)), contacts=0
    )
    assert (found.point_group, found.symmetry_order) == ("Oh", 48)
    assert found.multiplicities == (2,) * 8
    assert arrangements.coincident(CUBE) == tuple((k,) for k in range(8))


def test_newton_ends_on_right_angles_where_the_second_derivative_jumps():
    """Poles and equator of the pentagonal bipyramid are at right angles."""
    x = np.vstack([np.c_[polygon(5), np.zeros(5)], [[0, 0, 1], [0, 0, -1]]])
    moved = unit(x + 1e-2 * np.random.default_rng(0).standard_normal(x.shape))
    ended = settled(descended(moved, toy_gradient)[0], toy_derivatives)
    assert ended.status == "converged"
    assert toy_energy(ended.x) == pytest.approx(toy_energy(x), abs=1e-13)
    assert schoenflies(ended.x) == "D5h"


def test_a_saddle_is_told_from_a_minimum():
    assert settled(polygon(9), toy_derivatives).status == "saddle"
    assert settled(CUBE, toy_derivatives).status == "saddle"
    assert settled(polygon(5), toy_derivatives).status == "converged"


def test_the_heptagon_is_a_minimum_though_not_the_least():
    noise = 1e-2 * np.random.default_rng(0).standard_normal((7, 2))
    ended, value = descended(unit(polygon(7) + noise), toy_gradient)
    assert value == pytest.approx(toy_energy(polygon(7)), abs=1e-12)
    assert settled(ended, toy_derivatives).status == "converged"


def test_the_same_seed_gives_the_same_bits_and_more_starts_contain_the_fewer():
    first, again = least_toy_energy(13, starts=4), least_toy_energy(13, starts=4)
    np.testing.assert_array_equal(first.points, again.points)
    assert (first.energy, first.hits) == (again.energy, again.hits)
    assert least_toy_energy(13, starts=8).energy <= first.energy + 1e-12


def test_without_a_number_of_starts_the_best_is_hit_often():
    found = least_toy_energy(11)
    assert found.hits >= ENOUGH
    assert found.starts >= FEWEST


def test_progress_is_told_after_each_start():
    told = []
    least_toy_energy(5, starts=3, progress=lambda *what: told.append(what[:2]))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("arguments", "starts", "message"),
    [
        ((1,), 1, "1 points have no distance"),
        ((5, 1), 1, "dim must be at least 2, got 1"),
        ((5,), 0, "0 starts find nothing"),
    ],
)
def test_what_is_no_problem_is_refused(arguments, starts, message):
    with pytest.raises(ValueError, match=message):
        least_toy_energy(*arguments, starts=starts)
