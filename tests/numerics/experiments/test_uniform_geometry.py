"""Equal features and small polytopes: laws, independent recomputation, both ways of a measure."""

import numpy as np
import pytest
import xarray as xr

from numerics.evaluator import exact_loss
from numerics.experiments.uniform_geometry import equal_features, products, small_polytopes
from numerics.experiments.work import Work
from theory.polytopes.catalogue import polytope
from theory.problem import dropped_loss

from . import geometry_data


def test_an_even_descent_has_stickiness_1_and_a_plateau_more():
    x = np.linspace(0, 1, 41)
    even = 1.0 - 0.8 * x
    for level in (1.0, 0.5):
        assert equal_features.stickiness(x, even, level) == pytest.approx(1, abs=0.01)
    # down to 1/2 over 0.2 of the axis, there for 0.6, down to 0.2 for the rest
    stuck = np.interp(x, [0, 0.2, 0.8, 1], [1, 0.5, 0.5, 0.2])
    share = 0.6 + 0.03 * (0.2 / 0.5 + 0.2 / 0.3)
    assert equal_features.stickiness(x, stuck, 0.5) == pytest.approx(share / (0.06 / 0.8), rel=5e-3)
    assert equal_features.stickiness(x[::-1], stuck[::-1], 0.5) == pytest.approx(
        equal_features.stickiness(x, stuck, 0.5)
    )


def test_a_level_that_is_never_met_has_no_stickiness():
    x = np.linspace(0, 1, 5)
    assert equal_features.stickiness(x, 0.3 + 0 * x, 0.3) is None
    assert equal_features.stickiness(x, 0.3 + 0.1 * x, 0.75) is None


def test_models_are_measured_as_the_definitions_say():
    data = geometry_data.equal()
    for k, p in enumerate(data["density"].values):
        W, b = data["W"].values[k].astype(float), data["b"].values[k].astype(float)
        assert float(data["loss"][k]) == pytest.approx(float(exact_loss(W, b, p)), rel=1e-8)
        assert float(data["dimensions_per_feature"][k]) == pytest.approx(2 / (W**2).sum())
        for i in range(5):
            norm = np.linalg.norm(W[:, i])
            D = norm**2 / sum((W[:, i] @ W[:, j] / norm) ** 2 for j in range(5))
            stored = data["family"].values[k, i] != "dropped"
            assert stored == (norm >= 0.1)
            assert data["dimensionality"].values[k, i] == pytest.approx(D * stored, rel=1e-5)
    assert np.all(np.array(equal_features.measure(data)["sum_of_dimensionalities"]) <= 1 + 1e-9)


def test_the_prediction_is_digons_in_the_middle_and_a_pentagon_where_rare():
    data = geometry_data.equal()
    middle = data["level_density"].values == 0.3162
    assert data["level_family"].values[middle].tolist() == ["digon"]
    assert data["level_dimensionality"].values[middle] == pytest.approx(1 / 2)
    assert data["level_share"].values[middle] == pytest.approx(1)
    rare = data["level_density"].values == 0.1
    assert data["level_family"].values[rare].tolist() == ["pentagon"]
    assert data["level_dimensionality"].values[rare] == pytest.approx(2 / 5)
    assert (data["predicted_bound"] <= data["predicted_loss"] + 1e-12).all()
    behind = data["behind"].sel(predicted_density=0.3162, line="digon")
    assert float(behind) == pytest.approx(0, abs=1e-12)


def test_lines_count_whole_polytopes_of_their_name():
    data = geometry_data.equal().copy(deep=True)
    data["family"] = xr.full_like(data["family"].astype(object), "unnamed")
    data["dimensionality"][:] = 2 / 3
    assert equal_features.measure(data)["lines"]["triangle"]["polytopes"] == 0
    assert equal_features.measure(data)["lines"]["triangle"]["features_near"] == 10
    data["family"][0] = "triangle"
    found = equal_features.measure(data)["lines"]["triangle"]
    assert found["polytopes"] == pytest.approx(5 / 3)
    assert found["largest_share"] == 1
    data["dimensionality"][0] = 2 / 3 + 0.03
    assert equal_features.measure(data)["lines"]["triangle"]["polytopes"] == 0


def test_equal_features_are_the_same_every_time():
    again = equal_features.compute(geometry_data.EQUAL, Work())
    xr.testing.assert_identical(again, geometry_data.equal().drop_attrs())


@pytest.mark.parametrize("key", ["triangle", "square", "tetrahedron", "pentagonal-bipyramid"])
def test_a_turned_shape_is_turned_back(key):
    rng = np.random.default_rng(1)
    V = polytope(key).array()
    turn = np.linalg.qr(rng.standard_normal((len(V), len(V))))[0]
    mixed = rng.permutation(V.shape[1])
    W = 1.3 * turn @ V[:, mixed]
    turned, order, residual = small_polytopes.aligned(W, key)
    assert turned == pytest.approx(1.3 * V, abs=1e-6)
    assert residual == pytest.approx(0, abs=1e-6)
    assert turned.T @ turned == pytest.approx(W[:, order].T @ W[:, order])


def test_a_dropped_feature_is_no_reason_to_fail():
    W = np.array([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    turned, _, residual = small_polytopes.aligned(W, "square")
    assert np.isfinite(turned).all()
    assert residual > 0.1


def test_losses_of_products_are_those_of_one_model():
    p = 0.3162
    digon = products.stored_table().rigid["digon"]
    own = next(one for one in digon if float(one.density) == p)
    W, b = np.zeros((3, 7)), np.full(7, p / 2)
    for k in range(3):
        W[k, 2 * k : 2 * k + 2], b[2 * k : 2 * k + 2] = own.W[0], own.b
    (loss,) = products.candidate_losses("digon+digon+digon", 7, [p])
    assert loss == pytest.approx(float(exact_loss(W, b, p)), rel=1e-8)
    with pytest.raises(ValueError, match="more features"):
        products.candidate_losses("pentagon+digon", 6, [p])


def test_products_are_never_better_than_the_best_known_and_best_where_they_are_drawn():
    data = geometry_data.polytopes()
    assert (data["candidate_above"] > -1e-9).all()
    for product, p in (("triangular-bipyramid", 0.5623), ("pentagonal-bipyramid", 0.1585)):
        own = data["candidate_above"].sel(product=product, branch_density=p)
        assert float(own[0]) == pytest.approx(0, abs=1e-9)
        assert float(own[1:].min()) > 1e-3


def test_settled_models_are_at_or_below_the_trained_and_at_or_above_the_best_known():
    data = geometry_data.polytopes()
    assert (data["settled_loss"] <= data["trained_loss"] + 1e-12).all()
    V = dropped_loss(data["density"].values)
    gap = (data["settled_loss"].min("start") - data["known_loss"]).values / V
    assert (gap > -1e-8).all()


def test_small_polytopes_are_the_same_every_time():
    again = small_polytopes.compute(geometry_data.POLYTOPES, Work())
    xr.testing.assert_identical(again, geometry_data.polytopes().drop_attrs())
