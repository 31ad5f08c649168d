"""The section ``compression``: two numbers in one (F38), and what compressed sensing allows.

``nonlinear``  the appendix on nonlinear compression
``sensing``    the bound on dimensions by compressed sensing, interference and coherence
"""

from collections.abc import Callable

from ..claims import Claim
from ..evidence import Evidence
from . import nonlinear, sensing

__all__ = ["CHECKS", "claims"]

CHECKS: tuple[Callable[[Evidence], Claim], ...] = (*sensing.CLAIMS, *nonlinear.CLAIMS)
"""Functions from evidence to a claim, each named as the claim's id."""


def claims(evidence: Evidence) -> list[Claim]:
    """Judge every claim of the section by ``evidence``."""
    return [check(evidence) for check in CHECKS]
