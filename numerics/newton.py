r"""Trust-region Newton on the exact loss of one tied model, by conjugate gradients.

The Hessian over :math:`M = W^\top W` and b is a matrix for each output
(:func:`numerics.compiled.batches.hessians`), formed once a step; along :math:`(\dot W, \dot b)`

.. math::

    \dot M = \dot W^\top W + W^\top \dot W, \qquad
    H(\dot W, \dot b) = \bigl(\dot W (D + D^\top) + W (\dot D + \dot D^\top),\ \dot d\bigr),

with D the gradient by M and :math:`(\dot D_i, \dot d_i)` output i's matrix times
:math:`(\dot M_i, \dot b_i)`.  Steps are Steihaug's: conjugate gradients, preconditioned by the
diagonal, to the edge of the trust region or along a direction of negative curvature.  At kinks the
Hessian is that of one side, which makes this a semismooth Newton method; a step that does not lower
the loss shrinks the region.
"""

import math
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .compiled.batches import hessian_vector, hessians, loss_and_gradient

__all__ = ["Curvature", "Model", "Newton", "TiedProblem", "newton"]

Array = NDArray[np.float64]

_GRADIENTS = 400  # conjugate gradients a step, at most
_FLOOR = 1e-12  # changes of the loss below this are noise, and the gradient decides;
_NOISE = 1e-2  # so are those below this share of its accuracy: errors are usually smaller
_RADIUS = 0.1  # of the first step, measured by the Hessian's diagonal
_LOOSE = 1e-8  # accuracy of the loss behind the Hessian of a step,
_LOOSER = 100.0  # or this many times that of the problem
_SMALLEST = 1e-13  # trust radius at which no step is left


@dataclass(frozen=True, slots=True)
class Model:
    """The loss, in its unit, of one model, with what its Hessian needs.

    Attributes
    ----------
    W, b
        Weights (m, n) and biases (n,).
    loss
        In units of Σ I V.
    by_M, by_W, by_b
        Gradients (n, n), (m, n), (n,).
    """

    W: Array
    b: Array
    loss: float
    by_M: Array
    by_W: Array
    by_b: Array

    @property
    def gradient(self) -> Array:
        """The gradient as one vector, W then b."""
        return np.concatenate([self.by_W.ravel(), self.by_b])


class Curvature:
    """The Hessian of one model over (W, b), as products and as a diagonal.

    The outputs' matrices are kept in single precision: they are what memory is read for, and a step
    needs no more.
    """

    def __init__(self, model: Model, blocks: Array) -> None:
        self.W, self.shape = model.W, model.W.shape
        self._diagonal = _diagonal(model, blocks)
        self.turn = model.by_M + model.by_M.T
        self.blocks = torch.from_numpy(blocks).to(torch.float32)

    def __matmul__(self, x: Array) -> Array:
        m, n = self.shape
        V, c = x[: m * n].reshape(m, n), x[m * n :]
        half = V.T @ self.W
        along = np.concatenate([half + half.T, c[:, None]], 1)
        size = float(np.abs(along).max()) or 1.0
        vectors = torch.from_numpy(along / size).to(torch.float32)[:, :, None]
        change = size * torch.bmm(self.blocks, vectors)[:, :, 0].double().numpy()
        by_M = change[:, :n]
        by_W = V @ self.turn + self.W @ (by_M + by_M.T)
        return np.concatenate([by_W.ravel(), change[:, n]])

    def diagonal(self) -> Array:
        """Return the diagonal, (m n + n,)."""
        return self._diagonal


def _diagonal(model: Model, blocks: Array) -> Array:
    W, n = model.W, model.W.shape[1]
    own = blocks[:, :n, :n]
    diagonals = np.einsum("jii->ji", own)  # d²/dM_ji² of output j
    by_column = (W**2) @ diagonals  # through column i of M
    by_row = ((W @ own) * W).sum(2).T  # through row i
    cross = 2 * W * np.einsum("iij,kj->ki", own, W)
    total = by_column + by_row + cross + 2 * np.diagonal(model.by_M)
    return np.concatenate([total.ravel(), blocks[:, n, n]])


def _steihaug(H: Curvature, g: Array, scale: Array, radius: float) -> tuple[Array, float]:
    """Return a step and the decrease the quadratic model promises."""
    s = np.zeros_like(g)
    r = g.copy()
    y = r / scale
    d = -y
    ry = float(r @ y)
    goal = min(0.01, math.sqrt(ry)) * ry
    norm2, sd, dd = 0.0, 0.0, ry
    promised = 0.0
    for _ in range(_GRADIENTS):
        Hd = H @ d
        curvature = float(d @ Hd)
        step = ry / curvature if curvature > 0 else math.inf
        if curvature <= 0 or norm2 + 2 * step * sd + step**2 * dd >= radius**2:
            t = (-sd + math.sqrt(sd**2 + dd * (radius**2 - norm2))) / dd
            promised -= t * float(r @ d) + t**2 / 2 * curvature
            return s + t * d, promised
        promised += step * ry / 2
        s = s + step * d
        norm2 += 2 * step * sd + step**2 * dd
        r = r + step * Hd
        y = r / scale
        new = float(r @ y)
        if new <= goal:
            break
        beta = new / ry
        d, ry = -y + beta * d, new
        sd, dd = beta * (sd + step * dd), new + beta**2 * dd
    return s, promised


@dataclass(frozen=True, slots=True)
class Newton:
    """Where the search ended: the model, ``converged``, ``max_steps`` or ``stalled``, and steps."""

    model: Model
    status: str
    steps: int


class TiedProblem:
    """The loss of tied models, independent uniform features, in its unit, and its Hessian.

    Parameters
    ----------
    p, I
        Densities and importances (n,).
    unit
        The unit of the loss.
    accuracy
        Wanted of the loss, in its unit.
    """

    def __init__(self, p: Tensor, I: Tensor, unit: Tensor, accuracy: float) -> None:
        self.p = p[None]
        self.weight = (I / unit)[None]
        self.accuracy = torch.tensor([accuracy], dtype=torch.float64)

    def model(self, W: Array, b: Array) -> Model:
        """Return the model (m, n), (n,) with its loss and gradients."""
        M, c = torch.from_numpy(W.T @ W)[None], torch.from_numpy(b)[None]
        loss, by_M, by_b, _ = loss_and_gradient(M, c, self.p, self.weight, self.accuracy)
        D = by_M[0].numpy()
        return Model(W, b, float(loss[0]), D, W @ (D + D.T), by_b[0].numpy())

    def at(self, accuracy: float) -> "TiedProblem":
        """Return the same problem with another accuracy of the loss."""
        other = copy(self)
        other.accuracy = torch.full_like(self.accuracy, accuracy)
        return other

    def of(self, features: NDArray[np.bool_]) -> "TiedProblem":
        """Return the problem of some features (n,), its loss in the unit of all."""
        other, chosen = copy(self), torch.from_numpy(features)
        other.p, other.weight = self.p[:, chosen], self.weight[:, chosen]
        return other

    @property
    def noise(self) -> float:
        """Changes of the loss that are not told from errors."""
        return max(_FLOOR, _NOISE * float(self.accuracy))

    def bends(self, model: Model) -> Array:
        """Return the second derivatives by the biases, (n,)."""
        M, c = torch.from_numpy(model.W.T @ model.W)[None], torch.from_numpy(model.b)[None]
        along = torch.zeros_like(M), torch.ones_like(c)
        return hessian_vector(M, c, self.p, self.weight, self.accuracy, *along)[1][0].numpy()

    def curvature(self, model: Model, accuracy: float | None = None) -> Curvature:
        """Return the Hessian at a model, by series that give the loss to ``accuracy``.

        By default that is what a step needs.
        """
        M, c = torch.from_numpy(model.W.T @ model.W)[None], torch.from_numpy(model.b)[None]
        if accuracy is None:
            accuracy = max(_LOOSE, _LOOSER * float(self.accuracy))
        wanted = torch.full_like(self.accuracy, accuracy)
        return Curvature(model, hessians(M, c, self.p, self.weight, wanted)[0].numpy())


def newton(
    problem: TiedProblem,
    start: Model,
    *,
    tolerance: float,
    max_steps: int = 100,
    report: Callable[[float], None] | None = None,
) -> Newton:
    """Descend from ``start`` until the gradient norm is at most ``tolerance``.

    ``report`` is called after each step with the norm.
    """
    model, radius, status, steps = start, _RADIUS, "max_steps", 0
    H: Curvature | None = None
    scale = np.ones_like(start.gradient)
    for steps in range(max_steps + 1):
        g = model.gradient
        norm = float(np.linalg.norm(g))
        if norm <= tolerance:
            status = "converged"
            break
        if steps == max_steps:
            break
        if H is None:
            H = problem.curvature(model)
            diagonal = np.abs(H.diagonal())
            scale = np.maximum(diagonal, 1e-6 * diagonal.max())
        s, promised = _steihaug(H, g, scale, radius)
        m, n = model.W.shape
        tried = problem.model(model.W + s[: m * n].reshape(m, n), model.b + s[m * n :])
        length = float(np.sqrt(s @ (scale * s)))
        gained = model.loss - tried.loss
        if not np.isfinite(tried.loss):
            ratio = -1.0
        elif max(abs(gained), promised) < problem.noise:
            ratio = 1.0 if float(np.linalg.norm(tried.gradient)) < norm else 0.0
        else:
            ratio = gained / promised
        if ratio < 0.25:
            radius = 0.25 * length
        elif ratio > 0.75 and length > 0.9 * radius:
            radius *= 2
        if ratio > 1e-4:
            model, H = tried, None
        elif radius < _SMALLEST:
            status = "stalled"
            break
        if report:
            report(norm)
    return Newton(model, status, steps)
