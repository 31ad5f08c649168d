"""F38 from the dataset of its experiment."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from figures import compression
from numerics.experiments.compression import EXPERIMENTS
from numerics.experiments.results import compute
from numerics.experiments.work import Work
from tests.numerics.experiments.test_compression import TINY


@pytest.fixture(scope="module")
def dataset():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(EXPERIMENTS[0]), "values", lambda self, quality: TINY)
        return compute(EXPERIMENTS[0], "draft", Work())


@pytest.mark.parametrize("of_interval", [False, True])
def test_curves_are_the_closed_form_in_either_unit(dataset, of_interval):
    ax = compression.plot_errors(
        dataset, ax=Figure().subplots(), title="x", of_interval=of_interval, claimed=(3, 0.1)
    )
    lines = {line.get_label(): line for line in ax.lines}
    loss = (dataset["error_x"] + dataset["error_y"]).sel(segments=3).values * 12
    assert lines["Z = 3"].get_ydata() == pytest.approx(loss)
    scale = 3 if of_interval else 1
    assert lines["Z = 3"].get_xdata() * scale == pytest.approx(dataset["width"].values)
    crosses = lines["Z = 3, other readings"]
    unit = "the unit interval" if of_interval else "a step"
    chosen = [str(name).startswith(unit) for name in dataset["reading"].values]
    assert crosses.get_ydata() == pytest.approx(dataset["loss_as_read"].values[chosen] * 12)
    assert np.allclose(crosses.get_xdata(), 0.1)


def test_the_whole_figure_draws_and_names_the_point_of_the_claim(dataset):
    figure = compression.draw_f38({"nonlinear_compression": dataset})
    titles = " ".join(ax.get_title(loc="left") for ax in figure.axes)
    assert all(f"({letter})" in titles for letter in "abcd")
    assert "Z = 3, ε = 0.1" in figure.get_supxlabel()


def test_the_staircase_that_is_drawn_is_the_datasets(dataset):
    ax = compression.plot_scheme(dataset, 3, ax=Figure().subplots(), title="x", packing=True)
    assert np.array_equal(ax.lines[0].get_ydata(), dataset["packed"].values)
    ax = compression.plot_scheme(dataset, 3, ax=Figure().subplots(), title="x", packing=False)
    assert np.array_equal(ax.lines[1].get_ydata(), dataset["unpacked"].values[1])
