r"""Gradient flow on the exact loss, :math:`\dot x = -\nabla L`, by an adaptive implicit solver.

Near a saddle the flow waits for a time that grows with the logarithm of its distance while the
steepest directions relax a thousand times faster, so the solver (LSODA) is given the exact Hessian.
Points are kept evenly in the logarithm of time, in which saddles and jumps are about equally long.
Time is that of the loss in its unit (:mod:`numerics.objective`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from .landscapes import Landscape

__all__ = ["Flow", "gradient_flow"]

_RELATIVE, _ABSOLUTE = 1e-6, 1e-9  # errors of the solver, per step

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Flow:
    """A path: times (T,), points (T, d), losses (T,), speeds (T,) and how it ended.

    The speed is the norm of the gradient; ``status`` is ``done`` or ``failed`` (the solver gave
    up, and the path ends there).
    """

    time: Array
    points: Array
    loss: Array
    speed: Array
    status: str


def gradient_flow(problem: Landscape, start: Array, duration: float, points: int = 400) -> Flow:
    """Follow the flow from ``start`` and keep ``points`` points, evenly in the logarithm of time.

    Parameters
    ----------
    problem
        Whose loss it is.
    start
        Where it begins, (d,).
    duration
        How long it runs; the first kept time after 0 is a tenth.
    points
        How many are kept, both ends included.
    """
    times = np.concatenate([[0.0], np.geomspace(min(0.1, duration), duration, points - 1)])
    found = solve_ivp(
        lambda t, x: -problem.value(x)[1],
        (0.0, duration),
        start,
        method="LSODA",
        t_eval=times,
        jac=lambda t, x: -problem.hessian(x),
        rtol=_RELATIVE,
        atol=_ABSOLUTE,
    )
    path = np.ascontiguousarray(found.y.T)
    values = [problem.value(x) for x in path]
    return Flow(
        time=np.asarray(found.t),
        points=path,
        loss=np.array([loss for loss, _ in values]),
        speed=np.array([np.linalg.norm(slope) for _, slope in values]),
        status="done" if found.success else "failed",
    )
