"""Claims on learning dynamics: energy levels (F25) and geometric stages (F26).

The paper states neither size nor density of F25, nor the density of F26.  Ours: uniform features in
two sizes, and two correlated sets at density 0.1 and, where it is said, 0.01.  *Flow* is gradient
flow on the exact loss; *trained* means one Adam on samples.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .claims import Claim, Measured
from .evidence import Evidence

__all__ = ["CHECKS", "claims"]

_SECTION = "learning_dynamics"
_LEVELS, _STAGES = "energy_levels", "geometric_stages"


def _claim(evidence: Evidence, experiment: str, **fields: Any) -> Claim:
    """Return a claim on an experiment, which says so where that is missing."""
    figure = "F25" if experiment == _LEVELS else "F26"
    if not evidence.measured(experiment):
        fields["reason"] += f"  No measurements of {experiment} in {evidence.source}."
    return Claim(section=_SECTION, figure=figure, place=f"section 5, {figure}", **fields)


def _share(values: Any) -> tuple[Measured, float]:
    """Return the share of true values and its standard error, at least that of one value."""
    if not values:
        return None, 0.0
    share = float(np.mean(values))
    return share, float(np.sqrt(max(share * (1 - share), 1 / len(values)) / len(values)))


def _least(values: Any) -> Measured:
    found = [value for value in values or [] if value is not None]
    return float(min(found)) if found else None


def features_jump_between_levels(evidence: Evidence) -> Claim:
    """Features go from dropped to a digon's half, once each."""
    m = evidence.measured(_LEVELS)
    return _claim(
        evidence,
        _LEVELS,
        id="features_jump_between_levels",
        text="Features jump between levels of dimensionality; ours: every stored feature jumps "
        "from 0 to 1/2 at least once.",
        predicted=(1.0, None),
        measured=_least(m.get("trained_jumps_per_stored_feature")),
        tolerance=0.0,
        reason="Jumps per feature that ends above 1/4, the least over the trained models of the "
        "recipe's size.  A feature is at a level within 0.06 and jumps when it reaches another.",
        details={
            "trained_jumps": m.get("trained_jumps"),
            "flow_jumps_per_stored_feature": m.get("flow_jumps_per_stored_feature"),
        },
    )


def features_swap(evidence: Evidence) -> Claim:
    """Count features that lose the place they had."""
    m = evidence.measured(_LEVELS)
    return _claim(
        evidence,
        _LEVELS,
        id="features_swap",
        text="Features swap: some that were on their way to a level lose their place to others.",
        predicted=(1.0, None),
        measured=_least(m.get("trained_displaced")),
        tolerance=0.0,
        reason="Features that had a dimensionality above 1/4 and end below 0.06, the least over "
        "the trained models of the recipe's size; 1/4 is half of a digon's, and ours.",
        details={
            "flows": m.get("flow_displaced"),
            "trained, small": m.get("small_displaced"),
        },
    )


def loss_drops_at_jumps(evidence: Evidence) -> Claim:
    """Compare the fall of the loss at jumps with its fall elsewhere."""
    m = evidence.measured(_LEVELS)
    ranks = m.get("flow_rank_at_jumps") or []
    known = [rank for rank in ranks if rank is not None]
    spread = float(np.std(known) / np.sqrt(len(known))) if known else 0.0
    return _claim(
        evidence,
        _LEVELS,
        id="loss_drops_at_jumps",
        text="The loss drops where features jump; ours: the fall of the loss at a jump exceeds its "
        "median over the whole path.",
        predicted=(0.5, 1.0),
        measured=float(np.mean(known)) if known else None,
        tolerance=0.0,
        uncertainty=spread,
        reason="Mean rank, 0 to 1, of the fall of the exact loss at the jumps among all kept "
        "points of a flow, evenly in the logarithm of time; jumps at random would have 1/2.",
        details={
            "trained": m.get("trained_rank_at_jumps"),
            "trained, small": m.get("small_rank_at_jumps"),
        },
    )


def first_jump_is_tiny(evidence: Evidence) -> Claim:
    """Compare the first two drops of the loss."""
    m = evidence.measured(_LEVELS)
    drops = [drop for drop in m.get("drops") or [] if len(drop) > 1]
    ratios = [drop[1] / drop[0] for drop in drops]
    return _claim(
        evidence,
        _LEVELS,
        id="first_jump_is_tiny",
        text="The drop of the loss is tiny at the first jump and larger at the second.",
        predicted=(1.0, None),
        measured=float(np.median(ratios)) if ratios else None,
        tolerance=0.0,
        reason="Drop of the exact loss between the second and third plateau over that between the "
        "first and second, median of the flows.  The paper says so of one run of a set-up it does "
        "not give, so another set-up may differ.",
        instead="From small weights the first jump is the largest: it leaves W = 0 in all "
        "dimensions at once, and the later ones, in which single features find their places, lower "
        "the loss by a few per cent.",
        details={"drops": m.get("drops")},
    )


def all_end_as_digons(evidence: Evidence) -> Claim:
    """At the end every feature is a digon's or dropped."""
    m = evidence.measured(_LEVELS)
    share, error = _share([value == 1.0 for value in m.get("flow_at_levels") or []])
    return _claim(
        evidence,
        _LEVELS,
        id="all_end_as_digons",
        text="All features of the set-up end as digons, or dropped.",
        predicted=1.0,
        measured=share,
        tolerance=0.1,
        uncertainty=error,
        reason="Share of the flows at the end of which every feature is within 0.06 of 0 or 1/2; "
        "one flow in ten may end in another minimum, which is ours.",
        instead="Some flows end in a minimum with a pentagon, which costs more than digons.",
        details={
            "flow_at_levels": m.get("flow_at_levels"),
            "trained_at_levels": m.get("trained_at_levels"),
            "trained_digons": m.get("trained_digons"),
        },
    )


def levels_are_geometries(evidence: Evidence) -> Claim:
    """At the saddles too, dimensionalities are those of named geometries."""
    m = evidence.measured(_LEVELS)
    return _claim(
        evidence,
        _LEVELS,
        id="levels_are_geometries",
        text="The levels are the dimensionalities of known geometries, 1, 3/4, 2/3, 1/2, 2/5 and "
        "3/8; ours: at the saddles between the jumps, too, for nine stored features of ten.",
        predicted=(0.9, 1.0),
        measured=m.get("level_share"),
        tolerance=0.0,
        reason="Share of stored features within 0.02 of such a number at the saddles (index above "
        "0) that flows pass.  The paper gives no number; nine in ten is ours.",
        instead="At the end all are, but at a saddle the features that still compete, such as "
        "three in a line or a pentagon with unequal norms, have dimensionalities in between.",
        details={"geometries": m.get("geometries"), "indices": m.get("indices")},
    )


def plateaus_are_saddles(evidence: Evidence) -> Claim:
    """Between W = 0 and a minimum the index falls from plateau to plateau."""
    m = evidence.measured(_LEVELS)
    rows = m.get("indices")
    falls = [all(np.diff(row) < 0) for row in rows or []]
    share, error = _share(falls)
    return _claim(
        evidence,
        _LEVELS,
        id="plateaus_are_saddles",
        text="Ours, on the energy levels: each plateau lies beside a critical point, and from one "
        "to the next fewer directions lead down, until none does.",
        predicted=(0.9, 1.0),
        measured=share,
        tolerance=0.0,
        uncertainty=error,
        reason="Share of the flows along which the index of the matched critical points falls "
        "strictly; nine in ten is ours.",
        details={"indices": rows, "matched": m.get("matched")},
    )


def stages_are_distinct(evidence: Evidence) -> Claim:
    """At least three plateaus, whatever the threshold."""
    m = evidence.measured(_STAGES)
    counts = m.get("plateau_counts")
    return _claim(
        evidence,
        _STAGES,
        id="stages_are_distinct",
        text="Learning passes through distinct regimes; ours: three plateaus of the speed at "
        "least, the end among them.",
        predicted=(3.0, None),
        measured=_least([x for row in counts for x in row]) if counts else None,
        tolerance=0.0,
        reason="Fewest plateaus over all flows and over four thresholds, 0.1 to 0.3 decades by "
        "which the speed rises on both sides.",
        details={
            "plateau_counts": counts,
            "at density 0.01": m.get("other_plateau_counts"),
            "prominences": m.get("prominences"),
        },
    )


def early_stage_is_linear(evidence: Evidence) -> Claim:
    """At the first plateau the weights are those of the linear model's flow."""
    m = evidence.measured(_STAGES)
    gaps = m.get("linear_gap")
    share, error = _share([gap <= 0.1 for gap in gaps or []])
    return _claim(
        evidence,
        _STAGES,
        id="early_stage_is_linear",
        text="The early stage is that of a linear model; ours: in nine flows of ten WᵀW is, at the "
        "first plateau, that of the linear model's flow within a tenth.",
        predicted=(0.9, 1.0),
        measured=share,
        tolerance=0.0,
        uncertainty=error,
        reason="Share of the flows with ‖G − G_linear‖ ≤ ‖G‖/10 at the first plateau that has "
        "learned something, from the same weights at the same time; both tenths are ours.",
        instead="A flow may pass a saddle where the two sets are opposite in one dimension, which "
        "costs a ReLU model little and a linear one much.",
        details={"linear_gap": gaps},
    )


def early_stage_is_principal(evidence: Evidence) -> Claim:
    """At the first plateau the weights hold the two components of largest variance."""
    m = evidence.measured(_STAGES)
    shares = m.get("principal_share")
    return _claim(
        evidence,
        _STAGES,
        id="early_stage_is_principal",
        text="The early stage is like principal component analysis; ours: nine tenths of ‖W‖² are "
        "in the two components of largest variance, the means of the sets.",
        predicted=(0.9, 1.0),
        measured=_least(shares),
        tolerance=1e-9,
        reason="Least share over the flows at the first plateau that has learned something, where "
        "random weights have 1/3; nine tenths is ours.",
        details={"principal_share": shares},
    )


def trajectories_differ(evidence: Evidence) -> Claim:
    """More than one sequence of plateaus leads to the octahedron."""
    m = evidence.measured(_STAGES)
    rows = m.get("geometries")
    kinds = {tuple(row) for row in rows} if rows else set()
    return _claim(
        evidence,
        _STAGES,
        id="trajectories_differ",
        text="There are several trajectories to the octahedron, which differ at the third stage; "
        "ours: two different sequences of named plateaus at least.",
        predicted=(2.0, None),
        measured=float(len(kinds)) if kinds else None,
        tolerance=0.0,
        reason="Number of different sequences of geometries at the critical points beside the "
        "plateaus, over the flows.",
        details={
            "geometries": rows,
            "indices": m.get("indices"),
            "times at which the pairs formed": m.get("pair_times"),
        },
    )


def ends_in_octahedron(evidence: Evidence) -> Claim:
    """Every flow ends in an octahedron."""
    m = evidence.measured(_STAGES)
    share, error = _share(m.get("octahedra"))
    return _claim(
        evidence,
        _STAGES,
        id="ends_in_octahedron",
        text="The end is an octahedron.",
        predicted=1.0,
        measured=share,
        tolerance=0.1,
        uncertainty=error,
        reason="Share of the flows whose last critical point is named so; one in ten may fail, "
        "which is ours.",
        details={"loss of trained models above the flows'": m.get("trained_gap")},
    )


def pairs_join_different_sets(evidence: Evidence) -> Claim:
    """Antipodal features belong to different sets."""
    m = evidence.measured(_STAGES)
    share, error = _share(m.get("different_sets"))
    return _claim(
        evidence,
        _STAGES,
        id="pairs_join_different_sets",
        text="The antipodal pairs of the octahedron join features of different sets.",
        predicted=1.0,
        measured=share,
        tolerance=0.1,
        uncertainty=error,
        reason="Share of the flows at the end of which each feature has an antipode (cosine below "
        "−0.95) in the other set; one in ten may fail, which is ours.  Within a set two features "
        "are on together with probability p, across with p².",
        details={
            "trained": m.get("trained_different_sets"),
            "at density 0.01": m.get("other_different_sets"),
        },
    )


CHECKS: tuple[Callable[[Evidence], Claim], ...] = (
    features_jump_between_levels,
    features_swap,
    loss_drops_at_jumps,
    first_jump_is_tiny,
    all_end_as_digons,
    levels_are_geometries,
    plateaus_are_saddles,
    stages_are_distinct,
    early_stage_is_linear,
    early_stage_is_principal,
    trajectories_differ,
    ends_in_octahedron,
    pairs_join_different_sets,
)


def claims(evidence: Evidence) -> list[Claim]:
    """Return the claims of the section, in the order of the paper."""
    return [check(evidence) for check in CHECKS]
