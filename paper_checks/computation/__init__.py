"""The section ``computation``: claims on nets that compute absolute values, F33 to F36.

``absolute``    the split without superposition, and kinds of neurons by density
``asymmetric``  the asymmetric motif: found, its ratios, what inhibition does, when it pays
"""

from collections.abc import Callable

from ..claims import Claim
from ..evidence import Evidence
from . import absolute, asymmetric

__all__ = ["CHECKS", "claims"]

CHECKS: tuple[Callable[[Evidence], Claim], ...] = (*absolute.CLAIMS, *asymmetric.CLAIMS)
"""Functions from evidence to a claim, each named as the claim's id."""


def claims(evidence: Evidence) -> list[Claim]:
    """Judge every claim of the section by ``evidence``."""
    return [check(evidence) for check in CHECKS]
