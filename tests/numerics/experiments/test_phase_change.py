"""The phase diagrams as experiments, and the model without biases."""

from dataclasses import asdict
from typing import ClassVar

import numpy as np
import pytest
import xarray as xr

from numerics import stages
from numerics.experiments.phase_change import EXPERIMENTS
from numerics.experiments.work import Work
from tests import tiny
from theory.bias_free import bias_free_loss, critical_points

BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}
SMALL = {
    "surfaces": [[0.9, 1], [0.5, "exchange"]],
    "reach": 1.4,
    "weight_points": 15,
    "plane_cells": 5,
    "line_points": 4,
    "cuts": [0.9, 0.5],
    "cut_points": 21,
}


@pytest.fixture(scope="module")
def bias_free():
    return BY_NAME["bias_free"].compute(SMALL, Work())


class Recorded:
    """Work whose units are done: those of a tiny phase diagram."""

    FUNCTIONS: ClassVar = {
        "optimum": stages.optimum_rows,
        "refined": stages.refine,
        "trained": stages.trained_rows,
        "families": stages.family_rows,
        "sampled": stages.sampled_block,
    }

    def __init__(self, spec):
        self.seed = spec.seed
        self.done = {**tiny.parts(spec), "optimum": {"loss": np.zeros(0)}}
        self.asked = []

    def map(self, stage, function, arguments):
        assert function is self.FUNCTIONS[stage]
        self.asked += [unit[0] for unit in arguments]
        found = self.done[stage]
        return found if stage == "sampled" else [found]


@pytest.mark.parametrize("spec", [tiny.TWO, tiny.THREE], ids=lambda spec: spec.case)
def test_a_diagram_is_that_of_the_phase_diagram_command(spec):
    experiment = BY_NAME[f"phase_{spec.stem}"]
    options = {k: v for k, v in asdict(spec).items() if k in experiment.constants}
    work = Recorded(spec)
    found = experiment.compute(options, work)
    expected = tiny.outcome(spec)
    xr.testing.assert_equal(found, expected.dataset)
    assert set(work.asked) == {spec}
    summary = dict(expected.summary)
    del summary["seconds"]
    assert experiment.measure(found) == summary


def test_constants_of_both_qualities_make_a_diagram_with_equal_importance_in_a_column():
    for quality in ("draft", "paper"):
        values = BY_NAME["phase_2_1"].values(quality)
        spec = tiny.spec(2, 1, values["density_cells"], values["importance_cells"])
        assert abs(np.log(spec.importance)).min() < 1e-9


def test_surfaces_and_their_points_are_of_the_exact_loss(bias_free):
    p, r = (float(bias_free[f"surface_{name}"][1]) for name in ("density", "importance"))
    assert (p, round(r, 6)) == (0.5, 0.336748)
    here = bias_free["surface_loss"][1]
    w1, w2 = bias_free["w1"].values, bias_free["w2"].values
    assert float(here[3, 10]) == pytest.approx(float(bias_free_loss(w1[10], w2[3], p, r)))
    points = bias_free.where(bias_free["point_surface"] == 1, drop=True)
    expected = critical_points(p, r)
    assert points["point_kind"].values.tolist() == [one.kind for one in expected]
    assert points["point_loss"].values == pytest.approx([one.loss for one in expected])


def test_the_best_model_of_every_cell_is_the_lowest_minimum(bias_free):
    for i, p in enumerate(bias_free["density"].values):
        for j, r in enumerate(bias_free["importance"].values):
            lowest = critical_points(float(p), float(r))[0]
            assert float(bias_free["loss"][i, j]) == pytest.approx(lowest.loss, rel=1e-9)
            assert bias_free["W"][i, j].prod() == pytest.approx(np.prod(lowest.weights), abs=1e-4)


def test_lines_end_at_equal_importance_and_weights_have_one_sign(bias_free):
    assert bias_free["exchange_importance"].values[-1] == 1
    assert (np.diff(bias_free["exchange_importance"].values) > 0).all()
    assert (bias_free["onset_importance"].values[:-1] < 1).all()
    assert (bias_free["cut_W"].values[..., 0] >= 0).all()


def test_what_is_measured_counts_minima_and_finds_the_jump(bias_free):
    measured = BY_NAME["bias_free"].measure(bias_free)
    assert measured["minima"] == [2, 2]
    assert measured["largest_step_of_w2"]["0.5"] > 1 > measured["largest_step_of_w2"]["0.9"]
    assert 0 < measured["antipodal_share"] < 1
