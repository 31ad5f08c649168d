"""The pictures of F1 and F7 to F11 show what their datasets hold."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from figures.catalogue import figures
from figures.demonstrating import FIGURES
from numerics.experiments.catalogue import experiments
from numerics.experiments.results import measurements_of
from tests.numerics.experiments.demonstrating_data import data
from theory.capacity import superposition

NAMES = ("introduction", "basic_results", "loss_terms")


@pytest.fixture(scope="module")
def everything():
    found = {name: data(name) for name in NAMES}
    return {**found, "basic_results_larger": found["basic_results"]}


def drawn(name, everything):
    return figures()[name].drawn(everything)


def all_axes(figure):
    return [ax for ax in figure.axes if ax.get_label() != "<colorbar>"]


def test_figures_are_registered_and_rest_on_experiments_that_exist():
    assert [one.id for one in FIGURES] == ["F1", "F7", "F8", "F9", "F10", "F11"]
    for one in FIGURES:
        assert figures()[one.id] is one
        assert set(one.experiments) <= set(experiments())


def test_f1_draws_the_trained_arrows_and_where_they_settle(everything):
    figure, own = drawn("F1", everything), data("introduction")
    for ax, p in zip(all_axes(figure), (1.0, 0.2, 0.1), strict=False):
        at = own.sel(density=p)
        tips = {tuple(np.round(text.xy, 9)) for text in ax.texts if text.arrow_patch}
        kept = np.linalg.norm(at.drawn_W.values, axis=0) >= 0.1
        assert tips == {tuple(np.round(w, 9)) for w in at.drawn_W.values.T[kept]}
        assert ax.get_title() == f"sparsity {1 - p:.0%}"
        circles = next(line for line in ax.lines if len(line.get_xdata()) == 5)
        assert np.array_equal(circles.get_xydata().T, at.settled_W.values)


def test_f1_draws_every_trained_start_above_the_optimum(everything):
    ax, own = all_axes(drawn("F1", everything))[3], data("introduction")
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert len(dots) == own.sizes["start"]
    for start, line in enumerate(dots):
        floor = own.branch_loss.sel(scan_density=own.density.values).min("stored").values
        expected = own.trained_loss.values[:, start] - floor
        assert line.get_ydata() == pytest.approx(expected, abs=1e-12)
        assert (line.get_ydata() > -1e-8).all()


def test_f7_sets_trained_models_beside_the_closed_form(everything):
    axes, own = all_axes(drawn("F7", everything)), data("basic_results")
    closed = axes[4].images[0].get_array()
    assert np.array_equal(closed, np.diag(own.linear_stored.values.astype(float)))
    W = own.sel(density=1.0).isel(start=int(own.best_start.sel(density=1.0))).trained_W.values
    assert np.allclose(axes[2].images[0].get_array(), W.T @ W)


def test_f8_colours_by_the_formula_named_above(everything):
    axes, own = all_axes(drawn("F8", everything)), data("basic_results")
    W = own.sel(density=0.3).isel(start=int(own.best_start.sel(density=0.3))).trained_W.values
    text, norms = superposition(W), np.linalg.norm(W, axis=0)
    formulas = {"text": text, "legend": text + norms**2, "notebook": np.sqrt(text)}
    for ax in axes[2:5]:
        word = ax.get_title().splitlines()[1]
        bars = ax.patches[: len(norms)]
        assert [bar.get_height() for bar in bars] == pytest.approx(norms)
        from_scale = axes_colors(formulas[word])
        assert [to_hex(bar.get_facecolor()) for bar in bars] == from_scale


def axes_colors(values):
    from figures.demonstrating.panels import SHARED  # noqa: PLC0415

    return [to_hex(color) for color in SHARED.to_rgba(values)]


@pytest.mark.parametrize("name", ["F9", "F10"])
def test_sweeps_draw_the_norms_of_the_best_start_and_outline_the_best_known(name, everything):
    axes, own = all_axes(drawn(name, everything)), data("basic_results")
    bars = axes[2 * 8 : 3 * 8]
    for ax, p in zip(bars[1:], own.density.values, strict=True):
        at = own.sel(density=p)
        norms = np.linalg.norm(at.isel(start=int(at.best_start)).trained_W.values, axis=0)
        heights = [bar.get_height() for bar in ax.patches[: len(norms)]]
        assert heights == pytest.approx(norms)
        outline = np.linalg.norm(at.optimum_W.values, axis=0)
        assert ax.patches[-1].get_data().values == pytest.approx(outline)
        assert ax.get_xlabel() == f"{(norms >= 0.75).sum()} full"


def test_f9_has_the_linear_models_loss_in_closed_form_and_the_trained_ones(everything):
    ax, own = all_axes(drawn("F9", everything))[-1], data("basic_results")
    lines = {line.get_label(): line.get_ydata() for line in ax.lines}
    assert set(lines["linear model: closed form"]) == {float(own.linear_optimum_loss)}
    assert np.array_equal(lines["ReLU, best known"], own.optimum_loss.values)
    assert np.array_equal(lines["ReLU, trained"], own.trained_loss.values.min(1))


def test_f11_marks_each_formula_by_its_disagreement(everything):
    figure = drawn("F11", everything)
    marks = [text.get_text() for text in all_axes(figure)[0].texts if text.get_text() in "✓✗"]
    off = measurements_of(data("loss_terms"))["disagreement"]
    assert sorted(marks) == sorted("✗" if value else "✓" for value in off.values())
    assert marks.count("✗") == 2
