"""Dimensionality, leverage and interference against their definitions, exact and in floats."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import phases
from theory.capacity import (
    defect,
    dimensionality,
    dimensions_per_feature,
    interference,
    leverage,
    polysemanticity,
    superposition,
)
from theory.polytopes.catalogue import polytope

from ..support import weights

TIGHT = 1e-12  # rounding of quotients of sums of some dozens of products
PER_FEATURE = (dimensionality, leverage, defect, superposition, polysemanticity)
SHAPES = [(1, 2), (2, 5), (4, 3), (3, 8)]


def random_weights(m, n, seed=0):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(m, n)) * generator.uniform(0.2, 2, size=n)


def as_floats(exact):
    return np.array([[float(entry) for entry in row] for row in exact])


@pytest.mark.parametrize(("m", "n"), SHAPES)
def test_all_are_what_their_definitions_say_one_feature_at_a_time(m, n):
    W = random_weights(m, n)
    inverse = np.linalg.pinv(W @ W.T)
    for i in range(n):
        unit = W[:, i] / np.linalg.norm(W[:, i])
        overlaps = np.array([unit @ W[:, j] for j in range(n)])
        others = np.delete(overlaps, i)
        assert dimensionality(W)[i] == pytest.approx(W[:, i] @ W[:, i] / sum(overlaps**2))
        assert leverage(W)[i] == pytest.approx(W[:, i] @ inverse @ W[:, i])
        assert np.delete(interference(W)[i], i) == pytest.approx(others)
        assert interference(W)[i, i] == 0
        assert superposition(W)[i] == pytest.approx(sum(others**2))
        assert polysemanticity(W)[i] == pytest.approx(np.sqrt(sum(others**2)))
    assert dimensions_per_feature(W) == pytest.approx(m / (W**2).sum())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SHAPES).flatmap(lambda shape: weights(*shape)))
def test_exact_and_floating_numbers_agree(W):
    for formula in PER_FEATURE:
        exact = formula(W)
        assert all(isinstance(value, sympy.Basic) for value in exact)
        assert np.array(exact, float) == pytest.approx(formula(as_floats(W)), abs=TIGHT)
    assert as_floats(interference(W)) == pytest.approx(interference(as_floats(W)), abs=TIGHT)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SHAPES).flatmap(lambda shape: weights(*shape)))
def test_dimensionality_is_at_most_leverage_and_leverages_sum_to_the_rank(W):
    shares, leverages = dimensionality(W), leverage(W)
    assert all(0 <= share <= whole <= 1 for share, whole in zip(shares, leverages, strict=True))
    assert sum(leverages) == sympy.Matrix([[sympy.Rational(x) for x in row] for row in W]).rank()


@pytest.mark.parametrize("seed", range(5))
def test_the_defect_is_zero_if_and_only_if_features_are_eigenvectors_of_the_frame(seed):
    W = random_weights(3, 7, seed)
    assert defect(W).max() > 1e-3
    blocks = np.zeros((5, 9))
    scale = np.random.default_rng(seed).uniform(0.5, 2, 2)
    blocks[:3, :4] = scale[0] * polytope("tetrahedron").array()
    blocks[3:, 4:] = scale[1] * polytope("pentagon").array()
    assert abs(defect(blocks)).max() < TIGHT
    assert dimensionality(blocks) == pytest.approx([3 / 4] * 4 + [2 / 5] * 5)


@pytest.mark.parametrize("formula", [*PER_FEATURE, interference], ids=lambda f: f.__name__)
def test_rotations_of_the_hidden_space_change_nothing(formula):
    W = random_weights(4, 9)
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))
    assert formula(rotation @ W) == pytest.approx(formula(W), abs=TIGHT)


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1e9, 1e150])
def test_dimensionality_and_leverage_do_not_see_a_common_scale(scale):
    W = random_weights(3, 6)
    assert dimensionality(scale * W) == pytest.approx(dimensionality(W), rel=1e-13)
    assert leverage(scale * W) == pytest.approx(leverage(W), rel=1e-12)


def test_a_batch_is_each_of_its_models():
    W = np.stack([random_weights(3, 6, seed) for seed in range(4)])
    for formula in (*PER_FEATURE, interference, dimensions_per_feature):
        together = formula(W)
        for k in range(4):
            assert together[k] == pytest.approx(formula(W[k]), abs=TIGHT)


def test_features_that_are_zero_have_nothing():
    W = [[1, 0, -1], [0, 0, 0]]
    for exact in (W, np.array(W, float)):
        assert list(map(float, dimensionality(exact))) == [0.5, 0, 0.5]
        assert list(map(float, leverage(exact))) == pytest.approx([0.5, 0, 0.5], abs=TIGHT)
        assert list(superposition(exact)) == [1, 0, 1]
        assert not any(interference(exact)[1])


def test_a_tiny_feature_beside_a_large_one_has_no_share():
    W = np.array([[1e-300, 1.0]])
    assert list(dimensionality(W)) == [0, 1]
    assert list(leverage(W)) == pytest.approx([0, 1])


def test_dimensionalities_of_phases_are_the_same_for_features_that_are_not_dropped():
    W = random_weights(3, 8)
    assert np.linalg.norm(W, axis=0).min() > phases.DROPPED_NORM
    assert dimensionality(W) == pytest.approx(phases.dimensionalities(W.T @ W), rel=1e-12)


def test_symbols_give_the_formula_of_a_family():
    """Square antiprisms of any height h: D = 1/(4(1 - h²)² + 8h⁴), leverage 3/8."""
    h = sympy.Symbol("h", positive=True)
    r = sympy.sqrt(1 - h**2)
    angles = [sympy.pi * k / 4 for k in range(8)]
    W = [
        [r * sympy.cos(angle) for angle in angles],
        [r * sympy.sin(angle) for angle in angles],
        [h * (-1) ** k for k in range(8)],
    ]
    formula = 1 / (4 * (1 - h**2) ** 2 + 8 * h**4)
    assert all(sympy.simplify(value - formula) == 0 for value in dimensionality(W))
    assert set(leverage(W)) == {sympy.Rational(3, 8)}
    at_third = [value.subs(h, 1 / sympy.sqrt(3)) for value in dimensionality(W)]
    assert set(at_third) == {sympy.Rational(3, 8)}


def test_exact_numbers_of_every_kind_are_read():
    half = Fraction(1, 2)
    for W in ([[1, -half]], sympy.Matrix([[1, -sympy.Rational(1, 2)]]), np.array([[2, -1]])):
        assert list(dimensionality(W)) == [sympy.Rational(4, 5), sympy.Rational(1, 5)]
    assert list(dimensionality([[1, sympy.pi]])) == [
        1 / (1 + sympy.pi**2),
        sympy.pi**2 / (1 + sympy.pi**2),
    ]
    assert dimensions_per_feature([[1, half]]) == sympy.Rational(4, 5)
    assert list(polysemanticity([[1, half], [0, half]])) == [half, sympy.sqrt(2) / 2]


@pytest.mark.parametrize(
    ("W", "message"),
    [
        ([[1.0, float("nan")]], "W has nan in it; pass finite weights"),
        ([[1.0, float("inf")]], "W has inf in it; pass finite weights"),
        ([], "must be a matrix"),
        ([1.0, 2.0], "must be a matrix"),
        ([[1, 2], [3]], "rows of lengths"),
        ([[]], "rows of lengths"),
        ("W", "must be a matrix"),
        (np.zeros(3), "must be a matrix"),
        (np.zeros((0, 3)), "must be a matrix"),
    ],
)
def test_what_is_no_matrix_of_finite_numbers_is_refused(W, message):
    for formula in (*PER_FEATURE, interference, dimensions_per_feature):
        with pytest.raises(ValueError, match=message):
            formula(W)


@pytest.mark.parametrize("W", [[[0, 0]], np.zeros((2, 3))])
def test_weights_that_are_all_zero_represent_no_feature(W):
    assert not any(leverage(W))
    with pytest.raises(ValueError, match="represents no feature"):
        dimensions_per_feature(W)
