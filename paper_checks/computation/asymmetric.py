r"""Claims on the asymmetric superposition motif (F36).

The paper's weights, [2, −1/2] in and [1/2, 2] out, are read as rounded to halves: a ratio between
1.75/0.75 and 2.25/0.25.
"""

from collections.abc import Mapping
from typing import Any

from theory.absolute_value import absolute_loss
from theory.asymmetric_motif import crossing, half_ignored_loss, limit_loss, motif

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "computation"
_RATIO = (1.75 / 0.75, 2.25 / 0.25)
_MEDIAN = 2  # of the percentiles 10, 25, 50, 75, 90


def _quantile(table: Mapping[str, Any], name: str, place: int = _MEDIAN) -> float | None:
    values = table.get(name)
    return None if not values else float(values[place])


def _trained(evidence: Evidence, length: str) -> Mapping[str, Any]:
    return evidence.measured("asymmetric_motif").get(length) or {}


def motif_instances(evidence: Evidence) -> Claim:
    """How many instances of the motif nets have."""
    short = _trained(evidence, "short")
    counts = short.get("per_net")
    most = None if counts is None else max(k for k, nets in enumerate(counts) if nets or k == 0)
    return Claim(
        id="motif_instances",
        section=_SECTION,
        place="section 7, F36",
        figure="F36",
        text="A trained net shows two instances of the asymmetric motif.",
        predicted=(2.0, None),
        measured=most,
        tolerance=0.0,
        reason="The most inhibited instances found in one of the trained nets (shares of nets in "
        "the details).  Exchanging neurons at random, the definition is met hardly ever.",
        instead="No net has two.",
        details={
            "nets_by_instances": counts,
            "share_with_one": short.get("with_one"),
            "share_with_two": short.get("with_two"),
            "by_chance_per_net": short.get("by_chance"),
            "longer_share_with_one": _trained(evidence, "longer").get("with_one"),
        },
    )


def _ratio_claim(evidence: Evidence, name: str, which: str, weights: str) -> Claim:
    short, longer = _trained(evidence, "short"), _trained(evidence, "longer")
    return Claim(
        id=name,
        section=_SECTION,
        place="section 7, F36",
        figure="F36",
        text=f"The {which}-weights of the shared neuron are {weights}: a ratio of about 4.",
        predicted=_RATIO,
        measured=_quantile(short, f"{which}_ratio"),
        tolerance=0.0,
        uncertainty=0.1,
        reason=f"Median ratio of the {which}-weights over all instances after ARENA's 5000 steps; "
        "the interval is what rounding to halves leaves.",
        instead="The ratio lies outside.",
        details={
            "percentiles": short.get(f"{which}_ratio"),
            "longer_percentiles": longer.get(f"{which}_ratio"),
        },
    )


def motif_in_ratio(evidence: Evidence) -> Claim:
    """Measure the ratio of the in-weights."""
    return _ratio_claim(evidence, "motif_in_ratio", "in", "[2, −1/2]")


def motif_out_ratio(evidence: Evidence) -> Claim:
    """Measure the ratio of the out-weights."""
    return _ratio_claim(evidence, "motif_out_ratio", "out", "[1/2, 2]")


def motif_inhibited(evidence: Evidence) -> Claim:
    """Measure what is left of the primary feature's interference."""
    short = _trained(evidence, "short")
    return Claim(
        id="motif_inhibited",
        section=_SECTION,
        place="section 7, F36",
        figure="F36",
        text="A second neuron inhibits the output that the shared neuron interferes with, so that "
        "interference is not positive.",
        predicted=(None, 0.0),
        measured=_quantile(short, "net", 4),
        tolerance=0.1,
        reason="90th percentile over instances of the net coupling of the primary feature to the "
        "secondary output, in units of the shared neuron's own; a tenth is ours.  Instances are "
        "those with a quarter at most, so it can only fail between the two.",
        instead="Positive interference is left.",
        details={
            "percentiles": short.get("net"),
            "share_with_one_inhibitor": short.get("one_inhibitor"),
            "share_whose_inhibitor_serves_another_feature": short.get("helps"),
        },
    )


def motif_negative(evidence: Evidence) -> Claim:
    """Whether the primary feature's interference becomes negative or vanishes."""
    short = _trained(evidence, "short")
    return Claim(
        id="motif_negative",
        section=_SECTION,
        place="section 7, F36",
        figure="F36",
        text="Inhibition turns the positive interference of the primary feature into negative "
        "interference.",
        predicted=(None, -0.1),
        measured=_quantile(short, "net"),
        tolerance=0.0,
        uncertainty=0.01,
        reason="Median of the same; negative is read as at most −0.1, since nearer to 0 it is "
        "cancelled rather than turned.",
        instead="It is cancelled to a few hundredths.  What is strongly negative is the coupling "
        "of the feature that the inhibiting neuron serves, which the output's ReLU hides.",
        details={
            "percentiles": short.get("net"),
            "coupling_of_the_inhibitor's_feature": short.get("from_helped"),
        },
    )


def motif_pays(evidence: Evidence) -> Claim:
    """Below which density sharing a neuron is better than ignoring half a feature."""
    at = 0.3
    return Claim(
        id="motif_pays",
        section=_SECTION,
        place="section 7, F34 and F36",
        figure="F36",
        text="Neurons are shared from some density between 0.3 (all monosemantic) and 0.1 (some "
        "polysemantic) on; ours: since from there on it pays, in the smallest problem.",
        predicted=(0.1, 0.3),
        measured=float(crossing()),
        tolerance=0.0,
        reason="The density below which, in three features and five neurons, the motif with two "
        "inhibiting neurons loses less than the half ignored with its best bias, in closed form "
        "and for all importances.",
        instead="Sharing pays from p = 0.322 on, so the best net at 0.3 is not monosemantic; there "
        "it gains little, and nets trained by gradients hardly find it.",
        fast=True,
        details={
            "limit_over_ignored_at_0.3": limit_loss(at) / half_ignored_loss(at),
            "limit_over_ignored_at_0.1": limit_loss(0.1) / half_ignored_loss(0.1),
        },
    )


def motif_drawn_pays(evidence: Evidence) -> Claim:
    """Whether the motif with the paper's weights beats ignoring half a feature."""
    e = 0.25
    ratios = {
        p: float(absolute_loss(*motif(2.0, e, 4 / e), p)) / float(half_ignored_loss(p))
        for p in (0.03, 0.05, 0.1, 0.2)
    }
    return Claim(
        id="motif_drawn_pays",
        section=_SECTION,
        place="section 7, F36",
        figure="F36",
        text="With weights as drawn, [2, −1/2] and [1/2, 2], and one inhibiting neuron, the motif "
        "is worth having among sparse features.",
        predicted=(None, 1.0),
        measured=ratios[0.03],
        tolerance=0.0,
        reason="Exact loss in three equally important features and five neurons at p = 0.03, the "
        "inhibiting neuron's in-weight 1/4, over that of half a feature ignored at its best.  The "
        "density is ours and decides: see the details for denser features.",
        instead="It loses more.",
        fast=True,
        details={f"{p:g}": ratio for p, ratio in ratios.items()},
    )


def motif_ratio_drawn(evidence: Evidence) -> Claim:
    """Find the best ratio with one inhibiting neuron, as the paper draws the motif."""
    found = evidence.measured("smallest_motif")
    names = ("densities", "one_inhibitor_ratio", "one_inhibitor", "half_ignored")
    rows = list(zip(*(found.get(name) or () for name in names), strict=False))
    paying = {p: ratio for p, ratio, loss, ignored in rows if loss < ignored}
    return Claim(
        id="motif_ratio_drawn",
        section=_SECTION,
        place="section 7, F36",
        figure="F36",
        text="The motif's ratio is about 4 (implied: the paper shows it as the solution); ours: "
        "with one inhibiting neuron, as drawn.",
        predicted=_RATIO,
        measured=tuple(paying.values()) or None,
        tolerance=0.0,
        reason="Ratio of least exact loss in three features and five neurons, one neuron "
        "inhibiting, at each density at which that loses less than half a feature ignored at its "
        "best.  That only these densities count was decided after seeing the ratios of all, which "
        "are in the details: where it does not pay they are smaller.",
        instead="The best ratio lies outside.",
        details={
            "by_density": {f"{p:g}": ratio for p, ratio, *_ in rows},
            "paying_at": list(paying),
            "leading_order": found.get("leading_ratio"),
        },
    )


def motif_ratio_best(evidence: Evidence) -> Claim:
    """Find the ratio that has the least exact loss."""
    found = evidence.measured("smallest_motif")
    ratios = found.get("two_inhibitors_ratio")
    return Claim(
        id="motif_ratio_best",
        section=_SECTION,
        place="section 7, F36",
        figure="F36",
        text="Ours, on F36: the ratio stays about 4 where a second neuron may inhibit.",
        predicted=_RATIO,
        measured=tuple(ratios) if ratios else None,
        tolerance=0.0,
        reason="Ratio of least exact loss in three features and five neurons, two of them "
        "inhibiting, at each density; the paper draws one (motif_ratio_drawn), and two lose less.",
        instead="The best ratio is far larger and grows as features get sparser: two inhibiting "
        "neurons act as switches in the limit of infinite ratio.  With one inhibiting neuron it is "
        "close to (2 I₁ / p I₃)^(1/4), 4 at one density only.  Trained ratios grow with training.",
        details={
            "densities": found.get("densities"),
            "one_inhibitor": found.get("one_inhibitor_ratio"),
            "leading_order": found.get("leading_ratio"),
            "trained": found.get("trained_ratio"),
            "trained_longer": _trained(evidence, "longer").get("in_ratio"),
            "trained_shorter": _trained(evidence, "short").get("in_ratio"),
        },
    )


CLAIMS = (
    motif_instances,
    motif_in_ratio,
    motif_out_ratio,
    motif_inhibited,
    motif_negative,
    motif_pays,
    motif_drawn_pays,
    motif_ratio_drawn,
    motif_ratio_best,
)
