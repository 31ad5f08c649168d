"""Nets that compute absolute values (arXiv 2209.10652, section 7: F33 to F36).

``absolute``    three features in six neurons, and a hundred in forty at every density
``asymmetric``  the asymmetric motif in trained nets of six features
``smallest``    the motif in its smallest problem, three features in five neurons, by exact losses
"""

from . import absolute, asymmetric, smallest

__all__ = ["EXPERIMENTS"]

EXPERIMENTS = (*absolute.EXPERIMENTS, *asymmetric.EXPERIMENTS, *smallest.EXPERIMENTS)
