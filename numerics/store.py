"""Files that appear whole, folders held by one process at a time, and where results come from.

Files are written aside and renamed into place.
"""

import fcntl
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

import xarray as xr

__all__ = [
    "ConfigurationError",
    "DiskError",
    "configuration_of",
    "exclusive",
    "is_held",
    "provenance",
    "write_dataset",
    "write_json",
    "write_whole",
]

_TRIES, _PAUSE = 5, 0.02  # to hold a folder; seconds between them


class ConfigurationError(ValueError):
    """The folder holds results or unfinished work of another configuration."""


class DiskError(ValueError):
    """A file cannot be written."""


def write_whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Let ``write`` make a file aside, then rename it into place; nothing half-written remains.

    Raises
    ------
    DiskError
        If the disk is full or the folder cannot be written.
    """
    aside = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(aside)
        aside.replace(path)
    except OSError as error:
        raise DiskError(
            f"cannot write {path} ({error.strerror or error}); free some space or choose "
            "another folder"
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write JSON with shortest round-trip floats; nan is an error."""
    text = json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
    write_whole(path, lambda aside: aside.write_text(text, encoding="utf-8"))


def write_dataset(path: Path, dataset: xr.Dataset) -> None:
    """Write a labelled dataset as NetCDF4 (readable by any NetCDF or HDF5 library).

    It is made in memory: on a full disk the library leaves files it cannot close.

    Raises
    ------
    DiskError
        If it cannot be written.
    """
    packed = {name: {"zlib": True} for name, v in dataset.variables.items() if v.dtype.kind in "fi"}
    content = bytes(dataset.to_netcdf(engine="h5netcdf", encoding=packed))
    write_whole(path, lambda aside: aside.write_bytes(content))


def configuration_of(path: Path) -> str | None:
    """Return the configuration a results file was made with, None if it cannot be read."""
    try:
        with xr.open_dataset(path, engine="h5netcdf") as dataset:
            return str(dataset.attrs["configuration"])
    except (OSError, ValueError, KeyError):
        return None


def provenance() -> dict[str, str]:
    """Return versions and commit: what a reader needs to make a file again."""
    names = ("antipode-workbench", "torch", "numpy", "scipy", "sympy", "numba", "llvmlite")
    versions = {}
    for name in names:
        try:
            versions[f"version_{name.replace('-', '_')}"] = version(name)
        except PackageNotFoundError:
            versions[f"version_{name.replace('-', '_')}"] = "unknown"
    return {**versions, "git_commit": _commit(), "device": "cpu", "dtype": "float64"}


@cache
def _commit() -> str:
    """Return the commit this package is checked out at, ``-dirty`` if files differ from it."""
    root = Path(__file__).resolve().parent.parent

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")).resolve() != root:
            return "unknown"  # installed inside somebody else's repository
        changed = "-dirty" if git("status", "--porcelain", "--untracked-files=no") else ""
        return git("rev-parse", "HEAD") + changed
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold a folder alone while work is written to it.

    Raises
    ------
    ValueError
        If another process holds it.
    """
    lock = folder / ".lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = _locked(lock)
    except OSError as error:
        raise ValueError(
            f"cannot write {folder} ({error.strerror or error}); choose another folder"
        ) from error
    if file is None:
        raise ValueError(
            f"another process is writing to {folder}; wait for it or choose another folder"
        )
    with file:
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _locked(lock: Path) -> IO[str] | None:
    """Return the lock's file, held, or None if another process holds it."""
    for _ in range(_TRIES):
        file = lock.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # held, or looked at by is_held
            file.close()
            time.sleep(_PAUSE)
            continue
        with suppress(FileNotFoundError):  # removed by its last holder before it was held here
            if os.path.samestat(os.fstat(file.fileno()), lock.stat()):
                return file
        file.close()
    return None


def is_held(folder: Path) -> bool:
    """Tell whether a process holds the folder (see :func:`exclusive`); change nothing."""
    try:
        with (folder / ".lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
