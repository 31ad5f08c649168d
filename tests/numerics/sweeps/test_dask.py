"""Workers of a dask cluster give the bytes that local processes give, and may die as they do."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
import xarray as xr

from numerics.dask_cluster import _PATIENCE, connected
from numerics.sweeps import running
from numerics.sweeps.places import Place
from numerics.sweeps.running import make
from tests.numerics.sweeps import support
from tests.numerics.sweeps.support import tiny

CLUSTER = """
import sys, time
import dask
from distributed import LocalCluster
if __name__ == "__main__":
    dask.config.set({"distributed.scheduler.allowed-failures": 1})
    options = dict(dashboard_address=None, host="127.0.0.1", threads_per_worker=1, processes=True)
    with LocalCluster(n_workers=int(sys.argv[1]), **options) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@contextmanager
def cluster_of(workers, folder):
    """Yield a scheduler's process and address; it and its workers are a user's, not ours."""
    script = folder / "cluster.py"
    script.write_text(CLUSTER)
    command = [sys.executable, str(script), str(workers)]
    path = os.pathsep.join(filter(None, sys.path))  # so that workers find these tests
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path},
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        yield process, "dask://" + process.stdout.readline().strip().removeprefix("tcp://")
        process.communicate("", timeout=60)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with cluster_of(2, tmp_path_factory.mktemp("cluster")) as (_, place):
        yield place


def test_a_cluster_gives_the_bytes_of_local_processes(place, tmp_path):
    spec = tiny(seed=5)
    make(spec, Place.folder(tmp_path / "local"), jobs=1)
    make(spec, Place.folder(tmp_path / "dask"), executor=place)
    content = [(tmp_path / name / "results.nc").read_bytes() for name in ("local", "dask")]
    assert content[0] == content[1]


def test_what_goes_wrong_on_a_cluster_stays_in_its_cells(place, tmp_path, monkeypatch):
    for work, reason in (
        (support.broken, "ArithmeticError: broken on purpose"),
        (support.exiting, "worker died (KilledWorker), 2 times"),
    ):
        monkeypatch.setattr(running, "train_batch", work)
        out = tmp_path / work.__name__
        make(tiny(), Place.folder(out), executor=place)
        found = xr.load_dataset(out / "results.nc")
        assert set(found["reason"].sel(beta_1=0.5).values.ravel()) == {reason}
        assert (found["status"].sel(beta_1=[0.9, 0]) == "done").all()


def test_a_cluster_that_goes_away_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "train_batch", support.slow)
    out = tmp_path / "sweep"
    begun = time.monotonic()
    with cluster_of(1, tmp_path) as (process, place):

        def progress(done, total, text):
            if done:
                process.kill()

        with pytest.raises(ValueError, match="out of reach; what they had finished is kept"):
            make(tiny(), Place.folder(out), executor=place, progress=progress)
    assert time.monotonic() - begun < 60
    assert list((out / ".partial" / "sweep").glob("*.npz"))
    make(tiny(), Place.folder(out), jobs=1)
    assert (xr.load_dataset(out / "results.nc")["status"] == "done").all()


@pytest.mark.parametrize("place", ["dask://", "dask://host", "dask://a:b", "dask://a b:1"])
def test_an_address_that_is_none_is_refused(place):
    with pytest.raises(ValueError, match="write dask://HOST:PORT"), connected(place):
        pass


def test_a_scheduler_that_does_not_answer_is_told_soon(monkeypatch):
    assert _PATIENCE <= 10
    monkeypatch.setattr("numerics.dask_cluster._PATIENCE", 1)
    begun = time.monotonic()
    with (
        pytest.raises(ValueError, match=r"no dask scheduler answers at dask://127\.0\.0\.1:9"),
        connected("dask://127.0.0.1:9"),
    ):
        pass
    assert time.monotonic() - begun < 10


def test_a_scheduler_without_workers_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("numerics.dask_cluster._PATIENCE", 2)
    with (
        cluster_of(0, tmp_path) as (_, place),
        pytest.raises(ValueError, match="has no workers"),
        connected(place),
    ):
        pass


def test_workers_of_another_code_are_refused(place, monkeypatch):
    monkeypatch.setattr("numerics.store.version", lambda name: "0.1")  # of this process only
    with (
        pytest.raises(ValueError, match=r"has other versions \(.*version_torch"),
        connected(place),
    ):
        pass


def test_without_dask_the_remedy_is_named():
    program = (
        "import sys; sys.modules['distributed'] = None\n"
        "from numerics.executors import open_workers\n"
        "try:\n"
        "    with open_workers('dask://127.0.0.1:1', 1): pass\n"
        "except ValueError as error: print(error)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "pip install -c constraints.txt -e '.[sweep]'" in ended.stdout
    assert len(ended.stdout.splitlines()) == 1
