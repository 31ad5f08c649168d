"""How the time and memory of loss and gradient grow with the number of features.

Weights are random, not trained: Gaussian columns of mean square norm 1 in m = n/10 dimensions,
biases −0.1, density 1/10, importance 1.

``kernel`` holds the compiled series against its limit: 16 floating-point operations for each
(output, feature, mode) and 32 more for the gradient, at the rate of a float64 matrix product on the
same threads.  How many modes an output takes depends on its couplings, so all outputs are made to
take the same number, at two numbers, and the difference in time is what the modes in between cost;
at density 1, where an output needs one series only.
"""

import resource
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from public_loop import seconds_of

from numerics import exact_loss
from numerics.compiled import batches

DENSITY = 0.1
OPERATIONS = 48
MODES = (64, 192)
SIZES = (20, 40, 80, 160, 320, 400, 800)


def random_model(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return weights (n // 10, n) and biases (n,)."""
    m = max(n // 10, 1)
    W = torch.from_numpy(np.random.default_rng(n).standard_normal((m, n)) / np.sqrt(m))
    return W, torch.full((n,), -0.1, dtype=torch.float64)


def loss_and_gradient(W: torch.Tensor, b: torch.Tensor) -> tuple[float, float]:
    """Evaluate once at the default accuracy; return the loss and its error estimate."""
    W, b = W.detach().requires_grad_(), b.detach().requires_grad_()
    loss, error = exact_loss(W, b, DENSITY, return_error=True)
    loss.backward()
    return loss.item(), error.item()


def peak() -> float:
    """Return multiply-add operations a second (two each) of a float64 matrix product."""
    A = np.random.default_rng(0).random((1024, 1024))
    A @ A
    return 2 * 1024**3 / median(seconds_of(lambda: A @ A) for _ in range(9))


def seconds_per_mode(n: int, repeats: int) -> float:
    """Return the seconds of loss and gradient for each (output, feature, mode)."""
    W, b = (x[None] for x in random_model(n))
    numbers = (W.mT @ W, b, torch.ones_like(b), torch.ones_like(b))
    table, seconds = batches._coefficients(), []
    try:
        for modes in MODES:
            few = table[:, : modes + 1].copy()
            batches._coefficients = lambda few=few: few
            arguments = (*numbers, torch.tensor([1e-300], dtype=b.dtype))  # every mode is taken
            batches.loss_and_gradient(*arguments)
            times = [seconds_of(batches.loss_and_gradient, *arguments) for _ in range(repeats)]
            seconds.append(median(times))
    finally:
        batches._coefficients = lambda: table
    return (seconds[1] - seconds[0]) / (n * n * (MODES[1] - MODES[0]))


def memory(n: int) -> dict[str, float]:
    """Return the peak resident size in GiB of a fresh process that evaluates once."""
    script = [sys.executable, __file__, str(n)]
    ended = subprocess.run(script, check=True, capture_output=True, text=True)
    before, after = map(float, ended.stdout.split())
    return {"features": n, "before": before, "peak": after}


def resident() -> float:
    """Return this process's peak resident size in GiB.

    Linux tells it in /proc; ``getrusage`` would there include what the parent held at the start.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**30


def growth(repeats: int, quick: bool) -> dict[str, Any]:
    """Measure times, the exponent of their growth, memory and the share of the limit."""
    sizes = SIZES[:3] if quick else SIZES
    models = {n: random_model(n) for n in sizes}
    units = {n: n * (DENSITY / 3 - DENSITY**2 / 4) for n in sizes}
    errors = {str(n): loss_and_gradient(*models[n])[1] / units[n] for n in sizes}
    times: dict[int, list[float]] = {n: [] for n in sizes}
    for _ in range(repeats):
        for n in sizes:
            times[n].append(seconds_of(loss_and_gradient, *models[n]))
    seconds = {n: median(values) for n, values in times.items()}
    slope, _ = np.polyfit(np.log(list(seconds)), np.log(list(seconds.values())), 1)
    rate = peak()
    per_mode = {n: seconds_per_mode(n, repeats) for n in sizes}
    return {
        "weights": "random",
        "density": DENSITY,
        "seconds": {str(n): value for n, value in seconds.items()},
        "error_in_unit": errors,
        "exponent": float(slope),
        "memory_in_GiB": memory(100 if quick else 1000),
        "peak_flops": rate,
        "kernel": {
            "seconds_per_mode": {str(n): value for n, value in per_mode.items()},
            "share_of_limit": {str(n): OPERATIONS / rate / value for n, value in per_mode.items()},
        },
    }


if __name__ == "__main__":
    started = resident()
    loss_and_gradient(*random_model(int(sys.argv[1])))
    print(started, resident())
