"""Losses of features that switch in sets, against another evaluator, and where descent ends."""

import numpy as np
import pytest

from numerics import exact_loss
from numerics.set_descent import descend_mixture, mixture_loss
from theory.correlated_sets import CANDIDATES, candidate_loss
from theory.laws import FeatureLaw

LAWS = ("correlated:0,1/2,3", "anticorrelated:0,1/2,3", "exclusive:1,2", "independent")


def models(count, m, n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, m, n)) * 0.6, rng.normal(size=(count, n)) * 0.1


@pytest.mark.parametrize("text", LAWS)
def test_losses_agree_with_the_series(text):
    W, b = models(3, 2, 4)
    law = FeatureLaw.parse(text)
    expected = exact_loss(W, b, 0.3, law=law).numpy()
    np.testing.assert_allclose(mixture_loss(W, b, 0.3, law), expected, atol=1e-9)


def test_each_model_has_its_own_density():
    W, b = models(2, 2, 4)
    law = FeatureLaw.parse(LAWS[0])
    apart = [mixture_loss(W[k : k + 1], b[k : k + 1], p, law)[0] for k, p in ((0, 0.2), (1, 1.0))]
    np.testing.assert_allclose(mixture_loss(W, b, [0.2, 1.0], law), apart, rtol=1e-12)


@pytest.mark.parametrize("alike", [(), ((0, 1),)])
def test_descent_ends_in_a_critical_point_no_higher(alike):
    W, b = models(2, 2, 6, seed=3)
    law = FeatureLaw.parse("correlated:0,1/2,3/4,5")
    ends = descend_mixture(W, b, 0.2, law, alike=alike)
    assert ends.status == ["converged"] * 2
    assert (ends.loss < mixture_loss(W, b, 0.2, law)).all()
    np.testing.assert_allclose(ends.loss, mixture_loss(ends.W, ends.b, 0.2, law), atol=1e-9)
    for group in alike:
        np.testing.assert_array_equal(ends.W[:, :, group[0]], ends.W[:, :, group[1]])
    step = 1e-5  # exchangeable members: critical among all models, not only among the alike
    moved = ends.W.copy()
    moved[:, 0, 0] += step
    back = ends.W.copy()
    back[:, 0, 0] -= step
    slope = (mixture_loss(moved, ends.b, 0.2, law) - mixture_loss(back, ends.b, 0.2, law)) / step
    assert np.abs(slope).max() < 1e-4


def test_descent_does_not_rise_above_a_candidate():
    law = FeatureLaw.parse("correlated:0,1/2,3/4,5")
    W = np.array(CANDIDATES["two_collapsed"], dtype=float)[None]
    ends = descend_mixture(W, np.zeros((1, 6)), 0.1, law)
    assert ends.loss[0] < float(candidate_loss("two_collapsed", 0.1))


def test_right_anticorrelated_pairs_are_found_from_near_them():
    W = np.array([[[0.9, -0.8, 0.1, 0.0], [0.0, 0.1, 0.7, -1.1]]])
    ends = descend_mixture(W, np.zeros((1, 4)), 0.5, FeatureLaw.parse(LAWS[1]))
    assert ends.loss[0] < 1e-9


def test_what_does_not_fit_is_refused():
    W, b = models(1, 2, 10)
    with pytest.raises(ValueError, match="active sets"):
        mixture_loss(W, b, 0.3, FeatureLaw())
    with pytest.raises(ValueError, match="do not fit"):
        mixture_loss(W, b[:, :4], 0.3, FeatureLaw())
    with pytest.raises(ValueError, match="binary"):
        mixture_loss(W, b, 0.3, FeatureLaw(amplitude="binary"))
