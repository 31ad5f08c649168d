"""Where the descents of many starts of many problems end, in blocks that bound the memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from theory.problem import Problem

from .descent import Descent, descend
from .evaluator import choose, exact_loss
from .polish import FINE
from .progress import Report
from .quasi_newton import DENSE

__all__ = ["Ends", "descend_all", "evaluator_of", "joined"]

_BLOCK = 20_000  # models of up to three features descended together
_BLOCK_COUPLINGS = 50_000  # beyond: models times couplings
_BLOCK_BYTES = 2**28

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the descents of one problem ended; losses that are not finite are inf."""

    loss: Array
    error: Array
    W: Array
    b: Array
    gradient: Array
    status: list[str]


def joined(first: Ends, second: Ends) -> Ends:
    """Return the ends of two sets of starts of one problem as one."""
    return Ends(
        np.concatenate([first.loss, second.loss]),
        np.concatenate([first.error, second.error]),
        np.concatenate([first.W, second.W]),
        np.concatenate([first.b, second.b]),
        np.concatenate([first.gradient, second.gradient]),
        [*first.status, *second.status],
    )


def evaluator_of(problem: Problem) -> str:
    """Return which of :data:`numerics.evaluator.EVALUATORS` serves tied models of a problem."""
    return choose(problem.law, problem.activation, problem.features, tied=True, device="cpu")


def _at_once(problem: Problem) -> int:
    """Return how many models of a problem's size are descended together."""
    n, m = problem.features, problem.hidden
    if evaluator_of(problem) == "piecewise":
        return _BLOCK
    size = n * (m + 1)
    memory = 8 * (6 * size * min(size, DENSE) + 20 * n * n)  # history of steps, temporary matrices
    return max(1, min(_BLOCK_COUPLINGS // n**2, _BLOCK_BYTES // memory))


def _settled(
    ended: Descent, p: Tensor | None, I: Tensor, problem: Problem
) -> tuple[Tensor, Tensor]:
    """Return losses to the best accuracy and their estimated errors; inf and 0 if not finite."""
    loss, error = ended.loss.clone(), torch.zeros_like(ended.loss)
    rows = loss.isfinite().nonzero().flatten()
    if evaluator_of(problem) in ("compiled", "series") and len(rows):
        loss[rows], error[rows] = exact_loss(
            ended.W[rows],
            ended.b[rows],
            None if p is None else p[rows],
            I[rows],
            law=problem.law,
            activation=problem.activation,
            rtol=FINE,
            return_error=True,
        )
    return torch.where(loss.isfinite(), loss, torch.inf), error


def _tensor(rows: Iterable[Iterable[Fraction]]) -> Tensor:
    return torch.tensor([[float(x) for x in row] for row in rows], dtype=torch.float64)


def descend_all(
    problems: Sequence[Problem],
    starts: Sequence[tuple[Array, Array]],
    progress: Report | None = None,
    *,
    warm_up: int = 0,
) -> list[Ends]:
    """Descend every start of every problem.

    Parameters
    ----------
    problems
        At least one, of one size, law and activation.
    starts
        Weights (k, m, n) and biases (k, n) for each problem.
    progress
        Called after each step of a block and after each block, with (descents of ended blocks,
        descents in all, a text).
    warm_up
        As in :func:`numerics.descend`.

    Raises
    ------
    ValueError
        If the problems differ in size, law or activation.
    """
    one = problems[0]
    for other in problems:
        for what in ("features", "hidden", "law", "activation"):
            if getattr(one, what) != getattr(other, what):
                raise ValueError(
                    f"problems differ in {what}: {getattr(one, what)} and {getattr(other, what)}; "
                    "search those of one size, law and activation together"
                )
    W, b = (torch.from_numpy(np.concatenate(part)) for part in zip(*starts, strict=True))
    counts = [len(own) for own, _ in starts]
    owner = torch.arange(len(problems)).repeat_interleave(torch.tensor(counts))
    I = _tensor(problem.importance for problem in problems)
    p = _tensor(problem.density for problem in problems) if one.density else None
    ended, status, total = [], [], len(W)
    for rows in torch.split(torch.arange(total), _at_once(one)):
        first = int(rows[0]) if len(rows) else 0

        def report(still: Tensor, gradient: Tensor, first: int = first) -> None:
            if progress and len(still):
                size = f"gradient up to {gradient.max():.0e}"
                progress(first, total, f"descents; {len(still)} under way, {size}")

        own = None if p is None else p[owner[rows]], I[owner[rows]]
        block = descend(
            W[rows],
            b[rows],
            *own,
            law=one.law,
            activation=one.activation,
            warm_up=warm_up,
            report=report,
        )
        loss, error = _settled(block, *own, one)
        ended.append((loss, error, block.W, block.b, block.gradient))
        status += block.status
        if progress:
            progress(first + len(rows), total, "descents")
    parts = [
        [part.numpy() for part in torch.split(torch.cat(column), counts)]
        for column in zip(*ended, strict=True)
    ]
    names = iter(status)
    return [
        Ends(loss, error, V, c, gradient, list(islice(names, len(loss))))
        for loss, error, V, c, gradient in zip(*parts, strict=True)
    ]
