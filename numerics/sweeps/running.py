"""A sweep from beginning to end: missing batches to workers, answers to disk, results at the end.

Whatever happens to a worker, or to this process, batches that had ended are kept, long ones go on
from their last checkpoint, and what comes out in the end is the same, bit for bit.  A batch whose
worker died is tried once more; its runs fail if that kills the next worker too.
"""

import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import ExitStack, suppress
from typing import Any

import xarray as xr

from ..devices import check_device
from ..executors import Workers, open_workers
from ..progress import Report
from ..store import DiskError, write_dataset
from ..worker_processes import WorkerDied
from .batches import Batch, split
from .places import Place
from .results import assemble
from .shards import DONE, Shards, failure
from .specification import SweepSpec
from .work import compiling_file, remove_notes, steps_file, train_batch

__all__ = ["compute", "make"]

_TRIES = 2  # deaths after which the runs of a batch fail
_TICK = 1.0  # seconds between looks at the time

Tell = Callable[[str], None]


def compute(
    spec: SweepSpec,
    place: Place,
    *,
    executor: str = "local",
    jobs: int = 1,
    device: str = "cpu",
    force: bool = False,
    retry_failed: bool = False,
    progress: Report = lambda done, total, text: None,
    tell: Tell = lambda text: None,
) -> xr.Dataset:
    """Compute what is missing of a sweep and write its results; the caller holds the folder.

    Parameters
    ----------
    spec
        The sweep.
    place
        Where its files are.
    executor, jobs
        As :func:`numerics.executors.open_workers` takes them; results do not depend on them.
    device
        A name that :func:`numerics.devices.check_device` knows on the workers, not ``auto``.
    force
        Discard unfinished work of another configuration, once there are workers, and finished work
        that is there because runs failed.  Old results stay until there are new ones.
    retry_failed
        Compute batches with failed runs again.
    progress
        Called with (runs done, runs in all, the time left).
    tell
        Called with a sentence about anything a user should know.

    Raises
    ------
    ValueError
        If files cannot be written, or no workers can be reached.
    """
    configuration = place.configuration(spec, device)
    batches = split(spec, device)
    with ExitStack() as stack:

        def opened(calls: int) -> Workers:
            workers = stack.enter_context(open_workers(executor, min(jobs, calls)))
            if device != "cpu":
                workers.executor.submit(check_device, device).result()
            return workers

        workers = opened(len(batches)) if force else None  # before anything is discarded
        shards = Shards(place.partial, configuration, force=force, tell=tell)
        _discard(shards, batches, finished=force, failed=retry_failed)
        missing = [batch for batch in batches if not shards.has(batch.key)]
        if missing:
            workers = workers or opened(len(missing))
            shards.begin_sweep(spec, device)
            _Crew(shards, workers, device, progress, tell).work(missing, spec.total)
    dataset = assemble(spec, batches, shards, configuration, device)
    aside = place.partial / place.results.name
    write_dataset(aside, dataset)
    with suppress(OSError):
        (place.partial / "running.json").unlink(missing_ok=True)
    place.replace(aside)
    if (dataset["status"].values == DONE).all():
        place.clear()
    return dataset


def _discard(shards: Shards, batches: list[Batch], *, finished: bool, failed: bool) -> None:
    """Discard all batches if all are there and that is asked for, or those with failed runs."""
    there = [batch for batch in batches if (finished or failed) and shards.has(batch.key)]
    everything = finished and len(there) == len(batches)
    for batch in there:
        if everything or (failed and (shards.load(batch.key)["status"] != DONE).any()):
            shards.discard(batch.key)


def make(
    spec: SweepSpec,
    place: Place,
    *,
    device: str = "cpu",
    force: bool = False,
    retry_failed: bool = False,
    tell: Tell = lambda text: None,
    **options: Any,
) -> xr.Dataset:
    """Return the results of a sweep: those that are there, or computed (see :func:`compute`).

    Raises
    ------
    ConfigurationError
        If the place holds another configuration and ``force`` is not given.
    ValueError
        If another process is writing there, or as :func:`compute` says.
    """

    def ready() -> xr.Dataset | None:
        found = None if force else place.complete(spec, device)
        again = retry_failed and found is not None and (found["status"].values != DONE).any()
        return None if again else found

    found = ready()
    if found is None:
        with place.hold():
            found = ready()
            if found is None:
                return compute(
                    spec,
                    place,
                    device=device,
                    force=force,
                    retry_failed=retry_failed,
                    tell=tell,
                    **options,
                )
    tell(f"{place.results} is up to date")
    return found


class _Crew:
    """Workers on the batches of one sweep."""

    def __init__(
        self, shards: Shards, workers: Workers, device: str, progress: Report, tell: Tell
    ) -> None:
        self.shards = shards
        self.workers = workers
        self.device = device
        self.progress = progress
        self.tell = tell
        self.running: dict[Future[Any], Batch] = {}
        self.deaths: Counter[str] = Counter()
        self.begun = time.monotonic()
        self.compiling = False  # whether that was told

    def work(self, missing: list[Batch], total: int) -> None:
        """Compute batches until none is missing; ``total`` counts the runs of the sweep."""
        waiting = deque(missing)
        self.total = total
        self.runs_left = sum(len(batch.runs) for batch in missing)
        self.seconds = sum(batch.seconds for batch in missing)
        self.seconds_left = self.seconds
        self._show("resumed" if self.runs_left < self.total else "started")
        told = False
        while waiting or self.running:
            room = self._room()
            if not room and not self.running and not told:
                self.tell("there are no workers left; waiting for some to join")
                told = True
            while waiting and len(self.running) < room:
                self._submit(waiting.popleft())
            for batch, arrays in self._answers():
                if arrays is None:
                    waiting.appendleft(batch)
                    continue
                self.shards.save(batch.key, arrays)
                remove_notes(self.shards.checkpoint(batch.key))
                self.runs_left -= len(batch.runs)
                self.seconds_left -= batch.seconds
            self._tell_compiling()
            self._show(self._time_left())

    def _tell_compiling(self) -> None:
        """Tell once, from the note of a worker, why nothing seems to happen."""
        notes = (compiling_file(self.shards.checkpoint(b.key)) for b in self.running.values())
        if not self.compiling and any(note.exists() for note in notes):
            self.compiling = True
            self.tell("compiling kernels (once, about half a minute)")

    def _room(self) -> int:
        try:
            return self.workers.count()
        except Exception as error:
            if self.workers.lost(error):
                raise self._out_of_reach() from error
            raise

    def _submit(self, batch: Batch) -> None:
        checkpoint = self.shards.checkpoint(batch.key).absolute()
        with suppress(OSError):
            compiling_file(checkpoint).unlink(missing_ok=True)
        future = self.workers.executor.submit(
            train_batch, list(batch.runs), checkpoint, self.device
        )
        self.running[future] = batch
        self.shards.write_running(self.running.values())

    def _answers(self) -> list[tuple[Batch, dict[str, Any] | None]]:
        """Wait a moment; return batches that ended, with None if they are to be tried again."""
        if not self.running:
            time.sleep(_TICK)
            return []
        ended, _ = wait(self.running, timeout=_TICK, return_when=FIRST_COMPLETED)
        return [self._answer(self.running.pop(future), future) for future in ended]

    def _answer(self, batch: Batch, future: Future[Any]) -> tuple[Batch, dict[str, Any] | None]:
        error = CancelledError() if future.cancelled() else future.exception()
        if error is None:
            return batch, future.result()
        if isinstance(error, DiskError):
            raise DiskError(str(error)) from error
        if self.workers.lost(error):
            raise self._out_of_reach() from error
        deaths = self.workers.deaths(error)
        if not deaths:
            return batch, failure(len(batch.runs), f"{type(error).__name__}: {error}")
        self.deaths[batch.key] += deaths
        how = str(error) if isinstance(error, WorkerDied) else "worker died (KilledWorker)"
        if self.deaths[batch.key] < _TRIES:
            self.tell(f"{how}; its {len(batch.runs)} runs are tried once more")
            return batch, None
        return batch, failure(len(batch.runs), f"{how}, {self.deaths[batch.key]} times")

    @staticmethod
    def _out_of_reach() -> ValueError:
        return ValueError(
            "the workers are out of reach; what they had finished is kept, run the command again"
        )

    def _show(self, text: str) -> None:
        self.progress(self.total - self.runs_left, self.total, text)

    def _time_left(self) -> str:
        """Estimate the time left from the share of the work that is behind."""
        if not self.runs_left:
            return "done"
        under_way = sum(batch.seconds * self._share(batch) for batch in self.running.values())
        behind = self.seconds - self.seconds_left + under_way
        if behind <= 0:
            return "under way"
        left = max(0.0, (time.monotonic() - self.begun) * (self.seconds - behind) / behind)
        if left < 90:
            return f"about {left:.0f} s left"
        return (
            f"about {left / 60:.0f} min left" if left < 5400 else f"about {left / 3600:.1f} h left"
        )

    def _share(self, batch: Batch) -> float:
        path = steps_file(self.shards.checkpoint(batch.key))
        try:
            return min(1.0, max(0.0, float(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError):
            return 0.0
