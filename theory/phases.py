r"""States of features, the phase of a model, and the symmetries of a problem.

Everything here is a function of the Gram matrix :math:`G = W^\top W`, which rotations of the hidden
space leave alone.  With :math:`\hat W_i = W_i/\|W_i\|`,

* norm :math:`\|W_i\| = \sqrt{G_{ii}}`;
* overlap :math:`\sum_{j \neq i} (\hat W_i \cdot W_j)^2 = \sum_{j \neq i} G_{ij}^2/G_{ii}`, 0 if
  :math:`W_i = 0` (the text of arXiv 2209.10652; a figure legend there omits :math:`j \neq i`);
* dimensionality :math:`D_i = \|W_i\|^2/\sum_j (\hat W_i \cdot W_j)^2 = G_{ii}^2/(G^2)_{ii}`.

A feature is *dropped* if its norm is below 0.1, *dedicated* if its overlap is below 0.01, else
*superposed*.  A coupling matters when one of its two features would be superposed by it alone,
:math:`G_{ij}^2 \ge 0.01 \min(G_{ii}, G_{jj})` between features that are not dropped.  The *phase*
is the tuple of states with the signs of the couplings that matter.

Two symmetries of the loss act on phases: permutations of features with equal marginal and
importance that map the sets of the law to sets, and the reversal :math:`W_j \to -W_j` of any
feature where the law undoes it (:class:`theory.problem.Problem` says where and why).  Here they
are listed, for groups that are small; :mod:`theory.phase_matching` compares phases at any size.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import chain, permutations, product
from math import factorial, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .problem import Problem

__all__ = [
    "DEDICATED_OVERLAP",
    "DROPPED_NORM",
    "MOST_SYMMETRIES",
    "THRESHOLDS",
    "Phase",
    "State",
    "closure",
    "couplings",
    "dimensionalities",
    "norms",
    "overlaps",
    "phase",
    "symmetries",
    "symmetry_count",
]

DROPPED_NORM = 0.1
DEDICATED_OVERLAP = 0.01
MOST_SYMMETRIES = 5000  # groups larger than this are not listed
THRESHOLDS = {"dropped_norm": DROPPED_NORM, "dedicated_overlap": DEDICATED_OVERLAP}

Array = NDArray[np.float64]


class State(StrEnum):
    """What a model does with one feature."""

    DROPPED = "dropped"
    DEDICATED = "dedicated"
    SUPERPOSED = "superposed"


Phase = tuple[str, ...]
"""States of the n features, then the signs of the couplings that matter, as ``+01`` or ``-12``
(``-3.11`` from eleven features on)."""


def norms(G: Any) -> Array:
    r"""Return :math:`\|W_i\|` for Gram matrices (..., n, n) → (..., n)."""
    g = np.diagonal(np.asarray(G, float), axis1=-2, axis2=-1)
    return np.asarray(np.sqrt(np.maximum(g, 0.0)))


def overlaps(G: Any) -> Array:
    r"""Return :math:`\sum_{j \ne i} (\hat W_i \cdot W_j)^2`, 0 if W_i = 0; (..., n)."""
    G = np.asarray(G, float)
    g = np.diagonal(G, axis1=-2, axis2=-1)
    off = (G**2).sum(-1) - g**2
    quotient = np.divide(np.maximum(off, 0.0), g, out=np.zeros_like(g), where=g > 0)
    return np.asarray(quotient)


def dimensionalities(G: Any) -> Array:
    """Return :math:`D_i`, 0 for dropped features; (..., n, n) → (..., n)."""
    G = np.asarray(G, float)
    g = np.diagonal(G, axis1=-2, axis2=-1)
    square = (G**2).sum(-1)
    kept = norms(G) >= DROPPED_NORM
    quotient = np.divide(g**2, square, out=np.zeros_like(g), where=kept & (square > 0))
    return np.asarray(quotient)


def _coupling(i: int, j: int, positive: Any, n: int) -> str:
    return f"{'+' if positive else '-'}{i}{'.' if n > 10 else ''}{j}"


def phase(G: Any) -> Phase:
    """Return the phase of one Gram matrix (n, n).

    Examples
    --------
    >>> phase([[1.0, -0.9], [-0.9, 0.81]])
    ('superposed', 'superposed', '-01')
    """
    G = np.asarray(G, float)
    if not np.isfinite(G).all():
        raise ValueError(f"a Gram matrix with nan or inf has no phase: {G.tolist()}")
    n = len(G)
    norm, overlap = norms(G), overlaps(G)
    states = [
        State.DROPPED
        if norm[i] < DROPPED_NORM
        else State.DEDICATED
        if overlap[i] < DEDICATED_OVERLAP
        else State.SUPERPOSED
        for i in range(n)
    ]
    g = np.diagonal(G)
    kept = np.array([state != State.DROPPED for state in states])
    strong = G**2 - DEDICATED_OVERLAP * np.minimum.outer(g, g)
    matter = np.outer(kept, kept) & (strong >= 0)
    pairs = np.argwhere(np.triu(matter, 1)).tolist()
    signs = [_coupling(i, j, G[i, j] > 0, n) for i, j in pairs]
    return (*(str(state) for state in states), *signs)


def couplings(phase: Phase, n: int) -> list[tuple[int, int, bool]]:
    """Return the couplings that matter in a phase of n features, as (i, j, positive), i < j.

    Examples
    --------
    >>> couplings(("superposed", "superposed", "-01"), 2)
    [(0, 1, False)]
    """
    if len(phase) < n or not set(phase[:n]) <= set(State):
        raise ValueError(f"{phase} is not a phase of {n} features; give {n} states, then couplings")
    found = []
    for sign in phase[n:]:
        i, j = sign[1:].split(".") if n > 10 else tuple(sign[1:])
        found.append((int(i), int(j), sign[0] == "+"))
    return found


def _transformed(old: Phase, n: int, order: Sequence[int], reversal: Sequence[int]) -> Phase:
    """Apply a permutation (feature ``order[i]`` becomes feature i) and a reversal of signs."""
    place = {old_index: new for new, old_index in enumerate(order)}
    signs = []
    for i, j, up in couplings(old, n):
        positive = up == (reversal[i] * reversal[j] > 0)
        signs.append((*sorted((place[i], place[j])), positive))
    return (*(old[k] for k in order), *(_coupling(i, j, up, n) for i, j, up in sorted(signs)))


def closure(phases: Iterable[Phase], problem: Problem) -> frozenset[Phase]:
    """Close a set of phases under the symmetries of ``problem``, of which there are few.

    Raises
    ------
    ValueError
        If the problem has more than ``MOST_SYMMETRIES`` symmetries.

    Examples
    --------
    At equal importances the two ways of dropping one of two features are one phase set:

    >>> swap = Problem(features=2, hidden=1, density=1 / 2)
    >>> sorted(closure([("dedicated", "dropped")], swap))
    [('dedicated', 'dropped'), ('dropped', 'dedicated')]
    """
    n, group = problem.features, symmetries(problem)
    return frozenset(
        _transformed(old, n, order, reversal) for old in phases for order, reversal in group
    )


Blocks = list[tuple[int, ...]]


def _alike(problem: Problem) -> list[Blocks]:
    """Return the sets of the law and the single features in classes that may be exchanged whole."""
    kinds, classes = problem.kinds, dict[Any, Blocks]()
    sets = problem.law.sets
    alone = sorted(set(range(problem.features)).difference(*sets))
    for block in (*((i,) for i in alone), *sets):
        key = tuple(sorted(kinds[i] for i in block))
        classes.setdefault((len(block), key), []).append(block)
    return list(classes.values())


def _by_kind(block: Sequence[int], problem: Problem) -> list[list[int]]:
    """Return the features of a block by marginal and importance, in an order that is common."""
    kinds, groups = problem.kinds, dict[Any, list[int]]()
    for i in block:
        groups.setdefault(kinds[i], []).append(i)
    return [groups[kind] for kind in sorted(groups)]


def symmetry_count(problem: Problem) -> int:
    """Return how many symmetries :func:`symmetries` would list."""
    count = 2**problem.features if problem.reversible else 1
    for blocks in _alike(problem):
        inside = prod(factorial(len(group)) for group in _by_kind(blocks[0], problem))
        count *= factorial(len(blocks)) * inside ** len(blocks)
    return count


def _exchanges(blocks: Blocks, problem: Problem) -> Iterator[list[tuple[int, int]]]:
    """Yield the ways to map blocks of one class to each other, as pairs (feature, image)."""
    own = [[*chain(*_by_kind(block, problem))] for block in blocks]
    for images in permutations(blocks):
        groups = [group for image in images for group in _by_kind(image, problem)]
        for inside in product(*map(permutations, groups)):
            yield list(zip(chain(*own), chain(*inside), strict=True))


def symmetries(problem: Problem) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return the symmetries of the loss as (order, reversal) pairs.

    They act on Gram matrices: :math:`G'_{ij} = s_i s_j G_{o_i o_j}` (biases follow).

    Raises
    ------
    ValueError
        If there are more than ``MOST_SYMMETRIES``.
    """
    n = problem.features
    if symmetry_count(problem) > MOST_SYMMETRIES:
        raise ValueError(
            f"these {n} features have more than the {MOST_SYMMETRIES} symmetries that are "
            "listed; compare phases with theory.phase_matching"
        )
    orders = []
    for parts in product(*(_exchanges(blocks, problem) for blocks in _alike(problem))):
        orders.append(tuple(image for _, image in sorted(chain(*parts))))
    reversals = list(product((1, -1), repeat=n)) if problem.reversible else [(1,) * n]
    return list(product(orders, reversals))
