"""Schedules against the formulas of the public code, and PyTorch's own."""

from math import cos, pi

import numpy as np
import pytest
import torch

from numerics.training.schedules import learning_rates
from numerics.training.specs import SCHEDULES, RunSpec

# The notebook of arXiv 2209.10652 and ARENA 1.5.4: step s of S.
PUBLIC = {
    "constant": lambda s, S: 1.0,
    "linear": lambda s, S: 1 - s / S,
    "quarter-cosine": lambda s, S: cos(0.5 * pi * s / (S - 1)),
}


def rates(schedule, steps, warm_up=0, learning_rate=1e-3):
    return learning_rates(
        RunSpec(
            n_features=2,
            d_hidden=1,
            density=(0.5, 0.5),
            importance=(1.0, 1.0),
            initialisation="xavier-normal",
            optimizer="adam",
            learning_rate=learning_rate,
            schedule=schedule,
            warm_up=warm_up,
            steps=steps,
        )
    )


@pytest.mark.parametrize("schedule", PUBLIC)
@pytest.mark.parametrize("steps", [2, 7, 5000])
def test_the_public_schedules(schedule, steps):
    expected = [1e-3 * PUBLIC[schedule](s, steps) for s in range(steps)]
    assert rates(schedule, steps) == pytest.approx(expected, rel=1e-12, abs=1e-18)


@pytest.mark.parametrize("steps", [1, 7, 500])
def test_cosine_is_pytorchs_annealing(steps):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.3)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    expected = []
    for _ in range(steps):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        theirs.step()
    # PyTorch multiplies up its factors step by step, which costs rounding.
    assert rates("cosine", steps, learning_rate=0.3) == pytest.approx(expected, abs=1e-12)


def test_the_two_cosines_are_told_apart_by_the_middle_and_the_end():
    half, quarter = rates("cosine", 101), rates("quarter-cosine", 101)
    assert half[100] == pytest.approx(1e-3 * (1 + cos(pi * 100 / 101)) / 2)
    assert quarter[100] == pytest.approx(0.0, abs=1e-18)
    assert quarter[50] == pytest.approx(1e-3 * cos(pi / 4))
    assert half[50] == pytest.approx(0.5e-3, rel=0.02)  # half way, within a step of the middle


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_warm_up_rises_linearly_and_the_schedule_covers_the_rest(schedule):
    warmed = rates(schedule, 30, warm_up=10)
    assert warmed[:10] == pytest.approx(1e-4 * np.arange(1, 11))
    assert np.array_equal(warmed[10:], rates(schedule, 20))


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(("steps", "warm_up"), [(0, 0), (1, 0), (1, 1), (5, 5), (6, 5)])
def test_the_shortest_runs_have_a_rate_for_every_step(schedule, steps, warm_up):
    found = rates(schedule, steps, warm_up)
    assert found.shape == (steps,)
    assert found.dtype == np.float64
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    if steps:
        assert found.max() == pytest.approx(1e-3)
