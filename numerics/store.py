"""Results on disk: work in progress that can be resumed, and finished files that appear whole.

A folder holds the results of one configuration of options.  Work in progress lives in
``DIR/.partial/CASE``, each finished unit in a file of its own beside the configuration's hash;
finished files are written aside and renamed into place.
"""

import fcntl
import json
import os
import shutil
import subprocess
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

import numpy as np
import xarray as xr

__all__ = [
    "ConfigurationError",
    "DiskError",
    "PartialWork",
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


class PartialWork:
    """Finished units of unfinished work, in ``folder``, all of one configuration and one code."""

    def __init__(self, folder: Path, configuration: str, *, force: bool = False) -> None:
        self.folder = folder
        self.configuration = configuration
        self.code = " ".join(provenance().values())
        self._whole: set[str] = set()
        mark = folder / "configuration"
        if not mark.is_file():
            return
        found, _, code = mark.read_text(encoding="utf-8", errors="replace").partition("\n")
        if found != configuration and not force:
            raise ConfigurationError(
                f"{folder} holds unfinished work of another configuration; "
                "finish it, choose another folder, or pass --force to discard it"
            )
        if found != configuration or code != self.code:  # units of two codes are not mixed
            shutil.rmtree(folder)

    def begin(self) -> None:
        """Make the folder and mark it as this configuration's."""
        text = f"{self.configuration}\n{self.code}"
        write_whole(self.folder / "configuration", lambda p: p.write_text(text, encoding="utf-8"))

    def has(self, key: str) -> bool:
        """Tell whether a unit is finished and whole; a damaged one is discarded."""
        path = self.folder / f"{key}.npz"
        if key not in self._whole and path.is_file():
            try:
                self.load(key)
                self._whole.add(key)
            except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
                path.unlink()
        return key in self._whole

    def save(self, key: str, arrays: Mapping[str, Any], seconds: float) -> None:
        """Keep the arrays of a finished unit and the seconds it took."""

        def write(aside: Path) -> None:
            with aside.open("wb") as file:
                np.savez(file, seconds=seconds, **arrays)

        write_whole(self.folder / f"{key}.npz", write)
        self._whole.add(key)

    def load(self, key: str) -> dict[str, Any]:
        """Return the arrays of a finished unit, and its ``seconds``."""
        path = self.folder / f"{key}.npz"
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
