"""The experiments of F1 and F7 to F11: laws of what they compute, at tiny constants."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from numerics import descend
from numerics.experiments.catalogue import experiments
from numerics.experiments.demonstrating import EXPERIMENTS, formulas
from numerics.experiments.demonstrating.basic_measures import described
from numerics.experiments.results import compute, measurements_of
from numerics.experiments.work import Work
from numerics.recipes.catalogue import find
from tests.numerics.experiments.demonstrating_data import data, tiny
from theory import population_loss
from theory.active_sets import active_set_losses
from theory.linear import linear_optimum
from theory.problem import dropped_loss


def measured(name):
    return measurements_of(data(name))


def test_the_experiments_are_registered_and_take_their_constants_from_the_recipes():
    for experiment in EXPERIMENTS:
        assert experiments()[experiment.name] is experiment
    constants = experiments()["basic_results_larger"].constants
    recipe = find("paper-basic-80")
    assert constants["importance"].draft == list(recipe.spec.importance)
    assert constants["learning_rate"].origin == recipe.sources["learning_rate"]


@pytest.mark.parametrize("name", ["introduction", "loss_terms"])
def test_computing_twice_gives_equal_arrays(name):
    assert compute(tiny(name), "draft", Work()).identical(data(name))


def test_losses_of_the_introduction_are_exact_and_none_is_below_the_optimum():
    own = data("introduction")
    at = own.sel(density=0.2).isel(start=1)
    p, importance = Fraction("0.2"), own.importance.values.tolist()
    exact = population_loss(at.trained_W.values, at.trained_b.values, p, importance)
    unit = dropped_loss(0.2) * sum(importance)
    assert float(at.trained_loss) == pytest.approx(exact / unit, abs=1e-8)
    assert measured("introduction")["least_gap"] > -1e-8


def test_a_branch_has_the_loss_and_the_features_it_says():
    own = data("introduction").sel(scan_density=0.1)
    importance = own.importance.values.tolist()
    for k in np.flatnonzero(np.isfinite(own.branch_loss.values)):
        W, b = own.branch_W.values[k], own.branch_b.values[k]
        exact = population_loss(W, b, Fraction("0.1"), importance)
        assert own.branch_loss.values[k] * dropped_loss(0.1) * sum(importance) == pytest.approx(
            exact, abs=1e-9
        )
        assert (np.linalg.norm(W, axis=0) >= 0.1).sum() == k


def test_drawn_weights_are_the_best_start_turned():
    own = data("introduction").sel(density=0.1)
    W, drawn = own.trained_W.values[int(own.trained_loss.values.argmin())], own.drawn_W.values
    assert drawn.T @ drawn == pytest.approx(W.T @ W, abs=1e-12)
    assert drawn[1, 0] == pytest.approx(0, abs=1e-12)
    assert drawn[0, 0] > 0
    assert drawn[1, 1] >= 0


def test_losses_of_the_basic_results_are_exact():
    own = data("basic_results").sel(density=0.3)
    importance = own.importance.values.tolist()
    unit = dropped_loss(0.3) * sum(importance)
    for kind in ("settled", "optimum"):
        W, b = own[f"{kind}_W"].values, own[f"{kind}_b"].values
        exact = population_loss(W, b, Fraction("0.3"), importance)
        assert float(own[f"{kind}_loss"]) == pytest.approx(exact / unit, abs=1e-8)
    best = own.isel(start=int(own.best_start))
    assert float(own.settled_loss) <= float(best.trained_loss) == own.trained_loss.values.min()
    assert float(own.optimum_loss) <= float(own.settled_loss)


def test_the_share_with_one_active_feature_is_that_of_the_sum_over_active_sets():
    own = data("basic_results").sel(density=0.03)
    W, b, p = own.optimum_W.values, own.optimum_b.values, 0.03
    importance = own.importance.values.tolist()
    term = float(active_set_losses(W, b, importance)[1])
    whole = population_loss(W, b, Fraction("0.03"), importance)
    assert float(own.optimum_one_active) == pytest.approx(p * (1 - p) ** 3 * term / whole, rel=1e-6)


def test_the_linear_model_is_judged_by_its_own_loss_and_optimum():
    own = data("basic_results")
    closed = linear_optimum(2, [Fraction(1)] * 4, own.importance.values.tolist())
    assert np.flatnonzero(own.linear_stored.values).tolist() == list(closed.stored) == [0, 1]
    at = own.sel(linear_density=1.0).isel(linear_start=0)
    loss = population_loss(
        at.linear_W.values, at.linear_b.values, 1, at.importance.values, activation="linear"
    )
    unit = dropped_loss(1.0) * sum(at.importance.values)
    assert float(at.linear_loss) == pytest.approx(loss / unit, rel=1e-9)
    assert float(at.linear_loss) > float(own.linear_optimum_loss)


def test_descents_on_the_exact_linear_loss_end_at_the_closed_form_at_one_density():
    importance, p = [0.7**i for i in range(5)], 0.05
    W = torch.randn(4, 2, 5, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    ends = descend(W, torch.zeros(4, 5), p, importance, activation="linear")
    closed = linear_optimum(2, [p] * 5, importance)
    for G in np.einsum("smi,smj->sij", ends.W, ends.W):
        assert pytest.approx(np.diag([1.0, 1, 0, 0, 0]), abs=1e-4) == G
    assert ends.loss.numpy() == pytest.approx(closed.loss, rel=1e-9)


@pytest.mark.parametrize(("p", "stays"), [((0.3, 0.5), True), ((0.4, 0.4), False)])
def test_the_lesser_feature_is_a_minimum_of_its_own_only_at_unequal_densities(p, stays):
    importance = [0.49, 0.343] if stays else [0.5, 0.4]
    closed = linear_optimum(1, p, importance)
    assert closed.stored == (0,)
    start = torch.tensor([[[0.02, 1.0]]], dtype=torch.float64)
    end = descend(start, torch.zeros(1, 2), p, importance, activation="linear")
    assert (abs(end.W[0, 0, 1].item()) > 0.99) == stays
    assert (end.loss.item() > closed.loss + 1e-4) == stays


def test_a_model_is_described_by_what_it_does_with_its_features():
    W = np.array([[1.0, 0, 0, 0, 0.3], [0, 0.9, 0, -1.1, 0], [0, 0, 1, 0, 0]])
    found = described(W, np.array([0, 0.1, 0, -0.2, 0.5]))
    assert found["full"] == 4
    assert found["partly"] == 1
    assert found["dedicated"] == [2]  # feature 0 shares with the short one
    assert found["antipodal"] == [1, 3]
    assert found["dedicated_after_shared"] == 1
    assert found["superposed_share"] == 0.75
    assert found["mean_bias"] == pytest.approx(-0.025)
    assert found["largest_coupling"] == 0


def test_a_model_without_stored_features_has_no_means():
    found = described(np.zeros((2, 3)), np.zeros(3))
    assert found["full"] == 0
    assert found["mean_bias"] is None
    assert found["largest_coupling"] is None


def test_the_parts_add_up_to_the_exact_loss_at_every_density():
    own = data("loss_terms")
    assert own.part.sum("active").values == pytest.approx(own.loss.values, rel=1e-7)
    dedicated = own.sel(model="two dedicated")
    assert dedicated.loss.values == pytest.approx(own.density.values, rel=1e-7)  # 3 p/3


@pytest.mark.parametrize(
    "name",
    ["linear", "sum over active", "one active", "discrete", "Thomson", "none active, weighted"],
)
def test_a_formula_holds_exactly(name):
    assert formulas.disagreement(name) == 0


@pytest.mark.parametrize("name", ["none active, as written", "importance inside, as written"])
def test_a_slip_is_seen(name):
    assert formulas.disagreement(name) > 0.1


def test_a_formula_that_is_wrong_as_an_expression_is_seen(monkeypatch):
    exact, written = formulas.FORMULAS["sum over active"]()
    symbol = next(iter(exact.free_symbols))
    monkeypatch.setitem(formulas.FORMULAS, "wrong", lambda: (exact, written + symbol))
    assert formulas.disagreement("wrong") == 1
