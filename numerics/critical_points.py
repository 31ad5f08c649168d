r"""The critical point near a point, minimum or saddle, and how many directions lead down from it.

A plateau of a descent is a place where the gradient is small: it passes a saddle.  From its slowest
point :func:`critical_point` solves :math:`g(x) = 0` by Levenberg and Marquardt's method on
:math:`|g|^2/2`: with the Hessian's eigenvectors :math:`v_k` and eigenvalues :math:`\lambda_k`

.. math:: s = -\sum_k \frac{\lambda_k}{\lambda_k^2 + \mu}\, (v_k \cdot g)\, v_k,

which moves towards saddles as well as minima, and not along rotations of the hidden space, whose
eigenvalue is 0.

**Index.**  The number of eigenvalues below :data:`NEGATIVE` in the unit of the loss.  On a kink (a
bias at 0, or at minus its own gain) the Hessian is that of one side, so it is taken with those
biases a little higher and a little lower, and the index is a range.  A positive semidefinite
Hessian on both sides of every kink is no proof of a minimum.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .landscapes import Landscape

__all__ = ["NEGATIVE", "CriticalPoint", "critical_point", "morse_index"]

NEGATIVE = -1e-4
_TOLERANCE = 1e-9  # of the gradient, in the unit of the loss
_STEPS = 80
_NEAR, _ASIDE = 1e-5, 1e-4  # of a kink; to either side of it
_DAMPING = (1e-14, 1e-4, 1e6)  # least, first, largest

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CriticalPoint:
    """Where the search ended.

    Attributes
    ----------
    point
        (d,).
    loss, slope
        The loss in its unit, and the norm of its gradient.
    index
        The least and the largest number of directions that lead down, over the sides of kinks.
    status
        ``converged``, or ``stalled`` where the gradient could not be lowered further.
    distance
        How far it lies from where the search began.
    """

    point: Array
    loss: float
    slope: float
    index: tuple[int, int]
    status: str
    distance: float


def morse_index(problem: Landscape, x: Array) -> tuple[int, int]:
    """Return the least and the largest count of negative eigenvalues over the sides of kinks."""
    W, b = problem.model(x)
    kinked = np.minimum(np.abs(b), np.abs(b + (W**2).sum(0))) < _NEAR
    counts = []
    for side in (-_ASIDE, _ASIDE) if kinked.any() else (0.0,):
        aside = np.concatenate([np.zeros(W.size), np.where(kinked, side, 0.0)])
        values = np.linalg.eigvalsh(problem.hessian(x + aside))
        counts.append(int((values < NEGATIVE).sum()))
    return min(counts), max(counts)


def critical_point(problem: Landscape, start: Array) -> CriticalPoint:
    """Return the critical point that the search from ``start`` reaches."""
    x, (loss, g) = start.copy(), problem.value(start)
    norm, damping = float(np.linalg.norm(g)), _DAMPING[1]
    for _ in range(_STEPS):
        if norm <= _TOLERANCE or damping > _DAMPING[2]:
            break
        values, vectors = np.linalg.eigh(problem.hessian(x))
        along = vectors.T @ g
        while damping <= _DAMPING[2]:
            tried = x - vectors @ (values / (values**2 + damping) * along)
            tried_loss, tried_g = problem.value(tried)
            tried_norm = float(np.linalg.norm(tried_g))
            if tried_norm < norm:
                x, loss, g, norm = tried, tried_loss, tried_g, tried_norm
                damping = max(_DAMPING[0], damping / 10)
                break
            damping *= 4
    return CriticalPoint(
        point=x,
        loss=loss,
        slope=norm,
        index=morse_index(problem, x),
        status="converged" if norm <= _TOLERANCE else "stalled",
        distance=float(np.linalg.norm(x - start)),
    )
