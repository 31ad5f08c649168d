"""The exact population loss as a differentiable torch function with checked arguments."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from theory.problem import per_feature

from .characteristic import loss_gradient_error
from .piecewise import LARGEST_BATCHED, gram, loss_and_gradient, loss_unit

__all__ = ["exact_loss"]


_REMEDIES = {
    "density": "outside (0, 1]; give P(x ≠ 0)",
    "importance": "not usable; give finite numbers of at least 0",
}


class _ExactLoss(torch.autograd.Function):
    """The loss and its error as a torch function: the gradient is computed beside the value."""

    @staticmethod
    def forward(
        ctx: Any, W: Tensor, b: Tensor, density: Tensor, importance: Tensor, rtol: float
    ) -> tuple[Tensor, Tensor]:
        if W.shape[-1] <= LARGEST_BATCHED:
            loss, d_W, d_b = loss_and_gradient(W, b, density, importance)
            size = 1 + gram(W).abs().sum(-1) + b.abs()
            error = 1e-14 * (importance * size**2).sum(-1)
        else:
            tolerance = rtol * loss_unit(density, importance)
            loss, d_W, d_b, error = loss_gradient_error(W, b, density, importance, tolerance)
        ctx.save_for_backward(d_W, d_b)
        ctx.mark_non_differentiable(error)
        return loss, error

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, outer: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        d_W, d_b = ctx.saved_tensors
        return outer[:, None, None] * d_W, outer[:, None] * d_b, None, None, None


def _fit(what: str, shape: Sequence[int], target: Sequence[int]) -> None:
    """Refuse a shape that does not broadcast to ``target``."""
    padded = [1] * (len(target) - len(shape)) + list(shape)
    if len(shape) > len(target) or any(
        a not in (1, c) for a, c in zip(padded, target, strict=True)
    ):
        raise ValueError(
            f"{what} of shape {tuple(shape)} does not fit; it must broadcast to {tuple(target)}"
        )


def _batched(value: Any, n: int, what: str, batch: torch.Size, like: Tensor) -> Tensor:
    """Return ``value`` (a scalar, (n,) or (..., n)) checked and expanded to (*batch, n)."""
    if isinstance(value, Tensor):
        tensor = value.to(like)
        _fit(what, tensor.shape, (*batch, n))
        good = (tensor >= 0) & tensor.isfinite()
        if what == "density":
            good &= (tensor > 0) & (tensor <= 1)
        if not bool(good.all()):
            raise ValueError(f"{what} {tensor[~good].flatten()[0].item()} is {_REMEDIES[what]}")
        if what == "importance" and tensor.numel() and not bool((tensor > 0).any()):
            raise ValueError("every importance is 0, so every model has loss 0; give one above 0")
    else:
        entries = per_feature(value, n, what, default=1)
        tensor = torch.tensor(
            [float(entry) for entry in entries], dtype=like.dtype, device=like.device
        )
    return tensor.expand(*batch, n)


def exact_loss(
    W: Any,
    b: Any,
    density: Any,
    importance: Any = None,
    *,
    law: None = None,
    rtol: float = 1e-9,
    return_error: bool = False,
) -> Any:
    r"""Return the population loss of a batch of models, differentiable once, float64.

    Parameters
    ----------
    W, b
        Weights (..., m, n) with features as columns and biases (..., n); anything torch can make a
        tensor of.  Gradients flow to both.
    density, importance
        One number, n of them, or a tensor that broadcasts to (..., n).
    law
        Only independent features with amplitudes uniform on [0, 1] (None).
    rtol
        Requested accuracy in units of :math:`\sum_i I_i V_i`.  Up to three features the result is
        accurate to rounding whatever is asked; beyond, see :mod:`numerics.characteristic`.
    return_error
        Also return an estimate of the error; up to three features it is a bound of the rounding,
        :math:`10^{-14} \sum_i I_i (1 + \sum_j |G_{ij}| + |b_i|)^2`.

    Returns
    -------
    Tensor or (Tensor, Tensor)
        The loss, shape (...).

    Examples
    --------
    >>> exact_loss([[1.0, -1.0]], [0.0, 0.0], 0.5, [1.0, 0.5]).item()
    0.0625
    """
    if law is not None:
        raise ValueError(f"law {law!r} is not supported; pass None for independent features")
    W = torch.as_tensor(W).to(torch.float64)
    b = torch.as_tensor(b).to(W)
    if W.ndim < 2 or b.ndim < 1 or W.shape[-1] != b.shape[-1] or 0 in W.shape[-2:]:
        raise ValueError(
            f"W of shape {tuple(W.shape)} and b of shape {tuple(b.shape)} do not fit; "
            "give (..., m, n) and (..., n)"
        )
    n = W.shape[-1]
    if not rtol > 0:
        raise ValueError(f"rtol {rtol} is not usable; give a positive number")
    if not (bool(W.isfinite().all()) and bool(b.isfinite().all())):
        raise ValueError("W or b contains nan or inf; pass finite weights")
    batches = (W.shape[:-2], b.shape[:-1])
    sizes = zip_longest(*(reversed(one) for one in batches), fillvalue=1)
    batch = torch.Size([max(pair) for pair in sizes][::-1])
    _fit("W", W.shape, (*batch, *W.shape[-2:]))
    _fit("b", b.shape, (*batch, n))
    p = _batched(density, n, "density", batch, W)
    I = _batched(importance, n, "importance", batch, W)
    flat = (
        W.expand(*batch, *W.shape[-2:]).reshape(-1, *W.shape[-2:]),
        b.expand(*batch, n).reshape(-1, n),
        p.reshape(-1, n),
        I.reshape(-1, n),
    )
    loss, error = _ExactLoss.apply(*flat, rtol)  # type: ignore[no-untyped-call]
    return (loss.reshape(batch), error.reshape(batch)) if return_error else loss.reshape(batch)
