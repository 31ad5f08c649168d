"""What an optimiser remembers, and its constants; the rules are :mod:`numerics.compiled.updates`.

Vectors are allocated where matrix products do not depend on where they happen to lie in memory.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..compiled.updates import ADAM, ADAMW, SGD
from .specs import RunSpec

__all__ = ["State", "aligned", "update_rule"]

_CODES = {"adam": ADAM, "adamw": ADAMW, "sgd": SGD}


def aligned(shape: tuple[int, ...], dtype: Any = np.float32) -> NDArray[Any]:
    """Return zeros that begin at a cache line, as torch allocates them."""
    kind = torch.float32 if dtype == np.float32 else torch.float64
    return torch.zeros(shape, dtype=kind).numpy()


@dataclass(slots=True)
class State:
    """A point θ and the optimiser's memory m, v, each (d,)."""

    theta: NDArray[Any]
    m: NDArray[Any]
    v: NDArray[Any]

    @classmethod
    def zeros(cls, size: int, dtype: Any = np.float32) -> "State":
        """Return a state to be filled."""
        return cls(*(aligned((size,), dtype) for _ in range(3)))

    def vectors(self) -> tuple[NDArray[Any], ...]:
        """Return θ, m and v."""
        return self.theta, self.m, self.v


def update_rule(spec: RunSpec) -> NDArray[np.float64]:
    """Return (code, β₁, β₂, ε, λ, μ), as :func:`numerics.compiled.updates.update` takes them."""
    constants = (spec.beta_1, spec.beta_2, spec.epsilon, spec.weight_decay, spec.momentum)
    return np.array([_CODES[spec.optimizer], *constants])
