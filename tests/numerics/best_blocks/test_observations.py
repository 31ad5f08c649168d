"""Models beside the prediction: read, descended, measured, and what a shortfall is called."""

import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from numerics import exact_loss
from numerics.best_blocks.observations import (
    CLOSE,
    DESCENDED,
    DROPPED,
    SETTLED,
    TRAINED,
    descended,
    observe,
    settled,
    shortfall,
    trained,
)
from numerics.best_blocks.staircase import staircase
from numerics.sweeps.places import Place
from numerics.sweeps.running import make
from tests.numerics.sweeps.support import tiny, work_here

from .support import FIFTH, HALF, TENTH, digons, product, searched, variance


def seen(model, source=DESCENDED):
    return observe(source, model.density, model.W, model.b, "converged")


def file(path, W, b, density, importance=None, status=None, grid=(), **base):
    """Write runs as a sweep does: axes density and start; status by run."""
    densities, starts, _, n = np.shape(W)
    kind = {"model": "relu-output", "law": "independent", "amplitude": "uniform", **base}
    p = np.broadcast_to(np.asarray(density, float).reshape(densities, -1), (densities, n))
    runs = ("density", "start")
    xr.Dataset(
        {
            "W": ((*runs, "hidden", "feature"), np.asarray(W, np.float32)),
            "b": ((*runs, "feature"), np.asarray(b, np.float32)),
            "feature_density": (("density", "feature"), p),
            "feature_importance": ("feature", np.ones(n) if importance is None else importance),
            "status": (runs, np.full((densities, starts), "done") if status is None else status),
        },
        attrs={"sweep": json.dumps({"base": kind, "grid": [*grid]})},
    ).to_netcdf(path, engine="h5netcdf")
    return path


PAIR = np.array([[1.0, -1.0, 0.0]])
ONE = {"W": PAIR[None, None], "b": np.zeros((1, 1, 3)), "density": [0.5]}


def test_a_model_is_measured():
    model = product(["pentagon", "digon"], 2, TENTH)
    found = seen(model)
    assert found.loss == pytest.approx(model.loss, rel=1e-8)
    assert found.families == ("pentagon",) * 5 + ("digon",) * 2 + (DROPPED,) * 2
    assert found.represented == 7
    assert found.shares == {"pentagon": pytest.approx(5 / 7), "digon": pytest.approx(2 / 7)}
    assert found.dimensionality == pytest.approx([0.4] * 5 + [0.5] * 2 + [0] * 2)
    assert found.dimensions_per_feature == pytest.approx(3 / (model.W**2).sum())


def test_a_short_feature_is_dropped_and_has_no_dimensionality():
    found = observe(TRAINED, HALF, np.array([[1.0, -1.0, 0.09]]), np.zeros(3), "done")
    assert found.families == ("digon", "digon", DROPPED)
    assert found.dimensionality[2] == 0


def test_a_model_without_weights_has_no_dimensions_per_feature():
    found = observe(TRAINED, HALF, np.zeros((1, 2)), np.full(2, 0.25), "done")
    assert (found.represented, found.shares, found.dimensions_per_feature) == (0, {}, None)
    assert found.loss == pytest.approx(2 * variance(HALF))


@pytest.fixture(scope="module")
def step():
    """The prediction for eight features in three dimensions, where pairs and fives are offered."""
    return staircase(8, 3, [FIFTH], table=searched())[0]


@pytest.mark.parametrize("source", [TRAINED, SETTLED, DESCENDED])
def test_a_shortfall_is_told_by_both_predictions(step, source):
    best, whole = float(step.best.mix.loss), float(step.whole.loss)
    unit = 3 * variance(FIFTH)
    width = CLOSE * unit
    assert whole > best + 3 * width
    ended = "worse minimum" + (" or unfinished" if source == TRAINED else "")
    for loss, expected in (
        (best - 1.1 * width, "blocks the atlas lacks"),
        (best - 0.9 * width, "as predicted"),
        (best + 0.9 * width, "as predicted"),
        (best + 1.1 * width, "finite m"),
        (whole + 0.9 * width, "finite m"),
        (whole + 1.1 * width, ended),
    ):
        assert shortfall(step, replace(seen(digons(3, 2, FIFTH), source), loss=loss)) == expected


def test_the_models_of_the_predictions_are_as_predicted_or_as_whole_numbers_allow(step):
    assert shortfall(step, seen(product(["pentagon", "digon"], 1, FIFTH))) == "finite m"
    assert shortfall(step, seen(digons(3, 2, FIFTH))) == "worse minimum"
    (half,) = staircase(8, 3, [HALF], table=searched())
    assert shortfall(half, seen(digons(3, 2, HALF))) == "as predicted"


def test_runs_of_a_small_sweep_are_read(tmp_path, monkeypatch):
    work_here(monkeypatch)
    settings = ["steps=20", "batch_size=16", "importance=1"]
    spec = tiny(settings=settings, grid=["density=1;0.1", "learning_rate=1e-3;1e-2"], starts=2)
    make(spec, Place.folder(tmp_path / "sweep"))
    path = tmp_path / "sweep" / "results.nc"
    found = trained(path)
    stored = xr.load_dataset(path)
    assert len(found) == 8
    assert [one.density for one in found] == [1] * 4 + [TENTH] * 4
    assert [one.loss for one in found] == pytest.approx(stored["loss"].values.ravel().tolist())
    assert {one.source for one in found} == {TRAINED}
    np.testing.assert_array_equal(found[5].W, stored["W"].values[1, 0, 1])


def test_runs_that_failed_are_left_out_and_dimensions_may_come_in_any_order(tmp_path):
    W = np.stack([[PAIR, 2 * PAIR], [3 * PAIR, np.full_like(PAIR, np.nan)]])
    b = np.zeros((2, 2, 3))
    status = [["done", "nonfinite"], ["done", "failed"]]
    path = file(tmp_path / "run.nc", W, b, [0.5, 0.1], status=status)
    found = trained(path)
    assert [one.density for one in found] == [HALF, TENTH]
    assert [one.W[0, 0] for one in found] == [1, 3]
    assert found[0].loss == pytest.approx(float(exact_loss(PAIR, np.zeros(3), 0.5)), rel=1e-8)
    turned = xr.load_dataset(path).transpose("feature", "start", "hidden", "density")
    turned.to_netcdf(tmp_path / "turned.nc", engine="h5netcdf")
    for one, other in zip(trained(tmp_path / "turned.nc"), found, strict=True):
        assert (one.density, one.loss) == (other.density, other.loss)
        np.testing.assert_array_equal(one.W, other.W)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"law": "correlated:0,1"}, "holds relu-output, correlated:0,1, uniform runs;"),
        ({"model": "relu-hidden"}, "holds relu-hidden"),
        ({"amplitude": "binary"}, "binary runs; give runs of"),
        ({"grid": [["law", ["independent", "correlated:0,1"]]]}, "independent/correlated:0,1"),
        ({"importance": [1, 0.9, 1]}, "runs of unequal features"),
        ({"density": [[0.5, 0.4, 0.5]]}, "runs of unequal features"),
    ],
)
def test_runs_of_other_features_are_refused(tmp_path, changed, message):
    path = file(tmp_path / "run.nc", **{**ONE, **changed})
    with pytest.raises(ValueError, match=message):
        trained(path)


def test_files_without_runs_are_refused(tmp_path):
    (tmp_path / "text.nc").write_text("no NetCDF")
    empty = xr.Dataset(attrs={"sweep": "[]"})
    empty.to_netcdf(tmp_path / "list.nc", engine="h5netcdf")
    xr.Dataset().to_netcdf(tmp_path / "plain.nc", engine="h5netcdf")
    path = file(tmp_path / "run.nc", **ONE)
    xr.load_dataset(path).drop_vars("b").to_netcdf(tmp_path / "part.nc", engine="h5netcdf")
    for name in ("text.nc", "list.nc", "plain.nc", "part.nc", "nowhere.nc"):
        with pytest.raises(ValueError, match=f"{name} holds no training runs .* antipode train"):
            trained(tmp_path / name)


def test_descents_end_in_minima_from_where_they_begin():
    one, again, other = (descended(6, 2, density, 1, 7) for density in (HALF, HALF, TENTH))
    assert one.W.tobytes() == again.W.tobytes()
    assert (one.source, one.density, one.status) == (DESCENDED, HALF, "converged")
    assert (other.density, one.W.shape, one.b.shape) == (TENTH, (2, 6), (6,))
    assert descended(6, 2, HALF, 2, 7).W.tobytes() != one.W.tobytes()
    start = observe(TRAINED, HALF, one.W + 0.01, one.b, "done")
    end = settled(start)
    assert (end.source, end.status) == (SETTLED, "converged")
    assert end.loss < start.loss
    assert end.loss == pytest.approx(one.loss, abs=1e-9)
