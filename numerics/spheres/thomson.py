r"""The Thomson problem and its kin: N points on a sphere with the least Riesz energy.

Random and symmetric starts descend by L-BFGS (:mod:`.multistart`); ends of one value, to 1e-10 of
F, are one minimum.  The number of minima grows exponentially with N; up to N = 100 in 3-D the best
one takes between a few and some hundred starts (N = 78, whose random starts end 7e-4 higher).
"""

from ..progress import Report
from .arrangements import Arrangement
from .descent import descend_from, newton_from
from .multistart import lowest
from .riesz import energy

__all__ = ["least_energy"]

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
        Number of starts; by default as many as it takes (:mod:`.multistart`).
    seed
        Root of the random starts; the same seed gives the same bits on one machine.
    progress
        Called with (starts done, starts in all, what is going on).

    Raises
    ------
    ValueError
        For fewer than two points or dimensions, no start, or a power outside (−2, 1024].
    """
    _check_power(power)
    return lowest(
        points,
        dim,
        descend=lambda x: descend_from(x, power),
        polish=lambda x: newton_from(x, power),
        energy=lambda x: energy(x, power),
        same=_SAME,
        starts=starts,
        seed=seed,
        progress=progress,
    )
