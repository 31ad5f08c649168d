r"""The loss by how many features are on: :math:`L = \sum_k (1-S)^k S^{n-k} L_k`.

For independent features of one density p = 1 − S exactly the set A is on with probability
:math:`p^{|A|} S^{n-|A|}`.  So the population loss is the sum above with

.. math::

    L_k = \sum_{|A| = k} \sum_i I_i\, E\bigl[(x_i - x'_i)^2 \,\big|\, A \text{ is on}\bigr] ,

the *multiplicity* :math:`\binom nk` inside :math:`L_k` (arXiv 2209.10652, F11).  The first two for
:math:`x' = \mathrm{ReLU}(W^\top W x + b)`:

.. math::

    L_0 = \sum_i I_i \mathrm{ReLU}(b_i)^2, \qquad
    L_1 = \sum_i \int_0^1 I_i \bigl(x - \mathrm{ReLU}(\|W_i\|^2 x + b_i)\bigr)^2 dx
        + \sum_{i \ne j} \int_0^1 I_j\, \mathrm{ReLU}(W_j \cdot W_i\, x + b_j)^2 dx ,

feature benefit and interference.  (The paper writes :math:`L_0` without importances and, in
:math:`L_1`, with the importance inside of the square.)  With values of 1 in place of uniform ones
the integrals become their integrands at x = 1, the paper's discrete version; for norms 0 and 1 and
no bias that is :math:`\sum_{i:W_i=0} I_i + \sum_{i \ne j} I_j \mathrm{ReLU}(W_j \cdot W_i)^2`, the
energy of its generalised Thomson problem, and uniform values give a third of it.

Since :math:`L_k` does not depend on p, the loss of a model at *all* densities is one polynomial.
As :math:`S \to 1` the first k with :math:`L_k \ne 0` is what remains.

**Cost.**  Output i sees its :math:`c_i` neighbours only: t of these on can be completed to a set of
k in :math:`\binom{n-1-c_i}{k-t}` ways, so :math:`\sum_i 3^{c_i}` terms serve all k.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb
from typing import Any

import flint
import sympy

from .feature_values import per_feature
from .gram_matrices import as_model, gram_and_bias, to_sympy
from .laws import FeatureLaw
from .output_losses import averages
from .problem import check_activation
from .rationals import listed, to_rational

__all__ = ["active_set_losses", "assembled", "one_active_integral"]

_LARGEST = 9  # features: 3⁹ terms an output


def active_set_losses(
    W: Any,
    b: Any,
    importance: Any = None,
    *,
    amplitude: str = "uniform",
    activation: str = "relu",
) -> tuple[Any, ...]:
    r"""Return :math:`L_0, \dots, L_n`, exactly.

    Parameters
    ----------
    W, b
        Weights (m, n), features are columns, and biases (n,), as in
        :func:`theory.population_loss`; floats are read as the rationals they are.
    importance
        One number or n of them, 1 by default; symbols are allowed.
    amplitude
        ``uniform``, ``signed`` or ``binary``.
    activation
        ``relu`` or ``linear``.

    Returns
    -------
    tuple of sympy numbers or expressions

    Raises
    ------
    ValueError
        If shapes do not fit or there are more than nine features.

    Examples
    --------
    One dropped feature beside a dedicated one, and an antipodal pair, both without bias:

    >>> active_set_losses([[1, 0]], [0, 0])
    (0, 1/3, 1/3)
    >>> active_set_losses([[1, -1]], [0, 0])
    (0, 0, 1/3)
    """
    law = FeatureLaw(amplitude=amplitude)
    check_activation(activation)
    rows, bias = as_model(W, b)
    n = len(rows[0])
    if n > _LARGEST:
        raise ValueError(f"{n} features have 3^{n} terms an output; give at most {_LARGEST}")
    weights = [to_rational(I) for I in per_feature(importance, n, "importance", default=1)]
    G, bias = gram_and_bias(rows, bias, None)
    rational = isinstance(G[0][0], flint.fmpq)
    average = averages(law, activation, _as_fmpq if rational else to_rational)
    total: list[Any] = [sympy.Integer(0)] * (n + 1)
    for i in range(n):
        neighbours = [j for j in range(n) if j != i and G[i][j] != 0]
        others = n - 1 - len(neighbours)
        for t in range(len(neighbours) + 1):
            pairs = [
                average(G[i][i], [G[i][j] for j in active], bias[i])
                for active in combinations(neighbours, t)
            ]
            on, silent = (
                weights[i] * sum(map(to_sympy, side)) for side in zip(*pairs, strict=True)
            )
            for more in range(others + 1):
                total[t + more] += comb(others, more) * silent
                total[t + more + 1] += comb(others, more) * on
    return tuple(sympy.expand(loss) for loss in total)


def _as_fmpq(value: Any) -> Any:
    return flint.fmpq(value.numerator, value.denominator)


def assembled(losses: Sequence[Any], density: Any) -> Any:
    r"""Return :math:`\sum_k p^k (1-p)^{n-k} L_k`, in the arithmetic of its arguments.

    Examples
    --------
    >>> p = sympy.Symbol("p")
    >>> sympy.expand(assembled(active_set_losses([[1, -1]], [0, 0]), p))
    p**2/3
    """
    n = len(losses) - 1
    return sum(density**k * (1 - density) ** (n - k) * L for k, L in enumerate(losses))


def one_active_integral(
    gram: Any, bias: Sequence[Any], importance: Sequence[Any], sample: Mapping[Any, Any]
) -> Any:
    r"""Return :math:`L_1` as the two sums of integrals above, integrated symbolically.

    Parameters
    ----------
    gram, bias, importance
        A Gram matrix (n, n), biases and importances: expressions in symbols.
    sample
        A value for every symbol of ``gram`` and ``bias``; it decides the signs of the
        preactivations at x = 0 and x = 1, and the result holds wherever they are the same.
    """
    G, x = sympy.Matrix(listed(gram)), sympy.Symbol("x", real=True)
    n, total = G.rows, sympy.Integer(0)
    for i in range(n):
        for j in range(n):
            z = sympy.expand(G[j, i] * x + bias[j])
            start, end = (bool(z.subs(x, end).subs(sample) > 0) for end in (0, 1))
            root = -bias[j] / G[j, i] if start != end else None
            above = (0 if start else root, 1 if end else root) if start or end else (0, 0)
            target = x if i == j else 0
            square = sympy.integrate(sympy.expand((target - z) ** 2), (x, *above))
            silent = sympy.Rational(1, 3) if i == j else 0
            if i == j and above != (0, 0):
                silent -= sympy.integrate(x**2, (x, *above))
            total += importance[j] * (square + silent)
    return total
