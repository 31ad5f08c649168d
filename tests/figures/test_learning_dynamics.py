"""The pictures of F25 and F26 show what their datasets hold."""

import json

import numpy as np
import pytest
from matplotlib import pyplot as plt

from figures.catalogue import figures
from figures.learning_dynamics import FIGURES, geometric_stages
from figures.learning_dynamics.losses import index_text, most_plateaus
from numerics.experiments.catalogue import experiments
from numerics.experiments.work import Work
from tests.numerics.experiments.test_learning_dynamics import TINY


@pytest.fixture(scope="module")
def everything():
    found = {}
    for name, tiny in TINY.items():
        one = experiments()[name]
        data = one.compute({**one.values("draft"), **tiny}, Work())
        constants = {k: {"value": tiny.get(k, c.draft)} for k, c in one.constants.items()}
        found[name] = data.assign_attrs(constants=json.dumps(constants))
    return found


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def _drawn(ax):
    return [line.get_ydata() for line in ax.lines]


def _shows(ax, values):
    return any(
        np.shape(drawn) == np.shape(values) and np.allclose(drawn, values) for drawn in _drawn(ax)
    )


def test_figures_are_registered_and_rest_on_experiments_that_exist():
    assert [one.id for one in FIGURES] == ["F25", "F26"]
    for one in FIGURES:
        assert figures()[one.id] is one
        assert set(one.experiments) <= set(experiments())


def test_f25_draws_dimensionalities_losses_and_critical_points(everything):
    data = everything["energy_levels"]
    axes = np.array(figures()["F25"].drawn(everything).axes).reshape(2, 3)
    flow = most_plateaus(data)
    for column, (kind, start) in enumerate((("trained", 0), ("flow", flow), ("small", flow))):
        assert _shows(axes[1, column], data[f"{kind}_loss"].values[start][1:])
        for D in data[f"{kind}_dimensionality"].values[start][1:].T:
            assert _shows(axes[0, column], D)
    real = data["flow_plateau"].values[flow] >= 0
    for loss in data["flow_critical_loss"].values[flow][real]:
        assert _shows(axes[1, 1], [loss, loss])
    (listed,) = (text.get_text() for text in axes[1, 1].texts)
    assert all(name in listed for name in data["flow_geometry"].values[flow][real])


def test_f26_draws_paths_up_to_their_marks_and_all_losses(everything):
    data = everything["geometric_stages"]
    figure = figures()["F26"].drawn(everything)
    flow = most_plateaus(data)
    places = geometric_stages.marks(data, flow)
    spaces = [ax for ax in figure.axes if ax.name == "3d"]
    assert len(spaces) == len(places)
    for ax, place in zip(spaces, places, strict=True):
        W = data["flow_W"].values[flow][: place + 1]
        lengths = np.linalg.norm(np.array(ax.lines[0].get_data_3d()), axis=0)
        assert np.allclose(lengths, np.linalg.norm(W[:, :, 0], axis=1))
    flat = [ax for ax in figure.axes if ax.name != "3d"]
    for losses in data["flow_loss"].values:
        assert any(_shows(ax, losses[1:]) for ax in flat)
    for losses in data["trained_loss"].values:
        assert any(_shows(ax, losses[1:]) for ax in flat)


def test_the_film_runs_to_the_end_of_the_flow(everything, monkeypatch):
    monkeypatch.setattr(geometric_stages, "_FRAMES", 3)
    data = everything["geometric_stages"]
    frames = figures()["F26"].frames(everything)
    flow = most_plateaus(data)
    losses = data["flow_loss"].values[flow]
    dots = [frame.axes[1].lines[-1].get_ydata()[0] for frame in frames]
    assert len(dots) == 3
    assert dots[-1] == losses[-1]
    assert np.all(np.diff(dots) <= 0)


def test_an_index_on_a_kink_is_written_as_a_range():
    assert [index_text(2, 2), index_text(4, 11)] == ["2", "4–11"]
