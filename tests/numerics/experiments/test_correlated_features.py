"""Correlated features on tiny constants: measures, states, datasets, determinism."""

import json
from itertools import permutations

import numpy as np
import pytest

from numerics.experiments.correlated_features import EXPERIMENTS
from numerics.experiments.correlated_features.bases import _by_set, _squared_cosines
from numerics.experiments.correlated_features.measures import (
    adjacent_pairs,
    aligned,
    collapsed_pairs,
    openings,
    pair_cosines,
    wilson_interval,
)
from numerics.experiments.correlated_features.states import LAW, change, state_losses
from numerics.experiments.work import Work
from numerics.set_descent import mixture_loss
from theory.laws import FeatureLaw

TINY = {
    "steps": 200,
    "starts": 2,
    "densities": [0.1],
    "marginals": [0.2, 0.1],
    "descents": 1,
    "descent": 5,
    "scan": [0.6],
    "edge_width": 3.0,
}


def tiny(name):
    (experiment,) = (e for e in EXPERIMENTS if e.name == name)
    constants = experiment.values("draft")
    return experiment, constants | {k: v for k, v in TINY.items() if k in constants}


def arrows(*degrees):
    angle = np.radians(degrees)
    return np.array([np.cos(angle), np.sin(angle)])


def test_openings_of_known_pairs():
    W = np.array([[1.0, 1.0, 1.0, 0.0, 2.0, -2.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]])
    np.testing.assert_allclose(openings(W)[:2], [0, 1])
    assert openings(W)[2] >= 1e5
    np.testing.assert_allclose(pair_cosines(W), [1, 0, -1])
    assert collapsed_pairs(W) == 1
    assert collapsed_pairs(np.zeros((2, 6))) == 0


@pytest.mark.parametrize(
    ("degrees", "adjacent"),
    [
        ((0, 60, 120, 180, 240, 300), True),
        ((300, 0, 60, 120, 180, 240), True),
        ((0, 120, 60, 180, 240, 300), False),
        ((0, 0, 70, 140, 220, 290), True),
        ((0, 60, 0, 300, 120, 180), True),
    ],
)
def test_neighbours_on_a_circle(degrees, adjacent):
    assert adjacent_pairs(arrows(*degrees)) is adjacent


def test_two_of_fifteen_labellings_of_a_hexagon_are_side_by_side():
    hexagon = (0, 60, 120, 180, 240, 300)
    hits = sum(adjacent_pairs(arrows(*order)) for order in permutations(hexagon))
    assert hits * 15 == 2 * 720


def test_aligned_models_are_the_same_model():
    W = np.random.default_rng(0).normal(size=(2, 6))
    turned = aligned(W)
    np.testing.assert_allclose(turned.T @ turned, W.T @ W)
    assert turned[1, 0] == pytest.approx(0)
    assert turned[0, 0] > 0
    assert turned[1, 1] > 0


def test_wilson_interval_of_the_literature():
    low, high = wilson_interval(0, 10)
    assert low == pytest.approx(0, abs=1e-12)
    assert high == pytest.approx(0.2775, abs=1e-4)
    assert wilson_interval(10, 10)[0] == pytest.approx(1 - high)


def test_partners_stand_in_order():
    Q, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))
    W = np.concatenate([Q, -Q[:, [2, 0, 3, 1]]], 1)
    np.testing.assert_allclose(_by_set(W, 4)[:, 4:], -Q)
    within, between = _squared_cosines(W, 4)
    assert within == pytest.approx(0, abs=1e-12)
    assert between == pytest.approx(1 / 4)


@pytest.fixture(scope="module")
def states():
    return state_losses([0.06, 0.09, 0.3], 1, 0)


def test_states_are_models_with_their_losses(states):
    for d, p in enumerate((0.06, 0.09, 0.3)):
        for state in range(4):
            if np.isfinite(states["loss"][d, state]):
                W, b = states["W"][d, state], states["b"][d, state]
                assert collapsed_pairs(W) == state
                loss = mixture_loss(W[None], b[None], p, LAW)[0]
                assert loss == pytest.approx(states["loss"][d, state], abs=1e-9)
                assert loss >= state * p / 12
    assert states["loss"].argmin(1).tolist() == [0, 1, 2]


def test_the_optimum_changes_where_two_states_have_one_loss(states):
    W, b = states["W"][:2, :2].reshape(-1, 2, 6), states["b"][:2, :2].reshape(-1, 6)
    edge = change(0.06, 0.09, W, b, 0.05)
    assert edge["states"].tolist() == [0, 1]
    assert edge["low"] < 0.0713 < edge["high"]
    assert edge["high"] - edge["low"] <= 0.05 * edge["low"]


@pytest.mark.parametrize("name", [e.name for e in EXPERIMENTS])
def test_same_arrays_every_time_and_measurements_in_json(name):
    experiment, constants = tiny(name)
    first, second = (experiment.compute(constants, Work()) for _ in range(2))
    assert first.identical(second)
    json.dumps(dict(experiment.measure(first)), allow_nan=False)


def test_losses_are_those_of_the_models():
    experiment, constants = tiny("anticorrelated_pairs")
    data = experiment.compute(constants, Work())
    W, b = (data[f"paper_{x}"].values[1, 0] for x in "Wb")
    law = FeatureLaw.parse("anticorrelated:0,1/2,3")
    loss = mixture_loss(W[None], b[None], 0.2, law)[0]
    assert loss == pytest.approx(float(data["paper_loss"][1, 0]))
    assert data["paper_density"].values.tolist() == [0.4, 0.2]
