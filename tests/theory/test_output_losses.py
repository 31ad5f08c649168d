"""The exact loss under every feature law, untied, with and without activation."""

import time
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.expected_loss import per_feature_loss, population_loss
from theory.laws import AMPLITUDES, FeatureLaw

from ..support import (
    LAWS,
    biases,
    cube_integral,
    densities,
    density_for,
    monte_carlo_loss,
    rational,
    weights,
    within_standard_errors,
)

P, R = sympy.symbols("p r", positive=True)
HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
ACTIVATIONS = ("relu", "linear")

any_law = st.sampled_from(LAWS)
any_activation = st.sampled_from(ACTIVATIONS)


def defined_losses(W, b, density, law, W_out, activation):
    """Return the losses of n ≤ 3 features by integrating their definition, pattern by pattern."""
    n = len(W[0])
    M = [
        [sum(x * row[j] for x, row in zip(out, W, strict=True)) for j in range(n)] for out in W_out
    ]
    start, width = {"uniform": (0, 1), "signed": (-1, 2), "binary": (1, 0)}[law.amplitude]
    losses = []
    for i in range(n):
        total = Fraction(0)
        for active, probability in law.patterns(density, n):
            constant = Fraction(b[i] + start * sum(M[i][j] for j in active))
            slopes = [width * M[i][j] for j in active]

            def squared_error(u, i=i, active=active, constant=constant, slopes=slopes):
                z = constant + sum(a * t for a, t in zip(slopes, u, strict=True))
                target = start + width * u[active.index(i)] if i in active else 0
                return (target - (z if activation == "linear" else max(z, Fraction(0)))) ** 2

            total += probability * cube_integral(squared_error, constant, slopes)
        losses.append(total)
    return tuple(losses)


# ------------------------------------------------------------------ against slow truths


@settings(max_examples=60)
@given(any_law, any_activation, weights(2, 3), weights(3, 2), biases(3), densities(3))
def test_every_law_agrees_with_integration_of_the_definition(law, activation, W, W_out, b, p):
    p = density_for(law, p)
    exact = per_feature_loss(W, b, p, law=law, W_out=W_out, activation=activation)
    assert exact == defined_losses(W, b, p, law, W_out, activation)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: f"{law.kind}-{law.amplitude}")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_monte_carlo_agrees_within_five_standard_errors_and_a_wrong_law_does_not(law, activation):
    generator = np.random.default_rng(7)
    n = 5
    sets = ((0, 1, 3),) if law.sets else ()
    law = FeatureLaw(law.kind, sets, law.amplitude)
    share = 0.9 if law.kind == "anticorrelated" else 0.3
    density = None if law.kind == "one-hot" else np.array([share, share, 0.6, share, 0.5])
    W, W_out = generator.uniform(0.8, 1.2, (1, n)), generator.uniform(0.8, 1.2, (n, 1))
    b, importance = generator.uniform(0.2, 0.4, n), generator.uniform(0.1, 1, n)
    mean, error = monte_carlo_loss(
        W, b, density, importance, generator, 100_000, law=law, W_out=W_out, activation=activation
    )
    keywords = {"W_out": W_out, "activation": activation}
    exact = population_loss(W, b, density, importance, law=law, **keywords)
    assert within_standard_errors(mean, error, exact)
    marginals = np.array(law.marginals(density, n), dtype=float)
    for other in ("uniform", "signed", "binary"):
        if other != law.amplitude:
            wrong = FeatureLaw(law.kind, sets, other)
            loss = population_loss(W, b, density, importance, law=wrong, **keywords)
            assert not within_standard_errors(mean, error, loss)
    if law.kind != "independent" and law.amplitude != "signed":  # signs cancel
        alone = FeatureLaw(amplitude=law.amplitude)
        loss = population_loss(W, b, marginals, importance, law=alone, **keywords)
        assert not within_standard_errors(mean, error, loss)


@settings(max_examples=40)
@given(any_law, weights(2, 3), weights(3, 2), biases(3), densities(3))
def test_without_activation_the_loss_is_that_of_mean_and_covariance(law, W, W_out, b, p):
    p = density_for(law, p)
    n, mean, second = 3, law.mean, law.second_moment
    marginal = law.marginals(p, n)
    both = [[Fraction(0)] * n for _ in range(n)]
    for active, q in law.patterns(p, n):
        for i, j in product(active, repeat=2):
            both[i][j] += q * (second if i == j else mean * mean)
    losses = []
    for i in range(n):
        c = [(i == j) - sum(W_out[i][k] * W[k][j] for k in range(2)) for j in range(n)]
        square = sum(c[j] * c[k] * both[j][k] for j, k in product(range(n), repeat=2))
        drift = sum(c[j] * marginal[j] * mean for j in range(n))
        losses.append(square - 2 * b[i] * drift + b[i] ** 2)
    exact = per_feature_loss(W, b, p, law=law, W_out=W_out, activation="linear")
    assert exact == tuple(losses)


# ------------------------------------------------------------------ by hand

PAIR = [[1, -1]]


@pytest.mark.parametrize(
    ("text", "amplitude", "density", "loss"),
    [
        ("independent", "uniform", P, P**2 * (1 + R) / 6),
        ("correlated:0,1", "uniform", P, P * (1 + R) / 6),
        ("anticorrelated:0,1", "uniform", P, 0),
        ("exclusive:0,1", "uniform", P, 0),
        ("one-hot", "uniform", None, 0),
        ("independent", "binary", P, P**2 * (1 + R)),  # both on: each reads 0 for 1
        ("correlated:0,1", "binary", P, P * (1 + R)),
        ("exclusive:0,1", "binary", P, 0),
        # a negative value is read 0 by its own output and −x by the other: x² lost twice
        ("one-hot", "signed", None, (1 + R) / 6),
        ("exclusive:0,1", "signed", P, P * (1 + R) / 3),
    ],
)
def test_an_antipodal_pair_costs_what_one_finds_by_hand(text, amplitude, density, loss):
    law = FeatureLaw.parse(text, amplitude)
    exact = population_loss(PAIR, [0, 0], density, [1, R], law=law)
    assert sympy.expand(exact - loss) == 0


def test_a_dropped_feature_costs_its_variance_with_its_mean_as_bias():
    for law in LAWS:
        p = Fraction(2, 5) if law.kind != "one-hot" else None
        for i, q in enumerate(law.marginals(p, 3)):
            bias = [0, 0, 0]
            bias[i] = q * law.mean
            losses = per_feature_loss([[0, 0, 0]], bias, p, law=law)
            assert losses[i] == q * law.second_moment - (q * law.mean) ** 2


# ------------------------------------------------------------------ kinds of numbers


@settings(max_examples=30)
@given(any_law, any_activation, weights(2, 3), biases(3), densities(3))
def test_symbolic_densities_agree_with_numbers_for_every_law(law, activation, W, b, p):
    p = density_for(law, p)
    keywords = {"law": law, "activation": activation}
    exact = population_loss(W, b, p, [1, 1, Fraction(2, 3)], **keywords)
    assert isinstance(exact, Fraction)
    if p is None:
        expression = population_loss(W, b, None, [1, 1, R], **keywords)
        values = {}
    else:
        q = sympy.symbols("q:3", positive=True)
        q = [q[0], q[1], q[0]] if law.kind in ("correlated", "anticorrelated") else q
        expression = population_loss(W, b, q, [1, 1, R], **keywords)
        values = dict(zip(q, map(rational, p), strict=True))
    assert expression.subs({**values, R: sympy.Rational(2, 3)}) == rational(exact)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: f"{law.kind}-{law.amplitude}")
def test_floats_are_correctly_rounded_under_every_law(law):
    W, W_out = [[0.9, -0.4, 1e-7]], [[1.1], [-0.3], [0.2]]
    b, p = [0.1, -0.05, 1e-3], density_for(law, [0.3, 0.7, 0.3])
    exact = [[[Fraction(x) for x in row] for row in rows] for rows in (W, W_out)]
    q = None if p is None else list(map(Fraction, p))
    truth = per_feature_loss(exact[0], list(map(Fraction, b)), q, law=law, W_out=exact[1])
    assert truth == defined_losses(exact[0], list(map(Fraction, b)), q, law, exact[1], "relu")
    assert per_feature_loss(W, b, p, law=law, W_out=W_out) == tuple(map(float, truth))


def near_and_exact(W, scale, law, activation):
    """The losses at W(scale) and with fifty digits of the scale, which is irrational."""
    p = density_for(law, [Fraction(2, 5), HALF, Fraction(2, 5)])
    b = [Fraction(1, 10), 0, Fraction(-1, 3)]
    near = Fraction(str(sympy.N(scale, 50)))
    loss = population_loss(W(scale), b, p, law=law, activation=activation)
    assert loss.free_symbols == set()
    return loss, rational(population_loss(W(near), b, p, law=law, activation=activation))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: f"{law.kind}-{law.amplitude}")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_algebraic_weights_agree_with_rationals_next_to_them(law, activation):
    triangle = near_and_exact(
        lambda s: [[1, -HALF, 0], [0, s, -s]], sympy.sqrt(3) / 2, law, activation
    )
    assert abs(sympy.N(triangle[0] - triangle[1], 40)) < 1e-38


@pytest.mark.parametrize("amplitude", AMPLITUDES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_transcendental_weights_agree_with_rationals_next_to_them(amplitude, activation):
    law = FeatureLaw("correlated", ((0, 2),), amplitude)
    loss, near = near_and_exact(lambda s: [[s, -HALF, 0], [0, 0, 1]], sympy.pi / 4, law, activation)
    assert abs(sympy.N(loss - near, 40)) < 1e-38


@pytest.mark.parametrize("law", LAWS, ids=lambda law: f"{law.kind}-{law.amplitude}")
def test_exact_difference_quotients_are_fast_and_resolve_derivatives(law):
    """At h = 2⁻⁶⁰ the central difference of a piecewise rational function is off by O(h²)."""
    generator = np.random.default_rng(11)
    n, h = 5, Fraction(1, 2**60)
    sets = ((0, 2, 3),) if law.sets else ()
    law = FeatureLaw(law.kind, sets, law.amplitude)
    W = [[Fraction(w) for w in row] for row in generator.normal(size=(2, n))]
    b = [Fraction(c) for c in generator.normal(size=n) / 5]
    density = None if law.kind == "one-hot" else THIRD

    def loss(step):
        return population_loss([[W[0][0] + step, *W[0][1:]], W[1]], b, density, law=law)

    start = time.perf_counter()
    values = {k: loss(k * h) for k in (-2, -1, 1, 2)}
    assert time.perf_counter() - start < 2  # seconds for four; half a second each
    near, far = ((values[k] - values[-k]) / (2 * k * h) for k in (1, 2))
    assert near != 0
    assert abs(near - far) < abs(near) * Fraction(1, 10**30)


# ------------------------------------------------------------------ size and misuse


def test_one_hot_sums_grow_with_the_square_of_the_size_only():
    n = 40
    generator = np.random.default_rng(1)
    W, b = generator.normal(size=(3, n)), generator.normal(size=n) / 5
    law = FeatureLaw("one-hot")
    mean, error = monte_carlo_loss(W, b, None, 1.0, generator, 100_000, law=law)
    assert within_standard_errors(mean, error, population_loss(W, b, None, law=law))


@pytest.mark.parametrize(
    ("law", "terms"),
    [
        (FeatureLaw(), 20 * 3**19),
        (FeatureLaw(amplitude="signed"), 20 * 3**19),
        (FeatureLaw(amplitude="binary"), 20 * 2**19),
        (FeatureLaw("correlated", (tuple(range(20)),)), 20 * (1 + 2**19)),
        (FeatureLaw("exclusive", ((0, 1, 2),)), 3 * 5 * 3**17 + 17 * 7 * 3**16),
    ],
    ids=lambda value: str(value),
)
def test_a_sum_that_is_too_long_is_refused_with_its_length(law, terms):
    with pytest.raises(ValueError, match=f"has {terms} terms at n=20"):
        population_loss([[1.0] * 20], [0.0] * 20, 0.125, law=law)


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"activation": "gelu"}, ValueError, r"'gelu' is not known; use relu or linear"),
        ({"law": "one-hot"}, TypeError, r"law 'one-hot' .* FeatureLaw.parse"),
        ({"law": FeatureLaw("one-hot")}, ValueError, r"one-hot takes no density"),
        ({"law": FeatureLaw("exclusive", ((0, 2),))}, ValueError, r"feature 2 of 2"),
        ({"W_out": [[1, 1]]}, ValueError, r"lengths \[2\]; with W of shape \(1, 2\) .* \(2, 1\)"),
        ({"W_out": [1, 1]}, ValueError, r"W_out has rows of lengths \[0, 0\]"),
        ({"W_out": 3}, ValueError, r"W_out has rows of lengths \[0\]"),
        ({"W_out": [[1], [float("inf")]]}, ValueError, r"inf is not a finite number"),
        ({"W_out": [[1], [sympy.Symbol("w")]]}, TypeError, r"symbols \['w'\]"),
    ],
)
def test_misuse_is_refused_with_the_remedy(keywords, error, message):
    with pytest.raises(error, match=message):
        population_loss(PAIR, [0, 0], HALF, **keywords)


def test_a_missing_density_is_refused():
    with pytest.raises(ValueError, match="needs a density"):
        population_loss(PAIR, [0, 0], None)
