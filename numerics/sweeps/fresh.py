"""Numbers that do not depend on whether kernels had to be compiled first.

Kernels may reorder sums (:mod:`numerics.compiled.jit`).  A process that compiles one runs it beside
the kernels it calls; a process that finds it in the cache runs the code of both as one, and the
last digit may differ.  So what was computed while a kernel was compiled is computed again in a
fresh process, which finds it.  That happens once for every kernel on a machine.
"""

import os
import sys
from collections.abc import Callable
from multiprocessing import Pipe
from subprocess import Popen
from typing import Any

__all__ = ["with_cached_kernels"]

_ROUNDS = 5  # fresh processes that may each find another kernel to compile
_PROGRAM = """
import sys
from multiprocessing.connection import Connection
from numerics.worker_processes import serve
serve(Connection(int(sys.argv[1])))
"""
_compiled: list[bool] = []  # whether a kernel was compiled in this process; empty: nobody watches


def with_cached_kernels(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return ``function(*arguments)``, computed by kernels as the cache holds them.

    Raises
    ------
    Exception
        Whatever the function raised.
    """
    if not _watched():
        answer = function(*arguments)
        if not _watched():
            return answer
    for _ in range(_ROUNDS):
        compiled, answer = _in_a_fresh_process(function, arguments)
        if not compiled:
            break
    return answer


def _watched() -> bool:
    """Tell whether a kernel that is cached was compiled in this process since the first call."""
    from numba.core import event  # noqa: PLC0415  the parent of workers never needs it

    from ..compiled import jit  # noqa: PLC0415

    class Listener(event.Listener):
        def on_start(self, event: Any) -> None:
            _compiled[0] = jit.CACHED

        def on_end(self, event: Any) -> None:
            pass

    if not _compiled:
        _compiled.append(False)
        register: Any = event.register
        register("numba:compile", Listener())
    return _compiled[0]


def _told(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    _watched()
    return function(*arguments), _watched()


def _in_a_fresh_process(
    function: Callable[..., Any], arguments: tuple[Any, ...]
) -> tuple[bool, Any]:
    """Return whether kernels were compiled once more, and the answer."""
    ours, theirs = Pipe()
    path = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, "-c", _PROGRAM, str(theirs.fileno())]
    environment = {**os.environ, "PYTHONPATH": path}
    with ours, Popen(command, pass_fds=(theirs.fileno(),), env=environment):
        theirs.close()
        ours.send((_told, (function, arguments)))
        try:
            good, answer = ours.recv()
        except EOFError as error:
            raise RuntimeError("the process that was to use the compiled kernels died") from error
        ours.close()
    if not good:
        raise answer
    return answer[1], answer[0]
