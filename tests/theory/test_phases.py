from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.expected_loss import gram_matrix, population_loss
from theory.laws import FeatureLaw
from theory.phases import (
    DEDICATED_OVERLAP,
    DROPPED_NORM,
    THRESHOLDS,
    closure,
    dimensionalities,
    norms,
    overlaps,
    phase,
    symmetries,
    symmetry_count,
)
from theory.problem import Problem, phase_plane

from ..support import biases, densities, importances, weights

STATES = ("dropped", "dedicated", "superposed")


def floats(W):
    return np.array([[float(g) for g in row] for row in gram_matrix(W)])


def reverse(W, j):
    """Turn column j of W around."""
    return [[-w if k == j else w for k, w in enumerate(row)] for row in W]


# ------------------------------------------------------------------ states


def test_a_feature_is_dropped_below_the_norm_threshold_and_not_at_or_above_it():
    below, at, above = (phase([[g]])[0] for g in (0.0999**2, 0.1**2, 0.1001**2))
    assert (below, at, above) == ("dropped", "dedicated", "dedicated")


def test_a_feature_is_superposed_from_the_overlap_threshold_on():
    for overlap, state in ((0.00999, "dedicated"), (0.01001, "superposed")):
        c = np.sqrt(overlap)  # unit norms, so the overlap is the squared cosine
        assert phase([[1, c], [c, 1]])[:2] == (state, state)


def test_the_thresholds_that_are_reported_are_those_that_decide():
    assert THRESHOLDS == {"dropped_norm": DROPPED_NORM, "dedicated_overlap": DEDICATED_OVERLAP}
    assert (DROPPED_NORM, DEDICATED_OVERLAP) == (0.1, 0.01)


def test_overlap_is_seen_from_each_feature_in_units_of_the_others():
    """A short feature overlaps a long one strongly, while the long one hardly notices."""
    G = gram_matrix([[1.0, 0.2]])
    assert overlaps(G) == pytest.approx([0.04, 1.0], rel=1e-15)
    tilted = gram_matrix([[1.0, 0.05], [0.0, 0.2]])
    assert phase(tilted) == ("dedicated", "superposed", "+01")


def test_a_zero_column_has_no_overlap_and_no_dimensionality():
    G = gram_matrix([[1.0, 0.0]])
    assert list(overlaps(G)) == [0, 0]
    assert list(dimensionalities(G)) == [1, 0]
    assert phase(G) == ("dedicated", "dropped")


def test_a_dropped_feature_has_dimensionality_zero_and_no_sign():
    G = gram_matrix([[1.0, -0.05]])
    assert phase(G) == ("dedicated", "dropped")
    assert dimensionalities(G)[1] == 0


def polygon(k):
    angles = 2 * np.pi * np.arange(k) / k
    return np.array([np.cos(angles), np.sin(angles)])


@pytest.mark.parametrize(
    ("W", "dimensionality"),
    [
        ([[1, -1]], Fraction(1, 2)),  # digon
        (polygon(3), Fraction(2, 3)),
        (np.array([[1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]), Fraction(3, 4)),  # tetrahedron
        (polygon(5), Fraction(2, 5)),
    ],
)
@pytest.mark.parametrize("scale", [0.3, 1.0, 1.7])
def test_the_paper_s_uniform_polytopes_have_their_dimensionalities(W, dimensionality, scale):
    W = scale * np.asarray(W, float)
    assert dimensionalities(W.T @ W) == pytest.approx([float(dimensionality)] * W.shape[1])


@given(weights(2, 4))
def test_dimensionalities_sum_to_at_most_the_rank(W):
    W = np.array(W, float)
    rank = np.linalg.matrix_rank(W)
    assert dimensionalities(W.T @ W).sum() <= rank + 1e-12


def test_a_batch_of_gram_matrices_is_treated_one_by_one():
    generator = np.random.default_rng(0)
    W = generator.normal(size=(5, 2, 3))
    W[0, :, 1] = 0
    G = W.mT @ W
    for function in (norms, overlaps, dimensionalities):
        batch = function(G)
        assert batch.shape == (5, 3)
        assert np.array_equal(batch, np.array([function(g) for g in G]))


@given(weights(2, 3))
def test_a_phase_is_states_then_signs_of_couplings_between_features_not_dropped(W):
    G = floats(W)
    states, signs = phase(G)[:3], phase(G)[3:]
    assert set(states) <= set(STATES)
    for sign, i, j in (tuple(s) for s in signs):
        i, j = int(i), int(j)
        assert i < j
        assert (G[i, j] > 0) == (sign == "+")
        assert "dropped" not in (states[i], states[j])
    assert list(signs) == sorted(signs, key=lambda s: s[1:])


# ------------------------------------------------------------------ symmetries

PROBLEMS = [
    Problem(features=3, hidden=2, density=Fraction(1, 2)),
    Problem(features=3, hidden=2, density=1),
    Problem(features=3, hidden=2, density=Fraction(1, 2), importance=(1, 1, Fraction(1, 2))),
    Problem(features=3, hidden=2, density=1, importance=(1, 1, Fraction(1, 2))),
    Problem(features=3, hidden=2, density=(1, 1, Fraction(1, 2))),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
@settings(max_examples=30)
@given(W=weights(2, 3))
def test_the_closure_contains_its_phases_and_is_closed(problem, W):
    found = phase(floats(W))
    closed = closure([found], problem)
    assert found in closed
    assert closure(closed, problem) == closed
    assert all(closure([other], problem) == closed for other in closed)


@given(weights(2, 3), st.permutations(range(3)))
def test_permuting_equal_features_stays_in_the_closure(W, order):
    permuted = [[row[k] for k in order] for row in W]
    assert phase(floats(permuted)) in closure([phase(floats(W))], PROBLEMS[0])


@given(weights(2, 3))
def test_only_features_of_equal_importance_are_exchanged(W):
    found = phase(floats(W))
    swapped = phase(floats([[row[1], row[0], row[2]] for row in W]))
    assert closure([found], PROBLEMS[2]) == {found, swapped}


def test_features_that_differ_are_not_exchanged():
    found = ("dedicated", "dropped")
    assert closure([found], phase_plane(2, 1, Fraction(1, 2), 2)) == {found}
    assert closure([found], phase_plane(2, 1, Fraction(1, 2), 1)) == {found, found[::-1]}
    unequal = Problem(features=2, hidden=1, density=(Fraction(1, 2), Fraction(1, 3)))
    assert closure([found], unequal) == {found}


@given(weights(2, 3), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_reversing_features_stays_in_the_closure_when_all_are_always_on(W, reversed_):
    turned = W
    for j in range(3):
        turned = reverse(turned, j) if reversed_[j] else turned
    assert phase(floats(turned)) in closure([phase(floats(W))], PROBLEMS[3])


def test_reversing_features_leaves_the_closure_when_one_is_sometimes_off():
    found = ("superposed", "superposed", "superposed", "-01", "-02", "-12")
    always = closure([found], PROBLEMS[3])
    assert ("superposed", "superposed", "superposed", "+01", "+02", "-12") in always
    assert len(always) == 4  # the product of the three signs is kept
    assert closure([found], PROBLEMS[2]) == closure([found], PROBLEMS[4]) == {found}


def reversal_bias(W, b, j):
    """The bias that goes with W_j → -W_j when every feature is always on.

    Output i ≠ j sees x_j as 1 - x_j, and output j sees every other x_k so; both have the law of
    what they replace, and the constants go into the bias.
    """
    G = gram_matrix(W)
    n = len(b)
    return [
        b[i] + (sum(G[j][k] for k in range(n) if k != j) if i == j else G[i][j]) for i in range(n)
    ]


@given(weights(2, 3), biases(3), importances(3), st.integers(0, 2))
def test_reversing_a_feature_is_an_exact_symmetry_of_the_loss_at_density_one(W, b, importance, j):
    turned = population_loss(reverse(W, j), reversal_bias(W, b, j), 1, importance)
    assert turned == population_loss(W, b, 1, importance)


@given(weights(2, 3), biases(3), densities(1), importances(3))
def test_reversing_every_feature_is_a_symmetry_at_every_density(W, b, density, importance):
    turned = [[-w for w in row] for row in W]
    assert population_loss(turned, b, density[0], importance) == population_loss(
        W, b, density[0], importance
    )


def test_reversing_a_feature_is_no_symmetry_below_density_one():
    p = sympy.Symbol("p", positive=True)
    W, b = [[1, -1]], [0, 0]
    difference = population_loss(reverse(W, 1), reversal_bias(W, b, 1), p) - population_loss(
        W, b, p
    )
    assert sympy.expand(difference) != 0
    assert difference.subs(p, 1) == 0


@pytest.mark.parametrize("signs", list(product((1, -1), repeat=2)))
def test_both_signs_of_a_coupling_are_one_phase_set_at_density_one(signs):
    G = gram_matrix([[signs[0] * 1.0, signs[1] * 1.0]])
    closed = closure([phase(G)], phase_plane(2, 1, 1, 1))
    assert closed == {("superposed", "superposed", s + "01") for s in "+-"}


# ------------------------------------------------------------------ laws


def pairs(kind="anticorrelated", **options):
    law = FeatureLaw(kind, ((0, 1), (2, 3)))
    return Problem(features=5, hidden=2, density=Fraction(1, 5), law=law, **options)


def test_exchanges_map_the_sets_of_a_law_to_sets():
    group = symmetries(pairs())
    assert len(group) == symmetry_count(pairs()) == 8  # of a square's diagonals
    for order, reversal in group:
        assert {frozenset(order[:2]), frozenset(order[2:4])} == {
            frozenset({0, 1}),
            frozenset({2, 3}),
        }
        assert order[4] == 4
        assert reversal == (1,) * 5
    unequal = pairs(importance=(1, 1, 1, Fraction(1, 2), 1))
    assert {order for order, _ in symmetries(unequal)} == {(0, 1, 2, 3, 4), (1, 0, 2, 3, 4)}


@pytest.mark.parametrize("kind", ["correlated", "anticorrelated", "exclusive"])
def test_the_listed_symmetries_leave_the_loss_of_a_law_alone(kind):
    problem = pairs(kind)
    rng = np.random.default_rng(0)
    W = rng.integers(-3, 4, (2, 5))
    b = rng.integers(-2, 3, 5)
    value = population_loss(W.tolist(), b.tolist(), problem.density, law=problem.law)
    for order, _ in symmetries(problem):
        moved = W[:, list(order)].tolist(), b[list(order)].tolist()
        assert population_loss(*moved, problem.density, law=problem.law) == value
    swapped = [0, 2, 1, 3, 4]
    other = population_loss(
        W[:, swapped].tolist(), b[swapped].tolist(), problem.density, law=problem.law
    )
    assert other != value  # features of two sets may not be exchanged


def test_signed_features_may_be_reversed_and_uniform_ones_not():
    W, b, p = [[1, 2, -1], [1, -1, 3]], [Fraction(1, 3), -1, 1], Fraction(1, 4)
    for amplitude in ("signed", "uniform"):
        law = FeatureLaw(amplitude=amplitude)
        problem = Problem(features=3, hidden=2, density=p, law=law)
        same = population_loss(W, b, p, law=law) == population_loss(reverse(W, 1), b, p, law=law)
        assert same == problem.reversible == (amplitude == "signed")


def test_linear_models_of_independent_features_may_be_reversed():
    free = Problem(features=3, hidden=2, density=Fraction(1, 4), activation="linear")
    assert free.reversible
    assert not pairs(activation="linear").reversible
