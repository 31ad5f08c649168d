import numpy as np
import pytest

from figures.computation import FIGURES
from figures.computation.asymmetric import shown_instances
from numerics.experiments.computation import EXPERIMENTS
from numerics.experiments.results import compute
from numerics.experiments.work import Work
from tests.numerics.experiments.test_computation import TINY


class Tiny:
    """An experiment with constants replaced."""

    def __init__(self, experiment):
        self.experiment = experiment

    def __getattr__(self, name):
        return getattr(self.experiment, name)

    @property
    def constants(self):
        own = dict(self.experiment.constants)
        for name, value in TINY[self.experiment.name].items():
            own[name] = type(own[name])(value, value, own[name].origin)
        return own

    def values(self, quality):
        return {name: constant.at(quality) for name, constant in self.constants.items()}


@pytest.fixture(scope="module")
def data():
    return {one.name: compute(Tiny(one), "draft", Work()) for one in EXPERIMENTS}


@pytest.fixture(scope="module")
def drawn(data):
    return {
        figure.id: figure.drawn({name: data[name] for name in figure.experiments})
        for figure in FIGURES
    }


def legends(figure):
    return [
        text.get_text()
        for ax in figure.axes
        if ax.get_legend()
        for text in ax.get_legend().get_texts()
    ]


def test_f33_shows_the_best_net_and_every_start(data, drawn):
    own = data["absolute_small"]
    points = np.concatenate([line.get_ydata() for line in drawn["F33"].axes[-1].lines[:2]])
    np.testing.assert_allclose(np.sort(points), np.sort(own["loss"].values))
    assert f"{own['loss'].values.min():.1g}" in drawn["F33"].axes[4].get_title(loc="left")


def test_f34_stacks_the_scaled_weights_of_every_neuron(data, drawn):
    own = data["absolute_superposition"]
    best = int(own["loss"].values[0].argmin())
    W = np.abs(own["W_in"].values[0, best])
    expected = np.sort((W / W.max(1, keepdims=True)).sum(1))
    heights = np.zeros(40)
    for piece in drawn["F34"].axes[0].collections[0].get_paths():
        (left, low), (right, high) = piece.vertices.min(0), piece.vertices.max(0)
        heights[round((left + right) / 2)] += high - low
    np.testing.assert_allclose(np.sort(heights), expected, rtol=0.02)
    assert "p = 0.322: sharing pays below" in legends(drawn["F34"])


def test_f35_labels_neurons_with_their_concentration(drawn):
    labels = [float(tick.get_text()) for tick in drawn["F35"].axes[0].get_xticklabels()]
    assert labels[:6] == sorted(labels[:6], reverse=True)
    assert max(labels[6:]) <= min(labels[:6])


def test_f36_writes_the_instances_and_draws_every_ratio(data, drawn):
    own = data["asymmetric_motif"]
    figure = drawn["F36"]
    shown = shown_instances(own)
    starts = own["start_longer"].values
    assert len({int(starts[place]) for place in shown}) == min(1, len(shown))
    ratios = figure.axes[len(shown)]
    np.testing.assert_array_equal(ratios.lines[0].get_xdata(), own["in_ratio_short"].values)
    assert any("p(3 − p)" in text for text in legends(figure))
    assert "exact losses" in "".join(ax.get_title(loc="left") for ax in figure.axes)
