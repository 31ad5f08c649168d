"""The packing that was planted is the one found, whatever the labels and rotations."""

from itertools import permutations

import numpy as np
import pytest

from numerics.nearest_packing import MOST_FEATURES, gram_distance, nearest_packing
from numerics.packings import packings


def turned(W, rng):
    """The same model with its features relabelled and its hidden space rotated."""
    rotation = np.linalg.qr(rng.standard_normal((len(W), len(W))))[0]
    return rotation @ W[:, rng.permutation(W.shape[1])]


@pytest.mark.parametrize(("n", "m"), [(4, 2), (5, 2), (6, 3), (9, 4), (12, 4), (20, 5)])
def test_a_packing_is_nearest_to_itself_however_labelled_and_rotated(n, m):
    rng = np.random.default_rng(n)
    for packing in packings(n, m, 32):
        found = nearest_packing(turned(packing.weights(range(n)), rng))
        assert found is not None
        assert found.name == packing.name
        assert found.gram_distance == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", ["10 pentagon", "20 digon", "2 dedicated + 6 tetrahedron"])
def test_a_noisy_packing_of_eighty_features_is_recognised(name):
    rng = np.random.default_rng(0)
    (packing,) = (p for p in packings(80, 20, 32) if p.name == name)
    W = turned(packing.weights(range(80)), rng)
    found = nearest_packing(W + 0.02 * rng.standard_normal(W.shape))
    assert found is not None
    assert found.name == name


def test_the_distance_is_the_least_over_all_permutations_for_clear_shapes():
    rng = np.random.default_rng(1)
    for packing in packings(6, 3, 10):
        V = packing.weights(range(6))
        W = turned(V, rng) + 0.05 * rng.standard_normal((3, 6))
        G, H = W.T @ W, V.T @ V
        least = min(np.linalg.norm(G - H[np.ix_(o, o)]) for o in permutations(range(6)))
        assert gram_distance(G, packing) == pytest.approx(least, abs=1e-12), packing.name


def test_the_distance_is_never_below_the_least_over_all_permutations():
    rng = np.random.default_rng(2)
    for packing in packings(5, 2, 10):
        V, W = packing.weights(range(5)), rng.standard_normal((2, 5))
        G, H = W.T @ W, V.T @ V
        least = min(np.linalg.norm(G - H[np.ix_(o, o)]) for o in permutations(range(5)))
        assert least - 1e-12 <= gram_distance(G, packing) <= 1.3 * least, packing.name


def test_a_model_like_no_packing_and_one_too_large_have_no_nearest():
    assert nearest_packing(np.zeros((2, 5))) is None
    assert nearest_packing(3 * np.ones((2, 5))) is None
    assert nearest_packing(np.eye(2, MOST_FEATURES + 1)) is None
