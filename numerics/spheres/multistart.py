"""The lowest end of descents from many starts.

Ends of one energy, to a tolerance, are one minimum hit several times, and the least is polished by
Newton's method.  Without a number of starts given, there are at least :data:`FEWEST`, and then more
until the best has been hit :data:`ENOUGH` times, at most :data:`MOST`.

Nothing here proves that a minimum is global.
"""

from collections.abc import Callable

import numpy as np

from ..progress import Report
from .arrangements import Arrangement, check_size, check_starts, embedded
from .descent import Polished
from .riesz import Array
from .starts import start

__all__ = ["ENOUGH", "FEWEST", "MOST", "lowest"]

FEWEST = 100
ENOUGH = 5
MOST = 1000
_CONTACT = 1e-9  # difference of cosines below which two pairs are at one angle


def lowest(
    points: int,
    dim: int,
    *,
    descend: Callable[[Array], tuple[Array, float]],
    polish: Callable[[Array], Polished],
    energy: Callable[[Array], float],
    same: float,
    starts: int | None,
    seed: int,
    progress: Report | None,
) -> Arrangement:
    """Return the lowest arrangement that descents of N points reach.

    Parameters
    ----------
    points, dim
        N ≥ 2 points in d ≥ 2 dimensions.
    descend
        Gives the points, unit vectors (N, k), and the value where one start ends.
    polish
        Takes the points of the least value on to where Newton's method ends.
    energy
        Of these points, for the result.
    same
        The difference of values below which two ends are one minimum.
    starts
        Number of starts; by default as many as it takes (see the module).
    seed
        Root of the random starts; the same seed gives the same bits on one machine.
    progress
        Called with (starts done, starts in all, what is going on).

    Raises
    ------
    ValueError
        For fewer than two points or dimensions, or no start.
    """
    check_size(points, dim)
    check_starts(starts)
    inner, best = min(dim, points), None  # points span no more dimensions than they are
    least, hits, done = float("inf"), 0, 0
    most = MOST if starts is None else starts
    while done < most and not (starts is None and done >= FEWEST and hits >= ENOUGH):
        x, value = descend(start(points, inner, seed, done))
        if best is None or value < least - same:
            best, least, hits = x, value, 1
        elif value <= least + same:
            hits += 1
            if value < least:
                best, least = x, value
        done += 1
        if progress:
            progress(done, max(done, FEWEST) if starts is None else starts, f"best hit {hits}×")
    assert best is not None
    polished = polish(best)
    cosines = (polished.x @ polished.x.T)[np.triu_indices(points, 1)]
    return Arrangement(
        points=embedded(polished.x, dim),
        energy=energy(polished.x),
        hits=hits,
        starts=done,
        status=polished.status,
        residual=polished.gradient,
        held=tuple(range(points)),
        contacts=int((cosines > cosines.max() - _CONTACT).sum()),
    )
