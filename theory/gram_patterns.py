r"""Families of models: Gram patterns with parameters, and what is left when they are minimised out.

The loss of :math:`x' = \mathrm{ReLU}(W^\top W x + b)` depends on W only through
:math:`G = W^\top W`.  A *family* is a Gram pattern :math:`G(\theta)`, positive semidefinite of rank
at most m, with biases :math:`b(\theta)`, around a sample value of its parameters; density p for all
features, importances (1, …, 1, r).  On the sign region of the sample its loss is one rational
function of p, r and :math:`\theta` (:func:`theory.expected_loss.region_loss`).  A
:class:`Candidate` is the family with :math:`\theta` at its critical point

.. math:: \partial L/\partial\theta = 0, \qquad \partial^2 L/\partial\theta^2 > 0,

solved in closed form if possible (:mod:`theory.critical_points`), among several the one nearest to
the sample, checked to lie in the sign region.  Where the region's relations do not hold for every
0 < p ≤ 1 and r > 0 they stay with the candidate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import sympy

from .critical_points import closed_minimiser
from .expected_loss import RegionLoss, region_loss
from .rationals import as_vector, listed, to_rational

__all__ = ["Candidate", "Family", "P", "R", "always_positive"]

P, R = sympy.symbols("p r", positive=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A solution with its parameters minimised out; every expression is in p and r only.

    Attributes
    ----------
    name, level
        What it is called, and how much of it was optimised.
    weights, gram, bias, loss
        The model and its loss; None where there is no closed form.
    region
        Relations in p and r under which the loss is this expression; empty if that is all of
        0 < p ≤ 1, r > 0.
    note
        Why there is no loss in closed form, where a family of one's own has none.
    """

    name: str
    level: str
    weights: Any = None
    gram: Any = None
    bias: tuple[Any, ...] | None = None
    loss: Any = None
    region: tuple[Any, ...] = ()
    note: str = ""


def always_positive(expression: Any) -> bool:
    """Tell, exactly, whether a rational function of p alone is positive on 0 < p ≤ 1.

    Roots are counted by Sturm's theorem; coefficients outside the rationals answer False.
    """
    numerator, denominator = sympy.fraction(sympy.cancel(sympy.together(expression)))
    for part in (numerator, denominator):
        if part.free_symbols - {P} or not part.is_polynomial(P):
            return False
        polynomial = sympy.Poly(part, P)
        if not (polynomial.domain.is_ZZ or polynomial.domain.is_QQ):
            return False
        while not polynomial.is_zero and polynomial.eval(0) == 0:
            polynomial = polynomial.quo(sympy.Poly(P, P))
        if polynomial.is_zero or polynomial.count_roots(0, 1) > 0:
            return False
    return bool((numerator / denominator).subs(P, sympy.Rational(1, 2)) > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Gram patterns and biases in p, r and parameters, around a sample value of the parameters.

    Build one with :meth:`from_weights` or :meth:`from_gram`.
    """

    name: str
    level: str
    hidden: int
    gram: Any
    bias: tuple[Any, ...]
    sample: tuple[tuple[Any, Any], ...]
    weights: Any = None

    @classmethod
    def from_weights(
        cls,
        name: str,
        W: Any,
        bias: Any,
        parameters: Mapping[Any, Any] | None = None,
        level: str = "user",
    ) -> "Family":
        """Return the family of weights W(θ), shape (m, n); see :meth:`from_gram`."""
        weights = sympy.ImmutableMatrix(sympy.Matrix(listed(W)).applyfunc(to_rational))
        gram = (weights.T * weights).applyfunc(sympy.expand)
        family = cls.from_gram(name, gram, bias, weights.rows, parameters, level)
        return replace(family, weights=weights)

    @classmethod
    def from_gram(
        cls,
        name: str,
        gram: Any,
        bias: Any,
        hidden: int,
        parameters: Mapping[Any, Any] | None = None,
        level: str = "user",
    ) -> "Family":
        """Return the family of Gram patterns G(θ), shape (n, n), of rank at most ``hidden``.

        Parameters
        ----------
        name, level
            Labels.
        gram, bias
            Expressions in :data:`P`, :data:`R` and the parameters.  A coupling that is exactly 0
            stays 0.
        hidden
            The number m of hidden dimensions.
        parameters
            A sample value for every parameter, near the minimiser sought; it fixes the sign region.
            Values of p and r may be given too (1/2 and 1 by default).

        Raises
        ------
        ValueError
            If shapes do not fit, a symbol has no sample value, or the pattern at the sample is not
            positive semidefinite of rank at most ``hidden``.
        """
        G = sympy.ImmutableMatrix(sympy.Matrix(listed(gram)).applyfunc(to_rational))
        b = tuple(sympy.sympify(to_rational(sympy.sympify(entry))) for entry in as_vector(bias))
        sample = {P: sympy.Rational(1, 2), R: sympy.Integer(1)}
        sample |= {symbol: to_rational(value) for symbol, value in (parameters or {}).items()}
        if G.rows != G.cols or len(b) != G.rows:
            raise ValueError(
                f"family {name!r} has a Gram matrix of shape {G.shape} and {len(b)} biases; "
                "give (n, n) and n"
            )
        missing = (G.free_symbols.union(*(entry.free_symbols for entry in b))) - set(sample)
        if missing:
            raise ValueError(
                f"family {name!r} has no sample value for {sorted(map(str, missing))}; "
                "give each parameter one"
            )
        _check_realisable(name, G.subs(sample), hidden)
        return cls(
            name=name, level=level, hidden=hidden, gram=G, bias=b, sample=tuple(sample.items())
        )

    @property
    def parameters(self) -> tuple[Any, ...]:
        """The parameters θ that are minimised out."""
        return tuple(symbol for symbol, _ in self.sample if symbol not in (P, R))

    @property
    def loss(self) -> RegionLoss:
        """The loss in p, r and θ on the sign region of the sample, importances (1, …, 1, r)."""
        importance = [sympy.Integer(1)] * (self.gram.rows - 1) + [R]
        return region_loss(self.gram, self.bias, P, importance, dict(self.sample))

    def minimised(self) -> Candidate:
        """Return the family with θ minimised out; without closed form its loss is None.

        The candidate's ``note`` then says why: no minimum at the sample, none in closed form, or
        one outside the sign region.
        """
        region = self.loss
        sample = dict(self.sample)
        at = {symbol: sample[symbol] for symbol in (P, R)}
        best = closed_minimiser(region.expression, self.parameters, sample, at)
        if best is None:
            names = ", ".join(map(str, self.parameters))
            return self._without_loss(
                f"no minimum over {names} in closed form; minimise the loss numerically"
            )
        loss = _tidy(region.expression.subs(best))
        if loss.free_symbols - {P, R}:
            raise ValueError(
                f"family {self.name!r} keeps {loss.free_symbols - {P, R}}; name them as parameters"
            )
        relations = []
        for vertex, above in [(v, True) for v in region.above] + [(v, False) for v in region.below]:
            value = _tidy(vertex.subs(best))
            if value == 0 or always_positive(value if above else -value):
                continue  # at a vertex that is exactly zero both expressions of the loss agree
            relation = sympy.Gt(value, 0) if above else sympy.Le(value, 0)
            if relation is not sympy.true:
                relations.append(relation)
        gram = self.gram.subs(best).applyfunc(sympy.factor)
        if any(relation.subs(at) == sympy.false for relation in relations):
            return self._without_loss(
                f"the critical point {best} leaves the sign region of the sample; move the sample"
            )
        try:
            _check_realisable(self.name, gram.subs(at), self.hidden)
        except ValueError as error:
            return self._without_loss(f"at the critical point {best}: {error}")
        return Candidate(
            name=self.name,
            level=self.level,
            weights=None if self.weights is None else self.weights.subs(best),
            gram=gram,
            bias=tuple(sympy.factor(entry.subs(best)) for entry in self.bias),
            loss=loss,
            region=tuple(relations),
        )

    def _without_loss(self, note: str) -> Candidate:
        return Candidate(name=self.name, level=self.level, note=note)


def _tidy(expression: Any) -> Any:
    return sympy.factor(sympy.cancel(sympy.together(expression)))


def _check_realisable(name: str, G: Any, hidden: int) -> None:
    """Refuse a Gram matrix that no W of shape (hidden, n) has."""
    minors = [
        G.extract(list(rows), list(rows)).det()
        for size in range(1, G.rows + 1)
        for rows in combinations(range(G.rows), size)
        if G.rows <= 4 or size <= 2
    ]
    if G != G.T or any(sympy.N(minor, 30) < -1e-25 for minor in minors):
        raise ValueError(
            f"the Gram pattern of {name!r} at its sample is {G.tolist()}, which is not positive "
            "semidefinite; give G = WᵀW"
        )
    rank = G.rank(simplify=True)
    if rank > hidden:
        raise ValueError(
            f"the Gram pattern of {name!r} has rank {rank} at its sample; "
            f"{hidden} hidden dimensions allow at most {hidden}"
        )
