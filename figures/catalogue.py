"""All figures of the paper that are made here, in its order."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module

from .paper_figure import PaperFigure

__all__ = ["SECTIONS", "choose", "figures"]

SECTIONS: tuple[str, ...] = (
    "demonstrating",
    "phase_diagrams",
    "uniform_geometry",
    "nonuniform_geometry",
    "correlated_features",
    "learning_dynamics",
    "adversarial",
    "privileged_basis",
    "computation",
    "compression",
    "walkthrough",
)
"""Modules of this package, each with a tuple ``FIGURES``, in the order of the paper."""


def _number(figure: PaperFigure) -> tuple[int, str]:
    digits = re.sub(r"\D", "", figure.id)
    return int(digits or 1000), figure.id


@cache
def figures() -> Mapping[str, PaperFigure]:
    """Return all figures by id."""
    found = [
        figure
        for section in SECTIONS
        for figure in import_module(f".{section}", __package__).FIGURES
    ]
    ids = [figure.id for figure in found]
    if len(set(ids)) < len(ids):
        raise ValueError(f"two figures have one id among {', '.join(ids)}")
    return {figure.id: figure for figure in sorted(found, key=_number)}


def choose(ids: Sequence[str]) -> list[PaperFigure]:
    """Return the figures of these ids, ``all`` for all.

    Raises
    ------
    ValueError
        If one is unknown.
    """
    table = figures()
    if "all" in ids:
        return list(table.values())
    for one in ids:
        if one.upper() not in table:
            raise ValueError(f"figure {one!r} is unknown; choose all or one of {', '.join(table)}")
    return [table[one] for one in dict.fromkeys(i.upper() for i in ids)]
