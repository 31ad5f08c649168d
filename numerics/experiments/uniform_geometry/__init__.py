"""Geometry of equally important, equally dense features (arXiv 2209.10652, F14 to F17).

``equal_features``   many features over density, beside the prediction of the blocks (F14, F15)
``products``         exact losses of tegum products, and of what competes with them
``small_polytopes``  models of a few features that are one polytope, or a product (F16, F17)
"""

from . import equal_features, small_polytopes

__all__ = ["EXPERIMENTS"]

EXPERIMENTS = (equal_features.EXPERIMENT, small_polytopes.EXPERIMENT)
