r"""The Thomson problem and its kin: N points on a sphere with the least Riesz energy.

Random and symmetric starts descend by L-BFGS; ends of one value (to 1e-10 of F) are one minimum
hit several times, and the least is polished by Newton's method.  The number of minima grows
exponentially with N; up to N = 100 in 3-D the best one takes between a few and some hundred starts
(N = 78, whose random starts end 7e-4 higher).  Without a number of starts given, there are at least
:data:`FEWEST`, and then more until the best has been hit :data:`ENOUGH` times, at most
:data:`MOST`.

Nothing here proves that a minimum is global.
"""

import numpy as np

from ..progress import Report
from .arrangements import Arrangement, check_size, check_starts, embedded
from .descent import descend_from, newton_from
from .riesz import energy
from .starts import start

__all__ = ["ENOUGH", "FEWEST", "MOST", "least_energy"]

FEWEST = 100
ENOUGH = 5
MOST = 1000
_SAME = 1e-10  # difference of F below which two ends are one minimum
_LOWEST_POWER, _HIGHEST_POWER = -2.0, 1024.0


def _check_power(power: float) -> None:
    if not (_LOWEST_POWER < power <= _HIGHEST_POWER):
        raise ValueError(
            f"power must be above −2 and at most {_HIGHEST_POWER:g}, got {power}; "
            "its limit, the smallest angle, is what tammes maximises"
        )


def least_energy(
    points: int,
    dim: int = 3,
    *,
    power: float = 1.0,
    starts: int | None = None,
    seed: int = 0,
    progress: Report | None = None,
) -> Arrangement:
    """Return the arrangement of least energy found for N points on the unit sphere.

    Parameters
    ----------
    points, dim
        N ≥ 2 points in d ≥ 2 dimensions.
    power
        The energy is Σ r^−power over pairs (power in (0, 1024]), −Σ log r (0) or −Σ r^−power
        (−2 to 0).
    starts
        Number of starts; by default as many as it takes (see the module).
    seed
        Root of the random starts; the same seed gives the same bits on one machine.
    progress
        Called with (starts done, starts in all, what is going on).

    Raises
    ------
    ValueError
        For fewer than two points or dimensions, no start, or a power outside (−2, 1024].
    """
    check_size(points, dim)
    check_starts(starts)
    _check_power(power)
    inner, best = min(dim, points), None  # points span no more dimensions than they are
    least, hits, done = float("inf"), 0, 0
    most = MOST if starts is None else starts
    while done < most and not (starts is None and done >= FEWEST and hits >= ENOUGH):
        x, value = descend_from(start(points, inner, seed, done), power)
        if best is None or value < least - _SAME:
            best, least, hits = x, value, 1
        elif value <= least + _SAME:
            hits += 1
            if value < least:
                best, least = x, value
        done += 1
        if progress:
            progress(done, max(done, FEWEST) if starts is None else starts, f"best hit {hits}×")
    assert best is not None
    polished = newton_from(best, power)
    cosines = (polished.x @ polished.x.T)[np.triu_indices(points, 1)]
    return Arrangement(
        points=embedded(polished.x, dim),
        energy=energy(polished.x, power),
        hits=hits,
        starts=done,
        status=polished.status,
        residual=polished.gradient,
        held=tuple(range(points)),
        contacts=int((cosines > cosines.max() - 1e-9).sum()),
    )
