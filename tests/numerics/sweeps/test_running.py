"""The same results from any number of workers, in any order, whatever befalls them."""

import json
import shutil
import threading
from contextlib import contextmanager

import numpy as np
import pytest
import xarray as xr

from numerics.store import ConfigurationError, DiskError, exclusive, is_held
from numerics.sweeps import running
from numerics.sweeps.batches import split
from numerics.sweeps.places import Place, status_report
from numerics.sweeps.running import make
from numerics.sweeps.work import compiling_file, train_batch
from tests.numerics.sweeps import support
from tests.numerics.sweeps.support import tiny, work_here


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Compute the tiny sweep in this process, once; do not change it."""
    out = tmp_path_factory.mktemp("whole") / "sweep"
    with pytest.MonkeyPatch.context() as patch:
        work_here(patch)
        make(tiny(), Place.folder(out))
    return out


@pytest.fixture
def here(monkeypatch):
    work_here(monkeypatch)


def bytes_of(out):
    return (out / "results.nc").read_bytes()


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


def interrupted(spec, out, after):
    """Compute until ``after`` batches have ended."""

    def progress(done, total, text):
        kept = len(list((out / ".partial" / "sweep").glob("*.npz")))
        if kept >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(spec, Place.folder(out), jobs=1, progress=progress)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("after", [2])
def test_an_interrupted_sweep_goes_on_where_it_was(whole, tmp_path, monkeypatch, after):
    out = tmp_path / "sweep"
    interrupted(tiny(), out, after)
    report = status_report(out)
    assert report["state"] == "interrupted"
    assert (report["total"], report["done"], report["running"]) == (12, 4 * after, 0)
    kept = {p: p.stat().st_mtime_ns for p in (out / ".partial" / "sweep").glob("*.npz")}
    assert len(kept) == after
    computed = []
    work = running._Crew._submit
    monkeypatch.setattr(
        running._Crew, "_submit", lambda crew, batch: (computed.append(batch), work(crew, batch))
    )
    make(tiny(), Place.folder(out), jobs=2)
    assert len(computed) == 3 - after
    assert bytes_of(out) == bytes_of(whole)
    assert {path.name for path in out.iterdir()} == {"results.nc"}


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


@pytest.mark.parametrize("place", [Place.folder, Place.file])
def test_a_failed_start_leaves_nothing(tmp_path, monkeypatch, place):
    monkeypatch.setattr(running, "open_workers", _out_of_order)
    with pytest.raises(ValueError, match="no dask scheduler answers"):
        make(tiny(), place(tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("here")
def test_a_checkpoint_stays_until_the_result_is_safe(tmp_path, monkeypatch):
    out = tmp_path / "sweep"
    monkeypatch.setattr("numerics.training.engine._SECONDS", -1.0)
    monkeypatch.setattr("numerics.sweeps.fresh._compiled", [False])  # computed in this process

    def no_space(self, key, arrays):
        raise DiskError("cannot write it")

    with monkeypatch.context() as full:
        full.setattr(running.Shards, "save", no_space)
        with pytest.raises(DiskError):
            make(tiny(), Place.folder(out))
    assert [p.suffix for p in (out / ".partial" / "sweep").glob("*.checkpoint")] == [".checkpoint"]
    seen = []
    report = running._Crew._show

    def show(crew, text):
        seen.append(len(list((out / ".partial" / "sweep").glob("*.checkpoint"))))
        report(crew, text)

    monkeypatch.setattr(running._Crew, "_show", show)
    make(tiny(), Place.folder(out))
    assert seen == [1, 0, 0, 0]


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


@pytest.mark.usefixtures("here")
def test_unfinished_work_of_another_configuration_is_refused(tmp_path):
    out = tmp_path / "sweep"
    interrupted(tiny(), out, 1)
    kept = sorted((out / ".partial" / "sweep").iterdir())
    with pytest.raises(ConfigurationError, match="unfinished work of another configuration"):
        make(tiny(seed=1), Place.folder(out))
    assert sorted((out / ".partial" / "sweep").iterdir()) == kept


@pytest.mark.usefixtures("here")
def test_damaged_work_is_told_and_computed_again(whole, tmp_path):
    out = tmp_path / "sweep"
    interrupted(tiny(), out, 2)
    (first, second) = sorted((out / ".partial" / "sweep").glob("*.npz"))
    first.write_bytes(first.read_bytes()[:-50])
    content = bytearray(second.read_bytes())
    content[len(content) // 2] ^= 1
    second.write_bytes(content)
    told = []
    make(tiny(), Place.folder(out), jobs=2, tell=told.append)
    assert sorted(told) == [
        f"{p} was damaged; its runs are computed again" for p in (first, second)
    ]
    assert bytes_of(out) == bytes_of(whole)


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
def test_a_full_disk_stops_everything_and_loses_nothing(whole, tmp_path, monkeypatch):
    out = tmp_path / "sweep"
    with monkeypatch.context() as full:
        full.setattr(running, "train_batch", support.on_a_full_disk)
        with pytest.raises(DiskError, match="No space left") as told:
            make(tiny(), Place.folder(out), jobs=1)
    assert len(str(told.value).splitlines()) == 1
    assert not (out / "results.nc").exists()
    assert status_report(out)["done"] == 4
    assert status_report(out)["failed"] == 0

    def no_space(path, dataset):
        raise DiskError("cannot write the results")

    with monkeypatch.context() as full:
        full.setattr(running, "write_dataset", no_space)
        with pytest.raises(DiskError, match="results"):
            make(tiny(), Place.folder(out), jobs=1)
    assert status_report(out)["done"] == 12
    assert status_report(out)["state"] == "interrupted"
    make(tiny(), Place.folder(out), jobs=1)
    assert bytes_of(out) == bytes_of(whole)


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
