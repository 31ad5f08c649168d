"""The section ``phase_change``: every claim on the phase diagrams F12, F13 and the comment F37.

The claims live by what judges them:

``panels``          the theory panels of F12 and F13, in closed form
``optimum``         the optimum over all weights and biases, two features
``three_features``  the same for three features, with the candidate that F13 leaves out
``training``        trained models and the averaging protocol
``confused``        the comment behind F37, judged by it
"""

from collections.abc import Callable

from ..claims import Claim
from ..evidence import Evidence
from . import confused, optimum, panels, three_features, training

__all__ = ["CHECKS", "claims"]

CHECKS: tuple[Callable[[Evidence], Claim], ...] = (
    *panels.CLAIMS,
    *optimum.CLAIMS,
    *three_features.CLAIMS,
    *training.CLAIMS,
    *confused.CLAIMS,
)
"""Functions from evidence to a claim, each named as the claim's id."""


def claims(evidence: Evidence) -> list[Claim]:
    """Judge every claim of the section by ``evidence``."""
    return [check(evidence) for check in CHECKS]
