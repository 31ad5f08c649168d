"""The section ``uniform_geometry``: claims on F14 to F17, equally important and dense features.

``plateaus``   where the dimensions per feature are sticky, and what their sum is
``lines``      the lines of the figure of per-feature dimensionalities
``polytopes``  exact shapes: tegum products, low rank, and numbers printed beside them
"""

from collections.abc import Callable

from ..claims import Claim
from ..evidence import Evidence
from . import lines, plateaus, polytopes

__all__ = ["CHECKS", "claims"]

CHECKS: tuple[Callable[[Evidence], Claim], ...] = (
    *plateaus.CLAIMS,
    *lines.CLAIMS,
    *polytopes.CLAIMS,
)
"""Functions from evidence to a claim, each named as the claim's id."""


def claims(evidence: Evidence) -> list[Claim]:
    """Judge every claim of the section by ``evidence``."""
    return [check(evidence) for check in CHECKS]
