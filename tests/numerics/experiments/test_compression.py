"""Two dense numbers in one: the experiment behind F38."""

import numpy as np
import pytest
import xarray as xr

from numerics.experiments.compression import EXPERIMENTS
from numerics.experiments.work import Work
from theory.nonlinear_compression import LINEAR_LOSS, compression_loss

(EXPERIMENT,) = EXPERIMENTS
TINY = {
    **EXPERIMENT.values("draft"),
    "segments": [2, 3],
    "widths": 5,
    "checked_widths": [0.1, 0.5],
    "side": 200,
    "curve_points": 61,
}


@pytest.fixture(scope="module")
def dataset():
    return EXPERIMENT.compute(TINY, Work())


def test_the_quadrature_is_the_closed_form_and_closes_in_on_it(dataset):
    coarse = EXPERIMENT.measure(dataset)["closed_form_less_quadrature"]
    fine = EXPERIMENT.measure(EXPERIMENT.compute({**TINY, "side": 600}, Work()))
    assert fine["closed_form_less_quadrature"] < coarse < 1e-3


def test_a_wrong_closed_form_would_be_seen(dataset):
    wrong = dataset.assign(quadrature=dataset["quadrature"] * 1.1)
    assert EXPERIMENT.measure(wrong)["closed_form_less_quadrature"] > 1e-3


def test_the_central_readings_are_the_closed_form(dataset):
    ratios = EXPERIMENT.measure(dataset)["loss_over_linear"]
    assert len(ratios) == 12
    for unit, width in (("a step", 0.1), ("the unit interval", 0.3)):
        exact = compression_loss(3, width) / float(LINEAR_LOSS)
        found = ratios[f"{unit}, the ramp is centred on it, midpoint"]
        assert found == pytest.approx(exact, abs=1e-3)


def test_segments_beside_the_jump_mirror_each_other_and_cost_more(dataset):
    ratios = EXPERIMENT.measure(dataset)["loss_over_linear"]
    for unit in ("a step", "the unit interval"):
        begins, centred, ends = (
            ratios[f"{unit}, the ramp {place}, midpoint"]
            for place in ("begins at the jump", "is centred on it", "ends at it")
        )
        assert begins == pytest.approx(ends, rel=1e-9)
        assert centred < begins


def test_errors_and_curves_are_those_that_are_drawn(dataset):
    assert float(dataset["error_x"].sel(segments=3, width=0)) == pytest.approx(1 / 108)
    assert (np.diff(dataset["packed"]) >= 0).all()
    assert dataset["unpacked"].sel(number="x").values[0] == pytest.approx(1 / 6)


def test_it_computes_the_same_twice(dataset):
    xr.testing.assert_identical(dataset, EXPERIMENT.compute(TINY, Work()))
