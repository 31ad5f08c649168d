"""One batch of runs: trained, evaluated, returned as plain arrays.

This is what a worker does, here or on another machine.  An error is an answer like any other, since
the other batches of a sweep have nothing to do with it; only a disk that cannot be written stops
everything.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..store import DiskError
from ..training.specs import Run
from .fresh import with_cached_kernels
from .shards import DONE, NONFINITE, failure

__all__ = ["PARAMETER", "compiling_file", "remove_notes", "steps_file", "train_batch"]

PARAMETER = "parameter_"
"""What the names of weights and biases begin with."""

_SECONDS = 2.0  # between notes of how far a batch has come
_REHEARSED = 3  # steps


def steps_file(checkpoint: Path) -> Path:
    """Return the file in which a batch notes its steps done."""
    return checkpoint.with_suffix(".steps")


def compiling_file(checkpoint: Path) -> Path:
    """Return the file that is there if kernels were compiled for a batch."""
    return checkpoint.with_suffix(".compiling")


def remove_notes(checkpoint: Path) -> None:
    """Remove what a batch kept while it ran."""
    for path in (checkpoint, steps_file(checkpoint), compiling_file(checkpoint)):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _noting(path: Path) -> Callable[[int, int], None]:
    last = monotonic()

    def note(done: int, total: int) -> None:
        nonlocal last
        if monotonic() - last > _SECONDS:
            last = monotonic()
            with suppress(OSError):  # a full disk is told where it matters
                path.write_text(f"{done / max(total, 1):.4f}", encoding="utf-8")

    return note


def train_batch(
    runs: Sequence[Run], checkpoint: Path, device: str = "cpu"
) -> dict[str, NDArray[Any]]:
    """Train runs and evaluate what they lose.

    Parameters
    ----------
    runs
        Which may be trained in one call.
    checkpoint
        A file for the state, used if its folder is there: a worker elsewhere may not see it.  It
        stays, until the result is safe (:func:`remove_notes`).
    device
        Where to train.

    Returns
    -------
    dict
        ``status`` and ``reason`` (R,); unless all failed ``loss`` and ``loss_error`` (R,),
        ``training_loss`` (R, records), ``record_steps``, ``evaluator`` and the parameters.

    Raises
    ------
    DiskError
        If the checkpoint cannot be written.
    """
    try:
        seen = checkpoint if checkpoint.parent.is_dir() else None
        found: dict[str, NDArray[Any]] = with_cached_kernels(_Training(runs, seen, device))
        return found
    except DiskError:
        raise
    except Exception as error:
        return failure(len(runs), f"{type(error).__name__}: {error}")


@dataclass(frozen=True, slots=True)
class _Training:
    """A batch as a task (:class:`numerics.sweeps.fresh.Task`)."""

    runs: Sequence[Run]
    checkpoint: Path | None
    device: str

    def rehearse(self) -> None:
        """Train a few steps of a run for every law, and evaluate."""
        kinds = {(run.spec.law, run.spec.amplitude): run for run in reversed(self.runs)}
        short = [
            replace(run, spec=replace(run.spec, steps=min(run.spec.steps, _REHEARSED), warm_up=0))
            for run in kinds.values()
        ]
        _trained(short, None, self.device)

    def compute(self) -> dict[str, NDArray[Any]]:
        """Train and evaluate, going on from the checkpoint."""
        return _trained(self.runs, self.checkpoint, self.device)

    def discard(self) -> None:
        """Remove the checkpoint, which other kernels wrote."""
        if self.checkpoint is not None:
            self.checkpoint.unlink(missing_ok=True)

    def compiling(self) -> None:
        """Leave a note, for the parent to tell."""
        if self.checkpoint is not None:
            with suppress(OSError):
                compiling_file(self.checkpoint).touch()


def _trained(runs: Sequence[Run], checkpoint: Path | None, device: str) -> dict[str, NDArray[Any]]:
    from ..training.engine import train_runs  # noqa: PLC0415  the parent of workers never needs it
    from ..training.losses import final_losses  # noqa: PLC0415

    report = None if checkpoint is None else _noting(steps_file(checkpoint))
    trained = train_runs(runs, device=device, checkpoint=checkpoint, report=report)
    good = [row for row, status in enumerate(trained.status) if status == DONE]
    loss, error = np.full(len(runs), np.inf), np.full(len(runs), np.inf)
    evaluator = ""
    if good:
        found = final_losses(
            [runs[row] for row in good], {k: v[good] for k, v in trained.parameters.items()}
        )
        loss[good], error[good] = found.loss, found.error
        evaluator = " ".join(sorted(set(found.evaluators)))
    finite = np.isfinite(loss) & np.isfinite(error)
    reached = np.isfinite(trained.training_loss).sum(1)
    reasons = [
        "" if finite[row] else _reason(row in good, reached[row], trained.record_steps)
        for row in range(len(runs))
    ]
    return {
        "status": np.where(finite, DONE, NONFINITE),
        "reason": np.array(reasons),
        "loss": loss,
        "loss_error": error,
        "training_loss": trained.training_loss,
        "record_steps": trained.record_steps,
        "evaluator": np.array(evaluator),
        **{PARAMETER + name: values for name, values in trained.parameters.items()},
    }


def _reason(ended: bool, reached: int, record_steps: NDArray[np.int64]) -> str:
    if ended:
        return "the loss of the trained model is not finite"
    last = int(record_steps[reached - 1]) if reached else 0
    return f"diverged after step {last}: a weight, bias or loss is not finite"
