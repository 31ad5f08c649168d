"""The linear model: its loss in terms, its optimum, and that nothing else attains it."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import population_loss
from theory.linear import benefit_and_interference, best_bias, linear_optimum
from theory.problem import dropped_loss

rationals = st.fractions(-2, 2, max_denominator=5)
densities = st.fractions(Fraction(1, 20), 1, max_denominator=20)
importances = st.fractions(Fraction(1, 10), 2, max_denominator=10)


@st.composite
def weights(draw, n=3):
    return [[draw(rationals) for _ in range(n)] for _ in range(draw(st.integers(1, 2)))]


def linear_loss(W, b, density, importance):
    return population_loss(W, b, density, importance, activation="linear")


@settings(max_examples=15, deadline=None)
@given(weights(), densities, st.lists(importances, min_size=3, max_size=3))
def test_the_loss_at_the_best_bias_is_benefit_and_interference_times_the_variance(W, p, importance):
    bias = best_bias(W, [p / 2] * 3)
    terms = benefit_and_interference(W, importance)
    assert linear_loss(W, bias, p, importance) == dropped_loss(p) * sum(terms)


@settings(max_examples=15, deadline=None)
@given(weights(), densities, st.lists(rationals, min_size=3, max_size=3))
def test_no_other_bias_is_better(W, p, step):
    bias = best_bias(W, [p / 2] * 3)
    moved = [b + s for b, s in zip(bias, step, strict=True)]
    excess = linear_loss(W, moved, p, None) - linear_loss(W, bias, p, None)
    assert excess == sum(s * s for s in step)


@settings(max_examples=15, deadline=None)
@given(
    weights(),
    st.lists(densities, min_size=3, max_size=3),
    st.lists(importances, min_size=3, max_size=3),
)
def test_no_weights_are_below_the_optimum_at_unequal_densities(W, p, importance):
    closed = linear_optimum(len(W), p, importance)
    bias = best_bias(W, [q / 2 for q in p])
    assert linear_loss(W, bias, p, importance) >= closed.loss


def test_the_optimum_is_attained_by_the_features_that_cost_most():
    p, importance = [Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)], [4, 1, 1]
    closed = linear_optimum(2, p, importance)
    assert closed.stored == (0, 1)  # 1 V(1/2) > 1 V(9/10), below 4 V(1/10)
    W = [[1, 0, 0], [0, 1, 0]]
    assert linear_loss(W, closed.bias, p, importance) == closed.loss
    assert closed.unique


def test_features_that_tie_for_the_last_place_may_share_it():
    closed = linear_optimum(1, [Fraction(1, 3)] * 2)
    shared = [[Fraction(3, 5), Fraction(4, 5)]]
    bias = best_bias(shared, [Fraction(1, 6)] * 2)
    assert not closed.unique
    assert linear_loss(shared, bias, Fraction(1, 3), None) == closed.loss


def test_a_feature_of_no_importance_is_open_where_every_feature_has_a_dimension():
    p = [Fraction(1, 2)] * 2
    for norm in (0, 1):
        W = [[1, 0], [0, norm]]
        assert linear_loss(W, best_bias(W, [Fraction(1, 4)] * 2), p, [1, 0]) == 0
    assert not linear_optimum(2, p, [1, 0]).unique
    assert linear_optimum(1, p, [1, 0]).unique
    assert linear_optimum(2, p).unique


def test_a_gap_to_the_optimum_grows_with_the_distance_of_the_gram_matrix():
    """That the optimum is unique: turned away from it, the loss rises at once."""
    p, importance = 0.3, [1.0, 0.5]
    closed = linear_optimum(1, [p] * 2, importance)
    for angle in (0.01, 0.1, 1.0):
        W = np.array([[np.cos(angle), np.sin(angle)]])
        loss = linear_loss(W, best_bias(W, [p / 2] * 2), p, importance)
        assert loss - closed.loss > 0.1 * dropped_loss(p) * np.sin(angle) ** 2


@pytest.mark.parametrize("hidden", [0, 3])
def test_impossible_dimensions_are_refused(hidden):
    with pytest.raises(ValueError, match="from 1 to n"):
        linear_optimum(hidden, [Fraction(1, 2)] * 2)


@pytest.mark.parametrize("density", [0, 2])
def test_impossible_densities_are_refused(density):
    with pytest.raises(ValueError, match=r"outside \(0, 1\]"):
        linear_optimum(1, [density, Fraction(1, 2)])


@settings(max_examples=15, deadline=None)
@given(st.lists(densities, min_size=2, max_size=2), st.lists(importances, min_size=2, max_size=2))
def test_turning_a_stored_feature_to_another_costs_what_the_second_order_says(p, importance):
    V = [dropped_loss(q) for q in p]
    s, c = Fraction(40, 401), Fraction(399, 401)  # sine and cosine
    W = [[c, s]]
    turned = linear_loss(W, best_bias(W, [q / 2 for q in p]), p, importance)
    change = turned - importance[1] * V[1]
    second = importance[0] * V[1] + importance[1] * V[0] - 2 * importance[1] * V[1]
    fourth = sum(
        sign * importance[i] * V[j] for i, j, sign in ((0, 0, 1), (1, 1, 1), (0, 1, -1), (1, 0, -1))
    )
    assert change == s**2 * second + s**4 * fourth
