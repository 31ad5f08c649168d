"""Claims on how many of three correlated pairs collapse at each density (F24)."""

from collections.abc import Mapping
from typing import Any

import sympy

from theory.correlated_sets import CANDIDATES, candidate_loss, collapse_bound

from ..claims import Claim, Predicted
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "correlated_features"
_PLACE = "section 3, F24"
_HALF_A_STEP = 0.025
_INSIDE = 0.03
_READ = (
    "The paper's ranges end at multiples of 0.05, with ≲; half of that, 0.025, is the tolerance.  "
)


def _found(evidence: Evidence) -> Mapping[str, Any]:
    return evidence.measured("pca_collapse")


def _counts(found: Mapping[str, Any], low: float, high: float) -> tuple[float, ...] | None:
    """Return the collapsed pairs of the optimum at the densities from low to high."""
    pairs = zip(found.get("scan", ()), found.get("optimum_collapsed", ()), strict=True)
    return tuple(float(k) for p, k in pairs if low <= p <= high) or None


def _edge(
    evidence: Evidence, name: str, states: str, predicted: Predicted, text: str, instead: str = ""
) -> Claim:
    found = _found(evidence)
    edge = found.get("edges", {}).get(states)
    low = states[0]
    trained = found.get("trained_edges", {}).get(str(int(low) + 1), [None])
    return Claim(
        id=name,
        section=_SECTION,
        place=_PLACE,
        figure="F24",
        text=text,
        predicted=predicted,
        measured=None if edge is None else sum(edge) / 2,
        tolerance=_HALF_A_STEP,
        uncertainty=0.0 if edge is None else (edge[1] - edge[0]) / 2,
        reason=_READ + "Measured: the density at which the least exact losses of the two states "
        "are equal, located by bisection.",
        instead=instead,
        details={"half_of_the_trained_runs": trained},
    )


def most_like_principal_components(evidence: Evidence) -> Claim:
    """Compare the advantage over the linear model at high density with that below."""
    found = _found(evidence)
    dense, sparse = found.get("gap_dense"), found.get("gap_sparse")
    return Claim(
        id="most_like_principal_components",
        section=_SECTION,
        place=_PLACE,
        figure="F24",
        text="From p ≈ 0.5 on the solution is most like principal components.",
        predicted=(None, 0.0),
        measured=None if dense is None or sparse is None else dense - sparse,
        tolerance=0.0,
        reason="Relative excess of the loss of principal components over the least exact loss: the "
        "largest at p ≥ 0.5 less the smallest below; below 0 if all dense models are nearer.",
        details={
            "largest_at_p≥0.5": dense,
            "smallest_below": sparse,
            "collapsed_at_p≥0.5": _counts(found, 0.5, 1.0),
        },
    )


def three_collapse_from_a_quarter(evidence: Evidence) -> Claim:
    """Judge the lower edge of the range of three collapsed pairs, by the optimum."""
    return _edge(
        evidence,
        "three_collapse_from_a_quarter",
        "2-3",
        (0.2, 0.25),
        "All three pairs are collapsed from p ≈ 0.25 on, two up to 0.2; ours: between the two the "
        "model of least loss changes from two to three.",
        instead="The least loss has two pairs collapsed up to p = 0.394 and three above; what the "
        "paper sees is where half of the trained runs find three.",
    )


def three_collapse_in_training(evidence: Evidence) -> Claim:
    """Judge the same edge by what half of the trained runs do."""
    found = _found(evidence)
    edge = found.get("trained_edges", {}).get("3") or [None, None, None]
    ends = [x for x in edge[1:] if x is not None]
    spread = abs(ends[0] - ends[1]) / 2 if len(ends) == 2 else 0.0
    return Claim(
        id="three_collapse_in_training",
        section=_SECTION,
        place=_PLACE,
        figure="F24",
        text="The same edge as a statement on training: half of the runs have three pairs "
        "collapsed from somewhere between p = 0.2 and 0.25 on.",
        predicted=(0.2, 0.25),
        measured=edge[0],
        tolerance=_HALF_A_STEP,
        uncertainty=spread,
        reason=_READ + "Measured: where the share of trained runs with three collapsed pairs rises "
        "through one half; the uncertainty is that of the share, carried over.",
        details={"densities": found.get("densities"), "counts": found.get("trained_counts")},
    )


def two_collapse_up_to_the_gap(evidence: Evidence) -> Claim:
    """Judge the state in the range from .15 to .2."""
    return Claim(
        id="two_collapse_up_to_the_gap",
        section=_SECTION,
        place=_PLACE,
        figure="F24",
        text="For p from 0.15 to 0.2 two pairs are collapsed.",
        predicted=2.0,
        measured=_counts(_found(evidence), 0.15, 0.2),
        tolerance=0.0,
        reason="Collapsed pairs of the least exact loss at the densities there; counts, so no "
        "tolerance.",
        details={"best_trained": _best_trained(evidence, 0.15, 0.2)},
    )


def _best_trained(evidence: Evidence, low: float, high: float) -> dict[str, int]:
    found = _found(evidence)
    pairs = zip(found.get("densities", ()), found.get("trained_best", ()), strict=True)
    return {f"{p:g}": int(k) for p, k in pairs if low <= p <= high}


def unassigned_densities(evidence: Evidence) -> Claim:
    """Count collapsed pairs of the optimum where the paper's ranges leave a gap."""
    return Claim(
        id="unassigned_densities",
        section=_SECTION,
        place=_PLACE,
        figure="F24",
        text="The paper's ranges leave p from 0.2 to 0.25 unassigned; ours: no further state "
        "appears there, two or three pairs are collapsed.",
        predicted=(2.0, 3.0),
        measured=_counts(_found(evidence), 0.2, 0.25),
        tolerance=0.0,
        reason="Collapsed pairs of the least exact loss at the densities there; counts, so no "
        "tolerance.",
        details={"best_trained": _best_trained(evidence, 0.2, 0.25)},
    )


def two_collapse_from(evidence: Evidence) -> Claim:
    """Judge the edge between one and two collapsed pairs."""
    return _edge(
        evidence,
        "two_collapse_from",
        "1-2",
        0.15,
        "One pair is collapsed below p ≈ 0.15 and two above.",
    )


def one_collapses_between(evidence: Evidence) -> Claim:
    """Judge the state within the range from .05 to .15."""
    return Claim(
        id="one_collapses_between",
        section=_SECTION,
        place=_PLACE,
        figure="F24",
        text="For p from 0.05 to 0.15 one pair is collapsed.",
        predicted=1.0,
        measured=_counts(_found(evidence), 0.05 + _INSIDE, 0.15 - _INSIDE),
        tolerance=0.0,
        reason=f"Collapsed pairs of the least exact loss at the densities there, {_INSIDE} inside "
        "of the ends, which have claims of their own; counts, so no tolerance.",
        details={"best_trained": _best_trained(evidence, 0.05, 0.15)},
    )


def one_collapses_from(evidence: Evidence) -> Claim:
    """Judge the edge below which no pair is collapsed."""
    return _edge(
        evidence,
        "one_collapses_from",
        "0-1",
        0.05,
        "No pair is collapsed below p ≈ 0.05 and one above.",
    )


def none_collapse_when_sparse(evidence: Evidence) -> Claim:
    """Judge the state below .05."""
    found = _found(evidence)
    return Claim(
        id="none_collapse_when_sparse",
        section=_SECTION,
        place=_PLACE,
        figure="F24",
        text="For p below 0.05 no pair is collapsed; the features form the hexagon.",
        predicted=0.0,
        measured=_counts(found, 0.0, 0.05),
        tolerance=0.0,
        reason="Collapsed pairs of the least exact loss at the densities there; counts, so no "
        "tolerance.  Of trained runs a part ends with one collapsed: see the shares.",
        details={
            "densities": found.get("densities"),
            "share_of_runs_without": found.get("none_share"),
            "interval": found.get("none_interval"),
        },
    )


def collapsed_pair_keeps_the_sum(evidence: Evidence) -> Claim:
    """Measure what a collapsed pair keeps of a − b."""
    found = _found(evidence)
    return Claim(
        id="collapsed_pair_keeps_the_sum",
        section=_SECTION,
        place=_PLACE,
        figure="F24",
        text="A collapsed pair keeps (a + b)/√2 and ignores (a − b)/√2.",
        predicted=0.0,
        measured=found.get("trained_opening"),
        tolerance=0.01,
        reason="‖W(a − b)‖/‖W(a + b)‖ of the pairs of trained runs in which it is below 0.1, the "
        "median; 0.01, ours, allows for the noise of batches.  Below p = 0.2 the optimum with two "
        "collapsed pairs has one of them open by 0.08.",
        details={"optimum, exactly collapsed pairs": found.get("optimum_opening")},
    )


def collapse_costs_a_twelfth(evidence: Evidence) -> Claim:
    """Show that the bound p/12 for each collapsed pair is reached as p → 0."""
    p = sympy.Symbol("p", positive=True)
    states = {"three_collapsed": 3, "three_at_120": 3, "two_collapsed": 2}
    limits = [
        sympy.limit(candidate_loss(name, p) / collapse_bound(states[name], p), p, 0)
        for name in CANDIDATES
    ]
    return Claim(
        id="collapse_costs_a_twelfth",
        section=_SECTION,
        place=_PLACE,
        figure="F24",
        text="Ours, on F24: a collapsed pair loses the variance p/12 of the difference, no model "
        "loses less with that pair collapsed, and two or three pairs can lose no more as p → 0.",
        predicted=1.0,
        measured=tuple(float(x) for x in limits),
        tolerance=0.0,
        reason="Limit, as p → 0, of the exact loss of three candidates over k p/12; exact "
        "arithmetic, so no tolerance.",
        fast=True,
        details={name: str(candidate_loss(name, p)) for name in CANDIDATES},
    )


CLAIMS = (
    most_like_principal_components,
    three_collapse_from_a_quarter,
    three_collapse_in_training,
    two_collapse_up_to_the_gap,
    unassigned_densities,
    two_collapse_from,
    one_collapses_between,
    one_collapses_from,
    none_collapse_when_sparse,
    collapsed_pair_keeps_the_sum,
    collapse_costs_a_twelfth,
)
