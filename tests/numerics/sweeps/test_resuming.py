"""A sweep that was interrupted goes on where it was, with the same bytes in the end."""

import pytest

from numerics.store import ConfigurationError, DiskError
from numerics.sweeps import running
from numerics.sweeps.places import Place, status_report
from numerics.sweeps.running import make
from tests.numerics.sweeps import support
from tests.numerics.sweeps.support import bytes_of, tiny


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
