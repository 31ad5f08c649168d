"""What goes wrong in a batch stays in its cells."""

import numpy as np
import pytest
import xarray as xr

from numerics.sweeps import running
from numerics.sweeps.places import Place, status_report
from numerics.sweeps.running import make
from tests.numerics.sweeps import support
from tests.numerics.sweeps.support import bytes_of, tiny, work_here


@pytest.mark.parametrize(
    ("work", "jobs", "reason", "told"),
    [
        (support.killed, 1, "worker died (signal 9, as when memory runs out), 2 times", 1),
        (support.exiting, 2, "worker died (exit code 7), 2 times", 1),
        (support.broken, None, "ArithmeticError: broken on purpose", 0),
    ],
)
def test_what_goes_wrong_stays_in_its_cells(whole, tmp_path, monkeypatch, work, jobs, reason, told):
    out = tmp_path / "sweep"
    sentences = []
    with monkeypatch.context() as wrong:
        wrong.setattr(running, "train_batch", work)
        if jobs is None:
            work_here(wrong)
        make(tiny(), Place.folder(out), jobs=jobs or 1, tell=sentences.append)
    assert len(sentences) == told
    assert all("4 runs are tried once more" in sentence for sentence in sentences)
    found = xr.load_dataset(out / "results.nc")
    good = xr.load_dataset(whole / "results.nc")
    bad = found.sel(beta_1=0.5)
    assert set(bad["status"].values.ravel()) == {"failed"}
    assert set(bad["reason"].values.ravel()) == {reason}
    assert np.isnan(bad["loss"]).all()
    assert np.isnan(bad["W"]).all()
    assert (bad["best_start"] == -1).all()
    for name in ("status", "reason", "loss", "W", "b", "training_loss", "best_start", "hit_rate"):
        assert found[name].sel(beta_1=[0.9, 0]).equals(good[name].sel(beta_1=[0.9, 0])), name
    assert status_report(out)["failed"] == 4
    again = []
    make(tiny(), Place.folder(out), tell=again.append)
    assert again == [f"{out / 'results.nc'} is up to date"]
    work_here(monkeypatch)
    make(tiny(), Place.folder(out), retry_failed=True)
    assert bytes_of(out) == bytes_of(whole)
    assert {path.name for path in out.iterdir()} == {"results.nc"}


def test_one_death_is_forgiven(whole, tmp_path, monkeypatch):
    told = []
    with monkeypatch.context() as wrong:
        wrong.setattr(running, "train_batch", support.killed_once)
        make(tiny(), Place.folder(tmp_path / "sweep"), jobs=1, tell=told.append)
    assert len(told) == 1
    assert bytes_of(tmp_path / "sweep") == bytes_of(whole)


@pytest.mark.usefixtures("here")
def test_a_diverging_run_is_nonfinite_and_says_where(tmp_path):
    spec = tiny(settings=[*support.FLAGS, "optimizer=sgd"], grid=["learning_rate=1e-3;1000"])
    found = make(spec, Place.folder(tmp_path / "sweep"), jobs=1)
    status = found["status"].values
    assert (status[:, 0] == "done").all()
    assert (status[:, 1] == "nonfinite").all()
    bad = found.sel(learning_rate=1000)
    assert all(reason.startswith("diverged after step") for reason in bad["reason"].values.ravel())
    assert np.isnan(bad["loss"]).all()
    assert np.isposinf(bad["training_loss"][..., -1]).all()
    assert not np.isnan(found["training_loss"]).any()
