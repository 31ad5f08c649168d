r"""Minima over parameters: numerically near a sample, and in closed form where there is one.

A loss is a rational function of parameters :math:`\theta` and of p and r.  At one (p, r) Newton's
method on :math:`\partial L/\partial\theta = 0` (for one parameter: all roots of its numerator)
gives the minimum nearest to the sample to many digits.  Each numerator factors over the rationals;
one of its factors vanishes there.  A factor linear in some parameter is solved for it and
substituted into the rest; a last factor that is quadratic gives a square root.  Whatever is left
then has no closed form by this rule, and the answer is None: no system of higher degree is tried.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import mpmath
import sympy

__all__ = ["closed_minimiser", "nearest_minimum", "numerator", "vanishing_factor"]

_DIGITS = 50
_ZERO = mpmath.mpf(10) ** -30


def numerator(expression: Any) -> Any:
    """Return the numerator of a rational function, coprime to its denominator."""
    return sympy.fraction(sympy.cancel(sympy.together(expression)))[0]


def _is_minimum(loss: Any, place: Mapping[Any, Any], theta: Sequence[Any]) -> bool:
    hessian = sympy.hessian(loss, theta).subs(place).applyfunc(lambda x: sympy.N(x, _DIGITS))
    return all(bool(hessian[:k, :k].det() > 0) for k in range(1, len(theta) + 1))


def nearest_minimum(
    loss: Any, theta: Sequence[Any], sample: Mapping[Any, Any], at: Mapping[Any, Any]
) -> dict[Any, Any] | None:
    """Return the critical minimum of ``loss`` at one point ``at`` nearest to ``sample``, or None.

    The loss must be rational in the parameters ``theta``.
    """
    here = loss.subs(at)
    slopes = [sympy.diff(here, t) for t in theta]
    if len(theta) == 1:
        polynomial = sympy.Poly(numerator(slopes[0]), theta[0])
        roots = polynomial.nroots(n=_DIGITS, maxsteps=500) if polynomial.degree() > 0 else []
        found = [{theta[0]: root} for root in roots if root.is_real]
    else:
        with mpmath.workdps(_DIGITS):
            f = sympy.lambdify(theta, slopes, "mpmath")
            start = [mpmath.mpf(sympy.N(sample[t], _DIGITS)) for t in theta]
            try:
                root = mpmath.findroot(lambda *x: f(*x), start, tol=_ZERO)
            except (ValueError, ZeroDivisionError):
                return None
            found = [{t: sympy.Float(x, _DIGITS) for t, x in zip(theta, root, strict=True)}]
    minima = [place for place in found if _is_minimum(here, place, theta)]
    return min(
        minima, key=lambda place: sum((place[t] - sample[t]) ** 2 for t in theta), default=None
    )


def vanishing_factor(polynomial: Any, place: Mapping[Any, Any]) -> Any:
    """Return the irreducible factor of ``polynomial`` that is zero at ``place``, or None."""
    for factor, _ in sympy.factor_list(polynomial)[1]:
        terms = sympy.Add.make_args(sympy.expand(factor))
        values = [sympy.N(term.subs(place), _DIGITS) for term in terms]
        if abs(sum(values)) <= _ZERO * max(abs(value) for value in values):
            return factor
    return None


def closed_minimiser(
    loss: Any, theta: Sequence[Any], sample: Mapping[Any, Any], at: Mapping[Any, Any]
) -> dict[Any, Any] | None:
    """Return the minimising parameters as functions of the symbols in ``at``, or None.

    Examples
    --------
    >>> t, p = sympy.symbols("t p", positive=True)
    >>> closed_minimiser(t**2 * (1 + p) - 2 * p * t, [t], {t: 1}, {p: sympy.Rational(1, 2)})
    {t: p/(p + 1)}
    """
    if not theta:
        return {}
    if not all(sympy.together(loss).is_rational_function(t) for t in theta):
        return None
    irrational = any(a.is_number and not a.exp.is_Integer for a in loss.atoms(sympy.Pow))
    if irrational and not all(
        sympy.expand(loss).is_polynomial(t) and sympy.degree(sympy.expand(loss), t) <= 2
        for t in theta
    ):
        return None  # factoring beyond the rationals takes minutes
    minimum = nearest_minimum(loss, theta, sample, at)
    if minimum is None:
        return None
    place = {**at, **minimum}
    left = list(theta)
    equations = [numerator(sympy.diff(loss, t)) for t in theta]
    solution: dict[Any, Any] = {}
    while left:
        factors = [vanishing_factor(e, place) for e in equations if e != 0]
        choices = [
            (sympy.degree(factor, t), k, t)
            for k, factor in enumerate(factors)
            if factor is not None
            for t in left
            if factor.has(t)
        ]
        degree, k, t = min(choices, key=lambda choice: choice[:2], default=(9, 0, None))
        if degree > 2 or (degree == 2 and len(left) > 1):
            return None
        roots = sympy.roots(sympy.Poly(factors[k], t), multiple=True)
        value = min(roots, key=lambda x: abs(sympy.N((x - t).subs(place), _DIGITS)))
        solution = {s: old.subs(t, value) for s, old in solution.items()} | {t: value}
        left.remove(t)
        equations = [numerator(f.subs(t, value)) for j, f in enumerate(factors) if j != k and f]
    return {t: sympy.factor(value) for t, value in solution.items()}
