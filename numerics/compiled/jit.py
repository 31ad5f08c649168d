"""How kernels are compiled: without the interpreter's lock, and cached on disk.

A cached kernel holds the code of the kernels it calls, but is only looked up by its own file's
content.  So the cache has a folder of its own for every state of this package's sources: a kernel
of another state is never loaded.  Where that cannot be had, kernels are not cached at all.

The folder is in the first of these that can be written: NUMBA_CACHE_DIR if set, ``__pycache__``
beside this file, ``antipode`` in XDG_CACHE_HOME or ~/.cache.  Folders of other states that nothing
has used for a month are deleted when a new one is made.
"""

import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
from numba.core import config, event

__all__ = ["CACHED", "before_compiling", "compiled", "has_compiled", "one_at_a_time"]

_HERE = Path(__file__).parent
_SOURCES = [*sorted(_HERE.glob("*.py")), _HERE.parent / "coefficients.py"]  # a constant of it too
_SETTINGS: Any = config
_STATE = sha256(b"".join(path.read_bytes() for path in _SOURCES)).hexdigest()[:16]
_NAME = re.compile("kernels-[0-9a-f]{16}")
_MONTH = 30 * 86400.0  # seconds


def _candidates() -> list[Path]:
    """Return where kernels may be kept, the best first."""
    own = os.environ.get("XDG_CACHE_HOME", "")
    user = Path(own if os.path.isabs(own) else os.path.expanduser("~/.cache"))
    given = [Path(_SETTINGS.CACHE_DIR).absolute()] if _SETTINGS.CACHE_DIR else []
    return [*given, _HERE / "__pycache__", *([user / "antipode"] if user.is_absolute() else [])]


def _prune(folder: Path) -> None:
    """Delete the folders of other states beside ``folder`` that were last used a month ago."""
    with suppress(OSError):
        for other in folder.parent.iterdir():
            if _NAME.fullmatch(other.name) and other != folder:
                with suppress(OSError):
                    if time.time() - other.stat().st_mtime > _MONTH:
                        shutil.rmtree(other, ignore_errors=True)


def _choose(candidates: Sequence[Path]) -> Path | None:
    """Return the folder of this state in the first candidate that can be written, None if none."""
    for candidate in candidates:
        folder = candidate / f"kernels-{_STATE}"
        new = not folder.is_dir()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            os.utime(folder)  # in use: not to be deleted
        except OSError:
            continue
        if new:
            _prune(folder)
        return folder
    return None


_FOLDER = _choose(_candidates())
CACHED = _FOLDER is not None
"""Whether compiled kernels are kept on disk for the next process."""


def _jit(function: Callable[..., Any], *, cache: bool) -> Any:
    return numba.njit(
        cache=cache, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"}
    )(function)


def compiled(function: Callable[..., Any]) -> Any:
    """Compile ``function`` on its first call; sums may be reordered, nan and inf are honoured."""
    if _FOLDER is not None and not _SETTINGS.DISABLE_JIT:
        before = _SETTINGS.CACHE_DIR
        _SETTINGS.CACHE_DIR = str(_FOLDER)
        try:
            kernel = _jit(function, cache=True)
            if Path(kernel.stats.cache_path).is_relative_to(_FOLDER):  # numba may go elsewhere
                return kernel
        except RuntimeError:  # numba found no place at all
            pass
        finally:
            _SETTINGS.CACHE_DIR = before
    return _jit(function, cache=False)


class _Notes(event.Listener):
    """Notes that something was compiled."""

    noted = False

    def on_start(self, event: Any) -> None:
        self.noted = True

    def on_end(self, event: Any) -> None:
        pass


_NOTES = _Notes()
event.register("numba:compile", _NOTES)  # type: ignore[no-untyped-call]


def has_compiled() -> bool:
    """Tell whether this process has compiled a kernel that others find in the cache."""
    return CACHED and _NOTES.noted


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Within the context, no other process of this machine is: two that compile keep one code."""
    try:
        lock = None if _FOLDER is None else (_FOLDER / ".lock").open("a")
    except OSError:
        lock = None
    if lock is None:
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class _First(event.Listener):
    """Calls a function at the first event."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def on_start(self, event: Any) -> None:
        call, self.call = self.call, None
        if call is not None:
            call()

    def on_end(self, event: Any) -> None:
        pass


@contextmanager
def before_compiling(call: Callable[[], None]) -> Iterator[None]:
    """Within the context, call ``call()`` once before a kernel is compiled that was not cached."""
    with event.install_listener("numba:compile", _First(call)):
        yield
