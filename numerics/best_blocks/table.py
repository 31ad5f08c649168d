"""Best blocks by size and density, as a table in memory and on disk.

A file holds, for each size and for each shape that was held rigid, the densities as decimals, the
models (W and b), their losses, hits, starts and statuses; plain arrays with a hash
(:mod:`numerics.array_files`).  The one beside this
module, :data:`STORED`, is what ``antipode atlas`` makes by default.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ..array_files import read_arrays, write_arrays
from .search import Block

__all__ = [
    "STORED",
    "Size",
    "Table",
    "from_arrays",
    "read_table",
    "stored_table",
    "to_arrays",
    "write_table",
]

Size = tuple[int, int]
"""Features k and dimensions d."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Blocks by falling density.

    Attributes
    ----------
    best
        The best blocks of each size.
    rigid
        Shapes of the catalogue held rigid (:mod:`numerics.best_blocks.rigid_shapes`), by key.
    configuration
        A hash of what it was made of.
    """

    best: dict[Size, list[Block]]
    rigid: dict[str, list[Block]]
    configuration: str = ""


_CONFIGURATION = "configuration"
STORED = Path(__file__).with_name("block_atlas.npz")


def to_arrays(blocks: Iterable[Block]) -> dict[str, Any]:
    """Return blocks of one size as arrays."""
    blocks = list(blocks)
    return {
        "density": np.array([str(one.density) for one in blocks]),
        "W": np.array([one.W for one in blocks]),
        "b": np.array([one.b for one in blocks]),
        "loss": np.array([one.loss for one in blocks]),
        "hits": np.array([one.hits for one in blocks]),
        "starts": np.array([one.starts for one in blocks]),
        "status": np.array([one.status for one in blocks]),
    }


def from_arrays(arrays: Mapping[str, Any]) -> list[Block]:
    """Return the blocks of one size that arrays hold."""
    return [
        Block(Fraction(str(p)), W, b, float(loss), int(hits), int(starts), str(status))
        for p, W, b, loss, hits, starts, status in zip(
            *(arrays[name] for name in ("density", "W", "b", "loss", "hits", "starts", "status")),
            strict=True,
        )
    ]


def write_table(path: Path, table: Table) -> None:
    """Write a table.

    Raises
    ------
    DiskError
        If the file cannot be written.
    """
    named = {f"{k},{d}": blocks for (k, d), blocks in sorted(table.best.items())}
    parts = {
        f"{what}/{name}": array
        for what, blocks in {**named, **table.rigid}.items()
        for name, array in to_arrays(blocks).items()
    }
    write_arrays(path, {**parts, _CONFIGURATION: np.array(table.configuration)})


def read_table(path: Path) -> Table:
    """Read a table.

    Raises
    ------
    ValueError
        If the file cannot be read or is not as it was written.
    """
    try:
        parts = read_arrays(path)
    except OSError as error:
        raise ValueError(
            f"cannot read {path} ({error.strerror or error}); give an atlas"
        ) from error
    configuration = str(parts.pop(_CONFIGURATION, ""))
    arrays: dict[str, dict[str, Any]] = {}
    for key, array in parts.items():
        what, name = key.split("/")
        arrays.setdefault(what, {})[name] = array
    table = Table({}, {}, configuration)
    for what, own in arrays.items():
        k, comma, d = what.partition(",")
        if comma:
            table.best[int(k), int(d)] = from_arrays(own)
        else:
            table.rigid[what] = from_arrays(own)
    return table


@cache
def stored_table() -> Table:
    """Return the table that comes with this package; not to be changed."""
    return read_table(STORED)
