"""Published set-ups by name, every constant stated with where it comes from.

The map, from the bottom up
---------------------------
``recipe``         a set-up as a value, and how one is written down
``notebook``       the three of the official notebook
``arena``          those of ARENA's chapter that train toy models of these kinds
``paper``          the paper's, with a bottleneck of plain dimensions
``paper_neurons``  the paper's, with neurons in the middle
``catalogue``      all of them, and finding one
``tables``         what ``antipode recipes`` prints
"""

from .catalogue import RECIPES, find
from .recipe import Recipe

__all__ = ["RECIPES", "Recipe", "find"]
