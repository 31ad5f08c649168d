"""Blocks are regular, packings fill the dimensions, starts are of the right shape."""

from fractions import Fraction

import numpy as np
import pytest

from numerics.packings import packings, polygon, simplex
from numerics.starts import by_cost, structured_starts
from theory.phases import dimensionalities
from theory.problem import Problem

SIZES = [(4, 1), (4, 2), (5, 2), (5, 4), (6, 6), (8, 3), (20, 5), (80, 20), (400, 30)]


def equal(n, m):
    return Problem(features=n, hidden=m, density=Fraction(1, 10))


@pytest.mark.parametrize("d", range(1, 9))
def test_the_simplex_has_unit_columns_and_cosines_of_minus_one_over_d(d):
    W = simplex(d)
    wanted = np.eye(d + 1) * (1 + 1 / d) - 1 / d
    assert np.allclose(W.T @ W, wanted, rtol=0, atol=1e-14)


@pytest.mark.parametrize("k", range(3, 9))
def test_a_polygon_has_dimensionality_two_over_k(k):
    W = polygon(k)
    assert dimensionalities(W.T @ W) == pytest.approx([2 / k] * k)


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_packings_fill_the_dimensions_with_orthogonal_blocks_of_unit_vectors(n, m):
    found = packings(n, m, 32)
    assert len({packing.name for packing in found}) == len(found) <= 32
    assert found[0].name == f"{m} dedicated"
    for packing in found:
        W = packing.weights(range(n))
        norms = np.linalg.norm(W, axis=0)
        stored = sum(block.vertices.shape[1] for block in packing.blocks)
        assert np.allclose(norms[:stored], 1, rtol=0, atol=1e-14), packing.name
        assert not norms[stored:].any()
        assert np.linalg.matrix_rank(W) == m
        # a tight frame in each block: the dimensionalities sum to the rank
        if "square antiprism" not in packing.name:
            assert dimensionalities(W.T @ W).sum() == pytest.approx(m)


def test_the_blocks_of_the_paper_are_among_the_packings_of_their_size():
    for n, m, name in [
        (5, 2, "1 pentagon"),
        (4, 3, "1 tetrahedron"),
        (3, 2, "1 triangle"),
        (8, 3, "1 square antiprism"),
        (80, 20, "20 digon"),
        (7, 6, "1 simplex 6"),
        (7, 2, "1 polygon 7"),
    ]:
        assert name in {packing.name for packing in packings(n, m, 32)}


@pytest.mark.parametrize(("n", "m"), SIZES)
@pytest.mark.parametrize("limit", [0, 1, 5, 64])
def test_structured_starts_have_the_shapes_and_unit_norms_and_half_the_density_as_bias(n, m, limit):
    problem = equal(n, m)
    W, b = structured_starts(problem, limit)
    assert W.shape == (len(b), m, n)
    assert b.shape == (len(W), n)
    assert len(W) <= limit
    if limit:
        norms = np.linalg.norm(W[: (len(W) + 1) // 2], axis=1)
        assert (np.isclose(norms, 1, rtol=0, atol=1e-14) | (norms == 0)).all()
        assert np.array_equal(b[: len(norms)], np.where(norms > 0, 0.0, 0.05))
        again, _ = structured_starts(problem, limit)
        assert np.array_equal(W, again)


def test_the_second_half_of_the_starts_are_perturbed_copies_of_the_first():
    W, b = structured_starts(equal(20, 5))
    half = len(W) // 2
    noise = W[half:] - W[:half]
    assert len(W) == 2 * half
    assert np.array_equal(b[half:], b[:half])
    assert noise.std() == pytest.approx(0.05, rel=0.1)
    assert np.abs(noise).reshape(half, -1).max(1).min() > 0


def test_features_enter_in_the_order_of_what_dropping_them_costs():
    problem = Problem(
        features=5,
        hidden=2,
        density=(Fraction(1, 10), 1, Fraction(1, 2), Fraction(1, 2), Fraction(1, 2)),
        importance=(1, 1, 1, 2, Fraction(1, 2)),
    )
    assert by_cost(problem) == [3, 2, 1, 4, 0]
    W, _ = structured_starts(problem)
    assert list(np.flatnonzero(np.linalg.norm(W[0], axis=0))) == [2, 3]


def test_of_few_features_every_choice_of_dedicated_ones_that_differs_is_a_start():
    importance = tuple(Fraction(1, k + 1) for k in range(5))
    problem = Problem(features=5, hidden=2, density=Fraction(1, 2), importance=importance)
    W, _ = structured_starts(problem)
    stored = {tuple(np.flatnonzero(np.linalg.norm(w, axis=0))) for w in W[: len(W) // 2]}
    assert sum(len(one) == 2 for one in stored) == 10


@pytest.mark.parametrize("case", [(0, 0), (2, 3)])
def test_dimensions_that_cannot_be_filled_are_named(case):
    with pytest.raises(ValueError, match=str(case[1])):
        packings(*case, 5)
    with pytest.raises(ValueError, match="-1"):
        structured_starts(equal(4, 2), -1)
