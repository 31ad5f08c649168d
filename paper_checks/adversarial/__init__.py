"""The section ``adversarial``: superposition and adversarial vulnerability, F27 and F28.

``unit``       the unit of F27 and single polytopes, exact
``attacks``    trained models under attack, by the measurements of F27
``hardening``  training under attack, by those of F28
"""

from collections.abc import Callable

from ..claims import Claim
from ..evidence import Evidence
from . import attacks, hardening, unit

__all__ = ["CHECKS", "claims"]

CHECKS: tuple[Callable[[Evidence], Claim], ...] = (
    *unit.CLAIMS,
    *attacks.CLAIMS,
    *hardening.CLAIMS,
)
"""Functions from evidence to a claim, each named as the claim's id."""


def claims(evidence: Evidence) -> list[Claim]:
    """Judge every claim of the section by ``evidence``."""
    return [check(evidence) for check in CHECKS]
