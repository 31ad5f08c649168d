"""Orthogonal blocks, whatever their sizes, ranks and scales."""

import numpy as np
import pytest

from numerics.geometry.separation import separate, span
from tests.numerics.geometry.support import disguised


def blocks_of(W):
    return separate(W / np.linalg.norm(W, axis=0))


@pytest.mark.parametrize("d", [8, 12, 30])
def test_a_simplex_of_small_cosines_stays_whole_beside_others(d):
    rng = np.random.default_rng(d)
    W, parts = disguised(f"simplex-{d}+digon+digon+single", rng, 1e-3, spare=2)
    found = blocks_of(W)
    assert 1 / d < found.threshold
    assert {tuple(block) for block in found.blocks} == {tuple(part) for part in parts}


def test_two_simplices_of_small_cosines_are_not_mixed():
    W, parts = disguised("simplex-12+simplex-9", np.random.default_rng(0), 5e-3)
    assert {tuple(b) for b in blocks_of(W).blocks} == {tuple(part) for part in parts}


def test_blocks_are_sorted_by_dimension_size_and_features():
    W, _ = disguised("cube+tetrahedron+pentagon+digon+digon+single", np.random.default_rng(1))
    blocks = blocks_of(W).blocks
    assert [len(block) for block in blocks] == [8, 4, 5, 2, 2, 1]
    assert blocks[3][0] < blocks[4][0]


def test_the_couplings_of_the_cut_are_reported():
    """A digon and a triangle at right angles but for a cosine of 0.01."""
    half, high = 0.5, np.sqrt(0.75)
    W = np.array([[1, -half, -half, 0.01, -0.01], [0, high, -high, 0, 0], [0, 0, 0, 1, -1]])
    found = separate(W / np.linalg.norm(W, axis=0))
    assert found.weakest_within == pytest.approx(0.5)
    assert found.strongest_between == pytest.approx(0.01, rel=1e-3)
    assert found.typical_between == pytest.approx(0.01 * np.sqrt(0.5), rel=1e-3)
    alone = separate(np.array([[1.0]]))
    assert (alone.weakest_within, alone.strongest_between) == (None, None)


def test_a_coupling_that_noise_does_not_explain_joins():
    angles = np.deg2rad([0, 180, 75, 255])
    assert len(separate(np.stack([np.cos(angles), np.sin(angles)])).blocks) == 1


def test_random_features_do_not_fall_apart():
    rng = np.random.default_rng(2)
    assert len(blocks_of(rng.normal(size=(5, 40))).blocks) == 1


@pytest.mark.parametrize(("m", "d", "k"), [(30, 2, 5), (100, 1, 2), (8, 8, 240), (60, 3, 8)])
def test_noise_is_no_dimension(m, d, k):
    rng = np.random.default_rng(m)
    key = {(2, 5): "pentagon", (1, 2): "digon", (8, 240): "e8", (3, 8): "cube"}[d, k]
    for _ in range(20):
        W, _ = disguised(key, rng, 0.02, spare=m - d)
        assert span(W / np.linalg.norm(W, axis=0)).shape == (m, d)


def test_four_hundred_dedicated_features_under_noise_stay_apart():
    rng = np.random.default_rng(3)
    assert len(blocks_of(np.eye(400) + 0.02 * rng.normal(size=(400, 400))).blocks) == 400
