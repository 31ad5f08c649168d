"""The section ``correlated_features``: claims on F20 to F24, in the paper's order.

``pairs``     two correlated pairs, two anticorrelated ones, F20 and F21
``crowded``   three correlated pairs, and two correlated sets of ten, F22 and F23
``collapse``  how many of three pairs collapse at each density, F24
"""

from collections.abc import Callable

from ..claims import Claim
from ..evidence import Evidence
from . import collapse, crowded, pairs

__all__ = ["CHECKS", "claims"]

CHECKS: tuple[Callable[[Evidence], Claim], ...] = (
    *pairs.CLAIMS,
    *crowded.CLAIMS,
    *collapse.CLAIMS,
)
"""Functions from evidence to a claim, each named as the claim's id."""


def claims(evidence: Evidence) -> list[Claim]:
    """Judge every claim of the section by ``evidence``."""
    return [check(evidence) for check in CHECKS]
