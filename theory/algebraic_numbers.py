r"""Exact arithmetic with real algebraic numbers, in one number field.

Regular polygons and their kin have weights such as :math:`\cos(2\pi/5)` or :math:`\sqrt3/2`.  All
of them lie in one field :math:`\mathbb{Q}(\theta)`: a number is a polynomial in :math:`\theta` over
the rationals, reduced by the minimal polynomial f of :math:`\theta`.  Then

* sums and products are those of polynomials modulo f, and :math:`1/v` is u in
  :math:`uv + wf = 1` (Euclid's algorithm);
* a number is zero if and only if its polynomial is;
* the sign of any other one is decided by interval arithmetic at a root of f, with the precision
  doubled until the interval leaves zero.

Gram matrices often lie in a smaller field than the weights (:math:`\mathbb{Q}(\sqrt5)` for the
pentagon), which linear algebra over the rationals finds: see :func:`smallest_field`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import flint
import sympy
from sympy.polys.constructor import construct_domain

__all__ = ["AlgebraicNumber", "NumberField", "algebraic_numbers", "smallest_field"]

_DIGITS = 40  # enough to tell the roots of a minimal polynomial apart


@dataclass(frozen=True, slots=True, eq=False)
class NumberField:
    """The field Q(θ): the minimal polynomial of θ, and θ as a sympy expression."""

    modulus: Any
    generator: Any
    _roots: dict[int, Any] = field(default_factory=dict)

    def root(self, precision: int) -> Any:
        """Return θ as an interval of about ``precision`` bits."""
        if precision not in self._roots:
            near = flint.arb(str(sympy.re(sympy.N(self.generator, _DIGITS))))
            with flint.ctx.workprec(precision):
                roots = [z for z, _ in self.modulus.numer().complex_roots() if z.imag.contains(0)]
                self._roots[precision] = min(
                    (z.real for z in roots), key=lambda x: float(abs(x - near).mid())
                )
        return self._roots[precision]

    def number(self, coefficients: Any) -> "AlgebraicNumber":
        """Return the number with these coefficients, of 1 first."""
        return AlgebraicNumber(flint.fmpq_poly(coefficients) % self.modulus, self)


class AlgebraicNumber:
    """A number of one field, with ``+ - * / **`` and comparison with rationals."""

    __slots__ = ("field", "polynomial")

    def __init__(self, polynomial: Any, field: NumberField) -> None:
        self.polynomial = polynomial
        self.field = field

    def _new(self, polynomial: Any) -> "AlgebraicNumber":
        return AlgebraicNumber(polynomial, self.field)

    def __add__(self, other: Any) -> "AlgebraicNumber":
        return self._new(self.polynomial + _polynomial(other))

    def __sub__(self, other: Any) -> "AlgebraicNumber":
        return self._new(self.polynomial - _polynomial(other))

    def __rsub__(self, other: Any) -> "AlgebraicNumber":
        return self._new(_polynomial(other) - self.polynomial)

    def __neg__(self) -> "AlgebraicNumber":
        return self._new(-self.polynomial)

    def __mul__(self, other: Any) -> "AlgebraicNumber":
        return self._new(self.polynomial * _polynomial(other) % self.field.modulus)

    def __truediv__(self, other: Any) -> "AlgebraicNumber":
        divisor, modulus = _polynomial(other), self.field.modulus
        if divisor == 0:
            raise ZeroDivisionError(f"{self.sympy()} is divided by zero; divide by another number")
        _, inverse, _ = divisor.xgcd(modulus)
        return self._new(self.polynomial * inverse % modulus)

    def __pow__(self, power: int) -> "AlgebraicNumber":
        result = self._new(flint.fmpq_poly([1]))
        for _ in range(power):
            result = result * self
        return result

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return bool(self.polynomial == _polynomial(other))

    def __hash__(self) -> int:
        return hash(str(self.polynomial))

    def __gt__(self, other: Any) -> bool:
        difference = self.polynomial - _polynomial(other)
        if difference.degree() < 1:
            return bool(difference[0] > 0)
        precision = 64
        while True:
            with flint.ctx.workprec(precision):
                value = flint.arb(0)
                for coefficient in reversed(list(difference)):
                    value = value * self.field.root(precision) + flint.arb(coefficient)
                if not value.contains(0):
                    return bool(value > 0)
            precision *= 2

    def rational(self) -> Any:
        """Return the number as a flint rational, or None if it is irrational."""
        return self.polynomial[0] if self.polynomial.degree() < 1 else None

    def sympy(self) -> Any:
        """Return the number as a sympy expression."""
        theta, total = self.field.generator, sympy.Integer(0)
        for coefficient in reversed(list(self.polynomial)):
            total = sympy.expand(total * theta) + sympy.Rational(
                int(coefficient.p), int(coefficient.q)
            )
        return total


def _polynomial(value: Any) -> Any:
    return value.polynomial if isinstance(value, AlgebraicNumber) else flint.fmpq_poly([value])


def algebraic_numbers(values: Sequence[Any]) -> list[AlgebraicNumber] | None:
    """Return real sympy numbers in one field, or None if that is not possible.

    It is not if one of them is transcendental, or is not known to be algebraic.

    Examples
    --------
    >>> root, ratio = algebraic_numbers([sympy.sqrt(5), sympy.cos(sympy.pi / 5)])
    >>> 4 * ratio == root + 1, (ratio - 1) * ratio > 0
    (True, False)
    """
    domain, elements = construct_domain(values, extension=True)
    if not domain.is_Algebraic:
        return None

    def coefficients(element: Any) -> list[Any]:
        return [flint.fmpq(int(c.numerator), int(c.denominator)) for c in element.to_list()[::-1]]

    home = NumberField(flint.fmpq_poly(coefficients(domain.mod)), domain.ext.as_expr())
    return [home.number(coefficients(element)) for element in elements]


def _in_field_of(t: AlgebraicNumber, values: Sequence[AlgebraicNumber]) -> tuple[Any, int]:
    """Return the echelon form described in :func:`smallest_field`, and the degree of t or 0."""
    d = t.field.modulus.degree()
    columns = [t**k for k in range(d + 1)] + list(values)
    entries = [[column.polynomial[k] for column in columns] for k in range(d)]
    echelon, rank = flint.fmpq_mat(entries).rref()
    return echelon, rank if echelon[rank - 1, rank - 1] == 1 else 0


def smallest_field(values: Sequence[AlgebraicNumber]) -> list[AlgebraicNumber]:
    r"""Return the same numbers in the smallest field that one of them, or a sum of them, generates.

    For a generator t of degree :math:`\rho` in a field of degree d the powers
    :math:`1, t, \dots, t^{\rho-1}` are independent over the rationals, and the echelon form of the
    matrix of :math:`1, t, \dots, t^d` and the values, as columns, has its first :math:`\rho` pivots
    in front and no other if and only if all values lie in Q(t).  Its entries are then their
    coefficients.  A generator of degree 2 is replaced by a square root.
    """
    d = values[0].field.modulus.degree()
    distinct = [v for v in dict.fromkeys(values) if v.rational() is None]
    mixed = sum((v * k for k, v in enumerate(distinct, 1)), values[0] - values[0])
    for t in (*distinct, mixed):
        echelon, degree = _in_field_of(t, values)
        if not 0 < degree < d:
            continue
        if degree == 2:
            t = t - echelon[1, 2] / 2  # t² = e₀ + e₁ t
            t = t if t > 0 else -t
            echelon, _ = _in_field_of(t, values)
        minimal = [*(-echelon[k, degree] for k in range(degree)), 1]
        square = echelon[0, 2] if degree == 2 else None
        generator = (
            sympy.sqrt(sympy.Rational(int(square.p), int(square.q))) if square else t.sympy()
        )
        home = NumberField(flint.fmpq_poly(minimal), generator)
        return [
            home.number([echelon[k, d + 1 + j] for k in range(degree)]) for j in range(len(values))
        ]
    return list(values)
