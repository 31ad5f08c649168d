r"""Gradient training of many small models at once, on the exact population loss.

Adam (Kingma & Ba, arXiv 1412.6980) with a cosine schedule to zero, every model its own problem: the
loss is divided by :math:`\sum_i I_i V_i` before its gradient is taken, which a per-parameter method
like Adam does not notice but its ``eps`` would.  Nothing is drawn at random after the start, so the
only noise is the choice of start.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from .piecewise import loss_and_gradient, loss_unit

__all__ = ["LEARNING_RATE", "STEPS", "Trained", "train_exact"]

STEPS = 1000
LEARNING_RATE = 0.05


@dataclass(frozen=True, slots=True)
class Trained:
    """Models after training.

    Attributes
    ----------
    W, b
        Weights (B, m, n) and biases (B, n), float64.
    loss
        Exact population losses (B,); inf where training failed.
    status
        ``done`` or ``nonfinite`` per model.
    """

    W: Tensor
    b: Tensor
    loss: Tensor
    status: list[str]


def train_exact(
    W: Tensor,
    b: Tensor,
    density: Tensor,
    importance: Tensor,
    *,
    steps: int = STEPS,
    learning_rate: float = LEARNING_RATE,
) -> Trained:
    """Train every model of a batch; arguments as :func:`numerics.descent.descend`."""
    n = b.shape[-1]
    p, I = density.expand(len(b), n), importance.expand(len(b), n)
    unit = loss_unit(p, I)
    W, b = W.clone(), b.clone()
    optimizer = torch.optim.Adam([W, b], lr=learning_rate, foreach=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(steps, 1))
    for _ in range(steps):
        _, d_W, d_b = loss_and_gradient(W, b, p, I)
        W.grad, b.grad = d_W / unit[:, None, None], d_b / unit[:, None]
        optimizer.step()
        schedule.step()
    loss = loss_and_gradient(W, b, p, I)[0]
    finite = loss.isfinite()
    status = ["done" if ok else "nonfinite" for ok in finite.tolist()]
    return Trained(W=W, b=b, loss=torch.where(finite, loss, torch.inf), status=status)
