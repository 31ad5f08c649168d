"""Colours, cells and files: what a picture encodes, and that it is the same every time."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from figures.style import (
    BLUE,
    CANDIDATE_COLORS,
    FORMATS,
    GREY,
    RED,
    cell_edges,
    fix_layout,
    paper_style,
    phase_axes,
    save,
    state_color,
)
from theory import candidates


@pytest.mark.parametrize(
    ("norm", "overlap", "color"),
    [(0, 0, GREY), (0, 1, GREY), (1, 0, BLUE), (1, 1, RED), (1.3, 0, BLUE), (1, 7, RED)],
)
def test_the_corners_are_grey_for_dropped_blue_for_dedicated_red_for_superposed(
    norm, overlap, color
):
    assert np.allclose(state_color(np.array(norm), np.array(overlap)), color)


def test_colours_are_colours_between_their_corners():
    norm, overlap = np.meshgrid(np.linspace(-0.5, 2, 11), np.linspace(-0.5, 2, 11))
    colors = state_color(norm, overlap)
    assert colors.shape == (11, 11, 3)
    assert colors.min() >= min(GREY.min(), BLUE.min(), RED.min())
    assert colors.max() <= 1
    assert np.allclose(state_color(np.array(0.5), np.array(0.5)), (GREY + (BLUE + RED) / 2) / 2)
    assert BLUE.argmax() == 2
    assert RED.argmax() == 0
    assert np.ptp(GREY) == 0


@pytest.mark.parametrize("centres", [np.geomspace(1, 0.01, 5), np.geomspace(0.1, 10, 4)])
def test_cell_edges_lie_halfway_in_the_logarithm(centres):
    edges = cell_edges(centres)
    assert len(edges) == len(centres) + 1
    assert np.allclose(np.sqrt(edges[1:] * edges[:-1]), centres)
    assert np.allclose(edges[1:-1] ** 2, centres[1:] * centres[:-1])


def test_every_candidate_has_a_colour_of_its_own():
    names = {c.name for case in ((2, 1), (3, 2)) for c in candidates(*case, level="unit_bias")}
    assert names <= set(CANDIDATE_COLORS)
    assert len(set(CANDIDATE_COLORS.values())) == len(CANDIDATE_COLORS)


def picture():
    with paper_style():
        figure = Figure(figsize=(3, 2), layout="constrained")
        ax = figure.subplots()
        ax.pcolormesh(np.arange(4.0), np.arange(3.0), np.arange(6.0).reshape(2, 3), rasterized=True)
        ax.plot([1, 2], [1, 2], label="line")
        ax.legend()
    return figure


def test_files_are_the_same_bytes_every_time_and_nothing_is_left_aside(tmp_path):
    first = save(picture(), tmp_path / "a", "x")
    second = save(picture(), tmp_path / "b", "x")
    assert [path.name for path in first] == [f"x.{kind}" for kind in FORMATS]
    assert {path.name for path in (tmp_path / "a").iterdir()} == {path.name for path in first}
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    for path, start in zip(first, (b"\x89PNG", b"<?xml", b"%PDF"), strict=True):
        assert path.read_bytes().startswith(start)


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    figure = picture()

    def full(path, **options):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(figure, "savefig", full)
    with pytest.raises(ValueError, match=r"x\.png .*No space left"):
        save(figure, tmp_path, "x")
    assert list(tmp_path.iterdir()) == []


def test_phase_axes_span_the_papers_plane():
    ax = Figure().subplots()
    phase_axes(ax, "title")
    assert ax.get_xlim() == (0.1, 10)
    assert ax.get_ylim() == (0.01, 1)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0.1", "0.3", "1", "3", "10"]


def test_a_layout_falls_on_steps_so_that_noise_in_it_is_not_drawn():
    """Of panels and of parts of a figure: what is drawn would else differ from run to run."""
    with paper_style():
        figure = Figure(figsize=(7, 4), layout="constrained")
        left, right = figure.subfigures(1, 2, width_ratios=(2, 1))
        left.suptitle("a")
        axes = [*left.subplots(1, 2), right.subplots()]
        axes[2].set_ylabel("b")
        fix_layout(figure)
    boxes = [ax.get_position(original=True).bounds for ax in axes]
    boxes += [part.bbox_relative.get_points().ravel() for part in (left, right)]
    steps = np.concatenate(boxes) * 1e4
    np.testing.assert_allclose(steps, steps.round(), atol=1e-6)
    assert len(set(steps.round())) > 8
