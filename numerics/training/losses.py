r"""What trained models lose: :math:`\sum_i I_i E(y_i - x'_i)^2`, the same for every kind of run.

Tied models without a hidden ReLU have a population loss, which is evaluated; others are estimated
on samples that are the same for every run of a law.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ..evaluator import exact_loss
from ..seeds import content_key
from ..threads import one_thread
from .models import forward, target_of
from .samplers import Sampler
from .specs import Run, RunSpec

__all__ = ["FinalLosses", "final_losses"]

_BATCHES, _MOST_BATCHES = 128, 1024  # of _SAMPLES each; more where fewer features are on
_SAMPLES = 1024
_FEW = 100  # active features in all samples, below which they tell nothing

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FinalLosses:
    """Losses of trained runs.

    Attributes
    ----------
    loss, error
        (R,), and an estimate of its error: numerical, or the standard error of a sample mean.
    evaluators
        ``population`` or ``sampled`` per run.
    """

    loss: Array
    error: Array
    evaluators: tuple[str, ...]


def _has_population_loss(spec: RunSpec) -> bool:
    if spec.model not in ("linear", "relu-output"):
        return False
    try:
        spec.data.exact()
    except ValueError:
        return False
    return True


def final_losses(
    runs: Sequence[Run], parameters: Mapping[str, NDArray[np.floating]]
) -> FinalLosses:
    """Return the losses of runs that share model and sizes, from their ``parameters`` (R, ...)."""
    losses, errors, evaluators = np.empty(len(runs)), np.empty(len(runs)), []
    with one_thread():
        for row, run in enumerate(runs):
            own = {k: torch.from_numpy(v[row].astype(np.float64)) for k, v in parameters.items()}
            known = _has_population_loss(run.spec)
            losses[row], errors[row] = (_population if known else _sampled)(run.spec, own)
            evaluators.append("population" if known else "sampled")
    return FinalLosses(losses, errors, tuple(evaluators))


def _population(spec: RunSpec, parameters: Mapping[str, torch.Tensor]) -> tuple[float, float]:
    loss, error = exact_loss(
        parameters["W"],
        parameters["b"],
        spec.density or None,
        spec.importance,
        law=spec.data.exact(),
        activation="linear" if spec.model == "linear" else "relu",
        return_error=True,
    )
    return max(0.0, float(loss)), float(error)


def _sampled(spec: RunSpec, parameters: Mapping[str, torch.Tensor]) -> tuple[float, float]:
    """Return the mean over samples; where hardly a feature was on, the error is the loss of all."""
    key = content_key(["evaluation", spec.n_features, list(spec.density), str(spec.data)])
    sampler = Sampler(spec.data, spec.density, spec.n_features, _SAMPLES, key)
    sampler.seek(0)
    batch = np.empty((spec.n_features, _SAMPLES), np.float32)
    importance = torch.tensor(spec.importance, dtype=torch.float64)
    marginals = np.array(spec.data.marginals(spec.density, spec.n_features))
    active = float(marginals.sum())
    means = np.empty(int(np.clip(_BATCHES / active, _BATCHES, _MOST_BATCHES)))
    for k in range(len(means)):
        sampler.draw(batch)
        x = torch.from_numpy(batch).double()
        error = target_of(spec.target, x) - forward(spec.model, parameters, x)
        means[k] = float((importance * (error * error).mean(-1)).sum())
    error_of_mean = float(means.std(ddof=1) / np.sqrt(len(means)))
    if active * len(means) * _SAMPLES < _FEW:
        error_of_mean = max(error_of_mean, active * max(spec.importance))
    return float(means.mean()), error_of_mean
