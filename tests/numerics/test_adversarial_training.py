"""Training under attack: plain training without one, smaller weights with one."""

from dataclasses import replace

import numpy as np
import pytest

from numerics.adversarial_training import Attack, train_under_attack
from numerics.recipes import find
from numerics.training.engine import train_runs
from numerics.training.specs import Run
from theory.robustness import mean_input_norm

N, M = 40, 8
SPEC = replace(
    find("notebook-geometry").spec,
    n_features=N,
    d_hidden=M,
    density=(0.2,) * N,
    importance=(1.0,) * N,
    batch_size=128,
    init_instances=1,
    learning_rate=1e-2,
    steps=250,
)


def test_without_attack_it_is_plain_training():
    run = Run(replace(SPEC, steps=120), start=1, seed=4)
    plain = train_runs([run]).parameters
    found = train_under_attack(run, Attack(0.0))
    assert np.array_equal(found["W"], plain["W"][0])
    assert np.array_equal(found["b"], plain["b"][0])


@pytest.mark.parametrize("per_input", [False, True])
def test_attacks_make_fewer_features_per_dimension(per_input):
    free = train_under_attack(Run(SPEC), Attack(0.0))["W"]
    found = train_under_attack(Run(SPEC), Attack(0.8, per_input))
    assert (found["W"] ** 2).sum() < 0.8 * (free**2).sum()
    assert found["radius"] == pytest.approx(0.8 * mean_input_norm(0.2, N))


def test_the_same_run_gives_the_same_weights():
    run, attack = Run(replace(SPEC, steps=110)), Attack(0.3)
    first, second = train_under_attack(run, attack), train_under_attack(run, attack)
    assert np.array_equal(first["W"], second["W"])


def test_a_run_that_blows_up_says_so_and_keeps_finite_weights():
    run = Run(replace(SPEC, learning_rate=900.0, optimizer="sgd", reduction="sum", steps=300))
    with np.errstate(all="ignore"):
        found = train_under_attack(run, Attack(0.5))
    assert found["status"] == "nonfinite"
    assert np.isfinite(found["W"]).all()


def test_other_runs_are_refused():
    with pytest.raises(ValueError, match="relu-hidden"):
        train_under_attack(Run(replace(SPEC, model="relu-hidden")), Attack(0.1))
    with pytest.raises(ValueError, match="law"):
        train_under_attack(Run(replace(SPEC, amplitude="binary")), Attack(0.1))
    with pytest.raises(ValueError, match="negative"):
        train_under_attack(Run(SPEC), Attack(-0.1))
