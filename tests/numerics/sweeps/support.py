"""A tiny sweep, and stand-ins for the work of a batch that go wrong in workers."""

import os
import signal
import time
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from numerics.executors import Workers
from numerics.store import DiskError
from numerics.sweeps.reading import read_sweep
from numerics.sweeps.specification import SweepSpec
from numerics.sweeps.work import train_batch

FLAGS = ["steps=20", "batch_size=16"]
GRID = ["density=1;0.1", "beta_1=0.9;0.5;0"]  # each beta_1 is a batch of its own


def tiny(**options: object) -> SweepSpec:
    given = {"starts": 2, "settings": FLAGS, "grid": GRID, **options}
    return read_sweep("notebook-intro", **given)


def bytes_of(out: Path) -> bytes:
    return (out / "results.nc").read_bytes()


class Here(Executor):
    """Calls made in this process, at once."""

    def submit(self, fn, /, *args, **kwargs):
        future: Future[object] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def _workers_here(place, jobs):
    yield Workers(Here(), lambda: jobs, lambda error: 0, lambda error: False)


def work_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare a test that is not about processes the seconds it takes to start them."""
    monkeypatch.setattr("numerics.sweeps.running.open_workers", _workers_here)


def _chosen(runs):
    return runs[0].spec.beta_1 == 0.5


def killed(runs, checkpoint, device):
    if _chosen(runs):
        os.kill(os.getpid(), signal.SIGKILL)
    return train_batch(runs, checkpoint, device)


def exiting(runs, checkpoint, device):
    if _chosen(runs):
        os._exit(7)
    return train_batch(runs, checkpoint, device)


def killed_once(runs, checkpoint, device):
    mark = Path(checkpoint).with_name("killed")
    if _chosen(runs) and not mark.exists():
        mark.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return train_batch(runs, checkpoint, device)


def on_a_full_disk(runs, checkpoint, device):
    if _chosen(runs):
        raise DiskError("cannot write it (No space left on device); free some space")
    return train_batch(runs, checkpoint, device)


def slow(runs, checkpoint, device):
    arrays = train_batch(runs, checkpoint, device)
    time.sleep(0.3)
    return arrays


def broken(runs, checkpoint, device):
    if _chosen(runs):
        raise ArithmeticError("broken on purpose")
    return train_batch(runs, checkpoint, device)
