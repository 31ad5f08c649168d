"""A whole model: what is dropped, its rank, its leverages, what is refused."""

import time
from fractions import Fraction

import numpy as np
import pytest

from numerics import find_optimum
from numerics.geometry import learned_geometry
from numerics.geometry.reports import geometry_report
from tests.numerics.geometry.support import disguised
from theory.capacity import dimensionality, leverage
from theory.polytopes.catalogue import polytope
from theory.problem import Problem

NAN, INF = float("nan"), float("inf")


def names(found):
    return [block.name for block in found.blocks]


def test_weak_features_are_dropped_and_have_no_share():
    rng = np.random.default_rng(0)
    W, _ = disguised("cube+digon", rng)
    W = np.hstack([W, 0.05 * rng.normal(size=(4, 1)), np.zeros((4, 1))])
    found = learned_geometry(W)
    assert (found.dropped, names(found)) == ((10, 11), ["cube", "digon"])
    assert found.dimensionality[10:].tolist() == found.leverage[10:].tolist() == [0.0, 0.0]
    assert found.dimensionality[:10].sum() == pytest.approx(dimensionality(W)[:10].sum())


@pytest.mark.parametrize("key", ["24-cell+triangle+digon", "cube+square-antiprism-tight", "e8"])
def test_products_of_tight_frames_have_no_defect_at_any_scales(key):
    rng = np.random.default_rng(1)
    scales = rng.uniform(0.2, 5.0, len(polytope(key).factors))
    W, _ = disguised(key, rng, scales=scales, spare=1)
    found = learned_geometry(W)
    np.testing.assert_allclose(found.leverage, found.dimensionality, atol=1e-13)
    assert found.rank == pytest.approx(found.dimensionality.sum(), abs=1e-11)


def test_leverages_are_those_of_the_definition_where_all_dimensions_count():
    W = np.random.default_rng(2).normal(size=(4, 9))
    found = learned_geometry(W)
    np.testing.assert_allclose(found.leverage, leverage(W), atol=1e-13)
    np.testing.assert_allclose(found.dimensionality, dimensionality(W), atol=1e-13)
    assert found.leverage.sum() == pytest.approx(found.rank, abs=1e-12)
    assert (found.leverage > found.dimensionality).all()


def test_dimensions_that_only_noise_spans_do_not_count():
    W, _ = disguised("icosahedron+pentagon", np.random.default_rng(3), 0.01, spare=6)
    found = learned_geometry(W)
    assert np.linalg.matrix_rank(W) == 11
    assert (found.rank, found.leverage.sum()) == (5, pytest.approx(5, abs=1e-12))


@pytest.mark.parametrize("scale", [1e-150, 0.2, 1e150])
def test_the_scale_of_a_model_matters_only_for_what_is_dropped(scale):
    W = scale * polytope("pentagonal-bipyramid").array()
    if scale < 0.1:
        with pytest.raises(ValueError, match="no feature is represented: the largest norm is 1e-1"):
            learned_geometry(W)
    else:
        found = learned_geometry(W)
        assert found.composite == "pentagonal-bipyramid"
        assert found.blocks[0].candidates[0].residual < 1e-12


def test_unequal_norms_do_not_change_the_name_but_the_residual():
    W = polytope("triangle").array() * [1.0, 1.0, 0.7]
    (block,) = learned_geometry(W).blocks
    best = block.candidates[0]
    assert (block.name, best.direction_residual < 1e-12) == ("triangle", True)
    v, mean = polytope("triangle").array(), np.linalg.norm(W, axis=0).mean()
    expected = min(np.sqrt(((W - s * v) ** 2).sum() / 3) for s in np.linspace(0.8, 1.0, 2001))
    assert best.residual == pytest.approx(expected / mean, rel=1e-6)


def test_residuals_are_in_units_of_the_mean_norm():
    rng = np.random.default_rng(4)
    W, _ = disguised("dodecahedron", rng, 0.01)
    one, other = (learned_geometry(s * W).blocks[0].candidates[0].residual for s in (1.0, 30.0))
    assert one == pytest.approx(other, rel=1e-9)
    # 60 coordinates less 4 that rotation and scale fit, each 0.01; five standard errors
    assert one == pytest.approx(0.01 * np.sqrt(56 / 20), rel=5 / np.sqrt(2 * 56))


def test_coincident_features_are_told_and_their_directions_named():
    rng = np.random.default_rng(5)
    v = polytope("pentagon").array()
    W = np.hstack([v, v[:, :2], v[:, :1]]) + 0.01 * rng.normal(size=(2, 8))
    (block,) = learned_geometry(W).blocks
    assert (block.name, block.distinct) == ("unnamed", "pentagon")
    assert set(block.coincident) == {(0, 5, 7), (1, 6)}
    (pair,) = learned_geometry(np.array([[1.0, 1.0]])).blocks
    assert (pair.name, pair.distinct, pair.coincident) == ("unnamed", "single", ((0, 1),))


@pytest.mark.parametrize("k", [3, 5, 7, 11, 40])
def test_polygons_of_any_number_of_corners(k):
    W, _ = disguised(
        polytope(f"{k}-gon" if k > 8 else NAMED[k]).key, np.random.default_rng(k), 5e-3
    )
    assert names(learned_geometry(W)) == [f"{k}-gon" if k > 8 else NAMED[k]]


NAMED = {3: "triangle", 5: "pentagon", 7: "heptagon"}


def test_a_polygon_whose_corners_noise_mixes_up_is_unnamed():
    W, _ = disguised("150-gon", np.random.default_rng(6), 0.02)
    assert names(learned_geometry(W)) == ["unnamed"]


def test_random_directions_are_unnamed():
    rng = np.random.default_rng(7)
    for m, n in ((2, 5), (3, 4), (3, 8), (4, 16), (8, 30)):
        W = rng.normal(size=(m, n))
        found = learned_geometry(W / np.linalg.norm(W, axis=0))
        assert (names(found), found.composite) == (["unnamed"], "unnamed")


def test_digons_that_are_not_at_right_angles_are_no_square():
    angles = np.deg2rad([0, 180, 86, 266])
    found = learned_geometry(np.stack([np.cos(angles), np.sin(angles)]))
    assert (names(found), found.composite) == (["digon", "digon"], "unnamed")


def test_an_antiprism_half_way_between_two_heights_is_ambiguous():
    low, high = (polytope(f"square-antiprism-{which}").array() for which in ("coulomb", "tight"))
    W = low + high
    report = geometry_report(learned_geometry(W))
    (block,) = report["blocks"]
    assert (block["name"], report["composite"]) == ("ambiguous", "ambiguous")
    assert set(block["candidates"][:2]) == {"square-antiprism-coulomb", "square-antiprism-tight"}
    assert block["symmetry_order"] == 16


def test_a_tolerance_replaces_the_noise():
    W, _ = disguised("cube", np.random.default_rng(8), 0.01)
    assert names(learned_geometry(W, 1e-3)) == ["unnamed"]
    assert names(learned_geometry(W, 0.05)) == ["cube"]
    coarse, _ = disguised("cube", np.random.default_rng(9), 0.08)
    assert names(learned_geometry(coarse)) == ["unnamed"]
    assert names(learned_geometry(coarse, 0.3)) == ["cube"]


@pytest.mark.parametrize(
    ("n", "m", "density", "composite"),
    [(5, 2, "1/20", "pentagon"), (6, 3, "1/10", "octahedron"), (4, 2, "1/2", "square")],
)
def test_the_least_losses_of_small_cases_are_named(n, m, density, composite):
    problem = Problem(
        features=n,
        hidden=m,
        density=(Fraction(density),) * n,
        importance=(Fraction(1),) * n,
    )
    assert learned_geometry(find_optimum(problem, starts=4, seed=0).W).composite == composite


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_four_hundred_features_take_seconds(noise):
    """24-cells, cubes, pentagons, triangles, tetrahedra, digons and single features."""
    factors = ["24-cell"] * 3 + ["cube"] * 10 + ["pentagon"] * 10 + ["triangle"] * 10
    factors += ["tetrahedron"] * 20 + ["digon"] * 40 + ["single"] * 8
    W, _ = disguised("+".join(factors), np.random.default_rng(10), noise)
    assert W.shape[1] == 400
    start = time.perf_counter()
    found = learned_geometry(W)
    assert time.perf_counter() - start < 10  # half a second on an idle processor
    assert sorted(names(found)) == sorted(factors)


@pytest.mark.parametrize(
    ("W", "message"),
    [
        ([[NAN, 1.0]], "W has nan in it; pass finite weights"),
        ([[INF, 1.0]], "W has inf in it"),
        ([1.0, 2.0], r"W has shape \(2,\); pass a matrix"),
        ([[[1.0]]], r"W has shape \(1, 1, 1\)"),
        (np.zeros((2, 0)), r"W has shape \(2, 0\)"),
        ([[0.0, 0.0]], "no feature is represented: the largest norm is 0, below 0.1"),
        ([[0.05, -0.09]], "no feature is represented: the largest norm is 0.09"),
    ],
)
def test_what_is_no_model_is_refused(W, message):
    with pytest.raises(ValueError, match=message):
        learned_geometry(np.array(W))


@pytest.mark.parametrize("tolerance", [-0.1, NAN, INF])
def test_a_tolerance_that_is_no_length_is_refused(tolerance):
    with pytest.raises(ValueError, match=r"the tolerance is .*; give a number from 0 on"):
        learned_geometry(np.array([[1.0, -1.0]]), tolerance)
