"""The pictures of a learned geometry: views of its blocks, the matrix WᵀW, the graph of features.

They show a model as the paper does (arXiv 2209.10652, F15 and F17), sorted into the blocks that
were found.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from numerics.geometry.learned import LearnedGeometry

from . import style
from .learned_geometry_gram import gram_heat_map
from .learned_geometry_graph import feature_graph
from .learned_geometry_views import views

__all__ = ["draw", "save"]


def draw(W: NDArray[np.float64], found: LearnedGeometry) -> dict[str, Figure]:
    """Return the figures of a geometry by their file names.

    Parameters
    ----------
    W
        Weights (m, n), features are columns.
    found
        What :func:`numerics.geometry.learned_geometry` finds in them.

    Raises
    ------
    ValueError
        If the geometry is not that of these weights.
    """
    return {
        "geometry_views": views(W, found),
        "geometry_gram": gram_heat_map(W, found),
        "geometry_graph": feature_graph(W, found),
    }


def save(
    W: NDArray[np.float64],
    found: LearnedGeometry,
    folder: Path,
    formats: Sequence[str] = style.FORMATS,
) -> list[Path]:
    """Draw and write each figure in every format, the same bytes every time.

    Raises
    ------
    ValueError
        As :func:`draw`, and if a file cannot be written.
    """
    figures = draw(W, found)
    return [
        path
        for stem, figure in figures.items()
        for path in style.save(figure, folder, stem, formats)
    ]
