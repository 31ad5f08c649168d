"""A recipe as the constants of an experiment, and its runs at the densities of one."""

from collections.abc import Iterable, Mapping
from typing import Any

from ...recipes.catalogue import find
from ...training.specs import Run, RunSpec
from ..experiment import Constant, same

__all__ = ["recipe_constants", "runs"]

_APART = ("density", "densities", "starts", "model")


def recipe_constants(name: str) -> dict[str, Constant]:
    """Return what a recipe says of its runs, but for model, densities and starts."""
    recipe = find(name)
    return {
        field: same(value, recipe.sources[field])
        for field, value in recipe.spec.to_dict().items()
        if field not in _APART
    }


def runs(
    constants: Mapping[str, Any],
    model: str,
    densities: Iterable[float],
    starts: int,
    seed: int,
) -> list[Run]:
    """Return the runs of a model: all starts at the first density, then at the next."""
    known = RunSpec.__dataclass_fields__
    values = {name: value for name, value in constants.items() if name in known}
    n = values["n_features"]
    specs = [
        RunSpec.from_dict({**values, "model": model, "density": [density] * n})
        for density in densities
    ]
    return [Run(spec, start, seed) for spec in specs for start in range(starts)]
