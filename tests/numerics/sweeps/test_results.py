"""The dataset of a sweep: dimensions, labels, and what is masked, for every kind of sweep."""

import numpy as np
import pytest
import xarray as xr

from numerics.store import write_dataset
from numerics.sweeps.batches import split
from numerics.sweeps.results import HIT, assemble, rows
from numerics.sweeps.shards import Shards, failure
from numerics.sweeps.work import train_batch
from numerics.training.engine import train_runs
from numerics.training.losses import final_losses
from tests.numerics.sweeps.support import FLAGS, tiny


def result(spec, folder, answer=None):
    """Compute a sweep in this process, with ``answer(batch)`` in place of training if given."""
    shards = Shards(folder / "shards", spec.key)
    batches = split(spec)
    for batch in batches:
        found = answer(batch) if answer else train_batch(batch.runs, folder / "none" / "x")
        shards.save(batch.key, found)
    dataset = assemble(spec, batches, shards, "configuration", "cpu")
    write_dataset(folder / "results.nc", dataset)
    return xr.load_dataset(folder / "results.nc")


def made_up(losses, error=0.0):
    """Return an answer whose runs, in the order of the sweep, have these losses; None failed."""

    def answer(batch):
        own = np.array([np.nan if losses[k] is None else losses[k] for k in batch.places])
        status = np.where(np.isnan(own), "failed", "done")
        size = len(own)
        return {
            "status": status,
            "reason": np.where(np.isnan(own), "why", ""),
            "loss": own,
            "loss_error": np.full(size, error),
            "training_loss": np.ones((size, 2)),
            "record_steps": np.array([10, 20]),
            "evaluator": np.array("population"),
            "parameter_W": np.ones((size, 2, 5), np.float32),
            "parameter_b": np.ones((size, 5), np.float32),
        }

    return answer


def test_every_run_is_where_its_labels_say(tmp_path):
    spec = tiny(grid=["density=1;0.1", "learning_rate=1e-3;1e-2", "beta_1=0.9;0.5"], starts=2)
    found = result(spec, tmp_path)
    assert found["loss"].dims == ("density", "learning_rate", "beta_1", "start")
    for run in spec.runs():
        one = run.spec
        place = {"density": one.density[0], "learning_rate": one.learning_rate}
        own = found.sel(**place, beta_1=one.beta_1, start=run.start)
        alone = train_runs([run])
        loss = final_losses([run], alone.parameters)
        # this process may have compiled kernels that round the last digit otherwise
        assert np.allclose(own["W"], alone.parameters["W"][0], rtol=1e-5, atol=1e-6)
        assert np.allclose(own["b"], alone.parameters["b"][0], rtol=1e-5, atol=1e-6)
        assert np.allclose(own["training_loss"], alone.training_loss[0], rtol=1e-5)
        assert float(own["loss"]) == pytest.approx(loss.loss[0], rel=1e-5)
        assert np.array_equal(found["record_step"], alone.record_steps)


def test_the_starts_of_a_cell_are_compared(tmp_path):
    spec = tiny(grid=["density=1;0.5;0.1;0.01"], starts=4)
    losses = [
        *(0.2, 0.1, 0.1 * (1 + 0.99 * HIT), 0.1 * (1 + 1.01 * HIT)),
        *(None, 0.3, None, 0.3),
        *(None, None, None, None),
        *(0.0, 0.0, 1e-9, 0.0),
    ]
    found = result(spec, tmp_path, made_up(losses))
    assert found["best_start"].values.tolist() == [1, 1, -1, 0]
    assert found["hit_rate"].values.tolist() == [0.5, 0.5, 0.0, 0.75]
    assert found["best_loss"].values[[0, 1, 3]].tolist() == [0.1, 0.3, 0.0]
    assert found["spread"].values[[0, 1, 3]].tolist() == [0.1, 0.0, 1e-9]
    assert found["spread_std"].values[0] == pytest.approx(np.std(losses[:4]), rel=1e-12)
    for name in ("best_loss", "spread", "spread_std"):
        assert np.isnan(found[name].values[2])
        assert np.isnan(found[name].encoding["_FillValue"])
    assert found["status"].values[1].tolist() == ["failed", "done", "failed", "done"]
    assert found["reason"].values[1].tolist() == ["why", "", "why", ""]
    for name in ("W", "b", "loss", "loss_error"):
        masked = np.isnan(found[name].values).any(tuple(range(2, found[name].ndim)))
        assert np.array_equal(masked, found["status"].values != "done"), name
    assert found.attrs["hit_threshold_relative"] == HIT
    assert "status is not done" in found.attrs["masked"]
    errors = result(spec, tmp_path / "errors", made_up(losses, error=1e-3))
    assert errors["hit_rate"].values.tolist() == [0.75, 0.5, 0.0, 0.75 + 0.25]


def test_a_sweep_of_which_nothing_came_still_says_why(tmp_path):
    spec = tiny()
    found = result(spec, tmp_path, lambda batch: failure(len(batch.runs), "no luck"))
    assert set(found["status"].values.ravel()) == {"failed"}
    assert set(found["reason"].values.ravel()) == {"no luck"}
    assert (found["best_start"] == -1).all()
    assert (found["hit_rate"] == 0).all()
    assert found["W"].shape == (*spec.shape, spec.starts, 2, 5)
    assert np.isnan(found["W"]).all()


@pytest.mark.parametrize(
    ("recipe_flags", "dims"),
    [
        (["model=linear"], {"W": ("hidden", "feature"), "b": ("feature",)}),
        (
            ["model=two-layer", "target=absolute", "amplitude=signed"],
            {"W_in": ("hidden", "feature"), "W_out": ("feature", "hidden"), "b": ("feature",)},
        ),
        (
            ["model=two-layer", "target=max-of-pairs", "n_features=6", "importance=1"],
            {"W_in": ("hidden", "feature"), "W_out": ("output", "hidden"), "b": ("output",)},
        ),
    ],
)
def test_weights_of_every_model_have_named_dimensions(tmp_path, recipe_flags, dims):
    spec = tiny(settings=[*FLAGS, *recipe_flags], grid=["density=0.5"], starts=1)
    found = result(spec, tmp_path)
    weights = {name for name in found.variables if name in ("W", "W_in", "W_out", "b")}
    assert weights == set(dims)
    for name, inner in dims.items():
        assert found[name].dims == ("density", "start", *inner)
        assert np.isfinite(found[name]).all()
    assert found["feature_importance"].shape == (spec.base.outputs,)
    assert found.attrs["evaluator"] == ("population" if "W" in dims else "sampled")


def test_vectors_on_an_axis_are_labelled_and_listed(tmp_path):
    grid = ["density=1;0.1,0.2,0.3,0.4,0.5", "importance=1;0.5^i", "law=independent"]
    spec = tiny(grid=grid, starts=1)
    found = result(spec, tmp_path)
    assert found["density"].values.tolist() == ["1.0", "0.1,0.2,0.3,0.4,0.5"]
    assert found["importance"].values.tolist() == ["1.0", "1.0,0.5,0.25,0.125,0.0625"]
    assert found["feature_density"].values.tolist() == [[1.0] * 5, [0.1, 0.2, 0.3, 0.4, 0.5]]
    assert found["feature_importance"].values[1].tolist() == [1, 0.5, 0.25, 0.125, 0.0625]
    assert "feature_marginal" not in found
    one = found.sel(density="0.1,0.2,0.3,0.4,0.5", importance="1.0", law="independent")
    assert one["loss"].shape == (1,)


def test_a_law_without_density_states_its_marginals(tmp_path):
    found = result(tiny(settings=[*FLAGS, "law=one-hot"], grid=[], starts=1), tmp_path)
    assert found["density"].values.tolist() == ["none"]
    assert found["feature_marginal"].values.tolist() == [[0.2] * 5]
    assert "feature_density" not in found


def test_runs_of_unequal_length_have_records_of_their_own(tmp_path):
    spec = tiny(settings=FLAGS[1:], grid=["density=0.5", "steps=4;0;7"], starts=1)
    found = result(spec, tmp_path)
    assert found["record_step"].dims == ("steps", "record")
    assert found["record_step"].values.tolist() == [
        [1, 2, 3, 4, -1, -1, -1],
        [-1] * 7,
        [1, 2, 3, 4, 5, 6, 7],
    ]
    there = found["record_step"].values >= 0
    assert np.array_equal(np.isfinite(found["training_loss"].values[0, :, 0]), there)
    only = result(tiny(settings=["steps=0"], grid=["density=0.5"], starts=1), tmp_path / "none")
    assert only["training_loss"].shape == (1, 1, 0)
    assert np.isfinite(only["loss"]).all()


def test_the_table_leaves_masked_values_empty(tmp_path):
    spec = tiny(grid=["density=1"], starts=2)
    table = rows(result(spec, tmp_path, made_up([0.25, None])))
    assert table == [
        ["density", "start", "status", "reason", "loss", "loss_error", "final_training_loss"],
        ["1.0", "0", "done", "", "0.25", "0.0", "1.0"],
        ["1.0", "1", "failed", "why", "", "", "1.0"],
    ]
