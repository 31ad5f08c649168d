"""Training as units of an experiment: many runs, a few to a unit, put together again."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..training.engine import train_runs
from ..training.specs import Run, RunSpec
from .work import Arrays, Work

__all__ = ["train"]


def _train_unit(values: Sequence[tuple[dict[str, Any], int, int]]) -> Arrays:
    runs = [Run(RunSpec.from_dict(spec), start, seed) for spec, start, seed in values]
    found = train_runs(runs)
    return {
        **found.parameters,
        "training_loss": found.training_loss,
        "record_steps": np.broadcast_to(
            found.record_steps, (len(runs), found.record_steps.size)
        ).copy(),
        "status": np.array(found.status),
    }


def train(work: Work, stage: str, runs: Sequence[Run], runs_per_unit: int = 1) -> Arrays:
    """Train runs of one shape and return their arrays, with the runs as the leading axis.

    Parameters
    ----------
    work, stage
        As in :meth:`~numerics.experiments.work.Work.map`.
    runs
        Which share what shapes tensors and steps (:func:`numerics.training.engine.train_runs`).
    runs_per_unit
        How many of them make a unit: some seconds to a minute of work each are best.

    Returns
    -------
    dict
        ``W`` (R, m, n), or ``W_in`` and ``W_out``; ``b`` (R, outputs); ``training_loss`` (R,
        records); ``record_steps`` (R, records); ``status`` (R,).
    """
    values = [(run.spec.to_dict(), run.start, run.seed) for run in runs]
    units = [
        (values[first : first + runs_per_unit],) for first in range(0, len(values), runs_per_unit)
    ]
    parts = work.map(stage, _train_unit, units)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
