"""Figures of the sections on geometry: what is drawn is what the datasets hold."""

import numpy as np
import pytest

from figures import nonuniform_geometry
from figures.uniform_geometry import FIGURES, dimensions, graphs, low_rank, tegum_products
from numerics.experiments.catalogue import experiments
from tests.numerics.experiments import geometry_data
from theory.polytopes.catalogue import polytope


def points(ax):
    """Return all points of scatters."""
    return np.concatenate(
        [
            np.asarray(one.get_offsets())
            for one in ax.collections
            if len(one.get_offsets()) and one.get_offsets().shape[1] == 2
        ]
    )


def test_figures_are_drawn_from_experiments_that_exist():
    for figure in (*FIGURES, *nonuniform_geometry.FIGURES):
        assert set(figure.experiments) <= set(experiments())


@pytest.mark.parametrize("figure", [*FIGURES, *nonuniform_geometry.FIGURES], ids=lambda f: f.id)
def test_every_figure_is_drawn_and_has_a_legend_or_titles(figure):
    drawn = figure.drawn(geometry_data.all_of_them())
    assert (
        drawn.legends or drawn.axes[0].get_legend() or all(ax.get_title() for ax in drawn.axes[:3])
    )


def test_f14_draws_the_dimensions_per_feature():
    data = geometry_data.all_of_them()
    (ax,) = dimensions.draw_f14(data).axes
    own = data["equal_features"]
    line = next(one for one in ax.lines if one.get_marker() == "o")
    assert line.get_xdata() == pytest.approx(1 / own["density"].values)
    assert line.get_ydata() == pytest.approx(own["dimensions_per_feature"].values)
    (stairs,) = [one for one in ax.patches if hasattr(one, "get_data")]
    assert stairs.get_data().values == pytest.approx(own["predicted_dimensions_per_feature"].values)


def test_f15_draws_every_feature_and_the_papers_lines():
    data = geometry_data.all_of_them()
    figure = dimensions.draw_f15(data)
    ax = figure.axes[0]
    dots = [np.asarray(one.get_offsets()) for one in ax.collections[1:]]
    own = data["equal_features"]
    drawn = [part[:, 1] for part in dots if len(part) == own.sizes["feature"]]
    assert np.array(drawn) == pytest.approx(own["dimensionality"].values)
    texts = {text.get_text() for text in ax.texts}
    assert {"3/4 tetrahedron", "2/3 triangle", "3/8 square antiprism"} <= texts


def test_shares_leave_dropped_features_out():
    found = dimensions.shares(["digon", "digon", "unnamed", "dropped", "digon"])
    assert found == {"digon": 0.75, "unnamed": 0.25}


def test_a_graph_keeps_clusters_apart():
    W = np.zeros((3, 6))
    W[0, :2] = 1, -1
    W[1:, 2:5] = polytope("triangle").array()
    kept, places = graphs.graph_layout(W)
    assert kept.tolist() == [0, 1, 2, 3, 4]  # the last is dropped
    pair, three = places[:2], places[2:]
    apart = np.linalg.norm(pair[:, None] - three[None], axis=-1).min()
    assert apart > 0.1
    assert np.ptp(three, axis=0).min() > 0.1


def test_sums_of_shares_are_three_dimensions():
    assert tegum_products.sum_of_shares("pentagonal-bipyramid") == "5 × 2/5 + 2 × 1/2 = 3"
    assert tegum_products.sum_of_shares("octahedron") == "6 × 1/2 = 3"


@pytest.mark.parametrize("key", list(low_rank.SHAPES))
def test_kernels_are_orthogonal_and_do_not_depend_on_the_basis(key):
    V = polytope(key).array()
    found = low_rank.kernel(V)
    assert np.abs(V @ found.T).max() < 1e-12
    assert len(found) == V.shape[1] - len(V)
    turn = np.linalg.qr(np.arange(len(V) ** 2).reshape(len(V), -1) + np.eye(len(V)))[0]
    assert low_rank.kernel(2 * turn @ V) == pytest.approx(found, abs=1e-9)


def test_the_kernel_of_the_square_is_the_papers():
    V = polytope("square").array()[:, list(low_rank.ORDER["square"])]
    assert low_rank.kernel(V) == pytest.approx(np.array([[1, 0, 1, 0], [0, 1, 0, 1]]))


def test_f19_draws_branches_and_every_trained_model():
    data = geometry_data.all_of_them()
    own = data["varied_density"]
    left, right = nonuniform_geometry.draw_f19(data).axes
    lines = [one.get_ydata() for one in left.lines if len(one.get_ydata()) == 81]
    assert np.array(lines) == pytest.approx(own["branch_loss"].values, nan_ok=True)
    drawn = np.sort(points(left)[:, 1])
    assert drawn == pytest.approx(np.sort(own["loss"].values.ravel()))
    assert right.lines[0].get_ydata() == pytest.approx(1 / own["crossing"].values)


def test_f18_draws_the_models_that_were_kept():
    data = geometry_data.all_of_them()
    own = data["varied_density"]
    figure = nonuniform_geometry.draw_f18(data)
    kept = own["shape"].values[np.arange(3), own["best"].values]
    for ax, shape in zip(figure.axes, ("digons", "pentagon"), strict=False):
        count = int((kept == shape).sum())
        dots = [one for one in ax.collections if len(one.get_offsets()) == 5]
        assert len(dots) == count
        assert f"{count} of 3 trained" in ax.get_title()
