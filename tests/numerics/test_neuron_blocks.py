"""Blocks of neurons and features: hand-made weights, noise, permutations and signs."""

from itertools import combinations

import numpy as np
import pytest

from numerics.neuron_blocks import (
    Block,
    alignment,
    excited,
    neuron_blocks,
    neurons_per_feature,
    regime,
)

TRIPLE = np.array([[0.85, 0.85, -0.7], [0.85, -0.8, 0.85]])


def three_in_two_and_one():
    W = np.zeros((3, 5))
    W[:2, 1:4], W[2, 0] = TRIPLE, 1.0
    return W


def pairs():
    W = np.full((5, 10), -0.9)
    for feature, pair in enumerate(combinations(range(5), 2)):
        W[list(pair), feature] = 0.7
    return W


def test_features_and_neurons_that_share_no_weight_are_apart():
    found = neuron_blocks(three_in_two_and_one())
    assert found.blocks == (Block((1, 2, 3), (0, 1)), Block((0,), (2,)))
    assert (found.dropped, found.idle) == ((4,), ())
    assert found.name == "3 in 2 + 1 in 1"


@pytest.mark.parametrize(
    ("W", "name"),
    [
        (np.eye(3, 5), "monosemantic"),
        (three_in_two_and_one(), "3 in 2"),
        (pairs(), "pairs"),
        (np.zeros((2, 3)), "empty"),
        (np.array([[1.0, 0, 0], [0, 0.7, 0], [0, 0.7, 0]]), "monosemantic"),
    ],
)
def test_regimes_survive_noise_order_and_scale(W, name):
    rng = np.random.default_rng(0)
    turned = W[rng.permutation(W.shape[0])][:, rng.permutation(W.shape[1])]
    noisy = 1.2 * turned + rng.uniform(-0.1, 0.1, W.shape)
    assert regime(W) == regime(turned) == regime(noisy) == name


def test_signs_do_not_change_blocks_but_do_change_what_is_excited():
    W = three_in_two_and_one()
    assert neuron_blocks(-W) == neuron_blocks(W)
    assert excited(W) == [(2,), (0, 1), (0,), (1,), ()]
    assert excited(-W) == [(), (), (1,), (0,), ()]


def test_ten_in_five_is_no_regime_of_pairs_when_two_features_have_the_same_pair():
    W = pairs()
    W[:, 9] = W[:, 0]
    assert regime(W) == "10 in 5"


def test_two_equal_blocks_are_counted():
    zero = np.zeros_like(TRIPLE)
    assert neuron_blocks(np.block([[TRIPLE, zero], [zero, TRIPLE]])).name == "2 × 3 in 2"


def test_weights_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="finite matrix"):
        neuron_blocks([[np.nan, 1.0]])


def test_alignment_of_one_and_of_c_neurons_and_of_random_directions():
    W = np.array([[2.0, 1.0, 0.0], [0.0, -1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    np.testing.assert_allclose(alignment(W), [1, 1 / 4, 0])
    np.testing.assert_allclose(neurons_per_feature(W), [1, 4, 0])
    directions = np.random.default_rng(1).normal(size=(5, 200_000))
    assert alignment(directions).mean() == pytest.approx(3 / 7, abs=2e-3)
