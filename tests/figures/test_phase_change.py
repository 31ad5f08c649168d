"""F12, F13 and F37 from the datasets of their experiments."""

import json

import numpy as np
import pytest
from matplotlib.figure import Figure

from figures import bias_free, phase_change
from numerics.experiments.phase_change import EXPERIMENTS
from numerics.experiments.work import Work
from tests import tiny
from tests.numerics.experiments.test_phase_change import SMALL

NAMES = [experiment.name for experiment in EXPERIMENTS]
BIAS_FREE = EXPERIMENTS[NAMES.index("bias_free")]


@pytest.fixture(scope="module")
def surfaces():
    return BIAS_FREE.compute(SMALL, Work())


@pytest.mark.parametrize(
    ("draw", "spec"),
    [(phase_change.draw_f12, tiny.TWO), (phase_change.draw_f13, tiny.THREE)],
    ids=["F12", "F13"],
)
def test_a_diagram_draws_from_its_measurements_and_says_its_cells(draw, spec):
    found = tiny.outcome(spec)
    dataset = found.dataset.copy()
    dataset.attrs = {"measurements": json.dumps(found.summary), "quality": "draft"}
    figure = draw({f"phase_{spec.stem}": dataset})
    rows, columns = spec.shape
    assert f"{rows} × {columns} cells, draft quality" in figure.get_suptitle()
    titles = " ".join(ax.get_title(loc="left") for ax in figure.axes)
    assert "best of 3" in titles
    assert "worst of 3 dropped" in titles


def test_marks_on_a_surface_are_all_critical_points_of_both_signs(surfaces):
    ax = bias_free.plot_surface(surfaces, 1, ax=Figure().subplots(), title="x")
    marks = [line for line in ax.lines if line.get_marker() in ("o", "X")]
    drawn = {(float(m.get_xdata()[0]), float(m.get_ydata()[0])) for m in marks}
    here = surfaces["point_surface"].values == 1
    weights = np.stack([surfaces[f"point_{w}"].values[here] for w in ("w1", "w2")], axis=-1)
    assert drawn == {tuple(map(float, sign * w)) for w in weights for sign in (1, -1)}
    assert [m.get_marker() for m in marks].count("o") == 4


def test_at_a_tie_both_minima_are_the_lowest_and_elsewhere_one_is(surfaces):
    def sizes(surface):
        ax = bias_free.plot_surface(surfaces, surface, ax=Figure().subplots(), title="x")
        return sorted(m.get_markersize() for m in ax.lines if m.get_marker() == "o")

    assert sizes(1) == [12, 12, 12, 12]
    assert sizes(0) == [8, 8, 12, 12]


def test_phases_are_coloured_by_the_coupling_with_lines_and_letters(surfaces):
    ax = bias_free.plot_phases(surfaces, ax=Figure().subplots(), title="x")
    mesh = ax.collections[0].get_array().reshape(5, 5)
    assert np.array_equal(mesh, surfaces["W"].values.prod(-1))
    assert len(ax.lines) == 4
    assert np.array_equal(ax.lines[1].get_xdata(), 1 / surfaces["exchange_importance"].values)
    assert [text.get_text() for text in ax.texts] == ["a", "b"]


def test_a_cut_is_broken_at_the_jump_only(surfaces):
    ax = bias_free.plot_cut(surfaces, ax=Figure().subplots(), title="x")
    drawn = [line for line in ax.lines if line.get_label().startswith("W")]
    assert [line.get_label() for line in drawn] == [
        f"W{k} at p = {p}" for p in (0.9, 0.5) for k in "₁₂"
    ]
    w2 = drawn[3].get_ydata()
    assert np.isnan(w2).any()
    assert np.array_equal(w2[~np.isnan(w2)], surfaces["cut_W"].values[1, :, 1])


def test_the_whole_figure_draws():
    six = BIAS_FREE.compute({**SMALL, "surfaces": SMALL["surfaces"] * 3}, Work())
    figure = bias_free.draw_f37({"bias_free": six})
    titles = " ".join(ax.get_title(loc="left") for ax in figure.axes)
    assert all(f"({letter})" in titles for letter in "abcdefgh")


def test_every_figure_names_its_section_and_an_experiment_that_exists():
    for figure in phase_change.FIGURES:
        assert figure.section == "phase_change"
        assert set(figure.experiments) <= set(NAMES)
