r"""Where a dropped feature begins to be stored, continuously.

Two features on one line, importances (1, r), everything free.  *Drop* is W = (1, 0), b = (0, p/2),
with loss rV, :math:`V = p/3 - p^2/4`.  Near it let :math:`a = W_1 W_2 = -\varepsilon`,
:math:`G_{11} = 1 + \gamma\varepsilon`, :math:`G_{22} = a^2/G_{11}`, :math:`b_1 = \beta\varepsilon`
with :math:`0 < \beta < 1`.  Output 2 never clips, so its best bias is exact and leaves
:math:`L_2 = V\,((1 - G_{22})^2 + a^2)`.  Output 1 clips only at :math:`b_1 + a < 0`.  Hence

.. math:: L - rV = \varepsilon^2\,\bigl(Q_2(\gamma, \beta) - rV\bigr)
          + \varepsilon^3\,\bigl(Q_3(\gamma, \beta) + 2\gamma rV\bigr) + O(\varepsilon^4),

with :math:`Q_2, Q_3` read off the region's rational loss below.  :math:`Q_2` is least at
:math:`\gamma^*(\beta)`, from a linear equation, and at the positive root :math:`\beta^*` of a
quadratic.  Then

* :math:`K(p) = \min Q_2`: drop is a strict local minimum if rV < K and none if rV > K, so
  :math:`r = K/V` is the **onset**;
* :math:`c_3 = Q_3(\gamma^*, \beta^*) + 2\gamma^* K` decides its order (at fixed direction the first
  correction to :math:`\gamma, \beta` enters at :math:`\varepsilon^4`): for c₃ > 0 the stored
  feature grows continuously out of the onset, for c₃ < 0 a lower minimum exists before it.  The
  zeros of c₃ are the tricritical densities.

A minimum far from drop can still come first: see :mod:`theory.coexistence`.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import mpmath
import sympy

from .expected_loss import RegionLoss, region_loss
from .gram_patterns import P, R

__all__ = [
    "K",
    "Onset",
    "V",
    "cubic_coefficient",
    "free_pair_loss",
    "onset",
    "onset_curve",
    "tricritical_densities",
]

G1, G2, A, B1, B2 = sympy.symbols("g1 g2 a b1 b2", real=True)


def free_pair_loss(sample: dict[Any, Any]) -> RegionLoss:
    """Return the loss of two features with Gram entries g1, g2, a and biases b1, b2, symbolically.

    ``sample`` gives a value to each of the five symbols and so chooses the sign region.
    """
    return region_loss([[G1, A], [A, G2]], [B1, B2], P, [1, R], sample)


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """The expansion at drop: the softest direction and the two coefficients along it."""

    beta: Any
    gamma: Any
    stiffness: Any
    cubic: Any
    drop: Any


@cache
def onset() -> Onset:
    """Derive the expansion of the loss at drop, to third order."""
    epsilon, gamma, beta = sympy.symbols("epsilon gamma beta", positive=True)
    near = {G1: 1, A: -sympy.Rational(1, 100), B1: sympy.Rational(1, 200), B2: sympy.Rational(1, 4)}
    loss = free_pair_loss({**near, G2: sympy.Rational(1, 10000)}).expression
    first, second = (sympy.expand(loss).coeff(R, power) for power in (0, 1))
    best_bias = sympy.solve(sympy.diff(second, B2), B2)[0]
    second = sympy.cancel(second.subs(B2, best_bias))
    path = {G1: 1 + gamma * epsilon, A: -epsilon, B1: beta * epsilon}
    path[G2] = sympy.cancel(path[A] ** 2 / path[G1])

    def coefficients(expression: Any) -> list[Any]:
        on_path = sympy.together(expression.subs(path, simultaneous=True))
        return [
            sympy.cancel(sympy.diff(sympy.cancel(on_path), epsilon, k).subs(epsilon, 0))
            / sympy.factorial(k)
            for k in range(4)
        ]

    kept, dropped = coefficients(first), coefficients(second)
    drop = sympy.factor(dropped[0])
    if kept[0] != 0 or kept[1] != 0 or dropped[1] != 0 or sympy.expand(dropped[2] + drop) != 0:
        raise ArithmeticError(f"drop is not critical: {kept[:2]}, {dropped[:3]}; check region_loss")
    best_gamma = sympy.solve(sympy.diff(kept[2], gamma), gamma)[0]
    quadratic = sympy.collect(sympy.expand(kept[2].subs(gamma, best_gamma)), beta, sympy.factor)
    slope = sympy.Poly(sympy.diff(quadratic, beta), beta)
    if slope.degree() != 2:
        raise ArithmeticError(f"the slope {slope} in beta should be quadratic; check region_loss")
    two, one, zero = slope.all_coeffs()  # its positive root, in the form that is finite at p = 1
    best_beta = -2 * zero / (one + sympy.sqrt(sympy.factor(one**2 - 4 * two * zero)))
    value = {gamma: best_gamma.subs(beta, best_beta), beta: best_beta}
    stiffness = quadratic.subs(beta, best_beta)
    cubic = kept[3].subs(value) + dropped[3].subs(value) / drop * stiffness
    return Onset(
        beta=best_beta,
        gamma=value[gamma],
        stiffness=stiffness,
        cubic=cubic,
        drop=drop,
    )


def V() -> Any:
    """Return :math:`V(p)`, the loss of a dropped feature with its best bias."""
    return onset().drop


def K() -> Any:
    """Return :math:`K(p)`, the cost of storing the feature weakly, per squared coupling."""
    return onset().stiffness


def cubic_coefficient() -> Any:
    """Return :math:`c_3(p)`, whose sign is the order of the onset."""
    return onset().cubic


def onset_curve() -> Any:
    """Return :math:`rV - K`, which vanishes on the onset."""
    return R * V() - K()


@cache
def tricritical_densities(digits: int = 20) -> tuple[Any, ...]:
    """Return the densities in (0, 1) where c₃ changes sign, to ``digits`` digits."""
    with mpmath.workdps(digits + 15):
        f = sympy.lambdify(P, cubic_coefficient(), "mpmath")
        grid = [mpmath.mpf(k) / 200 for k in range(1, 200)]
        brackets = [(x, y) for x, y in pairwise(grid) if f(x) * f(y) < 0]
        return tuple(
            sympy.Float(mpmath.findroot(f, bracket, solver="anderson"), digits)
            for bracket in brackets
        )
