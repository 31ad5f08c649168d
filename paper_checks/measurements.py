"""The stored measurements that claims are judged by without computing for hours.

``measurements.json`` holds what every experiment of :mod:`numerics.experiments` measured, with the
configuration it was measured in.  It is written by ``python -m paper_checks.documented FOLDER``.
"""

import json
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from numerics.experiments.results import load, measurements_of
from numerics.store import write_json

__all__ = ["STORED", "gather", "store_measurements", "stored_hash", "stored_measurements"]

STORED = Path(__file__).with_name("measurements.json")
SCHEMA = "antipode.measurements/1"
_KEPT = ("quality", "seed", "configuration", "git_commit", "version_torch", "version_numpy")


def gather(folder: Path) -> dict[str, Any]:
    """Return the measurements of a folder of ``antipode figures`` and how each was made.

    Raises
    ------
    ValueError
        If the folder holds no results, or a file cannot be read.
    """
    names = sorted(path.stem for path in (folder / "data").glob("*.nc"))
    if not names:
        raise ValueError(f"{folder} holds no results; make some with: antipode figures all")
    experiments = {}
    for name in names:
        dataset = load(folder, name)
        made = {key: dataset.attrs[key] for key in _KEPT}
        made["seed"] = int(made["seed"])
        experiments[name] = {**made, "measured": measurements_of(dataset)}
    return {"schema": SCHEMA, "experiments": experiments}


def store_measurements(folder: Path) -> None:
    """Keep the measurements of a folder, in the place of those that were kept."""
    write_json(STORED, gather(folder))
    _stored.cache_clear()


@cache
def _stored() -> Mapping[str, Any]:
    experiments: Mapping[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))["experiments"]
    return experiments


def stored_measurements() -> dict[str, Mapping[str, Any]]:
    """Return the stored measurements by experiment."""
    return {name: entry["measured"] for name, entry in _stored().items()}


def stored_hash() -> str:
    """Return a hash of the stored measurements."""
    return blake2b(STORED.read_bytes(), digest_size=16).hexdigest()
