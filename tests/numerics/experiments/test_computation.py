import numpy as np
import pytest

from numerics.experiments.computation import EXPERIMENTS
from numerics.experiments.computation.absolute import is_split, neuron_counts
from numerics.experiments.computation.asymmetric import instances, quantiles
from numerics.experiments.computation.smallest import family_optimum
from numerics.experiments.work import Work
from theory.absolute_value import absolute_loss, pairs
from theory.asymmetric_motif import best_ratio, half_ignored_loss, motif

TINY = {
    "absolute_small": {"steps": 200, "starts": 3},
    "absolute_superposition": {
        "steps": 200,
        "starts": 2,
        "longer_steps": 400,
        "longer_starts": 1,
        "densities": [1.0, 0.03],
        "longer_densities": [0.03],
    },
    "asymmetric_motif": {
        "steps": 3000,
        "starts": 6,
        "longer_steps": 3000,
        "longer_starts": 2,
        "exchanges": 2,
    },
    "smallest_motif": {
        "densities": [0.2],
        "steps": 200,
        "starts": 2,
        "descent_steps": 1,
    },
}
BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}


@pytest.fixture(scope="module")
def computed():
    return {
        name: BY_NAME[name].compute({**BY_NAME[name].values("draft"), **tiny}, Work())
        for name, tiny in TINY.items()
    }


@pytest.mark.parametrize("name", ["absolute_small"])
def test_equal_constants_give_equal_arrays(computed, name):
    again = BY_NAME[name].compute({**BY_NAME[name].values("draft"), **TINY[name]}, Work())
    assert again.identical(computed[name])


@pytest.mark.parametrize("name", TINY)
def test_what_is_measured_is_finite_or_none(computed, name):
    def check(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for entry in value:
                check(entry)
        elif value is not None and not isinstance(value, str):
            assert np.isfinite(value)

    check(dict(BY_NAME[name].measure(computed[name])))


def test_the_losses_of_small_nets_are_exact(computed):
    own = computed["absolute_small"]
    for start in range(3):
        parts = [own[name].values[start].astype(float) for name in ("W_in", "W_out", "b")]
        assert own["loss"].values[start] == pytest.approx(absolute_loss(*parts, 1.0))


def test_instances_are_found_again_in_the_weights(computed):
    own = computed["asymmetric_motif"]
    table = instances(own["W_in_short"].values, own["W_out_short"].values)
    assert table["start"].size == own.sizes["instance_short"] > 0
    np.testing.assert_array_equal(table["in_ratio"], own["in_ratio_short"].values)
    measured = BY_NAME["asymmetric_motif"].measure(own)["short"]
    assert sum(k * nets for k, nets in enumerate(measured["per_net"])) == measured["instances"]
    assert sum(measured["per_net"]) == 6


def test_pairs_are_split_and_a_shared_neuron_is_not():
    W_in, W_out, _ = (np.array(part, float) for part in pairs(3))
    assert is_split(W_in, W_out)
    assert is_split(3 * W_in, W_out / 3)
    inner, outer, _ = (np.array(part, float) for part in motif(2.0, 0.3, 12.0))
    assert not is_split(inner, outer)
    assert not is_split(W_in[:5], W_out[:, :5])


def test_neurons_are_counted_by_kind():
    W_in = np.array([[1.0, 0.0], [1.0, 0.3], [1.0, 0.9], [1.0, 0.0]])
    W_out = np.array([[1.0, 1.0, 1.0, 0.01], [0.0, 0.0, 1.0, 0.0]])
    counts = {name: int(count) for name, count in neuron_counts(W_in, W_out).items()}
    assert counts == {
        "idle": 1,
        "monosemantic": 1,
        "slightly": 1,
        "polysemantic": 1,
        "several_served": 1,
    }


def test_the_best_ratio_of_one_inhibiting_neuron_is_near_the_leading_order():
    p, I = 0.02, (1.0, 0.7, 0.49)
    best = family_optimum(p, I, 1)
    assert best["ratio"] == pytest.approx(best_ratio(p, I[0], I[2]), rel=0.02)
    given = family_optimum(p, I, 1, ratio=4.0)
    assert given["loss"] >= best["loss"]
    assert given["loss"] < half_ignored_loss(p, I[2])


def test_percentiles_of_nothing_are_none():
    assert quantiles(np.array([])) is None
    assert quantiles(np.arange(11.0)) == [1.0, 2.5, 5.0, 7.5, 9.0]
