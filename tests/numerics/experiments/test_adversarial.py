"""The experiments behind F27 and F28, tiny: laws of what they hold, and what they measure."""

import json

import numpy as np
import pytest
import xarray as xr

from numerics import exact_loss
from numerics.experiments.adversarial import hardened, shapes, vulnerability
from numerics.experiments.work import Work
from theory.robustness import attack_shifts, mean_input_norm

SMALL = {"features": 12, "hidden": 3, "steps": 60, "runs_per_unit": 3, "batch_size": 64}
ATTACKED = SMALL | {
    "densities": 3,
    "starts": 2,
    "guides": 40,
    "inputs": 16,
    "sparsest": 20,
    "shapes": ["digon"],
}
TRAINED = SMALL | {"densities": [0.3], "strengths": 3, "starts": 1}


def constants(experiment, few):
    return experiment.values("draft") | few


@pytest.fixture(scope="module")
def attacked():
    return vulnerability.compute(constants(vulnerability.EXPERIMENT, ATTACKED), Work(seed=3))


@pytest.fixture(scope="module")
def trained():
    return hardened.compute(constants(hardened.EXPERIMENT, TRAINED), Work(seed=3))


def test_equal_seeds_give_equal_models_and_attacks(trained):
    again = hardened.compute(constants(hardened.EXPERIMENT, TRAINED), Work(seed=3))
    xr.testing.assert_identical(trained, again)
    other = hardened.compute(constants(hardened.EXPERIMENT, TRAINED), Work(seed=4))
    assert not np.allclose(trained.loss, other.loss)


def test_attacks_are_ordered(attacked):
    assert (attacked.fixed_analytic <= attacked.fixed_either_sign).all()
    assert (attacked.fixed_either_sign <= attacked.fixed_found).all()
    assert (attacked.input_analytic <= attacked.input_found + 1e-9).all()
    assert (attacked.input_found <= attacked.input_bound + 1e-9).all()
    assert (attacked.input_bound.mean("input") <= attacked.spectral_bound * (1 + 1e-9)).all()


def test_the_attack_is_a_tenth_of_the_mean_input_norm(attacked):
    expected = [0.1 * mean_input_norm(p, 12) for p in attacked.density.values]
    assert np.allclose(attacked.radius, expected)


def test_measurements_are_json_and_follow_from_the_dataset(attacked, trained):
    found = vulnerability.measure(attacked)
    json.dumps(found, allow_nan=False)
    json.dumps(hardened.measure(trained), allow_nan=False)
    mean = attacked.fixed_analytic.values.mean(1)
    assert found["rise"] == pytest.approx(mean.max() / mean[0])
    flipped = attacked.assign(fixed_analytic=attacked.fixed_analytic[::-1].drop_vars("density"))
    assert vulnerability.measure(flipped)["dense_vulnerability"] == pytest.approx(mean[-1])


def test_a_mix_has_the_vulnerability_of_its_worst_block():
    p = [1.0, 0.05]
    digon = shapes.shape_unit("digon", p, 12, 0.1)
    worthless = {
        "loss": np.array([1e3, 1e3]),
        "squared_norm": np.ones(2),
        "vulnerability": np.array([9.0, 9.0]),
        "features": np.array(2),
        "dimensions": np.array(1),
    }
    worst, per_dimension, names = shapes.mixes(p, {"digon": digon, "other": worthless}, 12, 3)
    assert names[1] == "digon"
    assert worst[1] == digon["vulnerability"][1]
    assert per_dimension[1] == pytest.approx(digon["squared_norm"][1])


@pytest.mark.parametrize("kind", ["single", "pair"])
def test_the_benefit_under_attack_is_the_least_over_gain_and_bias(kind):
    p, n, radius = 0.2, 30, 0.4
    best = hardened.benefit_under_attack(kind, p, radius, n)
    V = p / 3 - p**2 / 4
    W0 = np.array([[1.0]]) if kind == "single" else np.array([[1.0, -1.0]])
    k = W0.shape[1]
    for gain, bias in np.random.default_rng(0).uniform([0.3, -0.2], [1.2, 0.2], (60, 2)):
        W, b = np.sqrt(gain) * W0, np.full(k, bias)
        calm = float(exact_loss(W, b, p))
        hit = float(exact_loss(W, b + radius * attack_shifts(W)[:, 0], p))
        assert (k * V - (1 - k / n) * calm - k / n * hit) / V <= best + 1e-4
    assert best < k
    assert hardened.benefit_under_attack(kind, p, 0.0, n) > best


def test_the_crossing_is_the_last_one():
    x = np.array([0.0, 0.5, 1.0])
    assert hardened._crossing(x, np.array([3.0, 2.0, 0.0]), 1.0) == pytest.approx(0.75)
    assert hardened._crossing(x, np.array([0.5, 2.0, 0.0]), 1.0) == pytest.approx(0.75)
    assert hardened._crossing(x, np.array([0.5, 0.5, 0.0]), 1.0) == 0
    assert hardened._crossing(x, np.array([3.0, 0.0, 2.0]), 1.0) is None
