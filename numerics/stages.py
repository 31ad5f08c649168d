"""The units of work behind a phase diagram: what a worker process runs.

Each function takes a :class:`~numerics.plane.PlaneSpec` and says in plain arrays what it found, so
that a unit can be stored, resumed, and computed anywhere with the same result.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from theory.phases import Phase

from .boundaries import bisected
from .families import family_losses
from .optimum import Optimum, improve, search
from .piecewise import gram, plane_tensors
from .plane import PlaneSpec
from .plane_training import train_exact
from .sampled_training import train_sampled
from .starts import random_starts

__all__ = [
    "family_rows",
    "optimum_rows",
    "pack_optima",
    "pack_phases",
    "refine",
    "sampled_block",
    "trained_rows",
    "unpack_optima",
    "unpack_phases",
]

Arrays = dict[str, Any]


def pack_phases(phases: frozenset[Phase]) -> str:
    """Write a set of phases as one line: ``dedicated dropped | dropped dedicated``."""
    return " | ".join(sorted(" ".join(one) for one in phases))


def unpack_phases(text: str) -> frozenset[Phase]:
    """Read what :func:`pack_phases` wrote."""
    return frozenset(tuple(one.split()) for one in str(text).split(" | ") if one)


def pack_optima(optima: Sequence[Optimum]) -> Arrays:
    """Write optima as arrays, one row each."""
    return {
        "loss": np.array([o.loss for o in optima]),
        "W": np.stack([o.W for o in optima]),
        "b": np.stack([o.b for o in optima]),
        "hits": np.array([o.hits for o in optima]),
        "starts": np.array([o.starts for o in optima]),
        "ties": np.array([pack_phases(o.ties) for o in optima]),
    }


def unpack_optima(spec: PlaneSpec, cells: Sequence[tuple[int, int]], a: Arrays) -> list[Optimum]:
    """Read what :func:`pack_optima` wrote."""
    return [
        Optimum(
            problem=spec.problem(i, j),
            loss=float(a["loss"][k]),
            W=a["W"][k],
            b=a["b"][k],
            hits=int(a["hits"][k]),
            starts=int(a["starts"][k]),
            ties=unpack_phases(a["ties"][k]),
        )
        for k, (i, j) in enumerate(cells)
    ]


def cells_of(spec: PlaneSpec, rows: Sequence[int]) -> list[tuple[int, int]]:
    """Return the cells of some rows, in order."""
    return [(i, j) for i in rows for j in range(spec.importance_cells)]


def optimum_rows(spec: PlaneSpec, rows: Sequence[int]) -> Arrays:
    """Search the optimum of every cell of some rows."""
    problems = [spec.problem(i, j) for i, j in cells_of(spec, rows)]
    return pack_optima(search(problems, starts=max(10, spec.starts), seed=spec.seed))


def trained_rows(spec: PlaneSpec, rows: Sequence[int]) -> Arrays:
    """Train ``spec.starts`` models on the exact loss in every cell of some rows."""
    problems = [spec.problem(i, j) for i, j in cells_of(spec, rows)]
    starts = [random_starts(problem, spec.starts, "trained", spec.seed) for problem in problems]
    p, I = (
        torch.stack(column).repeat_interleave(spec.starts, 0)
        for column in zip(*map(plane_tensors, problems), strict=True)
    )
    W, b = (torch.from_numpy(np.concatenate(part)) for part in zip(*starts, strict=True))
    trained = train_exact(W, b, p, I, steps=spec.train_steps)
    count, K = len(problems), spec.starts
    n, m = spec.features, spec.hidden
    loss = trained.loss.reshape(count, K)
    grams = gram(trained.W).reshape(count, K, n, n)
    best = loss.argmin(1)
    pick = torch.arange(count)
    # the paper's protocol: discard the model with the highest loss, average the others' WᵀW
    keep = loss.isfinite()
    keep[pick, loss.argmax(1)] = False
    kept = torch.where(keep[:, :, None, None], grams, 0.0)
    mean = kept.sum(1) / keep.sum(1)[:, None, None]
    return {
        "loss": loss.numpy(),
        "W": trained.W.reshape(count, K, m, n)[pick, best].numpy(),
        "b": trained.b.reshape(count, K, n)[pick, best].numpy(),
        "best": best.numpy(),
        "mean_gram": mean.numpy(),
        "failed": np.array([s != "done" for s in trained.status]).reshape(count, K).sum(1),
    }


def sampled_block(spec: PlaneSpec, cells: Sequence[tuple[int, int]], start: int) -> Arrays:
    """Train one model on samples in each of some cells."""
    problems = [spec.problem(i, j) for i, j in cells]
    models = train_sampled(problems, start, steps=spec.sampled_steps, seed=spec.seed)
    return {"W": models.W, "b": models.b}


def family_rows(spec: PlaneSpec, rows: Sequence[int]) -> Arrays:
    """Minimise each named family, every norm and bias free, in every cell of some rows."""
    return {"loss": family_losses([spec.problem(i, j) for i, j in cells_of(spec, rows)])}


def refine(spec: PlaneSpec, found: Arrays) -> Arrays:
    """Descend every cell once more from its neighbours' optima, twice; then place the boundary."""
    cells = cells_of(spec, range(spec.density_cells))
    optima = unpack_optima(spec, cells, found)
    rows, columns = spec.shape
    for _ in range(2):
        guesses = []
        for i, j in cells:
            near = [(i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)]
            beside = [
                optima[a * columns + c] for a, c in near if 0 <= a < rows and 0 <= c < columns
            ]
            guesses.append((np.stack([o.W for o in beside]), np.stack([o.b for o in beside])))
        optima = improve(optima, guesses)
    table = [optima[i * columns : (i + 1) * columns] for i in range(rows)]
    return {**pack_optima(optima), "boundary": bisected(spec, table)}
