"""The public training loop, transcribed plainly, and what every benchmark says of its machine.

The loop is the notebook published with arXiv 2209.10652: fresh batches of 1024, AdamW at a constant
1e-3 with its default weight decay, all instances in one tensor, autograd, float32, 10 000 steps.
``W`` is (instances, features, hidden) there, and its Xavier rule takes the fans of that tensor.
"""

import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

from theory.problem import Problem

BATCH = 1024
LEARNING_RATE = 1e-3
STEPS = 10_000


def sampled_batch(density: torch.Tensor) -> torch.Tensor:
    """Draw one batch (BATCH, instances, n) for densities (instances, n)."""
    features = torch.rand(BATCH, *density.shape)
    return torch.where(torch.rand(features.shape) <= density, features, torch.zeros(()))


def batch_loss(
    W: torch.Tensor, b: torch.Tensor, batch: torch.Tensor, importance: torch.Tensor
) -> torch.Tensor:
    """Return the notebook's loss: mean over batch and features, summed over instances."""
    hidden = torch.einsum("...if,ifh->...ih", batch, W)
    out = torch.relu(torch.einsum("...ih,ifh->...if", hidden, W) + b)
    error = importance * (batch.abs() - out) ** 2
    return error.mean((0, 2)).sum()


def public_loop(
    problems: Sequence[Problem], steps: int = STEPS
) -> tuple[torch.Tensor, torch.Tensor]:
    """Train one instance for each problem, all of one size; returns W (instances, n, m) and b."""
    n, m = problems[0].features, problems[0].hidden
    density = torch.tensor([[float(x) for x in q.density] for q in problems])
    importance = torch.tensor([[float(x) for x in q.importance] for q in problems])
    W = torch.nn.Parameter(torch.nn.init.xavier_normal_(torch.empty(len(problems), n, m)))
    b = torch.nn.Parameter(torch.zeros(len(problems), n))
    optimizer = torch.optim.AdamW([W, b], lr=LEARNING_RATE)
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        batch_loss(W, b, sampled_batch(density), importance).backward()
        optimizer.step()
    return W.detach(), b.detach()


def seconds_of(function: Callable[..., Any], *arguments: Any) -> float:
    """Return the seconds of one call."""
    start = perf_counter()
    function(*arguments)
    return perf_counter() - start


def _processor() -> str:
    """Return the processor's name where the system tells it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def machine() -> str:
    """Return the machine in words."""
    return f"{platform.machine()}, {os.cpu_count()} processors, {_processor()}"
