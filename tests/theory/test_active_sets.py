"""The loss by the number of active features."""

from fractions import Fraction
from math import comb

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import population_loss
from theory.active_sets import active_set_losses, assembled, one_active_integral
from theory.expected_loss import gram_matrix, region_loss
from theory.laws import FeatureLaw
from theory.one_hot import potential

P = sympy.Symbol("p", positive=True)
rationals = st.fractions(-1, 1, max_denominator=5)
importances = st.fractions(Fraction(1, 5), 2, max_denominator=5)


@st.composite
def models(draw):
    m, n = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    W = [[draw(rationals) for _ in range(n)] for _ in range(m)]
    return W, [draw(rationals) for _ in range(n)], [draw(importances) for _ in range(n)]


@settings(max_examples=12, deadline=None)
@given(models(), st.sampled_from([("uniform", "relu"), ("binary", "relu"), ("signed", "linear")]))
def test_the_sum_over_active_features_is_the_population_loss_at_every_density(model, kind):
    W, b, importance = model
    amplitude, activation = kind
    terms = active_set_losses(W, b, importance, amplitude=amplitude, activation=activation)
    law = FeatureLaw(amplitude=amplitude)
    whole = population_loss(W, b, P, importance, law=law, activation=activation)
    assert sympy.expand(assembled(terms, P) - whole) == 0


@settings(max_examples=12, deadline=None)
@given(models())
def test_the_first_terms_are_the_biases_and_the_one_hot_potential(model):
    W, b, importance = model
    terms = active_set_losses(W, b, importance)
    assert terms[0] == sum(i * max(c, 0) ** 2 for i, c in zip(importance, b, strict=True))
    plain = active_set_losses(W, b)[1]
    assert plain == sympy.Rational(potential(gram_matrix(W), b)) / 3


def test_multiplicities_are_inside_of_the_terms():
    terms = active_set_losses([[0] * 5], [0] * 5)
    assert list(terms) == [sympy.Rational(k * comb(5, k), 3) for k in range(6)]


@pytest.mark.parametrize(
    ("coupling", "biases"),
    [
        (Fraction(-1, 2), (Fraction(-1, 5), Fraction(1, 10))),
        (Fraction(1, 3), (Fraction(-1, 5), Fraction(-2, 5))),
        (Fraction(1, 3), (Fraction(1, 5), Fraction(-1, 6))),
    ],
)
def test_the_integral_of_one_active_feature_holds_as_an_expression_on_a_sign_region(
    coupling, biases
):
    g0, g1, a, b0, b1 = symbols = sympy.symbols("g0 g1 a b0 b1", real=True)
    numbers = [Fraction(1), Fraction(9, 10), coupling, *biases]
    sample = {s: sympy.Rational(x) for s, x in zip(symbols, numbers, strict=True)}
    importance = sympy.symbols("I0 I1", positive=True)
    gram = [[g0, a], [a, g1]]
    whole = region_loss(gram, [b0, b1], P, importance, sample).expression
    term = sympy.diff(whole, P).subs(P, 0) + 2 * whole.subs(P, 0)
    assert sympy.simplify(term - one_active_integral(gram, [b0, b1], importance, sample)) == 0


def test_algebraic_weights_stay_exact():
    half, high = sympy.Rational(1, 2), sympy.sqrt(3) / 2
    terms = active_set_losses([[1, -half, -half], [0, high, -high]], [0] * 3)
    assert terms[1] == 0
    assert terms[2].is_rational


def test_too_many_features_are_refused():
    with pytest.raises(ValueError, match="at most 9"):
        active_set_losses([[1] * 10], [0] * 10)
