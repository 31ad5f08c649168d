"""Named arrays in one file, whole or not at all, and known to be as they were written.

A file is an ``npz`` of plain arrays followed by the 32 bytes of its hash, so one that was cut off
or changed is refused before anything in it is read.
"""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .store import write_whole

__all__ = ["read_arrays", "write_arrays"]

_DIGEST = 32  # bytes


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays.

    Raises
    ------
    DiskError
        If the file cannot be written.
    """
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    content = buffer.getvalue()
    whole = content + hashlib.blake2b(content, digest_size=_DIGEST).digest()
    write_whole(path, lambda aside: aside.write_bytes(whole))


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it is not as it was written.
    """
    whole = path.read_bytes()
    content, digest = whole[:-_DIGEST], whole[-_DIGEST:]
    if hashlib.blake2b(content, digest_size=_DIGEST).digest() != digest:
        raise ValueError(f"{path} is not as it was written; delete it")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
