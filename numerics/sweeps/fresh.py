"""Numbers that do not depend on whether kernels had to be compiled first.

Kernels may reorder sums (:mod:`numerics.compiled.jit`).  A process that compiles one runs it beside
the kernels it calls; a process that finds it in the cache runs the code of both as one, and the
last digit may differ.  So a task is rehearsed before it is computed, by one process at a time: what
two compile may differ too.  A process in which a kernel was compiled hands its tasks, from
then on, to another one of its own, which finds the kernel in the cache.  That happens once for
every kernel on a machine.
"""

import os
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from subprocess import Popen
from typing import Any, Protocol

__all__ = ["Task", "with_cached_kernels"]

_ROUNDS = 5  # processes that may each find another kernel to compile
_PROGRAM = """
import sys
from multiprocessing.connection import Connection
from numerics.worker_processes import serve
serve(Connection(int(sys.argv[1])), life=int(sys.argv[2]))
"""


class Task(Protocol):
    """Something to compute that can travel to another process."""

    def rehearse(self) -> None:
        """Call the kernels that computing it calls, quickly; errors do not matter."""

    def compute(self) -> Any:
        """Return the answer."""

    def discard(self) -> None:
        """Forget what an earlier call of ``compute`` kept for the next."""

    def compiling(self) -> None:
        """Tell that a kernel is being compiled."""


class _Here(threading.local):
    """What one thread of this process works on, and the process it hands tasks to."""

    server: "_Server | None" = None
    compiling: Callable[[], None] | None = None


_here = _Here()
_compiled: list[bool] = []  # whether a kernel was compiled in this process; empty: nobody watches


def with_cached_kernels(task: Task) -> Any:
    """Return ``task.compute()``, computed by kernels as the cache holds them.

    Raises
    ------
    Exception
        Whatever the task raised.
    RuntimeError
        If the process it was handed to died.
    """
    if not _watched():
        good, answer = _computed(task)
        if good:
            return answer
    for _ in range(_ROUNDS):
        server = _here.server = _here.server or _Server()
        try:
            good, answer = server.call(_computed, task)
        except BaseException:
            _end_server()
            raise
        if good:
            break
        _end_server()
    else:
        return task.compute()
    return answer


def _end_server() -> None:
    if _here.server is not None:
        _here.server.end()
    _here.server = None


def _watched() -> bool:
    """Tell whether a kernel that is cached was compiled in this process."""
    from numba.core import event  # noqa: PLC0415  the parent of workers never needs it

    from ..compiled import jit  # noqa: PLC0415

    class Listener(event.Listener):
        def on_start(self, event: Any) -> None:
            _compiled[0] = jit.CACHED
            if _here.compiling is not None:
                _here.compiling()

        def on_end(self, event: Any) -> None:
            pass

    if not _compiled:
        _compiled.append(jit.has_compiled())
        register: Any = event.register
        register("numba:compile", Listener())
    return _compiled[0]


def _computed(task: Task) -> tuple[bool, Any]:
    """Return the answer after True, or None after False if a kernel was compiled meanwhile."""
    _watched()
    _here.compiling = task.compiling
    try:
        from ..compiled.jit import one_at_a_time  # noqa: PLC0415  as above

        with suppress(Exception), one_at_a_time():
            task.rehearse()
        if _watched():
            return False, None
        try:
            answer = task.compute()
        finally:
            if _watched():
                task.discard()
    finally:
        _here.compiling = None
    return (False, None) if _watched() else (True, answer)


class _Server:
    """A process that computes for this one, and ends with it, however it ends."""

    def __init__(self) -> None:
        ours, theirs = Pipe()
        held, life = os.pipe()  # the life of who keeps one end open is told by the other
        path = os.pathsep.join(filter(None, sys.path))
        process = Popen(
            [sys.executable, "-c", _PROGRAM, str(theirs.fileno()), str(held)],
            pass_fds=(theirs.fileno(), held),
            env={**os.environ, "PYTHONPATH": path},
        )
        theirs.close()
        os.close(held)
        self._connection = ours
        self.end = weakref.finalize(self, _end, process, ours, life)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function returns there, or raise what it raises."""
        try:
            self._connection.send((function, arguments))
            good, answer = self._connection.recv()
        except (EOFError, ConnectionError) as error:
            raise RuntimeError("the process that was to use the compiled kernels died") from error
        if not good:
            raise answer
        return answer


def _end(process: "Popen[bytes]", connection: Connection, life: int) -> None:
    connection.close()
    os.close(life)
    process.kill()
    process.wait()
