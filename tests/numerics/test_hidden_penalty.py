"""Training under an L1 penalty on the hidden layer."""

import numpy as np
import pytest

from numerics import exact_loss
from numerics.hidden_penalty import penalised_models, sampled_losses


def trained(coefficients, hidden_relu=False, start=0, seed=0, steps=600):
    return penalised_models(
        4,
        2,
        0.1,
        [1.0] * 4,
        coefficients,
        hidden_relu=hidden_relu,
        start=start,
        steps=steps,
        seed=seed,
    )


def test_without_a_penalty_models_learn_and_with_a_large_one_nothing_is_stored():
    found = trained([0.0, 5.0])
    loss = exact_loss(found["W"].astype(float), found["b"].astype(float), 0.1).numpy()
    V = 0.1 / 3 - 0.01 / 4
    assert loss[0] < 0.6 * 4 * V
    assert np.abs(found["W"][1]).max() < 0.1
    assert loss[1] == pytest.approx(4 * V, rel=0.02)


@pytest.mark.parametrize("hidden_relu", [False, True])
def test_a_penalty_makes_the_hidden_layer_smaller_and_the_loss_larger(hidden_relu):
    found = trained([0.0, 0.3], hidden_relu)
    loss, size = sampled_losses(
        found["W"], found["b"], 0.1, [1.0] * 4, hidden_relu=hidden_relu, samples=50_000, seed=1
    )
    assert size[1] < size[0]
    assert loss[1] > loss[0]


def test_losses_on_samples_are_the_exact_ones():
    found = trained([0.0, 0.1], steps=200)
    loss, _ = sampled_losses(
        found["W"], found["b"], 0.1, [1.0] * 4, hidden_relu=False, samples=200_000, seed=2
    )
    exact = exact_loss(found["W"].astype(float), found["b"].astype(float), 0.1).numpy()
    np.testing.assert_allclose(loss, exact, rtol=0.03)


def test_a_run_depends_on_start_and_seed_and_on_nothing_else():
    one, again = trained([0.0, 0.2], steps=20), trained([0.0, 0.2], steps=20)
    np.testing.assert_array_equal(one["W"], again["W"])
    assert not np.array_equal(one["W"], trained([0.0, 0.2], start=1, steps=20)["W"])
    assert not np.array_equal(one["W"], trained([0.0, 0.2], seed=1, steps=20)["W"])


@pytest.mark.parametrize("penalty", [-1.0, float("nan")])
def test_a_penalty_that_is_none_is_refused(penalty):
    with pytest.raises(ValueError, match="must be finite and not negative"):
        trained([penalty])
