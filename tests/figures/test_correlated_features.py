"""Figures of correlated features: what is drawn is what the datasets hold."""

import json

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from figures.correlated_features import FIGURES
from figures.correlated_features.arrows import draw_arrows
from numerics.experiments.correlated_features import EXPERIMENTS
from numerics.experiments.results import measurements_of
from numerics.experiments.work import Work

TINY = {
    "steps": 100,
    "starts": 2,
    "densities": [0.3, 0.1],
    "marginals": [0.2, 0.1],
    "descents": 1,
    "descent": 3,
    "scan": [0.6],
    "edge_width": 3.0,
}


@pytest.fixture(scope="module")
def data():
    found = {}
    for experiment in EXPERIMENTS:
        constants = experiment.values("draft")
        constants |= {name: value for name, value in TINY.items() if name in constants}
        dataset = experiment.compute(constants, Work())
        dataset.attrs["measurements"] = json.dumps(dict(experiment.measure(dataset)))
        found[experiment.name] = dataset
    return found


def figure(data, name):
    (one,) = (f for f in FIGURES if f.id == name)
    return one.drawn(data)


def titled(drawn, start):
    (ax,) = (ax for ax in drawn.axes if ax.get_title("left").startswith(start))
    return ax


def test_arrows_end_at_the_columns():
    ax = Figure().subplots()
    W = np.array([[1.0, 0.0, -0.5, 0.2], [0.0, 0.7, 0.5, 0.3]])
    draw_arrows(ax, W)
    ends = [line.get_xydata()[-1] for line in ax.lines if len(line.get_xydata()) == 2]
    np.testing.assert_allclose(ends, W[:, 1::2].T)


def test_f20_draws_every_run_and_both_closed_forms(data):
    ax = titled(figure(data, "F20"), "exact losses")
    lines = [line.get_ydata() for line in ax.lines]
    p = np.array(TINY["densities"])
    np.testing.assert_allclose(lines[0], 2 / 3)
    np.testing.assert_allclose(lines[1], 2 * p / 3)
    runs = data["correlated_pairs"]["loss"].values / p[:, None]
    np.testing.assert_allclose(lines[2], runs.ravel())


def test_f21_draws_the_measured_shares(data):
    ax = titled(figure(data, "F21"), "right pairing found")
    measured = measurements_of(data["anticorrelated_pairs"])
    drawn = [container.lines[0].get_ydata().tolist() for container in ax.containers]
    assert drawn == [measured["paper"]["share"], measured["arena"]["share"]]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "paper's rule, 1 − S = 2q",
        "ARENA's rule, p = q",
    ]


def test_f22_draws_shares_that_add_up(data):
    ax = titled(figure(data, "F22"), "collapsed pairs")
    heights = [[bar.get_height() for bar in group] for group in ax.containers]
    np.testing.assert_allclose(np.sum(heights, axis=0), 1)


def test_f23_draws_the_gram_matrices(data):
    drawn = figure(data, "F23")
    W = data["local_bases"]["best_W"].values
    images = [ax.images[0].get_array() for ax in drawn.axes if ax.images]
    np.testing.assert_allclose(images[0], W[0].T @ W[0])
    np.testing.assert_allclose(images[2], W[-1].T @ W[-1])


def test_f24_draws_states_and_counts(data):
    drawn = figure(data, "F24")
    found = data["pca_collapse"]
    upper, lower = titled(drawn, "loss of each state"), titled(drawn, "how many")
    labels = [text.get_text() for text in upper.get_legend().get_texts()]
    assert "3 collapsed, minimised" in labels
    assert "principal components (linear)" in labels
    three = upper.lines[3].get_ydata()
    expected = (found["state_loss"].sel(state=3) / found["scan"]).values
    np.testing.assert_allclose(three[np.isfinite(three)], expected[np.isfinite(three)])
    assert np.isfinite(three).any()
    (best,) = (line for line in lower.lines if line.get_label() == "best trained run")
    measured = measurements_of(found)
    assert best.get_ydata().tolist() == measured["trained_best"]


def test_a_missing_experiment_is_named():
    with pytest.raises(KeyError, match="correlated_pairs"):
        figure({"other": xr.Dataset()}, "F20")
