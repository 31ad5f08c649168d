"""The best isometry, against all permutations and under disguise."""

from itertools import combinations, permutations

import numpy as np
import pytest

from numerics.geometry.matching import best_match, fitted, spacing
from numerics.geometry.references import references
from tests.numerics.geometry.support import turn
from theory.polytopes.catalogue import polytope


def unit_vectors(d, k, rng):
    x = rng.normal(size=(d, k))
    return x / np.linalg.norm(x, axis=0)


@pytest.mark.parametrize("k", [4, 5, 6])
def test_no_permutation_is_better_for_any_vectors(k):
    rng = np.random.default_rng(k)
    for _ in range(10):
        x, v = unit_vectors(3, k, rng), unit_vectors(3, k, rng)
        best = min(fitted(x, v[:, order])[1] for order in permutations(range(k)))
        assert best_match(x, v).squares == pytest.approx(best, rel=1e-9)


def test_the_fit_is_an_isometry_with_one_scale_of_the_reference_in_its_order():
    rng = np.random.default_rng(0)
    v = polytope("snub-cube").array()
    order = rng.permutation(24)
    x = 1.5 * turn(3, rng) @ v[:, order]
    found = best_match(x, v)
    np.testing.assert_allclose(found.points, x, atol=1e-12)
    np.testing.assert_array_equal(found.vertices, v[:, found.order])
    assert sorted(found.order) == list(range(24))


def test_a_chiral_shape_matches_its_mirror_image():
    v = polytope("snub-cube").array()
    assert best_match(v * [[1.0], [1.0], [-1.0]], v).squares < 1e-24


def test_lines_match_whatever_their_signs():
    rng = np.random.default_rng(1)
    v = polytope("etf-7-28").array()
    x = turn(7, rng) @ v[:, rng.permutation(28)] * rng.choice([-1.0, 1.0], 28)
    found = best_match(x, v, up_to_sign=True)
    np.testing.assert_allclose(found.points, x, atol=1e-12)
    assert sorted(found.order) == list(range(28))
    assert best_match(x, v).squares > 1


def test_fitting_embeds_a_reference_in_more_dimensions():
    rng = np.random.default_rng(2)
    v = polytope("pentagon").array()
    x = 0.7 * turn(5, rng)[:, :2] @ v
    points, squares = fitted(x, v)
    np.testing.assert_allclose(points, x, atol=1e-14)
    assert squares < 1e-28


def test_the_spacing_is_the_least_distance():
    assert spacing(polytope("hexagon").array()) == pytest.approx(1.0, abs=1e-12)
    assert spacing(polytope("single").array()) == float("inf")


def test_references_have_the_size_asked_for_and_products_stand_behind():
    for k, d in ((8, 3), (10, 4), (12, 3), (9, 2), (5, 4), (32, 5), (240, 8)):
        found = references(k, d)
        assert {one.vertices.shape for one in found} == {(d, k)}
        whole = [not one.shape.parts for one in found]
        assert whole == sorted(whole, reverse=True)
    assert [one.shape.key for one in references(10, 4)][:1] == ["rectified-5-cell"]
    assert "pentagon+pentagon" in [one.shape.key for one in references(10, 4)]
    assert references(3, 1) == ()


def test_single_precision_does_not_go_round_in_circles():
    """Rounding of the differences promises a gain for an exchange and for its undoing.

    The second vector and the third nearly coincide.  Without exchanges the residual is 2.825.
    """
    x = np.array(
        [
            [0.1557, 0.7948, 0.7948, -0.9856, -0.7755, -0.9372],
            [-0.6128, -0.0804, -0.0814, -0.0819, -0.4827, 0.3302],
            [0.7747, -0.6015, -0.6015, -0.1479, 0.4069, -0.1125],
        ],
        dtype=np.float32,
    )
    v = polytope("octahedron").array()
    found = best_match(x, v)
    assert sorted(found.order) == list(range(6))
    for pair in combinations(range(6), 2):
        order = found.order.copy()
        order[list(pair)] = order[list(pair[::-1])]
        assert found.squares <= fitted(x, v[:, order])[1] + 1e-6
    assert found.squares == pytest.approx(best_match(x.astype(np.float64), v).squares, abs=1e-6)
