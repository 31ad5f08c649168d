"""Claims on five features in two dimensions (F1): the best trained model at three sparsities."""

from collections.abc import Mapping
from typing import Any

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION, _PLACE = "demonstrating", "section 1, F1"
_ANGLE = 5.0  # degrees that a drawing shows
_NORM = (
    "A feature is stored if its norm is at least 0.5, ours; of several starts the best by exact "
    "loss."
)


def _panel(evidence: Evidence, name: str) -> Mapping[str, Any]:
    panel: Mapping[str, Any] = evidence.measured("introduction").get(name) or {}
    return panel


def _trained(evidence: Evidence, name: str, key: str) -> Any:
    return (_panel(evidence, name).get("trained") or {}).get(key)


def _details(evidence: Evidence, name: str) -> dict[str, Any]:
    panel = _panel(evidence, name)
    keys = ("trained", "optimum", "loss", "optimal_loss", "stored_by_start", "starts_at_best")
    return {key: panel.get(key) for key in keys}


def _count(evidence: Evidence, name: str, expected: int) -> float | None:
    """Return how many of the ``expected`` most important features alone are stored, or not."""
    stored = _trained(evidence, name, "stored")
    if stored is None:
        return None
    wrong = set(stored).symmetric_difference(range(expected))
    return float(len(wrong))


def intro_dense_two(evidence: Evidence) -> Claim:
    """Count what is stored against the statement at sparsity 0."""
    return Claim(
        id="intro_dense_two",
        section=_SECTION,
        place=_PLACE,
        figure="F1",
        text="Sparsity 0: the two most important features are stored, the other three are not.",
        predicted=0.0,
        measured=_count(evidence, "sparsity_0", 2),
        tolerance=0.0,
        reason="Features stored against the statement plus features not stored against it; a "
        "count. " + _NORM,
        details=_details(evidence, "sparsity_0"),
    )


def intro_dense_orthogonal(evidence: Evidence) -> Claim:
    """Measure the angle of the two at sparsity 0."""
    gaps = _trained(evidence, "sparsity_0", "gaps")
    return Claim(
        id="intro_dense_orthogonal",
        section=_SECTION,
        place=_PLACE,
        figure="F1",
        text="Sparsity 0: the two stored features are at right angles.",
        predicted=90.0,
        measured=min(gaps) if gaps else None,
        tolerance=_ANGLE,
        reason="Angle between them in degrees; a drawing shows about 5. " + _NORM,
        details=_details(evidence, "sparsity_0"),
    )


def intro_two_digons(evidence: Evidence) -> Claim:
    """Count what is stored against the statement at sparsity 80 %."""
    return Claim(
        id="intro_two_digons",
        section=_SECTION,
        place=_PLACE,
        figure="F1",
        text="Sparsity 80 %: the four most important features are stored, the least important is "
        "dropped.",
        predicted=0.0,
        measured=_count(evidence, "sparsity_80", 4),
        tolerance=0.0,
        reason="Features stored or not against the statement; a count. " + _NORM,
        details=_details(evidence, "sparsity_80"),
    )


def intro_digons_at_right_angles(evidence: Evidence) -> Claim:
    """Measure the angles at sparsity 80 %."""
    gaps = _trained(evidence, "sparsity_80", "gaps")
    return Claim(
        id="intro_digons_at_right_angles",
        section=_SECTION,
        place=_PLACE,
        figure="F1",
        text="Sparsity 80 %: they are two antipodal pairs.",
        predicted=90.0,
        measured=tuple(gaps) if gaps else None,
        tolerance=_ANGLE,
        reason="Angles between neighbours in degrees: two pairs at right angles have four of 90; "
        "a drawing shows about 5. " + _NORM,
        details=_details(evidence, "sparsity_80"),
    )


def intro_pentagon(evidence: Evidence) -> Claim:
    """Measure the angles at sparsity 90 %."""
    gaps = _trained(evidence, "sparsity_90", "gaps")
    complete = gaps is not None and len(gaps) == 5
    return Claim(
        id="intro_pentagon",
        section=_SECTION,
        place=_PLACE,
        figure="F1",
        text="Sparsity 90 %: all five features are stored, as a pentagon.",
        predicted=72.0,
        measured=tuple(gaps) if complete else 0.0 if gaps else None,
        tolerance=_ANGLE,
        reason="Angles between neighbours in degrees, 0 if they are not five; unequal importances "
        "bend the optimum itself by up to 2.5. " + _NORM,
        details=_details(evidence, "sparsity_90"),
    )


def intro_positive_interference(evidence: Evidence) -> Claim:
    """Look for positive interference in the pentagon."""
    return Claim(
        id="intro_positive_interference",
        section=_SECTION,
        place=_PLACE,
        figure="F1",
        text="Sparsity 90 %: the pentagon has positive interference.",
        predicted=(0.05, None),
        measured=_trained(evidence, "sparsity_90", "largest_coupling"),
        tolerance=0.0,
        reason="Largest W_i·W_j of the trained model; below 0.05, ours, it is noise of training.",
        details={
            "cos 72° at norm 1": 0.309,
            "largest at 80 %": _trained(evidence, "sparsity_80", "largest_coupling"),
        },
    )


CLAIMS = (
    intro_dense_two,
    intro_dense_orthogonal,
    intro_two_digons,
    intro_digons_at_right_angles,
    intro_pentagon,
    intro_positive_interference,
)
