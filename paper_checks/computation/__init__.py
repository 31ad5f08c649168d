"""The section ``computation``: claims on nets that compute absolute values, F33 to F36.

``absolute``      the split without superposition (F33)
``neuron_kinds``  how many neurons are mixed, by density, and what they look like (F34, F35)
``asymmetric``    the asymmetric motif: found, its ratios, what inhibition does, when it pays (F36)
"""

from collections.abc import Callable

from ..claims import Claim
from ..evidence import Evidence
from . import absolute, asymmetric, neuron_kinds

__all__ = ["CHECKS", "claims"]

CHECKS: tuple[Callable[[Evidence], Claim], ...] = (
    *absolute.CLAIMS,
    *neuron_kinds.CLAIMS,
    *asymmetric.CLAIMS,
)
"""Functions from evidence to a claim, each named as the claim's id."""


def claims(evidence: Evidence) -> list[Claim]:
    """Judge every claim of the section by ``evidence``."""
    return [check(evidence) for check in CHECKS]
