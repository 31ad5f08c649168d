r"""The least population loss over all weights and biases that multi-start descent finds.

Each problem is searched from the structured starts of :mod:`numerics.starts` and from random ones
by descent on the exact loss, in blocks that bound the memory.  The result is an upper bound of the
global minimum, not a proof; ``hits`` says how many starts reached it, ``statuses`` how the descents
ended.  Beyond three features the loss comes with an error estimate, and a descent can end where the
error is large and negative; so the best end is that of least loss plus ten times the estimate.

Phases within 1e-9 V of the minimum are ties; their set is closed under the symmetries of the
problem or, where these are too many to list, holds one phase of each kind
(:mod:`theory.phase_matching`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from theory.phase_matching import is_listed, tie_set
from theory.phases import Phase, phase
from theory.problem import Problem, dropped_loss

from .descent import Descent, descend
from .evaluator import exact_loss
from .piecewise import LARGEST_BATCHED, gram, plane_tensors
from .progress import Report
from .starts import random_starts, structured_starts

__all__ = ["TIE", "Optimum", "default_starts", "find_optimum", "improve", "search", "tie_width"]

TIE = 1e-9  # losses closer than this, in units of V, are tied
_BLOCK = 20_000  # models of up to three features descended together
_BLOCK_COUPLINGS = 50_000  # beyond: models times couplings
_BLOCK_BYTES = 2**28
_FINE = 1e-12  # accuracy in which ends are compared, in units of Σ I V

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best model found for one problem.

    Attributes
    ----------
    loss, W, b
        Population loss and the model (m, n), (n,) that has it; the loss is inf if every descent
        met a loss that is not finite.
    hits, starts
        How many of the starts ended within 1e-9 V of ``loss``.
    ties
        The phases of those models, made by :func:`theory.phase_matching.tie_set`.
    error
        Estimated error of ``loss``, beyond rounding.
    status, gradient
        How the descent to the best model ended, and its gradient there, measured as
        :mod:`numerics.descent` does.
    curvature
        Smallest eigenvalue of the Hessian there, as :func:`numerics.descend` defines it, or None.
    statuses
        How many descents ended in which status, as sorted pairs.
    """

    problem: Problem
    loss: float
    W: Array
    b: Array
    hits: int
    starts: int
    ties: frozenset[Phase]
    error: float = 0.0
    status: str = "converged"
    gradient: float | None = None
    curvature: float | None = None
    statuses: tuple[tuple[str, int], ...] = ()

    @property
    def gram(self) -> Array:
        """The Gram matrix of the best model."""
        return np.asarray(self.W.T @ self.W)

    @property
    def ties_listed(self) -> bool:
        """Whether ``ties`` lists every tied phase, not one of each kind."""
        return is_listed(self.problem)


@dataclass(frozen=True, slots=True)
class _Ends:
    """Where the descents of one problem ended; losses that are not finite are inf."""

    loss: Array
    error: Array
    W: Array
    b: Array
    gradient: Array
    status: list[str]


def default_starts(n: int) -> int:
    """Return how many random starts a problem of n features gets: 64, fewer from 20 features on."""
    return 64 if n < 20 else 24 if n < 50 else 8


def _structured_limit(n: int) -> int:
    return 64 if n < 50 else 16


def tie_width(problem: Problem) -> float:
    """Return 1e-9 V, with the mean V if densities differ."""
    V = [float(dropped_loss(p)) for p in problem.density]
    return TIE * sum(V) / len(V)


def _at_once(n: int, m: int) -> int:
    """Return how many models of a size are descended together."""
    if n <= LARGEST_BATCHED:
        return _BLOCK
    size = n * (m + 1)
    memory = 8 * (6 * size * min(size, 64) + 20 * n * n)  # history of steps, temporary matrices
    return max(1, min(_BLOCK_COUPLINGS // n**2, _BLOCK_BYTES // memory))


def _settled(ended: Descent, p: Tensor, I: Tensor) -> tuple[Tensor, Tensor]:
    """Return losses to the best accuracy and their estimated errors; inf and 0 if not finite."""
    loss, error = ended.loss.clone(), torch.zeros_like(ended.loss)
    rows = loss.isfinite().nonzero().flatten()
    if ended.b.shape[1] > LARGEST_BATCHED and len(rows):
        loss[rows], error[rows] = exact_loss(
            ended.W[rows], ended.b[rows], p[rows], I[rows], rtol=_FINE, return_error=True
        )
    return torch.where(loss.isfinite(), loss, torch.inf), error


def _descend_all(
    problems: Sequence[Problem],
    starts: Sequence[tuple[Array, Array]],
    progress: Report | None = None,
) -> list[_Ends]:
    """Descend every start of every problem, in blocks."""
    W, b = (torch.from_numpy(np.concatenate(part)) for part in zip(*starts, strict=True))
    counts = [len(own) for own, _ in starts]
    owner = torch.arange(len(problems)).repeat_interleave(torch.tensor(counts))
    p, I = (torch.stack(part) for part in zip(*map(plane_tensors, problems), strict=True))
    ended, status = [], []
    for rows in torch.split(torch.arange(len(W)), _at_once(*W.shape[:0:-1])):
        block = descend(W[rows], b[rows], p[owner[rows]], I[owner[rows]])
        loss, error = _settled(block, p[owner[rows]], I[owner[rows]])
        ended.append((loss, error, block.W, block.b, block.gradient))
        status += block.status
        if progress and len(rows) < len(W):
            progress(int(rows[-1]) + 1, len(W), "descents")
    parts = [
        [part.numpy() for part in torch.split(torch.cat(column), counts)]
        for column in zip(*ended, strict=True)
    ]
    names = iter(status)
    return [
        _Ends(loss, error, V, c, gradient, list(islice(names, len(loss))))
        for loss, error, V, c, gradient in zip(*parts, strict=True)
    ]


def _best(problem: Problem, ends: _Ends) -> Optimum:
    k = int((ends.loss + 10 * ends.error).argmin())
    least = float(ends.loss[k])
    tied = np.flatnonzero(np.isfinite(ends.loss) & (ends.loss <= least + tie_width(problem)))
    phases = {phase(G) for G in gram(torch.from_numpy(ends.W[tied])).numpy()}
    gradient = float(ends.gradient[k])
    return Optimum(
        problem=problem,
        loss=least,
        W=ends.W[k].copy(),
        b=ends.b[k].copy(),
        hits=len(tied),
        starts=len(ends.loss),
        ties=tie_set(phases, problem),
        error=float(ends.error[k]),
        status=ends.status[k],
        gradient=gradient if np.isfinite(gradient) else None,
        statuses=tuple(sorted(Counter(ends.status).items())),
    )


def search(
    problems: Sequence[Problem], *, starts: int, seed: int = 0, progress: Report | None = None
) -> list[Optimum]:
    """Search problems of one size together; see :func:`find_optimum`.

    ``progress`` is called after each block with (descents ended, descents in all, what they are),
    if there is more than one block.
    """
    pairs = []
    for problem in problems:
        structured = structured_starts(problem, _structured_limit(problem.features))
        random = random_starts(problem, starts, "optimum", seed)
        W, b = (np.concatenate(part) for part in zip(structured, random, strict=True))
        pairs.append((W, b))
    ends = _descend_all(problems, pairs, progress) if problems else []
    return [_best(problem, own) for problem, own in zip(problems, ends, strict=True)]


def improve(optima: Sequence[Optimum], guesses: Sequence[tuple[Array, Array]]) -> list[Optimum]:
    """Descend from guesses (k, m, n), (k, n) for each problem; keep what is lower or tied."""
    improved = []
    for old, ends in zip(optima, _descend_all([o.problem for o in optima], guesses), strict=True):
        gradient = np.nan if old.gradient is None else old.gradient
        both = _Ends(
            np.append(ends.loss, old.loss),
            np.append(ends.error, old.error),
            np.concatenate([ends.W, old.W[None]]),
            np.concatenate([ends.b, old.b[None]]),
            np.append(ends.gradient, gradient),
            [*ends.status, old.status],
        )
        new = replace(_best(old.problem, both), statuses=old.statuses)
        ties = old.ties | new.ties
        if new.loss < old.loss - tie_width(old.problem):
            improved.append(replace(new, starts=old.starts, hits=0))
        else:
            improved.append(
                replace(
                    min(new, old, key=lambda o: o.loss),
                    starts=old.starts,
                    hits=old.hits,
                    ties=ties if old.ties_listed else tie_set(ties, old.problem),
                )
            )
    return improved


def find_optimum(
    problem: Problem,
    *,
    starts: int | None = None,
    seed: int = 0,
    progress: Report | None = None,
) -> Optimum:
    """Find the least population loss of one problem of any size.

    Parameters
    ----------
    problem
        What is learned.
    starts
        Random starts, besides the structured ones; by default :func:`default_starts`.
    seed
        Seed of the random starts.
    progress
        Called after each block of descents, if there are several; see :func:`search`.

    Raises
    ------
    ValueError
        If ``starts`` is negative.
    """
    count = default_starts(problem.features) if starts is None else starts
    if count < 0:
        raise ValueError(f"starts is {starts}; give 0 or more")
    return search([problem], starts=count, seed=seed, progress=progress)[0]
