r"""The sparse limit: at most one feature active, a loss that is a polynomial piece by piece.

Let :math:`x = u e_j` with j uniform on the n features and u uniform on [0, 1] (arXiv 2310.06301,
"Dynamical versus Bayesian phase transitions in a toy model of superposition").  For
:math:`x' = \mathrm{ReLU}(Gx + b)` the loss is :math:`L = H/3n` with the *potential*
:math:`H = \sum_i H_i`,

.. math::

    H_i = 3 \int_0^1 \bigl(u - (G_{ii}u + b_i)_+\bigr)^2 du
          + \sum_{j \ne i} 3 \int_0^1 (G_{ij}u + b_i)_+^2\,du ,

a sum of elementary integrals.  A neighbour of coupling a costs, at bias b ≤ 0,
:math:`(a+b)^3/a` if a + b > 0 and 0 otherwise; at b > 0, :math:`-b^3/a` if a + b < 0 and
:math:`a^2 + 3ab + 3b^2` otherwise.  The feature itself, with :math:`g = G_{ii}` and
:math:`N = (1-g)^2 - 3(1-g)b + 3b^2`, costs N at b > 0, and at b ≤ 0 :math:`N + b^3/g^2 + b^3/g` if
g + b > 0 and 1 otherwise.  A division is by a number larger than the bias, so nothing cancels.

**Independent features.**  With density p, for b ≤ 0, the loss is np times the one above and
:math:`O(p^2)`, and b > 0 does not pay as an inactive output then errs nearly always.  So a block of
k features in d dimensions, its weights and biases held as p → 0, has a loss of
:math:`pH/3` and a benefit per dimension (:mod:`theory.blocks`)

.. math:: B \to \frac{k - H}{d}, \qquad V = \frac p3 - \frac{p^2}4 .

**Equal lengths.**  Let k unit vectors with cosines c have the common squared length g and the
common bias −gt, t ≥ 0.  As :math:`(gc - gt)^3/gc = g^2(c-t)^3/c`,

.. math::

    H = k - gk\,(1-t)^2(2+t) + g^2 Q(t), \qquad Q(t) = \sum_{ij} \frac{(c_{ij} - t)_+^3}{c_{ij}},

with each vector its own neighbour (c = 1).  The best length, :math:`g = k(1-t)^2(2+t)/2Q`, leaves

.. math:: B = \max_{0 \le t < 1} \frac{k^2 (1-t)^4 (2+t)^2}{4\,d\,Q(t)} .

Where no cosine is positive, t = 0 and B = k/d: digons are worth 2, and no more is possible without
interference (:mod:`theory.packing`).
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from .rationals import as_vector, listed

__all__ = ["SparseBlock", "limit_benefit", "potential"]

_GRID = 1025  # values of t between which the best one is looked for
_SAME = 1e-12  # rounding of a cosine


@dataclass(frozen=True, slots=True, kw_only=True)
class SparseBlock:
    """Vectors of one length with one bias, at their best in the sparse limit.

    Attributes
    ----------
    features, dimensions
        k and d.
    squared_length, bias
        g = ‖W_i‖² and b ≤ 0.
    potential
        H, summed over the k features: between 0 and k.
    benefit
        (k − H)/d.
    """

    features: int
    dimensions: int
    squared_length: float
    bias: float
    potential: float
    benefit: float


def _divisible(value: Any) -> Any:
    return Fraction(value) if isinstance(value, int) else value


def _neighbour(a: Any, b: Any) -> Any:
    if b > 0:
        return a * a + 3 * a * b + 3 * b * b if a + b >= 0 else -(b**3) / a
    return (a + b) ** 3 / a if a + b > 0 else 0 * b


def _own(g: Any, b: Any) -> Any:
    if b <= 0 and g + b <= 0:
        return 1 + 0 * b
    smooth = (1 - g) ** 2 - 3 * (1 - g) * b + 3 * b * b
    return smooth if b > 0 else smooth + b**3 / (g * g) + b**3 / g


def potential(G: Any, b: Any) -> Any:
    """Return H of a Gram matrix and biases, in their arithmetic; whole numbers are fractions.

    Parameters
    ----------
    G
        Couplings (n, n): ``G[i][j]`` is what feature j adds to output i.  Numbers that can be
        compared, exact ones included; not necessarily symmetric, with a diagonal of at least 0.
    b
        Biases, n of them.

    Returns
    -------
    number
        H; the loss with exactly one feature active is H/(3n).

    Raises
    ------
    ValueError
        If the shapes do not fit or a diagonal entry is negative.

    Examples
    --------
    A digon stores two features for free; a dropped feature costs at least 1 − 3/(4n):

    >>> from fractions import Fraction
    >>> potential([[1, -1], [-1, 1]], [0, 0])
    Fraction(0, 1)
    >>> potential([[1, -1, 0], [-1, 1, 0], [0, 0, 0]], [0, 0, Fraction(1, 6)])
    Fraction(3, 4)
    """
    rows = [[_divisible(a) for a in as_vector(row)] for row in listed(G)]
    biases, n = [_divisible(bias) for bias in as_vector(b)], len(rows)
    if n == 0 or {len(row) for row in rows} != {n}:
        raise ValueError(f"G has rows of lengths {[len(row) for row in rows]}; it must be (n, n)")
    if len(biases) != n:
        raise ValueError(f"{len(biases)} biases for {n} features; give {n}")
    total = 0 * biases[0]
    for i, (row, bias) in enumerate(zip(rows, biases, strict=True)):
        if row[i] < 0:
            raise ValueError(f"G[{i}][{i}] is {row[i]}; a Gram matrix has no negative diagonal")
        total += _own(row[i], bias)
        total += sum(_neighbour(a, bias) for j, a in enumerate(row) if j != i)
    return total


def _best_threshold(cosine: NDArray[np.float64], count: NDArray[np.int64]) -> float:
    """Return the t that maximises (1−t)⁴(2+t)²/Q."""

    def terms(t: Any) -> NDArray[np.float64]:
        return np.asarray(np.maximum(cosine - np.asarray(t)[..., None], 0.0))

    def slope(t: float) -> float:
        over = terms(t)
        Q, fall = (count * over**3 / cosine).sum(), 3 * (count * over**2 / cosine).sum()
        return float(fall * (1 - t) * (2 + t) - 6 * (1 + t) * Q)

    grid = np.linspace(0, 1, _GRID)[:-1]
    benefit = (1 - grid) ** 4 * (2 + grid) ** 2 / (count * terms(grid) ** 3 / cosine).sum(-1)
    best = int(np.argmax(benefit))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    if slope(low) <= 0:
        return float(low)
    return float(brentq(slope, low, high, xtol=1e-15))


def limit_benefit(directions: Any) -> SparseBlock:
    """Return the best common length and bias of given directions as the density goes to 0.

    Other lengths may do better, where the directions are not equivalent.  Accurate to about 1e-12.

    Parameters
    ----------
    directions
        Columns (d, k) of any lengths above 0; d may exceed the dimension of their span.

    Returns
    -------
    SparseBlock
        With the dimension of the span, H and the benefit per dimension.

    Raises
    ------
    ValueError
        If the directions are no matrix or a column is zero or not finite.

    Examples
    --------
    >>> limit_benefit([[1, -1]]).benefit
    2.0
    """
    columns = np.asarray(listed(directions), float)
    if columns.ndim != 2 or not columns.size:
        raise ValueError(f"directions have shape {columns.shape}; give a matrix (d, k)")
    norm = np.linalg.norm(columns, axis=0)
    if not (np.isfinite(norm).all() and (norm > 0).all()):
        raise ValueError(f"directions have lengths {norm}; give finite ones above 0")
    unit = columns / norm
    k, d = unit.shape[1], int(np.linalg.matrix_rank(unit))
    gram = unit.T @ unit
    np.fill_diagonal(gram, 1.0)
    cosine, count = np.unique(gram[gram > _SAME], return_counts=True)
    t = _best_threshold(cosine, count)
    Q = float((count * np.maximum(cosine - t, 0.0) ** 3 / cosine).sum())
    linear = k * (1 - t) ** 2 * (2 + t)
    g, saved = linear / (2 * Q), linear * linear / (4 * Q)
    return SparseBlock(
        features=k,
        dimensions=d,
        squared_length=g,
        bias=0.0 - g * t,
        potential=k - saved,
        benefit=saved / d,
    )
