"""Claims on nets of absolute values without superposition (F33)."""

from theory.absolute_value import absolute_loss, pairs

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "computation"


def absolute_split(evidence: Evidence) -> Claim:
    """Whether every half of every feature gets a neuron of its own."""
    found = evidence.measured("absolute_small")
    return Claim(
        id="absolute_split",
        section=_SECTION,
        place="section 7, F33",
        figure="F33",
        text="Without superposition the net gives each feature one neuron for ReLU(x) and one for "
        "ReLU(−x).",
        predicted=1.0,
        measured=found.get("best_is_split"),
        tolerance=0.0,
        reason="Whether in the net of least exact loss every half of every feature has exactly one "
        "neuron, of its own (gain above 1/2, max |w| > 0.9 ‖w‖).",
        instead="The best net shares neurons.",
        details={
            "share_of_starts": found.get("split"),
            "loss_per_mean_square": found.get("best_loss"),
            "best_loss_of_others": found.get("best_other_loss"),
        },
    )


def absolute_split_exact(evidence: Evidence) -> Claim:
    """Measure what two neurons per feature lose."""
    return Claim(
        id="absolute_split_exact",
        section=_SECTION,
        place="section 7, F33",
        figure="F33",
        text="With two neurons per feature absolute values are computed without error, since "
        "|x| = ReLU(x) + ReLU(−x).",
        predicted=0.0,
        measured=float(absolute_loss(*pairs(2), 1)),
        tolerance=0.0,
        reason="The exact loss of that net for two features, both on, in rational arithmetic.",
        instead="The net errs.",
        fast=True,
    )


CLAIMS = (absolute_split, absolute_split_exact)
