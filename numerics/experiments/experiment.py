"""An experiment as a value: the constants behind a figure, what is computed, what is measured.

The paper states few of the constants of its figures, so each carries its *origin*: ``paper``
(Elhage et al., arXiv 2209.10652), ``notebook`` (the official one), ``ARENA``, ``keltin13`` and
other replications, or ``ours`` with the reason.  There are two qualities: a *draft* of all figures
takes minutes, *paper* quality what the figure deserves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import xarray as xr

from ..seeds import content_key
from .work import Work

__all__ = [
    "QUALITIES",
    "Constant",
    "Experiment",
    "Measurements",
    "by_quality",
    "json_number",
    "same",
]

QUALITIES = ("draft", "paper")

Measurements = Mapping[str, Any]
"""Numbers, lists of numbers and words by name, as JSON holds them; None where there is none."""


def json_number(value: Any) -> float | None:
    """Return a number as JSON holds it, None if it is None or not finite."""
    return float(value) if value is not None and isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of an experiment in either quality (JSON values), and where it comes from."""

    draft: Any
    paper: Any
    origin: str

    def at(self, quality: str) -> Any:
        """Return the value in one quality."""
        return self.draft if quality == "draft" else self.paper


def same(value: Any, origin: str) -> Constant:
    """Return a constant that both qualities share."""
    return Constant(value, value, origin)


def by_quality(draft: Any, paper: Any, origin: str) -> Constant:
    """Return a constant that depends on the quality."""
    return Constant(draft, paper, origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What is computed for one figure or several.

    Parameters
    ----------
    name, title
        The name of its file, and what it is about.
    constants
        By name; with the seed they decide every number.
    compute
        From the constants in one quality and a :class:`~numerics.experiments.work.Work` to a
        labelled dataset (strings and numbers, no objects but strings).
    measure
        From that dataset to the numbers that claims are judged by.
    minutes
        Processor minutes in draft and in paper quality, as measured once.
    version
        Raised whenever ``compute`` changes what it finds, so that old files are made anew.
    """

    name: str
    title: str
    constants: Mapping[str, Constant]
    compute: Callable[[Mapping[str, Any], Work], xr.Dataset]
    measure: Callable[[xr.Dataset], Measurements]
    minutes: tuple[float, float]
    version: int = 1

    def values(self, quality: str) -> dict[str, Any]:
        """Return the constants in one quality.

        Raises
        ------
        ValueError
            If there is no such quality.
        """
        if quality not in QUALITIES:
            raise ValueError(f"quality {quality!r} is unknown; choose {' or '.join(QUALITIES)}")
        return {name: constant.at(quality) for name, constant in self.constants.items()}

    def cost(self, quality: str) -> float:
        """Return the processor minutes of one quality."""
        return self.minutes[QUALITIES.index(quality)]

    def configuration(self, quality: str, seed: int) -> str:
        """Return a hash of everything that decides the numbers."""
        return content_key([self.name, self.version, quality, self.values(quality), seed])
