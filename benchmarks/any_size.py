"""Minima on the exact loss against the public training loop, from two features to 400.

    python benchmarks/any_size.py --case intro [--quick] [--out benchmarks/results/any_size.json]

Both sides use the threads of OMP_NUM_THREADS (1 by default), in one process, interleaved; seconds
are medians over the repeats.  Ours is timed whole.  The loop is timed over ``timed_steps`` of its
10 000 steps, on ``timed_instances`` of its instances, and scaled; once it is run for all its steps
(``loop_steps``) and its models are evaluated exactly.  ``below`` counts problems on which our loss
is at or below the loop's.  Compilation is measured apart, as what the first call of a fresh process
takes longer than the second.

Cases: ``intro`` (5 in 2, ten densities 1 … 0.05, importance 0.9^i), ``plane`` (2 in 1, 101 × 101
cells), ``basic`` and ``larger`` (20 in 5 with 0.7^i, 80 in 20 with 0.9^i, seven densities),
``geometry`` (400 in 30 at density 1/10, inside the figure's range 1 ≤ 1/(1−S) ≤ 10), ``growth``
(see growth.py), ``compile``.  Prints one JSON object; ``--out`` merges it into a file.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", os.environ["OMP_NUM_THREADS"])

import numpy as np
import torch
from growth import growth
from public_loop import STEPS, machine, public_loop, seconds_of

from numerics import descend, exact_loss
from numerics.starts import random_starts, structured_starts
from theory.problem import Problem, phase_plane

SEVEN = tuple(map(Fraction, ("1", "0.3", "0.1", "0.03", "0.01", "0.003", "0.001")))
LOOSE = 1e-2  # gradient norm, in units of Σ I V, to which warmed-up starts are compared
BLOCK = 20_000  # models descended together


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Problems of one size, how they are searched, and how the loop is timed.

    Attributes
    ----------
    problems
        What is searched by us.
    structured, random
        Descents for each problem, from the first structured starts and from random ones.
    warm_up
        Steps of Adam before the random ones.
    tolerance
        Norm of the gradient, in units of Σ I V, at which a descent ends.
    loop_problems
        Instances that the loop trains for its losses and its time.
    loop_instances
        Instances that the loop would train for all of ``problems``.
    """

    problems: Sequence[Problem]
    structured: int
    random: int
    tolerance: float
    loop_problems: Sequence[Problem]
    loop_instances: int
    warm_up: int = 0
    timed_steps: int = 200

    @property
    def starts(self) -> int:
        """Starts of each problem."""
        return self.structured + self.random

    @property
    def runs(self) -> int:
        """Loop runs of each problem that the loop trains at all."""
        return self.loop_instances // len(self.problems)


def decaying(n: int, m: int, density: Fraction, base: str) -> Problem:
    """Return a problem with importances base^i."""
    weights = tuple(Fraction(base) ** i for i in range(n))
    return Problem(features=n, hidden=m, density=(density,) * n, importance=weights)


def intro(quick: bool) -> Case:
    """Return five features in two dimensions, the introduction's densities 20^−(i/9)."""
    powers = range(0, 10, 3) if quick else range(10)
    problems = [decaying(5, 2, Fraction(20 ** (-i / 9)), "0.9") for i in powers]
    return Case(
        problems=problems,
        structured=8,
        random=8,
        tolerance=1e-4,
        loop_problems=problems,
        loop_instances=len(problems),
    )


def plane(quick: bool) -> Case:
    """Return the paper's plane of two features on one line; ten loop runs a cell."""
    side, every = (11, 30) if quick else (101, 320)
    axis = np.linspace(0, 1, side)
    problems = [phase_plane(2, 1, 10 ** (-2 * x), 10 ** (2 * y - 1)) for x in axis for y in axis]
    few = [problem for problem in problems[::every] for _ in range(10)]
    return Case(
        problems=problems,
        structured=8,
        random=8,
        tolerance=1e-8,
        loop_problems=few,
        loop_instances=10 * len(problems),
    )


def basic(quick: bool) -> Case:
    """Return twenty features in five dimensions at the paper's seven densities."""
    problems = [decaying(20, 5, p, "0.7") for p in (SEVEN[1::3] if quick else SEVEN)]
    return Case(
        problems=problems,
        structured=1,
        random=5,
        warm_up=400,
        tolerance=1e-3,
        loop_problems=problems,
        loop_instances=len(problems),
    )


def larger(quick: bool) -> Case:
    """Return eighty features in twenty dimensions at the paper's seven densities."""
    problems = [decaying(80, 20, p, "0.9") for p in (SEVEN[2:3] if quick else SEVEN)]
    return Case(
        problems=problems,
        structured=1,
        random=1,
        warm_up=800,
        tolerance=3e-3,
        loop_problems=problems,
        loop_instances=len(problems),
        timed_steps=100,
    )


def geometry(quick: bool) -> Case:
    """Return the uniform features of the geometry figure; one minimum, one instance."""
    n, m = (60, 8) if quick else (400, 30)
    problem = Problem(features=n, hidden=m, density=(Fraction(1, 10),) * n)
    return Case(
        problems=[problem],
        structured=0,
        random=1,
        tolerance=1e-8,
        loop_problems=[problem],
        loop_instances=1,
    )


CASES: dict[str, Callable[[bool], Case]] = {
    "intro": intro,
    "plane": plane,
    "basic": basic,
    "larger": larger,
    "geometry": geometry,
}


def tensors(problems: Sequence[Problem]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return densities and importances (problems, n)."""
    columns = zip(*((q.density, q.importance) for q in problems), strict=True)
    p, I = (
        torch.tensor([[float(x) for x in row] for row in column]).double() for column in columns
    )
    return p, I


def minimise(case: Case, problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the least loss of each problem and its model, and how the descents ended."""
    best: dict[str, list[Any]] = {"loss": [], "W": [], "b": [], "status": []}
    statuses: dict[str, int] = {}
    per_block = max(1, BLOCK // case.starts)
    for first in range(0, len(problems), per_block):
        block = problems[first : first + per_block]
        kinds = []
        if case.structured:
            pairs = [[x[: case.structured] for x in structured_starts(q)] for q in block]
            kinds.append((pairs, 0))
        if case.random:
            pairs = [random_starts(q, case.random, "benchmark", 0) for q in block]
            kinds.append((pairs, case.warm_up))
        ends = []
        loose = max(LOOSE, case.tolerance) if case.warm_up else case.tolerance
        for pairs, warm_up in kinds:
            counts = torch.tensor([len(W) for W, _ in pairs])
            W, b = (torch.from_numpy(np.concatenate(part)) for part in zip(*pairs, strict=True))
            p, I = (x.repeat_interleave(counts, 0) for x in tensors(block))
            ends.append((descend(W, b, p, I, tolerance=loose, warm_up=warm_up), counts))
        for k in range(len(block)):
            own = [
                (float(loss), e, row)
                for e, counts in ends
                for row in range(int(counts[:k].sum()), int(counts[: k + 1].sum()))
                if (loss := e.loss[row]).isfinite()
            ]
            loss, e, row = min(own, key=lambda one: one[0])
            p, I = tensors(block[k : k + 1])
            if case.tolerance < loose:  # only the best goes on
                e = descend(e.W[row, None], e.b[row, None], p, I, tolerance=case.tolerance)
                loss, row = float(e.loss[0]), 0
            best["loss"].append(loss)
            best["W"].append(e.W[row])
            best["b"].append(e.b[row])
            best["status"].append(e.status[row])
        for e, _ in ends:
            for status in e.status:
                statuses[status] = statuses.get(status, 0) + 1
    return best | {"W": torch.stack(best["W"]), "b": torch.stack(best["b"]), "statuses": statuses}


def gradients(problems: Sequence[Problem], W: torch.Tensor, b: torch.Tensor) -> dict[str, float]:
    """Return the largest gradient entry and 2-norm over problems, in units of Σ I V."""
    W, b = W.detach().requires_grad_(), b.detach().requires_grad_()
    exact_loss(W, b, *tensors(problems), rtol=1e-12).sum().backward()
    unit = torch.tensor([problem.scale for problem in problems]).double()
    flat = torch.cat([W.grad.reshape(len(unit), -1), b.grad], 1) / unit[:, None]
    return {"entry": float(flat.abs().max()), "norm": float(flat.norm(dim=1).max())}


def compare(case: Case, repeats: int, quick: bool) -> dict[str, Any]:
    """Time both sides in turn, then train the loop to its end and compare losses."""
    timed_steps, loop_steps = (10, 100) if quick else (case.timed_steps, STEPS)
    few = case.loop_problems
    public_loop(few, 2)
    minimise(case, case.problems[:1])
    scale = STEPS / timed_steps * case.loop_instances / len(few)
    ours, loop, found = [], [], {}
    for _ in range(repeats):
        loop.append(seconds_of(public_loop, few, timed_steps) * scale)
        ours.append(seconds_of(lambda: found.update(minimise(case, case.problems))))
    ratios = [b / a for a, b in zip(ours, loop, strict=True)]
    torch.manual_seed(0)
    whole: list[tuple[torch.Tensor, torch.Tensor]] = []
    whole_seconds = seconds_of(lambda: whole.append(public_loop(few, loop_steps)))
    W, b = whole[0]
    p, I = tensors(few)
    trained = exact_loss(W.mT.double(), b.double(), p, I).numpy().reshape(-1, case.runs).min(1)
    place = {id(problem): k for k, problem in enumerate(case.problems)}
    ids = [place[id(problem)] for problem in few[:: case.runs]]
    best = np.array(found["loss"])[ids]
    unit = np.array([case.problems[k].scale for k in ids])
    some = ids if len(ids) < 200 else ids[:: len(ids) // 100]
    return {
        "environment": environment(),
        "features": few[0].features,
        "hidden": few[0].hidden,
        "problems": len(case.problems),
        "starts": {"structured": case.structured, "random": case.random},
        "warm_up": case.warm_up,
        "tolerance": case.tolerance,
        "loop_instances": case.loop_instances,
        "timed_instances": len(few),
        "timed_steps": timed_steps,
        "loop_steps": loop_steps,
        "seconds": {"ours": median(ours), "loop": median(loop), "loop_steps": whole_seconds},
        "ratio": median(ratios),
        "ratios": ratios,
        "compared": len(ids),
        "below": int((best <= trained).sum()),
        "gap_in_unit": {
            "least": float(((trained - best) / unit).min()),
            "median": float(np.median((trained - best) / unit)),
        },
        "gradient_of_best_in_unit": gradients(
            [case.problems[k] for k in some], found["W"][some], found["b"][some]
        ),
        "status_of_best": sorted({found["status"][k] for k in ids}),
        "statuses": found["statuses"],
    }


def environment() -> dict[str, Any]:
    """Return what a ratio was measured on."""
    return {
        "machine": machine(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


COMPILE = """
from time import perf_counter
import torch
from numerics import descend
start = perf_counter(); {call}; first = perf_counter()
{call}; print(first - start - (perf_counter() - first))
""".format(
    call="descend(torch.full((1, 2, 5), .3).double(), torch.zeros(1, 5).double(), "
    "torch.full((1, 5), .5).double(), torch.ones(1, 5).double(), max_steps=3)"
)


def compilation(*_: Any) -> dict[str, Any]:
    """Return the seconds of compilation, with an empty cache and with the one it leaves."""
    with tempfile.TemporaryDirectory() as folder:
        variables = os.environ | {"NUMBA_CACHE_DIR": folder}
        seconds = [
            float(
                subprocess.run(
                    [sys.executable, "-c", COMPILE],
                    env=variables,
                    check=True,
                    capture_output=True,
                    text=True,
                ).stdout
            )
            for _ in range(2)
        ]
    return {"environment": environment(), "seconds": {"empty": seconds[0], "kept": seconds[1]}}


def main() -> None:
    """Measure, print, and merge into a file if told to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    names = [*CASES, "growth", "compile"]
    parser.add_argument("--case", choices=names, action="append", help="all by default")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="small, to see that it works")
    parser.add_argument("--out", type=Path, help="file to merge the cases into")
    options = parser.parse_args()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    repeats = 1 if options.quick else options.repeats
    cases: dict[str, Any] = {}
    if options.out and options.out.is_file():
        cases = json.loads(options.out.read_text(encoding="utf-8"))["cases"]
    for name in options.case or names:
        print(name, file=sys.stderr, flush=True)
        if name in CASES:
            cases[name] = compare(CASES[name](options.quick), repeats, options.quick)
        elif name == "growth":
            cases[name] = growth(repeats, options.quick) | {"environment": environment()}
        else:
            cases[name] = compilation()
        report = {"schema": "antipode.benchmark.any_size/1", "cases": cases}
        if options.out:
            options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
