"""Results on disk: work in progress that can be resumed, and finished files that appear whole.

A folder holds the results of one configuration of options.  Work in progress lives in
``DIR/.partial/CASE``, each finished unit in a file of its own beside the configuration's hash;
finished files are written aside and renamed into place.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

__all__ = [
    "ConfigurationError",
    "PartialWork",
    "provenance",
    "write_dataset",
    "write_json",
    "write_whole",
]


class ConfigurationError(ValueError):
    """The folder holds results or unfinished work of another configuration."""


def write_whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Let ``write`` make a file aside, then rename it into place; nothing half-written remains.

    Raises
    ------
    ValueError
        If the disk is full or the folder cannot be written.
    """
    aside = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(aside)
        aside.replace(path)
    except OSError as error:
        raise ValueError(
            f"cannot write {path} ({error.strerror or error}); free some space or choose "
            "another folder"
        ) from error
    finally:
        aside.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write JSON with shortest round-trip floats; nan is an error."""
    text = json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
    write_whole(path, lambda aside: aside.write_text(text, encoding="utf-8"))


def write_dataset(path: Path, dataset: xr.Dataset) -> None:
    """Write a labelled dataset as NetCDF4 (readable by any NetCDF or HDF5 library)."""
    packed = {name: {"zlib": True} for name, v in dataset.variables.items() if v.dtype.kind in "fi"}
    write_whole(path, lambda aside: dataset.to_netcdf(aside, engine="h5netcdf", encoding=packed))


def provenance() -> dict[str, str]:
    """Return versions and commit: what a reader needs to make a file again."""
    names = ("antipode-workbench", "torch", "numpy", "scipy", "sympy")
    versions = {}
    for name in names:
        try:
            versions[f"version_{name.replace('-', '_')}"] = version(name)
        except PackageNotFoundError:
            versions[f"version_{name.replace('-', '_')}"] = "unknown"
    here = Path(__file__).resolve().parent
    try:
        git = ["git", "-C", str(here), "rev-parse", "HEAD"]
        commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        commit = "unknown"
    return {**versions, "git_commit": commit, "device": "cpu", "dtype": "float64"}


class PartialWork:
    """Finished units of unfinished work, in ``folder``, all of one configuration."""

    def __init__(self, folder: Path, configuration: str, *, force: bool = False) -> None:
        self.folder = folder
        self.configuration = configuration
        mark = folder / "configuration"
        if mark.is_file() and mark.read_text().strip() != configuration:
            if not force:
                raise ConfigurationError(
                    f"{folder} holds unfinished work of another configuration; "
                    "finish it, choose another folder, or pass --force to discard it"
                )
            shutil.rmtree(folder)

    def begin(self) -> None:
        """Make the folder and mark it as this configuration's."""
        write_whole(self.folder / "configuration", lambda p: p.write_text(self.configuration))

    def has(self, key: str) -> bool:
        """Tell whether a unit is finished."""
        return (self.folder / f"{key}.npz").is_file()

    def save(self, key: str, arrays: Mapping[str, Any], seconds: float) -> None:
        """Keep the arrays of a finished unit and the seconds it took."""

        def write(aside: Path) -> None:
            with aside.open("wb") as file:
                np.savez(file, seconds=seconds, **arrays)

        write_whole(self.folder / f"{key}.npz", write)

    def load(self, key: str) -> dict[str, Any]:
        """Return the arrays of a finished unit, and its ``seconds``."""
        with np.load(self.folder / f"{key}.npz", allow_pickle=False) as file:
            return {name: file[name] for name in file.files}

    def discard(self) -> None:
        """Remove the unfinished work."""
        shutil.rmtree(self.folder, ignore_errors=True)
