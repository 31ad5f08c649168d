r"""The population loss of :math:`\mathrm{ReLU}(W^\top W x + b)`, exactly.

Setting (arXiv 2209.10652, section 2): features are independent, :math:`x_i = 0` with probability
:math:`1 - p_i`, else uniform on :math:`[0, 1]`, and

.. math::

    L = \sum_i I_i\, E(x_i - (z_i)_+)^2, \qquad z_i = b_i + \sum_j G_{ij} x_j, \quad
    G = W^\top W.

Other laws of the features (:mod:`theory.laws`), an untied :math:`W_\text{out}` in place of
:math:`W^\top` and no activation are allowed too.  Every one of these losses is a sum over the
active sets of the neighbours of an output, each averaged over the values in closed form
(:mod:`theory.output_losses`).  A zero coupling drops out, so the cost is :math:`\sum_i 3^{c_i}`
with :math:`c_i` the number of nonzero couplings of output i when features are independent and
amplitudes continuous, and less for other laws and for binary amplitudes.

**Accuracy.**  Exact for exact input, algebraic numbers included (:mod:`theory.algebraic_numbers`).
Floats are read as the rationals they are, the sum is done in rational arithmetic and rounded once
at the end, so the result is correctly rounded at every coupling down to 0.  (The same sum in
float64 is off by 1 at couplings of 1e-4.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

import flint
import sympy

from .algebraic_numbers import AlgebraicNumber
from .feature_values import per_feature
from .gram_matrices import as_model, as_readout, gram_and_bias, gram_matrix, to_sympy
from .laws import FeatureLaw
from .output_losses import averages, number_of_terms, output_loss, views
from .problem import check_activation
from .rationals import is_inexact, listed, rounded, to_fraction, to_rational

__all__ = ["RegionLoss", "gram_matrix", "per_feature_loss", "population_loss", "region_loss"]

_LARGEST_SUM = 12 * 3**10  # dense n = 11 at most: seconds
_PAPER = FeatureLaw()  # independent, uniform
_EXACT = (flint.fmpq, AlgebraicNumber)


def _as_law(law: Any, activation: str) -> FeatureLaw:
    """Return the law, by default that of the paper, or say what is wrong with it."""
    check_activation(activation)
    if law is not None and not isinstance(law, FeatureLaw):
        raise TypeError(f"law {law!r} is not a FeatureLaw; make one with FeatureLaw.parse(text)")
    return law or _PAPER


def _quotient(value: Any) -> Any:
    """Return a Fraction in the arithmetic of flint."""
    return flint.fmpq(value.numerator, value.denominator)


def _exact_losses(
    W: Any, b: Any, density: Any, law: FeatureLaw | None, W_out: Any, activation: str
) -> tuple[list[Any], bool]:
    """Return the n losses, Fractions or sympy expressions, and whether any input was a float."""
    law = _as_law(law, activation)
    rows, bias = as_model(W, b)
    n = len(rows[0])
    readout = None if W_out is None else as_readout(W_out, len(rows), n)
    given = law.densities(density, n)
    everything = [*chain.from_iterable([*rows, *(readout or [])]), *bias, *given]
    inexact = any(map(is_inexact, everything))
    G, bias = gram_and_bias(rows, bias, readout)
    kind = type(G[0][0])
    number = _quotient if issubclass(kind, _EXACT) else to_rational
    p_exact = [to_fraction(entry) for entry in given]
    numeric = issubclass(kind, _EXACT) and None not in p_exact
    p = [_quotient(q) for q in p_exact] if numeric else [to_rational(entry) for entry in given]
    seen = views(G, law.states(p))
    terms = number_of_terms(seen, law, activation)
    if terms > _LARGEST_SUM:
        raise ValueError(
            f"the exact sum has {terms} terms at n={n} with these couplings (limit "
            f"{_LARGEST_SUM}); it is meant for n up to about 8 coupled features"
        )
    average = averages(law, activation, number)
    if numeric:
        losses = [output_loss(i, G[i], bias[i], seen[i], average) for i in range(n)]
        if issubclass(kind, AlgebraicNumber):
            return [loss.sympy() for loss in losses], inexact
        results: list[Any] = [Fraction(int(loss.p), int(loss.q)) for loss in losses]
        if not inexact and any(isinstance(entry, sympy.Basic) for entry in everything):
            results = [to_rational(loss) for loss in results]
        return results, inexact
    losses = [output_loss(i, G[i], bias[i], seen[i], average, to_sympy) for i in range(n)]
    return [sympy.expand(loss) for loss in losses], inexact


def _rounded(value: Any) -> Any:
    """Return the nearest float; an expression with symbols as it is."""
    if isinstance(value, Fraction):
        return rounded(value)
    return float(sympy.N(value, 30)) if value.is_number else value


def per_feature_loss(
    W: Any,
    b: Any,
    density: Any,
    *,
    law: FeatureLaw | None = None,
    W_out: Any = None,
    activation: str = "relu",
) -> tuple[Any, ...]:
    """Return the n unweighted losses :math:`E(x_i - x'_i)^2`; see :func:`population_loss`."""
    losses, inexact = _exact_losses(W, b, density, law, W_out, activation)
    return tuple(map(_rounded, losses)) if inexact else tuple(losses)


def population_loss(
    W: Any,
    b: Any,
    density: Any,
    importance: Any = None,
    *,
    law: FeatureLaw | None = None,
    W_out: Any = None,
    activation: str = "relu",
) -> Any:
    r"""Return :math:`\sum_i I_i E(x_i - x'_i)^2`, exactly.

    Parameters
    ----------
    W
        Weights (m, n), features are columns: nested lists, arrays or tensors of int, Fraction,
        float, or comparable sympy numbers.
    b
        Biases (n,), of the same kinds.
    density, importance
        One number or n of them; sympy symbols are allowed.  Importance defaults to 1.  What the
        density of a feature in a set means is for the law to say; one-hot takes None.
    law
        The law of the features; independent, uniform on [0, 1] when left out.
    W_out
        An untied readout (n, m): :math:`x' = \mathrm{act}(W_\text{out} W x + b)`.
    activation
        ``relu``, or ``linear`` for none.

    Returns
    -------
    Fraction, sympy expression or float
        Exact for exact input; for floats the correctly rounded value at those floats.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite or out of range, the density does not fit the
        law, or the sum is too long (more dense couplings than 11 features have; n up to about 8
        is what it is for).

    Examples
    --------
    The antipodal pair costs :math:`(1 + r) p^2/6` (the paper's phase diagrams, F12):

    >>> p, r = sympy.symbols("p r", positive=True)
    >>> sympy.factor(population_loss([[1, -1]], [0, 0], p, [1, r]))
    p**2*(r + 1)/6
    """
    losses, inexact = _exact_losses(W, b, density, law, W_out, activation)
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

    rows = G.tolist()
    average = averages(_PAPER, "relu", to_rational, positive)
    seen = views(rows, _PAPER.states(density))
    losses = [output_loss(i, rows[i], bias[i], seen[i], average) for i in range(n)]
    expression = sum(I * sympy.cancel(loss) for I, loss in zip(importance, losses, strict=True))
    constant = [v for v in signs if not v.free_symbols]
    above = [v for v, sign in signs.items() if sign and v not in constant]
    below = [v for v, sign in signs.items() if not sign and v not in constant]
    return RegionLoss(expression, tuple(above), tuple(below))
