r"""The population loss of :math:`\mathrm{ReLU}(W^\top W x + b)`, exactly.

Setting (arXiv 2209.10652, section 2): features are independent, :math:`x_i = 0` with probability
:math:`1 - p_i`, else uniform on :math:`[0, 1]`, and

.. math::

    L = \sum_i I_i\, E(x_i - (z_i)_+)^2, \qquad z_i = b_i + \sum_j G_{ij} x_j, \quad
    G = W^\top W.

Condition on the set :math:`A` of active features other than :math:`i` and on whether :math:`i` is
active.  With :math:`a = (G_{ij})_{j \in A}`, :math:`g = G_{ii}` and the moments :math:`M_q` of
:mod:`theory.truncated_powers`,

* i silent: :math:`E z_+^2 = M_2(a; b)`;
* i active, :math:`g \neq 0`:
  :math:`E z_+^2 = M_2(a, g; b) = \bigl(M_3(a; b + g) - M_3(a; b)\bigr)/3g` and
  :math:`E[u z_+] = \bigl(M_2(a; b + g) - M_2(a, g; b)\bigr)/2g` (integrate
  :math:`\tfrac12 \partial_u (c + g u)_+^2 = g (c + g u)_+` by parts against u);
* i active, :math:`g = 0`: :math:`E z_+^2 = M_2(a; b)` and :math:`E[u z_+] = M_1(a; b)/2`.

Then :math:`E(x_i - x'_i)^2` is the average of :math:`1/3 - 2E[u z_+] + E z_+^2` and :math:`E z_+^2`
over :math:`A` and i.  A zero coupling drops out, so the cost is :math:`\sum_i 3^{c_i}` with
:math:`c_i` the number of nonzero couplings of output i.

**Accuracy.**  Exact for exact input, algebraic numbers included (:mod:`theory.algebraic_numbers`).
Floats are read as the rationals they are, the sum is done in rational arithmetic and rounded once
at the end, so the result is correctly rounded at every coupling down to 0.  (The same sum in
float64 is off by 1 at couplings of 1e-4.)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

import flint
import sympy

from .algebraic_numbers import AlgebraicNumber
from .gram_matrices import as_model, gram_and_bias, gram_matrix, to_sympy
from .problem import per_feature
from .rationals import is_inexact, listed, rounded, to_fraction, to_rational
from .truncated_powers import is_positive, rectified_moment

__all__ = ["RegionLoss", "gram_matrix", "per_feature_loss", "population_loss", "region_loss"]

_LARGEST_SUM = 12 * 3**10  # dense n = 11 at most: seconds
_THIRD = flint.fmpq(1, 3)
_EXACT = (flint.fmpq, AlgebraicNumber)


def _subsets(items: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for size in range(len(items) + 1):
        yield from combinations(items, size)


def _conditional_losses(
    g: Any, a: Sequence[Any], b: Any, positive: Callable[[Any], bool], third: Any
) -> tuple[Any, Any]:
    """Return the loss of one output, its feature (active, silent), with those of ``a`` active."""
    silent = rectified_moment(b, a, 2, positive)
    if g == 0:
        return third - rectified_moment(b, a, 1, positive) + silent, silent
    lower, upper = (rectified_moment(c, a, 3, positive) for c in (b, b + g))
    square = (upper - lower) / (3 * g)
    cross = (rectified_moment(b + g, a, 2, positive) - square) / (2 * g)
    return third - 2 * cross + square, silent


def _output_loss(
    i: int,
    row: Sequence[Any],
    b: Any,
    density: Sequence[Any],
    lift: Callable[[Any], Any] = lambda value: value,
    positive: Callable[[Any], bool] = is_positive,
    third: Any = _THIRD,
) -> Any:
    """Return E(x_i − x'_i)²; ``lift`` takes moments into the arithmetic of the densities."""
    others = [j for j, a in enumerate(row) if j != i and a != 0]
    total: Any = 0
    for active in _subsets(others):
        weight: Any = 1
        for j in others:
            weight = weight * (density[j] if j in active else 1 - density[j])
        if weight == 0:
            continue
        on, off = _conditional_losses(row[i], [row[j] for j in active], b, positive, third)
        total = total + weight * (density[i] * lift(on) + (1 - density[i]) * lift(off))
    return total


def _exact_losses(W: Any, b: Any, density: Any) -> tuple[list[Any], bool]:
    """Return the n losses, Fractions or sympy expressions, and whether any input was a float."""
    rows, bias = as_model(W, b)
    n = len(rows[0])
    density = per_feature(density, n, "density")
    everything = [*chain.from_iterable(rows), *bias, *density]
    inexact = any(map(is_inexact, everything))
    G, bias = gram_and_bias(rows, bias)
    terms = sum(3 ** sum(1 for j in range(n) if j != i and G[i][j] != 0) for i in range(n))
    if terms > _LARGEST_SUM:
        raise ValueError(
            f"the exact sum has {terms} terms at n={n} with these couplings (limit "
            f"{_LARGEST_SUM}); it is meant for n up to about 8 coupled features"
        )
    p_exact = [f for f in map(to_fraction, density) if f is not None]
    kind = type(G[0][0])
    if len(p_exact) == n and issubclass(kind, _EXACT):
        p = [flint.fmpq(f.numerator, f.denominator) for f in p_exact]
        losses = [_output_loss(i, G[i], bias[i], p) for i in range(n)]
        if issubclass(kind, AlgebraicNumber):
            return [loss.sympy() for loss in losses], inexact
        results: list[Any] = [Fraction(int(loss.p), int(loss.q)) for loss in losses]
        if not inexact and any(isinstance(entry, sympy.Basic) for entry in everything):
            results = [to_rational(loss) for loss in results]
        return results, inexact
    q = [to_rational(entry) for entry in density]
    third = _THIRD if issubclass(kind, _EXACT) else sympy.Rational(1, 3)
    losses = [_output_loss(i, G[i], bias[i], q, to_sympy, third=third) for i in range(n)]
    return [sympy.expand(loss) for loss in losses], inexact


def _rounded(value: Any) -> Any:
    """Return the nearest float; an expression with symbols as it is."""
    if isinstance(value, Fraction):
        return rounded(value)
    return float(sympy.N(value, 30)) if value.is_number else value


def per_feature_loss(W: Any, b: Any, density: Any) -> tuple[Any, ...]:
    """Return the n unweighted losses :math:`E(x_i - x'_i)^2`; see :func:`population_loss`."""
    losses, inexact = _exact_losses(W, b, density)
    return tuple(map(_rounded, losses)) if inexact else tuple(losses)


def population_loss(W: Any, b: Any, density: Any, importance: Any = None) -> Any:
    r"""Return :math:`\sum_i I_i E(x_i - x'_i)^2`, exactly.

    Parameters
    ----------
    W
        Weights (m, n), features are columns: nested lists, arrays or tensors of int, Fraction,
        float, or comparable sympy numbers.
    b
        Biases (n,), of the same kinds.
    density, importance
        One number or n of them; sympy symbols are allowed.  Importance defaults to 1.

    Returns
    -------
    Fraction, sympy expression or float
        Exact for exact input; for floats the correctly rounded value at those floats.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite or out of range, or the sum is too long
        (more dense couplings than 11 features have; n up to about 8 is what it is for).

    Examples
    --------
    The antipodal pair costs :math:`(1 + r) p^2/6` (the paper's phase diagrams, F12):

    >>> p, r = sympy.symbols("p r", positive=True)
    >>> sympy.factor(population_loss([[1, -1]], [0, 0], p, [1, r]))
    p**2*(r + 1)/6
    """
    losses, inexact = _exact_losses(W, b, density)
    weights = per_feature(importance, len(losses), "importance", default=1)
    inexact = inexact or any(map(is_inexact, weights))
    exact: list[Any] = [to_fraction(entry) for entry in weights]
    if None in exact or any(isinstance(x, sympy.Basic) for x in (*weights, *losses)):
        pairs = zip(map(to_rational, weights), map(to_rational, losses), strict=True)
        total = sympy.expand(sum(i * loss for i, loss in pairs))
    else:
        total = sum((i * loss for i, loss in zip(exact, losses, strict=True)), Fraction(0))
    return _rounded(total) if inexact else total


@dataclass(frozen=True, slots=True)
class RegionLoss:
    r"""The loss on one sign region of the preactivations, where it is a rational function.

    Attributes
    ----------
    expression
        The loss, in the symbols of the Gram matrix, biases, density and importance.
    above, below
        The vertices :math:`b_i + \sum_{j \\in v} G_{ij}` that are positive, and those that are not,
        everywhere on the region.  If ``below`` is empty no ReLU ever clips and the loss is a
        polynomial.
    """

    expression: Any
    above: tuple[Any, ...]
    below: tuple[Any, ...]

    @property
    def relations(self) -> tuple[Any, ...]:
        """The region as sympy relations that all hold."""
        zero = sympy.Integer(0)
        return tuple(sympy.Gt(v, zero) for v in self.above) + tuple(
            sympy.Le(v, zero) for v in self.below
        )


def region_loss(
    gram: Any, bias: Sequence[Any], density: Any, importance: Any, sample: Mapping[Any, Any]
) -> RegionLoss:
    r"""Derive the loss as one rational function on the sign region that contains ``sample``.

    Parameters
    ----------
    gram
        Gram matrix (n, n), a sympy matrix or nested lists of expressions.  An entry that is exactly
        0 stays 0; other entries are taken to be nonzero.
    bias
        Biases (n,), expressions.
    density, importance
        One expression or n of them.
    sample
        A value for every symbol of ``gram`` and ``bias``; it decides the sign of each vertex.

    Returns
    -------
    RegionLoss
        The expression, with the region it holds on.

    Examples
    --------
    >>> p, r, g = sympy.symbols("p r g", positive=True)
    >>> pair = [[g, -g], [-g, g]]
    >>> loss = region_loss(pair, [0, 0], p, [1, r], {g: 1}).expression
    >>> sympy.factor(loss.subs(g, 1))
    p**2*(r + 1)/6
    """
    G = sympy.Matrix(listed(gram))
    n = G.rows
    bias = [sympy.sympify(entry) for entry in bias]
    density = [sympy.sympify(to_rational(q)) for q in per_feature(density, n, "density")]
    importance = [sympy.sympify(to_rational(q)) for q in per_feature(importance, n, "importance")]
    signs: dict[Any, bool] = {}

    def positive(vertex: Any) -> bool:
        vertex = sympy.expand(vertex)
        if vertex not in signs:
            value = vertex.subs(sample)
            if not value.is_number:
                missing = sorted(map(str, value.free_symbols))
                raise ValueError(f"the sample point gives no value for {missing}")
            signs[vertex] = bool(value > 0)
        return signs[vertex]

    third = sympy.Rational(1, 3)
    losses = [
        _output_loss(i, list(G.row(i)), bias[i], density, positive=positive, third=third)
        for i in range(n)
    ]
    expression = sum(I * sympy.cancel(loss) for I, loss in zip(importance, losses, strict=True))
    constant = [v for v in signs if not v.free_symbols]
    above = [v for v, sign in signs.items() if sign and v not in constant]
    below = [v for v, sign in signs.items() if not sign and v not in constant]
    return RegionLoss(expression, tuple(above), tuple(below))
