r"""How many vectors fit when none may be more similar to another than a given cosine.

Two questions that are often mixed up.  *Directions* may point away from each other: only
:math:`\cos \le c` is asked, as of features read out by a ReLU.  *Lines* may not:
:math:`|\cos| \le c`.  Bounds are those of :mod:`theory.packing`; a set of lines gives twice as many
directions, x and −x, since c ≥ 0.
"""

from dataclasses import dataclass
from numbers import Integral

from .packing import codes_at_most, lines_at_least, lines_at_most

__all__ = ["Room", "room_for"]

_MOST = 5000  # dimensions: constructions are combined in all sums


@dataclass(frozen=True, slots=True)
class Room:
    """Bounds on how many vectors fit.

    Attributes
    ----------
    cosine, dimensions
        c and d.
    directions
        With cos ≤ c: a number that exists, and one that cannot be exceeded (None: no bound here).
    lines
        With abs(cos) ≤ c: the same.
    """

    cosine: float
    dimensions: int
    directions: tuple[int, int | None]
    lines: tuple[int, int | None]


def room_for(cosine: float, dimensions: int) -> Room:
    """Return bounds on how many vectors fit in d dimensions.

    Parameters
    ----------
    cosine
        c in [0, 1).
    dimensions
        d from 2 to 5000.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> room_for(0.1, 3).directions, room_for(0.1, 14).lines
    ((6, 6), (15, 16))
    """
    if not isinstance(dimensions, Integral) or not 2 <= dimensions <= _MOST:
        raise ValueError(f"dimensions must be a whole number from 2 to {_MOST}, got {dimensions}")
    cosine = float(cosine)
    lines = lines_at_least(cosine, dimensions), lines_at_most(cosine, dimensions)
    return Room(cosine, dimensions, (2 * lines[0], codes_at_most(cosine, dimensions)), lines)
