"""Neurons in the middle on tiny constants: labels, ranks, followed regimes, determinism."""

import numpy as np
import pytest

from numerics.experiments.privileged_basis import EXPERIMENTS
from numerics.experiments.privileged_basis.candidates import (
    follow_unit,
    pairs_of_neurons,
    three_in_two_unit,
)
from numerics.experiments.work import Work
from numerics.neuron_blocks import excited, regime
from theory.problem import dropped_loss

ALIGNMENT, REGIMES = EXPERIMENTS
TINY = {
    **REGIMES.values("draft"),
    "densities": [0.75, 0.35],
    "between": [0.5],
    "starts": 3,
    "steps": 200,
    "settled": 2,
    "samples": 3,
}


@pytest.fixture(scope="module")
def regimes():
    return REGIMES.compute(TINY, Work())


def test_regimes_are_the_same_again():
    small = {**TINY, "densities": [0.75], "between": [], "starts": 2, "settled": 1}
    first, again = (REGIMES.compute(small, Work()) for _ in range(2))
    assert first.identical(again)


def test_settled_models_are_in_order_and_labelled(regimes):
    losses = regimes.settled_loss.values
    assert (np.diff(losses, axis=1) >= 0).all()
    assert (regimes.settled_excess.values[:, 0] == 0).all()
    for p in TINY["densities"]:
        at = regimes.sel(density=p, rank=0)
        assert regime(at.settled_W.values) == str(at.settled_regime.values)
        assert float(at.settled_loss) < float(at.start_loss.min()) * 1.02


def test_lines_of_dense_regimes_meet_the_closed_form(regimes):
    grid = regimes.grid.values
    rest = regimes.importance.values[5:].sum()
    np.testing.assert_allclose(regimes.monosemantic_exact, dropped_loss(grid) * rest)
    if "monosemantic" in regimes.regime.values:
        own = regimes.branch_loss.sel(regime="monosemantic", grid=0.75)
        assert float(own) == pytest.approx(
            float(regimes.monosemantic_exact.sel(grid=0.75)), rel=0.03
        )


def test_measurements_are_json_and_tell_the_paper_s_regimes(regimes):
    found = REGIMES.measure(regimes)
    assert [at["paper"] for at in found["at"]] == ["monosemantic", "3 in 2"]
    assert all(0 < at["hits"] <= 1 for at in found["at"])
    assert all(sum(at["shares"].values()) == pytest.approx(1) for at in found["at"])


def test_three_in_two_overtakes_a_dropped_feature_as_density_falls():
    importance = [0.421875, 0.31640625, 0.2373046875]
    loss = three_in_two_unit([0.7, 0.35], importance)["loss"]
    alone = importance[-1] * dropped_loss(np.array([0.7, 0.35]))
    assert loss[0] > alone[0]
    assert loss[1] < alone[1]


def test_a_regime_is_followed_until_it_ends():
    W = np.zeros((2, 3))
    W[0, 0] = W[1, 1] = 1.0
    grid, importance = [0.8, 0.7], [1.0, 0.8, 0.6]
    found = follow_unit("monosemantic", W, np.zeros(3), 0.8, grid, importance)
    assert found["status"].tolist() == ["converged"] * 2
    assert all(regime(W) == "monosemantic" for W in found["W"])
    other = follow_unit("3 in 2", W, np.zeros(3), 0.8, grid, importance)
    assert other["status"].tolist() == ["left"] * 2
    assert not other["W"].any()


def test_there_is_a_pair_of_neurons_for_every_feature():
    W, b = pairs_of_neurons(5)
    assert W.shape == (5, len(b)) == (5, 10)
    assert len(set(excited(W))) == 10


def test_a_rotation_costs_with_a_hidden_relu_only():
    constants = {**ALIGNMENT.values("draft"), "densities": [0.3], "starts": 3, "steps": 400}
    data = ALIGNMENT.compute({**constants, "rotations": 50}, Work())
    cost = data.rotation_cost
    np.testing.assert_allclose(cost.sel(model="linear hidden layer"), 1, rtol=1e-9)
    assert (cost.sel(model="hidden ReLU") > 1.05).all()
    assert ((data["rank"] >= 0) & (data["rank"] <= 1)).all()
    found = ALIGNMENT.measure(data)
    assert found["random_alignment"] == pytest.approx(3 / 7)
    assert float(data.random_mean_alignment.mean()) == pytest.approx(3 / 7, abs=0.06)
