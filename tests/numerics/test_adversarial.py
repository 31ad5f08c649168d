"""Attacks on models: ordered as they must be, exact where they can be."""

import numpy as np
import pytest

from numerics.adversarial import draw_inputs, fixed_attacks, input_attacks
from theory import population_loss
from theory.robustness import attack_shifts
from theory.worst_attacks import worst_attack

TURN = 2 * np.pi * np.arange(5) / 5
PENTAGON = 1.1 * np.stack([np.cos(TURN), np.sin(TURN)])
BIAS = np.full(5, -0.2)


def rng():
    return np.random.default_rng(7)


def test_the_fixed_attack_is_judged_by_the_exact_loss():
    found = fixed_attacks(PENTAGON, BIAS, 0.2, 0.3, rng(), 200)
    shift = 0.3 * attack_shifts(PENTAGON)[:, found.feature]
    calm = population_loss(PENTAGON, BIAS, 0.2)
    grown = (population_loss(PENTAGON, BIAS + shift, 0.2) - calm) / 0.09
    assert found.loss == pytest.approx(calm, abs=1e-6)
    assert found.analytic == pytest.approx(grown, abs=1e-5)
    assert found.analytic <= found.either_sign <= found.found


def test_without_superposition_vulnerability_is_one_for_every_attack():
    W, b = np.eye(3, 5), np.array([0, 0, 0, 0.1, 0.1])
    found = fixed_attacks(W, b, 0.2, 0.1, rng(), 200)
    assert found.analytic == pytest.approx(1, abs=1e-4)
    assert found.found == pytest.approx(1, abs=1e-4)


def test_attacks_on_inputs_are_ordered_and_below_the_worst():
    x = draw_inputs(rng(), 30, 5, 0.4)
    found = input_attacks(PENTAGON, BIAS, x, 0.4, rng())
    calm = ((np.maximum(x @ PENTAGON.T @ PENTAGON + BIAS, 0) - x) ** 2).sum(1)
    worst = np.array([worst_attack(PENTAGON, BIAS, one, 0.4)[0] for one in x])
    worst = (worst - calm) / 0.16
    assert np.all(found.analytic <= found.found + 1e-12)
    assert np.all(found.gradient <= found.found + 1e-12)
    assert np.all(found.found <= worst + 1e-9)
    assert np.all(worst <= found.bound + 1e-9)
    assert found.found.mean() > 0.97 * worst.mean()


def test_silent_outputs_give_no_gradient_and_gradient_ascent_stays():
    x = np.zeros((1, 5))
    found = input_attacks(PENTAGON, BIAS, x, 0.4, rng())
    assert found.masked[0]
    assert found.off[0] == 1
    assert found.gradient[0] == 0
    assert found.analytic[0] > 0
    active = input_attacks(PENTAGON, BIAS, np.full((1, 5), 0.5) * [1, 0, 0, 0, 0], 0.4, rng())
    assert not active.masked[0]
    assert active.gradient[0] > 0


def test_inputs_have_their_density():
    x = draw_inputs(rng(), 20_000, 3, 0.25)
    assert abs((x > 0).mean() - 0.25) < 5 * np.sqrt(0.25 * 0.75 / 60_000)
    assert x.min() == 0
    assert x.max() < 1
