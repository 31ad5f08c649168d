"""A sweep as a value: a recipe, the axes of a grid, starts and a seed.

Its runs are fixed by it alone: one :class:`~numerics.training.specs.Run` per cell of the grid and
start, cells in the order of the axes (the last varies fastest), the starts of a cell together.
Density always spans an axis, of one value if need be.  The key of a sweep is a hash of everything
that decides its numbers; how many workers there are, and which, is no part of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

from ..seeds import content_key
from ..training.parameters import parameter_count
from ..training.specs import Run, RunSpec
from .values import FIELDS, SIZES, nearest, shown_value

__all__ = ["SCHEMA", "Axis", "SweepSpec"]

SCHEMA = "antipode.sweep/1"
_MOST_RUNS = 1_000_000
_MOST_NUMBERS = 5e8  # of all results, and of a batch of samples: some gigabytes
_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a grid: a field of a run and the values it takes, each once."""

    name: str
    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if self.name in SIZES:
            raise ValueError(
                f"{self.name} cannot span an axis, since it changes the shape of the weights; "
                f"make one sweep per size, with {self.name} in [set]"
            )
        if self.name not in FIELDS:
            raise ValueError(f"{self.name!r} is no field of a run; {nearest(self.name, [*FIELDS])}")
        if not self.values:
            raise ValueError(f"axis {self.name} has no values; give at least one, or leave it out")
        seen = set()
        for value in self.values:
            if value in seen:
                raise ValueError(f"axis {self.name} has {shown_value(value)!r} twice; give it once")
            seen.add(value)

    def labels(self) -> list[Any]:
        """Return a label per value: numbers if all are, otherwise text."""
        labels = [shown_value(value) for value in self.values]
        return [str(one) for one in labels] if any(isinstance(x, str) for x in labels) else labels


@dataclass(frozen=True, slots=True)
class SweepSpec:
    """A grid of training runs.

    Parameters
    ----------
    recipe
        The name the constants came from; they are all in ``base``.
    base
        The run of the first cell.
    axes
        Density among them.
    starts
        Runs per cell, ≥ 1.
    seed
        Root of all random numbers.

    Raises
    ------
    ValueError
        If a cell is no possible run, cells differ in the shape of their weights, or there are
        more than a million runs.
    """

    recipe: str
    base: RunSpec
    axes: tuple[Axis, ...]
    starts: int
    seed: int

    def __post_init__(self) -> None:
        names = [axis.name for axis in self.axes]
        if len(set(names)) != len(names):
            raise ValueError(f"an axis is given twice ({', '.join(names)}); give it once")
        if "density" not in names:
            raise ValueError(f"no axis is density ({', '.join(names)}); give one, of one value")
        if self.starts < 1:
            raise ValueError(f"starts {self.starts} is below 1; give at least one start per cell")
        if not 0 <= self.seed <= _LARGEST_SEED:
            raise ValueError(f"seed {self.seed} is outside [0, {_LARGEST_SEED}]; give one inside")
        if self.total > _MOST_RUNS:
            raise ValueError(
                f"the grid has {self.total} runs and {_MOST_RUNS} are the most; make it smaller, "
                "or several sweeps"
            )
        _check_size(self.base, self.total)
        cells = self.cells()
        object.__setattr__(self, "base", cells[0])
        for cell in cells:
            if _shapes(cell) != _shapes(self.base):
                raise ValueError(
                    "the cells of the grid differ in the shape of their weights (model, target "
                    "or features); make one sweep per shape"
                )

    @property
    def shape(self) -> tuple[int, ...]:
        """Cells along each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def total(self) -> int:
        """Runs in all."""
        return prod(self.shape) * self.starts

    def axis(self, name: str) -> Axis | None:
        """Return the axis of a field, None if it spans none."""
        return next((axis for axis in self.axes if axis.name == name), None)

    def cells(self) -> list[RunSpec]:
        """Return the run of each cell, in the order of the grid."""
        names = [axis.name for axis in self.axes]
        values = product(*(axis.values for axis in self.axes))
        return [replace(self.base, **dict(zip(names, cell, strict=True))) for cell in values]

    def runs(self) -> list[Run]:
        """Return every run, the starts of a cell together."""
        starts = range(self.starts)
        return [Run(cell, start, self.seed) for cell in self.cells() for start in starts]

    @property
    def key(self) -> str:
        """A hash of everything that decides the results."""
        return content_key([SCHEMA, self.to_dict()])

    def to_dict(self) -> dict[str, Any]:
        """Return the sweep as JSON values."""
        grid = {
            axis.name: [list(v) if isinstance(v, tuple) else v for v in axis.values]
            for axis in self.axes
        }
        return {
            "recipe": self.recipe,
            "base": self.base.to_dict(),
            "grid": [[name, values] for name, values in grid.items()],  # order decides the layout
            "starts": self.starts,
            "seed": self.seed,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "SweepSpec":
        """Return the sweep that :meth:`to_dict` wrote.

        Raises
        ------
        ValueError
            If ``values`` is no sweep of this version.
        """
        try:
            axes = tuple(
                Axis(name, tuple(tuple(v) if isinstance(v, list) else v for v in entries))
                for name, entries in values["grid"]
            )
            base = RunSpec.from_dict(values["base"])
            return cls(str(values["recipe"]), base, axes, values["starts"], values["seed"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no sweep of this version ({error}); make it anew") from error


def _check_size(base: RunSpec, runs: int) -> None:
    """Refuse a sweep whose results or whose batches of samples take gigabytes."""
    n, m, outputs = base.n_features, base.d_hidden, base.outputs
    weights = parameter_count(base)
    if runs * weights > _MOST_NUMBERS:
        raise ValueError(
            f"{runs} runs of {weights} parameters take {4e-9 * runs * weights:.3g} GB; make "
            "several sweeps, or smaller models"
        )
    if base.batch_size * (n + outputs + 2 * m) > _MOST_NUMBERS:
        raise ValueError(
            f"batch_size {base.batch_size} with {n} features takes "
            f"{4e-9 * base.batch_size * (n + outputs + 2 * m):.3g} GB a step; give a smaller one"
        )


def _shapes(spec: RunSpec) -> tuple[bool, int, int]:
    return spec.model == "two-layer", spec.outputs, spec.d_hidden
