"""Claims on energy levels, F25."""

from collections.abc import Callable

import numpy as np

from ..claims import Claim
from ..evidence import Evidence
from .measured import LEVELS, STAGES, dynamics_claim, least, share_of

__all__ = ["CHECKS"]


def features_jump_between_levels(evidence: Evidence) -> Claim:
    """Features go from dropped to a digon's half, once each."""
    m = evidence.measured(LEVELS)
    return dynamics_claim(
        evidence,
        LEVELS,
        id="features_jump_between_levels",
        text="Features jump between levels of dimensionality; ours: every stored feature goes from "
        "one of the levels 0 and 1/2 to the other at least once.",
        predicted=(1.0, None),
        measured=least(m.get("trained_jumps_per_stored_feature")),
        tolerance=0.0,
        reason="Jumps per feature that ends above 1/4, the least over the trained models of the "
        "recipe's size.  A feature is at a level within 0.06 and jumps when it reaches another, "
        "however long that takes: it fails where features end between the levels.",
        details={
            "trained_jumps": m.get("trained_jumps"),
            "flow_jumps_per_stored_feature": m.get("flow_jumps_per_stored_feature"),
        },
    )


def features_swap(evidence: Evidence) -> Claim:
    """Count features that lose the place they had."""
    m = evidence.measured(LEVELS)
    return dynamics_claim(
        evidence,
        LEVELS,
        id="features_swap",
        text="Features swap: some that were on their way to a level lose their place to others.",
        predicted=(1.0, None),
        measured=least(m.get("trained_displaced")),
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
    m = evidence.measured(LEVELS)
    ranks = m.get("flow_rank_at_jumps") or []
    known = [rank for rank in ranks if rank is not None]
    spread = float(np.std(known) / np.sqrt(len(known))) if known else 0.0
    return dynamics_claim(
        evidence,
        LEVELS,
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
    m = evidence.measured(LEVELS)
    drops = [drop for drop in m.get("drops") or [] if len(drop) > 1]
    ratios = [drop[1] / drop[0] for drop in drops]
    later = [drop[2] / drop[1] for drop in drops if len(drop) > 2]
    return dynamics_claim(
        evidence,
        LEVELS,
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
        details={"drops": m.get("drops"), "third_over_second": later},
    )


def all_end_as_digons(evidence: Evidence) -> Claim:
    """At the end every feature is a digon's or dropped."""
    m = evidence.measured(LEVELS)
    share, error = share_of([value == 1.0 for value in m.get("flow_at_levels") or []])
    return dynamics_claim(
        evidence,
        LEVELS,
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
    m = evidence.measured(LEVELS)
    return dynamics_claim(
        evidence,
        LEVELS,
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
    m = evidence.measured(LEVELS)
    rows = m.get("indices")
    falls = [all(np.diff(row) < 0) for row in rows or []]
    share, error = share_of(falls)
    return dynamics_claim(
        evidence,
        LEVELS,
        id="plateaus_are_saddles",
        text="Ours, on the energy levels: each plateau lies beside a critical point, and from one "
        "to the next fewer directions lead down, until none does.",
        predicted=(0.9, 1.0),
        measured=share,
        tolerance=0.0,
        uncertainty=error,
        reason="Share of the flows along which the index of the matched critical points falls "
        "strictly; nine in ten is ours.",
        details={
            "indices": rows,
            "matched": m.get("matched"),
            "two sets (F26), where it need not": evidence.measured(STAGES).get("indices"),
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
)
