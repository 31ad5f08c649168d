"""Candidates for features that come together: closed forms, bounds, other ways to the numbers."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from theory import population_loss
from theory.correlated_sets import (
    CANDIDATES,
    bases_loss,
    candidate_loss,
    collapse_bound,
    pairing_loss,
    principal_component_loss,
    right_and_wrong_pairing,
)
from theory.laws import FeatureLaw

P = sympy.Symbol("p", positive=True)
PAIRS = FeatureLaw.parse("correlated:0,1/2,3/4,5")


def sampled(p, count, seed=0):
    rng = np.random.default_rng(seed)
    on = np.repeat(rng.random((count, 3)) < p, 2, axis=1)
    return on * rng.random((count, 6))


def test_losses_are_those_of_the_docstring():
    assert candidate_loss("three_collapsed", P) == P / 4 + 7 * P**2 / 10
    two = P / 6 + (41 - 19 * sympy.sqrt(2)) * P**2 / 15
    assert sympy.expand(candidate_loss("two_collapsed", P) - two) == 0
    at_120 = P / 4 + sympy.Rational(249, 320) * P**2 + sympy.Rational(407, 1344) * P**3
    assert sympy.expand(candidate_loss("three_at_120", P) - at_120) == 0


@pytest.mark.parametrize("name", CANDIDATES)
def test_losses_agree_with_samples(name):
    W = np.array(CANDIDATES[name], dtype=float)
    x = sampled(0.4, 200_000)
    errors = ((x - np.maximum(x @ W.T @ W, 0)) ** 2).sum(1)
    expected = float(candidate_loss(name, Fraction(2, 5)))
    assert abs(errors.mean() - expected) < 4 * errors.std() / np.sqrt(len(x))


def test_no_model_with_a_collapsed_pair_is_below_the_bound():
    rng = np.random.default_rng(1)
    for _ in range(20):
        column, b = rng.normal(size=2) * 0.6, rng.normal() * 0.1
        W = [[float(column[0])] * 2, [float(column[1])] * 2]
        loss = population_loss(W, [float(b)] * 2, 0.3, law=FeatureLaw.parse("correlated:0,1"))
        assert loss >= float(collapse_bound(1, 0.3))


def test_a_pair_alone_reaches_the_bound():
    half = sympy.sqrt(2) / 2
    loss = population_loss([[half, half]], [0, 0], P, law=FeatureLaw.parse("correlated:0,1"))
    assert loss == collapse_bound(1, P)


def test_principal_components_are_eigenvalues_of_the_covariance():
    p = 0.3
    V, C = p / 3 - p**2 / 4, p / 4 - p**2 / 4
    covariance = np.kron(np.eye(3), np.array([[V, C], [C, V]]))
    lost = np.sort(np.linalg.eigvalsh(covariance))[:-2].sum()
    assert principal_component_loss(3, 2, p) == pytest.approx(lost, rel=1e-12)


def test_pairings_under_each_law():
    right, wrong = right_and_wrong_pairing()
    laws = ("anticorrelated:0,1/2,3", "exclusive:0,1/2,3", "correlated:0,1/2,3")
    found = [[pairing_loss(W, FeatureLaw.parse(law), P) for W in (right, wrong)] for law in laws]
    assert found == [[0, P**2 / 6], [0, 2 * P**2 / 3], [2 * P / 3, 2 * P**2 / 3]]


def test_antipodal_bases_of_two_are_two_digons():
    _, across = right_and_wrong_pairing()
    assert bases_loss(2, P) == pairing_loss(across, FeatureLaw.parse("correlated:0,1/2,3"), P)


def test_what_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="three_collapsed"):
        candidate_loss("four", P)
    with pytest.raises(ValueError, match="at most 3"):
        principal_component_loss(3, 4, P)
