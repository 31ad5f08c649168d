"""A figure of the paper as a value: what it is, what it is drawn from, who draws it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module

import xarray as xr
from matplotlib.figure import Figure

__all__ = ["Datasets", "PaperFigure"]

Datasets = Mapping[str, xr.Dataset]
"""The datasets of :mod:`numerics.experiments` by the experiment's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFigure:
    """One figure of the paper, or one of ours beside it.

    Parameters
    ----------
    id
        F and its number in the paper (arXiv 2209.10652), as ``F9``.
    section
        The paper's section, a key of ``antipode check``.
    title, caption
        A line, and what our picture shows: which marks are training, which are theory.
    stated
        What the paper says is seen, in our words.
    experiments
        Names of the experiments it is drawn from; none for what is drawn from theory alone.
    draw
        ``module:function`` in this package, from :data:`Datasets` to a figure.
    animate
        The same for a film, from :data:`Datasets` to its frames; empty for none.
    """

    id: str
    section: str
    title: str
    caption: str
    stated: str
    experiments: tuple[str, ...]
    draw: str
    animate: str = ""

    def drawn(self, data: Datasets) -> Figure:
        """Draw it."""
        figure: Figure = _resolve(self.draw)(data)
        return figure

    def frames(self, data: Datasets) -> Iterable[Figure]:
        """Draw the frames of its film, one after the other."""
        frames: Iterable[Figure] = _resolve(self.animate)(data)
        return frames


def _resolve(path: str):  # type: ignore[no-untyped-def]
    module, _, name = path.partition(":")
    return getattr(import_module(f".{module}", __package__), name)
