"""The exact loss at irrational, symbolic and rounded numbers, its size limit, its refusals."""

import time
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given

from theory.expected_loss import per_feature_loss, population_loss

from ..support import (
    biases,
    integrated_loss,
    monte_carlo_loss,
    rational,
    weights,
    within_standard_errors,
)

P, R = sympy.symbols("p r", positive=True)
HALF = Fraction(1, 2)


# ------------------------------------------------------------------ irrational and rounded weights

TRIANGLE = sympy.Matrix([[1, -HALF, -HALF], [0, sympy.sqrt(3) / 2, -sympy.sqrt(3) / 2]])


def test_irrational_weights_give_exact_losses():
    """The triangle scaled by √2 is congruent to integer vectors in three dimensions."""
    integer = [[1, -1, 0], [0, 1, -1], [-1, 0, 1]]
    b = [Fraction(1, 10), 0, Fraction(-1, 3)]
    exact = integrated_loss(integer, b, [Fraction(2, 5)] * 3, [1, 1, 2])
    loss = population_loss(sympy.sqrt(2) * TRIANGLE, b, Fraction(2, 5), [1, 1, 2])
    assert loss == rational(exact)
    symbolic = population_loss(sympy.sqrt(2) * TRIANGLE, b, P, [1, 1, R])
    assert symbolic.subs({P: rational(Fraction(2, 5)), R: 2}) == rational(exact)


def test_irrational_gram_matrices_give_exact_losses():
    W = [[1, -sympy.sqrt(2) / 2]]
    near = Fraction(int(sympy.sqrt(2) * 10**40), 10**40)  # √2 to forty digits
    loss = population_loss(W, [0, Fraction(1, 10)], HALF, [1, HALF])
    exact = integrated_loss([[1, -near / 2]], [0, Fraction(1, 10)], [HALF] * 2, [1, HALF])
    assert loss.free_symbols == set()
    assert abs((loss - rational(exact)).evalf(50)) < sympy.Float("1e-38")


@pytest.mark.parametrize("n", [5, 7])
def test_a_regular_polygon_has_an_exact_loss_in_simple_radicals(n):
    angles = [2 * sympy.pi * k / n for k in range(n)]
    W = [[sympy.cos(a) for a in angles], [sympy.sin(a) for a in angles]]
    loss = population_loss(W, [0] * n, sympy.Rational(1, 5))
    near = [[Fraction(str(sympy.N(w, 50))) for w in row] for row in W]
    rounded = population_loss(near, [0] * n, Fraction(1, 5))
    assert abs(sympy.N(loss, 40) - sympy.N(rational(rounded), 40)) < 1e-30
    assert float(loss) == pytest.approx(float(rounded), rel=1e-15)
    if n == 5:
        assert not (loss / sympy.sqrt(5)).atoms(sympy.Pow) - {sympy.sqrt(5)}
        symbolic = population_loss(W, [0] * n, P)
        assert sympy.expand(symbolic.subs(P, sympy.Rational(1, 5)) - loss) == 0
        in_floats = population_loss(W, [0] * n, 0.2)
        assert in_floats == float(population_loss(near, [0] * n, 0.2))


def test_transcendental_weights_have_a_loss_too():
    W = [[sympy.pi / 3, -sympy.sqrt(2) / 2]]
    near = [[Fraction(str(sympy.N(w, 50))) for w in row] for row in W]
    loss = population_loss(W, [0, Fraction(1, 10)], HALF, [1, HALF])
    exact = population_loss(near, [0, Fraction(1, 10)], HALF, [1, HALF])
    assert abs(sympy.N(loss - rational(exact), 40)) < 1e-35


def test_weights_that_are_not_real_are_refused():
    with pytest.raises(ValueError, match="not real"):
        population_loss([[1, sympy.sqrt(-2)]], [0, 0], HALF)


def test_a_bias_may_be_a_row_or_a_column():
    exact = population_loss([[1, -1]], [0, HALF], HALF)
    column = sympy.Matrix([0, sympy.Rational(1, 2)])
    assert population_loss([[1, -1]], column, HALF) == rational(exact)
    assert population_loss([[1, -1]], column.T, HALF) == rational(exact)
    assert population_loss([[1, -1]], np.array([[0.0], [0.5]]), 0.5) == float(exact)


def test_rounded_weights_are_within_rounding_of_irrational_ones():
    rounded = population_loss(np.array(TRIANGLE, dtype=float), [0, 0, 0], 0.5, [1, 1, 0.7])
    exact = population_loss(TRIANGLE, [0, 0, 0], HALF, [1, 1, Fraction(7, 10)])
    assert abs(rounded - float(exact)) < 1e-12


@given(weights(2, 3), biases(3))
def test_arrays_of_any_float_type_are_read_exactly(W, b):
    for dtype in (np.float64, np.float32):
        array, bias = np.array(W, dtype), np.array(b, dtype)
        lists = [[float(w) for w in row] for row in array], [float(c) for c in bias]
        assert population_loss(array, bias, 0.5) == population_loss(*lists, 0.5)


# ------------------------------------------------------------------ size and misuse


def test_eight_coupled_features_are_within_reach():
    generator = np.random.default_rng(8)
    W, b = generator.normal(size=(3, 8)) / 2, generator.normal(size=8) / 5
    start = time.perf_counter()
    loss = population_loss(W, b, 0.3)
    assert time.perf_counter() - start < 60  # seconds; a few are enough on an idle machine
    mean, error = monte_carlo_loss(W, b, 0.3, 1.0, generator, 200_000)
    assert within_standard_errors(mean, error, loss)


def test_uncoupled_features_cost_nothing_however_many_they_are():
    n = 40
    losses = per_feature_loss([[int(i == j) for j in range(n)] for i in range(n)], [0] * n, HALF)
    assert losses == (0,) * n


def test_a_sum_that_is_too_long_is_refused_with_its_length():
    n = 20
    with pytest.raises(ValueError, match=f"{n * 3 ** (n - 1)} terms at n={n}"):
        population_loss([[1.0] * n], [0.0] * n, 0.5)


def test_symbols_in_the_weights_are_refused_with_the_remedy():
    w = sympy.Symbol("w")
    with pytest.raises(TypeError, match=r"\['w'\].*region_loss"):
        population_loss([[1, w]], [0, 0], HALF)
    with pytest.raises(TypeError, match=r"\['p'\].*region_loss"):
        population_loss([[1, 0]], [0, P / 2], P)


@pytest.mark.parametrize("density", [0, -0.1, 1.5, float("nan"), float("inf")])
def test_densities_outside_their_range_are_refused_by_value(density):
    with pytest.raises(ValueError, match=r"density|finite") as refusal:
        population_loss([[1, -1]], [0, 0], density)
    assert str(density) in str(refusal.value)


@pytest.mark.parametrize(
    ("importance", "text"), [([1, -0.5], "importance -0.5"), ([0, 0], "every importance is 0")]
)
def test_importances_out_of_range_are_refused(importance, text):
    with pytest.raises(ValueError, match=text):
        population_loss([[1, -1]], [0, 0], 0.5, importance)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_and_biases_that_are_not_finite_are_refused_by_value(value):
    for W, b in (([[1.0, value]], [0, 0]), ([[1.0, 0.0]], [value, 0])):
        with pytest.raises(ValueError, match=f"{value} is not a finite number"):
            population_loss(W, b, 0.5)


@pytest.mark.parametrize(("W", "lengths"), [([[1, 2], [3]], "[2, 1]"), ([[]], "[0]"), ([], "[]")])
def test_ragged_or_empty_weights_are_refused_with_their_lengths(W, lengths):
    with pytest.raises(ValueError, match="rows of lengths") as refusal:
        population_loss(W, [0, 0], 0.5)
    assert lengths in str(refusal.value)


@pytest.mark.parametrize("length", [1, 3])
def test_a_bias_of_the_wrong_length_is_refused_with_both_lengths(length):
    with pytest.raises(ValueError, match=f"b has {length} entries, W has 2 features"):
        population_loss([[1, -1]], [0] * length, 0.5)
