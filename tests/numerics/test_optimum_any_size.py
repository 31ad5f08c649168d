"""The search beyond three features: below every packing, the same under relabelling, countable."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from numerics import ends, exact_loss
from numerics.models_file import StoredModel
from numerics.optimum import default_starts, find_optimum, improve, search, tie_width
from numerics.packings import polygon
from numerics.reports import compare_report, optimum_report
from numerics.starts import structured_starts
from theory.phase_matching import contains, same_phase
from theory.phases import phase
from theory.problem import Problem

RARE = Problem(features=5, hidden=2, density=Fraction(1, 20))


@pytest.fixture(scope="module")
def rare():
    return find_optimum(RARE, starts=8)


def test_five_rare_features_in_two_dimensions_are_a_pentagon_or_better(rare):
    def loss(x):
        x = torch.tensor(x, requires_grad=True)
        value = exact_loss(x[0] * torch.from_numpy(polygon(5)), x[1].expand(5), 0.05)
        value.backward()
        return value.item(), x.grad.numpy()

    best = minimize(loss, [1.1, -0.2], jac=True, method="BFGS", options={"gtol": 1e-8})
    assert rare.loss <= best.fun + tie_width(RARE)
    assert rare.loss == pytest.approx(exact_loss(rare.W, rare.b, 0.05).item(), rel=1e-9)
    if rare.loss > best.fun - tie_width(RARE):
        W = polygon(5)
        assert contains(rare.ties, phase(W.T @ W), RARE)
        assert len(rare.ties) == 12  # 5! relabellings over the 10 symmetries of a pentagon


def test_hits_and_statuses_count_the_starts(rare):
    assert rare.starts == 8 + len(structured_starts(RARE)[0])
    assert sum(count for _, count in rare.statuses) == rare.starts
    known = {"converged", "stalled", "max_steps", "nonfinite"}
    assert {name for name, _ in rare.statuses} <= known
    assert 1 <= rare.hits <= rare.starts
    assert rare.status == "converged"
    assert rare.gradient < 1e-6


@pytest.mark.parametrize(("n", "m"), [(4, 2), (6, 3)])
def test_the_optimum_lies_at_or_below_every_structured_start(n, m):
    importance = tuple(Fraction(4, 5) ** k for k in range(n))
    problem = Problem(features=n, hidden=m, density=Fraction(1, 5), importance=importance)
    found = find_optimum(problem, starts=0)
    weights = torch.tensor([float(i) for i in importance], dtype=torch.float64)
    losses = exact_loss(*structured_starts(problem), 0.2, weights)
    assert found.loss <= losses.min().item() + 1e-12


def test_a_relabelled_problem_has_the_same_least_loss_and_the_relabelled_phase():
    order = (2, 0, 3, 1)
    importance = (Fraction(1), Fraction(4, 5), Fraction(1, 2), Fraction(3, 10))
    one = Problem(features=4, hidden=2, density=Fraction(3, 10), importance=importance)
    other = replace(one, importance=tuple(importance[k] for k in order))
    here, there = (find_optimum(problem, starts=16) for problem in (one, other))
    assert there.loss == pytest.approx(here.loss, abs=tie_width(one))
    G = here.gram
    assert phase(G[np.ix_(order, order)]) in there.ties


def test_importances_scale_the_loss():
    one = Problem(features=4, hidden=2, density=Fraction(3, 10))
    other = replace(one, importance=(Fraction(7, 2),) * 4)
    here, there = (find_optimum(problem, starts=2) for problem in (one, other))
    assert there.loss == pytest.approx(3.5 * here.loss, abs=1e-10)


def test_as_many_dimensions_as_features_leave_no_loss():
    found = find_optimum(Problem(features=6, hidden=6, density=Fraction(1, 3)), starts=0)
    assert abs(found.loss) <= 1e-12
    assert found.ties == {("dedicated",) * 6}


def test_blocks_of_descents_change_nothing_and_report_how_far_they_are(monkeypatch):
    problem = Problem(features=4, hidden=2, density=Fraction(3, 10))
    calls = []
    (whole,) = search([problem], starts=3, progress=lambda *call: calls.append(call))
    known = whole.starts - 3  # structured starts come first
    ends_of_blocks = {(0, whole.starts), (known, whole.starts), (whole.starts, whole.starts)}
    assert {call[:2] for call in calls} == ends_of_blocks
    calls.clear()
    monkeypatch.setattr(ends, "_at_once", lambda problem: 4)
    (parts,) = search([problem], starts=3, progress=lambda *call: calls.append(call))
    done = [ended for ended, _, _ in calls]
    assert done == sorted(done)
    assert {*done} == {*range(0, known, 4), *range(known, whole.starts, 4), whole.starts}
    assert {total for _, total, _ in calls} == {whole.starts}
    assert (parts.hits, parts.ties, parts.statuses) == (whole.hits, whole.ties, whole.statuses)
    assert parts.loss == pytest.approx(whole.loss, abs=1e-13)


def test_improving_a_large_problem_keeps_one_phase_of_each_kind():
    problem = Problem(features=8, hidden=7, density=Fraction(1, 2))
    old = find_optimum(problem, starts=0)
    assert not old.ties_listed
    order = np.roll(np.arange(8), 3)
    new = improve([old], [(old.W[None][:, :, order], old.b[None][:, order])])[0]
    assert abs(new.loss - old.loss) <= tie_width(problem)
    assert new.ties == old.ties
    assert same_phase(phase(old.gram[np.ix_(order, order)]), phase(old.gram), problem)


def test_larger_problems_get_fewer_random_starts_by_default():
    def sized(n):
        return Problem(features=n, hidden=1, density=Fraction(1, 2))

    counts = [default_starts(sized(n)) for n in (1, 3, 19, 20, 50, 400)]
    assert counts == sorted(counts, reverse=True)
    assert (counts[0], counts[-1]) == (64, 8)
    found = find_optimum(Problem(features=1, hidden=1, density=Fraction(1, 2)))
    assert found.starts == 64 + len(structured_starts(found.problem)[0])


def test_the_report_of_a_large_model_is_json_with_the_agreed_keys():
    model = StoredModel(np.concatenate([np.eye(2), -np.eye(2)], axis=1), np.zeros(4))
    density, importance = (Fraction(3, 10),) * 4, (Fraction(1),) * 4
    report = json.loads(json.dumps(compare_report(model, density, importance, 0, 0)))
    assert report["nearest"] == "2 digon"
    assert report["nearest_distance"] == 0
    assert report["gap"] == report["loss"] - report["best_known"] >= 0
    assert report["agrees"] is True
    assert report["phase"] == ["superposed"] * 4 + ["-02", "-13"]
    assert report["phase"] in report["optimum_phases"]
    problem = Problem(features=4, hidden=2, density=density)
    found = json.loads(json.dumps(optimum_report(problem, 0, 0)))
    assert found["loss"] == pytest.approx(report["best_known"], abs=tie_width(problem))
    assert found["status"] == "converged"
    assert sum(found["statuses"].values()) == found["starts"]
    assert found["ties_listed"] is True
    assert found["error_estimate"] >= 0


def test_relabelled_models_of_eight_features_agree_with_the_optimum():
    problem = Problem(features=8, hidden=7, density=Fraction(2, 5))
    best = find_optimum(problem, starts=0)
    order = [5, 2, 7, 0, 3, 6, 1, 4]
    model = StoredModel(best.W[:, order], best.b[order])
    report = compare_report(model, problem.density, problem.importance, 0, 0)
    assert report["agrees"] is True
    assert report["optimum_phases_listed"] is False
    assert report["gap"] <= tie_width(problem) + report["error_estimate"]


def test_descents_that_all_fail_are_reported_and_not_hidden(monkeypatch):
    real = ends.descend

    def broken(*args, **options):
        ended = real(*args, **options)
        count = len(ended.status)
        lost = torch.full((count,), torch.nan, dtype=torch.float64)
        return replace(ended, loss=lost, gradient=lost, status=["nonfinite"] * count)

    monkeypatch.setattr(ends, "descend", broken)
    report = optimum_report(Problem(features=2, hidden=1, density=Fraction(1, 2)), 2, 0)
    json.dumps(report, allow_nan=False)
    assert (report["loss"], report["hits"], report["ties"]) == (None, 0, [])
    assert report["statuses"] == {"nonfinite": report["starts"]}


def test_an_end_whose_loss_is_uncertain_does_not_win(monkeypatch):
    problem = Problem(features=4, hidden=2, density=Fraction(3, 10))
    honest = find_optimum(problem, starts=0)

    def doubtful(*args, **options):
        loss, error = exact_loss(*args, **options)
        loss[0], error[0] = honest.loss - 1e-6, 1e-6
        return loss, error

    monkeypatch.setattr(ends, "exact_loss", doubtful)
    found = find_optimum(problem, starts=0)
    assert found.loss == pytest.approx(honest.loss, abs=1e-12)
    assert found.error < 1e-6
