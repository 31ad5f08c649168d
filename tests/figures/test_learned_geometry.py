"""Pictures of learned geometries: what is drawn, where, in which order, and that it repeats."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from figures import learned_geometry as pictures
from figures.learned_geometry_gram import gram_heat_map, shown_features
from figures.learned_geometry_graph import feature_graph, heavy_pairs, layout
from figures.learned_geometry_views import MOST_PANELS, perspective, views
from figures.style import FORMATS, geometry_color
from numerics.geometry import learned_geometry
from theory.polytopes.catalogue import polytope


def model(shapes, *, hidden=None, dropped=0, noise=0.003, seed=0):
    """Return weights (m, n) of shapes in orthogonal subspaces, turned, shuffled and with noise."""
    rng = np.random.default_rng(seed)
    blocks = [polytope(each).array() if isinstance(each, str) else each for each in shapes]
    d, k = (sum(block.shape[axis] for block in blocks) for axis in (0, 1))
    W = np.zeros((hidden or d, k + dropped))
    row = column = 0
    for block in blocks:
        W[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    W = np.linalg.qr(rng.normal(size=(len(W), len(W))))[0] @ W
    W[:, :k] += noise * rng.normal(size=(len(W), k))
    return W[:, rng.permutation(k + dropped)]


MIXTURE = ["digon", "pentagon", "square-antiprism-coulomb", "digon", "triangle", "pentagon"]


def drawn(draw, W):
    found = learned_geometry(W)
    return found, draw(W, found)


def test_each_kind_of_block_is_drawn_once_with_its_count():
    _, figure = drawn(views, model(MIXTURE, dropped=2))
    titles = [ax.get_title().splitlines()[0] for ax in figure.axes]
    assert titles == ["pentagon × 2", "square-antiprism-coulomb", "digon × 2", "triangle"]
    assert figure.axes[2].get_title().splitlines()[1] == "2 features in 1 dimension"
    assert figure.get_suptitle() == "27 features in 11 dimensions:\n25 in 6 blocks, 2 dropped"


def test_vectors_of_the_plane_keep_their_norms_and_angles():
    W = model(["pentagon", "digon"], noise=0)
    found, figure = drawn(views, W)
    for ax, block in zip(figure.axes, found.blocks, strict=True):
        tips = np.asarray(ax.lines[0].get_data())
        own = W[:, block.features]
        assert tips.T @ tips == pytest.approx(own.T @ own, abs=1e-12)
        stems = np.array(ax.collections[0].get_segments())
        assert np.allclose(stems[:, 0], 0)
        assert np.allclose(stems[:, 1], tips.T)
        named = {text.get_text(): np.array(text.xy) for text in ax.texts}
        assert set(named) == set(map(str, block.features))
        for feature, tip in zip(block.features, tips.T, strict=True):
            assert np.allclose(named[str(feature)], tip)


def test_features_of_one_direction_share_a_label():
    x = np.array([[1.0, 1.0, -0.5, -0.5], [0.0, 0.0, 0.75**0.5, -(0.75**0.5)]])
    found, figure = drawn(views, x)
    assert found.blocks[0].name == "unnamed"
    assert {text.get_text() for text in figure.axes[0].texts} == {"0, 1", "2", "3"}


@pytest.mark.parametrize("shape", ["cube", "icosahedron", "24-cell"])
def test_the_back_of_a_solid_is_hollow_and_dashed(shape):
    _, figure = drawn(views, model([shape]))
    back, front = figure.axes[0].lines
    assert back.get_markerfacecolor() == "white"
    assert front.get_markerfacecolor() == geometry_color(shape)
    assert len(back.get_xdata()) + len(front.get_xdata()) == polytope(shape).vertices
    assert 0 < len(back.get_xdata()) < polytope(shape).vertices
    behind, before = figure.axes[0].collections
    ((_, dashes),) = behind.get_linestyle()
    assert dashes is not None
    assert before.get_linestyle() == [(0, None)]
    assert back.get_zorder() < front.get_zorder()


def test_edges_in_the_picture_end_at_its_vertices():
    _, figure = drawn(views, model(["cube"]))
    ax = figure.axes[0]
    spots = np.hstack([np.asarray(line.get_data()) for line in ax.lines]).T
    segments = [s for group in ax.collections for s in group.get_segments()]
    assert len(segments) == 12
    for end in np.concatenate(segments):
        assert np.linalg.norm(spots - end, axis=1).min() < 1e-12


def test_perspective_brings_the_front_nearer_and_keeps_a_ball_in_its_outline():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(3, 20_000))
    x /= np.linalg.norm(x, axis=0)
    picture, depth = perspective(x, 1.0)
    outline = 4 / np.sqrt(15)
    assert np.linalg.norm(picture, axis=0).max() <= outline + 1e-12
    assert np.linalg.norm(picture, axis=0).max() == pytest.approx(outline, rel=1e-3)
    grown = np.linalg.norm(picture, axis=0) > np.linalg.norm(x[:2], axis=0)
    assert np.array_equal(grown, depth > 0)


def test_titles_say_which_three_of_many_dimensions_are_drawn():
    rng = np.random.default_rng(4)
    _, figure = drawn(views, model(["24-cell", rng.normal(size=(5, 13))]))
    titles = {ax.get_title().splitlines()[0]: ax.get_title().splitlines()[2] for ax in figure.axes}
    assert titles == {
        "24-cell": "projected on 3 of them, oblique",
        "unnamed": "projected on 3 principal axes",
    }


def test_what_is_ambiguous_says_what_it_is_nearest_to():
    W = model(["square-antiprism-coulomb"], noise=0.015)
    found, figure = drawn(views, W)
    assert found.blocks[0].name == "ambiguous"
    assert figure.axes[0].get_title().splitlines() == [
        "ambiguous",
        "8 features in 3 dimensions",
        f"nearest {found.blocks[0].candidates[0].key}",
    ]


def test_kinds_beyond_the_panels_are_counted_below():
    shapes = [f"{k}-gon" for k in range(9, 9 + MOST_PANELS - 1)]
    W = model([*shapes, "digon", "single", "triangle"], noise=0)
    found, figure = drawn(views, W)
    assert len(found.blocks) == MOST_PANELS + 2
    assert len(figure.axes) == MOST_PANELS
    assert figure.get_supxlabel() == "Not drawn: 2 more kinds of blocks, 3 features."


def test_the_matrix_is_in_the_order_of_the_blocks_and_centred_on_zero():
    W = model(MIXTURE, dropped=2)
    found, figure = drawn(gram_heat_map, W)
    ax = figure.axes[0]
    order = [i for block in found.blocks for i in block.features] + list(found.dropped)
    assert shown_features(found) == order
    image = ax.images[0]
    gram = (W.T @ W)[np.ix_(order, order)]
    assert np.allclose(image.get_array(), gram)
    assert image.get_clim() == (-np.abs(gram).max(), np.abs(gram).max())
    assert [text.get_text() for text in ax.get_xticklabels()] == list(map(str, order))
    names = {text.get_text(): text.get_position()[1] for text in ax.get_yticklabels()}
    assert names == {
        "square-antiprism-coulomb": 3.5,
        "pentagon × 2": 12.5,
        "triangle": 19,
        "digon × 2": 22.5,
        "dropped": 25.5,
    }
    assert ax.get_title() == "WᵀW, 25 features in 6 blocks; 2 dropped ones last"


def test_borders_enclose_the_blocks():
    W = model(MIXTURE)
    found, figure = drawn(gram_heat_map, W)
    (frames,) = figure.axes[0].collections
    ends = np.cumsum([len(block.features) for block in found.blocks]) - 0.5
    corners = np.array([path.get_extents().max for path in frames.get_paths()])
    assert np.allclose(corners, np.column_stack([ends, ends]))
    expected = [to_rgb(geometry_color(block.name)) for block in found.blocks]
    assert np.allclose(frames.get_edgecolor()[:, :3], expected)


def test_many_dropped_features_are_left_out_of_the_matrix_and_that_is_said():
    W = model(["digon", "digon"], dropped=5)
    found, figure = drawn(gram_heat_map, W)
    assert len(shown_features(found)) == 4
    assert figure.axes[0].images[0].get_array().shape == (4, 4)
    assert figure.axes[0].get_title().endswith("; 5 dropped ones left out")


def test_clusters_of_the_graph_keep_apart():
    W = model([*MIXTURE, *["digon"] * 20])
    found = learned_geometry(W)
    places = layout(W, found)
    assert sorted(places) == list(found.represented)
    for block in found.blocks:
        own = np.array([places[i] for i in block.features])
        centre = np.round(own.mean(axis=0))
        assert np.linalg.norm(own - centre, axis=1).max() < 0.35
    centres = {
        tuple(np.round(np.mean([places[i] for i in block.features], axis=0)).astype(int))
        for block in found.blocks
    }
    assert len(centres) == len(found.blocks)


def test_the_graph_joins_features_beyond_the_threshold_heavier_is_wider():
    W = model(MIXTURE, dropped=3)
    found, figure = drawn(feature_graph, W)
    G = np.abs(W.T @ W)
    expected = {
        pair for pair in combinations(found.represented, 2) if G[pair] > found.separation.threshold
    }
    pairs = heavy_pairs(W, found)
    assert {(i, j) for i, j, _ in pairs} == expected
    ax = figure.axes[0]
    edges, nodes = ax.collections
    places = layout(W, found)
    segments = [[places[i], places[j]] for i, j, _ in pairs]
    assert np.allclose(edges.get_segments(), segments)
    assert [G[i, j] for i, j, _ in pairs] == [weight for _, _, weight in pairs]
    widths = dict(zip([(i, j) for i, j, _ in pairs], edges.get_linewidths(), strict=True))
    digons = [tuple(block.features) for block in found.blocks if block.name == "digon"]
    light, heavy = sorted(digons, key=lambda pair: G[pair])
    assert widths[light] < widths[heavy]
    order = [int(i) for block in found.blocks for i in block.features]
    assert np.allclose(nodes.get_offsets(), [places[i] for i in order])
    ratio = np.sqrt(nodes.get_sizes()) / found.norms[order]
    assert ratio == pytest.approx(ratio[0])


def test_nodes_have_the_colours_of_their_blocks_and_the_legend_counts_them():
    W = model(MIXTURE, dropped=3)
    found, figure = drawn(feature_graph, W)
    expected = [
        to_rgb(geometry_color(block.name)) for block in found.blocks for _ in block.features
    ]
    assert np.allclose(figure.axes[0].collections[1].get_facecolor()[:, :3], expected)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "square-antiprism-coulomb",
        "pentagon × 2",
        "triangle",
        "digon × 2",
        "dropped × 3",
    ]
    (dots,) = figure.axes[0].lines
    assert len(dots.get_xdata()) == 3


def test_four_hundred_features_are_drawn_inside_their_figures():
    W = model(["digon"] * 30, dropped=340)
    for name, figure in pictures.draw(W, learned_geometry(W)).items():
        figure.draw_without_rendering()
        box = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        assert box.x0 >= 0, name
        assert box.y0 >= 0, name
        assert box.x1 <= width, name
        assert box.y1 <= height, name


def test_pictures_are_the_same_bytes_every_time(tmp_path):
    rng = np.random.default_rng(2)
    W = model(["digon", "cube", rng.normal(size=(4, 7))], dropped=1)
    runs = [pictures.save(W, learned_geometry(W), tmp_path / run) for run in "ab"]
    stems = ("geometry_views", "geometry_gram", "geometry_graph")
    assert [path.name for path in runs[0]] == [f"{s}.{kind}" for s in stems for kind in FORMATS]
    for one, other in zip(*runs, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_weights_of_another_model_are_refused():
    found = learned_geometry(model(["pentagon"]))
    with pytest.raises(ValueError, match=r"shape \(2, 3\).*5 features; pass the weights"):
        pictures.draw(polytope("triangle").array(), found)
    with pytest.raises(ValueError, match=r"norms of W differ .* by 1.*; pass the weights"):
        pictures.draw(2 * polytope("pentagon").array(), found)
