"""Naming what was learned: features into orthogonal blocks, each matched to the catalogue.

The map, from the bottom up
---------------------------
``noise``       how far noise carries vectors, cosines and singular values
``matching``    the best isometry between two sets of vectors
``references``  the shapes of the catalogue with k vertices in d dimensions
``separation``  features into mutually orthogonal blocks
``naming``      a block and the shapes nearest to it
``learned``     a whole model: its blocks, their names, the name of their product
``reports``     what ``antipode geometry`` prints
"""

from .learned import learned_geometry

__all__ = ["learned_geometry"]
