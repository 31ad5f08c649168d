"""Correlated and anticorrelated features (arXiv 2209.10652, F20 to F24).

``measures``  angles within pairs, who stands beside whom, how far a pair is open
``runs``      models trained as a recipe says, at several densities, with their exact losses
``pairs``     two correlated pairs, two anticorrelated ones, three correlated ones
``bases``     two correlated sets of ten in ten dimensions
``states``    the least loss with a given number of collapsed pairs, and where the best changes
``collapse``  three correlated pairs from sparse to dense
"""

from .bases import LOCAL_BASES
from .collapse import PCA_COLLAPSE
from .pairs import ANTICORRELATED_PAIRS, CORRELATED_PAIRS, THREE_PAIRS

__all__ = ["EXPERIMENTS"]

EXPERIMENTS = (
    CORRELATED_PAIRS,
    ANTICORRELATED_PAIRS,
    THREE_PAIRS,
    LOCAL_BASES,
    PCA_COLLAPSE,
)
