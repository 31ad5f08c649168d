"""A published set-up as a value: all constants of its runs, and the source of each.

No figure of the paper states how its models were trained, so "the pentagon figure" does not fix an
experiment.  A :class:`Recipe` does: it holds a :class:`~numerics.training.specs.RunSpec`, the
densities of its instances, the number of starts, and for every one of these a source.  Where the
publication is silent the source says so, and says whose value stands there.

Words in the sources:

==============  ===================================================================================
``paper``       Elhage et al., arXiv 2209.10652 v1; F1 to F38 are its figures in their order
``notebook``    ``toy_models.ipynb`` in anthropics/toy-models-of-superposition
``ARENA``       ARENA, exercise set 1.5.4 "Toy Models of Superposition & SAEs"; 1b, 2c, … count its
                experiments section by section
``keltin13``    keltin13/toy-models-of-superposition, a replication
``PyTorch``     what ``torch.optim`` takes unless told otherwise
``ours``        chosen here, with the reason
==============  ===================================================================================

A recipe is written as *settings*: pairs of a value and its source, under the name of the field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from theory.rationals import parse_number

from ..training.specs import RunSpec

__all__ = ["FIELDS", "Recipe", "Settings", "assemble", "falling", "powers", "relabelled"]

FIELDS = (*(field.name for field in fields(RunSpec)), "densities", "starts")
"""What a recipe states: the fields of a run, the densities of its instances, its starts."""

Settings = Mapping[str, tuple[Any, str]]
"""Values with their sources, by field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A published set-up.

    Parameters
    ----------
    name
        What it is called on the command line.
    title, figure
        What it is about, and which figure or experiment it makes.
    spec
        Every constant of its runs, with the density of the first instance.
    densities
        One vector (n,) for each instance; empty vectors where the law has no density.
    sources
        For each of :data:`FIELDS` where its value comes from.
    starts
        Models trained at each density.
    stated
        What the publication says is seen.

    Raises
    ------
    ValueError
        If a source is missing or out of place, or a run of it is none.
    """

    name: str
    title: str
    figure: str
    spec: RunSpec
    densities: tuple[tuple[float, ...], ...]
    sources: Mapping[str, str]
    starts: int
    stated: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", dict(self.sources))
        for field in FIELDS:
            if not self.sources.get(field):
                raise ValueError(f"recipe {self.name} has no source for {field}; state it")
        for field in self.sources:
            if field not in FIELDS:
                raise ValueError(f"recipe {self.name} has a source for {field!r}, no field")
        if not self.densities or self.spec.density != self.densities[0]:
            raise ValueError(f"recipe {self.name} must begin with the first of its densities")
        if self.starts < 1:
            raise ValueError(f"recipe {self.name} has {self.starts} starts; give at least 1")
        for density in self.densities:
            replace(self.spec, density=density)


def falling(base: float, first: float, last: float, count: int) -> tuple[float, ...]:
    """Return ``count`` powers of ``base``, base^−first to base^−last, evenly spaced in the log.

    Examples
    --------
    >>> falling(100, 0, 1, 3)
    (1.0, 0.1, 0.01)
    """
    return tuple((float(base) ** -np.linspace(first, last, count)).tolist())


def powers(base: float, count: int, first: int = 0) -> tuple[float, ...]:
    """Return base^first, base^(first + 1), …, ``count`` of them, as ``0.9^i`` on the command line.

    Examples
    --------
    >>> powers(0.9, 4)
    (1.0, 0.9, 0.81, 0.729)
    """
    exact = parse_number(str(base))
    return tuple(float(exact**i) for i in range(first, first + count))


def relabelled(settings: Settings, source: str) -> dict[str, tuple[Any, str]]:
    """Return the same values under another source."""
    return {field: (value, source) for field, (value, _) in settings.items()}


def _vector(values: float | Sequence[float], length: int) -> tuple[float, ...]:
    """Return one number for all features as a vector, a vector as it is."""
    return (float(values),) * length if isinstance(values, int | float) else tuple(values)


def assemble(
    name: str, title: str, figure: str, stated: str, base: Settings, **own: tuple[Any, str]
) -> Recipe:
    """Return the recipe that takes its ``own`` settings, and all others from ``base``.

    ``densities`` is a sequence with an entry for each instance and ``importance`` one entry: a
    number for all features, or a vector.
    """
    settings = {**base, **own}
    values = {field: value for field, (value, _) in settings.items()}
    sources = {field: source for field, (_, source) in settings.items()}
    n = values["n_features"]
    densities = tuple(_vector(density, n) for density in values.pop("densities"))
    starts = values.pop("starts")
    spec = RunSpec(
        **{**values, "density": densities[0], "importance": _vector(values["importance"], n)}
    )
    return Recipe(
        name=name,
        title=title,
        figure=figure,
        spec=spec,
        densities=densities,
        sources={**sources, "density": "the first of densities"},
        starts=starts,
        stated=stated,
    )
