"""Losses on samples sorted by active features: against exact ones, gradients, descent."""

from math import comb

import numpy as np
import pytest

from numerics.neuron_samples import draw_samples, settle
from theory.neuron_losses import neuron_loss
from theory.problem import dropped_loss

W = np.array([[0.86, 0.84, -0.67], [0.85, -0.82, 0.81]])
B = np.array([-0.5, 0.05, 0.05])
I = (1.0, 0.75, 0.5)


@pytest.fixture(scope="module")
def samples():
    return draw_samples(3, "test", 2048)


def test_every_set_of_active_features_has_its_share(samples):
    for k in range(4):
        own = samples.count == k
        assert samples.share[own].sum() == pytest.approx(1)
        assert ((samples.x[own] > 0).sum(1) == k).all()
        sets, sizes = np.unique(samples.x[own] > 0, axis=0, return_counts=True)
        assert len(sets) == comb(3, k)
        assert len(set(sizes.tolist())) == 1


@pytest.mark.parametrize("p", [0.05, 0.4, 1.0])
def test_the_loss_is_the_exact_one(samples, p):
    exact = neuron_loss(W, B, p, np.array(I))
    assert samples.loss(W, B, p, I) == pytest.approx(exact, rel=5e-3)


def test_equal_keys_give_equal_samples_and_others_do_not():
    first, again, other = (draw_samples(2, key, 64) for key in ("a", "a", "b"))
    assert np.array_equal(first.x, again.x)
    assert not np.array_equal(first.x, other.x)


def test_descent_ends_where_no_small_step_helps(samples):
    found = settle(W, B, 0.35, I, samples)
    assert found.status == "converged"
    assert found.loss < samples.loss(W, B, 0.35, I)
    assert found.loss == pytest.approx(samples.loss(found.W, found.b, 0.35, I), rel=1e-12)
    rng = np.random.default_rng(0)
    for _ in range(20):
        step = 1e-2 * rng.normal(size=W.shape)
        assert samples.loss(found.W + step, found.b, 0.35, I) > found.loss


def test_a_dense_feature_alone_is_learned_and_the_other_dropped():
    samples = draw_samples(2, "alone", 2048)
    start = np.array([[0.9, 0.05]])
    found = settle(start, np.zeros(2), 0.8, (1.0, 0.3), samples)
    assert abs(found.W[0, 0]) == pytest.approx(1, abs=0.1)
    assert found.loss <= 0.3 * dropped_loss(0.8) * 1.001
