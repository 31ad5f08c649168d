from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from theory.expected_loss import gram_matrix, per_feature_loss, population_loss

from ..support import (
    COUPLINGS,
    biases,
    densities,
    fractions,
    integrated_loss,
    integrated_per_feature,
    models,
    monte_carlo_loss,
    rational,
    weights,
    within_standard_errors,
)

P, R = sympy.symbols("p r", positive=True)
HALF = Fraction(1, 2)

sizes = st.sampled_from([(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (4, 3)])
any_model = sizes.flatmap(lambda size: models(*size))


def V(p):
    return p / 3 - p * p / 4


# ------------------------------------------------------------------ against slow truths


@given(models(2, 1))
@example(([[0, 0]], [0, 0], [HALF, HALF], [1, 1]))
@example(([[1, -1]], [0, 0], [1, 1], [1, 1]))
def test_two_features_agree_with_integration_of_the_definition(model):
    assert population_loss(*model) == integrated_loss(*model)


@settings(max_examples=15)
@given(models(3, 2))
def test_three_features_agree_with_integration_of_the_definition(model):
    W, b, density, _ = model
    assert per_feature_loss(W, b, density) == integrated_per_feature(W, b, density)
    assert population_loss(*model) == integrated_loss(*model)


@pytest.mark.parametrize("coupling", COUPLINGS)
@pytest.mark.parametrize("diagonal", [1.0, 1e-5])
def test_floats_are_correctly_rounded_at_every_coupling(coupling, diagonal):
    """Three features, so that formulas divide by products of two couplings."""
    W = [[1.0, coupling, -0.7 * coupling], [0.0, diagonal, coupling / 3]]
    b, density = [0.1, -0.3 * coupling, 0.05], [0.3, 0.9, 1.0]
    truth = integrated_per_feature(W, b, density)
    assert per_feature_loss(W, b, density) == tuple(float(loss) for loss in truth)
    loss = population_loss(W, b, density, [1.0, 0.7, 0.1])
    exact = integrated_loss(W, b, density, [1.0, 0.7, 0.1])
    assert isinstance(loss, float)
    assert loss == float(exact)


@given(models(2, 1), st.sampled_from(COUPLINGS))
def test_a_float_model_gives_the_float_of_the_exact_loss_at_those_floats(model, coupling):
    W, b, density, _ = model
    floats = [[float(W[0][0]), coupling]], list(map(float, b)), list(map(float, density))
    exact = [[Fraction(w) for w in floats[0][0]]], *(list(map(Fraction, f)) for f in floats[1:])
    truth = integrated_per_feature(*exact)
    assert per_feature_loss(*exact) == truth
    assert per_feature_loss(*floats) == tuple(map(float, truth))


@given(models(3, 2), st.integers(3, 12))
def test_the_loss_is_continuous_where_a_coupling_vanishes(model, k):
    W, b, density, importance = model
    tiny = Fraction(1, 10**k)
    off = population_loss([[*row[:2], 0] for row in W], b, density, importance)
    near = population_loss([[*row[:2], tiny] for row in W], b, density, importance)
    # |x - x'| is at most 1 + 1 + 16, and the three preactivations together move by at most
    # (4 + 4 + 8) tiny, so the loss moves by 2 · 18 · 16 · 3 tiny = 1728 tiny at most (and tiny²).
    assert abs(near - off) <= 2000 * tiny


@pytest.mark.parametrize("n", [2, 3, 5])
def test_monte_carlo_agrees_within_five_standard_errors_and_a_wrong_bias_does_not(n):
    generator = np.random.default_rng(20 + n)  # models whose loss is not flat in the bias
    W, b = generator.normal(size=(2, n)) / 2, generator.normal(size=n) / 5
    density, importance = generator.uniform(0.2, 1, n), generator.uniform(0.1, 1, n)
    mean, error = monte_carlo_loss(W, b, density, importance, generator, 200_000)
    assert within_standard_errors(mean, error, population_loss(W, b, density, importance))
    wrong = population_loss(W, b + 0.05, density, importance)
    assert not within_standard_errors(mean, error, wrong)


# ------------------------------------------------------------------ laws


@settings(max_examples=30)
@given(any_model)
def test_exact_numbers_stay_exact(model):
    W, b, density, importance = model
    loss = population_loss(*model)
    assert isinstance(loss, Fraction)
    assert loss >= 0
    in_sympy = population_loss(
        sympy.Matrix([[rational(w) for w in row] for row in W]),
        list(map(rational, b)),
        list(map(rational, density)),
        list(map(rational, importance)),
    )
    assert isinstance(in_sympy, sympy.Rational)
    assert in_sympy == rational(loss)


@settings(max_examples=30)
@given(any_model)
def test_the_loss_is_the_importance_weighted_sum_over_features(model):
    W, b, density, importance = model
    losses = per_feature_loss(W, b, density)
    assert population_loss(*model) == sum(i * q for i, q in zip(importance, losses, strict=True))
    assert population_loss(W, b, density) == sum(losses)


@settings(max_examples=30)
@given(models(3, 2), fractions(), st.booleans())
def test_rotating_or_reflecting_the_hidden_space_changes_nothing(model, t, reflect):
    W, *rest = model
    c, s = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    sign = -1 if reflect else 1
    columns = list(zip(*W, strict=True))
    rotated = [
        [c * x - s * y for x, y in columns],
        [sign * (s * x + c * y) for x, y in columns],
    ]
    assert population_loss(rotated, *rest) == population_loss(W, *rest)


@settings(max_examples=30)
@given(models(3, 2))
def test_a_hidden_dimension_without_weights_changes_nothing(model):
    W, *rest = model
    assert population_loss([*W, [0, 0, 0]], *rest) == population_loss(W, *rest)


@settings(max_examples=30)
@given(models(3, 2), st.permutations(range(3)))
def test_permuting_the_features_changes_nothing(model, order):
    W, b, density, importance = model
    permuted = [[values[k] for k in order] for values in (b, density, importance)]
    assert population_loss([[row[k] for k in order] for row in W], *permuted) == population_loss(
        *model
    )


@given(models(2, 1), fractions(0, 5).filter(bool))
def test_scaling_the_importance_scales_the_loss(model, scale):
    W, b, density, importance = model
    scaled = population_loss(W, b, density, [scale * i for i in importance])
    assert scaled == scale * population_loss(*model)


@given(weights(1, 2), biases(2), densities(1), fractions(0, 5).filter(bool))
def test_swapping_two_features_inverts_their_relative_importance(W, b, density, r):
    (p,) = density
    swapped = population_loss([W[0][::-1]], b[::-1], p, [1, 1 / r])
    assert population_loss(W, b, p, [1, r]) == r * swapped


@given(densities(1), fractions(0, 3))
def test_a_dropped_feature_costs_v_with_its_best_bias_and_more_with_any_other(density, r):
    (p,) = density
    assert population_loss([[1, 0]], [0, p / 2], p, [1, r]) == r * V(p)
    for other in (p / 2 + Fraction(1, 100), p / 2 - Fraction(1, 100)):
        assert per_feature_loss([[1, 0]], [0, other], p)[1] == V(p) + Fraction(1, 10_000)


@given(weights(1, 2), biases(2), densities(1), fractions(0, 3))
def test_symbolic_density_and_importance_agree_with_numbers(W, b, density, r):
    (p,) = density
    expression = population_loss(W, b, P, [1, R])
    assert expression.free_symbols <= {P, R}
    assert expression.subs({P: rational(p), R: rational(r)}) == rational(
        population_loss(W, b, p, [1, r])
    )


def test_a_symbolic_density_for_each_feature_keeps_them_apart():
    q = sympy.symbols("q:3", positive=True)
    W, b = [[1, -1, HALF], [0, HALF, 1]], [0, Fraction(-1, 4), Fraction(1, 8)]
    numbers = [Fraction(1, 5), Fraction(1, 2), Fraction(6, 7)]
    values = dict(zip(q, map(rational, numbers), strict=True))
    expression = population_loss(W, b, q, [1, 2, 3])
    assert expression.subs(values) == rational(integrated_loss(W, b, numbers, [1, 2, 3]))


@given(weights(2, 3))
def test_the_gram_matrix_is_symmetric_with_squared_norms_on_its_diagonal(W):
    G = gram_matrix(W)
    assert all(G[i][j] == G[j][i] for i in range(3) for j in range(3))
    assert [G[i][i] for i in range(3)] == [sum(row[i] ** 2 for row in W) for i in range(3)]
