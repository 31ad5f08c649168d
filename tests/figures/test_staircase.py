"""The picture of a staircase: the report's numbers, where they are drawn and in which colours."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgba
from matplotlib.text import Text

from figures.staircase import draw, save
from figures.staircase_axis import cells, spread, stretches
from figures.staircase_panels import LEVELS, levels
from figures.style import FORMATS, geometry_color
from theory.polytopes.catalogue import polytope

KINDS = {"digon": (2, 1, 0.5), "pentagon": (5, 2, 0.4), "square-antiprism": (8, 3, 0.375)}


def step(density, leader="digon", *, closed=True, copies=4, stored=True):
    """Return a step whose mix is some copies of one block, as a report has it."""
    k, d, D = KINDS[leader]
    name = f"{leader} {k},{d}"
    whole = {
        "represented": float(copies * k) * stored,
        "dimensions_per_feature": 1.1 * D if stored else None,
        "shares": {leader: 1.0} if stored else {},
        "levels": [{"dimensionality": D, "count": copies * k, "block": name}] * stored,
    }
    return {
        "density": density,
        "V": density / 3 - density**2 / 4,
        "closed": closed,
        "whole": whole,
        "rounding_loss": 0.03 * density,
    }


def model(source, density, families, excess=0.01):
    D = [0.0 if name == "dropped" else KINDS[name][2] for name in families]
    kept = [name for name in families if name != "dropped"]
    return {
        "source": source,
        "density": density,
        "excess": excess,
        "dimensions_per_feature": 0.6,
        "shares": {name: kept.count(name) / len(kept) for name in set(kept)},
        "dimensionality": D,
        "families": families,
    }


def change(density, between, *, closed=True):
    return {"density": density, "between": list(between), "closed": closed}


def staircase(steps, changes=(), models=(), n=20, m=4):
    return {
        "schema": "antipode.staircase/1",
        "n": n,
        "m": m,
        "steps": list(steps),
        "transitions": list(changes),
        "models": list(models),
    }


STEPS = [
    step(0.5),
    step(0.25),
    step(0.2, "pentagon", closed=False),
    step(0.1, "square-antiprism", closed=False),
]
CHANGES = [change(0.22, (0.25, 0.2)), change(None, (0.2, 0.1), closed=False)]
MODELS = [
    model("trained", 0.5, ["digon"] * 8 + ["dropped"] * 12),
    model("trained", 0.5, ["digon"] * 4 + ["pentagon"] * 4 + ["dropped"] * 12, 0.02),
    model("descended", 0.2, ["pentagon"] * 10 + ["dropped"] * 10, -0.1),
]
FULL = staircase(STEPS, CHANGES, MODELS)


def curve(ax):
    """Return the predicted line of a panel, the widest of its lines."""
    lines = [line for line in ax.lines if line.get_linestyle() != "None"]
    return max(lines, key=lambda line: line.get_linewidth())


def legend(figure):
    return [text.get_text().replace("\n", " ") for text in figure.legends[0].get_texts()]


def test_cells_meet_at_transitions_or_halfway():
    found = cells(FULL)
    assert [cell.centre for cell in found] == pytest.approx([2, 4, 5, 10])
    ends = [(one.end, other.start) for one, other in pairwise(found)]
    assert ends == [pytest.approx((at, at)) for at in (8**0.5, 1 / 0.22, 50**0.5)]


def test_cells_leave_room_for_a_block_that_leads_between_them():
    between = staircase(STEPS[:2], [change(p, (0.5, 0.25)) for p in (0.4, 0.3)])
    one, other = cells(between)
    assert (one.end, other.start) == pytest.approx((2.5, 1 / 0.3))


def test_stretches_join_neighbouring_cells():
    found = cells(FULL)
    joined = stretches(found, [True, False, True, True])
    assert joined == [(found[0].start, found[0].end), (found[2].start, found[3].end)]
    assert stretches(found, [False] * 4) == []


def test_dots_of_sources_are_side_by_side_and_stay_off_the_next_density():
    densities = [0.5, 0.45]
    columns = [spread(p, densities, (k, 3), 400) for p in densities for k in range(3)]
    for left, right in pairwise(columns):
        assert left.max() < right.min()
    assert all(len(np.unique(column)) == 400 for column in columns)
    assert columns[0].min() < 2 < columns[2].max()


def test_levels_that_look_the_same_are_one_and_families_stay_apart():
    mixed = step(0.2)
    rows = [(0.4, 4, "pentagon 5,2"), (0.401, 4, "pentagon 5,2"), (0.4, 2, "digon 2,1")]
    keys = ("dimensionality", "count", "block")
    mixed["whole"] |= {
        "represented": 10,
        "levels": [dict(zip(keys, row, strict=True)) for row in rows],
    }
    found = levels(mixed)
    assert [(name, share) for _, name, share in found] == [("pentagon", 0.8), ("digon", 0.2)]
    assert found[0][0] == pytest.approx(0.4005)


def test_dimensions_per_feature_are_level_in_each_cell():
    ax = draw(FULL).axes[0]
    x, y = curve(ax).get_data()
    for cell, each in zip(cells(FULL), STEPS, strict=True):
        inside = (x >= cell.start) & (x <= cell.end)
        assert each["whole"]["dimensions_per_feature"] in y[inside]
    assert np.isfinite(y).all()
    points = [tuple(line.get_ydata()) for line in ax.lines if line.get_marker() in ("o", "^")]
    assert points == [(0.6, 0.6), (0.6,)]


def test_the_line_is_broken_where_nothing_is_predicted():
    changes = [change(p, (0.5, 0.25)) for p in (0.4, 0.3)]
    y = curve(draw(staircase(STEPS[:2], changes)).axes[0]).get_ydata()
    assert list(np.isnan(y)) == [False, False, True, False, False]
    nothing = staircase([step(0.5), step(0.25, stored=False)])
    assert list(np.isnan(curve(draw(nothing).axes[0]).get_ydata())) == [False, False, True, True]


def test_every_feature_is_a_dot_at_its_dimensionality_in_the_colour_of_its_block():
    bars, *dots = draw(FULL).axes[1].collections
    assert len(dots) == 2
    expected = [MODELS[:2], MODELS[2:]]
    for drawn, own in zip(dots, expected, strict=True):
        x, y = drawn.get_offsets().T
        assert np.array_equal(y, [D for each in own for D in each["dimensionality"]])
        assert abs(np.log10(x * own[0]["density"])).max() < 0.06
        families = [name for each in own for name in each["families"]]
        assert [to_hex(c) for c in drawn.get_facecolors()] == [
            geometry_color(name).lower() for name in families
        ]
    assert len(bars.get_segments()) == len(STEPS)


def test_levels_span_their_cells_as_thick_as_their_share():
    mixed = step(0.2, "pentagon", copies=1)
    mixed["whole"]["levels"].append({"dimensionality": 0.5, "count": 15, "block": "digon 2,1"})
    mixed["whole"] |= {"represented": 20, "shares": {"pentagon": 0.25, "digon": 0.75}}
    report = staircase([STEPS[0], mixed])
    (bars,) = draw(report).axes[1].collections
    last = cells(report)[1]
    assert np.allclose(bars.get_segments()[1], [(last.start, 0.4), (last.end, 0.4)])
    widths = bars.get_linewidths()
    assert widths[0] > widths[2] > widths[1]
    alpha = bars.get_alpha()
    assert np.allclose(bars.get_colors()[2], to_rgba(geometry_color("digon"), alpha))


def test_lines_of_the_paper_are_where_its_shapes_are():
    ax = draw(FULL).axes[1]
    labels = {text.get_text(): text.xy[1] for text in ax.texts}
    for label, D in LEVELS.items():
        assert labels[label] == D
        name = label.split(" ", 1)[1].replace(" ", "-")
        shape = polytope(name if name != "square-antiprism" else f"{name}-tight")
        assert [float(value) for value, _ in shape.dimensionalities] == [D]


def test_transitions_are_lines_in_all_panels_with_their_density():
    figure = draw(FULL)
    for ax in figure.axes:
        upright = [line for line in ax.lines if np.allclose(line.get_xdata(), 1 / 0.22)]
        assert len(upright) == 1
    assert [text.get_text() for text in figure.axes[0].texts] == ["0.2200"]
    hatched = [patch for patch in figure.axes[0].patches if patch.get_hatch()]
    assert [(p.get_x(), p.get_x() + p.get_width()) for p in hatched] == [pytest.approx((5, 10))]


def test_labels_of_close_transitions_do_not_overlap():
    changes = [change(p, (0.5, 0.25)) for p in (0.301, 0.3, 0.299)]
    figure = draw(staircase(STEPS, changes))
    figure.draw_without_rendering()
    labels = [Text.get_window_extent(text) for text in figure.axes[0].texts]
    assert len(labels) == 3
    assert all(left.x1 < right.x0 for left, right in pairwise(labels))


def test_open_rankings_are_shaded_and_called_a_lower_bound():
    figure = draw(FULL)
    found = cells(FULL)
    for ax in figure.axes[:2]:
        (region,) = [patch for patch in ax.patches if not patch.get_hatch()]
        ends = region.get_x(), region.get_x() + region.get_width()
        assert ends == pytest.approx((found[2].start, found[3].end))
    assert "lower bound" in [text.get_text() for text in figure.axes[1].texts]
    closed = draw(staircase(STEPS[:2]))
    assert not closed.axes[1].patches
    assert not any("lower bound" in label for label in legend(closed))


def test_shares_are_stacked_for_the_prediction_and_the_mean_of_each_source():
    figure = draw(FULL)
    titles = [ax.get_ylabel() for ax in figure.axes[2:5]]
    assert titles == ["predicted", "trained", "descended"]
    predicted, trained, descended = (
        {(to_hex(bar.get_facecolor()), round(bar.get_x(), 6)): bar for bar in ax.patches}
        for ax in figure.axes[2:5]
    )
    starts = [round(cell.start, 6) for cell in cells(FULL)]
    digon, pentagon = (geometry_color(name).lower() for name in ("digon", "pentagon"))
    heights = [predicted[digon, x].get_height() for x in starts]
    assert heights == [1, 1, 0, 0]
    assert trained[digon, starts[0]].get_height() == pytest.approx(0.75)
    assert trained[pentagon, starts[0]].get_height() == pytest.approx(0.25)
    assert trained[pentagon, starts[0]].get_y() == pytest.approx(0.75)
    assert descended[pentagon, starts[2]].get_height() == 1
    assert sum(bar.get_height() for bar in descended.values()) == 1


def test_sizes_of_the_main_blocks_are_written_on_the_prediction():
    texts = draw(FULL).axes[2].texts
    assert [text.get_text() for text in texts] == ["2,1", "5,2", "8,3"]
    found = cells(FULL)
    assert found[0].start < texts[0].get_position()[0] < found[1].end


def test_excess_losses_are_beside_those_of_whole_blocks():
    ax = draw(FULL).axes[-1]
    points = [tuple(line.get_ydata()) for line in ax.lines if line.get_marker() in ("o", "^")]
    assert points == [(0.01, 0.02), (-0.1,)]
    each = STEPS[1]
    assert each["rounding_loss"] / (4 * each["V"]) in curve(ax).get_ydata()


def test_models_without_weights_are_dropped_features_only():
    dead = model("trained", 0.5, ["dropped"] * 20) | {"dimensions_per_feature": None}
    figure = draw(staircase([step(0.5, stored=False)], models=[dead]))
    (points,) = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert np.isnan(points.get_ydata().astype(float)).all()
    (dots,) = figure.axes[1].collections[1:]
    assert np.array_equal(dots.get_offsets()[:, 1], np.zeros(20))
    assert not figure.axes[3].patches
    assert legend(figure)[0] == "dropped feature"


def test_a_prediction_without_models_has_no_panels_for_them():
    figure = draw(staircase(STEPS, CHANGES))
    assert [ax.get_ylabel() for ax in figure.axes[2:]] == ["predicted"]
    assert "dropped feature" not in legend(figure)
    assert not any("model" in label for label in legend(figure))


def test_the_legend_has_what_is_drawn_outside_the_panels():
    figure = draw(FULL)
    assert legend(figure)[:4] == ["digon", "pentagon", "square-antiprism", "dropped feature"]
    assert {"trained model", "descended model"} < set(legend(figure))
    assert "settled model" not in legend(figure)
    figure.draw_without_rendering()
    frame = figure.legends[0].get_window_extent()
    assert all(not frame.overlaps(ax.get_window_extent()) for ax in figure.axes)
    assert frame.x0 >= 0
    assert frame.y0 >= 0


def test_one_density_is_a_cell_around_it():
    figure = draw(staircase([step(0.3)], models=[model("settled", 0.3, ["digon"] * 20)]))
    low, high = figure.axes[0].get_xlim()
    assert (low * high) ** 0.5 == pytest.approx(1 / 0.3)
    assert figure.axes[0].get_xticks() == pytest.approx([1 / 0.3])


def test_a_range_of_three_decades_keeps_its_ticks_apart():
    figure = draw(staircase([step(p) for p in (1, 0.1, 0.01, 0.001)]))
    assert figure.axes[0].get_xticks() == pytest.approx([1, 10, 100, 1000])


def test_another_report_is_refused():
    with pytest.raises(ValueError, match=r"'antipode.blocks/1' is no staircase; give one of"):
        draw({"schema": "antipode.blocks/1"})


def test_panels_are_at_the_same_places_to_the_last_bit():
    places = {tuple(ax.get_position().bounds for ax in draw(FULL).axes) for _ in range(6)}
    assert len(places) == 1


def test_files_are_the_same_every_time(tmp_path):
    report = staircase(STEPS[2:], CHANGES, MODELS[2:])
    first, second = (save(report, tmp_path / name) for name in "ab")
    assert [path.name for path in first] == [f"staircase_20_4.{kind}" for kind in FORMATS]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
