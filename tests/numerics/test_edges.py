"""Edges that once gave way: misuse, failed starts, ties on the grid, late alarms."""

from copy import deepcopy
from fractions import Fraction

import numpy as np
import pytest
import torch

from numerics import stages
from numerics.evaluator import exact_loss
from numerics.families import family_losses
from numerics.phase_diagram import complete_cases
from numerics.results import assemble
from numerics.starts import random_starts
from numerics.store import ConfigurationError
from numerics.verification import theory_panel
from tests import tiny
from theory.problem import phase_plane


def assembled(spec, parts):
    return assemble(
        spec, parts["refined"], parts["trained"], parts["sampled"], parts["families"], 1.0
    )


def test_importance_infinite_is_named():
    with pytest.raises(ValueError, match="inf"):
        exact_loss([[1.0, -1.0]], [0.0, 0.0], 0.5, torch.tensor([1.0, float("inf")]))


@pytest.mark.parametrize(
    "a",
    [
        (torch.zeros(3, 1, 2), torch.zeros(4, 2), 0.5),
        (torch.zeros(3, 1, 2), torch.zeros(2), torch.full((4, 2), 0.5)),
        (torch.zeros(1, 2), torch.zeros(2), torch.full((4, 2), 0.5)),
        (torch.zeros(0, 2), torch.zeros(2), 0.5),
        (torch.zeros(2, 0), torch.zeros(0), 0.5),
    ],
)
def test_shapes_that_do_not_fit_are_value_errors(a):
    with pytest.raises(ValueError, match="fit"):
        exact_loss(*a)


@pytest.mark.parametrize(
    "text",
    [
        '{"schema": "antipode.phase_diagram/1", "cases": []}',
        '{"schema": "antipode.phase_diagram/1", "cases": {"2,1": {"options": 3}}}',
    ],
)
def test_a_foreign_summary_is_another_configuration(tmp_path, text):
    (tmp_path / "summary.json").write_text(text)
    with pytest.raises(ConfigurationError, match="summary"):
        complete_cases(tmp_path, [tiny.TWO])


def test_gaps_stay_true_when_a_sampled_model_beats_the_optimum():
    spec = tiny.TWO
    parts = deepcopy(tiny.parts(spec))
    parts["refined"]["W"][0] = 0.0
    parts["refined"]["b"][0] = 0.3
    parts["trained"]["W"][0] = 0.0
    parts["trained"]["b"][0] = 0.2
    ok = tiny.parts(spec)["refined"]
    cell = 0
    parts["sampled"][0]["W"][0] = ok["W"][cell]
    parts["sampled"][0]["b"][0] = ok["b"][cell]
    data, summary = assembled(spec, parts)
    assert summary["alarms"] == 1
    gap = (data["trained_loss"] - data["optimum_loss"]).values
    assert np.allclose(data["trained_gap"].values, gap, atol=1e-15, rtol=0)
    assert summary["gap"]["max"] == pytest.approx(gap.max())


def test_a_failed_start_stays_out_of_the_average(monkeypatch):
    def broken(problem, count, purpose, seed):
        W, b = random_starts(problem, count, purpose, seed)
        if purpose == "trained":
            W[0] = np.nan
        return W, b

    monkeypatch.setattr(stages, "random_starts", broken)
    found = stages.trained_rows(tiny.TWO, [0])
    assert (found["failed"] == 1).all()
    assert np.isfinite(found["mean_gram"]).all()


def test_pairs_include_every_way_of_dropping_a_feature():
    for p, r in [(0.3, 0.2), (0.1, 0.045), (0.3, 0.19)]:
        for case in ((2, 1), (3, 2)):
            drop = r * (p / 3 - p * p / 4)
            assert family_losses([phase_plane(*case, p, r)])[0, 0] <= drop * (1 + 1e-9), (
                case,
                p,
                r,
            )


def test_a_crossing_on_a_grid_density_is_found():
    for k in (25, 27, 28, 33, 34):
        p = 10.0 ** (-k / 100)
        r = 2 * p / (4 - 5 * p)
        assert len(theory_panel(tiny.spec(cut=str(Fraction(r)))).crossings) == 1
