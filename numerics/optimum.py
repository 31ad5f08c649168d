r"""The least population loss over all weights and biases that multi-start descent finds.

Each problem is searched from the structured starts of :mod:`numerics.starts` and from random ones,
all in one batch, by BFGS on the exact loss.  The result is an upper bound of the global minimum,
not a proof; ``hits`` says how many starts reached it.  Phases within 1e-9 V of the minimum are
ties, and the set of tied phases is closed under the symmetries of the problem.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from theory.phases import Phase, closure, phase
from theory.problem import Problem, dropped_loss

from .descent import descend
from .piecewise import LARGEST_BATCHED, gram, plane_tensors
from .starts import random_starts, structured_starts

__all__ = ["TIE", "Optimum", "find_optimum", "improve", "search"]

TIE = 1e-9  # losses closer than this, in units of V, are tied
_BLOCK = 20_000  # models descended together

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best model found for one problem.

    Attributes
    ----------
    loss, W, b
        Population loss and the model (m, n), (n,) that has it.
    hits, starts
        How many of the starts ended within 1e-9 V of ``loss``.
    ties
        The phases of those models, closed under the symmetries of the problem.
    """

    problem: Problem
    loss: float
    W: Array
    b: Array
    hits: int
    starts: int
    ties: frozenset[Phase]

    @property
    def gram(self) -> Array:
        """The Gram matrix of the best model."""
        return np.asarray(self.W.T @ self.W)


def tie_width(problem: Problem) -> float:
    """Return 1e-9 V, with the mean V if densities differ."""
    V = [float(dropped_loss(p)) for p in problem.density]
    return TIE * sum(V) / len(V)


def _descend_all(
    problems: Sequence[Problem], starts: Sequence[tuple[Array, Array]]
) -> list[tuple[Array, Array, Array]]:
    """Descend every start of every problem in one batch; per problem (losses, W, b)."""
    counts = [len(W) for W, _ in starts]
    per_problem = [plane_tensors(problem) for problem in problems]
    p = torch.cat([q.expand(k, -1) for (q, _), k in zip(per_problem, counts, strict=True)])
    I = torch.cat([q.expand(k, -1) for (_, q), k in zip(per_problem, counts, strict=True)])
    W = torch.from_numpy(np.concatenate([w for w, _ in starts]))
    b = torch.from_numpy(np.concatenate([c for _, c in starts]))
    ended = descend(W, b, p, I)
    loss = torch.where(ended.loss.isfinite(), ended.loss, torch.inf)

    def split(tensor: Tensor) -> list[Array]:
        parts = torch.split(tensor, counts)
        return [part.numpy() for part in parts]

    return list(zip(split(loss), split(ended.W), split(ended.b), strict=True))


def _best(problem: Problem, losses: Array, W: Array, b: Array) -> Optimum:
    k = int(losses.argmin())
    tied = np.flatnonzero(losses <= losses[k] + tie_width(problem))
    phases = {phase(G) for G in gram(torch.from_numpy(W[tied])).numpy()}
    return Optimum(
        problem=problem,
        loss=float(losses[k]),
        W=W[k].copy(),
        b=b[k].copy(),
        hits=len(tied),
        starts=len(losses),
        ties=closure(phases, problem),
    )


def search(problems: Sequence[Problem], *, starts: int, seed: int = 0) -> list[Optimum]:
    """Search problems of one size together; see :func:`find_optimum`."""
    found: list[Optimum] = []
    per_block = max(1, _BLOCK // (starts + 50))
    for first in range(0, len(problems), per_block):
        block = problems[first : first + per_block]
        pairs = []
        for problem in block:
            (W0, b0), (W1, b1) = (
                structured_starts(problem),
                random_starts(problem, starts, "optimum", seed),
            )
            pairs.append((np.concatenate([W0, W1]), np.concatenate([b0, b1])))
        found += [
            _best(q, *ended) for q, ended in zip(block, _descend_all(block, pairs), strict=True)
        ]
    return found


def improve(optima: Sequence[Optimum], guesses: Sequence[tuple[Array, Array]]) -> list[Optimum]:
    """Descend from guesses (k, m, n), (k, n) for each problem; keep what is lower or tied."""
    improved = []
    ends = _descend_all([o.problem for o in optima], guesses)
    for old, (losses, W, b) in zip(optima, ends, strict=True):
        new = _best(
            old.problem,
            np.append(losses, old.loss),
            np.concatenate([W, old.W[None]]),
            np.concatenate([b, old.b[None]]),
        )
        if new.loss < old.loss - tie_width(old.problem):
            improved.append(replace(new, starts=old.starts, hits=0))
        else:
            improved.append(
                replace(
                    min(new, old, key=lambda o: o.loss),
                    starts=old.starts,
                    hits=old.hits,
                    ties=old.ties | new.ties,
                )
            )
    return improved


def find_optimum(problem: Problem, *, starts: int = 64, seed: int = 0) -> Optimum:
    """Find the least population loss of one problem.

    Parameters
    ----------
    problem
        At most three features.
    starts
        Random starts, besides the structured ones.
    seed
        Seed of the random starts.

    Raises
    ------
    ValueError
        If the problem is too large or ``starts`` is negative.
    """
    if problem.features > LARGEST_BATCHED:
        raise ValueError(
            f"{problem.features} features: the search covers up to {LARGEST_BATCHED}; give fewer"
        )
    if starts < 0:
        raise ValueError(f"starts is {starts}; give 0 or more")
    return search([problem], starts=starts, seed=seed)[0]
