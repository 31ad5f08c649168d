"""Claims on what superposition is, how it is measured, and what rotations leave alone."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from theory import population_loss
from theory.capacity import superposition
from theory.linear import linear_optimum
from theory.problem import dropped_loss

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "demonstrating"
_N, _M = 20, 5
_IMPORTANCE = [Fraction(7, 10) ** i for i in range(_N)]


def rotation_symmetry(evidence: Evidence) -> Claim:
    """Turn the hidden space."""
    W: list[list[Any]] = [
        [1, Fraction(-4, 5), Fraction(1, 3)],
        [Fraction(1, 2), Fraction(2, 7), -1],
    ]
    O = [[Fraction(3, 5), Fraction(-4, 5)], [Fraction(4, 5), Fraction(3, 5)]]
    turned = [[sum(O[a][k] * W[k][i] for k in range(2)) for i in range(3)] for a in range(2)]
    bias, p = [Fraction(-1, 10), 0, Fraction(1, 5)], sympy.Symbol("p", positive=True)
    difference = sympy.expand(population_loss(turned, bias, p) - population_loss(W, bias, p))
    return Claim(
        id="rotation_symmetry",
        section=_SECTION,
        place="section 2, on bases",
        figure="F7",
        text="A rotation of the hidden space, W → OW, leaves the model as it is.",
        predicted=0.0,
        measured=0.0 if difference == 0 else 1.0,
        tolerance=0.0,
        reason="Exact losses of a generic model and of its image under a rational rotation, as "
        "expressions in the density: 0 if they are one expression, 1 if not.",
        fast=True,
        details={"loss": str(population_loss(W, bias, p))},
    )


def invertible_gram(evidence: Evidence) -> Claim:
    """Tell superposition by WᵀW being singular."""
    best = linear_optimum(_M, [Fraction(1, 10)] * _N, _IMPORTANCE)
    return Claim(
        id="invertible_gram",
        section=_SECTION,
        place="section 2, definition of superposition",
        figure="F9",
        text="A model exhibits superposition if WᵀW is not invertible; so the linear model, which "
        "has none, has an invertible one.",
        predicted=float(_N),
        measured=float(len(best.stored)),
        tolerance=0.0,
        reason="Rank of WᵀW at the optimum of the linear model, twenty features in five "
        "dimensions; invertible means rank twenty. A rank, so no tolerance.",
        instead="The rank is at most m, so WᵀW is singular for every model with n > m, the linear "
        "one included. What tells superposition is that more than m features have norms near 1, "
        "or that features overlap.",
        fast=True,
        details={"stored": list(best.stored), "unique_optimum": best.unique},
    )


def superposition_legend(evidence: Evidence) -> Claim:
    """Evaluate the legend's formula where nothing is shared."""
    W = np.eye(_M, _N)
    dedicated = float(superposition(W)[0])
    own = float((W[:, 0] ** 2).sum())
    return Claim(
        id="superposition_legend",
        section=_SECTION,
        place="section 2, legend of F8",
        figure="F8",
        text="Bars are coloured by Σ_j(Ŵ_i·W_j)², and a feature with a dimension of its own is "
        "dark, at 0 (the legend, which leaves j ≠ i out).",
        predicted=0.0,
        measured=dedicated + own,
        tolerance=0.0,
        reason="The legend's sum for a dedicated feature of norm 1; exact, so no tolerance.",
        instead="The sum of the text, over j ≠ i, is 0 there; with j = i every stored feature is "
        "at 1, the top of the scale. The notebook colours by the square root of the text's sum.",
        fast=True,
        details={"text": dedicated},
    )


def bias_sign(evidence: Evidence) -> Claim:
    """Subtract the bias, as one section does."""
    p = sympy.Rational(1, 2)
    best = population_loss([[1, 0]], [0, p / 2], p)
    minus = population_loss([[1, 0]], [0, -p / 2], p)
    V = dropped_loss(p)
    return Claim(
        id="bias_sign",
        section=_SECTION,
        place="section 3, the model with n = 2",
        figure="F7",
        text="The model is ReLU(WᵀWx − b); elsewhere the bias of a dropped feature is said to be "
        "the mean of x, which is its best constant.",
        predicted=0.0,
        measured=float((minus - best) / V),
        tolerance=0.0,
        reason="W = (1, 0), b = (0, p/2) at p = 1/2: loss with −b above that with +b, in units of "
        "V; exact. With −b the dropped output is 0, not the mean.",
        instead="ReLU(WᵀWx + b), as everywhere else in the paper: then the bias p/2 gives the "
        "least loss V, and biases are negative in superposition.",
        fast=True,
        details={"plus": float(best), "minus": float(minus), "V": float(V)},
    )


CLAIMS = (rotation_symmetry, invertible_gram, superposition_legend, bias_sign)
