r"""The least population loss over all weights and biases that multi-start descent finds.

Each problem is searched from the structured starts of :mod:`numerics.starts` and from random ones
by descent on the exact loss (:mod:`numerics.ends`).  The result is an upper bound of the
global minimum, not a proof; ``hits`` says how many starts reached it, ``statuses`` how the descents
ended.  A series comes with an error estimate, and a descent can end where the error is large and
negative; so the best end is that of least loss plus ten times the estimate.

Phases within 1e-9 V of the minimum, V the mean variance of a feature, are ties; their set is closed
under the symmetries of the problem or, where these are too many to list, holds one phase of each
kind (:mod:`theory.phase_matching`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral

import numpy as np
import torch
from numpy.typing import NDArray

from theory.phase_matching import is_listed, tie_set
from theory.phases import Phase, phase
from theory.problem import Problem

from .descent import descend
from .ends import Ends, descend_all, evaluator_of, joined
from .piecewise import gram
from .progress import Report
from .starts import random_starts, structured_starts

__all__ = [
    "TIE",
    "Optimum",
    "default_starts",
    "find_optimum",
    "improve",
    "polished",
    "search",
    "tie_width",
]

TIE = 1e-9  # losses closer than this, in units of V, are tied
_NOISE = 1e-13  # of the loss, in units of Σ I V: what a smaller gradient may cost
_POLISHING = 60  # steps from the best end
_WARM_UP = 800  # steps of Adam from random weights
_WARM_FROM = 60  # where they are more than this
_SLOW_STARTS = 16  # at most, where the loss takes long

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
    curvature, curvature_status
        Least curvature of the loss there and what it is (:mod:`numerics.stability`), or None.
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
    curvature_status: str | None = None
    statuses: tuple[tuple[str, int], ...] = ()

    @property
    def gram(self) -> Array:
        """The Gram matrix of the best model."""
        return np.asarray(self.W.T @ self.W)

    @property
    def ties_listed(self) -> bool:
        """Whether ``ties`` lists every tied phase, not one of each kind."""
        return is_listed(self.problem)


def default_starts(problem: Problem) -> int:
    """Return how many random starts a problem gets.

    64, fewer from 20 features on and where the loss takes long: laws left to the plain series.
    """
    n = problem.features
    most = _SLOW_STARTS if evaluator_of(problem) == "series" else 64
    return min(most, 64 if n < 20 else 24 if n < 50 else 8)


def _structured_limit(problem: Problem) -> int:
    most = _SLOW_STARTS if evaluator_of(problem) == "series" else 64
    return min(most, 64 if problem.features < 50 else 16)


def tie_width(problem: Problem) -> float:
    """Return 1e-9 V, with the mean V if variances differ."""
    V = [float(one) for one in problem.variances]
    return TIE * sum(V) / len(V) or TIE * problem.scale


def _best(problem: Problem, ends: Ends) -> Optimum:
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
    """Search problems of one size, law and activation together; see :func:`find_optimum`.

    ``progress`` is called as :func:`numerics.ends.descend_all` says.

    Raises
    ------
    ValueError
        If the problems differ in size, law or activation.
    """
    if not problems:
        return []
    structured = [structured_starts(q, _structured_limit(q)) for q in problems]
    random = [random_starts(q, starts, "optimum", seed) for q in problems]
    warm_up = _WARM_UP if problems[0].hidden * problems[0].features > _WARM_FROM else 0
    known = sum(len(W) for W, _ in structured)
    total = known + starts * len(problems)

    def after(first: int) -> Report | None:
        if progress is None:
            return None
        return lambda done, _, text: progress(first + done, total, text)

    ends = zip(
        descend_all(problems, structured, after(0)),
        descend_all(problems, random, after(known), warm_up=warm_up),
        strict=True,
    )
    return [_best(q, joined(*own)) for q, own in zip(problems, ends, strict=True)]


def improve(optima: Sequence[Optimum], guesses: Sequence[tuple[Array, Array]]) -> list[Optimum]:
    """Descend from guesses (k, m, n), (k, n) for each problem; keep what is lower or tied."""
    if not optima:
        return []
    improved = []
    for old, ends in zip(optima, descend_all([o.problem for o in optima], guesses), strict=True):
        gradient = np.nan if old.gradient is None else old.gradient
        before = Ends(
            np.array([old.loss]),
            np.array([old.error]),
            old.W[None],
            old.b[None],
            np.array([gradient]),
            [old.status],
        )
        new = replace(_best(old.problem, joined(ends, before)), statuses=old.statuses)
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


def polished(optimum: Optimum) -> Optimum:
    """Return the same taken to the end by Newton's method, with its least curvature.

    Both where second derivatives are kept (:mod:`numerics.polish`); up to three features the model
    stays as it is.
    """
    problem = optimum.problem
    if not np.isfinite(optimum.loss):
        return optimum
    compiled = evaluator_of(problem) == "compiled"
    ended = descend(
        optimum.W[None],
        optimum.b[None],
        [float(p) for p in problem.density] if problem.density else None,
        [float(I) for I in problem.importance],
        law=problem.law,
        activation=problem.activation,
        max_steps=_POLISHING if compiled else 0,
        newton=compiled,
        curvature=True,
    )
    own = ended.stability[0] if ended.stability else None
    if own is None:
        return optimum
    known = replace(optimum, curvature=own.curvature, curvature_status=own.status)
    noise = _NOISE * problem.scale
    if not compiled or not float(ended.loss[0]) <= optimum.loss + noise:
        return known
    return replace(
        known,
        loss=float(ended.loss[0]),
        W=ended.W[0].numpy(),
        b=ended.b[0].numpy(),
        status=ended.status[0],
        gradient=float(ended.gradient[0]),
    )


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
        Called as descents go on; see :func:`search`.

    Raises
    ------
    ValueError, TypeError
        If ``problem`` is no Problem, or ``starts`` is negative or no whole number.
    """
    if not isinstance(problem, Problem):
        raise TypeError(f"problem {problem!r} is no Problem; pass a theory.problem.Problem")
    count = default_starts(problem) if starts is None else starts
    if not isinstance(count, Integral):
        raise TypeError(f"starts {starts!r} must be a whole number (int), 0 or more, or None")
    if count < 0:
        raise ValueError(f"starts is {starts}; give 0 or more")
    return polished(search([problem], starts=count, seed=seed, progress=progress)[0])
