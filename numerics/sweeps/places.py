"""Where the files of a sweep are, what is there already, and how far it has come.

A sweep has a folder: ``results.nc``, and work in progress in ``.partial/sweep``.  A file of runs
has its work in progress beside it, in ``NAME.partial``.  Work in progress stays where some runs
failed, for them to be tried again.
"""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from ..devices import check_device
from ..seeds import content_key
from ..store import ConfigurationError, DiskError, exclusive, is_held, write_whole
from .results import rows
from .shards import DONE, open_spec, read_json, tally
from .specification import SCHEMA, SweepSpec

__all__ = ["Place", "counts", "device_for", "failures", "status_report", "write_csv"]


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one sweep.

    Attributes
    ----------
    results
        The finished file.
    partial
        The folder of work in progress.
    held
        The folder to hold while writing (:func:`numerics.store.exclusive`).
    """

    results: Path
    partial: Path
    held: Path

    @classmethod
    def folder(cls, out: Path) -> "Place":
        """Return the place of a sweep.

        Raises
        ------
        ValueError
            If ``out`` is a file.
        """
        if out.exists() and not out.is_dir():
            raise ValueError(f"{out} is a file; give a folder")
        return cls(out / "results.nc", out / ".partial" / "sweep", out)

    @classmethod
    def file(cls, out: Path) -> "Place":
        """Return the place of a file of training runs.

        Raises
        ------
        ValueError
            If ``out`` is a folder.
        """
        if out.is_dir():
            raise ValueError(f"{out} is a folder; give a file, for instance {out / 'run.nc'}")
        partial = out.with_name(f"{out.name}.partial")
        return cls(out, partial / "sweep", partial)

    @staticmethod
    def configuration(spec: SweepSpec, device: str) -> str:
        """Return a hash of everything that decides the results."""
        return content_key([spec.key, device.partition(":")[0]])

    def complete(self, spec: SweepSpec, device: str) -> xr.Dataset | None:
        """Return the results if they are there, None if there are none.

        Raises
        ------
        ConfigurationError
            If there are results, or unfinished work, of something else.
        """
        found = read_results(self.results)
        open_spec(self.partial)
        if found is not None and found.attrs["configuration"] != self.configuration(spec, device):
            raise ConfigurationError(
                f"{self.results} holds results of another configuration "
                f"({_difference(spec, found)}); choose another place, or pass --force to "
                "replace it"
            )
        return found

    def clear(self) -> None:
        """Remove the work in progress."""
        shutil.rmtree(self.partial, ignore_errors=True)
        parent = self.partial.parent
        if parent.is_dir() and all(one.name == ".lock" for one in parent.iterdir()):
            shutil.rmtree(parent, ignore_errors=True)

    def replace(self, aside: Path) -> None:
        """Put results, written aside, in place of any old ones and of the table made from those.

        Raises
        ------
        DiskError
            If they cannot be put there.
        """
        try:
            if self.results.parent == self.held and self.results.exists():
                self.results.with_suffix(".csv").unlink(missing_ok=True)
            aside.replace(self.results)
        except OSError as error:
            raise DiskError(
                f"cannot write {self.results} ({error.strerror}); choose another place"
            ) from error

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the place alone; a folder made for that which stays empty is removed.

        Raises
        ------
        ValueError
            If another process holds it.
        """
        made = not self.held.exists()
        try:
            with exclusive(self.held):
                yield
        finally:
            if made:
                with suppress(OSError):
                    self.held.rmdir()


def read_results(path: Path) -> xr.Dataset | None:
    """Return finished results, None if there are none.

    Raises
    ------
    ConfigurationError
        If the file is something else, or of another version.
    """
    if not path.exists():
        return None
    try:
        dataset = xr.load_dataset(path, engine="h5netcdf")
        schema = str(dataset.attrs.get("schema", "unknown"))
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ConfigurationError(
            f"{path} cannot be read as results; choose another place, or pass --force to replace it"
        ) from error
    if schema != SCHEMA:
        raise ConfigurationError(
            f"{path} is of schema {schema}, this version writes {SCHEMA}; choose another place, or "
            "pass --force to replace it"
        )
    return dataset


def _difference(spec: SweepSpec, found: xr.Dataset) -> str:
    theirs = json.loads(found.attrs["sweep"])
    ours = spec.to_dict()
    names = [
        name for name in ("recipe", "grid", "starts", "seed") if ours[name] != theirs.get(name)
    ]
    base = theirs.get("base", {})
    names += [name for name, value in ours["base"].items() if base.get(name) != value]
    return f"{', '.join(names)} differ" if names else "its device differs"


def device_for(name: str, executor: str) -> str:
    """Return the device to train on, ``auto`` resolved; nothing heavy is loaded for ``cpu``.

    Raises
    ------
    ValueError
        If it is not there, or workers elsewhere would each have to choose.
    """
    if name == "cpu":
        return name
    if executor == "local":
        return str(check_device(name))
    if name == "auto":
        raise ValueError(f"device auto may differ between the workers of {executor}; name one")
    return name


def counts(dataset: xr.Dataset) -> dict[str, int]:
    """Return the runs of finished results by what became of them."""
    statuses = dataset["status"].values
    done = int((statuses == DONE).sum())
    return {"total": statuses.size, "done": done, "failed": statuses.size - done, "running": 0}


def failures(dataset: xr.Dataset) -> dict[str, int]:
    """Return why runs failed, and how many for each reason."""
    found: dict[str, int] = {}
    for reason in dataset["reason"].values.ravel().tolist():
        if reason:
            found[reason] = found.get(reason, 0) + 1
    return found


def status_report(out: Path) -> dict[str, Any]:
    """Return how far the sweep in a folder has come; change nothing.

    Raises
    ------
    ValueError
        If there is no sweep.
    """
    place = Place.folder(out)
    found = open_spec(place.partial)
    if found is None:
        results = read_results(place.results)
        if results is None:
            raise ValueError(f"{out} holds no sweep; give the --out of antipode sweep")
        return {"schema": "antipode.sweep-status/1", "state": "complete", **counts(results)}
    spec, batches = found
    under_way = is_held(place.held)
    keys = read_json(place.partial / "running.json") if under_way else []
    ended = {path.stem for path in place.partial.glob("*.npz")}
    running = sum(len(b.runs) for b in batches if b.key in (keys or ()) and b.key not in ended)
    found_runs = tally(place.partial, batches)
    complete = sum(found_runs.values()) == spec.total and place.results.exists()
    state = "running" if under_way else "complete" if complete else "interrupted"
    return {
        "schema": "antipode.sweep-status/1",
        "state": state,
        "total": spec.total,
        **found_runs,
        "running": running,
    }


def write_csv(path: Path, dataset: xr.Dataset) -> None:
    """Write one row per run; masked values are empty."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows(dataset))
    text = buffer.getvalue()
    write_whole(path, lambda aside: aside.write_text(text, encoding="utf-8"))
