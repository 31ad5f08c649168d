r"""Families of models: Gram patterns with parameters, and what is left when they are minimised out.

The loss of :math:`x' = \mathrm{ReLU}(W^\top W x + b)` depends on W only through
:math:`G = W^\top W`.  A *family* is a Gram pattern :math:`G(\theta)`, positive semidefinite of rank
at most m, with biases :math:`b(\theta)`, around a sample value of its parameters; density p for all
features, importances (1, …, 1, r).  On the sign region of the sample its loss is one rational
function of p, r and :math:`\theta` (:func:`theory.expected_loss.region_loss`).  A
:class:`Candidate` is the family with :math:`\theta` at its critical point

.. math:: \partial L/\partial\theta = 0, \qquad \partial^2 L/\partial\theta^2 > 0,

solved in closed form, among several the one nearest to the sample, checked to lie in the sign
region.  Where the region's relations do not hold for every 0 < p ≤ 1 and r > 0 they stay with the
candidate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import sympy

from .expected_loss import RegionLoss, region_loss
from .rationals import listed, to_rational

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
    """

    name: str
    level: str
    weights: Any = None
    gram: Any = None
    bias: tuple[Any, ...] | None = None
    loss: Any = None
    region: tuple[Any, ...] = ()


def always_positive(expression: Any) -> bool:
    """Tell, exactly, whether a rational function of p alone is positive on 0 < p ≤ 1.

    Roots are counted by Sturm's theorem; coefficients outside the rationals answer False.
    """
    numerator, denominator = sympy.fraction(sympy.cancel(sympy.together(expression)))
    for part in (numerator, denominator):
        if part.free_symbols - {P}:
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
        bias: Sequence[Any],
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
        bias: Sequence[Any],
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
        b = tuple(sympy.sympify(to_rational(sympy.sympify(entry))) for entry in bias)
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
        """Return the family with θ minimised out in closed form.

        Raises
        ------
        ValueError
            If no critical point in closed form is a minimum inside the sign region of the sample.
        """
        region = self.loss
        best = _minimiser(self, region.expression)
        loss = sympy.factor(sympy.cancel(sympy.together(region.expression.subs(best))))
        if loss.free_symbols - {P, R}:
            raise ValueError(
                f"family {self.name!r} keeps {loss.free_symbols - {P, R}}; name them as parameters"
            )
        relations = []
        for vertex, above in [(v, True) for v in region.above] + [(v, False) for v in region.below]:
            value = sympy.factor(sympy.cancel(sympy.together(vertex.subs(best))))
            if value == 0 or always_positive(value if above else -value):
                continue  # at a vertex that is exactly zero both expressions of the loss agree
            relation = sympy.Gt(value, 0) if above else sympy.Le(value, 0)
            if relation is not sympy.true:
                relations.append(relation)
        at_sample = {P: dict(self.sample)[P], R: dict(self.sample)[R]}
        if any(relation.subs(at_sample) == sympy.false for relation in relations):
            raise ValueError(
                f"the critical point {best} of family {self.name!r} leaves the sign region of its "
                "sample; move the sample"
            )
        gram = self.gram.subs(best).applyfunc(sympy.factor)
        _check_realisable(self.name, gram.subs(at_sample), self.hidden)
        return Candidate(
            name=self.name,
            level=self.level,
            weights=None if self.weights is None else self.weights.subs(best),
            gram=gram,
            bias=tuple(sympy.factor(entry.subs(best)) for entry in self.bias),
            loss=loss,
            region=tuple(relations),
        )


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


def _minimiser(family: Family, loss: Any) -> dict[Any, Any]:
    """Return the minimising parameters as functions of p and r."""
    theta = family.parameters
    if not theta:
        return {}
    slopes = [sympy.fraction(sympy.cancel(sympy.together(sympy.diff(loss, t))))[0] for t in theta]
    found = sympy.solve(slopes, theta, dict=True)
    sample = dict(family.sample)
    at = {P: sample[P], R: sample[R]}
    hessian = sympy.hessian(loss, theta)

    def distance(solution: dict[Any, Any]) -> Any:
        values = {t: sympy.N(solution[t].subs(at), 30) for t in theta}
        if not all(value.is_real for value in values.values()):
            return None
        curvature = sympy.Matrix(hessian.subs(at).subs(values)).applyfunc(sympy.N)
        if not all(curvature[:k, :k].det() > 0 for k in range(1, len(theta) + 1)):
            return None
        return sum((values[t] - sample[t]) ** 2 for t in theta)

    minima = [(d, s) for s in found if set(s) == set(theta) and (d := distance(s)) is not None]
    if not minima:
        raise ValueError(
            f"family {family.name!r} has no minimum over {theta} in closed form; fix some of its "
            "parameters, or minimise its loss numerically"
        )
    best = min(minima, key=lambda pair: float(pair[0]))[1]
    return {t: sympy.factor(value) for t, value in best.items()}
