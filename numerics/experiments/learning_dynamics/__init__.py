"""Learning dynamics (arXiv 2209.10652, F25 and F26): paths, where they wait, and the saddles there.

``paths``             gradient flow and training, their plateaus, the critical points beside them
``energy_levels``     uniform features, dimensionalities that jump (F25)
``geometric_stages``  two correlated sets on the way to an octahedron (F26)
"""

from .energy_levels import ENERGY_LEVELS
from .geometric_stages import GEOMETRIC_STAGES

__all__ = ["EXPERIMENTS"]

EXPERIMENTS = (ENERGY_LEVELS, GEOMETRIC_STAGES)
