"""Nets that compute absolute values (arXiv 2209.10652, section 7: F33 to F36).

``net_graph``        a net as a graph, weights as widths
``absolute``         three features in six neurons (F33), a hundred in forty (F34, F35)
``asymmetric``       the asymmetric motif: dissected, counted, and what it costs (F36)
``figure_table``     these figures as values
"""

from .figure_table import FIGURES

__all__ = ["FIGURES"]
