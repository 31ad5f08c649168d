r"""The models, their targets and losses as plain tensors: the definitions all else answers to.

Features are columns and samples lie feature-major, x (n, samples).  With h = W_in x,

.. math::

    \text{linear}\;\; W^\top W x + b, \qquad
    \text{relu-output}\;\; \mathrm{ReLU}(W^\top W x + b), \qquad
    \text{relu-hidden}\;\; \mathrm{ReLU}(W^\top \mathrm{ReLU}(W x) + b),

(arXiv 2209.10652, sections 2 and 6) and two-layer, :math:`\mathrm{ReLU}(W_{out}\,
\mathrm{ReLU}(W_{in} x) + b)` (section 7).  No hidden layer has a bias, as in the paper.  The loss
of a batch is :math:`\sum_i I_i (y_i - x'_i)^2`, summed over outputs, averaged over samples.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

__all__ = ["batch_loss", "forward", "target_of"]


def target_of(name: str, x: Tensor) -> Tensor:
    """Return what is to be learned of samples (..., n, samples): (..., outputs, samples)."""
    if name == "absolute":
        return x.abs()
    if name == "square":
        return x * x
    if name == "max-of-pairs":
        return torch.maximum(x[..., 0::2, :], x[..., 1::2, :])
    return x


def forward(model: str, parameters: Mapping[str, Tensor], x: Tensor) -> Tensor:
    """Return the outputs (..., outputs, samples) of samples (..., n, samples).

    Parameters
    ----------
    model
        One of :data:`numerics.training.specs.MODELS`.
    parameters
        ``W`` (..., m, n), or ``W_in`` (..., m, n) and ``W_out`` (..., outputs, m), and ``b``
        (..., outputs).
    x
        Samples.
    """
    tied = "W" in parameters
    W_in = parameters["W" if tied else "W_in"]
    W_out = W_in.mT if tied else parameters["W_out"]
    hidden = W_in @ x
    if model in ("relu-hidden", "two-layer"):
        hidden = hidden.relu()
    out = W_out @ hidden + parameters["b"][..., None]
    return out if model == "linear" else out.relu()


def batch_loss(
    model: str,
    target: str,
    parameters: Mapping[str, Tensor],
    x: Tensor,
    importance: Tensor,
) -> Tensor:
    """Return the loss (...) of a batch; importance is (..., outputs)."""
    error = target_of(target, x) - forward(model, parameters, x)
    return (importance * (error * error).mean(-1)).sum(-1)
