"""How kernels are compiled: without the interpreter's lock, and cached on disk.

A cached kernel holds the code of the kernels it calls, but is only looked up by its own file's
date.  So the cache has a folder of its own for every state of this package's sources: a kernel of
another state is never loaded.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
from numba.core import config

__all__ = ["compiled"]

_HERE = Path(__file__).parent
_SOURCES = [*sorted(_HERE.glob("*.py")), _HERE.parent / "coefficients.py"]  # a constant of it too
_SETTINGS: Any = config
_FOLDER = Path(_SETTINGS.CACHE_DIR) if _SETTINGS.CACHE_DIR else _HERE / "__pycache__"
_STATE = sha256(b"".join(path.read_bytes() for path in _SOURCES)).hexdigest()[:16]


def compiled(function: Callable[..., Any]) -> Any:
    """Compile ``function`` on its first call; sums may be reordered, nan and inf are honoured."""
    before = _SETTINGS.CACHE_DIR
    _SETTINGS.CACHE_DIR = str(_FOLDER / f"kernels-{_STATE}")
    try:
        return numba.njit(
            cache=True,
            nogil=True,
            error_model="numpy",
            fastmath={"contract", "reassoc", "nsz"},
        )(function)
    finally:
        _SETTINGS.CACHE_DIR = before
