"""Finished results stay as they are until others replace them."""

import shutil
from contextlib import contextmanager

import pytest
import xarray as xr

from numerics.store import ConfigurationError
from numerics.sweeps import running
from numerics.sweeps.places import Place
from numerics.sweeps.running import make
from numerics.sweeps.work import train_batch
from tests.numerics.sweeps import support
from tests.numerics.sweeps.support import bytes_of, tiny


def test_a_finished_sweep_is_up_to_date(whole, tmp_path):
    out = shutil.copytree(whole, tmp_path / "copy")
    stamp = (out / "results.nc").stat().st_mtime_ns
    told = []
    make(tiny(), Place.folder(out), tell=told.append)
    assert told == [f"{out / 'results.nc'} is up to date"]
    assert (out / "results.nc").stat().st_mtime_ns == stamp
    assert {path.name for path in out.iterdir()} == {"results.nc"}


@pytest.mark.usefixtures("here")
def test_another_configuration_is_refused_and_force_replaces_it(whole, tmp_path):
    out = shutil.copytree(whole, tmp_path / "copy")
    with pytest.raises(ConfigurationError, match=r"another configuration \(seed differ\).*--force"):
        make(tiny(seed=1), Place.folder(out))
    assert bytes_of(out) == bytes_of(whole)
    make(tiny(seed=1), Place.folder(out), jobs=2, force=True)
    assert xr.load_dataset(out / "results.nc").attrs["seed"] == 1
    make(tiny(), Place.folder(out), jobs=2, force=True)
    assert bytes_of(out) == bytes_of(whole)


@contextmanager
def _out_of_order(place, jobs):
    raise ValueError("no dask scheduler answers")
    yield


@contextmanager
def _interrupted(place, jobs):
    raise KeyboardInterrupt
    yield


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("workers", "error"), [(_out_of_order, ValueError), (_interrupted, KeyboardInterrupt)]
)
def test_force_keeps_what_is_there_until_it_is_made_anew(
    whole, tmp_path, monkeypatch, seed, workers, error
):
    out = shutil.copytree(whole, tmp_path / "copy")
    (out / "results.csv").write_text("table")
    (out / ".partial" / "sweep").mkdir(parents=True)
    (out / ".partial" / "sweep" / "configuration").write_text("another")
    monkeypatch.setattr(running, "open_workers", workers)
    with pytest.raises(error):
        make(tiny(seed=seed), Place.folder(out), force=True)
    assert bytes_of(out) == bytes_of(whole)
    assert (out / "results.csv").read_text() == "table"
    assert (out / ".partial" / "sweep" / "configuration").read_text() == "another"


@pytest.mark.parametrize("place", [Place.folder, Place.file])
def test_a_failed_start_leaves_nothing(tmp_path, monkeypatch, place):
    monkeypatch.setattr(running, "open_workers", _out_of_order)
    with pytest.raises(ValueError, match="no dask scheduler answers"):
        make(tiny(), place(tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("here")
def test_force_goes_on_where_it_was_interrupted(whole, tmp_path, monkeypatch):
    out = shutil.copytree(whole, tmp_path / "copy")
    (out / "results.csv").write_text("table")
    computed = []
    submit = running._Crew._submit

    def counted(crew, batch):
        computed.append(batch)
        submit(crew, batch)
        if len(computed) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(running._Crew, "_submit", counted)
    with pytest.raises(KeyboardInterrupt):
        make(tiny(), Place.folder(out), force=True)
    assert bytes_of(out) == bytes_of(whole)
    make(tiny(), Place.folder(out), force=True)
    assert len(computed) == 4  # of three batches one was finished
    assert bytes_of(out) == bytes_of(whole)
    assert {path.name for path in out.iterdir()} == {"results.nc"}  # the table was of the old ones


@pytest.mark.usefixtures("here")
def test_force_computes_what_failed_and_what_did_not(whole, tmp_path, monkeypatch):
    out = tmp_path / "sweep"
    with monkeypatch.context() as wrong:
        wrong.setattr(running, "train_batch", support.broken)
        make(tiny(), Place.folder(out))
    computed = []
    monkeypatch.setattr(
        running, "train_batch", lambda *given: computed.append(given) or train_batch(*given)
    )
    make(tiny(), Place.folder(out), force=True)
    assert len(computed) == 3
    assert bytes_of(out) == bytes_of(whole)


@pytest.mark.usefixtures("here")
def test_results_of_another_version_are_refused(whole, tmp_path):
    out = tmp_path / "sweep"
    out.mkdir()
    xr.Dataset(attrs={"schema": "antipode.phase-diagram/1"}).to_netcdf(
        out / "results.nc", engine="h5netcdf"
    )
    with pytest.raises(ConfigurationError, match=r"schema antipode.phase-diagram/1.*--force"):
        make(tiny(), Place.folder(out))
    (out / "results.nc").write_bytes(bytes_of(whole)[:500])
    with pytest.raises(ConfigurationError, match="cannot be read as results"):
        make(tiny(), Place.folder(out))
    make(tiny(), Place.folder(out), jobs=2, force=True)
    assert bytes_of(out) == bytes_of(whole)
