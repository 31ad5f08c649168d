import json

import numpy as np
import pytest

from numerics.experiments.learning_dynamics import EXPERIMENTS
from numerics.experiments.learning_dynamics.energy_levels import path_measurements
from numerics.experiments.learning_dynamics.geometric_stages import (
    pair_times,
    partners,
    principal_share,
)
from numerics.experiments.learning_dynamics.paths import flow_unit, named, recipe_spec
from numerics.experiments.work import Work

TINY = {
    "energy_levels": {
        "features": 6, "hidden": 2, "steps": 200, "starts": 1, "kept": 20, "batch": 64,
        "flow_features": 4, "flow_hidden": 1, "flow_duration": 50.0, "flow_points": 40,
        "flow_starts": 2,
    },
    "geometric_stages": {
        "steps": 200, "kept": 20, "batch": 64, "duration": 20.0, "points": 40, "starts": 1,
        "other_starts": 1,
    },
}  # fmt: skip


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_results_repeat_and_are_json(experiment):
    constants = {**experiment.values("draft"), **TINY[experiment.name]}
    first, second = (experiment.compute(constants, Work(seed=1)) for _ in range(2))
    assert first.identical(second)
    measured = experiment.measure(first)
    json.dumps(measured, allow_nan=False)
    assert set(measured) == set(experiment.measure(second))


def test_flow_from_small_weights_passes_saddles_to_the_octahedron():
    spec = recipe_spec("paper-trajectories", 6, 3, 0.1, init_scale=0.01)
    found = flow_unit(spec, 0, 0, 3000.0, 200)
    count = int((found["plateau"] >= 0).sum())
    assert (np.diff(found["loss"]) < 1e-8).all()
    assert found["critical_loss"][0] == pytest.approx(1.0)
    assert found["index_low"][0] == found["index_high"][0] == 18
    assert found["geometry"][[0, count - 1]].tolist() == ["nothing", "octahedron"]
    ends = partners(found["W"][-1])
    assert all((i < 3) != (j < 3) for i, j in enumerate(ends))


def test_jumps_swaps_and_ranks_of_a_made_up_path():
    D = np.zeros((40, 3))
    D[10:, 0] = 0.5  # jumps
    D[5:20, 1] = 0.3  # is displaced
    loss = np.where(np.arange(40) < 10, 1.0, 0.5)
    found = path_measurements(D, loss)
    assert (found["jumps"], found["displaced"], found["digons"]) == (1, 1, 1)
    assert found["at_levels"] == 1.0
    assert path_measurements(D[:, 2:], loss)["rank_at_jumps"] is None


def test_principal_share_of_means_and_of_differences():
    means = np.array([[1.0, 1, 1, 0, 0, 0], [0, 0, 0, 2, 2, 2]])
    differences = np.array([[1.0, -1, 0, 0, 0, 0]])
    assert principal_share(means) == pytest.approx(1.0)
    assert principal_share(differences) == pytest.approx(0.0)
    assert principal_share(np.zeros((2, 6))) == 0.0


def test_partners_and_the_time_of_their_meeting():
    angle = np.linspace(0, np.pi, 50)
    W = np.stack([np.stack([[1.0, 0.0], [np.cos(a), np.sin(a)]], 1) for a in angle])
    assert partners(W[-1]).tolist() == [1, 0]
    (time,) = pair_times(W, angle)
    assert time == pytest.approx(np.arccos(-0.95), abs=0.07)


def test_names_count_features_that_share_a_direction():
    line = np.array([[1.0, -1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, -1.0]])
    assert named(line) == "digon of 3 + digon"
    assert named(np.zeros((2, 3))) == "nothing"
    assert named(np.kron(np.eye(3), [[1.0, -1.0]])) == "octahedron"
