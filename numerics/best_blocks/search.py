r"""The best block: the least exact loss of k equally important features in d dimensions.

Features in mutually orthogonal subspaces do not interfere: output i reads
:math:`W_i \cdot \sum_j W_j x_j`, where only the features of its own block have a part.  So the loss
of a model adds over its blocks, and how well a block uses the dimensions it takes is its *benefit
per dimension*

.. math:: B = \frac{k V - L}{d V}, \qquad V = \frac p3 - \frac{p^2}4,

1 for dedicated features (arXiv 2209.10652, "The geometry of superposition", explains the block by
its polytope; the benefit is the exact loss in place of an explanation).  Where features are
plentiful, the block of the largest benefit fills the space best.

The loss is descended from random weights, from packings of known shapes
(:mod:`numerics.starts`), from the shapes of the catalogue with k vertices in d dimensions and
perturbed copies of them, and from what is known at other densities.  Several densities are searched
together: each one's best is then a start for its neighbours, until nothing improves.  The result is
an upper bound of the loss, a lower bound of the benefit; ``hits`` says how many starts reached it.

Features may be dropped (a dropped feature costs V and has no part in the benefit), and the rest
may fall into several blocks: ``names`` lists them as :mod:`numerics.geometry` does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.phases import DROPPED_NORM
from theory.problem import Problem
from theory.rationals import as_fraction

from ..ends import Ends, descend_all, joined
from ..geometry.learned import learned_geometry
from ..geometry.references import references
from ..progress import Report
from ..seeds import generator
from ..starts import random_starts, structured_starts

__all__ = ["Block", "Guess", "best_block", "improved", "search_blocks"]

STARTS = 32
_WARM_UP = 300  # steps of Adam from random weights
_WARM_FROM = 6  # weights
_NOISE = 0.05
_TIE = 1e-9  # of k V
_PASSES = 4  # over the densities, while neighbours improve

Array = NDArray[np.float64]
Guess = tuple[Array, Array]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The best model found of k features in d dimensions.

    Attributes
    ----------
    density
        p = P(x ≠ 0) of every feature.
    W, b
        Weights (d, k) and biases (k,).
    loss
        Population loss, summed over the k features.
    hits, starts
        How many of the starts ended within 1e-9 k V of ``loss``; a model that a neighbouring
        density led to may have none.
    status
        How the descent to it ended (:class:`numerics.descent.Descent`).
    """

    density: Fraction
    W: Array
    b: Array
    loss: float
    hits: int
    starts: int
    status: str

    @property
    def k(self) -> int:
        """The number of features."""
        return int(self.W.shape[1])

    @property
    def d(self) -> int:
        """The number of dimensions."""
        return int(self.W.shape[0])

    @property
    def variance(self) -> float:
        """V = p/3 − p²/4, what a dropped feature costs."""
        return float(self.density / 3 - self.density**2 / 4)

    @property
    def benefit(self) -> float:
        """The benefit per dimension, (kV − L)/(dV)."""
        return float((self.k * self.variance - self.loss) / (self.d * self.variance))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the orthogonal blocks it falls into, the largest dimension first."""
        if not (np.linalg.norm(self.W, axis=0) >= DROPPED_NORM).any():
            return ()
        return tuple(block.name for block in learned_geometry(self.W).blocks)


def _problem(k: int, d: int, density: Any) -> Problem:
    return Problem(features=k, hidden=d, density=(as_fraction(density),) * k)


def _from_catalogue(problem: Problem) -> Guess:
    """Return the shapes of the catalogue of this size and perturbed copies."""
    k, d = problem.features, problem.hidden
    shapes = [one.vertices for one in references(k, d)] if k > d else []
    rng = generator("catalogue", k, d, problem.density)
    W = np.array([*shapes, *(one + _NOISE * rng.standard_normal(one.shape) for one in shapes)])
    return W.reshape(-1, d, k), np.zeros((len(W), k))


def _best(problem: Problem, ends: Ends) -> Block:
    at = int((ends.loss + 10 * ends.error).argmin())
    width = _TIE * float(problem.scale)
    return Block(
        density=problem.density[0],
        W=ends.W[at].copy(),
        b=ends.b[at].copy(),
        loss=float(ends.loss[at]),
        hits=int((ends.loss <= ends.loss[at] + width).sum()),
        starts=len(ends.loss),
        status=ends.status[at],
    )


def _joined(guesses: Sequence[Guess]) -> Guess:
    W, b = (np.concatenate(part) for part in zip(*guesses, strict=True))
    return W, b


def improved(blocks: Sequence[Block], guesses: Sequence[Guess]) -> list[Block]:
    """Descend from guesses (W (g, d, k), b (g, k)) for each of several blocks of one size.

    What is lower by more than 1e-9 kV replaces a block; its ``hits`` are then 0, since no start
    found it.
    """
    problems = [_problem(one.k, one.d, one.density) for one in blocks]
    found = []
    for problem, old, ends in zip(problems, blocks, descend_all(problems, guesses), strict=True):
        if not len(ends.loss):
            found.append(old)
            continue
        new = _best(problem, ends)
        lower = new.loss < old.loss - _TIE * float(problem.scale)
        found.append(replace(new, hits=0, starts=old.starts) if lower else old)
    return found


def _from_neighbours(blocks: list[Block], fresh: set[int]) -> list[Guess]:
    """Return the neighbours of each block in density that are fresh, as guesses."""
    guesses = []
    for at, block in enumerate(blocks):
        near = [blocks[i] for i in (at - 1, at + 1) if i in fresh and 0 <= i < len(blocks)]
        W = np.array([one.W for one in near]).reshape(-1, block.d, block.k)
        b = np.array([one.b for one in near]).reshape(-1, block.k)
        guesses.append((W, b))
    return guesses


def search_blocks(
    k: int,
    d: int,
    densities: Sequence[Any],
    *,
    starts: int = STARTS,
    seed: int = 0,
    progress: Report | None = None,
) -> list[Block]:
    """Search the best block at each of several densities.

    Parameters
    ----------
    k, d
        Features and dimensions, k ≥ d ≥ 1.
    densities
        In order: neighbours in the list are starts for each other.
    starts
        Random starts for each density, and structured ones at most.
    seed
        Root of the random starts.
    progress
        Called as in :func:`numerics.ends.descend_all`.

    Raises
    ------
    ValueError, TypeError
        If k or d is no size, a density is not in (0, 1], or there are no starts.
    """
    if not isinstance(starts, int) or starts < 1:
        raise ValueError(f"starts is {starts!r}; give a whole number from 1 on")
    problems = [_problem(k, d, density) for density in densities]
    if not problems:
        return []
    known = [_joined([structured_starts(q, starts), _from_catalogue(q)]) for q in problems]
    random = [random_starts(q, starts, "best block", seed) for q in problems]
    warm_up = _WARM_UP if k * d > _WARM_FROM else 0
    ends = zip(
        descend_all(problems, known, progress),
        descend_all(problems, random, progress, warm_up=warm_up),
        strict=True,
    )
    blocks = [_best(q, joined(*own)) for q, own in zip(problems, ends, strict=True)]
    fresh = set(range(len(blocks)))
    for _ in range(_PASSES if len(blocks) > 1 else 0):
        better = improved(blocks, _from_neighbours(blocks, fresh))
        fresh = {at for at in fresh | set(range(len(blocks))) if better[at] is not blocks[at]}
        blocks = better
        if not fresh:
            break
    return blocks


def best_block(k: int, d: int, density: Any, *, starts: int = STARTS, seed: int = 0) -> Block:
    """Return the best block found of k equally important features in d dimensions.

    Parameters
    ----------
    k, d
        Features and dimensions, k ≥ d ≥ 1.
    density
        p = P(x ≠ 0) of every feature, a number in (0, 1]; active features are uniform on [0, 1].
    starts
        Random starts, and structured ones at most.
    seed
        Root of the random starts; the same seed gives the same bits on one machine.

    Raises
    ------
    ValueError, TypeError
        If k or d is no size, the density is not in (0, 1], or there are no starts.

    Examples
    --------
    >>> block = best_block(2, 1, 0.5)
    >>> block.names, round(block.benefit, 6)
    (('digon',), 1.267689)
    """
    return search_blocks(k, d, [density], starts=starts, seed=seed)[0]
