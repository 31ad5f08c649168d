"""The one door to other processes: run independent units, hand back each result as it ends.

A unit is a module-level function and its arguments.  :func:`run_units` runs them in this process
or in worker processes and stops at the first error; :func:`open_workers` opens workers of either
kind, here or of a dask cluster, for those who have something better to do with an error.  A unit
gives the same result wherever it runs: one thread, and random numbers of its own.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from .threads import one_thread
from .worker_processes import WorkerDied, WorkerProcesses

__all__ = ["Unit", "Workers", "check_executor", "default_jobs", "open_workers", "run_units"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One independent piece of work: ``function(*arguments)``, known by ``key``."""

    key: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Workers:
    """Workers that calls can be submitted to.

    Attributes
    ----------
    executor
        Takes the calls.
    count
        Tells how many calls can run at a time, now.
    deaths
        Tells how often a worker died on a call that ended with this error, 0 if it did not die.
    lost
        Tells whether an error means that all workers are out of reach.
    """

    executor: Executor
    count: Callable[[], int]
    deaths: Callable[[BaseException], int]
    lost: Callable[[BaseException], bool]


def default_jobs() -> int:
    """Return the number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_executor(place: str) -> None:
    """Refuse what is neither ``local`` nor the address of a cluster.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if place != "local" and not place.startswith("dask://"):
        raise ValueError(f"executor {place!r} is not known; use local or dask://HOST:PORT")


@contextmanager
def open_workers(place: str, jobs: int) -> Iterator[Workers]:
    """Open workers: ``local`` processes, ``jobs`` of them, or those of ``dask://HOST:PORT``.

    On an error, an interrupt among them, local workers are stopped at once and calls that a
    cluster has not begun are withdrawn.

    Raises
    ------
    ValueError
        If there is no such place, dask is not installed, or no scheduler answers.
    """
    check_executor(place)
    if place == "local":
        with _processes(jobs) as executor:
            yield Workers(
                executor, lambda: jobs, lambda e: int(isinstance(e, WorkerDied)), lambda e: False
            )
    else:
        from .dask_cluster import connected, deaths, is_lost  # noqa: PLC0415  dask, when asked for

        with connected(place) as (executor, count):
            yield Workers(executor, count, deaths, is_lost)


@contextmanager
def _processes(jobs: int) -> Iterator[WorkerProcesses]:
    executor = WorkerProcesses(jobs)
    try:
        yield executor
    except BaseException:
        executor.kill()
        raise
    executor.shutdown()


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

    With one job they run in this process.

    Raises
    ------
    Exception
        Whatever a unit raised, after the others have been stopped.
    """
    if jobs == 1:
        with one_thread():
            queue = list(units)
            while queue:
                unit = queue.pop(0)
                queue = follow_up(unit.key, *_run(unit)) + queue
        return
    with _processes(jobs) as pool:
        running = {pool.submit(_run, unit): unit.key for unit in units}
        while running:
            for future in _finished(running):
                key = running.pop(future)
                for unit in follow_up(key, *future.result()):
                    running[pool.submit(_run, unit)] = unit.key


def _finished(running: dict[Future[tuple[Any, float]], str]) -> Iterator[Future[tuple[Any, float]]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    yield from done
