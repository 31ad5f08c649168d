from dataclasses import replace

import numpy as np
import pytest

from numerics.recipes.catalogue import find
from numerics.training.engine import train_runs
from numerics.training.specs import Run
from numerics.trajectories import Stages, kept_weights, level_jumps, stages

SPEC = replace(
    find("paper-energy-levels").spec,
    n_features=4, d_hidden=2, density=(0.3,) * 4, importance=(1.0,) * 4, steps=250, batch_size=64,
)  # fmt: skip


@pytest.mark.parametrize("n", [4, 40])
def test_kept_weights_are_those_of_unbroken_training(n):
    """The optimiser's memory is kept: any other memory would end elsewhere."""
    spec = replace(SPEC, n_features=n, density=(0.3,) * n, importance=(1.0,) * n)
    run = Run(spec, 1, 3)
    kept = kept_weights(run, [0, 7, 100, 163, 250])
    whole = train_runs([run]).parameters
    assert np.array_equal(kept["W"][-1].astype(np.float32), whole["W"][0])
    assert np.array_equal(kept["b"][-1].astype(np.float32), whole["b"][0])
    part = train_runs([Run(replace(spec, steps=100), 1, 3)]).parameters
    assert np.array_equal(kept["W"][2].astype(np.float32), part["W"][0])


def test_weights_are_kept_of_training_on_samples_only():
    with pytest.raises(ValueError, match="sampled"):
        kept_weights(Run(replace(SPEC, objective="exact"), 0, 0), [0])
    with pytest.raises(ValueError, match="ascend"):
        kept_weights(Run(SPEC, 0, 0), [5, 3])


def test_stages_do_not_depend_on_how_densely_a_path_is_kept():
    t = np.linspace(0, 1, 1001)
    speed = 10 ** (np.cos(6 * np.pi * t) - 3 * t)
    coarse, fine = stages(speed[::10], 0.3, 1e-9), stages(speed, 0.3, 1e-9)
    assert len(coarse.plateaus) == len(fine.plateaus) == 4
    assert len(fine.jumps) == 3
    assert [10 * k for k in coarse.plateaus] == pytest.approx(fine.plateaus, abs=10)


def test_small_dips_and_dips_below_the_floor_are_no_plateaus():
    speed = np.array([1.0, 0.9, 1.0, 1e-3, 1e-7, 1e-5, 1e-8, 1e-8])
    assert stages(speed, 0.3, 1e-4) == Stages((7,), ())
    assert len(stages(speed, 0.3, 1e-9).plateaus) == 2


def test_a_jump_is_an_arrival_at_another_level():
    up = np.array([0.0, 0.2, 0.3, 0.5, 0.45, 0.5])
    back = np.array([0.5, 0.3, 0.2, 0.3, 0.5, 0.5])
    assert level_jumps(np.column_stack([up, back]), (0.0, 0.5), 0.1) == [(0, 0, 1, 2)]
