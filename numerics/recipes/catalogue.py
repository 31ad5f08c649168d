"""All published set-ups, found by name."""

from difflib import get_close_matches

from . import arena, notebook, paper, paper_neurons
from .recipe import Recipe

__all__ = ["RECIPES", "find"]

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        *paper.RECIPES,
        *paper_neurons.RECIPES,
        *notebook.RECIPES,
        *arena.RECIPES,
    )
}


def find(name: str) -> Recipe:
    """Return the recipe of that name.

    Raises
    ------
    ValueError
        If there is none; the nearest name is told.
    """
    if name in RECIPES:
        return RECIPES[name]
    nearest = get_close_matches(name.lower(), RECIPES, n=1, cutoff=0.0)[0]
    raise ValueError(
        f"recipe {name!r} is not known; the nearest is {nearest}, and antipode recipes list shows "
        "them all"
    )
