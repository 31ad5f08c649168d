"""All figures of the paper that are made here, in its order, then those of other questions.

Each section is a module of this package with a tuple ``FIGURES``.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module

from numerics.experiments.catalogue import SECTIONS

from .paper_figure import PaperFigure

__all__ = ["choose", "figures"]


def _place(figure: PaperFigure) -> tuple[bool, int, str]:
    digits = re.sub(r"\D", "", figure.id)
    return not figure.id.startswith("F"), int(digits or 1000), figure.id


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
    return {figure.id: figure for figure in sorted(found, key=_place)}


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
            raise ValueError(
                f"figure {one!r} is unknown; choose all or one of {', '.join(table)} (the paper's "
                "others are drawings without data)"
            )
    return [table[one] for one in dict.fromkeys(i.upper() for i in ids)]
