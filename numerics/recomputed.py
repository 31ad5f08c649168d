r"""Sums of many terms, twice differentiable, in the memory of one term.

A large expectation is a sum of jobs, each a differentiable function of some columns of the inputs.
The graph of all of them together would not fit in memory, so none is kept: the gradient is found by
building the graph of one job after the other, and the Hessian-vector product by differentiating
each job's gradient the same way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = ["Job", "recomputed_sum"]


@dataclass(frozen=True, slots=True)
class Job:
    """A term: ``evaluate`` maps the inputs' ``columns`` (last axis) to their values (R,)."""

    columns: Tensor
    evaluate: Callable[..., Tensor]


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor, jobs: Sequence[Job], *inputs: Tensor) -> Tensor:
        ctx.jobs = jobs
        ctx.save_for_backward(*inputs)
        return value.clone()

    @staticmethod
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor | None, ...]:
        grads = _Gradient.apply(ctx.jobs, outer, *ctx.saved_tensors)  # type: ignore[no-untyped-call]
        return None, None, *grads


class _Gradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, jobs: Sequence[Job], outer: Tensor, *inputs: Tensor) -> Any:
        ctx.jobs = jobs
        ctx.save_for_backward(outer, *inputs)
        totals = [torch.zeros_like(x) for x in inputs]
        for job in jobs:
            with torch.enable_grad():
                leaves = [x[..., job.columns].detach().requires_grad_() for x in inputs]
                value = job.evaluate(*leaves)
                parts = torch.autograd.grad(
                    value, leaves, outer[job.columns], materialize_grads=True
                )
            for total, part in zip(totals, parts, strict=True):
                total[..., job.columns] += part
        return tuple(totals)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *directions: Tensor) -> tuple[Tensor | None, ...]:
        outer, *inputs = ctx.saved_tensors
        totals = [torch.zeros_like(x) for x in (outer, *inputs)]
        for job in ctx.jobs:
            with torch.enable_grad():
                leaves = [x[..., job.columns].detach().requires_grad_() for x in (outer, *inputs)]
                value = job.evaluate(*leaves[1:])
                slopes = torch.autograd.grad(
                    value, leaves[1:], leaves[0], create_graph=True, materialize_grads=True
                )
                pairs = zip(slopes, directions, strict=True)
                along = torch.stack([(x * h[..., job.columns]).sum() for x, h in pairs]).sum()
                if not along.requires_grad:
                    continue
                parts = torch.autograd.grad(along, leaves, materialize_grads=True)
            for total, part in zip(totals, parts, strict=True):
                total[..., job.columns] += part
        return None, *totals


def recomputed_sum(value: Tensor, jobs: Sequence[Job], *inputs: Tensor) -> Tensor:
    """Return ``value`` (R,), known to be the sum of the jobs, as a function of ``inputs``.

    Parameters
    ----------
    value
        The sum, computed before without a graph.
    jobs
        Terms; the columns within one job are distinct.
    inputs
        Tensors (..., R) that the value depends on.  Twice differentiable.
    """
    total: Tensor = _Sum.apply(value, jobs, *inputs)  # type: ignore[no-untyped-call]
    return total
