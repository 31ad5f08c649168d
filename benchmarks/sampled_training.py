"""Training on samples, steps per second: this package against the public loop, one thread.

    python benchmarks/sampled_training.py [--case 5,2] [--quick] [--out FILE]

Both sides train the same instances by the same rule: fresh batches of 1024, AdamW at 1e-3 with the
notebook's weight decay, mean over features, float32.  They are timed in turn, in one process, over
``steps`` steps; compilation is not timed.  ``ratio`` is the median of the repeats' ratios.  The
case ``many`` trains 10 000 models of 5 features in 2 dimensions in one call and states models per
second at 10 000 steps, and its memory; the loop is timed on ``loop_instances`` of them and scaled.
The shares say where a step's time goes: drawing, and everything else.
"""

import argparse
import json
import os
import resource
import sys
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from public_loop import LEARNING_RATE, STEPS, machine, public_loop, seconds_of

from numerics.training.engine import train_runs
from numerics.training.samplers import Sampler
from numerics.training.specs import Run, RunSpec
from theory.problem import Problem

CASES = {"5,2": (5, 2, 10, 500), "100,20": (100, 20, 20, 30), "200,20": (200, 20, 20, 20)}
MANY, LOOP_MANY = 10_000, 250


def densities(instances: int) -> list[float]:
    """Return the notebook's, 20^−linspace(0, 1, instances)."""
    return (20.0 ** -np.linspace(0, 1, instances)).tolist()


def runs_of(n: int, m: int, instances: int, steps: int) -> list[Run]:
    """Return the notebook's runs for a size."""
    return [
        Run(
            RunSpec(
                n_features=n,
                d_hidden=m,
                density=(p,) * n,
                importance=(1.0,) * n,
                initialisation="xavier-normal-rows",
                init_instances=instances,
                optimizer="adamw",
                learning_rate=LEARNING_RATE,
                weight_decay=0.01,
                steps=steps,
            ),
            start,
        )
        for start, p in enumerate(densities(instances))
    ]


def problems_of(n: int, m: int, instances: int) -> list[Problem]:
    """Return the same for the loop."""
    return [Problem(features=n, hidden=m, density=(p,) * n) for p in densities(instances)]


def draw_seconds(runs: list[Run]) -> float:
    """Return the seconds that the batches of all steps of some runs take to draw."""
    total = 0.0
    for run in runs:
        spec = run.spec
        sampler = Sampler(spec.data, spec.density, spec.n_features, spec.batch_size, run.data_key)
        batch = np.empty((spec.n_features, spec.batch_size), np.float32)
        sampler.seek(0)
        total += seconds_of(lambda: [sampler.draw(batch) for _ in range(spec.steps)])  # noqa: B023
    return total


def compare(n: int, m: int, instances: int, steps: int, repeats: int) -> dict[str, Any]:
    """Time both sides in turn."""
    runs, problems = runs_of(n, m, instances, steps), problems_of(n, m, instances)
    public_loop(problems, 2)
    train_runs(runs[:1])
    ours, loop = [], []
    for _ in range(repeats):
        loop.append(seconds_of(public_loop, problems, steps) / steps)
        ours.append(seconds_of(train_runs, runs) / steps)
    drawn = median(draw_seconds(runs) / steps for _ in range(repeats))
    return {
        "features": n,
        "hidden": m,
        "instances": instances,
        "steps": steps,
        "milliseconds_per_step": {"ours": 1e3 * median(ours), "loop": 1e3 * median(loop)},
        "share_of_drawing": drawn / median(ours),
        "ratio": median(b / a for a, b in zip(ours, loop, strict=True)),
        "ratios": [b / a for a, b in zip(ours, loop, strict=True)],
    }


def many(models: int, repeats: int) -> dict[str, Any]:
    """Train many small models in one call."""
    steps, few = 100, min(models, LOOP_MANY)
    runs, problems = runs_of(5, 2, models, steps), problems_of(5, 2, few)
    public_loop(problems, 2)
    train_runs(runs[:1])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours = [seconds_of(train_runs, runs) / steps for _ in range(repeats)]
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    loop = [seconds_of(public_loop, problems, steps) / steps for _ in range(repeats)]
    return {
        "models": models,
        "steps": steps,
        "loop_instances": few,
        "models_per_second": {
            "ours": models / (median(ours) * STEPS),
            "loop": few / (median(loop) * STEPS),
        },
        "ratio": median(loop) / few / (median(ours) / models),
        "memory_in_MiB": {"before": before / 1024, "peak": after / 1024},
    }


def main() -> None:
    """Measure, print, and write a file if told to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--case", choices=[*CASES, "many"], action="append", help="all by default")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="small, to see that it works")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    repeats = 1 if options.quick else options.repeats
    cases = {}
    for name in options.case or [*CASES, "many"]:
        print(name, file=sys.stderr, flush=True)
        if name == "many":
            cases[name] = many(100 if options.quick else MANY, repeats)
        else:
            n, m, instances, steps = CASES[name]
            cases[name] = compare(n, m, instances, 5 if options.quick else steps, repeats)
    report = {
        "schema": "antipode.benchmark.sampled_training/1",
        "threads": torch.get_num_threads(),
        "machine": machine(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "cases": cases,
    }
    text = json.dumps(report, indent=1)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
