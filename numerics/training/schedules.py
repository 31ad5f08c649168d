r"""How the learning rate changes over the steps of a run.

Of S steps, counted s = 0, …, S − 1, step s takes the rate times

==================  ==================================  ===========================================
``constant``        1                                   the default of the notebook and of ARENA
``linear``          :math:`1 - s/S`                     ``linear_lr`` of both
``cosine``          :math:`(1 + \cos(\pi s/S))/2`       the usual cosine annealing
``quarter-cosine``  :math:`\cos(\pi s / (2(S - 1)))`    ``cosine_decay_lr`` of both: a quarter
                                                        wave, 0 at the last step
==================  ==================================  ===========================================

With a warm-up of w steps the factor first rises as (s + 1)/w, and the schedule then covers the
remaining S − w steps, counted from 0 again (as in Henighan et al. 2023, "Superposition,
Memorization, and Double Descent").  A quarter cosine of a single step is 1.
"""

import numpy as np
from numpy.typing import NDArray

from .specs import RunSpec

__all__ = ["learning_rates"]


def _factors(schedule: str, steps: int) -> NDArray[np.float64]:
    """Return the factors of a schedule over all its steps."""
    s = np.arange(steps, dtype=np.float64)
    if schedule == "constant":
        return np.ones(steps)
    if schedule == "linear":
        return 1 - s / steps
    if schedule == "cosine":
        return (1 + np.cos(np.pi * s / steps)) / 2
    return np.cos(np.pi / 2 * s / max(steps - 1, 1))


def learning_rates(spec: RunSpec) -> NDArray[np.float64]:
    """Return the learning rate of each step, (steps,)."""
    rising = np.arange(1, spec.warm_up + 1) / max(spec.warm_up, 1)
    after = _factors(spec.schedule, spec.steps - spec.warm_up)
    return spec.learning_rate * np.concatenate([rising, after])
