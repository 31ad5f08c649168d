"""A loss whose gradient is computed beside its value, as a twice differentiable torch function."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = ["HessianVector", "LossAndGradient", "loss_beside"]

LossAndGradient = Callable[[Tensor, Tensor], tuple[Tensor, Tensor, Tensor, Tensor]]
"""(M, b) → loss (B,), its gradients by M (B, n, n) and b (B, n), error estimate (B,)."""

HessianVector = Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
"""(M, b, dM, db) → the derivative of both gradients along (dM, db)."""


class _Loss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, M: Tensor, b: Tensor, fast: LossAndGradient, second: HessianVector
    ) -> tuple[Tensor, Tensor]:
        loss, d_M, d_b, error = fast(M.detach(), b.detach())
        ctx.save_for_backward(M, b, d_M, d_b)
        ctx.second = second
        ctx.mark_non_differentiable(error)
        return loss, error

    @staticmethod
    def backward(ctx: Any, outer: Tensor, _: Tensor) -> tuple[Any, ...]:
        d_M, d_b = _Gradient.apply(outer, *ctx.saved_tensors, ctx.second)  # type: ignore[no-untyped-call]
        return d_M, d_b, None, None


class _Gradient(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        outer: Tensor,
        M: Tensor,
        b: Tensor,
        d_M: Tensor,
        d_b: Tensor,
        second: HessianVector,
    ) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(outer, M, b, d_M, d_b)
        ctx.second = second
        return outer[:, None, None] * d_M, outer[:, None] * d_b

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, along_M: Tensor, along_b: Tensor) -> tuple[Tensor | None, ...]:
        outer, M, b, d_M, d_b = ctx.saved_tensors
        by_outer = (d_M * along_M).sum((1, 2)) + (d_b * along_b).sum(1)
        h_M, h_b = ctx.second(M, b, along_M, along_b)
        return by_outer, outer[:, None, None] * h_M, outer[:, None] * h_b, None, None, None


def loss_beside(
    M: Tensor, b: Tensor, fast: LossAndGradient, second: HessianVector
) -> tuple[Tensor, Tensor]:
    """Return loss and error estimate (B,); ``fast`` gives the gradient, ``second`` the Hessian."""
    found: tuple[Tensor, Tensor] = _Loss.apply(M, b, fast, second)  # type: ignore[no-untyped-call]
    return found
