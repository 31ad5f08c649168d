"""Models trained per second: this package against a plain transcription of the public loop.

    python benchmarks/training.py [--repeats 5] [--steps 300]

The public loop is the notebook published with arXiv 2209.10652: fresh batches of 1024, AdamW at
1e-3, all instances in one tensor, autograd.  It is timed per step on the cells of a phase diagram
and scaled to its 10 000 steps.  Beside it, on the same threads and interleaved with it:

* ``sampled``: our transcription of the same recipe (same steps, same batches' law, float32);
* ``exact``: 1000 Adam steps on the exact population loss, one model (float64);
* ``descent``: one BFGS descent on the exact loss to its minimum.

Prints one JSON object; ratios are against the public loop in the same run, medians over repeats.
``median_gap_in_V`` says how far each kind of training ends above the best loss known.
"""

import argparse
import json
import os
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from public_loop import STEPS, machine, public_loop
from public_loop import seconds_of as timed

from numerics.descent import descend
from numerics.evaluator import exact_loss
from numerics.optimum import search
from numerics.piecewise import plane_tensors
from numerics.plane_training import STEPS as EXACT_STEPS
from numerics.plane_training import train_exact
from numerics.sampled_training import train_sampled
from numerics.starts import random_starts
from theory.problem import phase_plane

MODELS = 64
EXACT_MODELS = 2048


def case(n: int, m: int, repeats: int, steps: int) -> dict:
    """Measure one size."""
    rng = np.random.default_rng(0)
    plane = [(10 ** -(2 * x), 10 ** (2 * y - 1)) for x, y in rng.random((EXACT_MODELS, 2))]
    problems = [phase_plane(n, m, p, r) for p, r in plane]
    few = problems[:MODELS]
    p, I = (torch.stack(column) for column in zip(*map(plane_tensors, problems), strict=True))
    starts = [random_starts(q, 1, "benchmark", 0) for q in problems]
    W, b = (torch.from_numpy(np.concatenate(part)) for part in zip(*starts, strict=True))
    rates: dict[str, list[float]] = {"public": [], "sampled": [], "exact": [], "descent": []}
    public_loop(few, 5)
    train_sampled(few, steps=5)
    train_exact(W[:8], b[:8], p[:8], I[:8], steps=5)
    for _ in range(repeats):
        rates["public"].append(MODELS / (timed(public_loop, few, steps) * STEPS / steps))
        sampled = timed(lambda: train_sampled(few, steps=steps))
        rates["sampled"].append(MODELS / (sampled * STEPS / steps))
        exact = timed(lambda: train_exact(W, b, p, I, steps=EXACT_STEPS // 10))
        rates["exact"].append(EXACT_MODELS / (exact * 10))
        rates["descent"].append(EXACT_MODELS / timed(lambda: descend(W, b, p, I)))
    some = problems[:16]
    best = np.array([o.loss for o in search(some, starts=16)])
    V = np.array([q.scale for q in some])
    trained = train_exact(W[:16], b[:16], p[:16], I[:16])
    descended = descend(W[:16], b[:16], p[:16], I[:16])
    torch.manual_seed(0)
    Wp, bp = public_loop(some, STEPS)
    public = exact_loss(Wp.mT.double(), bp.double(), p[:16], I[:16])
    losses = {"public": public, "exact": trained.loss, "descent": descended.loss}
    return {
        "models_per_second": {name: median(values) for name, values in rates.items()},
        "ratio_to_public": {
            name: median(a / c for a, c in zip(values, rates["public"], strict=True))
            for name, values in rates.items()
        },
        "median_gap_in_V": {
            name: float(np.median((loss.numpy() - best) / V)) for name, loss in losses.items()
        },
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--steps", type=int, default=300, help="steps timed of the sampled loops")
    options = parser.parse_args()
    torch.set_num_threads(1)
    report = {
        "schema": "antipode.benchmark.training/1",
        "threads": 1,
        "machine": machine(),
        "torch": torch.__version__,
        "models": {"public": MODELS, "sampled": MODELS, "exact": EXACT_MODELS},
        "cases": {
            f"{n},{m}": case(n, m, options.repeats, options.steps) for n, m in ((2, 1), (3, 2))
        },
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
