r"""Descent of an energy on a product of spheres: L-BFGS first, Newton's method at the end.

The points are the directions of free vectors, :math:`x = z/|z|`, whose lengths descent does not
change.  Many minima are so soft (least curvature 1e-3 of the largest) that an L-BFGS end is off by
1e-5, too far for a test of symmetry.  Newton's method on the tangent spaces needs no gauge: it
steps along the eigenvectors of the Hessian, leaves out the zero modes (rotations, and what moves
freely), and divides by the absolute curvature, so that it goes down at a saddle as well.

Any energy will do (:func:`descended`, :func:`settled`); ``descend_from`` and ``newton_from`` are
those of Riesz energies.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from .riesz import Array, mean_gradient, tangent_bases, tangent_hessian

__all__ = [
    "Polished",
    "descend_from",
    "descended",
    "newton_from",
    "normalised",
    "retracted",
    "settled",
]

_MEMORY = 20  # steps L-BFGS keeps
_NEWTON_STEPS = 30
_LONGEST = 0.1  # root mean square displacement of a Newton step, at most
_NEAR = 1e-8  # gradient below which a step that does not lower it is the last
_FREE = 1e-9  # curvature, as a share of the largest, below which a mode is free


@dataclass(frozen=True, slots=True)
class Polished:
    """Where Newton's method ended.

    Attributes
    ----------
    x
        Unit vectors (N, d).
    gradient
        Norm of the gradient.
    curvature
        Least eigenvalue of the Hessian that is no zero mode; 0 if all are.
    """

    x: Array
    gradient: float
    curvature: float

    @property
    def status(self) -> str:
        """Say ``converged``, ``saddle`` or ``max_steps``."""
        if self.gradient > 1e-11:
            return "max_steps"
        return "converged" if self.curvature >= 0 else "saddle"


def normalised(z: Array) -> Array:
    """Return the directions of vectors (N, d)."""
    return np.asarray(z / np.linalg.norm(z, axis=1, keepdims=True))


def retracted(x: Array, step: Array) -> Array:
    """Return the unit vectors a tangent step (N(d−1),) away."""
    return normalised(x + np.einsum("ide,ie->id", tangent_bases(x), step.reshape(len(x), -1)))


def descended(
    x: Array,
    energy: Callable[[Array], tuple[float, Array]],
    *,
    tolerance: float = 1e-9,
    max_steps: int = 5000,
) -> tuple[Array, float]:
    """Return the points (N, d) and the energy where L-BFGS ends from vectors (N, d).

    ``energy`` returns the value at unit vectors (N, d) and its gradient (N, d) on the spheres.
    """
    N, d = x.shape

    def evaluate(flat: Array) -> tuple[float, Array]:
        z = flat.reshape(N, d)
        length = np.linalg.norm(z, axis=1, keepdims=True)
        value, gradient = energy(np.asarray(z / length))
        return value, (gradient / length).ravel()

    ended = minimize(
        evaluate,
        x.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxcor": _MEMORY, "gtol": tolerance, "ftol": 0.0, "maxiter": max_steps},
    )
    return normalised(ended.x.reshape(N, d)), float(ended.fun)


def descend_from(
    x: Array, power: float, *, lines: bool = False, tolerance: float = 1e-9, max_steps: int = 5000
) -> tuple[Array, float]:
    """Return the points (N, d) and F where L-BFGS ends from vectors (N, d)."""
    return descended(
        x, lambda y: mean_gradient(y, power, lines), tolerance=tolerance, max_steps=max_steps
    )


def settled(x: Array, derivatives: Callable[[Array], tuple[Array, Array]]) -> Polished:
    """Return where Newton's method ends from unit vectors (N, d) near a minimum.

    ``derivatives`` returns gradient (N(d−1),) and Hessian in the bases of
    :func:`numerics.spheres.riesz.tangent_bases`.
    """
    best, least, curvature = x, np.inf, 0.0
    longest = _LONGEST * np.sqrt(len(x))
    for _ in range(_NEWTON_STEPS):
        gradient, H = derivatives(x)
        size = float(np.linalg.norm(gradient))
        if size >= least and least < _NEAR:
            break
        eigenvalues, vectors = np.linalg.eigh(H)
        held = np.abs(eigenvalues) > _FREE * np.abs(eigenvalues).max()
        if size < least:
            best, least = x, size
            curvature = float(eigenvalues[held].min()) if held.any() else 0.0
        along = vectors[:, held].T @ gradient
        step = -vectors[:, held] @ (along / np.abs(eigenvalues[held]))
        length = float(np.linalg.norm(step))
        x = retracted(x, step * min(1.0, longest / max(length, longest)))
    return Polished(best, least, curvature)


def newton_from(x: Array, power: float, *, lines: bool = False) -> Polished:
    """Return where Newton's method ends on F from unit vectors (N, d) near a minimum."""
    return settled(x, lambda y: tangent_hessian(y, power, lines))
