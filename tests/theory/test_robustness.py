"""Attacks, exactly: the paper's directions, their unit, bounds, the worst in the plane."""

import numpy as np
import pytest

from theory import population_loss
from theory.capacity import dimensionality
from theory.robustness import (
    attack_directions,
    attack_shifts,
    gram,
    largest_on_ball,
    mean_input_norm,
    own_response,
    spectral_bound,
    worst_loss_bound,
)
from theory.worst_attacks import worst_attack


def model(seed: int, m: int = 2, n: int = 5):
    rng = np.random.default_rng(seed)
    x = rng.random(n) * (rng.random(n) < 0.5)
    return 0.8 * rng.standard_normal((m, n)), 0.2 * rng.standard_normal(n), x


def loss(W, b, x):
    return ((np.maximum(x @ gram(W) + b, 0) - x) ** 2).sum(-1)


def attacked(W, b, x, delta):
    return ((np.maximum((x + delta) @ gram(W) + b, 0) - x) ** 2).sum(-1)


@pytest.mark.parametrize("seed", range(3))
def test_no_direction_moves_an_output_more_than_its_own_attack(seed):
    W, _, _ = model(seed)
    others = np.random.default_rng(seed).standard_normal((500, 5))
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    assert np.all(others @ gram(W) <= own_response(W) + 1e-12)
    assert np.allclose(np.diag(attack_shifts(W)), own_response(W))


def test_own_response_is_norm_squared_over_the_root_of_dimensionality():
    W, _, _ = model(1)
    g = np.diag(gram(W))
    assert np.allclose(own_response(W), g / np.sqrt(dimensionality(W)))


def test_a_feature_without_weights_has_no_attack():
    assert not attack_directions(np.array([[1.0, 0.0]]))[:, 1].any()


@pytest.mark.parametrize("n", [1, 4])
def test_mean_norm_of_dense_inputs_agrees_with_closed_forms(n):
    # n = 1: p/2; n = 4 by the integral over the square, checked by a fine midpoint rule
    if n == 1:
        assert mean_input_norm(0.3, 1) == pytest.approx(0.15, rel=1e-9)
        return
    axis = (np.arange(24) + 0.5) / 24
    square = axis**2
    total = square[:, None] + square
    norms = np.sqrt(total[:, :, None, None] + total)
    assert mean_input_norm(1.0, 4) == pytest.approx(norms.mean(), rel=2e-4)


def test_mean_norm_of_sparse_inputs_agrees_with_samples():
    rng = np.random.default_rng(0)
    x = rng.random((40_000, 20)) * (rng.random((40_000, 20)) < 0.1)
    norms = np.linalg.norm(x, axis=1)
    error = norms.std() / np.sqrt(len(norms))
    assert abs(mean_input_norm(0.1, 20) - norms.mean()) < 5 * error
    assert abs(mean_input_norm(0.11, 20) - norms.mean()) > 5 * error


def test_density_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="outside"):
        mean_input_norm(0.0, 3)


def test_a_fixed_attack_is_a_change_of_bias():
    W, b, _ = model(2, 1, 3)
    delta = np.array([0.1, -0.2, 0.05])
    rng = np.random.default_rng(5)
    x = rng.random((200_000, 3)) * (rng.random((200_000, 3)) < 0.4)
    sampled = attacked(W, b, x, delta)
    exact = population_loss(W, b + gram(W) @ delta, 0.4)
    assert abs(sampled.mean() - exact) < 5 * sampled.std() / np.sqrt(len(x))


def test_the_largest_value_on_a_ball_is_attained_and_not_exceeded():
    rng = np.random.default_rng(3)
    root = rng.standard_normal((6, 4, 4))
    H, g = root @ root.swapaxes(-1, -2), rng.standard_normal((6, 4))
    g[0] = 0
    bound, alpha = largest_on_ball(H, g, 0.7)
    value = np.einsum("ki,kij,kj->k", alpha, H, alpha) + 2 * (g * alpha).sum(-1)
    assert np.allclose(np.linalg.norm(alpha, axis=1), 0.7)
    assert np.allclose(value, bound, rtol=1e-9)
    other = rng.standard_normal((2000, 4))
    other *= 0.7 / np.linalg.norm(other, axis=1, keepdims=True)
    values = np.einsum("si,kij,sj->ks", other, H, other) + 2 * (g @ other.T)
    assert np.all(values.max(1) <= bound + 1e-9)


@pytest.mark.parametrize("m", [1, 2])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("radius", [0.1, 0.6])
def test_the_worst_attack_is_between_dense_search_and_bound(m, seed, radius):
    W, b, x = model(10 + seed, m)
    worst, delta = worst_attack(W, b, x, radius)
    assert np.linalg.norm(delta) <= radius * (1 + 1e-9)
    assert attacked(W, b, x, delta) == pytest.approx(worst, rel=1e-9)
    rows = np.linalg.svd(W, full_matrices=False)[2]
    rng = np.random.default_rng(seed)
    alpha = rng.standard_normal((4000, m))
    alpha *= (
        radius
        * np.minimum(1, 1.5 * rng.random((4000, 1)))
        / np.linalg.norm(alpha, axis=1, keepdims=True)
    )
    searched = attacked(W, b, x, alpha @ rows).max()
    assert searched <= worst + 1e-12
    assert searched >= worst - 0.02 * max(worst, 0.1)
    bound, _ = worst_loss_bound(W, b, x[None], radius)
    assert worst <= bound[0] + 1e-9


@pytest.mark.parametrize("radius", [0.1, 0.6])
def test_the_worst_attack_on_one_feature_in_two_dimensions_is_that_in_one(radius):
    turned = np.array([[0.6], [0.8]])
    for b, x in ((0.1, 0.5), (-0.3, 0.2)):
        alone, _ = worst_attack(np.ones((1, 1)), np.array([b]), np.array([x]), radius)
        found, delta = worst_attack(turned, np.array([b]), np.array([x]), radius)
        assert found == pytest.approx(alone, rel=1e-12)
        assert attacked(turned, np.array([b]), np.array([x]), delta) == pytest.approx(found)


def test_the_spectral_bound_holds_for_the_mean_of_worst_attacks():
    W, b, _ = model(4)
    rng = np.random.default_rng(0)
    x = rng.random((60, 5)) * (rng.random((60, 5)) < 0.4)
    calm = loss(W, b, x).mean()
    worst = np.mean([worst_attack(W, b, one, 0.3)[0] for one in x])
    assert worst - calm <= spectral_bound(W, calm, 0.3)


@pytest.mark.parametrize("delta", [[0.1, 0, 0], [0.06, -0.08, 0], [0, 0, 0.1]])
def test_without_superposition_no_attack_costs_more_than_its_square(delta):
    W, b = np.array([[1.0, 0, 0], [0, 1.0, 0]]), np.array([0, 0, 0.2])
    x = np.random.default_rng(1).random((50, 3)) * np.array([1, 0, 1])
    grown = attacked(W, b, x, np.array(delta)) - loss(W, b, x)
    assert np.all(grown <= 0.01 + 1e-12)


def test_negative_inputs_and_many_dimensions_are_refused():
    W, b, x = model(0)
    with pytest.raises(ValueError, match="negative"):
        worst_loss_bound(W, b, x[None] - 2, 0.1)
    with pytest.raises(ValueError, match="one or two"):
        worst_attack(np.eye(3), np.zeros(3), np.zeros(3), 0.1)
    with pytest.raises(ValueError, match="radius"):
        worst_attack(W, b, x, 0.0)
