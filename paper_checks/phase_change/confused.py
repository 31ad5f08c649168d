r"""Claims of T. McGrath's comment (F37) on two features without biases.

The comment gives exact loss surfaces with the bias ignored.  Everything here is the bias-free
optimum of :mod:`theory.bias_free`; only the last claim turns the biases on.
"""

from math import sqrt

import numpy as np
import sympy

from theory import population_loss
from theory.bias_free import (
    antipodal_onset,
    best_bias_free,
    best_in_sector,
    bias_free_loss,
    critical_points,
    exchange_importance,
)
from theory.families import P
from theory.phases import DEDICATED_OVERLAP, DROPPED_NORM
from theory.problem import dropped_loss

from ..claims import Claim
from ..evidence import Evidence, share_error

__all__ = ["CLAIMS"]

_SECTION = "phase_change"
_DENSE = 0.9
_MIDDLE = 0.5
_LESS = 0.2


def confused_phase(evidence: Evidence) -> Claim:
    """At low sparsity and equal importance one neuron reads the sum of the features."""
    best = best_bias_free(_DENSE, 1.0)
    return Claim(
        id="confused_phase",
        section=_SECTION,
        place="comment on the page, F37",
        figure="F37",
        text="A comment (F37, T. McGrath): without biases there is a further phase, "
        "W₁ ≈ W₂ ≈ 1/√2, at low sparsity when both features matter.",
        predicted=sqrt(0.5),
        measured=best.weights,
        tolerance=0.01,
        fast=True,
        reason=f"Both weights of the best model without biases at p = {_DENSE}, r = 1; the "
        "comment's 'approximately' is read as 0.01, a threshold of ours.",
        details={"sector": best.sector, "loss": best.loss},
    )


def confused_loss(evidence: Evidence) -> Claim:
    """Compare the confused solution with dropping a feature at its best bias."""
    root = sympy.sqrt(2) / 2
    loss = population_loss([[root, root]], [0, 0], P)
    difference = sympy.expand(loss - dropped_loss(P))
    at = [abs(float(difference.subs(P, sympy.Rational(k, 10)))) for k in range(1, 11)]
    return Claim(
        id="confused_loss",
        section=_SECTION,
        place="comment on the page, F37",
        figure="F37",
        text="Ours, on F37: W = (1, 1)/√2 with b = 0 costs exactly V = p/3 − p²/4 at r = 1, as "
        "much as dropping a feature with its best bias.",
        predicted=0.0,
        measured=max(at),
        tolerance=0.0,
        fast=True,
        reason="Exact loss minus V, as an expression in p, at p = 0.1, ..., 1; exact arithmetic, "
        "so no tolerance.",
        details={"loss": str(sympy.factor(loss))},
    )


def confused_exchange(evidence: Evidence) -> Claim:
    """Between the antipodal and the confused phase the weights jump."""
    r = exchange_importance(_MIDDLE)
    ends = {name: best_in_sector(name, _MIDDLE, r) for name in ("antipodal", "confused")}
    jump = abs(ends["antipodal"].weights[1] - ends["confused"].weights[1])
    return Claim(
        id="confused_exchange",
        section=_SECTION,
        place="comment on the page, F37",
        figure="F37",
        text="A comment (F37, T. McGrath): the jump between antipodal and confused is "
        "discontinuous, and two minima are possible.",
        predicted=(DROPPED_NORM, None),
        measured=jump,
        tolerance=0.0,
        fast=True,
        reason=f"Change of W₂ where the two have one loss at p = {_MIDDLE}, each minimised over "
        f"both weights without biases; {DROPPED_NORM}, ours, is the norm below which a feature "
        "counts as dropped.",
        details={
            "density": _MIDDLE,
            "importance": r,
            **{name: list(one.weights) for name, one in ends.items()},
        },
    )


def confused_two_minima(evidence: Evidence) -> Claim:
    """Count the minima at a point where antipodal and confused tie."""
    found = critical_points(_MIDDLE, exchange_importance(_MIDDLE))
    minima = [point for point in found if point.kind == "minimum"]
    return Claim(
        id="confused_two_minima",
        section=_SECTION,
        place="comment on the page, F37",
        figure="F37",
        text="A comment (F37, T. McGrath): the loss without biases can have two minima; ours: up "
        "to the sign of W it has two, and no more, where antipodal and confused have one loss.",
        predicted=2.0,
        measured=float(len(minima)),
        tolerance=0.0,
        fast=True,
        reason=f"Minima over all directions of W at p = {_MIDDLE}, each minimised along its ray in "
        "closed form (theory.bias_free); a count, so no tolerance.",
        details={
            "critical_points": [
                {"kind": one.kind, "loss": one.loss, "weights": list(one.weights)} for one in found
            ],
            "antipodal_minima_above_importance": antipodal_onset(_MIDDLE),
        },
    )


def confused_drop_is_a_minimum(evidence: Evidence) -> Claim:
    """Measure the slope of the loss at the dropped solution towards the confused sector."""
    step = 1e-6
    at, beside = (float(bias_free_loss(1, w2, _DENSE, _LESS)) for w2 in (0, step))
    return Claim(
        id="confused_drop_is_a_minimum",
        section=_SECTION,
        place="comment on the page, F37",
        figure="F37",
        text="Following from F12's three phases, on F37: dropping feature 2, W = (1, 0), is a "
        "minimum without biases too.",
        predicted=(0.0, None),
        measured=(beside - at) / step,
        tolerance=0.0,
        fast=True,
        instead="Without biases dropping is nowhere a minimum: the loss falls with slope rp²/2 as "
        "W₂ grows from 0, so that what is seen as dropped is the confused minimum with small W₂.",
        reason=f"Slope of the exact loss in W₂ at W = (1, 0), p = {_DENSE}, r = {_LESS}, over a "
        "step of 1e-6; at a minimum it is not negative.",
        details={"exact_slope": -_LESS * _DENSE**2 / 2},
    )


def confused_continuous(evidence: Evidence) -> Claim:
    """Another transition, from one feature kept to both confused, is a crossover."""
    r = np.geomspace(0.01, 100, 401)
    w2 = np.array([best_bias_free(_DENSE, float(x)).weights[1] for x in r])
    coarse, fine = (float(np.abs(np.diff(w)).max()) for w in (w2[::2], w2))
    return Claim(
        id="confused_continuous",
        section=_SECTION,
        place="comment on the page, F37",
        figure="F37",
        text="A comment (F37, T. McGrath): one of the transitions is continuous; the comment "
        "explains the blur at the triple point by it.",
        predicted=0.5,
        measured=fine / coarse,
        tolerance=0.05,
        fast=True,
        reason=f"At p = {_DENSE} without biases, from r = 0.01 to 100: largest step of W₂ on a "
        "grid, over that on a grid twice as coarse; 1/2 for a continuous change, 1 for a jump, and "
        "the tolerance of 0.05 is ours.  "
        "Only the continuity is judged, not the blur.",
        details={"largest_step": fine, "w2_at_ends": [float(w2[0]), float(w2[-1])]},
    )


def confused_with_biases(evidence: Evidence) -> Claim:
    """With biases no optimum adds two features up."""
    measured, uncertainty, cells = None, 0.0, 0
    if (diagram := evidence.case("2,1")) is not None:
        G = diagram.gram("optimum_W")[diagram.p < 1]
        shorter = np.minimum(G[..., 0, 0], G[..., 1, 1])
        coupled = G[..., 0, 1] >= np.sqrt(DEDICATED_OVERLAP * shorter)
        confused = coupled & (shorter >= DROPPED_NORM**2)
        cells = int(confused.size)
        measured = float(confused.mean())
        uncertainty = share_error(measured, cells)
    return Claim(
        id="confused_with_biases",
        section=_SECTION,
        place="comment on the page, F37",
        figure="F37",
        text="Ours, on F37: the confused phase owes to the missing biases; with biases free it is "
        "the optimum nowhere below p = 1.",
        predicted=0.0,
        measured=measured,
        tolerance=0.0,
        uncertainty=uncertainty,
        instead="Somewhere below p = 1 a model with biases adds two features up.",
        reason="Share of the plane's cells with p < 1 whose optimum represents both features with "
        "a coupling above zero; at p = 1 the signs of couplings are equivalent."
        + evidence.lack("2,1"),
        details={"cells": cells},
    )


CLAIMS = (
    confused_phase,
    confused_loss,
    confused_exchange,
    confused_two_minima,
    confused_continuous,
    confused_drop_is_a_minimum,
    confused_with_biases,
)
