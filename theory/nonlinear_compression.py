r"""Two dense numbers in one, nonlinearly: the exact error of a smoothed scheme.

The scheme of arXiv 2209.10652's appendix on nonlinear compression (F38) packs x and y, independent
and uniform on [0, 1), into one number,

.. math:: t = \frac{\lfloor Zx \rfloor + y}{Z}, \qquad
          \hat y = Zt - \lfloor Zt \rfloor, \quad \hat x = \frac{\lfloor Zt \rfloor + 1/2}{Z}.

It returns y as it was and x to the nearest of Z midpoints.  A network cannot jump, so every jump
becomes a steep linear segment.  The paper says no more; **as read here** both floors, the one that
packs and the one that unpacks, are replaced by one *staircase* :math:`s_\epsilon` on [0, Z], whose
Z − 1 jumps at 1, …, Z − 1 are linear on the ε around them, :math:`0 \le \epsilon \le 1` in units
of a step:

.. math:: s_\epsilon(u) = \sum_{j=1}^{Z-1}
          \frac{(u - j + \epsilon/2)_+ - (u - j - \epsilon/2)_+}{\epsilon}.

A width of ε on the unit interval of x (and of t) instead is Zε here.

**The error.**  With :math:`k = s_\epsilon(Zx)` and :math:`\hat k = s_\epsilon(k + y)` it is
:math:`\hat y - y = k - \hat k` and :math:`\hat x - x = (\hat k + \tfrac12 - Zx)/Z`.  Zx lies on a
flat piece or, with probability :math:`(Z-1)\epsilon/Z`, on a ramp, on which k is uniform between
two integers; y then decides on which piece k + y lies.  Every case is an integral of a polynomial
over a polygon, and for :math:`Z \ge 2` they add up to

.. math::

    E(\hat x - x)^2 &= \frac{8Z(1 + \epsilon - 2\epsilon^2 + \epsilon^3)
      - 8\epsilon + 32\epsilon^2 - 19\epsilon^3 + 4\epsilon^4 - \epsilon^5}{96 Z^3},\\
    E(\hat y - y)^2 &= \frac{\epsilon\,(8Z(3 - 3\epsilon + \epsilon^2)
      - 24 + 28\epsilon - 9\epsilon^2 - \epsilon^3)}{96 Z}.

One segment has no jump and errors 1/12 and 0 at every ε.  Losses are sums over x and y
(:data:`LINEAR_LOSS` too), not means.

**Linear compression.**  x and y have covariance 1/12 times the identity, so one number
:math:`t = \alpha x + \beta y`, with the best affine readout, leaves one of two equal directions:
1/12 at best, reached for *every* α and β, by keeping x alone and by the average alike.

**Neurons.**  A staircase has 2(Z − 1) kinks, so it takes 2(Z − 1) ReLUs in one hidden layer, and no
fewer; one more carries y past the packing layer, or Zt past the unpacking one, as both are never
negative.  Together :math:`4(Z - 1) + 2`.
"""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LINEAR_LOSS",
    "compress",
    "compression_errors",
    "compression_loss",
    "decompress",
    "linear_loss",
    "neurons",
    "staircase",
    "thresholds",
]

Array = NDArray[np.float64]

LINEAR_LOSS = Fraction(1, 12)
"""The least loss of one linear number with an affine readout."""


def _check(Z: int, width: Any) -> None:
    if Z < 1 or int(Z) != Z:
        raise ValueError(f"{Z} segments: give a whole number of at least 1")
    if not np.all((np.asarray(width) >= 0) & (np.asarray(width) <= 1)):
        raise ValueError(f"width {width}: give a share of a step, from 0 to 1")


def thresholds(Z: int, width: float) -> tuple[Array, Array]:
    """Return where the Z − 1 ramps of a staircase begin and end: the biases of its ReLUs."""
    _check(Z, width)
    steps = np.arange(1, Z, dtype=float)
    return steps - width / 2, steps + width / 2


def staircase(u: Any, Z: int, width: float) -> Array:
    """Return the smoothed floor of u in [0, Z), as a sum of differences of ReLUs."""
    begin, end = thresholds(Z, width)
    above = np.asarray(u, dtype=float)[..., None]
    if width == 0:
        return np.asarray((above >= begin).sum(-1, dtype=float))
    return np.asarray((np.maximum(above - begin, 0) - np.maximum(above - end, 0)).sum(-1) / width)


def compress(x: Any, y: Any, Z: int, width: float) -> Array:
    """Return the one number t that stands for x and y."""
    return np.asarray((staircase(Z * np.asarray(x), Z, width) + y) / Z)


def decompress(t: Any, Z: int, width: float) -> tuple[Array, Array]:
    """Return what is read from t for x and for y."""
    u = Z * np.asarray(t)
    step = staircase(u, Z, width)
    return (step + 0.5) / Z, u - step


def compression_errors(Z: int, width: Any) -> tuple[Any, Any]:
    """Return the mean square errors of x and of y; exact for an exact width.

    Examples
    --------
    >>> compression_errors(3, Fraction(0))
    (Fraction(1, 108), Fraction(0, 1))
    """
    _check(Z, width)
    e = width
    if Z == 1:
        return (1 + 0 * e) / 12, 0 * e
    of_x = 8 * Z * (1 + e - 2 * e**2 + e**3) - 8 * e + 32 * e**2 - 19 * e**3 + 4 * e**4 - e**5
    of_y = e * (8 * Z * (3 - 3 * e + e**2) - 24 + 28 * e - 9 * e**2 - e**3)
    return of_x / (96 * Z**3), of_y / (96 * Z)


def compression_loss(Z: int, width: Any) -> Any:
    """Return the sum of both errors; at Z = 1 it is :data:`LINEAR_LOSS`."""
    of_x, of_y = compression_errors(Z, width)
    return of_x + of_y


def linear_loss(alpha: Any, beta: Any, constants: bool = True) -> Any:
    r"""Return the least loss of a linear readout of t = αx + βy, with constants or without.

    Without constants x and y are read as multiples of t, and the loss is
    :math:`\mathrm{tr}\,M - |Mv|^2 / v^\top M v` with M the second moments, v = (α, β).
    """
    if alpha == 0 and beta == 0:
        raise ValueError("t = 0 says nothing of x and y; give a number that is not 0")
    variance, mean_square = LINEAR_LOSS, Fraction(0 if constants else 1, 4)
    own, cross = variance + mean_square, mean_square
    first, second = own * alpha + cross * beta, cross * alpha + own * beta
    return 2 * own - (first**2 + second**2) / (alpha * first + beta * second)


def neurons(Z: int) -> int:
    """Return how many ReLUs pack and unpack with Z segments, in one hidden layer each."""
    _check(Z, 0)
    return sum(2 * len(thresholds(Z, 0.5)[0]) + 1 for _ in ("pack", "unpack"))
