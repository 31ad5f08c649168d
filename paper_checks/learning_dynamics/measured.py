"""Claims on an experiment on learning dynamics, and shares of its paths."""

from typing import Any

import numpy as np

from ..claims import Claim, Measured
from ..evidence import Evidence, share_error

__all__ = ["LEVELS", "STAGES", "dynamics_claim", "least", "share_of"]

_SECTION = "learning_dynamics"
LEVELS, STAGES = "energy_levels", "geometric_stages"


def dynamics_claim(evidence: Evidence, experiment: str, **fields: Any) -> Claim:
    """Return a claim on an experiment, which says so where that is missing."""
    figure = "F25" if experiment == LEVELS else "F26"
    if not evidence.measured(experiment):
        fields["reason"] += f"  No measurements of {experiment} in {evidence.source}."
    return Claim(section=_SECTION, figure=figure, place=f"section 5, {figure}", **fields)


def share_of(values: Any) -> tuple[Measured, float]:
    """Return the share of true values and its standard error, at least that of one value."""
    if not values:
        return None, 0.0
    share = float(np.mean(values))
    return share, share_error(share, len(values))


def least(values: Any) -> Measured:
    """Return the least number of a list, None if there is none."""
    found = [value for value in values or [] if value is not None]
    return float(min(found)) if found else None
