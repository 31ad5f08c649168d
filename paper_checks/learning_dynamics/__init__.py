"""Claims on learning dynamics: energy levels (F25) and geometric stages (F26).

The paper states neither size nor density of F25, nor the density of F26.  Ours: uniform features in
two sizes, and two correlated sets at density 0.1 and, where it is said, 0.01.  *Flow* is gradient
flow on the exact loss; *trained* means one Adam on samples.

``measured``  what both share
``levels``    energy levels, F25
``stages``    geometric stages, F26
"""

from collections.abc import Callable

from ..claims import Claim
from ..evidence import Evidence
from . import levels, stages

__all__ = ["CHECKS", "claims"]

CHECKS: tuple[Callable[[Evidence], Claim], ...] = (*levels.CHECKS, *stages.CHECKS)


def claims(evidence: Evidence) -> list[Claim]:
    """Return the claims of the section, in the order of the paper."""
    return [check(evidence) for check in CHECKS]
