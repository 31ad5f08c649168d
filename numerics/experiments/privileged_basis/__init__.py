"""Neurons in the middle (arXiv 2209.10652, section 6, F29 to F31).

``alignment``   F29: directions of features with and without a hidden ReLU
``candidates``  one regime followed through all densities, and what is exact about it
``measures``    what is measured of F31: regimes of least loss, their edges
``regimes``     F31: the best of many models at each density, its blocks, and what predicts them
"""

from .alignment import ALIGNMENT
from .regimes import REGIMES

__all__ = ["EXPERIMENTS"]

EXPERIMENTS = (ALIGNMENT, REGIMES)
