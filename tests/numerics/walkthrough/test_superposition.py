"""How much superposition there is, measured on models and found at a sparsity."""

import numpy as np
import pytest

import numerics
from numerics.walkthrough.superposition import analyze_superposition, measure_interference

TURNS = 2 * np.pi * np.arange(5) / 5
PENTAGON = 1.1 * np.stack([np.cos(TURNS), np.sin(TURNS)])


def test_the_front_door_is_the_function_whatever_was_imported_before():
    for _ in range(2):
        assert numerics.analyze_superposition is analyze_superposition
        assert numerics.measure_interference is measure_interference


def test_a_pentagon_has_its_cosines_and_dimensionality():
    found = measure_interference(PENTAGON)
    c = [np.cos(2 * np.pi / 5), np.cos(4 * np.pi / 5)]
    assert found.mean_cosine == pytest.approx((c[0] + c[1]) / 2)
    assert found.mean_absolute_cosine == pytest.approx((c[0] - c[1]) / 2)
    np.testing.assert_allclose(found.dimensionality, 0.4)
    np.testing.assert_allclose(found.overlap, 1.21 * 1.5)
    np.testing.assert_allclose(found.overlap, found.overlap_within)
    np.testing.assert_allclose(found.polysemanticity**2, found.overlap)


def test_some_features_are_measured_against_all_and_against_each_other():
    W = np.array([[1.0, 0.6, 0.0], [0.0, 0.8, 0.0]])
    found = measure_interference(W, [1, 2])
    assert found.features == (1, 2)
    np.testing.assert_allclose(found.cosines, [[1, 0], [0, 0]], atol=1e-15)
    np.testing.assert_allclose(found.overlap, [0.36, 0], atol=1e-15)
    np.testing.assert_allclose(found.overlap_within, 0, atol=1e-15)
    assert measure_interference(W, [1]).mean_cosine == 0


@pytest.mark.parametrize("W", [[[1j, 1]], [["a", "b"]], [[1, 2], [3]], [1, 2], [[float("nan")]]])
def test_what_is_no_matrix_is_refused(W):
    with pytest.raises(ValueError, match=r"give \(m, n\)"):
        measure_interference(W)


@pytest.mark.parametrize("features", [[], [3], [0, 0], [-1], [True, False]])
def test_features_that_are_none_are_named(features):
    with pytest.raises(ValueError, match="different ones of 0 to 1"):
        measure_interference([[1, -1]], features)


def test_five_features_become_a_pentagon_when_sparse_and_pairs_before():
    sparse = analyze_superposition(5, 2, 0.95, starts=8)
    assert sparse.represented == 5
    assert sparse.loss == pytest.approx(0.008903593724, abs=1e-10)
    np.testing.assert_allclose(sparse.interference.dimensionality, 0.4, atol=1e-6)
    dense = analyze_superposition(5, 2, 0.6, starts=8)
    assert dense.represented == 4
    assert dense.interference.mean_cosine == pytest.approx(-1 / 3, abs=1e-6)
    assert dense.features_per_dimension < sparse.features_per_dimension


def test_a_small_sparsity_is_taken_as_given_with_a_warning():
    with pytest.warns(UserWarning, match=r"if P\(x ≠ 0\) was meant, give 0\.9"):
        found = analyze_superposition(2, 1, 0.1, starts=4)
    assert (found.sparsity, found.density) == (0.1, 0.9)


@pytest.mark.parametrize("sparsity", [0, 1, -0.5, 2])
def test_a_sparsity_outside_is_refused(sparsity):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        analyze_superposition(5, 2, sparsity)
