"""The same results from any number of workers, in any order; what is told meanwhile."""

import json
import shutil
import threading

import numpy as np
import pytest
import xarray as xr

from numerics.store import exclusive, is_held
from numerics.sweeps import running
from numerics.sweeps.batches import split
from numerics.sweeps.places import Place, status_report
from numerics.sweeps.running import make
from numerics.sweeps.work import compiling_file
from tests.numerics.sweeps import support
from tests.numerics.sweeps.support import bytes_of, tiny


@pytest.mark.parametrize("jobs", [1, 2])
def test_any_number_of_workers_gives_the_same_bytes(whole, tmp_path, jobs):
    out = tmp_path / "sweep"
    make(tiny(), Place.folder(out), jobs=jobs)
    assert bytes_of(out) == bytes_of(whole)
    assert {path.name for path in out.iterdir()} == {"results.nc"}


@pytest.mark.usefixtures("here")
def test_any_order_gives_the_same_bytes(whole, tmp_path, monkeypatch):
    backwards = list(reversed(split(tiny())))
    monkeypatch.setattr(running, "split", lambda spec, device: backwards)
    make(tiny(), Place.folder(tmp_path / "back"), jobs=1)
    assert bytes_of(tmp_path / "back") == bytes_of(whole)


@pytest.mark.usefixtures("here")
def test_a_run_does_not_depend_on_the_runs_beside_it(whole, tmp_path):
    alone = tiny(grid=["density=0.1", "beta_1=0.5"], starts=1)
    found = make(alone, Place.folder(tmp_path / "alone"), jobs=1)
    beside = xr.load_dataset(whole / "results.nc").sel(density=0.1, beta_1=0.5, start=0)
    for name in ("W", "b", "loss", "training_loss"):
        assert np.array_equal(found[name].values.squeeze(), beside[name].values), name


@pytest.mark.usefixtures("here")
def test_a_compilation_is_told_once(tmp_path, monkeypatch):
    told = []
    notes = []

    def answers(crew):
        for batch in crew.running.values():
            notes.append(compiling_file(crew.shards.checkpoint(batch.key)))
            notes[-1].touch()
        crew._tell_compiling()
        crew._tell_compiling()
        return wait(crew)

    wait = running._Crew._answers
    monkeypatch.setattr(running._Crew, "_answers", answers)
    make(tiny(), Place.folder(tmp_path / "sweep"), tell=told.append)
    assert told == ["compiling kernels (once, about half a minute)"]
    assert len(notes) == 3
    assert not any(note.exists() for note in notes)


def test_one_sweep_holds_a_folder_and_its_status_can_be_asked(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(running, "train_batch", support.slow)
    out = tmp_path / "sweep"
    seen = []

    def progress(done, total, text):
        if not (out / ".partial" / "sweep" / "running.json").exists():
            return
        before = sorted(p.name for p in (out / ".partial" / "sweep").iterdir())
        seen.append(status_report(out))
        assert sorted(p.name for p in (out / ".partial" / "sweep").iterdir()) == before
        with pytest.raises(ValueError, match="another process is writing to"):
            make(tiny(), Place.folder(out))

    make(tiny(), Place.folder(out), jobs=2, progress=progress)
    assert {report["state"] for report in seen} == {"running"}
    assert all(r["done"] + r["running"] + r["failed"] <= r["total"] == 12 for r in seen)
    assert any(report["running"] for report in seen)
    assert status_report(out) == {
        "schema": "antipode.sweep-status/1",
        "state": "complete",
        "total": 12,
        "done": 12,
        "failed": 0,
        "running": 0,
    }
    assert bytes_of(out) == bytes_of(whole)


def test_asking_for_the_status_never_keeps_a_sweep_from_starting(whole, tmp_path):
    out = shutil.copytree(whole, tmp_path / "copy")
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            is_held(out)
            status_report(out)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(200):
            with exclusive(out):
                pass
    finally:
        stop.set()
        asking.join()


@pytest.mark.usefixtures("here")
def test_the_time_left_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "train_batch", support.slow)
    told = []
    make(tiny(), Place.folder(tmp_path / "sweep"), progress=lambda *one: told.append(one))
    assert told[0] == (0, 12, "started")
    assert told[-1] == (12, 12, "done")
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert any("left" in text for done, _, text in told if 0 < done < 12)


def test_what_is_written_names_no_time_and_no_place(whole):
    found = xr.load_dataset(whole / "results.nc")
    text = json.dumps({k: str(v) for k, v in found.attrs.items()})
    assert str(whole.parent) not in text
    assert "jobs" not in text
