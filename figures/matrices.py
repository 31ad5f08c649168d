"""Matrices as pictures, blue negative and red positive, with their entries written on them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike, NDArray

__all__ = ["draw_matrix", "write_entries"]

_DARK = 0.65  # share of the reach from which entries are written in white


def draw_matrix(
    ax: Axes, matrix: ArrayLike, reach: float = 1.0, *, stretched: bool = False
) -> AxesImage:
    """Draw a matrix, its colours from −reach to reach; with square cells, or filling the axes."""
    return ax.imshow(
        np.asarray(matrix),
        cmap="coolwarm",
        vmin=-reach,
        vmax=reach,
        interpolation="nearest",
        aspect="auto" if stretched else "equal",
    )


def write_entries(image: AxesImage, *, least: float = 0.0, size: float = 7.0) -> None:
    """Write the entries of a drawn matrix with two digits.

    Parameters
    ----------
    image
        What :func:`draw_matrix` returned.
    least
        Smaller entries are left out.
    size
        Of the letters, in points.
    """
    matrix: NDArray[np.float64] = np.asarray(image.get_array())
    reach = float(image.get_clim()[1] or 1.0)
    for (row, column), value in np.ndenumerate(matrix):
        if abs(value) >= least:
            image.axes.text(
                column,
                row,
                f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−"),
                ha="center",
                va="center",
                fontsize=size,
                color="white" if abs(value) > _DARK * reach else "black",
            )
