r"""The exact population loss as a differentiable torch function with checked arguments.

For every law, amplitude and activation one of these evaluates it:

* ``linear`` and ``one-hot``: closed forms (:mod:`numerics.closed_forms`);
* ``enumeration``: binary features, up to 20 of them (:mod:`numerics.enumeration`);
* ``piecewise``: up to three independent features, uniform, tied (:mod:`numerics.piecewise`);
* ``compiled``: independent features, uniform, on the CPU (:mod:`numerics.compiled`);
* ``series``: everything else, on any device (:mod:`numerics.characteristic`).

**Range.**  With continuous amplitudes the error is at most 1e-9 of :math:`\sum_i I_i E x_i^2` by
default, at every coupling from 0 on, every bias and every n, as long as 1e-15 of the largest
squared preactivation is below that: weights up to about 3, densities down to about 1e-5 at
preactivations of order 1.  Beyond, rounding decides and the estimate says so.  Couplings below
1e-140 are read as 0; beyond about 1e70 squares overflow.  Binary amplitudes are exact up to
20 features; beyond, only the estimate is promised.

All work on :math:`M = W_{out} W`, (B, n, n).  Value, gradient and Hessian-vector products (by
double backward) hold for all of them; at a kink they are one-sided.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from theory.feature_values import per_feature
from theory.laws import FeatureLaw
from theory.problem import check_activation
from theory.rationals import listed

from .beside import loss_beside
from .characteristic import series_loss
from .closed_forms import linear_loss, one_hot_loss
from .compiled.batches import hessian_vector, loss_and_gradient
from .enumeration import LARGEST_ENUMERATED, enumerated_loss
from .independent_blocks import marginals
from .piecewise import LARGEST_BATCHED, gram, output_losses

__all__ = ["EVALUATORS", "choose", "coupling", "evaluate", "exact_loss", "law_numbers"]

EVALUATORS = {
    "linear": "closed form from mean and covariance",
    "one-hot": "closed form, one active feature at a time",
    "enumeration": "sum over all active sets, float64",
    "piecewise": "piecewise quadrature, exact to rounding",
    "compiled": "Fourier series of the characteristic function, compiled",
    "series": "Fourier series of the characteristic function, plain tensors",
}

_REMEDIES = {
    "density": "outside (0, 1]; give P(x ≠ 0)",
    "importance": "not usable; give finite numbers of at least 0",
}
_CURVATURE = 1e-11  # accuracy of the loss behind a Hessian-vector product, at least
_BLOCK = 2048  # models evaluated together by quadrature: what fits the cache


def choose(law: FeatureLaw, activation: str, n: int, *, tied: bool, device: str) -> str:
    """Return which of EVALUATORS serves a problem; an unknown activation is a ValueError."""
    check_activation(activation)
    if activation == "linear":
        return "linear"
    if law.kind == "one-hot":
        return "one-hot"
    if law.amplitude == "binary" and n <= LARGEST_ENUMERATED:
        return "enumeration"
    plain = law.kind == "independent" and law.amplitude == "uniform"
    if plain and device == "cpu":
        return "piecewise" if tied and n <= LARGEST_BATCHED else "compiled"
    return "series"


def _piecewise(M: Tensor, b: Tensor, q: Tensor, I: Tensor) -> tuple[Tensor, ...]:
    """Return loss, gradients by M and b, and a bound of rounding."""
    parts = []
    for first in range(0, len(b), _BLOCK):
        part = slice(first, first + _BLOCK)
        weight = I[part].T
        losses, d_M, d_b = output_losses(
            M[part].movedim(0, -1).contiguous(), b[part].T.contiguous(), q[part].T
        )
        total = weight[0] * losses[0]
        for i in range(1, len(losses)):
            total = total + weight[i] * losses[i]
        parts.append((total, (weight[:, None] * d_M).movedim(-1, 0), (weight * d_b).T))
    if not parts:
        return b.sum(1), torch.zeros_like(M), torch.zeros_like(b), b.sum(1)
    loss, d_M, d_b = (torch.cat(column) for column in zip(*parts, strict=True))
    size = 1 + M.abs().sum(-1) + b.abs()
    return loss, d_M, d_b, 1e-14 * (I * size**2).sum(-1)


def evaluate(
    M: Tensor, b: Tensor, q: Tensor, I: Tensor, law: FeatureLaw, name: str, rtol: float
) -> tuple[Tensor, Tensor]:
    """Return losses and error estimates (B,) of x' = act(M x + b), differentiable in M and b.

    Parameters
    ----------
    M, b, q, I
        Matrices (B, n, n), biases, marginals and importances (B, n), float64, not checked.
    name
        The evaluator that :func:`choose` named.
    rtol
        As in :func:`exact_loss`.
    """
    if name == "linear":
        return linear_loss(M, b, q, I, law)
    if name == "one-hot":
        return one_hot_loss(M, b, I, law.amplitude)
    if name == "enumeration":
        return enumerated_loss(M, b, q, I, law)
    if name == "series":
        return series_loss(M, b, q, I, law, rtol)

    unit = (I * q).sum(1) * float(law.second_moment)

    def fast(M: Tensor, b: Tensor) -> Any:
        if name == "piecewise":
            return _piecewise(M, b, q, I)
        return loss_and_gradient(M, b, q, I, rtol * unit)

    def second(M: Tensor, b: Tensor, along_M: Tensor, along_b: Tensor) -> Any:
        fine = min(rtol, _CURVATURE) * unit
        return hessian_vector(M, b, q, I, fine, along_M, along_b)

    return loss_beside(M, b, fast, second)


def _fit(what: str, shape: Sequence[int], target: Sequence[int]) -> None:
    """Refuse a shape that does not broadcast to ``target``."""
    padded = [1] * (len(target) - len(shape)) + list(shape)
    if len(shape) > len(target) or any(
        a not in (1, c) for a, c in zip(padded, target, strict=True)
    ):
        raise ValueError(
            f"{what} of shape {tuple(shape)} does not fit; it must broadcast to {tuple(target)}"
        )


def _real(what: str, value: Any, device: torch.device | None = None) -> Tensor:
    """Return a float64 tensor of real numbers, or say what it was that is none."""
    dtype = getattr(value, "dtype", None)
    if "complex" in str(dtype):
        raise TypeError(f"{what} is complex ({dtype}); pass real numbers")
    try:
        value = listed(value) if str(dtype) == "object" else value
        return torch.as_tensor(value, dtype=torch.float64, device=device)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{what} cannot be read ({error}); pass a tensor, an array or nested lists of numbers"
        ) from error


def _is_nested(value: Any) -> bool:
    """Tell whether an array or a list has more than one axis."""
    if isinstance(value, np.ndarray):
        return value.ndim > 1
    return isinstance(value, list | tuple) and any(
        isinstance(entry, list | tuple) or getattr(entry, "ndim", 0) > 0 for entry in value
    )


def _batched(value: Any, n: int, what: str, batch: torch.Size, like: Tensor) -> Tensor:
    """Return ``value`` (a scalar, (n,) or (..., n)) checked and expanded to (*batch, n)."""
    if isinstance(value, Tensor) or _is_nested(value):
        tensor = _real(what, value, like.device)
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


def coupling(W: Tensor, W_out: Tensor | None) -> Tensor:
    """Return W_out W (W^T W if tied), by elementwise products: rounds the same in any batch."""
    if W_out is None:
        return gram(W)
    total = W_out[..., :, 0, None] * W[..., 0, None, :]
    for k in range(1, W.shape[-2]):
        total = total + W_out[..., :, k, None] * W[..., k, None, :]
    return total


def law_numbers(
    density: Any, importance: Any, law: FeatureLaw, n: int, batch: torch.Size, like: Tensor
) -> tuple[Tensor, Tensor]:
    """Return marginals and importances, checked, each (B, n) with B models in ``batch``."""
    I = _batched(importance, n, "importance", batch, like).reshape(-1, n)
    if law.kind == "one-hot":
        law.densities(density, n)  # refuses one
        return torch.full_like(I, 1 / n), I
    if density is None:
        raise ValueError(f"law {law} needs a density, P(x ≠ 0); only one-hot has none")
    return marginals(law, _batched(density, n, "density", batch, like).reshape(-1, n)), I


def _batch(**shapes: torch.Size) -> torch.Size:
    """Return the shape of the batch that tensors, less their own axes, broadcast to."""
    try:
        return torch.Size(np.broadcast_shapes(*shapes.values()))
    except ValueError as error:
        text = ", ".join(f"{what} {tuple(shape)}" for what, shape in shapes.items())
        raise ValueError(f"batches do not fit: {text}; sizes must agree or be 1") from error


def exact_loss(
    W: Any,
    b: Any,
    density: Any,
    importance: Any = None,
    *,
    law: FeatureLaw | None = None,
    W_out: Any = None,
    activation: str = "relu",
    rtol: float = 1e-9,
    return_error: bool = False,
) -> Any:
    r"""Return the population loss of a batch of models, float64, twice differentiable.

    Parameters
    ----------
    W, b
        Weights (..., m, n) with features as columns and biases (..., n); anything torch can make a
        tensor of.  They stay on their device.
    density, importance
        One number, n of them, or a tensor, array or nested list that broadcasts to (..., n).  What
        a density means is said by the law; one-hot takes None.
    law
        A :class:`theory.laws.FeatureLaw`; independent features, uniform on [0, 1], by default.
    W_out
        Weights (..., n, m) of the output; tied, :math:`W^\top`, by default.
    activation
        ``relu`` or ``linear``.
    rtol
        Requested accuracy in units of :math:`\sum_i I_i E x_i^2`.  Only the two series heed it;
        the other evaluators are accurate to rounding.
    return_error
        Also return an estimate of the error.

    Returns
    -------
    Tensor or (Tensor, Tensor)
        The loss, shape (...); gradients flow to W, W_out and b.

    Raises
    ------
    ValueError, TypeError
        If shapes do not fit, a number is out of range, or the law does not fit the problem.

    Examples
    --------
    >>> exact_loss([[1.0, -1.0]], [0.0, 0.0], 0.5, [1.0, 0.5]).item()
    0.0625
    """
    law = FeatureLaw() if law is None else law
    if not isinstance(law, FeatureLaw):
        raise ValueError(f"law {law!r} is not supported; pass a theory.laws.FeatureLaw or None")
    check_activation(activation)
    W = _real("W", W)
    b = _real("b", b, W.device)
    if W.ndim < 2 or b.ndim < 1 or W.shape[-1] != b.shape[-1] or 0 in W.shape[-2:]:
        raise ValueError(
            f"W of shape {tuple(W.shape)} and b of shape {tuple(b.shape)} do not fit; "
            "give (..., m, n) and (..., n)"
        )
    m, n = W.shape[-2:]
    shapes = {"W": W.shape[:-2], "b": b.shape[:-1]}
    if W_out is not None:
        W_out = _real("W_out", W_out, W.device)
        if W_out.shape[-2:] != (n, m):
            raise ValueError(
                f"W_out of shape {tuple(W_out.shape)} does not fit W of shape {tuple(W.shape)}; "
                "give (..., n, m)"
            )
        shapes["W_out"] = W_out.shape[:-2]
    if not rtol > 0:
        raise ValueError(f"rtol {rtol} is not usable; give a positive number")
    for what, weights in (("W", W), ("b", b), ("W_out", W_out)):
        if weights is not None and not bool(weights.isfinite().all()):
            raise ValueError(f"{what} contains nan or inf; pass finite weights")
    batch = _batch(**shapes)
    q, I = law_numbers(density, importance, law, n, batch, W)
    M = coupling(W, W_out).expand(*batch, n, n).reshape(-1, n, n)
    name = choose(law, activation, n, tied=W_out is None, device=W.device.type)
    loss, error = evaluate(M, b.expand(*batch, n).reshape(-1, n), q, I, law, name, rtol)
    return (loss.reshape(batch), error.reshape(batch)) if return_error else loss.reshape(batch)
