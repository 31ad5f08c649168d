from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

from theory.expected_loss import population_loss
from theory.feature_values import per_feature
from theory.laws import FeatureLaw
from theory.problem import Problem, phase_plane

from ..support import densities, importances


@given(st.integers(1, 5).flatmap(lambda n: st.tuples(densities(n), importances(n))))
def test_problems_are_values_equal_and_hashed_by_their_numbers(numbers):
    density, importance = numbers
    n = len(density)
    one = Problem(features=n, hidden=1, density=density, importance=importance)
    other = Problem(
        features=n,
        hidden=1,
        density=tuple(sympy.Rational(q.numerator, q.denominator) for q in density),
        importance=tuple(importance),
    )
    assert one == other
    assert hash(one) == hash(other)
    assert one.density == tuple(density)
    assert one.importance == tuple(importance)


@given(densities(3), importances(3))
def test_the_scale_is_the_loss_of_the_model_that_drops_everything(density, importance):
    problem = Problem(features=3, hidden=1, density=density, importance=importance)
    dropped = population_loss([[0, 0, 0]], [p / 2 for p in density], density, importance)
    assert problem.scale == float(dropped)


def test_one_number_serves_all_features_and_importance_defaults_to_one():
    problem = Problem(features=3, hidden=2, density=Fraction(1, 4))
    assert problem.density == (Fraction(1, 4),) * 3
    assert problem.importance == (Fraction(1),) * 3


@pytest.mark.parametrize("kind", [list, np.array, lambda x: torch.tensor(x, dtype=torch.float64)])
def test_arrays_and_tensors_are_read_like_tuples(kind):
    one = Problem(features=2, hidden=1, density=(0.1, 0.2), importance=(1.0, 0.5))
    assert Problem(features=2, hidden=1, density=kind([0.1, 0.2]), importance=kind([1, 0.5])) == one
    single = Problem(features=1, hidden=1, density=kind([0.25]), importance=kind([3.0]))
    assert (single.density, single.importance) == ((Fraction(1, 4),), (Fraction(3),))
    same = Problem(features=2, hidden=1, density=0.25, importance=kind([3.0]))
    assert same.importance == (Fraction(3),) * 2
    with pytest.raises(ValueError, match="needs a density"):
        Problem(features=2, hidden=1, density=kind([]))
    assert Problem(features=2, hidden=1, density=kind([]), law=FeatureLaw("one-hot")).density == ()


@pytest.mark.parametrize("scalar", [np.float64(0.25), np.array(0.25), torch.tensor(0.25)])
def test_an_array_without_axes_is_one_number(scalar):
    problem = Problem(features=2, hidden=1, density=scalar, importance=scalar)
    assert problem.density == problem.importance == (Fraction(1, 4),) * 2


def test_the_phase_plane_varies_the_importance_of_the_last_feature():
    problem = phase_plane(3, 2, Fraction(1, 2), Fraction(7, 10))
    assert problem.importance == (1, 1, Fraction(7, 10))
    assert problem.density == (Fraction(1, 2),) * 3
    assert (problem.features, problem.hidden) == (3, 2)


def test_a_problem_cannot_be_changed():
    problem = phase_plane(2, 1, 1, 1)
    with pytest.raises(FrozenInstanceError):
        problem.features = 3


@pytest.mark.parametrize("density", [0, -0.1, 1.5, float("nan"), float("inf"), Fraction(11, 10)])
def test_densities_outside_their_range_are_refused_by_value(density):
    with pytest.raises(ValueError, match=r"density|finite") as refusal:
        Problem(features=2, hidden=1, density=density)
    assert str(density) in str(refusal.value)


def test_one_bad_density_among_good_ones_is_named():
    with pytest.raises(ValueError, match=r"density -0\.1 is outside"):
        Problem(features=2, hidden=1, density=(0.5, -0.1))


@pytest.mark.parametrize("importance", [-1, (1, -0.25), float("nan")])
def test_importances_out_of_range_are_refused_by_value(importance):
    value = importance[1] if isinstance(importance, tuple) else importance
    with pytest.raises(ValueError, match=r"importance|finite") as refusal:
        Problem(features=2, hidden=1, density=0.5, importance=importance)
    assert str(value) in str(refusal.value)


def test_importances_that_are_all_zero_are_refused():
    with pytest.raises(ValueError, match="every importance is 0"):
        Problem(features=2, hidden=1, density=0.5, importance=(0, 0))


@pytest.mark.parametrize(("n", "m"), [(1, 2), (2, 0), (2, 3), (0, 0), (-1, -1)])
def test_impossible_sizes_are_refused_with_both_numbers(n, m):
    with pytest.raises(ValueError, match=f"{n} features in {m} hidden dimensions"):
        Problem(features=n, hidden=m, density=0.5)


@pytest.mark.parametrize("what", ["density", "importance"])
def test_a_wrong_number_of_entries_is_refused_with_both_counts(what):
    with pytest.raises(ValueError, match=f"{what} has 2 entries for 3 features"):
        per_feature((1, 1), 3, what)


def test_symbols_pass_through_and_numbers_keep_their_type():
    p = sympy.Symbol("p")
    assert per_feature(p, 2, "density") == (p, p)
    assert per_feature((0.5, p), 2, "density") == (0.5, p)
