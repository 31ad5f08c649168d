"""Claims on the directions of features, with and without a ReLU in the hidden layer (F29)."""

from collections.abc import Mapping
from math import sqrt
from typing import Any

import sympy

from theory import population_loss

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "privileged_basis"
_SOME = 0.05


def _alignment(evidence: Evidence) -> Mapping[str, Any]:
    return evidence.measured("neuron_alignment")


def neurons_align_dense(evidence: Evidence) -> Claim:
    """With a hidden ReLU and dense features each feature lies along a neuron."""
    found = _alignment(evidence)
    ranks = _lower_ranks(found)
    return Claim(
        id="neurons_align_dense",
        section=_SECTION,
        place="section 6, F29",
        figure="F29",
        text="With a ReLU in the hidden layer features align with neurons (dense features).",
        predicted=0.0,
        measured=ranks[0] if ranks else None,
        tolerance=_SOME,
        uncertainty=_rank_error(found),
        reason="Share of random rotations of W after which its features are at least as aligned, "
        "mean over models at p = 1, by the sum of fourth powers or by that of sizes, whichever is "
        "lower; aligned is read as 0.05 at most, a threshold of ours.  "
        "Arbitrary directions give 1/2.",
        instead="Even for dense features, alignment is not beyond that of random directions.",
        details=dict(found),
    )


def neurons_align_sparse(evidence: Evidence) -> Claim:
    """Compare features that are sparse and share neurons."""
    found = _alignment(evidence)
    ranks = _lower_ranks(found)
    return Claim(
        id="neurons_align_sparse",
        section=_SECTION,
        place="section 6, F29",
        figure="F29",
        text="With a ReLU in the hidden layer features align with neurons (sparse features).",
        predicted=0.0,
        measured=tuple(ranks[1:]) if ranks else None,
        tolerance=_SOME,
        uncertainty=_rank_error(found),
        reason="As neurons_align_dense, at the densities 0.3 and 0.1 of the same replication; the "
        "paper states none for F29.",
        instead="In superposition a feature touches several neurons, some with negative weight, "
        "and the size of its weights is no longer aligned; the basis stays privileged, as "
        "rotations still cost (neurons_privileged).",
        details={k: found.get(k) for k in ("relu_rank", "relu_other_rank", "relu_alignment")},
    )


def _lower_ranks(found: Mapping[str, Any]) -> list[float]:
    """Return, per density, the lower rank of the two measures, so that either may show it."""
    both = found.get("relu_rank", ()), found.get("relu_other_rank", ())
    return [min(pair) for pair in zip(*both, strict=True)]


def _rank_error(found: Mapping[str, Any]) -> float:
    """Return the standard error of a mean of uniform ranks, what it is at most here."""
    starts = found.get("starts")
    return sqrt(1 / (12 * starts)) if starts else 0.0


def neurons_arbitrary_linear(evidence: Evidence) -> Claim:
    """With a linear hidden layer directions are arbitrary."""
    found = _alignment(evidence)
    ranks = found.get("linear_rank")
    return Claim(
        id="neurons_arbitrary_linear",
        section=_SECTION,
        place="section 6, F29",
        figure="F29",
        text="With a linear hidden layer features lie in arbitrary directions of the hidden space.",
        predicted=0.5,
        measured=tuple(ranks) if ranks else None,
        tolerance=0.1,
        uncertainty=2 * _rank_error(found),
        reason="Mean rank of each density's models among random rotations of their own weights, "
        "uniform if directions are arbitrary; the uncertainty is two standard errors of such a "
        "mean.",
        instead="The loss does not know the basis but Adam does: steps of one size for every "
        "weight spread each feature over all hidden dimensions, so features of sparse models lie "
        "further from the axes than random directions.  Gradient descent commutes with rotations "
        "and from normal weights would end in uniform directions.",
        details={k: found.get(k) for k in ("linear_rank", "linear_other_rank", "linear_alignment")},
    )


def neurons_free_linear(evidence: Evidence) -> Claim:
    """Rotate a linear hidden layer: nothing changes, exactly."""
    weights = sympy.Matrix([[1, 0, sympy.Rational(-1, 2)], [0, 1, sympy.Rational(-1, 3)]])
    turn = sympy.Matrix([[3, 4], [-4, 3]]) / 5
    losses = [
        population_loss(W.tolist(), [0, 0, 0], sympy.Rational(1, 3))
        for W in (weights, turn * weights)
    ]
    return Claim(
        id="neurons_free_linear",
        section=_SECTION,
        place="section 6",
        figure="F29",
        text="With a linear hidden layer no basis is privileged: a rotated model is as good.",
        predicted=0.0,
        measured=abs(float(losses[1] - losses[0])),
        tolerance=0.0,
        reason="Exact population losses of three features in two dimensions before and after a "
        "rational rotation, subtracted; exact arithmetic, so no tolerance.",
        instead="A rotation changes the loss.",
        fast=True,
    )


def neurons_privileged(evidence: Evidence) -> Claim:
    """Rotate a rectified hidden layer: each trained model loses by it."""
    found = _alignment(evidence)
    return Claim(
        id="neurons_privileged",
        section=_SECTION,
        place="section 6",
        figure="F29",
        text="A ReLU in the hidden layer makes its basis privileged.",
        predicted=(1.0, None),
        measured=found.get("relu_least_cost"),
        tolerance=0.0,
        reason="Loss after random rotations of W over the loss before (mean of five), the least "
        "over all trained models; the linear models beside them stay at 1 to rounding.",
        instead="Some trained model loses nothing by rotations.",
        details={k: found.get(k) for k in ("relu_most_cost", "linear_least_cost")},
    )


CLAIMS = (
    neurons_free_linear,
    neurons_arbitrary_linear,
    neurons_align_dense,
    neurons_align_sparse,
    neurons_privileged,
)
