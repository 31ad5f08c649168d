r"""The plane of the paper's phase diagrams (arXiv 2209.10652, figures F12 and F13) as a value.

Density p runs logarithmically from 1 down to 0.01 (rows), the relative importance r of the last
feature from 0.1 up to 10 (columns); all other importances are 1.  Distances in the plane are
Euclidean in :math:`(\log_{10} p, \log_{10} r)`.
"""

from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.problem import Problem, phase_plane
from theory.rationals import parse_number

from .plane_training import STEPS as TRAIN_STEPS
from .sampled_training import STEPS as SAMPLED_STEPS
from .seeds import content_key

__all__ = ["CASES", "PlaneSpec", "parse_grid"]

CASES = ((2, 1), (3, 2))
SCHEMA = "antipode.phase_diagram/1"

Array = NDArray[np.float64]


def parse_grid(text: str) -> tuple[int, int]:
    """Read ``41`` or ``41x61`` as (densities, importances)."""
    sides = text.lower().split("x")
    if len(sides) > 2 or not all(side.isdecimal() for side in sides):
        raise ValueError(
            f"grid {text!r} is not a size; write 41, or 41x61 for densities x importances"
        )
    return int(sides[0]), int(sides[-1])


@dataclass(frozen=True)
class PlaneSpec:
    """One phase diagram: what is computed, and nothing about how or where.

    Parameters
    ----------
    features, hidden
        (2, 1) or (3, 2).
    density_cells, importance_cells
        Size of the grid.
    starts
        Models trained on the exact loss per cell; the optimum search has at least as many random
        starts.
    sampled_starts
        Models trained on samples per sampled cell; 0 leaves that panel out.
    sampled_side
        The sampled cells are a lattice of at most this many rows and columns of the grid.
    train_steps, sampled_steps
        Optimiser steps on the exact loss and on samples.
    cut
        Importance at which the candidates' losses are drawn against density.
    seed
        Root of all random numbers.
    """

    features: int
    hidden: int
    density_cells: int = 41
    importance_cells: int = 41
    starts: int = 10
    sampled_starts: int = 1
    sampled_side: int = 13
    train_steps: int = TRAIN_STEPS
    sampled_steps: int = SAMPLED_STEPS
    cut: str = "3/10"
    seed: int = 0

    def __post_init__(self) -> None:
        if (self.features, self.hidden) not in CASES:
            raise ValueError(
                f"no phase diagram for {self.features} features in {self.hidden} hidden "
                "dimensions; give 2,1 or 3,2"
            )
        least = {
            "density_cells": 2,
            "importance_cells": 2,
            "starts": 2,
            "sampled_starts": 0,
            "sampled_side": 2,
            "train_steps": 1,
            "sampled_steps": 1,
        }
        cut = parse_number(str(self.cut))
        if not Fraction(1, 1000) <= cut <= 1000:
            raise ValueError(
                f"cut {self.cut} is outside [0.001, 1000]; give an importance of the last feature"
            )
        object.__setattr__(self, "cut", str(cut))
        for name, low in least.items():
            if getattr(self, name) < low:
                label = name.replace("_cells", " cells of the grid").replace("_", " ")
                raise ValueError(f"{label}: {getattr(self, name)} is too few; give at least {low}")

    @property
    def case(self) -> str:
        """The case as the command line writes it, ``2,1``."""
        return f"{self.features},{self.hidden}"

    @property
    def stem(self) -> str:
        """The case in file names, ``2_1``."""
        return f"{self.features}_{self.hidden}"

    @property
    def key(self) -> str:
        """Hash of everything that decides the results."""
        return content_key([SCHEMA, asdict(self)])

    @cached_property
    def density(self) -> Array:
        """Densities of the rows, from 1 to 0.01."""
        return 10.0 ** np.linspace(0, -2, self.density_cells)

    @cached_property
    def importance(self) -> Array:
        """Importances of the columns, from 0.1 to 10."""
        return 10.0 ** np.linspace(-1, 1, self.importance_cells)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.density_cells, self.importance_cells

    def problem(self, row: int, column: int) -> Problem:
        """Return the problem of one cell."""
        return self.at(self.density[row], self.importance[column])

    def at(self, p: Any, r: Any) -> Problem:
        """Return the problem at a point of the plane."""
        return phase_plane(self.features, self.hidden, p, r)

    @cached_property
    def sampled_cells(self) -> list[tuple[int, int]]:
        """Cells trained on samples: a lattice spread over the grid, corners included."""
        rows, columns = (
            sorted({round(k) for k in np.linspace(0, size - 1, min(size, self.sampled_side))})
            for size in self.shape
        )
        return [(i, j) for i in rows for j in columns]
