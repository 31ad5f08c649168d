"""Claims on geometric stages, F26."""

from collections.abc import Callable

from ..claims import Claim
from ..evidence import Evidence
from .measured import STAGES, dynamics_claim, least, share_of

__all__ = ["CHECKS"]


def stages_are_distinct(evidence: Evidence) -> Claim:
    """At least three plateaus, whatever the threshold."""
    m = evidence.measured(STAGES)
    counts = m.get("plateau_counts")
    return dynamics_claim(
        evidence,
        STAGES,
        id="stages_are_distinct",
        text="Learning passes through distinct regimes; ours: three plateaus of the speed at "
        "least, the end among them.",
        predicted=(3.0, None),
        measured=least([x for row in counts for x in row]) if counts else None,
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
    m = evidence.measured(STAGES)
    gaps = m.get("linear_gap")
    share, error = share_of([gap <= 0.1 for gap in gaps or []])
    return dynamics_claim(
        evidence,
        STAGES,
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
    m = evidence.measured(STAGES)
    shares = m.get("principal_share")
    return dynamics_claim(
        evidence,
        STAGES,
        id="early_stage_is_principal",
        text="The early stage is like principal component analysis; ours: nine tenths of ‖W‖² are "
        "in the two components of largest variance, the means of the sets.",
        predicted=(0.9, 1.0),
        measured=least(shares),
        tolerance=1e-9,
        reason="Least share over the flows at the first plateau that has learned something, where "
        "random weights have 1/3; nine tenths is ours.",
        details={"principal_share": shares},
    )


def trajectories_differ(evidence: Evidence) -> Claim:
    """More than one sequence of plateaus leads to the octahedron."""
    m = evidence.measured(STAGES)
    rows = m.get("geometries")
    kinds = {tuple(row) for row in rows} if rows else set()
    return dynamics_claim(
        evidence,
        STAGES,
        id="trajectories_differ",
        text="There are several trajectories to the octahedron, which differ at the third stage; "
        "ours: two different sequences of named plateaus at least.",
        predicted=(2.0, None),
        measured=float(len(kinds)) if kinds else None,
        tolerance=0.0,
        reason="Number of different sequences of geometries beside the plateaus, over the flows, "
        "where the search for the critical point converged (the share is in the details) and where "
        "it stalled.",
        details={
            "geometries": rows,
            "indices": m.get("indices"),
            "matched": m.get("matched"),
            "times at which the pairs formed": m.get("pair_times"),
        },
    )


def ends_in_octahedron(evidence: Evidence) -> Claim:
    """Every flow ends in an octahedron."""
    m = evidence.measured(STAGES)
    share, error = share_of(m.get("octahedra"))
    return dynamics_claim(
        evidence,
        STAGES,
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
    m = evidence.measured(STAGES)
    share, error = share_of(m.get("different_sets"))
    return dynamics_claim(
        evidence,
        STAGES,
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
    stages_are_distinct,
    early_stage_is_linear,
    early_stage_is_principal,
    trajectories_differ,
    ends_in_octahedron,
    pairs_join_different_sets,
)
