r"""The loss of independent uniform features at any size: compiled rows over a batch of models.

Rows are dealt to as many threads as torch may use.  A row's numbers do not depend on the batch it
is in, nor on the number of threads.

**Accuracy.**  The error estimate is made of the last half of the terms (squares and sum), what the
cut of the support leaves out, and rounding.  :data:`MOST_MODES` modes reach about :math:`10^{-12}`
of the largest squared preactivation at every coupling, zero included.  Gradients follow the
tolerance to a factor of some tens, but no further than a few 1e-5 where the gain g and some
couplings are tiny beside the others and the threshold lies on a corner of the support (dropped
columns with b = 0): terms of ∂/∂b then fall off as :math:`k^{-2}`.  Second derivatives lose two to
six digits more.  In random rows with couplings on four scales all modes together leave 1e-6 in one
of ten, 1e-4 in one of a hundred, and up to some per cent in one of a thousand, whatever the
tolerance: a threshold lies so near a corner of the support that :data:`MOST_MODES` modes do not
tell them apart.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..coefficients import coefficients
from .hessian import hessians_of_rows
from .rows import curvatures_of_rows, gram_matrices, losses_of_rows, weight_slopes

__all__ = [
    "MOST_MODES",
    "hessian_vector",
    "hessians",
    "loss_and_gradient",
    "tied_loss_and_gradient",
]

MOST_MODES = 8192
_LEAST = 1e-140
_WORTH_A_THREAD = 2000  # neighbours, below which handing over costs more than it saves
_PIECES = 4  # pieces of work a thread, so that hard rows are shared
_SHARE = 0.4  # of the wanted accuracy that a series may use: a row may need more than one

Array = NDArray[np.float64]


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads)


if hasattr(os, "register_at_fork"):  # a forked child has the pool, but none of its threads
    os.register_at_fork(after_in_child=_pool.cache_clear)


@cache
def _coefficients() -> Array:
    """Return the real and imaginary parts of the coefficients of x_+ and x_+²."""
    _, first, second, _ = coefficients(MOST_MODES, torch.device("cpu")).numpy()
    return np.stack([first.real, first.imag, second.real, second.imag])


def _array(x: Tensor) -> Array:
    return np.ascontiguousarray(x.numpy(force=True))


def _couplings(M: Tensor) -> Array:
    """Return couplings, those whose inverse might overflow as 0."""
    return _array(M.where(M.abs() > _LEAST, 0.0))


def _per_row(tolerance: Tensor, importance: Tensor) -> Array:
    """Return the accuracy each output needs, (B, n)."""
    share = importance.clamp_min(importance.amax(1, keepdim=True) * 1e-12) * importance.shape[1]
    needed = _SHARE * tolerance[:, None] / share
    return _array(needed.where(share > 0, 1.0))  # nothing counts: any accuracy will do


def _deal(rows: int, n: int, work: Callable[[int, int], Any]) -> None:
    """Call ``work(first, last)`` on pieces that cover all rows."""
    threads = torch.get_num_threads()
    if threads == 1 or rows * n < _WORTH_A_THREAD:
        work(0, rows)
        return
    edges = np.linspace(0, rows, min(rows, threads * _PIECES) + 1).astype(int).tolist()
    for done in [_pool(threads).submit(work, *pair) for pair in pairwise(edges)]:
        done.result()


def loss_and_gradient(
    M: Tensor, b: Tensor, density: Tensor, importance: Tensor, tolerance: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the loss of x' = ReLU(M x + b), its gradients by M and b, and an error estimate.

    Parameters
    ----------
    M
        Matrices (B, n, n), float64 on the CPU; :math:`W^T W` for tied weights.
    b, density, importance
        Each (B, n).
    tolerance
        Wanted accuracy of each loss, (B,).

    Returns
    -------
    tuple
        Losses (B,), ∂L/∂M (B, n, n), ∂L/∂b (B, n), error estimates (B,).
    """
    B, n = b.shape
    given = (_couplings(M), _array(b), _array(density), _per_row(tolerance, importance))
    value, d_b, error = (np.empty((B, n)) for _ in range(3))
    d_M = np.empty((B, n, n))
    filled = (value, d_M, d_b, error)
    _deal(B * n, n, lambda *rows: losses_of_rows(*given, _coefficients(), *rows, *filled))
    I = importance
    losses, by_M, by_b, errors = map(torch.from_numpy, filled)
    return (I * losses).sum(1), by_M.mul_(I[:, :, None]), I * by_b, (I * errors).sum(1)


def hessian_vector(
    M: Tensor,
    b: Tensor,
    density: Tensor,
    importance: Tensor,
    tolerance: Tensor,
    along_M: Tensor,
    along_b: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return what the gradients by M and b change by along (along_M, along_b).

    Exact where the loss is smooth; at a kink the curvature of one side.  The directions are
    (B, n, n) and (B, n), the rest is as in :func:`loss_and_gradient`.
    """
    B, n = b.shape
    given = (_couplings(M), _array(b), _array(density), _per_row(tolerance, importance))
    along = (_array(along_M), _array(along_b))
    h_M, h_b = np.empty((B, n, n)), np.empty((B, n))
    _deal(
        B * n, n, lambda *rows: curvatures_of_rows(*given, _coefficients(), *along, *rows, h_M, h_b)
    )
    return importance[:, :, None] * torch.from_numpy(h_M), importance * torch.from_numpy(h_b)


def hessians(
    M: Tensor, b: Tensor, density: Tensor, importance: Tensor, tolerance: Tensor
) -> Tensor:
    """Return the Hessian of each output's weighted loss, (B, n, n + 1, n + 1).

    Output i depends on row i of M and on b_i only; its matrix is over that row, then the bias.  At
    a kink it is that of one side.
    """
    B, n = b.shape
    given = (_couplings(M), _array(b), _array(density), _per_row(tolerance, importance))
    found = np.empty((B, n, n + 1, n + 1))
    _deal(B * n, n, lambda *rows: hessians_of_rows(*given, _coefficients(), *rows, found))
    return torch.from_numpy(found).mul_(importance[:, :, None, None])


def tied_loss_and_gradient(
    W: Tensor, b: Tensor, density: Tensor, importance: Tensor, tolerance: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the loss of x' = ReLU(WᵀWx + b), its gradients by W and b, and an error estimate.

    W is (B, m, n); the rest as in :func:`loss_and_gradient`.
    """
    weights = _array(W)
    B, _, n = weights.shape
    M, d_W = np.empty((B, n, n)), np.empty_like(weights)
    gram_matrices(weights, M)
    loss, d_M, d_b, error = loss_and_gradient(
        torch.from_numpy(M), b, density, importance, tolerance
    )
    weight_slopes(weights, d_M.numpy(), d_W)
    return loss, torch.from_numpy(d_W), d_b, error
