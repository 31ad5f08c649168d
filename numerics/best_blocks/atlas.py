r"""The atlas of best blocks: every size, over the densities from 1 to 1/1000.

Sizes are searched apart, each at all its densities (:mod:`numerics.best_blocks.search`), in any
number of processes; finished ones are kept and gone on from.  Then they are compared with each
other: two blocks side by side, with further features dropped, are a block of a larger size, so

.. math:: L(k, d) \le L(k_1, d_1) + L(k_2, d_2) + (k - k_1 - k_2)\,V,
    \qquad k_1 + k_2 \le k,\; d_1 + d_2 = d.

Where the search missed this, the pair is put in place and descended from.

All sizes up to 16 features in 4 dimensions are there at all densities.  In more dimensions there
are simplices and, down to a density, sizes with so many features (four a dimension and more) that
the best block of that dimension leaves some of them dropped.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ..executors import Unit, run_units
from ..partial_work import PartialWork
from ..progress import Report
from ..seeds import content_key
from ..store import ConfigurationError
from .rigid_shapes import rigid_shapes, whole_shapes
from .search import Block, Guess, improved, search_blocks
from .table import Size, Table, from_arrays, read_table, to_arrays, write_table

__all__ = ["DENSITIES", "SIZES", "AtlasSpec", "compared", "make_atlas"]

_TIE = 1e-9  # of k V


def _decimals(exponents: Sequence[float]) -> tuple[str, ...]:
    return tuple(f"{10**-e:.4g}" for e in exponents)


DENSITIES = _decimals([*(i / 20 for i in range(21)), *(i / 10 for i in range(11, 31))])
"""Twenty a decade from 1 to 1/10, ten a decade from there to 1/1000, as decimals."""

SIZES: Mapping[Size, float] = {
    **{(k, d): 1e-3 for d in range(1, 5) for k in range(d + 1, 17)},
    **{(d + 1, d): 1e-3 for d in range(5, 9)},
    **{(24, 5): 1e-2, (32, 6): 1e-2},
    **{(4 * d, d): 0.099 for d in (7, 8)},
}
"""The sizes (k, d) of the atlas, and the least density of each."""


@dataclass(frozen=True, slots=True)
class AtlasSpec:
    """What an atlas is made of.

    Attributes
    ----------
    sizes
        Features, dimensions and least density of each size.
    shapes
        Keys of the catalogue, to be held rigid.
    densities
        Decimals, falling.
    starts
        Random starts of each size and density, and structured ones at most.
    seed
        Root of the random starts.
    """

    sizes: tuple[tuple[int, int, float], ...] = tuple((k, d, p) for (k, d), p in SIZES.items())
    shapes: tuple[str, ...] = field(default_factory=whole_shapes)
    densities: tuple[str, ...] = DENSITIES
    starts: int = 8
    seed: int = 0

    def of_size(self, least: float) -> list[Fraction]:
        """Return the densities from a least one on."""
        return [Fraction(p) for p in self.densities if float(p) >= least]


def _search(
    k: int, d: int, densities: Sequence[Fraction], starts: int, seed: int
) -> dict[str, Any]:
    return to_arrays(search_blocks(k, d, densities, starts=starts, seed=seed))


def _hold(key: str, densities: Sequence[Fraction]) -> dict[str, Any]:
    return to_arrays(rigid_shapes(key, densities))


def _side_by_side(one: Block, other: Block | None, k: int) -> Guess:
    """Return two blocks in dimensions of their own, the features that are left over dropped."""
    parts = [one] if other is None else [one, other]
    d = sum(part.d for part in parts)
    W, b = np.zeros((1, d, k)), np.full((1, k), float(one.density) / 2)
    row = column = 0
    for part in parts:
        W[0, row : row + part.d, column : column + part.k] = part.W
        b[0, column : column + part.k] = part.b
        row, column = row + part.d, column + part.k
    return W, b


def _best_pair(block: Block, smaller: Mapping[Size, Block]) -> Guess | None:
    """Return the pair of smaller blocks whose loss is least, if it is below that of the block."""
    V, found = block.variance, None
    least = block.loss - _TIE * block.k * V
    for (k1, d1), one in smaller.items():
        rest = block.k - k1
        if d1 == block.d and rest > 0 and one.loss + rest * V < least:
            least, found = one.loss + rest * V, _side_by_side(one, None, block.k)
        for (k2, d2), other in smaller.items():
            left = rest - k2
            if d1 <= d2 and d1 + d2 == block.d and left >= 0:
                loss = one.loss + other.loss + left * V
                if loss < least:
                    least, found = loss, _side_by_side(one, other, block.k)
    return found


def compared(best: Mapping[Size, list[Block]]) -> dict[Size, list[Block]]:
    """Return best blocks with pairs of smaller ones put where they are better; see above."""
    at: dict[Fraction, dict[Size, Block]] = {}
    for size in sorted(best, key=lambda size: (size[1], size[0])):
        for block in best[size]:
            smaller = at.setdefault(block.density, {})
            pair = _best_pair(block, smaller)
            smaller[size] = block if pair is None else improved([block], [pair])[0]
    return {size: [at[one.density][size] for one in blocks] for size, blocks in best.items()}


def _complete(path: Path, key: str) -> Table:
    """Return the atlas that is there, if it is this one."""
    table = read_table(path)
    if table.configuration != key:
        raise ConfigurationError(
            f"{path} is another atlas; choose another file, or pass --force to replace it"
        )
    return table


def make_atlas(
    spec: AtlasSpec,
    out: Path,
    *,
    jobs: int = 1,
    force: bool = False,
    progress: Report = lambda done, total, text: None,
    tell: Callable[[str], None] = lambda text: None,
) -> Table:
    """Make an atlas and write it, resuming what is in the folder ``.OUT.partial``.

    If the same atlas is there already it is returned.

    Parameters
    ----------
    spec
        What it is made of.
    out
        The file to write.
    jobs
        Worker processes; the result does not depend on it.
    force
        Make it anew; discard unfinished work of another specification.
    progress
        Called with (units done, units in all, the size k,d or shape that ended).
    tell
        Called with what there is to say besides.

    Raises
    ------
    ConfigurationError
        If another atlas, or its unfinished work, is there and ``force`` is not given.
    DiskError
        If a file cannot be written.
    """
    key = content_key(asdict(spec))
    if out.is_dir():
        raise ValueError(f"{out} is a folder; give the file to write")
    if out.exists() and not force:
        found = _complete(out, key)
        tell(f"{out} is up to date")
        return found
    work = PartialWork(out.with_name(f".{out.name}.partial"), key, force=force)
    work.begin()
    searches = [
        Unit(f"{k},{d}", _search, (k, d, spec.of_size(least), spec.starts, spec.seed))
        for k, d, least in sorted(spec.sizes, key=lambda size: -(size[0] ** 2) * size[1])
    ]
    units = [*searches, *(Unit(key, _hold, (key, spec.of_size(0.0))) for key in spec.shapes)]
    missing = [unit for unit in units if not work.has(unit.key)]
    done = len(units) - len(missing)
    progress(done, len(units), "resumed" if done else "started")

    def keep(name: str, arrays: dict[str, Any], seconds: float) -> list[Unit]:
        nonlocal done
        work.save(name, arrays)
        done += 1
        progress(done, len(units), name)
        return []

    if missing:
        run_units(missing, min(jobs, len(missing)), keep)
    table = Table(
        compared({(k, d): from_arrays(work.load(f"{k},{d}")) for k, d, _ in spec.sizes}),
        {shape: from_arrays(work.load(shape)) for shape in spec.shapes},
        key,
    )
    write_table(out, table)
    shutil.rmtree(work.folder)
    return table
