"""The section ``privileged_basis``: neurons in the middle (arXiv 2209.10652, F29 and F31).

``directions``  F29: do features lie along neurons?
``regimes``     F31: which features share which neurons, by density
"""

from collections.abc import Callable

from ..claims import Claim
from ..evidence import Evidence
from . import directions, regimes

__all__ = ["CHECKS", "claims"]

CHECKS: tuple[Callable[[Evidence], Claim], ...] = (*directions.CLAIMS, *regimes.CLAIMS)
"""Functions from evidence to a claim, each named as the claim's id."""


def claims(evidence: Evidence) -> list[Claim]:
    """Judge every claim of the section by ``evidence``."""
    return [check(evidence) for check in CHECKS]
