"""The states of a batch of runs under way, and the file they are kept in between chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..array_files import read_arrays, write_arrays
from .initialisations import initial_weights
from .optimizers import State
from .parameters import parameter_count, views
from .specs import Run

__all__ = ["Work"]

Array = NDArray[Any]


@dataclass(slots=True)
class Work:
    """The states of a batch of runs.

    Attributes
    ----------
    theta, m, v
        Parameters and the optimiser's memory, (R, d); of failed runs, of their last finite chunk.
    loss
        Sums of the batches' losses over the steps of each record (R, records).
    steps, failed
        Steps taken (R,), and whether a run met numbers that are not finite (R,).
    """

    theta: Array
    m: Array
    v: Array
    loss: Array
    steps: Array
    failed: Array

    @classmethod
    def begin(cls, runs: Sequence[Run], records: int) -> "Work":
        """Return the initial weights."""
        spec = runs[0].spec
        kind = np.float64 if spec.objective == "exact" else np.float32
        size = (len(runs), parameter_count(spec))
        work = cls(
            theta=np.zeros(size, kind),
            m=np.zeros(size, kind),
            v=np.zeros(size, kind),
            loss=np.zeros((len(runs), records)),
            steps=np.zeros(len(runs), np.int64),
            failed=np.zeros(len(runs), bool),
        )
        for row, run in enumerate(runs):
            parameters = views(spec, work.theta[row])
            for name, value in initial_weights(run).items():
                parameters[name][...] = value
        return work

    def state(self, row: int) -> State:
        """Return a copy of a run's state to take steps with."""
        state = State.zeros(self.theta.shape[1], self.theta.dtype)
        for vector, rows in zip(state.vectors(), (self.theta, self.m, self.v), strict=True):
            vector[:] = rows[row]
        return state

    def keep(self, row: int, state: State, losses: Array, ends: NDArray[np.int64]) -> None:
        """Take over a run's state after the steps that had some losses."""
        for vector, rows in zip(state.vectors(), (self.theta, self.m, self.v), strict=True):
            rows[row] = vector
        first = int(self.steps[row])
        self.steps[row] = first + len(losses)
        records = np.searchsorted(ends, np.arange(first, self.steps[row]), side="right")
        np.add.at(self.loss[row], records, losses)

    def arrays(self) -> dict[str, Array]:
        """Return what a checkpoint holds."""
        names = ("theta", "m", "v", "loss", "steps", "failed")
        return {name: getattr(self, name) for name in names}

    def save(self, path: Path, key: str) -> None:
        """Write a checkpoint, whole or not at all."""
        write_arrays(path, {"key": np.array(key), **self.arrays()})

    def load(self, path: Path, key: str) -> None:
        """Go on from a checkpoint of the same runs; any other file is ignored."""
        try:
            found = read_arrays(path)
        except (OSError, ValueError):
            return
        own = self.arrays()
        same = all(
            name in found and found[name].shape == a.shape and found[name].dtype == a.dtype
            for name, a in own.items()
        )
        if same and str(found.get("key")) == key:
            for name, array in own.items():
                array[...] = found[name]
