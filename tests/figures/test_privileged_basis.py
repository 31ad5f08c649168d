"""Neurons in the middle: what is drawn is what was computed."""

import json

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

from figures.neuron_stacks import draw_stacks, overlap_colors, sorted_neurons
from figures.privileged_basis import EXAMPLE, FIGURES, draw_f29, draw_f30, draw_f31
from theory.neuron_losses import neuron_loss

DENSITIES, GRID = [0.75, 0.35], [0.75, 0.5, 0.35]


@pytest.fixture
def regimes():
    W = np.zeros((2, 1, 2, 3))
    W[0, 0, 0, 0] = W[0, 0, 1, 1] = 1.0
    W[1, 0] = EXAMPLE[0][:2, :3]
    rows = {
        "settled_loss": [[0.08], [0.05]],
        "settled_error": [[1e-4], [1e-4]],
        "settled_regime": [["monosemantic"], ["3 in 2"]],
    }
    data = xr.Dataset(
        {
            **{name: (("density", "rank"), values) for name, values in rows.items()},
            "settled_W": (("density", "rank", "hidden", "feature"), W),
            "start_loss": (("density", "start"), np.ones((2, 4))),
            "branch_loss": (("regime", "grid"), [[0.08, 0.07, np.inf], [0.09, 0.065, 0.05]]),
            "monosemantic_exact": ("grid", [0.081, 0.07, 0.06]),
            "three_in_two_exact": ("grid", [0.09, 0.066, 0.05]),
        },
        coords={"density": DENSITIES, "grid": GRID, "regime": ["monosemantic", "3 in 2"]},
    )
    at = [
        {"density": 0.75, "trained": "monosemantic", "paper": "monosemantic", "hits": 0.5},
        {"density": 0.35, "trained": "3 in 2", "paper": "3 in 2", "hits": 0.25},
    ]
    data.attrs["measurements"] = json.dumps({"at": at, "edges": [["monosemantic", "3 in 2", 0.6]]})
    return {"neuron_regimes": data}


def texts(figure):
    return [one.get_text() for one in figure.findobj(mpl.text.Text)]


def test_f31_draws_the_models_their_regimes_and_the_edge(regimes):
    figure = draw_f31(regimes)
    words = texts(figure)
    assert any("p = 0.35\n3 in 2" in one for one in words)
    assert any("best of 4 trained models" in one for one in words)
    assert "0.6" in words
    images = [ax.images[0].get_array() for ax in figure.findobj(mpl.axes.Axes) if ax.images]
    assert any(np.array_equal(image, EXAMPLE[0][:2, :3]) for image in images)


def test_f31_relates_losses_to_those_of_all_monosemantic(regimes):
    lines = [line.get_ydata() for line in draw_f31(regimes).findobj(mpl.lines.Line2D)]
    expected = np.array([0.09 / 0.081, 0.065 / 0.07, 0.05 / 0.06])
    assert any(len(y) == 3 and np.allclose(y, expected) for y in lines)


def test_f30_states_the_exact_loss_of_what_it_shows():
    loss = float(neuron_loss(*EXAMPLE, 0.35))
    assert any(f"{loss:.4f}" in one for one in texts(draw_f30({})))


def test_f29_shows_the_model_of_least_loss_and_the_mean_of_random_directions():
    rng = np.random.default_rng(0)
    models = ["linear hidden layer", "hidden ReLU"]
    dims = ("model", "density", "start")
    W = rng.normal(size=(2, 1, 3, 5, 4))
    data = xr.Dataset(
        {
            "W": ((*dims, "hidden", "feature"), W),
            "loss": (dims, [[[3.0, 1.0, 2.0]], [[1.0, 2.0, 3.0]]]),
            "mean_alignment": (dims, rng.uniform(0.3, 0.9, (2, 1, 3))),
            "random_mean_alignment": ((*dims, "rotation"), rng.uniform(0.3, 0.6, (2, 1, 3, 8))),
            "rank": (dims, np.full((2, 1, 3), 0.25)),
        },
        coords={"model": models, "density": [0.3]},
    )
    figure = draw_f29({"neuron_alignment": data})
    images = [ax.images[0].get_array() for ax in figure.findobj(mpl.axes.Axes) if ax.images]
    assert any(np.array_equal(image, W[0, 0, 1]) for image in images)
    lines = [line.get_xdata() for line in figure.findobj(mpl.lines.Line2D)]
    assert any(np.allclose(x, 3 / 7) for x in lines if len(x) == 2)


def test_a_stack_has_a_bar_for_each_weight_below_the_axis_if_negative():
    ax = mpl.figure.Figure().subplots()
    draw_stacks(ax, np.array([[0.25, 0.5, -0.75, 0.001]]), np.eye(4))
    (bars,) = ax.collections
    spans = [(y.min(), y.max()) for y in (path.vertices[:, 1] for path in bars.get_paths())]
    assert spans == [(-0.75, 0.0), (0.0, 0.5), (0.5, 0.75)]
    assert np.array_equal(bars.get_facecolors(), np.eye(4)[[2, 1, 0]])


def test_neurons_alone_come_first_and_dedicated_features_are_dark():
    W = np.array([[0.8, 0.0, 0.8], [0.0, 1.0, 0.0]])
    assert np.array_equal(sorted_neurons(W), W[[1, 0]])
    dark, light = overlap_colors(W)[1], overlap_colors(W)[0]
    assert sum(dark[:3]) < sum(light[:3])


def test_the_section_s_figures_are_f29_to_f31():
    assert [figure.id for figure in FIGURES] == ["F29", "F30", "F31"]
