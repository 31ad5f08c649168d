from fractions import Fraction

import numpy as np
import pytest
import sympy

from theory.absolute_value import absolute_loss, conditional_losses, pairs, total

P = sympy.Symbol("p")


def test_two_neurons_per_feature_lose_nothing_at_any_density():
    assert absolute_loss(*pairs(3), P) == 0


def test_one_neuron_loses_half_the_mean_square():
    losses = conditional_losses([[1]], [[1]], [0])
    assert losses == {(): [0], (0,): [Fraction(1, 6)]}


def test_a_dropped_feature_at_its_best_constant_loses_V():
    p = Fraction(2, 5)
    lost = absolute_loss([[0]], [[0]], [p / 2], p)
    assert lost == p / 3 - p * p / 4


def test_floats_give_the_same_as_fractions():
    rng = np.random.default_rng(0)
    W_in, W_out = rng.integers(-4, 5, (4, 3)), rng.integers(-4, 5, (3, 4))
    b = [Fraction(1, 3), Fraction(-1, 4), Fraction(0)]
    exact = absolute_loss(W_in.tolist(), W_out.tolist(), b, Fraction(3, 10), [1, 2, 3])
    rounded = absolute_loss(W_in * 1.0, W_out * 1.0, [float(x) for x in b], 0.3, [1, 2, 3])
    assert isinstance(exact, Fraction)
    assert rounded == pytest.approx(float(exact), rel=1e-13)


def test_the_loss_is_the_mean_over_samples():
    rng = np.random.default_rng(1)
    W_in, W_out, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 5)), rng.normal(size=3)
    p, I = 0.6, np.array([1.0, 0.5, 0.25])
    x = rng.uniform(-1, 1, (3, 400_000)) * (rng.random((3, 400_000)) < p)
    y = np.maximum(W_out @ np.maximum(W_in @ x, 0) + b[:, None], 0)
    sample = I @ (np.abs(x) - y) ** 2
    exact = absolute_loss(W_in, W_out, b, p, I)
    assert abs(sample.mean() - exact) < 4 * sample.std() / np.sqrt(x.shape[1])


def test_the_loss_is_blind_to_a_rescaled_neuron_and_to_signs_of_features():
    rng = np.random.default_rng(2)
    W_in, W_out, b = rng.normal(size=(3, 2)), rng.normal(size=(2, 3)), rng.normal(size=2)
    loss = absolute_loss(W_in, W_out, b, 0.4)
    scale = np.array([2.0, 0.5, 3.0])
    rescaled = absolute_loss(W_in * scale[:, None], W_out / scale, b, 0.4)
    assert rescaled == pytest.approx(loss, rel=1e-13)
    assert absolute_loss(W_in * [-1, 1], W_out, b, 0.4) == pytest.approx(loss, rel=1e-13)


def test_the_total_weighs_active_sets_by_their_chance():
    losses = {(): [1, 0], (0,): [0, 1], (1,): [0, 0], (0, 1): [2, 0]}
    expected = (1 - P) ** 2 + 3 * P * (1 - P) + 2 * P**2
    assert sympy.expand(total(losses, P, [1, 3]) - expected) == 0
