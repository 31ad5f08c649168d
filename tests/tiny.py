"""Phase diagrams small enough for tests, each computed once per run."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from numerics.partial_work import PartialWork
from numerics.phase_diagram import Outcome, compute
from numerics.plane import PlaneSpec

__all__ = ["THREE", "TWO", "outcome", "parts", "spec"]


def spec(n: int = 2, m: int = 1, rows: int = 5, columns: int = 5, **options: Any) -> PlaneSpec:
    """Return a phase diagram of a few cells, a few starts and a few steps."""
    few: dict[str, Any] = {"starts": 3, "train_steps": 60, "sampled_steps": 20, "sampled_side": 2}
    return PlaneSpec(n, m, density_cells=rows, importance_cells=columns, **{**few, **options})


TWO = spec(2, 1, rows=5, columns=5)
THREE = spec(3, 2, rows=3, columns=3)


@cache
def _computed(of: PlaneSpec) -> tuple[Outcome, dict[str, Any]]:
    with TemporaryDirectory() as folder:
        found = compute([of], Path(folder), jobs=1)[0]
        work = PartialWork(Path(folder) / ".partial" / of.stem, of.key)

        def joined(name: str) -> dict[str, Any]:
            units = sorted(
                work.folder.glob(f"{name}-*.npz"), key=lambda path: int(path.stem.split("-")[-1])
            )
            loaded = [work.load(path.stem) for path in units]
            return {
                key: np.concatenate([one[key] for one in loaded])
                for key in (loaded[0] if loaded else ())
                if key != "seconds"
            }

        return found, {
            "refined": work.load("refined"),
            "trained": joined("trained"),
            "sampled": [joined(f"sampled-{k}") for k in range(of.sampled_starts)],
            "families": joined("families") or None,
        }


def outcome(of: PlaneSpec) -> Outcome:
    """Return the finished results of a spec; do not change them."""
    return _computed(of)[0]


def parts(of: PlaneSpec) -> dict[str, Any]:
    """Return what the units of a spec found, before it was judged; do not change it."""
    return _computed(of)[1]
