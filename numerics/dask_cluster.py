"""Workers of a dask cluster, reached through the scheduler at ``dask://HOST:PORT``.

Workers run the same function on the same arguments as a process of this machine would, so the
numbers are the same, given the same code and libraries, which is checked.  A scheduler moves the
call of a dead worker to another one; it gives up after some deaths (``allowed-failures``, by
default 3) and says ``KilledWorker``.
"""

import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager

from .store import provenance

try:
    from distributed import Client
    from distributed.scheduler import KilledWorker
except ImportError as missing:
    raise ValueError(
        "executor dask:// needs the package dask; install it with "
        "pip install -c constraints.txt -e '.[sweep]'"
    ) from missing

__all__ = ["connected", "deaths", "is_lost"]

_PLACE = re.compile(r"dask://(\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})")
_PATIENCE = 8  # seconds for a scheduler to answer


@contextmanager
def connected(place: str) -> Iterator[tuple[Executor, Callable[[], int]]]:
    """Connect to a scheduler; yield an executor and a function that counts its workers' threads.

    Raises
    ------
    ValueError
        If no scheduler answers, it has no workers, or theirs is another code.
    """
    match = _PLACE.fullmatch(place)
    if match is None:
        raise ValueError(f"executor {place!r} is no address; write dask://HOST:PORT")
    address = f"tcp://{match[1]}:{match[2]}"
    with _silent():
        client = _client(address, place)
        try:
            _check_workers(client, place)
            yield client.get_executor(pure=False), lambda: sum(client.nthreads().values())
        finally:
            client.close(timeout=2)


@contextmanager
def _silent() -> Iterator[None]:
    """Keep dask's log to itself, what matters is told by errors; each of its parts has a level."""
    parts = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    levels = {name: logging.getLogger(name).level for name in ("distributed", *parts)}
    for name in levels:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _client(address: str, place: str) -> Client:
    try:
        return Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"no dask scheduler answers at {place}; start one with dask scheduler, or use "
            "--executor local"
        ) from error


def _check_workers(client: Client, place: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        raise ValueError(
            f"the scheduler at {place} has no workers; start some with "
            f"dask worker {place.removeprefix('dask://')} --nthreads 1"
        ) from error
    try:
        found = client.run(provenance)
    except Exception as error:
        raise ValueError(
            f"the workers at {place} cannot import antipode ({type(error).__name__}); install it "
            "where they run"
        ) from error
    for worker, code in found.items():
        differing = [name for name, value in provenance().items() if code.get(name) != value]
        if differing:
            raise ValueError(
                f"worker {worker} at {place} has other versions ({', '.join(differing)}); "
                "install the same code and libraries there"
            )


def deaths(error: BaseException) -> int:
    """Tell how often a worker died on a call that ended with ``error``."""
    return error.allowed_failures + 1 if isinstance(error, KilledWorker) else 0


def is_lost(error: BaseException) -> bool:
    """Tell whether an error means that the scheduler is out of reach."""
    return isinstance(error, CancelledError | OSError)
