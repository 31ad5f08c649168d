r"""Descent on the exact loss of small nets of absolute values (:mod:`theory.absolute_value`).

The loss is an integral over cells on which all is affine, and the integrand is continuous across
them, so its derivative is the integral of the integrand's derivative: with the error
:math:`e_i = |x_i| - y_i` where :math:`y_i > 0` and 0 elsewhere, that of

.. math::

    \frac{\partial}{\partial b_i} = -2 I_i \int e_i, \qquad
    \frac{\partial}{\partial W_{out,il}} = -2 I_i \int e_i h_l, \qquad
    \frac{\partial}{\partial W_{in,lj}}
      = -2 \sum_i I_i W_{out,il} \int e_i\, [h_l > 0]\, x_j ,

means of products of affine functions again.  Where an in-weight is 0 the loss has a kink, since a
neuron that a feature barely turns on costs the same whichever half does it: minima with weights of
exactly 0 sit there, and descent ends ``stopped``.  For three features and half a dozen neurons.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from theory.absolute_value import active_sets, rectified
from theory.simplices import split, triangulated_cube

__all__ = ["AbsoluteNet", "descend_absolute", "loss_and_gradient"]

Array = NDArray[np.float64]
_SLOPE = 1e-5  # of the loss in its unit, at which descent has converged


@dataclass(frozen=True, slots=True)
class AbsoluteNet:
    """A net of absolute values, as found.

    Attributes
    ----------
    W_in, W_out, b
        (m, n), (n, m) and (n,).
    loss
        Its exact loss.
    status
        ``converged``, or ``stopped`` where the steps ran out or no step went lower.
    """

    W_in: Array
    W_out: Array
    b: Array
    loss: float
    status: str


def _means(f: Array, g: Array, shares: Array) -> Array:
    """Return the means of the products of f (a, S, k + 1) and g (c, S, k + 1), (a, c)."""
    corners = f.shape[2]
    weighted = f * shares[:, None]
    sums = np.einsum("as,cs->ac", weighted.sum(2), g.sum(2))
    return np.asarray((sums + np.einsum("asv,csv->ac", weighted, g)) / (corners * (corners + 1)))


def loss_and_gradient(
    W_in: Array, W_out: Array, b: Array, density: float, importance: Array
) -> tuple[float, tuple[Array, Array, Array]]:
    """Return the exact loss and its gradient by W_in, W_out and b."""
    n = W_in.shape[1]
    nothing = (1 - density) ** n
    clipped = rectified(b)
    loss = nothing * float(importance @ clipped**2)
    by_in, by_out, by_b = np.zeros_like(W_in), np.zeros_like(W_out), np.zeros(n)
    by_b += 2 * nothing * importance * clipped
    for A in active_sets(n):
        chance = density ** len(A) * (1 - density) ** (n - len(A))
        own = W_in[:, list(A)]
        vertices, shares = triangulated_cube(len(A))
        for row in own:
            vertices, shares = split(vertices, shares, row)
        on = vertices.mean(1) @ own.T > 0
        for i in range(n):
            cells, volumes = _cut_by_output(vertices, shares, on, W_out[i], own, b[i])
            inner = cells @ own.T
            hidden = rectified(inner)
            outer = hidden @ W_out[i] + b[i]
            y = rectified(outer)
            target = np.abs(cells[:, :, A.index(i)]) if i in A else np.zeros_like(y)
            weight = chance * importance[i]
            error = target - y
            loss += weight * float(_means(error[None], error[None], volumes)[0, 0])
            live = outer.mean(1) > 0  # at a centre, where rounding decides nothing
            if not live.any():
                continue
            error, hidden, volumes = error[None, live], hidden[live], volumes[live]
            cells = cells[live]
            active = (inner[live].mean(1) > 0).T  # (m, S)
            by_b[i] -= 2 * weight * float((error[0].mean(1) * volumes).sum())
            by_out[i] -= 2 * weight * _means(error, np.moveaxis(hidden, 2, 0), volumes)[0]
            errors = error[0][None] * active[:, :, None]
            slopes = _means(errors, np.moveaxis(cells, 2, 0), volumes)  # (m, |A|)
            by_in[:, list(A)] -= 2 * weight * W_out[i][:, None] * slopes
    return loss, (by_in, by_out, by_b)


def _cut_by_output(
    vertices: Array, shares: Array, on: NDArray[np.bool_], out: Array, own: Array, bias: float
) -> tuple[Array, Array]:
    cells, volumes = split(vertices, shares, (on * out) @ own, bias)
    return np.asarray(cells), np.asarray(volumes)


def descend_absolute(
    W_in: Any,
    W_out: Any,
    b: Any,
    density: float,
    importance: Sequence[float],
    steps: int = 3000,
) -> AbsoluteNet:
    """Return where descent (BFGS) on the exact loss ends, all weights and biases free."""
    start = [np.asarray(part, np.float64) for part in (W_in, W_out, b)]
    shapes = [part.shape for part in start]
    ends = np.cumsum([part.size for part in start])[:-1]
    weights = np.asarray(importance, np.float64)
    unit = density * float(weights.sum()) / 3

    def parts(theta: Array) -> list[Array]:
        return [
            piece.reshape(shape) for piece, shape in zip(np.split(theta, ends), shapes, strict=True)
        ]

    def objective(theta: Array) -> tuple[float, Array]:
        inner, outer, bias = parts(theta)
        loss, gradient = loss_and_gradient(inner, outer, bias, density, weights)
        return loss / unit, np.concatenate([g.ravel() for g in gradient]) / unit

    theta = np.concatenate([part.ravel() for part in start])
    found = minimize(
        objective,
        theta,
        jac=True,
        method="BFGS",
        options={"maxiter": steps, "gtol": _SLOPE},
    )
    inner, outer, bias = parts(found.x)
    status = "converged" if np.abs(found.jac).max() < _SLOPE else "stopped"
    return AbsoluteNet(inner, outer, bias, float(found.fun) * unit, status)
