"""What the commands print: the agreed keys, JSON without nan, numbers that agree."""

import json
from fractions import Fraction

import numpy as np
import pytest

from numerics.models_file import StoredModel
from numerics.optimum import find_optimum
from numerics.reports import compare_report, loss_report, optimum_report
from tests.support import CERTIFIED
from theory import population_loss
from theory.phases import phase
from theory.problem import Problem

PAIR = StoredModel(np.array([[1.0, -1.0]]), np.array([0.0, 0.0]))
P = (Fraction(3, 10),) * 2
I = (Fraction(1), Fraction(1, 2))


def as_json(report):
    return json.loads(json.dumps(report, allow_nan=False))


def test_the_loss_report_is_exact_and_keeps_its_keys():
    report = as_json(loss_report(PAIR, P, I))
    assert {"schema", "loss", "per_feature", "error_estimate", "evaluator"} <= set(report)
    assert report["loss"] == float(Fraction(3, 2) * Fraction(9, 100) / 6)
    assert report["per_feature"] == [float(Fraction(9, 600))] * 2
    assert report["loss_mean"] == report["loss"] / 2
    assert 0 < report["error_estimate"] < 1e-17
    assert report["density"] == ["3/10", "3/10"]
    assert report["importance"] == ["1", "1/2"]


def test_the_loss_report_covers_models_beyond_the_batched_evaluator():
    rng = np.random.default_rng(0)
    model = StoredModel(rng.standard_normal((2, 5)), rng.standard_normal(5))
    p, importance = (Fraction(1, 5),) * 5, (Fraction(1),) * 5
    report = loss_report(model, p, importance)
    assert report["loss"] == pytest.approx(population_loss(model.W, model.b, 0.2), rel=1e-13)


def test_the_optimum_report_keeps_its_keys_and_its_model_has_its_loss():
    problem = Problem(features=2, hidden=1, density=P, importance=I)
    report = as_json(optimum_report(problem, 10, 0))
    keys = {"schema", "loss", "W", "b", "features", "hits", "starts", "ties", "certificate"}
    assert keys <= set(report)
    assert report["loss"] == pytest.approx(CERTIFIED["3/10", "1/2"], abs=1e-11)
    rows = [[Fraction(x) for x in row] for row in report["W"]]
    assert report["loss"] == float(population_loss(rows, [Fraction(x) for x in report["b"]], P, I))
    assert report["thresholds"] == {
        "dropped_norm": 0.1,
        "dedicated_overlap": 0.01,
        "tie_in_V": 1e-9,
    }
    assert [set(f) for f in report["features"]] == [
        {"state", "norm", "overlap", "dimensionality"}
    ] * 2
    assert report["ties"] == [["superposed", "superposed", "-01"]]
    assert report["certificate"] is None


def test_dropped_features_have_dimensionality_zero():
    problem = Problem(features=2, hidden=1, density=P, importance=(Fraction(1), Fraction(1, 10)))
    first, last = optimum_report(problem, 10, 0)["features"]
    assert first["state"] == "dedicated"
    assert first["dimensionality"] == pytest.approx(1, abs=1e-9)
    assert (last["state"], last["dimensionality"]) == ("dropped", 0)


def test_the_compare_report_keeps_its_keys_and_adds_up():
    report = as_json(compare_report(PAIR, P, I, 10, 7))
    assert report["seed"] == 7
    keys = {"schema", "loss", "best_known", "gap", "phase", "nearest", "certificate"}
    assert keys <= set(report)
    assert report["gap"] == report["loss"] - report["best_known"] > 0
    assert report["loss"] == loss_report(PAIR, P, I)["loss"]
    assert report["nearest"] == "pair_last"
    assert report["nearest_distance"] == 0
    assert report["phase"] == list(phase(PAIR.W.T @ PAIR.W))
    assert report["agrees"] is True


def test_a_dropping_model_is_told_apart_from_the_optimum():
    drop = StoredModel(np.array([[1.0, 0.0]]), np.array([0.0, 0.15]))
    report = compare_report(drop, P, I, 10, 0)
    assert report["nearest"] == "ignore_last"
    assert report["agrees"] is False
    assert report["optimum_phases"] == [["superposed", "superposed", "-01"]]


def test_the_best_known_loss_is_at_most_the_models_own():
    problem = Problem(features=3, hidden=2, density=Fraction(1), importance=(1, 1, 1))
    best = find_optimum(problem, starts=20)
    model = StoredModel(best.W, best.b)
    report = as_json(compare_report(model, (Fraction(1),) * 3, (Fraction(1),) * 3, 0, 0))
    assert abs(report["gap"]) <= 1e-14
    assert report["agrees"] is True
    assert report["nearest"] == "triangle"


def test_without_named_candidates_nothing_is_nearest():
    model = StoredModel(np.eye(2), np.zeros(2))
    report = as_json(compare_report(model, P, I, 2, 0))
    assert report["nearest"] is None
    assert report["gap"] == pytest.approx(0, abs=1e-15)


def test_importances_and_densities_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="density"):
        loss_report(PAIR, P * 2, I)
    with pytest.raises(ValueError, match="importance"):
        loss_report(PAIR, P, I * 2)


@pytest.mark.parametrize("n", [8, 9])
@pytest.mark.parametrize("size", [1e80, 1e160])
@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_a_loss_beyond_the_largest_float_is_refused_at_any_size(n, size, activation):
    model = StoredModel(size * (-1.0) ** np.arange(n)[None], np.zeros(n))
    numbers = ((Fraction(1, 10),) * n, (Fraction(1),) * n)
    with pytest.raises(ValueError, match=r"exceeds the largest float, 1\.8e308"):
        loss_report(model, *numbers, activation=activation)
    with pytest.raises(ValueError, match=r"exceeds the largest float, 1\.8e308"):
        compare_report(model, *numbers, 0, 0, activation=activation)


def test_an_error_that_is_not_known_is_null_and_the_loss_is_kept():
    model = StoredModel(1e60 * (-1.0) ** np.arange(9)[None], np.zeros(9))
    p, importance = (Fraction(1, 10),) * 9, (Fraction(1),) * 9
    report = as_json(loss_report(model, p, importance))
    exact = population_loss(model.W, model.b, Fraction(1, 10))
    assert report["loss"] == pytest.approx(exact, rel=1e-9)
    assert report["error_estimate"] is None
    assert as_json(compare_report(model, p, importance, 0, 0))["error_estimate"] is None
