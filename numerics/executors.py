"""The one door to worker processes: run independent units, hand back each result as it ends.

A unit is a module-level function and its arguments.  With one job units run in this process; with
more they run in spawned workers of one thread each, so that results are the same.  An interrupt
stops the workers at once; units that had ended have been handed back and are kept by the caller.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from time import perf_counter
from typing import Any

__all__ = ["Unit", "default_jobs", "run_units"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One independent piece of work: ``function(*arguments)``, known by ``key``."""

    key: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


def default_jobs() -> int:
    """Return the number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start_worker() -> None:
    import torch  # noqa: PLC0415  the parent of a pool never needs it

    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Run torch on one thread for a while, as workers do."""
    import torch  # noqa: PLC0415

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _run(unit: Unit) -> tuple[Any, float]:
    start = perf_counter()
    result = unit.function(*unit.arguments)
    return result, perf_counter() - start


def run_units(
    units: list[Unit],
    jobs: int,
    follow_up: Callable[[str, Any, float], list[Unit]],
) -> None:
    """Run units in order; after each, ``follow_up(key, result, seconds)`` may add more.

    Raises
    ------
    Exception
        Whatever a unit raised, after the others have been stopped.
    """
    if jobs == 1:
        with _one_thread():
            queue = list(units)
            while queue:
                unit = queue.pop(0)
                queue = follow_up(unit.key, *_run(unit)) + queue
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_start_worker)
    running: dict[Future[tuple[Any, float]], str] = {}
    try:
        running = {pool.submit(_run, unit): unit.key for unit in units}
        while running:
            for future in _finished(running):
                key = running.pop(future)
                for unit in follow_up(key, *future.result()):
                    running[pool.submit(_run, unit)] = unit.key
        pool.shutdown()
    except BaseException:
        workers = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.terminate()
        raise


def _finished(running: dict[Future[tuple[Any, float]], str]) -> Iterator[Future[tuple[Any, float]]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    yield from done
