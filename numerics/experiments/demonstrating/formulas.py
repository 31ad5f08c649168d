"""The formulas of F11 as they are written, each beside what the exact loss has in that place.

Both are evaluated on the same model in exact arithmetic, so a formula holds there or it does not.
The model, three features in two dimensions of three importances, has every kind of coupling and of
bias: a positive bias, for :math:`L_0` to count, a neighbour on either side of a negative one.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy

from theory import population_loss
from theory.active_sets import active_set_losses, assembled, one_active_integral
from theory.expected_loss import gram_matrix
from theory.linear import benefit_and_interference, best_bias
from theory.problem import dropped_loss

__all__ = ["FORMULAS", "disagreement"]

_W: list[list[Any]] = [[1, Fraction(-4, 5), Fraction(1, 3)], [Fraction(1, 2), Fraction(2, 7), -1]]
_BIAS = [Fraction(-1, 10), Fraction(1, 7), Fraction(-1, 5)]
_I: list[Any] = [1, Fraction(1, 2), Fraction(1, 4)]
_DENSITY = Fraction(2, 5)
_UNIT: list[list[Any]] = [[1, 0, Fraction(3, 5), 0], [0, 1, Fraction(4, 5), 0]]  # norms 1 and 0

Pair = tuple[Any, Any]


def _relu(x: Any) -> Any:
    return max(x, 0 * x)


def _pairs(n: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(n) for j in range(n) if i != j]


def _linear() -> Pair:
    bias = best_bias(_W, [_DENSITY / 2] * 3)
    exact = population_loss(_W, bias, _DENSITY, _I, activation="linear")
    return exact / dropped_loss(_DENSITY), sum(benefit_and_interference(_W, _I))


def _sum_over_active() -> Pair:
    p = sympy.Symbol("p", positive=True)
    importance = sympy.symbols("I1:4", positive=True)
    exact = population_loss(_W, _BIAS, p, importance)
    return exact, assembled(active_set_losses(_W, _BIAS, importance), p)


def _one_active() -> Pair:
    return active_set_losses(_W, _BIAS, _I)[1], _integral(_I)


def _integral(importance: list[Any]) -> Any:
    exact = [
        [sympy.Rational(Fraction(entry)) for entry in row]
        for row in (*gram_matrix(_W), _BIAS, importance)
    ]
    return one_active_integral(exact[:3], exact[3], exact[4], {})


def _importance_inside() -> Pair:
    """Put the importance of L₁ inside of the square, where it counts twice."""
    return active_set_losses(_W, _BIAS, _I)[1], _integral([Fraction(I) ** 2 for I in _I])


def _none_active() -> Pair:
    """Leave the importance out of L₀."""
    return active_set_losses(_W, _BIAS, _I)[0], sum(_relu(b) ** 2 for b in _BIAS)


def _none_active_weighted() -> Pair:
    weighted = sum(I * _relu(b) ** 2 for I, b in zip(_I, _BIAS, strict=True))
    return active_set_losses(_W, _BIAS, _I)[0], weighted


def _discrete() -> Pair:
    G = gram_matrix(_W)
    benefit = sum(I * (1 - _relu(G[i][i] + _BIAS[i])) ** 2 for i, I in enumerate(_I))
    interference = sum(_I[j] * _relu(G[j][i] + _BIAS[j]) ** 2 for i, j in _pairs(3))
    return active_set_losses(_W, _BIAS, _I, amplitude="binary")[1], benefit + interference


def _thomson() -> Pair:
    G, importance = gram_matrix(_UNIT), [*_I, Fraction(1, 8)]
    dropped = sum(I * (1 - G[i][i]) for i, I in enumerate(importance))
    energy = sum(importance[j] * _relu(G[j][i]) ** 2 for i, j in _pairs(4))
    return 3 * active_set_losses(_UNIT, [0] * 4, importance)[1], dropped + energy


FORMULAS: dict[str, Callable[[], Pair]] = {
    "linear": _linear,
    "sum over active": _sum_over_active,
    "one active": _one_active,
    "discrete": _discrete,
    "Thomson": _thomson,
    "none active, weighted": _none_active_weighted,
    "none active, as written": _none_active,
    "importance inside, as written": _importance_inside,
}
"""By name, functions that return (what is exact, what is written)."""


def disagreement(name: str) -> float:
    """Return by how much a formula is off, relative to what is exact; 0 if it holds exactly.

    With symbols in it, 0 if the two agree as expressions, else 1.
    """
    exact, written = FORMULAS[name]()
    difference = sympy.expand(sympy.sympify(exact) - sympy.sympify(written))
    if difference.free_symbols:
        return 1.0
    return abs(float(difference / exact)) if difference != 0 else 0.0
