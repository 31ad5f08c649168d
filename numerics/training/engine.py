"""Training a batch of runs: each its own problem, in chunks, resumable, the same wherever it runs.

A run's random numbers are a function of the run and the chunk of :data:`CHUNK` steps they belong
to, so a run interrupted between chunks goes on with the very numbers it would have had, and a
result depends neither on the runs beside it nor on where and when it was computed (on one machine:
matrix products of another processor may round differently).

Sampled runs are trained one after the other in float32, each in the cache
(:mod:`numerics.training.steps`); runs on the exact loss go in step, in float64
(:mod:`numerics.training.exact_steps`).  Adam's ``epsilon`` sees the gradient of the loss as
``reduction`` says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..devices import check_device
from ..seeds import content_key
from ..threads import one_thread
from .exact_steps import ExactSteps, rows_by_law
from .parameters import views
from .samplers import Sampler
from .schedules import learning_rates
from .specs import Run
from .steps import sampled_steps
from .tensor_steps import TensorSteps
from .work import Work

__all__ = ["CHUNK", "TrainedRuns", "check_compatible", "train_runs"]

CHUNK = 100  # steps whose random numbers come from one generator
_RECORDS = 100  # of the training loss, at most
_SECONDS = 5.0  # between checkpoints
_MAY_DIFFER = {
    "density",
    "importance",
    "law",
    "amplitude",
    "initialisation",
    "init_instances",
    "init_scale",
    "learning_rate",
    "weight_decay",
}

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TrainedRuns:
    """Runs after training, in the order they were given.

    Attributes
    ----------
    parameters
        ``W`` (R, m, n), or ``W_in`` and ``W_out``, and ``b`` (R, outputs); of a run that failed,
        those of the last chunk that was finite.
    training_loss
        Means of the batches' losses Σ_i I_i (x_i − x'_i)² over the steps of each record, (R,
        records); of exact runs, of the population losses.  Infinite where not finite.
    record_steps
        The step each record ends at, (records,).
    status
        ``done`` or ``nonfinite`` per run.
    """

    parameters: dict[str, Array]
    training_loss: NDArray[np.float64]
    record_steps: NDArray[np.int64]
    status: list[str]


def check_compatible(runs: Sequence[Run]) -> None:
    """Refuse runs that cannot be trained in one call.

    Raises
    ------
    ValueError
        If there are none, or two differ in what shapes tensors or steps.
    """
    if not runs:
        raise ValueError("no runs to train; give at least one")
    first = runs[0].spec.to_dict()
    for run in runs:
        for name, value in run.spec.to_dict().items():
            if name not in _MAY_DIFFER and value != first[name]:
                raise ValueError(
                    f"runs differ in {name} ({first[name]} and {value}); train them apart"
                )


def _record_ends(steps: int) -> NDArray[np.int64]:
    count = min(steps, _RECORDS)
    return (np.arange(1, count + 1) * steps) // max(count, 1)


def train_runs(
    runs: Sequence[Run],
    *,
    device: str = "cpu",
    checkpoint: Path | None = None,
    report: Callable[[int, int], None] | None = None,
) -> TrainedRuns:
    """Train every run.

    Parameters
    ----------
    runs
        Which share what shapes tensors and steps; densities, importances, laws, initial weights,
        learning rates, decays, starts and seeds may differ.
    device
        Where sampled runs are trained.  Elsewhere than on ``cpu`` they are trained together as
        plain tensors (:mod:`numerics.training.tensor_steps`) with random numbers of that device.
    checkpoint
        A file in which the state is kept between chunks, every few seconds; training goes on from
        it if it is of the same runs, with the same result bit for bit.  It stays at the end, for
        who keeps the result to remove.
    report
        Called with the steps done and to do, of all runs together.

    Raises
    ------
    ValueError
        If the runs do not go together or a checkpoint cannot be written.
    """
    check_compatible(runs)
    where = check_device(device)
    spec = runs[0].spec
    ends = _record_ends(spec.steps)
    work = Work.begin(runs, len(ends))
    saved = monotonic()
    key = content_key([where.type, [run.key for run in runs]])
    if checkpoint is not None:
        work.load(checkpoint, key)

    def tell() -> None:
        nonlocal saved
        if report is not None:
            done = np.where(work.failed, spec.steps, work.steps).sum()
            report(int(done), spec.steps * len(runs))
        if checkpoint is not None and monotonic() - saved > _SECONDS:
            work.save(checkpoint, key)
            saved = monotonic()

    with one_thread():
        if spec.objective == "exact":
            _train_exact(runs, work, ends, tell)
        elif where.type != "cpu":
            for rows in rows_by_law(runs):
                _train_tensors([runs[row] for row in rows], rows, work, ends, where, tell)
        else:
            for row, run in enumerate(runs):
                _train_sampled(run, row, work, ends, tell)
    counts = np.diff(ends, prepend=0)
    loss = np.where(np.isfinite(work.loss), work.loss / counts, np.inf)
    loss[work.failed] = np.where(
        ends[None] > work.steps[work.failed, None], np.inf, loss[work.failed]
    )
    return TrainedRuns(
        parameters=views(spec, work.theta),
        training_loss=loss,
        record_steps=ends,
        status=["nonfinite" if failed else "done" for failed in work.failed.tolist()],
    )


def _train_sampled(
    run: Run, row: int, work: Work, ends: NDArray[np.int64], tell: Callable[[], None]
) -> None:
    spec = run.spec
    if work.failed[row] or work.steps[row] == spec.steps:
        return
    rates = learning_rates(spec)
    sampler = Sampler(spec.data, spec.density, spec.n_features, spec.batch_size, run.data_key)
    steps = sampled_steps(spec)
    state = work.state(row)
    while work.steps[row] < spec.steps:
        first = int(work.steps[row])
        last = min(spec.steps, first + CHUNK)
        sampler.seek(first // CHUNK)
        losses = steps.advance(state, sampler.draw, rates[first:last], first)
        if not np.isfinite(state.theta).all():
            work.failed[row] = True
            tell()
            return
        work.keep(row, state, losses, ends)
        tell()


def _train_exact(
    runs: Sequence[Run], work: Work, ends: NDArray[np.int64], tell: Callable[[], None]
) -> None:
    steps = runs[0].spec.steps
    rates = np.stack([learning_rates(run.spec) for run in runs])
    going = np.flatnonzero(~work.failed).tolist()
    while going and work.steps[going[0]] < steps:
        first = int(work.steps[going[0]])
        last = min(steps, first + CHUNK)
        exact = ExactSteps([runs[row] for row in going])
        states = [work.state(row) for row in going]
        losses = exact.advance(states, rates[going, first:last], first)
        for row, state, values in zip(going, states, losses, strict=True):
            if np.isfinite(state.theta).all() and np.isfinite(values).all():
                work.keep(row, state, values, ends)
            else:
                work.failed[row] = True
        going = [row for row in going if not work.failed[row]]
        tell()


def _train_tensors(
    runs: Sequence[Run],
    rows: Sequence[int],
    work: Work,
    ends: NDArray[np.int64],
    device: torch.device,
    tell: Callable[[], None],
) -> None:
    """Train runs of one law together; all take every step, failed ones to no effect."""
    steps = runs[0].spec.steps
    rates = np.stack([learning_rates(run.spec) for run in runs])
    tensors: TensorSteps | None = None
    while (first := max(int(work.steps[row]) for row in rows)) < steps:
        if tensors is None:
            tensors = TensorSteps(runs, [work.state(row) for row in rows], device)
        last = min(steps, first + CHUNK)
        tensors.sampler.seek(first // CHUNK)
        losses = tensors.advance(rates[:, first:last], first)
        for place, row in enumerate(rows):
            state = tensors.state(place)
            if work.failed[row] or not np.isfinite(state.theta).all():
                work.failed[row] = True
            else:
                work.keep(row, state, losses[place], ends)
        tell()
        if all(work.failed[row] for row in rows):
            return
