"""One of five features varied: canonical models, branches, and what training is held against."""

import numpy as np
import pytest
import xarray as xr

from numerics.experiments import nonuniform_geometry
from numerics.experiments.work import Work
from numerics.pentagon_branches import PENTAGON, densities
from theory.problem import dropped_loss

from . import geometry_data


def test_canonical_models_do_not_depend_on_rotation_or_order():
    rng = np.random.default_rng(0)
    W = PENTAGON + 0.05 * rng.standard_normal((2, 5))
    own = nonuniform_geometry.canonical(W)
    assert own[0, 4] == pytest.approx(0, abs=1e-12)
    assert own[1, 4] == pytest.approx(np.linalg.norm(W[:, 4]))
    turn = np.array([[np.cos(2.0), -np.sin(2.0)], [np.sin(2.0), np.cos(2.0)]])
    mixed = turn @ W[:, [2, 0, 3, 1, 4]]
    assert nonuniform_geometry.canonical(mixed) == pytest.approx(own)
    assert np.sort((own**2).sum(0)) == pytest.approx(np.sort((W**2).sum(0)))


def test_canonical_digons_point_right():
    W = np.array([[0.0, 0.0, 0.9, -0.9, 0.0], [1.1, -1.1, 0.0, 0.0, 0.0]])
    own = nonuniform_geometry.canonical(W)
    assert np.abs(own).max(1) == pytest.approx([1.1, 0.9])
    assert own[:, 4] == pytest.approx([0, 0])


def test_the_crossing_is_where_the_followed_losses_change_order():
    data = geometry_data.varied()
    found = nonuniform_geometry.measure(data)
    x = data["fine_density"].values
    gap = np.diff(data["branch_loss"].values, axis=0)[0]  # digons − pentagon
    place = int(np.flatnonzero(np.isfinite(gap) & (gap > 0))[0])
    share = -gap[place - 1] / (gap[place] - gap[place - 1])
    star = x[place - 1] + share * (x[place] - x[place - 1])
    assert 1 / found["times_sparser"] == pytest.approx(star, rel=1e-3)
    assert found["times_sparser"] == pytest.approx(3.7163, abs=1e-3)
    slopes = np.gradient(data["branch_loss"].values, x, axis=1)[:, place]
    assert found["slope_jump_share"] == pytest.approx(1 - slopes[0] / slopes[1], abs=0.02)


def test_trained_models_have_exact_losses_and_the_least_is_kept():
    data = geometry_data.varied()
    x = data["relative_density"].values
    p = densities(0.05, x)
    kept = data["loss"].values[np.arange(3), data["best"].values]
    assert kept == pytest.approx(data["loss"].values.min(1))
    V = dropped_loss(p).sum(1) / dropped_loss(0.05)
    assert (kept < V).all()  # less than all features dropped
    assert (kept >= np.nanmin(data["branch_loss"].values, 0).min()).all()
    branch = data["branch_W"].sel(branch="digons").values[0]
    digons = branch.T @ branch
    assert digons[4] == pytest.approx(np.zeros(5))
    assert digons[0, 1] == pytest.approx(-digons[0, 0])


def test_measures_follow_the_shapes_that_were_kept():
    data = geometry_data.varied().copy(deep=True)
    words = data["shape"].astype(object)
    words[:] = "pentagon"
    data["shape"] = words
    assert nonuniform_geometry.measure(data)["trained_crossing"] is None
    assert nonuniform_geometry.measure(data)["share_on_branches"] == 1
    words[0] = "digons"
    data["relative_density"] = [0.2, 0.4, 3.0]
    found = nonuniform_geometry.measure(data)
    assert found["trained_crossing"] == [0.2, 0.4]
    data["loss"] = data["loss"] + 0.5
    assert nonuniform_geometry.measure(data)["above_branches"] == pytest.approx(
        found["above_branches"] + 0.5
    )
    words[:] = "other"
    assert nonuniform_geometry.measure(data)["share_on_branches"] == 0


def test_varied_density_is_the_same_every_time():
    again = nonuniform_geometry.compute(geometry_data.VARIED, Work())
    xr.testing.assert_identical(again, geometry_data.varied().drop_attrs())
