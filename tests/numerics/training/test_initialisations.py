"""Every rule against PyTorch's own on a tensor of the layout it was published for."""

from dataclasses import replace
from math import inf, sqrt

import numpy as np
import pytest
import torch
from torch.nn import init

from numerics.training.initialisations import (
    bound,
    initial_weights,
    standard_deviation,
)
from numerics.training.parameters import matrices
from numerics.training.specs import INITIALISATIONS, Run, RunSpec

SIZES = [(5, 2, 1), (5, 2, 10), (100, 20, 20), (10, 5, 7), (3, 3, 2)]
LAYOUTS = {  # the tensor each rule was published for: features n, hidden m, instances k
    "xavier-normal": lambda n, m, k: (m, n),
    "xavier-normal-rows": lambda n, m, k: (k, n, m),
    "xavier-normal-columns": lambda n, m, k: (k, m, n),
    "kaiming-uniform": lambda n, m, k: (m, n),
    "kaiming-uniform-columns": lambda n, m, k: (k, m, n),
}
XAVIER = [rule for rule in LAYOUTS if rule.startswith("xavier")]
KAIMING = [rule for rule in LAYOUTS if rule.startswith("kaiming")]


def spec(rule, n=5, m=2, instances=1, **changes):
    fields = {
        "n_features": n,
        "d_hidden": m,
        "density": (0.5,) * n,
        "importance": (1.0,) * n,
        "initialisation": rule,
        "init_instances": instances,
        "optimizer": "adam",
        "learning_rate": 1e-3,
        "steps": 10,
    }
    return RunSpec(**{**fields, **changes})


def fans(rule, n, m, k):
    return init._calculate_fan_in_and_fan_out(torch.empty(LAYOUTS[rule](n, m, k)))


@pytest.mark.parametrize("rule", XAVIER)
@pytest.mark.parametrize(("n", "m", "k"), SIZES)
def test_xavier_has_the_deviation_of_pytorchs_fans(rule, n, m, k):
    found = standard_deviation(spec(rule, n, m, k))["W"]
    assert found == pytest.approx(sqrt(2 / sum(fans(rule, n, m, k))), rel=1e-15)
    assert bound(spec(rule, n, m, k)) == {"W": inf}


@pytest.mark.parametrize("rule", KAIMING)
@pytest.mark.parametrize(("n", "m", "k"), SIZES)
def test_kaiming_has_the_bound_of_pytorchs_fan_in(rule, n, m, k):
    fan_in, _ = fans(rule, n, m, k)
    found = bound(spec(rule, n, m, k))["W"]
    assert found == pytest.approx(init.calculate_gain("leaky_relu", 0) * sqrt(3 / fan_in))
    assert standard_deviation(spec(rule, n, m, k))["W"] == pytest.approx(found / sqrt(3))


@pytest.mark.parametrize(
    ("rule", "n", "m", "k", "published"),
    [
        # arXiv 2209.10652's notebook: its rule at its three sizes, and one instance
        ("xavier-normal-rows", 5, 2, 10, 0.258),
        ("xavier-normal-rows", 5, 2, 1, 0.408),
        ("xavier-normal-rows", 100, 20, 20, 0.0289),
        ("xavier-normal-rows", 200, 20, 20, 0.0213),
        ("xavier-normal-rows", 400, 30, 100, 0.0115),
        # ARENA 1.5.4, five features in two dimensions
        ("xavier-normal-columns", 5, 2, 1, 0.365),
        ("xavier-normal-columns", 5, 2, 8, 0.200),
        ("xavier-normal-columns", 5, 2, 64, 0.078),
        ("xavier-normal", 5, 2, 8, 0.535),
    ],
)
def test_deviations_at_published_sizes(rule, n, m, k, published):
    half_a_digit = 0.5 * 10 ** -len(str(published).partition(".")[2])
    assert standard_deviation(spec(rule, n, m, k))["W"] == pytest.approx(
        published, abs=half_a_digit
    )


@pytest.mark.parametrize(
    ("rule", "published"), [("kaiming-uniform", 0.245), ("kaiming-uniform-columns", 0.039)]
)
def test_bounds_of_the_absolute_value_net_at_its_published_size(rule, published):
    net = spec(rule, 100, 40, 7, model="two-layer", target="absolute", amplitude="signed")
    assert bound(net)["W_in"] == pytest.approx(published, abs=5e-4)


@pytest.mark.parametrize("rule", INITIALISATIONS)
def test_many_draws_have_the_deviation_and_the_shape_of_the_rule(rule):
    """The standard error of a sample variance is sqrt((κ − 1)/N) of it, κ − 1 at most 2."""
    n, m, k = 10, 5, 7
    rule_of = spec(rule, n, m, k)
    draws = np.stack([initial_weights(Run(rule_of, start))["W"] for start in range(400)])
    expected = standard_deviation(rule_of)["W"]
    assert draws.shape == (400, m, n)
    assert draws.dtype == np.float32
    assert abs(draws.mean()) < 5 * expected / sqrt(draws.size)
    assert draws.var() == pytest.approx(expected**2, rel=5 * sqrt(2 / draws.size))
    assert np.abs(draws).max() <= bound(rule_of)["W"] * (1 + 1e-6)  # rounded to float32
    kurtosis = (draws.astype(float) ** 4).mean() / expected**4
    # x⁴ of a unit normal has variance 105 − 9, that of a uniform of the same variance less.
    assert kurtosis == pytest.approx(1.8 if rule in KAIMING else 3, abs=5 * sqrt(96 / draws.size))


@pytest.mark.parametrize("rule", LAYOUTS)
def test_draws_agree_with_pytorchs_own(rule):
    n, m, k = 12, 8, 5
    torch.manual_seed(0)
    fill = init.xavier_normal_ if rule in XAVIER else init.kaiming_uniform_
    theirs = torch.stack([fill(torch.empty(LAYOUTS[rule](n, m, k))) for _ in range(200)])
    expected = standard_deviation(spec(rule, n, m, k))["W"]
    assert float(theirs.var()) == pytest.approx(expected**2, rel=5 * sqrt(2 / theirs.numel()))


def test_the_two_matrices_of_a_net_are_scaled_each_by_its_own_shape():
    net = spec("kaiming-uniform", 100, 40, model="two-layer", target="absolute", amplitude="signed")
    assert matrices(net) == {"W_in": (40, 100), "W_out": (100, 40)}
    assert bound(net) == pytest.approx({"W_in": sqrt(6 / 100), "W_out": sqrt(6 / 40)})
    pairs = replace(net, target="max-of-pairs", importance=(1.0,) * 50)
    drawn = initial_weights(Run(pairs))
    assert {name: value.shape for name, value in drawn.items()} == {
        "W_in": (40, 100),
        "W_out": (50, 40),
        "b": (50,),
    }
    for name in ("W_in", "W_out"):
        largest = np.abs(drawn[name]).max()
        assert 0.99 * bound(pairs)[name] < largest <= bound(pairs)[name] * (1 + 1e-6)
    assert not drawn["b"].any()


@pytest.mark.parametrize("rule", INITIALISATIONS)
def test_init_scale_multiplies_the_weights(rule):
    base = spec(rule, 6, 4, 3)
    once = initial_weights(Run(base))["W"]
    twice = initial_weights(Run(replace(base, init_scale=2.0)))["W"]
    assert np.array_equal(twice, 2 * once)
    assert not initial_weights(Run(replace(base, init_scale=0.0)))["W"].any()


def test_weights_follow_from_what_is_learned_start_and_seed_alone():
    first = spec("xavier-normal", 6, 4)
    other = replace(first, learning_rate=0.1, optimizer="adamw", steps=3)
    assert np.array_equal(
        initial_weights(Run(first, 3, 7))["W"], initial_weights(Run(other, 3, 7))["W"]
    )
    denser = replace(first, density=(0.1,) * 6)
    different = [Run(first, 3, 7), Run(first, 4, 7), Run(first, 3, 8), Run(denser, 3, 7)]
    drawn = [initial_weights(run)["W"] for run in different]
    assert not any(np.array_equal(drawn[0], later) for later in drawn[1:])
