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

Two symmetries of the loss act on phases: permutations of features with equal density and
importance, and, when every feature is always on (p = 1), the reversal :math:`W_j \to -W_j` of any
feature, because :math:`x_j \to 1 - x_j` has the same law and a bias absorbs the shift.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import combinations, permutations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .problem import Problem

__all__ = [
    "DEDICATED_OVERLAP",
    "DROPPED_NORM",
    "THRESHOLDS",
    "Phase",
    "State",
    "closure",
    "dimensionalities",
    "norms",
    "overlaps",
    "phase",
]

DROPPED_NORM = 0.1
DEDICATED_OVERLAP = 0.01
THRESHOLDS = {"dropped_norm": DROPPED_NORM, "dedicated_overlap": DEDICATED_OVERLAP}

Array = NDArray[np.float64]


class State(StrEnum):
    """What a model does with one feature."""

    DROPPED = "dropped"
    DEDICATED = "dedicated"
    SUPERPOSED = "superposed"


Phase = tuple[str, ...]
"""States of the n features, then the signs of the couplings that matter, as ``+01`` or ``-12``."""


def norms(G: Any) -> Array:
    """Return :math:`\\|W_i\\|` for Gram matrices (..., n, n) → (..., n)."""
    return np.sqrt(np.maximum(np.diagonal(np.asarray(G, float), axis1=-2, axis2=-1), 0.0))


def overlaps(G: Any) -> Array:
    """Return :math:`\\sum_{j \\ne i} (\\hat W_i \\cdot W_j)^2`, 0 where W_i = 0; (..., n, n) → (..., n)."""
    G = np.asarray(G, float)
    g = np.diagonal(G, axis1=-2, axis2=-1)
    off = (G**2).sum(-1) - g**2
    return np.divide(np.maximum(off, 0.0), g, out=np.zeros_like(g), where=g > 0)


def dimensionalities(G: Any) -> Array:
    """Return :math:`D_i`, 0 for dropped features; (..., n, n) → (..., n)."""
    G = np.asarray(G, float)
    g = np.diagonal(G, axis1=-2, axis2=-1)
    square = (G**2).sum(-1)
    kept = norms(G) >= DROPPED_NORM
    return np.divide(g**2, square, out=np.zeros_like(g), where=kept & (square > 0))


def phase(G: Any) -> Phase:
    """Return the phase of one Gram matrix (n, n).

    Examples
    --------
    >>> phase([[1.0, -0.9], [-0.9, 0.81]])
    ('superposed', 'superposed', '-01')
    """
    G = np.asarray(G, float)
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
    signs = [
        f"{'+' if G[i, j] > 0 else '-'}{i}{j}"
        for i, j in combinations(range(n), 2)
        if State.DROPPED not in (states[i], states[j])
        and G[i, j] ** 2 >= DEDICATED_OVERLAP * min(G[i, i], G[j, j])
    ]
    return (*(str(state) for state in states), *signs)


def _transformed(old: Phase, n: int, order: Sequence[int], reversal: Sequence[int]) -> Phase:
    """Apply a permutation (feature ``order[i]`` becomes feature i) and a reversal of signs."""
    place = {old_index: new for new, old_index in enumerate(order)}
    signs = []
    for coupling in old[n:]:
        i, j = int(coupling[1]), int(coupling[2])
        sign = (1 if coupling[0] == "+" else -1) * reversal[i] * reversal[j]
        first, second = sorted((place[i], place[j]))
        signs.append((first, second, "+" if sign > 0 else "-"))
    return (*(old[k] for k in order), *(f"{s}{i}{j}" for i, j, s in sorted(signs)))


def closure(phases: Iterable[Phase], problem: Problem) -> frozenset[Phase]:
    """Close a set of phases under the symmetries of ``problem``.

    Examples
    --------
    At equal importances the two ways of dropping one of two features are one phase set:

    >>> swap = Problem(features=2, hidden=1, density=1 / 2)
    >>> sorted(closure([("dedicated", "dropped")], swap))
    [('dedicated', 'dropped'), ('dropped', 'dedicated')]
    """
    n = problem.features
    kind = list(zip(problem.density, problem.importance, strict=True))
    orders = [o for o in permutations(range(n)) if all(kind[o[i]] == kind[i] for i in range(n))]
    always_on = all(p == 1 for p in problem.density)
    reversals = list(product((1, -1), repeat=n)) if always_on else [(1,) * n]
    return frozenset(
        _transformed(old, n, order, reversal)
        for old in phases
        for order in orders
        for reversal in reversals
    )
