"""Worker processes, each minded by a thread of this one, as a ``concurrent.futures`` executor.

Unlike the pool of the standard library, in which one death breaks everything, a death here is known
to belong to the call that was running: that call ends with :class:`WorkerDied`, the next one on
that thread gets a fresh process, and the others notice nothing.  Processes are spawned, hold torch
to one thread, leave interrupts to this process and end with it, however it ends.
"""

import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from queue import SimpleQueue
from typing import Any

__all__ = ["WorkerDied", "WorkerProcesses", "serve"]


class WorkerDied(Exception):  # noqa: N818  it tells what happened, not what was wrong
    """A worker ended without an answer."""

    def __init__(self, exit_code: int | None) -> None:
        code = 1 if exit_code is None else exit_code
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        hint = ", as when memory runs out" if code == -signal.SIGKILL else ""
        super().__init__(f"worker died ({how}{hint})")


class _Call:
    """A call that waits for a worker, and its future."""

    __slots__ = ("arguments", "function", "future")

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.function = function
        self.arguments = arguments
        self.future: Future[Any] = Future()


class WorkerProcesses(Executor):
    """Up to ``jobs`` worker processes, started as they are needed."""

    def __init__(self, jobs: int) -> None:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        resource_tracker.ensure_running()
        self._context = get_context("spawn")
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._killed = False
        self._processes: set[SpawnProcess] = set()
        self._threads = [threading.Thread(target=self._mind, daemon=True) for _ in range(jobs)]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Have a module-level function called, with positional arguments only."""
        if kwargs:
            raise TypeError("workers take positional arguments only; pass no keywords")
        call = _Call(fn, args)
        self._calls.put(call)
        return call.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the workers finish what was submitted, then end."""
        for _ in self._threads:
            self._calls.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def kill(self) -> None:
        """End the workers now, whatever they do."""
        with self._lock:
            self._killed = True
            for process in self._processes:
                process.kill()
        self.shutdown(wait=False)

    def _start(self) -> tuple[SpawnProcess, Connection] | None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(theirs,), daemon=True)
        with self._lock:
            if self._killed:
                return None
            process.start()
            self._processes.add(process)
        theirs.close()
        return process, ours

    def _mind(self) -> None:
        """Hand calls to one process after another, one at a time."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # and so in what it starts
        worker: tuple[SpawnProcess, Connection] | None = None
        while (call := self._calls.get()) is not None:
            if not call.future.set_running_or_notify_cancel():
                continue
            try:
                worker = worker or self._start()
                if worker is None:
                    raise WorkerDied(-signal.SIGKILL)
                worker[1].send((call.function, call.arguments))
                good, answer = worker[1].recv()
            except (EOFError, ConnectionError):
                assert worker is not None
                call.future.set_exception(WorkerDied(self._buried(worker)))
                worker = None
            except BaseException as error:
                call.future.set_exception(error)
            else:
                (call.future.set_result if good else call.future.set_exception)(answer)
        if worker is not None:
            self._buried(worker)

    def _buried(self, worker: tuple[SpawnProcess, Connection]) -> int | None:
        process, connection = worker
        connection.close()
        process.join()
        with self._lock:
            self._processes.discard(process)
        return process.exitcode


def serve(connection: Connection, life: int | None = None) -> None:
    """Answer calls that come over a connection until there are no more.

    The process ends with its parent: the one that :mod:`multiprocessing` knows or, if given, the
    holder of the other end of the pipe ``life``.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    threading.Thread(target=_end_with_parent, args=(life,), daemon=True).start()
    import torch  # noqa: PLC0415  the parent of workers never needs it

    torch.set_num_threads(1)
    with suppress(EOFError, ConnectionError):
        while True:
            call = connection.recv_bytes()
            try:
                function, arguments = pickle.loads(call)
                answer = ForkingPickler.dumps((True, function(*arguments)))
            except BaseException as error:
                answer = ForkingPickler.dumps((False, _portable(error)))
            connection.send_bytes(answer)


def _portable(error: BaseException) -> BaseException:
    """Return an error that survives the way to another process."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _end_with_parent(life: int | None) -> None:
    parent = parent_process()
    if life is not None:
        os.read(life, 1)  # nothing is ever written
    elif parent is not None:
        parent.join()
    else:
        return
    os._exit(1)
