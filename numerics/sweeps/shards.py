"""Finished batches on disk, one file each, whole or not at all.

A file that was cut off or changed is known before it is read (:mod:`numerics.array_files`), told,
and computed again.  Names are hashes of the
runs (:mod:`numerics.sweeps.batches`).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..array_files import read_arrays
from ..partial_work import PartialWork
from ..store import write_json
from .batches import Batch, split
from .specification import SCHEMA, SweepSpec

__all__ = [
    "DONE",
    "FAILED",
    "NONFINITE",
    "Shards",
    "failure",
    "open_spec",
    "read_json",
    "tally",
]

DONE, NONFINITE, FAILED = "done", "nonfinite", "failed"

Arrays = Mapping[str, NDArray[Any]]


def failure(runs: int, reason: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a batch of which nothing came but a reason."""
    return {
        "status": np.full(runs, FAILED),
        "reason": np.full(runs, " ".join(reason.split())),
    }


class Shards(PartialWork):
    """The finished batches of one sweep, in ``folder``.

    ``tell`` is called with a sentence when a damaged file is discarded.
    """

    def __init__(
        self,
        folder: Path,
        configuration: str,
        *,
        force: bool = False,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        held = (folder / "configuration").is_file()
        super().__init__(folder, configuration, force=force)
        self.tell = tell
        if held and not folder.exists():
            tell(f"{folder} held unfinished work of other options or other code; it begins anew")

    def begin_sweep(self, spec: SweepSpec, device: str) -> None:
        """Make the folder, and say in it what is being computed."""
        self.begin()
        sweep = {"schema": SCHEMA, "device": device, "sweep": spec.to_dict()}
        if read_json(self.folder / "sweep.json") != sweep:
            write_json(self.folder / "sweep.json", sweep)

    def checkpoint(self, key: str) -> Path:
        """Return the file in which a batch keeps its state while it runs."""
        return self.folder / f"{key}.checkpoint"

    def has(self, key: str) -> bool:
        """Tell whether a batch is finished and whole; a damaged one is told and discarded."""
        there = key not in self._whole and self.path(key).is_file()
        found = super().has(key)
        if there and not found:
            self.tell(f"{self.path(key)} was damaged; its runs are computed again")
        return found

    def discard(self, key: str) -> None:
        """Forget a finished batch."""
        self.path(key).unlink(missing_ok=True)
        self._whole.discard(key)

    def write_running(self, batches: Iterable[Batch]) -> None:
        """Say which batches are being computed."""
        write_json(self.folder / "running.json", [batch.key for batch in batches])


def tally(folder: Path, batches: Iterable[Batch]) -> dict[str, int]:
    """Count the runs in a folder that are done and that failed; change nothing."""
    statuses: list[str] = []
    for batch in batches:
        with suppress(OSError, ValueError):
            statuses += read_arrays(folder / f"{batch.key}.npz")["status"].tolist()
    done = statuses.count(DONE)
    return {"done": done, "failed": len(statuses) - done}


def read_json(path: Path) -> Any:
    """Return what a JSON file holds, None if there is none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def open_spec(folder: Path) -> tuple[SweepSpec, list[Batch]] | None:
    """Return the sweep that a folder holds unfinished work of, and its batches.

    Raises
    ------
    ValueError
        If it is of another version.
    """
    if not folder.is_dir():
        return None
    found = read_json(folder / "sweep.json")
    if found is None:
        return None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise ValueError(
            f"{folder} holds work of another version ({_schema(found)}, this one is {SCHEMA}); "
            "choose another folder, or pass --force"
        )
    spec = SweepSpec.from_dict(found["sweep"])
    return spec, split(spec, str(found.get("device", "cpu")))


def _schema(found: Any) -> str:
    return str(found.get("schema", "unknown")) if isinstance(found, dict) else "unknown"
