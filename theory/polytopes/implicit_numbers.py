r"""Numbers without a short closed form: an equation, and an interval with one root of it.

The proof is by interval arithmetic (balls of :mod:`flint`): the equation changes sign between the
ends of the interval and its derivative has one sign on all of it, so that there is exactly one
root.  Its digits are those of an approximate root :math:`x` for which the equation changes sign
between :math:`x - \varepsilon` and :math:`x + \varepsilon`.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import mpmath
import sympy

__all__ = ["ImplicitNumber"]

_GUARD = 10  # digits beyond those asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class ImplicitNumber:
    """The only root of an equation in an interval.

    Attributes
    ----------
    symbol
        The unknown, which stands for the number in expressions.
    equation
        An expression in ``symbol`` that vanishes there, of sums, products and square roots.
    low, high
        Ends of the isolating interval.
    """

    symbol: sympy.Symbol
    equation: Any
    low: Fraction
    high: Fraction

    def __post_init__(self) -> None:
        if not self.low < self.high or self.equation.free_symbols != {self.symbol}:
            raise ValueError(
                f"{self.equation} = 0 on [{self.low}, {self.high}] defines no {self.symbol}; "
                "give an equation in it and an interval"
            )

    def slope_sign(self) -> int:
        """Prove that there is one root and return the sign of the equation's derivative there.

        Raises
        ------
        ValueError
            If the interval is too wide for the proof, or holds no root.
        """
        with flint.ctx.workprec(128):
            low, high = _ball(self.low), _ball(self.high)
            slope = _enclosure(sympy.diff(self.equation, self.symbol), low.union(high))
            ends = [_sign(_enclosure(self.equation, end)) for end in (low, high)]
        if ends[0] * ends[1] >= 0 or _sign(slope) != ends[1]:
            raise ValueError(
                f"[{self.low}, {self.high}] is not proved to hold one root of {self.equation}; "
                "give a narrower interval around it"
            )
        return ends[1]

    def digits(self, count: int = 50) -> Any:
        """Return the number as a sympy Float with ``count`` correct digits."""
        rising = self.slope_sign()
        with mpmath.workdps(count + _GUARD):
            function = sympy.lambdify(self.symbol, self.equation, "mpmath")
            ends = [mpmath.mpf(end.numerator) / end.denominator for end in (self.low, self.high)]
            near = Fraction(str(mpmath.findroot(function, ends, solver="anderson", verify=False)))
        error = Fraction(1, 10 ** (count + 2))
        with flint.ctx.workdps(count + 2 * _GUARD):
            signs = [_sign(_enclosure(self.equation, _ball(near + e))) for e in (-error, error)]
        if signs != [-rising, rising]:
            raise ArithmeticError(f"{self.symbol} was not found to {count} digits; ask for fewer")
        return sympy.Float(sympy.Rational(near.numerator, near.denominator), count)


def _ball(value: Fraction) -> Any:
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def _sign(ball: Any) -> int:
    """Return the sign of all numbers of a ball, 0 if they have none in common."""
    return 1 if ball > 0 else -1 if ball < 0 else 0


def _enclosure(expression: Any, value: Any) -> Any:
    """Return a ball around the values of an expression in one symbol."""
    if expression.is_Symbol:
        return value
    if expression.is_Rational:
        return _ball(Fraction(int(expression.p), int(expression.q)))
    if expression.is_Pow:
        base, exponent = expression.args
        ball = _enclosure(base, value)
        root = ball if exponent.q == 1 else ball.sqrt()
        return root ** int(exponent.p)
    result = flint.arb(0 if expression.is_Add else 1)
    for part in expression.args:
        ball = _enclosure(part, value)
        result = result + ball if expression.is_Add else result * ball
    return result
