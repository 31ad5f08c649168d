"""The exact loss of models with a hidden ReLU: closed forms, laws, and an independent integral."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from theory import population_loss
from theory.neuron_losses import active_set_loss, losses_by_count, neuron_loss
from theory.problem import dropped_loss


def test_a_neuron_alone_loses_nothing_and_a_dropped_feature_V():
    p = Fraction(2, 7)
    assert neuron_loss([[1, 0]], [0, p / 2], p) == dropped_loss(p)


def test_without_negative_weights_the_hidden_relu_does_nothing():
    W, b = (
        [[Fraction(1, 2), Fraction(2, 3)], [Fraction(1, 3), Fraction(1, 5)]],
        [Fraction(-1, 4), Fraction(-1, 3)],
    )
    p, I = Fraction(2, 5), [1, Fraction(1, 2)]
    assert neuron_loss(W, b, p, I) == population_loss(W, b, p, I)


def test_a_negative_weight_is_silent_alone():
    # the second feature gives a negative pre-activation: as if it were not there
    W, b = [[1, Fraction(-3, 4)]], [0, 0]
    assert active_set_loss(W, b, [1, 1], [1]) == Fraction(1, 3)
    # both on: h = ReLU(x − 3y/4), the first output errs by min(x, 3y/4)
    assert (
        active_set_loss(W, b, [1, 0], [0, 1]) == Fraction(3, 4) ** 2 / 3 - Fraction(3, 4) ** 3 / 6
    )


@pytest.mark.parametrize("active", [(0,), (0, 2), (1, 2), (0, 1, 2)])
def test_agrees_with_a_grid_of_midpoints(active):
    rng = np.random.default_rng(3)
    W, b, I = rng.normal(size=(2, 3)), 0.3 * rng.normal(size=3), np.array([1.0, 0.5, 0.2])
    line = (np.arange(120) + 0.5) / 120
    x = np.zeros((120 ** len(active), 3))
    x[:, active] = np.stack(np.meshgrid(*[line] * len(active)), -1).reshape(-1, len(active))
    out = np.maximum(np.maximum(x @ W.T, 0) @ W + b, 0)
    expected = ((out - x) ** 2 @ I).mean()
    assert active_set_loss(W, b, I, active) == pytest.approx(expected, abs=2e-4)


def test_rationals_and_floats_agree():
    W = [
        [Fraction(7, 8), Fraction(3, 4), Fraction(-5, 8)],
        [Fraction(7, 8), Fraction(-3, 4), Fraction(3, 4)],
    ]
    b, I, p = (
        [Fraction(-1, 2), 0, Fraction(1, 16)],
        [1, Fraction(1, 2), Fraction(1, 4)],
        Fraction(1, 3),
    )
    exact = neuron_loss(W, b, p, I)
    assert isinstance(exact, Fraction)
    floats = neuron_loss(np.array(W, float), np.array(b, float), 1 / 3, np.array(I, float))
    assert floats == pytest.approx(float(exact), rel=1e-12)


def test_blocks_add_up_and_neurons_permute():
    block, b = np.array([[0.9, 0.8], [0.3, -0.7]]), np.array([-0.2, 0.1])
    both = np.block([[block, np.zeros((2, 1))], [np.zeros((1, 2)), np.array([[0.8]])]])
    whole = neuron_loss(both[[2, 0, 1]], np.append(b, 0.05), 0.4)
    apart = neuron_loss(block, b, 0.4) + neuron_loss([[0.8]], [0.05], 0.4)
    assert whole == pytest.approx(apart, rel=1e-12)


def test_a_symbol_as_density_gives_the_polynomial():
    p = sympy.Symbol("p")
    losses = losses_by_count([[1, -1]], [0, 0], [1, 1])
    assert sympy.expand(neuron_loss([[1, -1]], [0, 0], p)) == sympy.expand(
        sum(p**k * (1 - p) ** (2 - k) * sympy.Rational(str(l)) for k, l in enumerate(losses))
    )
