"""The section ``demonstrating``: claims on F1 and F7 to F11, in the paper's order.

``definitions``    what superposition is said to be, and rotations
``introduction``   five features in two dimensions, F1
``linear_models``  linear models and those like them, F7 to F9
``basic_results``  ReLU models as features become sparse, F9 and F10
``formulas``       the annotated formulas, F11
"""

from collections.abc import Callable

from ..claims import Claim
from ..evidence import Evidence
from . import basic_results, definitions, formulas, introduction, linear_models

__all__ = ["CHECKS", "claims"]

CHECKS: tuple[Callable[[Evidence], Claim], ...] = (
    *introduction.CLAIMS,
    *definitions.CLAIMS,
    *linear_models.CLAIMS,
    *basic_results.CLAIMS,
    *formulas.CLAIMS,
)
"""Functions from evidence to a claim, each named as the claim's id."""


def claims(evidence: Evidence) -> list[Claim]:
    """Judge every claim of the section by ``evidence``."""
    return [check(evidence) for check in CHECKS]
