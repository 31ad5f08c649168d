import time
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from theory.expected_loss import gram_matrix, per_feature_loss, population_loss, region_loss

from ..support import (
    COUPLINGS,
    biases,
    densities,
    fractions,
    importances,
    integrated_loss,
    integrated_per_feature,
    monte_carlo_loss,
    weights,
    within_standard_errors,
)

P, R = sympy.symbols("p r", positive=True)
HALF = Fraction(1, 2)


def models(n: int, m: int) -> st.SearchStrategy:
    """(W, b, density, importance) with a density and an importance for each feature."""
    return st.tuples(weights(m, n), biases(n), densities(n), importances(n))


sizes = st.sampled_from([(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (4, 3)])
any_model = sizes.flatmap(lambda size: models(*size))


def rational(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


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


# ------------------------------------------------------------------ one sign region


SYMBOLS = sympy.symbols("w1 w2 b1 b2", real=True)


def pair_region(point):
    """The loss of two features in one dimension on the sign region of (w1, w2, b1, b2)."""
    w1, w2, b1, b2 = SYMBOLS
    sample = dict(zip(SYMBOLS, map(rational, point), strict=True))
    gram = [[w1 * w1, w1 * w2], [w1 * w2, w2 * w2]]
    return region_loss(gram, [b1, b2], P, [1, R], sample), sample


coordinates = st.tuples(fractions().filter(bool), fractions().filter(bool), fractions(-1, 1))
points = st.tuples(coordinates, fractions(-1, 1)).map(lambda t: (*t[0], t[1]))


@settings(max_examples=20)
@given(points, densities(1), fractions(0, 3), st.lists(fractions(), min_size=4, max_size=4))
def test_the_region_loss_is_the_loss_throughout_its_region(point, density, r, direction):
    region, sample = pair_region(point)
    p = density[0]
    place = {P: rational(p), R: rational(r)}
    assert all(bool(relation.subs(sample)) for relation in region.relations)
    for step in (0, Fraction(1, 50), Fraction(1, 5)):
        w1, w2, b1, b2 = (x + step * d for x, d in zip(point, direction, strict=True))
        values = dict(zip(SYMBOLS, map(rational, (w1, w2, b1, b2)), strict=True))
        inside = w1 and w2 and all(bool(relation.subs(values)) for relation in region.relations)
        if inside:
            exact = population_loss([[w1, w2]], [b1, b2], p, [1, r])
            assert region.expression.subs({**values, **place}) == rational(exact)


def test_another_region_has_another_loss():
    """The negative control of the test above: the expression is not the loss everywhere."""
    region, _ = pair_region((Fraction(1), Fraction(-1), Fraction(1, 8), Fraction(1, 8)))
    outside = (Fraction(1), Fraction(1), Fraction(1, 8), Fraction(1, 8))
    values = dict(zip(SYMBOLS, map(rational, outside), strict=True))
    assert not all(bool(relation.subs(values)) for relation in region.relations)
    exact = population_loss([outside[:2]], outside[2:], HALF)
    assert region.expression.subs({**values, P: sympy.Rational(1, 2), R: 1}) != rational(exact)


@settings(max_examples=15)
@given(points, densities(1), st.integers(0, 3))
def test_the_derivative_is_the_limit_of_exact_difference_quotients(point, density, axis):
    region, sample = pair_region(point)
    h = Fraction(1, 10**8)
    slack = [abs(v.subs(sample)) for v in (*region.above, *region.below)]
    assume(min(slack) > 10 * rational(h))
    p, r = density[0], Fraction(7, 10)

    def loss(step):
        w1, w2, b1, b2 = (x + step * (k == axis) for k, x in enumerate(point))
        return population_loss([[w1, w2]], [b1, b2], p, [1, r])

    quotient = (loss(h) - loss(-h)) / (2 * h)
    slope = sympy.diff(region.expression, SYMBOLS[axis]).subs(
        {**sample, P: rational(p), R: rational(r)}
    )
    # The quotients are exact, so only h² f'''/6 remains; |f'''| stays below 1e7 on this grid.
    assert abs(rational(quotient) - slope) < 1e-9


def test_the_loss_is_a_polynomial_when_no_preactivation_changes_sign():
    sample = (Fraction(1), Fraction(1, 2), Fraction(1, 8), Fraction(1, 4))
    region, _ = pair_region(sample)
    assert region.below == ()
    assert region.expression.is_polynomial(*SYMBOLS, P, R)


def test_the_loss_has_couplings_in_its_denominator_when_one_does():
    region, _ = pair_region((Fraction(1), Fraction(-1), Fraction(1, 8), Fraction(1, 8)))
    assert region.below
    denominator = sympy.denom(sympy.together(region.expression))
    assert denominator.has(*SYMBOLS[:2])
    assert not denominator.has(P)


def test_a_coupling_that_is_zero_by_structure_stays_zero():
    g = sympy.Symbol("g", positive=True)
    region = region_loss([[g, 0], [0, 0]], [0, P / 2], P, [1, R], {g: 1, P: HALF})
    expected = P * (1 - g) ** 2 / 3 + R * V(P)
    assert sympy.expand(region.expression - expected) == 0


def test_a_sample_that_lacks_a_symbol_is_refused_by_its_name():
    g, c = sympy.symbols("g c")
    with pytest.raises(ValueError, match=r"no value for \['c'\]"):
        region_loss([[g, -g], [-g, g]], [c, c], P, [1, R], {g: 1})


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


@given(weights(2, 3))
def test_the_gram_matrix_is_symmetric_with_squared_norms_on_its_diagonal(W):
    G = gram_matrix(W)
    assert all(G[i][j] == G[j][i] for i in range(3) for j in range(3))
    assert [G[i][i] for i in range(3)] == [sum(row[i] ** 2 for row in W) for i in range(3)]
