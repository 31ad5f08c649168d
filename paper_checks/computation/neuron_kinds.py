r"""Claims on kinds of neurons in nets of absolute values (F34 and F35).

The paper shows stacks of weights and names neurons monosemantic or polysemantic by eye.  Here the
in-weights w of a neuron decide: with max |w| > 0.9 ‖w‖ every other weight is below half of the
largest, and the neuron *looks* monosemantic; above 0.99, the threshold in ARENA's code, no other
weight exceeds a seventh.  Idle neurons, which serve no feature, count in neither.
"""

from collections.abc import Mapping
from itertools import pairwise
from math import sqrt
from typing import Any

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "computation"
_EYE = 0.05  # two neurons of forty
_FEW = (1 / 40, 1 / 4)
_TABLE = Mapping[str, Any]


def _at(table: _TABLE, name: str, density: float, prefix: str = "") -> float | None:
    """Return an entry of a list by density, None if it is missing."""
    densities = table.get(f"{prefix}densities") or []
    values = (table.get("longer") or {} if prefix else table).get(name) or []
    return dict(zip(densities, values, strict=False)).get(density)


def _error(table: _TABLE, *names_and_densities: tuple[str, float]) -> float:
    """Return the largest standard error over starts among some entries."""
    starts = table.get("starts") or 1
    spread = [_at(table, f"{name}_sd", p) or 0.0 for name, p in names_and_densities]
    return max(spread) / sqrt(starts)


def _length_error(table: _TABLE, name: str, density: float) -> float:
    """Return the standard error over starts, or how far longer training is if that is more."""
    short, longer = (_at(table, name, density, prefix) for prefix in ("", "longer_"))
    change = 0.0 if short is None or longer is None else abs(longer - short)
    return max(change, _error(table, (name, density)))


def _mixed(table: _TABLE, density: float) -> float | None:
    """Return the share of neurons that are not monosemantic by the stricter threshold."""
    pure = _at(table, "monosemantic", density)
    return None if pure is None else 1 - pure


def _details(table: _TABLE) -> dict[str, Any]:
    names = ("densities", "monosemantic", "slightly", "polysemantic", "several_served", "busy")
    longer = table.get("longer") or {}
    return {
        **{name: table.get(name) for name in names},
        "longer_densities": table.get("longer_densities"),
        "longer_polysemantic": longer.get("polysemantic"),
        "longer_several_served": longer.get("several_served"),
    }


def absolute_monosemantic(evidence: Evidence) -> Claim:
    """How many neurons look monosemantic at densities 1 and 0.3."""
    found = evidence.measured("absolute_superposition")
    shares = [_at(found, "polysemantic", p) for p in (1.0, 0.3)]
    known = [1 - share for share in shares if share is not None]
    return Claim(
        id="absolute_monosemantic",
        section=_SECTION,
        place="section 7, F34",
        figure="F34",
        text="At densities 1 and 0.3 all neurons are monosemantic.",
        predicted=1.0,
        measured=tuple(known) if len(known) == 2 else None,
        tolerance=_EYE,
        uncertainty=_error(found, ("polysemantic", 1.0), ("polysemantic", 0.3)),
        reason="Share of the active neurons that look monosemantic at both densities, mean over "
        "starts; two neurons of forty are allowed for a judgement by eye.  By the stricter "
        "threshold, by which absolute_few_mixed counts, it is the share monosemantic of the "
        "details.",
        instead="Some neurons are mixed already at these densities.",
        details=_details(found),
    )


def absolute_few_mixed(evidence: Evidence) -> Claim:
    """How many neurons are mixed at density 0.1."""
    found = evidence.measured("absolute_superposition")
    return Claim(
        id="absolute_few_mixed",
        section=_SECTION,
        place="section 7, F34",
        figure="F34",
        text="At density 0.1 a few neurons are slightly polysemantic.",
        predicted=_FEW,
        measured=_mixed(found, 0.1),
        tolerance=_EYE,
        uncertainty=_length_error(found, "monosemantic", 0.1),
        reason="Share of the active neurons with max |w| ≤ 0.99 ‖w‖, mean over starts; a few is "
        "read as one to ten of forty.  What longer training changes counts as uncertainty, as the "
        "paper states no length.",
        instead="More or fewer neurons than a few are mixed.",
        details=_details(found),
    )


def absolute_few_high(evidence: Evidence) -> Claim:
    """How many neurons are highly polysemantic at density 0.03."""
    found = evidence.measured("absolute_superposition")
    return Claim(
        id="absolute_few_high",
        section=_SECTION,
        place="section 7, F34",
        figure="F34",
        text="At density 0.03 a few neurons are highly polysemantic.",
        predicted=_FEW,
        measured=_at(found, "polysemantic", 0.03),
        tolerance=_EYE,
        uncertainty=_length_error(found, "polysemantic", 0.03),
        reason="Share of the active neurons with max |w| ≤ 0.9 ‖w‖, mean over starts, as ARENA "
        "trains (5000 steps); a few is read as one to ten of forty.  What longer training changes "
        "counts as uncertainty, as the paper states no length (absolute_settled).",
        instead="More or fewer neurons than a few are, however long they are trained.",
        details=_details(found),
    )


def absolute_unimportant(evidence: Evidence) -> Claim:
    """Which features the polysemantic neurons have."""
    found = evidence.measured("absolute_superposition")
    rank = _at(found, "rank_difference", 0.1)
    return Claim(
        id="absolute_unimportant",
        section=_SECTION,
        place="section 7, F34",
        figure="F34",
        text="The neurons that become polysemantic first are those of less important features.",
        predicted=(0.0, None),
        measured=rank,
        tolerance=0.0,
        reason="By how many places of importance the largest features of neurons with max |w| ≤ "
        "0.9 ‖w‖ lie behind those of the others, mean over the nets at density 0.1.",
        instead="They are those of more important features.",
        details={"rank_difference": found.get("rank_difference")},
    )


def absolute_more_mixed(evidence: Evidence) -> Claim:
    """Whether more neurons are polysemantic the sparser features are."""
    found = evidence.measured("absolute_superposition")
    shares = [_at(found, "polysemantic", p) for p in (0.3, 0.1, 0.03, 0.01, 0.003)]
    steps = tuple(b - a for a, b in pairwise(shares) if a is not None and b is not None)
    return Claim(
        id="absolute_more_mixed",
        section=_SECTION,
        place="section 7, F34",
        figure="F34",
        text="The sparser the features, the more neurons are polysemantic.",
        predicted=(0.0, None),
        measured=steps if len(steps) == 4 else None,
        tolerance=_EYE,
        uncertainty=_error(found, *[("polysemantic", p) for p in (0.1, 0.03, 0.01, 0.003)]),
        reason="Increase of the share of neurons with max |w| ≤ 0.9 ‖w‖ from density 0.3 to 0.1, "
        "0.03, 0.01 and 0.003.",
        instead="The share does not rise.",
        details=_details(found),
    )


def absolute_all_mixed(evidence: Evidence) -> Claim:
    """How many neurons are polysemantic at density 0.001."""
    found = evidence.measured("absolute_superposition")
    return Claim(
        id="absolute_all_mixed",
        section=_SECTION,
        place="section 7, F34",
        figure="F34",
        text="At density 0.001 all neurons are polysemantic.",
        predicted=1.0,
        measured=_at(found, "polysemantic", 0.001),
        tolerance=_EYE,
        uncertainty=_error(found, ("polysemantic", 0.001)),
        reason="Share of the active neurons with max |w| ≤ 0.9 ‖w‖, mean over starts.  These nets "
        "have hardly learned: see loss, in units of what nothing learned loses.",
        instead="Some are monosemantic.",
        details={**_details(found), "loss": found.get("loss")},
    )


def absolute_settled(evidence: Evidence) -> Claim:
    """Whether the kinds of neurons depend on how long the net is trained."""
    found = evidence.measured("absolute_superposition")
    changes = []
    for p in (0.03, 0.01):
        short = _at(found, "polysemantic", p)
        longer = _at(found, "polysemantic", p, "longer_")
        if short is not None and longer is not None:
            changes.append(longer - short)
    return Claim(
        id="absolute_settled",
        section=_SECTION,
        place="section 7, F34",
        figure="F34",
        text="How many neurons are polysemantic is decided by the density alone (implied: F34 "
        "varies nothing else, and no length of training is stated).",
        predicted=0.0,
        measured=tuple(changes) if len(changes) == 2 else None,
        tolerance=0.1,
        uncertainty=_error(found, ("polysemantic", 0.03), ("polysemantic", 0.01)),
        reason="Change of the share of neurons with max |w| ≤ 0.9 ‖w‖ between 5000 steps and "
        "longer training, at densities 0.03 and 0.01; a tenth is ours.",
        instead="Longer training concentrates the in-weights: much of the polysemanticity after "
        "5000 steps is of nets that are still learning.",
        details={**_details(found), "longer_loss": (found.get("longer_loss"))},
    )


def absolute_coexist(evidence: Evidence) -> Claim:
    """Whether one net has neurons of both kinds."""
    found = evidence.measured("absolute_superposition")
    shares = [_at(found, "coexist", p) for p in (0.1, 0.03)]
    known = [share for share in shares if share is not None]
    return Claim(
        id="absolute_coexist",
        section=_SECTION,
        place="section 7, F35",
        figure="F35",
        text="Monosemantic and polysemantic neurons coexist in one net.",
        predicted=(0.5, 1.0),
        measured=max(known) if len(known) == 2 else None,
        tolerance=0.0,
        reason="Share of nets with neurons above 0.99 and neurons below 0.9, at the density of 0.1 "
        "and 0.03 where it is larger; that most nets should have both is our reading.",
        instead="Nets have one kind.",
        details={"coexist": found.get("coexist")},
    )


def absolute_primary(evidence: Evidence) -> Claim:
    """How large the second in-weight of mixed neurons is beside the first."""
    found = evidence.measured("absolute_superposition")
    ratios = [_at(found, "secondary", p) for p in (0.1, 0.03)]
    known = [ratio for ratio in ratios if ratio is not None]
    return Claim(
        id="absolute_primary",
        section=_SECTION,
        place="section 7, F35",
        figure="F35",
        text="A polysemantic neuron has one large primary in-weight and small secondary ones.",
        predicted=(None, 0.5),
        measured=tuple(known) if len(known) == 2 else None,
        tolerance=0.1,
        reason="Median of the second largest |in-weight| over the largest among neurons with max "
        "|w| ≤ 0.99 ‖w‖, at densities 0.1 and 0.03.  In the paper's motif the ratio is 1/4; small "
        "is read as at most half, to a tenth.",
        instead="Secondary weights are comparable to the primary one.",
        details={
            "secondary": found.get("secondary"),
            "longer_secondary": found.get("longer_secondary"),
        },
    )


CLAIMS = (
    absolute_monosemantic,
    absolute_few_mixed,
    absolute_few_high,
    absolute_unimportant,
    absolute_more_mixed,
    absolute_all_mixed,
    absolute_settled,
    absolute_coexist,
    absolute_primary,
)
