r"""Weights kept along training, and where a path waits and where it jumps.

**Plateaus and jumps** are read off the speed, the norm of the gradient of the exact loss at the
kept points.  Its logarithm has minima and maxima; a minimum is a *plateau* if the speed rises from
it on both sides by a factor of :math:`10^\text{prominence}` before it falls lower (the topographic
prominence of a peak), so counts depend neither on how time is measured nor on how densely points
are kept.  Two plateaus are separated by a *jump*, at the largest speed between them.  The end of a
path is its last plateau.  Speeds below ``floor`` count as that: rounding, or the noise of samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from .threads import one_thread
from .training.engine import CHUNK
from .training.optimizers import State
from .training.parameters import views
from .training.samplers import Sampler
from .training.schedules import learning_rates
from .training.specs import Run
from .training.steps import sampled_steps
from .training.work import Work

__all__ = ["Stages", "kept_weights", "level_jumps", "stages"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stages:
    """Places on a path, in order: k plateaus and the k − 1 jumps between them."""

    plateaus: tuple[int, ...]
    jumps: tuple[int, ...]


def stages(speed: Array, prominence: float, floor: float) -> Stages:
    """Return the plateaus and jumps of a path with these speeds.

    Parameters
    ----------
    speed
        Norms of the gradient at the kept points, (T,).
    prominence
        Decades by which the speed must rise on both sides of a plateau.
    floor
        Speeds that are not told apart.

    Examples
    --------
    >>> stages(np.array([1e-3, 1.0, 1e-2, 1.0, 1e-4]), 0.5, 1e-9)
    Stages(plateaus=(0, 2, 4), jumps=(1, 3))
    """
    level = -np.log10(np.maximum(speed, floor))
    low = level.min() - 2 * prominence  # both ends may be plateaus
    padded = np.concatenate([[low], level, [low]])
    found, _ = find_peaks(padded, prominence=prominence, plateau_size=1)
    last = len(speed) - 1
    inner = [int(k) - 1 for k in found]  # those from which the speed rises again before the end
    inner = [k for k in inner if level[k] - level[k:].min() >= prominence]
    plateaus = [*inner, last]
    jumps = [a + int(np.argmin(level[a : b + 1])) for a, b in pairwise(plateaus)]
    return Stages(tuple(plateaus), tuple(jumps))


def level_jumps(
    values: Array, levels: Sequence[float], width: float
) -> list[tuple[int, int, int, int]]:
    """Return the moves of features between levels: (feature, from, to, place), by place.

    A feature is at a level while its value is within ``width`` of it; it has jumped when it arrives
    at another, and the place is halfway: the first at which it is nearer to the new one.

    Parameters
    ----------
    values
        (T, n), such as dimensionalities.
    levels
        Further apart than twice the width; ``from`` and ``to`` are their places.

    Examples
    --------
    >>> level_jumps(np.array([[0.0], [0.2], [0.4], [0.5]]), (0.0, 0.5), 0.1)
    [(0, 0, 1, 2)]
    """
    distance = np.abs(values[..., None] - np.asarray(levels))
    nearest, close = distance.argmin(-1), distance.min(-1) <= width
    found = []
    for feature in range(values.shape[1]):
        at = np.flatnonzero(close[:, feature])
        for a, b in pairwise(at):
            old, new = int(nearest[a, feature]), int(nearest[b, feature])
            if old != new:
                halfway = distance[a : b + 1, feature, new] < distance[a : b + 1, feature, old]
                found.append((feature, old, new, int(a + np.argmax(halfway))))
    return sorted(found, key=lambda jump: (jump[3], jump[0]))


def kept_weights(run: Run, steps: Sequence[int]) -> dict[str, NDArray[Any]]:
    """Train a run on samples with one optimiser throughout, keeping weights after some steps.

    The steps are those of :func:`numerics.training.engine.train_runs`, number for number; the
    optimiser's memory is never reset.

    Parameters
    ----------
    run
        With the objective ``sampled``.
    steps
        Ascending, from 0 (the initial weights) to at most those of the run.

    Returns
    -------
    dict
        Each parameter with the kept steps as the leading axis, ``step`` (T,) and ``status``.
        After numbers that are not finite nothing more is kept.

    Raises
    ------
    ValueError
        If the run is not of samples, or the steps do not ascend within it.
    """
    spec = run.spec
    if spec.objective != "sampled":
        raise ValueError("kept weights are those of training on samples; use objective sampled")
    wanted = list(steps)
    if (
        not wanted
        or wanted != sorted(set(wanted))
        or not 0 <= wanted[0] <= wanted[-1] <= spec.steps
    ):
        raise ValueError(f"steps {wanted[:5]}… must ascend within 0 to {spec.steps}")
    kept, status = [], "done"
    with one_thread():
        state = Work.begin([run], 1).state(0)
        trainer, rates = sampled_steps(spec), learning_rates(spec)
        sampler = Sampler(spec.data, spec.density, spec.n_features, spec.batch_size, run.data_key)
        first = 0
        for last in wanted:
            first = _advanced(state, trainer, sampler, rates, first, last)
            if not np.isfinite(state.theta).all():
                status = "nonfinite"
                break
            kept.append(state.theta.astype(float))
    rows = np.array(kept)
    return {
        **{name: value.copy() for name, value in views(spec, rows).items()},
        "step": np.array(wanted[: len(kept)]),
        "status": np.array(status),
    }


def _advanced(
    state: State, trainer: Any, sampler: Sampler, rates: Array, first: int, last: int
) -> int:
    """Take the steps from ``first`` to ``last``."""
    while first < last:
        if first % CHUNK == 0:
            sampler.seek(first // CHUNK)
        end = min(last, (first // CHUNK + 1) * CHUNK)
        trainer.advance(state, sampler.draw, rates[first:end], first)
        first = end
    return first
