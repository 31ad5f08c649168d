r"""The least loss of three correlated pairs with a given number of them collapsed.

A *state* is that number, 0 to 3.  The law does not change when the two of a pair are exchanged, so
a minimum among the models with k pairs exactly collapsed is a critical point of the loss: from
random starts and from the candidates of :mod:`theory.correlated_sets`, for each k, descents with
the first k pairs kept alike end in such points.  Of all these ends (k = 0 leaves everything free)
those with a given number of collapsed pairs (opening below :data:`~.measures.COLLAPSED`) are a
state's, and the least of them is its loss.  The lower envelope over the states is the optimum, as
far as these starts reach.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from theory.correlated_sets import CANDIDATES
from theory.laws import FeatureLaw

from ...seeds import generator
from ...set_descent import descend_mixture
from ..work import Arrays
from .measures import collapsed_pairs

__all__ = ["LAW", "PAIRS", "change", "state_losses"]

LAW = FeatureLaw.parse("correlated:0,1/2,3/4,5")
PAIRS = ((0, 1), (2, 3), (4, 5))
_SCALES = (0.4, 1.0)  # of random weights

Array = NDArray[np.float64]


def _hexagon() -> Array:
    angle = np.radians([-30, 30, 90, 150, 210, 270])
    return np.array([np.cos(angle), np.sin(angle)])


def _known() -> list[Array]:
    """Return the candidates, the hexagon of neighbours, and it with the first pair collapsed."""
    candidates = [np.array(W, dtype=float) for W in CANDIDATES.values()]
    hexagon = _hexagon()
    fold = hexagon.copy()
    fold[:, :2] = np.array([[np.sqrt(0.5)], [0.0]])
    return [*candidates, hexagon, fold]


def state_losses(densities: Sequence[float], starts: int, seed: int) -> Arrays:
    """Return for each density the least loss of each state, with its model; inf where none is.

    Parameters
    ----------
    densities
        P that a pair is on.
    starts
        Random starts for each k.
    seed
        Root of the random numbers.

    Returns
    -------
    dict
        ``loss`` (D, 4), ``W`` (D, 4, 2, 6), ``b`` (D, 4, 6); ``ends`` (D, 4), how many of the free
        descents from random starts ended in each state.
    """
    D = len(densities)
    loss, ends = np.full((D, 4), np.inf), np.zeros((D, 4), np.int64)
    W, b = np.zeros((D, 4, 2, 6)), np.zeros((D, 4, 6))
    known = np.stack(_known())
    for k in range(4):
        first, p = [], []
        for density in densities:
            rng = generator("collapse", k, density, seed)
            scale = np.resize(_SCALES, starts)[:, None, None]
            first.append(np.concatenate([scale * rng.normal(size=(starts, 2, 6)), known]))
            p += [density] * len(first[-1])
        weights = np.concatenate(first)
        found = descend_mixture(
            weights, np.zeros((len(weights), 6)), np.array(p), LAW, alike=PAIRS[:k]
        )
        count = collapsed_pairs(found.W).reshape(D, -1)
        per = count.shape[1]
        for d in range(D):
            for state in range(4):
                rows = d * per + np.flatnonzero(count[d] == state)
                if len(rows):
                    best = rows[found.loss[rows].argmin()]
                    if found.loss[best] < loss[d, state]:
                        loss[d, state] = found.loss[best]
                        W[d, state], b[d, state] = found.W[best], found.b[best]
            if k == 0:
                ends[d] = np.bincount(count[d, :starts], minlength=4)
    return {"loss": loss, "W": W, "b": b, "ends": ends}


def change(low: float, high: float, W: Array, b: Array, width: float) -> Arrays:
    """Return between which densities the number of collapsed pairs of the optimum changes.

    Parameters
    ----------
    low, high
        Densities whose optima have different numbers.
    W, b
        Models (k, 2, 6), (k, 6) from which descents start at every density tried, among them those
        that lead to both optima.
    width
        Bisection ends at this relative width.

    Returns
    -------
    dict
        ``low`` and ``high``, and ``states``, the two numbers.
    """

    def state(p: float) -> int:
        found = descend_mixture(W, b, p, LAW)
        return int(collapsed_pairs(found.W[found.loss.argmin()]))

    states = state(low), state(high)
    while high - low > width * low:
        middle = (low + high) / 2
        low, high = (middle, high) if state(middle) == states[0] else (low, middle)
    return {"low": np.array(low), "high": np.array(high), "states": np.array(states)}
