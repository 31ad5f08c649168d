r"""Losses that are minimal over one parameter without a closed form, and where they tie.

Let a family have one parameter t and, on its sign region, the loss :math:`L(t, p, r)`, a rational
function.  Its least value :math:`L^*(p, r)` is L at a root of the numerator N of
:math:`\partial L/\partial t`, to any number of digits.  It equals a rational rival :math:`L_k` only
where N and the numerator M of :math:`L - L_k` have a common root, that is, where the resultant
:math:`\mathrm{Res}_t(N, M)` vanishes.  This is a polynomial in p and r; so the curve of a tie is
one of its irreducible factors, exactly.  Which factors, and which pieces of them, is not decided by
algebra but at points (:mod:`theory.curve_pieces`), to 40 digits.

Only minima inside the sign region compete, as for every :class:`~theory.gram_patterns.Candidate`.
A parameter that occurs as :math:`\cos t` and :math:`\sin t` is made rational by
:math:`u = \tan(t/2)`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np
import sympy

from .critical_points import numerator
from .gram_patterns import Candidate, Family, P, R

__all__ = ["SLACK", "ImplicitLoss", "exact_rational", "implicit_loss", "real_roots"]

SLACK = flint.fmpq(1, 10**40)
_BITS = 240


def exact_rational(value: Any) -> Any:
    """Return a real number of any kind as a flint rational, to 60 digits where it is irrational."""
    if isinstance(value, flint.arb):
        mantissa, exponent = value.mid().man_exp()
        power = flint.fmpq(2) ** int(exponent)
        return flint.fmpq(int(mantissa)) * power
    exact = sympy.Rational(value if value.is_Rational else str(sympy.N(value, 60)))
    return flint.fmpq(int(exact.p), int(exact.q))


def real_roots(coefficients: Sequence[Any]) -> list[Any]:
    """Return the real roots, to 70 digits, of a polynomial of rational coefficients (1 first)."""
    polynomial = flint.fmpq_poly(list(coefficients))
    if polynomial.degree() < 1:
        return []
    with flint.ctx.workprec(_BITS):
        found: Any = polynomial.numer().complex_roots()
        return [exact_rational(flint.arb(z.real)) for z, _ in found if z.imag == 0]


def _function(variables: Sequence[Any], expression: Any) -> Callable[..., Any]:
    """Return a function of flint rationals; quotients of polynomials with whole coefficients."""
    parts = []
    for part in sympy.flatten([expression]):
        top, bottom = sympy.fraction(sympy.cancel(sympy.together(part)))
        common, whole = sympy.Poly(top, *variables).clear_denoms(convert=True)
        other, whole_bottom = sympy.Poly(bottom, *variables).clear_denoms(convert=True)
        parts.append((other * whole.as_expr(), common * whole_bottom.as_expr()))
    f = sympy.lambdify(variables, parts, "math", cse=True)
    return lambda *point: [flint.fmpq(top) / flint.fmpq(bottom) for top, bottom in f(*point)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImplicitLoss:
    """The least loss of a family of one parameter, as a function of p and r without closed form."""

    name: str
    region: tuple[Any, ...]
    parameter: Any
    loss: Any
    _slope: Callable[..., Any]
    _all: Callable[..., Any]
    _conditions: Callable[..., Any]
    _realisable: Callable[..., bool]

    def least(self, p: Any, r: Any) -> tuple[Any, Any, Any] | None:
        r"""Return the least loss at one point with its derivatives by p and r, or None.

        None if no minimum lies inside the sign region.  The derivatives are the partial ones at the
        minimiser, since :math:`dL^*/dp = \partial L/\\partial p` there.
        """
        found = []
        for t in real_roots(self._slope(p, r)[::-1]):
            try:
                value, curvature, by_p, by_r = self._all(t, p, r)
                inside = all(gap > -SLACK for gap in self._conditions(t, p, r))
            except ZeroDivisionError:
                continue
            if inside and curvature > 0 and self._realisable(t, p, r):
                found.append((value, by_p, by_r))
        return min(found, key=lambda entry: entry[0], default=None)

    def tie_factors(self, rival: Candidate) -> list[Any]:
        """Return the irreducible polynomials in p and r on which a tie with ``rival`` can lie."""
        symbols = (self.parameter, P, R)
        context = flint.fmpz_mpoly_ctx.get(tuple(map(str, range(3))), flint.Ordering.lex)

        def flinted(expression: Any) -> Any:
            polynomial = sympy.Poly(numerator(expression), *symbols).clear_denoms(convert=True)[1]
            return context.from_dict({m: int(c) for m, c in polynomial.terms()})

        slope = flinted(sympy.diff(self.loss, self.parameter))
        gap = flinted(self.loss - rival.loss)
        factors: dict[Any, None] = {}
        for part, _ in slope.factor()[1]:
            if part.degrees()[0] == 0:
                continue
            for factor, _ in part.resultant(gap, 0).factor()[1]:
                terms = {m[1:]: int(c) for m, c in factor.to_dict().items()}
                factors[sympy.Poly(terms, P, R).as_expr()] = None
        return list(factors)


def _half_angle(expression: Any, t: Any) -> Any:
    """Write cos t and sin t by u = tan(t/2), which takes the name of t."""
    expression = sympy.expand_trig(sympy.sympify(expression))
    cosine, sine = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    return expression.subs({sympy.cos(t): cosine, sympy.sin(t): sine})


def implicit_loss(family: Family) -> ImplicitLoss | None:
    """Return the loss of a family with its one parameter minimised out numerically, or None.

    None if the family has not one parameter, or its loss is not rational with rational
    coefficients.
    """
    if len(family.parameters) != 1:
        return None
    (t,) = family.parameters
    region = family.loss
    parts = [region.expression, *region.above, *(-v for v in region.below)]
    if any(part.has(sympy.cos(t), sympy.sin(t)) for part in parts):
        parts = [_half_angle(part, t) for part in parts]
    loss, *gaps = (sympy.cancel(sympy.together(part)) for part in parts)
    symbols = (t, P, R)
    polynomials = [part for whole in (loss, *gaps) for part in sympy.fraction(whole)]
    if not all(
        part.is_polynomial(*symbols) and sympy.Poly(part, *symbols).domain in (sympy.ZZ, sympy.QQ)
        for part in polynomials
    ):
        return None
    slope = sympy.diff(loss, t)
    coefficients = sympy.Poly(numerator(slope), t).all_coeffs()
    derivatives = [loss, sympy.diff(slope, t), sympy.diff(loss, P), sympy.diff(loss, R)]
    gram = sympy.lambdify(symbols, family.gram, "numpy")

    def realisable(*point: Any) -> bool:
        if family.weights is not None:
            return True
        G = np.array(gram(*(float(int(x.p) / int(x.q)) for x in point)), float)
        return bool(np.linalg.eigvalsh(G)[0] > -1e-12)

    return ImplicitLoss(
        name=family.name,
        region=tuple(gaps),
        parameter=t,
        loss=loss,
        _slope=_function((P, R), coefficients),
        _all=_function(symbols, derivatives),
        _conditions=_function(symbols, gaps) if gaps else lambda *point: [],
        _realisable=realisable,
    )
