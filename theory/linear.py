r"""The linear model :math:`x' = W^\top W x + b`: its exact loss, its optimum, why nothing overlaps.

Let the features be uncorrelated, of means :math:`\mu_j` and variances :math:`V_j`, and
:math:`G = W^\top W`.  The error of output i is
:math:`b_i - ((1-G)\mu)_i - \sum_j (1-G)_{ij}(x_j - \mu_j)` up to its sign, so exactly

.. math::

    L = \sum_i I_i \bigl(b_i - ((1-G)\mu)_i\bigr)^2 + \sum_{ij} I_i V_j (\delta_{ij} - G_{ij})^2 .

The first term vanishes at the best bias :math:`b = (1-G)\mu`.  With one variance V for all what is
left is V times

.. math::

    \underbrace{\sum_i I_i (1 - \|W_i\|^2)^2}_{\text{feature benefit}}
    + \underbrace{\sum_{i \ne j} I_j (W_j \cdot W_i)^2}_{\text{interference}} ,

the formula of arXiv 2209.10652, F11 (after Saxe et al., arXiv 1312.6120).  So its :math:`\sim` is
an equality for any uncorrelated features of one variance, Gaussian or not, at the best bias; with
another bias, or :math:`\mu \ne 0` and none, the first term is missing from it.

**The optimum.**  Let :math:`A = \operatorname{diag} I^{1/2}`, :math:`B = \operatorname{diag}
V^{1/2}`.  Then :math:`L = \|AB - AGB\|_F^2` and :math:`AGB` has rank m at most.  By Eckart and
Young this is at least the sum of all but the m largest squared singular values of the diagonal
matrix AB, the numbers :math:`I_i V_i`, and equality needs AGB to be AB on the m largest and 0 on
the others, if the m-th and the next differ.  The projection G onto the m features of largest
:math:`I_i V_i` does it, and it is :math:`W^\top W` of orthonormal columns there.  So at every
density, with T the set of these features,

.. math::

    \min L = \sum_{i \notin T} I_i V_i, \qquad W_i \cdot W_j = \delta_{ij} \text{ on } T, \qquad
    W_i = 0, \; b_i = \mu_i \text{ off } T,

and no other Gram matrix attains it: the linear model never superposes unless two features tie for
the last place.  (If all :math:`I_i` are equal and all :math:`V_i` too, every projection of rank m
is an optimum.)

Storing other features is stationary too.  Turning the direction of a stored i by a small angle s
towards j, not stored, changes the loss by

.. math:: s^2\,(I_i V_j + I_j V_i - 2 I_j V_j) ,

at one variance :math:`s^2 V (I_i - I_j)`: a saddle if j is more important.  Descent then does not
stay there.  At unequal densities it may: tied weights have minima besides the optimum.

Its Gram matrix is singular whenever n > m, as that of every model is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .feature_values import per_feature
from .gram_matrices import as_model, gram_matrix
from .laws import FeatureLaw

__all__ = ["LinearOptimum", "benefit_and_interference", "best_bias", "linear_optimum"]


@dataclass(frozen=True, slots=True)
class LinearOptimum:
    """The least loss of the linear model, and the models that have it.

    Attributes
    ----------
    stored
        The m features with norm 1, at right angles, in ascending order; the others have norm 0.
    bias
        The n best biases.
    loss
        The least loss.
    unique
        Whether every optimum has this Gram matrix: the m-th and the next :math:`I_i V_i` differ,
        or at m = n the least is not 0.
    """

    stored: tuple[int, ...]
    bias: tuple[Any, ...]
    loss: Any
    unique: bool


def linear_optimum(hidden: int, density: Sequence[Any], importance: Any = None) -> LinearOptimum:
    r"""Return the optimum of the linear model of independent features, uniform on [0, 1].

    Parameters
    ----------
    hidden
        m.
    density
        n densities in (0, 1].
    importance
        One number or n of them, 1 by default.

    Raises
    ------
    ValueError
        If m is not between 1 and n, or a density or an importance is out of its range.

    Examples
    --------
    >>> from fractions import Fraction
    >>> linear_optimum(1, [Fraction(1, 2)] * 2, [1, Fraction(1, 3)])
    LinearOptimum(stored=(0,), bias=(0, Fraction(1, 4)), loss=Fraction(5, 144), unique=True)
    """
    n, law = len(density), FeatureLaw()
    if not 1 <= hidden <= n:
        raise ValueError(f"{n} features in {hidden} dimensions; give from 1 to n dimensions")
    density = per_feature(density, n, "density")
    weights = per_feature(importance, n, "importance", default=1)
    cost = [I * law.variance(p) for I, p in zip(weights, density, strict=True)]
    order = sorted(range(n), key=lambda i: -cost[i])
    stored, rest = order[:hidden], order[hidden:]
    return LinearOptimum(
        stored=tuple(sorted(stored)),
        bias=tuple(0 if i in stored else density[i] * law.mean for i in range(n)),
        loss=sum(cost[i] for i in rest),
        unique=bool(cost[stored[-1]] != (cost[rest[0]] if rest else 0)),
    )


def best_bias(W: Any, means: Sequence[Any]) -> list[Any]:
    """Return the best biases (1 − WᵀW) μ of a linear model."""
    rows, means = as_model(W, means)
    G = gram_matrix(rows)
    return [
        mu - sum(g * other for g, other in zip(row, means, strict=True))
        for mu, row in zip(means, G, strict=True)
    ]


def benefit_and_interference(W: Any, importance: Any = None) -> tuple[Any, Any]:
    r"""Return :math:`\sum I_i(1-\|W_i\|^2)^2` and :math:`\sum_{i\ne j} I_j(W_j\cdot W_i)^2`.

    Examples
    --------
    >>> benefit_and_interference([[1, -1, 0]], [1, 2, 3])
    (3, 3)
    """
    rows, _ = as_model(W, [0] * len(W[0]))
    n = len(rows[0])
    G = gram_matrix(rows)
    weights = per_feature(importance, n, "importance", default=1)
    benefit = sum(weights[i] * (1 - G[i][i]) ** 2 for i in range(n))
    interference = sum(weights[j] * G[j][i] ** 2 for i in range(n) for j in range(n) if i != j)
    return benefit, interference
