r"""The Tammes problem and its kin: N points (or lines) with the largest smallest angle.

A start descends the Riesz energies of rising powers, whose limit this is.  Which packing it reaches
depends on the first power: a small one leads most starts to few basins (and often past the best
one), a large one to many.  So the starts take turns, from 1 to 256.  Ends that the last power
cannot tell from the best are finished, each once: by Newton's method at that power, which brings
points that no contact holds to first order (an equatorial triangle) to their place, then on their
contacts (:mod:`.contacts`).  Without a number of starts given they come in rounds of :data:`ROUND`,
until the best has been hit :data:`ENOUGH` times, at most :data:`MOST`.

The best packing need not be unique (N = 5 in 3-D is a continuum), and some points of it may be free
to move, the rattlers.  Hits count ends with the same smallest angle.
"""

import numpy as np

from ..progress import Report
from .arrangements import Arrangement, check_size, check_starts, embedded
from .contacts import Packed, packed_from
from .descent import descend_from, newton_from
from .riesz import Array
from .starts import start

__all__ = ["ENOUGH", "MOST", "ROUND", "largest_angle"]

ROUND = 150
ENOUGH = 5
MOST = 750
_LADDERS = ((1.0, 16.0, 64.0, 256.0), (16.0, 64.0, 256.0), (64.0, 256.0), (128.0,), (256.0,))
_LAST = 1024.0
_TOLERANCE = 1e-6
_STEPS = 400  # of a descent: the packing is finished otherwise
_SAME_END = 1e-8  # difference of F, at the last power, below which two ends are one
_UNDECIDED = 2.0  # F at power s tells packings apart to log of a ratio of contacts, over s
_SAME_COSINE = 1e-10


def _end(points: int, dim: int, seed: int, number: int, lines: bool) -> tuple[float, Array]:
    """Return F at the last power, and the points, where one start ends."""
    x = start(points, dim, seed, number)
    value = 0.0
    for power in (*_LADDERS[number // 2 % len(_LADDERS)], _LAST):
        x, value = descend_from(x, power, lines=lines, tolerance=_TOLERANCE, max_steps=_STEPS)
    return value, x


def _finished(ends: list[tuple[float, Array]], lines: bool) -> tuple[Packed, int]:
    """Finish the ends that may be best; return the best packing and its hits."""
    ends = sorted(ends, key=lambda end: end[0])
    packings: list[tuple[Packed, int]] = []
    last = -np.inf
    for value, x in ends:
        if value > ends[0][0] + _UNDECIDED / _LAST:
            break
        if value - last > _SAME_END:
            polished = newton_from(x, _LAST, lines=lines).x
            packings.append((packed_from(polished, lines=lines), 1))
        else:
            packings[-1] = (packings[-1][0], packings[-1][1] + 1)
        last = value
    best = min((packing for packing, _ in packings), key=lambda packing: packing.cosine)
    hits = sum(n for packing, n in packings if packing.cosine < best.cosine + _SAME_COSINE)
    return best, hits


def largest_angle(
    points: int,
    dim: int = 3,
    *,
    lines: bool = False,
    starts: int | None = None,
    seed: int = 0,
    progress: Report | None = None,
) -> Arrangement:
    """Return the packing with the largest smallest angle found for N points on the unit sphere.

    Parameters
    ----------
    points, dim
        N ≥ 2 points in d ≥ 2 dimensions.
    lines
        Pack lines through the origin: both ends of each repel.
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
    best, hits, done = None, 0, 0
    while best is None or (starts is None and hits < ENOUGH and done < MOST):
        count = ROUND if starts is None else starts
        ends = []
        for number in range(done, done + count):
            ends.append(_end(points, min(dim, points), seed, number, lines))
            if progress:
                progress(number + 1, done + count, f"best hit {hits}×" if done else "descents")
        found, times = _finished(ends, lines)
        done += count
        if best is None or found.cosine < best.cosine - _SAME_COSINE:
            best, hits = found, times
        elif found.cosine < best.cosine + _SAME_COSINE:
            hits += times
    return Arrangement(
        points=embedded(best.x, dim),
        lines=lines,
        hits=hits,
        starts=done,
        status=best.status,
        residual=best.promise,
        held=tuple(np.unique(best.contacts).tolist()),
        contacts=len(best.contacts),
    )
