"""Adam on a batch of deterministic objectives: the way from random starts towards good minima.

Small random weights grow through a sequence of saddles, and a step that every parameter takes at
its own scale (Kingma & Ba, arXiv 1412.6980) leads to lower minima there than a quasi-Newton method,
which hurries into the nearest one.  The learning rate falls to zero along a cosine.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from .quasi_newton import Evaluate

__all__ = ["adam"]

_FIRST, _SECOND = 0.9, 0.99  # decay of the means of gradients and of their squares
_TINY = 1e-12


def adam(
    evaluate: Evaluate,
    x: Tensor,
    *,
    steps: int,
    learning_rate: float,
    report: Callable[[Tensor, Tensor], None] | None = None,
) -> Tensor:
    """Return where ``steps`` steps from the points x (B, d) lead.

    ``report`` is called after each step with all rows and their gradient norms.
    """
    rows = torch.arange(len(x))
    mean, square = torch.zeros_like(x), torch.zeros_like(x)
    for step in range(steps):
        _, g = evaluate(x, rows)
        mean = _FIRST * mean + (1 - _FIRST) * g
        square = _SECOND * square + (1 - _SECOND) * g * g
        rate = learning_rate * (1 + math.cos(math.pi * step / steps)) / 2
        unbiased = mean / (1 - _FIRST ** (step + 1))
        x = x - rate * unbiased / ((square / (1 - _SECOND ** (step + 1))).sqrt() + _TINY)
        if report:
            report(rows, g.norm(dim=1))
    return x
