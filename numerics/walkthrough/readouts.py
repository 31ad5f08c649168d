r"""What a superposed state says of the features that made it: read-outs and ambiguity.

The hidden state of an input x is :math:`h = Wx` (arXiv 2209.10652, section 2).  Read-outs are
:math:`W^\top h` (linear) and :math:`\mathrm{ReLU}(W^\top h + b)`.  With more features than
dimensions other inputs have the same hidden state: x plus the kernel of W, as far as all entries
stay in [0, 1].  Over these inputs each feature runs through an interval, two linear programmes; one
of width 0 is all that no read-out can mistake.  The input of the least sum among them is what basis
pursuit would recover.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog

__all__ = ["Ambiguity", "PairPatterns", "ReadOut", "ambiguity", "pair_patterns", "read_out"]

Array = NDArray[np.float64]


def _checked(W: ArrayLike, b: ArrayLike | None) -> tuple[Array, Array]:
    weights = np.asarray(W, dtype=float)
    if weights.ndim != 2:
        raise ValueError(f"W has shape {weights.shape}; give (m, n), features are columns")
    biases = np.zeros(weights.shape[1]) if b is None else np.asarray(b, dtype=float)
    if biases.shape != (weights.shape[1],):
        raise ValueError(f"b has shape {biases.shape}; give {weights.shape[1]} entries")
    return weights, biases


def _checked_input(x: ArrayLike, n: int) -> Array:
    values = np.asarray(x, dtype=float)
    if values.shape != (n,) or not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"x must hold {n} numbers in [0, 1], got {values.tolist()}")
    return values


@dataclass(frozen=True, slots=True, eq=False)
class ReadOut:
    """One input, its hidden state and what is read out of it.

    Attributes
    ----------
    x, hidden
        The input (n,) and its hidden state (m,).
    linear, relu
        The read-outs WᵀWx and ReLU(WᵀWx + b), each (n,).
    """

    x: Array
    hidden: Array
    linear: Array
    relu: Array


def read_out(W: ArrayLike, x: ArrayLike, b: ArrayLike | None = None) -> ReadOut:
    """Return what a model with weights W (m, n) and biases b (n), 0 by default, makes of x (n).

    Examples
    --------
    >>> read_out([[1, -1]], [0.9, 0.5]).relu.round(3).tolist()
    [0.4, 0.0]
    """
    weights, biases = _checked(W, b)
    values = _checked_input(x, weights.shape[1])
    hidden = weights @ values
    linear = weights.T @ hidden
    return ReadOut(values, hidden, linear, np.maximum(linear + biases, 0))


@dataclass(frozen=True, slots=True, eq=False)
class PairPatterns:
    """What a model makes of every pair of features that are on together.

    Attributes
    ----------
    pairs
        The features of each pair, (pairs, 2).
    hidden
        Hidden states, (pairs, m).
    preactivation, output
        WᵀWx + b and its ReLU, (pairs, n).
    loss
        Squared error summed over all outputs, (pairs,).
    wrongly_on
        Which outputs are positive though the feature is off, (pairs, n).
    """

    pairs: NDArray[np.int64]
    hidden: Array
    preactivation: Array
    output: Array
    loss: Array
    wrongly_on: NDArray[np.bool_]


def pair_patterns(
    W: ArrayLike, b: ArrayLike | None = None, *, magnitude: float = 1.0
) -> PairPatterns:
    """Return hidden states and outputs for each pair of features on at one magnitude.

    Parameters
    ----------
    W, b
        Weights (m, n) with n ≥ 2 and biases (n), 0 by default.
    magnitude
        The value of both features, in (0, 1].
    """
    weights, biases = _checked(W, b)
    n = weights.shape[1]
    if n < 2:
        raise ValueError(f"{n} feature makes no pair; give at least 2")
    if not 0 < magnitude <= 1:
        raise ValueError(f"magnitude must be in (0, 1], got {magnitude}")
    pairs = np.array(list(combinations(range(n), 2)))
    x = np.zeros((len(pairs), n))
    np.put_along_axis(x, pairs, magnitude, axis=1)
    hidden = x @ weights.T
    before = hidden @ weights + biases
    output = np.maximum(before, 0)
    return PairPatterns(
        pairs, hidden, before, output, ((output - x) ** 2).sum(1), (output > 0) & (x == 0)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Ambiguity:
    """The inputs that share one hidden state.

    Attributes
    ----------
    low, high
        The least and the largest value of each feature over these inputs, (n,).
    width
        Their difference; 0 where the hidden state decides the feature.
    least_sum
        The input of the least sum among them, what basis pursuit recovers, (n,).
    """

    low: Array
    high: Array
    width: Array
    least_sum: Array


def ambiguity(W: ArrayLike, x: ArrayLike) -> Ambiguity:
    """Return how far inputs in [0, 1] with the hidden state of x differ from each other.

    Accurate to about 1e-9 (linear programmes).

    Examples
    --------
    >>> found = ambiguity([[1, -1]], [0.9, 0.5])
    >>> found.low.round(6).tolist(), found.high.round(6).tolist()
    ([0.4, 0.0], [1.0, 0.6])
    """
    weights, _ = _checked(W, None)
    n = weights.shape[1]
    hidden = weights @ _checked_input(x, n)

    def least(cost: Array) -> Array:
        found = linprog(cost, A_eq=weights, b_eq=hidden, bounds=(0, 1), method="highs")
        if found.x is None:
            raise ArithmeticError(f"the linear programme ended with: {found.message}")
        return np.asarray(found.x)

    unit = np.eye(n)
    low = np.array([least(unit[i])[i] for i in range(n)])
    high = np.array([least(-unit[i])[i] for i in range(n)])
    return Ambiguity(low, high, np.maximum(high - low, 0), least(np.ones(n)))
