r"""The exact loss of one tied model as a landscape: value, gradient and Hessian at a point.

**ReLU models** of features in sets have the loss of a mixture.  Features that switch on and off as
one (the law ``correlated``) are independent once it is known which sets are on: those that are have
density 1, the others density 0.  With :math:`\pi_c` the probability that exactly the sets of c are
on,

.. math:: L(W, b) = \sum_c \pi_c\, L_{\text{independent}}(W, b;\ p^{(c)}),
    \qquad p^{(c)}_j = 1[j \in c] \text{ in a set}, \quad p_j \text{ outside of all},

so the compiled series of independent features gives loss, gradient and Hessian, a hundred times
faster than the series of the law itself (:mod:`numerics.characteristic`), its judge in the tests.
A law of k sets has :math:`2^k` terms; independent features are the mixture of one.

**Linear models** have a loss of mean :math:`\mu` and covariance C alone: with M = WᵀW

.. math:: L = \operatorname{tr}\,(1 - M)\, C\, (1 - M)^\top + |(1 - M)\mu - b|^2.

A point is a row of numbers, W flattened, then b, as in :mod:`numerics.objective`; losses are in the
unit of that module.
"""

from itertools import product
from math import prod
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from theory.laws import FeatureLaw

from .compiled.batches import hessians, loss_and_gradient, tied_loss_and_gradient
from .objective import law_unit

__all__ = ["Landscape", "LinearLoss", "MixtureLoss"]

MOST_SETS = 6
_ACCURACY = 1e-11  # of the loss, in its unit
_CURVATURE = 1e-9  # of the loss behind the Hessian

Array = NDArray[np.float64]


class Landscape(Protocol):
    """What flows and searches for critical points need of a loss; a point is W, then b."""

    hidden: int
    features: int

    def model(self, x: Array) -> tuple[Array, Array]:
        """Return W (m, n) and b (n,) of a point."""

    def value(self, x: Array) -> tuple[float, Array]:
        """Return the loss in its unit and its gradient."""

    def hessian(self, x: Array) -> Array:
        """Return the Hessian, at a kink that of one side."""


def _model(x: Array, hidden: int, features: int) -> tuple[Array, Array]:
    cut = hidden * features
    return x[:cut].reshape(hidden, features), x[cut:]


def _hessian(W: Array, blocks: Array, D: Array) -> Array:
    r"""Return the Hessian by the variables.

    Output i depends on row i of :math:`M = W^\top W` and on :math:`b_i` with the matrix
    :math:`H_i`, ``blocks``; with :math:`J_i` the derivative of both by the variables and D the
    gradient by M the Hessian is :math:`\sum_i J_i^\top H_i J_i` and, for every hidden dimension,
    :math:`D + D^\top`.
    """
    m, n = W.shape
    total = np.zeros(((m + 1) * n, (m + 1) * n))
    for i in range(n):
        by_W = np.zeros((n + 1, m, n))
        by_W[np.arange(n), :, np.arange(n)] += W[:, i]
        by_W[:n, :, i] += W.T
        J = np.concatenate([by_W.reshape(n + 1, m * n), np.zeros((n + 1, n))], 1)
        J[n, m * n + i] = 1.0
        total += J.T @ blocks[i] @ J
    for k in range(m):
        own = slice(k * n, (k + 1) * n)
        total[own, own] += D + D.T
    return np.asarray((total + total.T) / 2)


class LinearLoss:
    """The loss of x' = WᵀWx + b, in the unit of the same law.

    Parameters
    ----------
    hidden, features, density, law
        As for :class:`MixtureLoss`.
    """

    def __init__(self, hidden: int, features: int, density: float, law: FeatureLaw) -> None:
        self.hidden, self.features = hidden, features
        q = torch.full((features,), density, dtype=torch.float64)
        self.unit = float(law_unit(q, torch.ones_like(q), law))
        mean, square = float(law.mean), float(law.second_moment)
        pairs = np.full((features, features), density**2)  # probability that both are on
        for members in law.sets:
            pairs[np.ix_(members, members)] = density
        moments = mean**2 * pairs
        np.fill_diagonal(moments, square * density)
        means = np.full((features, 1), mean * density)
        # second moments of (x, 1)
        self._moments = np.block([[moments, means], [means.T, np.ones((1, 1))]]) / self.unit

    def model(self, x: Array) -> tuple[Array, Array]:
        """Return W (m, n) and b (n,) of a point."""
        return _model(x, self.hidden, self.features)

    def _error(self, x: Array) -> Array:
        """Return the matrix of the error as a function of (x, 1), (n, n + 1)."""
        W, b = self.model(x)
        return np.concatenate([W.T @ W - np.eye(self.features), b[:, None]], 1)

    def value(self, x: Array) -> tuple[float, Array]:
        """Return the loss in its unit and its gradient."""
        error, (W, _) = self._error(x), self.model(x)
        slope = 2 * error @ self._moments
        D = slope[:, :-1]
        return float((error * slope).sum() / 2), np.concatenate(
            [(W @ (D + D.T)).ravel(), slope[:, -1]]
        )

    def hessian(self, x: Array) -> Array:
        """Return the Hessian."""
        blocks = np.broadcast_to(2 * self._moments, (self.features, *self._moments.shape))
        return _hessian(self.model(x)[0], blocks, 2 * (self._error(x) @ self._moments)[:, :-1])


class MixtureLoss:
    """The loss of x' = ReLU(WᵀWx + b), float64.

    Parameters
    ----------
    hidden, features
        m and n.
    density
        P(x_i ≠ 0) of every feature.
    law
        ``independent`` or ``correlated``, amplitudes uniform on [0, 1].

    Raises
    ------
    ValueError
        If the law is another one, or has too many sets.
    """

    def __init__(self, hidden: int, features: int, density: float, law: FeatureLaw) -> None:
        if law.kind not in ("independent", "correlated") or law.amplitude != "uniform":
            raise ValueError(
                f"law {law} with {law.amplitude} amplitudes is no mixture of independent uniform "
                "features; use independent or correlated, uniform"
            )
        if len(law.sets) > MOST_SETS:
            raise ValueError(f"{len(law.sets)} sets have too many states; use up to {MOST_SETS}")
        law.blocks(features)
        self.hidden, self.features, self.density, self.law = hidden, features, density, law
        rows, chances = [], []
        for on in product((False, True), repeat=len(law.sets)):
            row = np.full(features, density)
            for members, switched in zip(law.sets, on, strict=True):
                row[list(members)] = float(switched)
            rows.append(row)
            chances.append(prod(density if switched else 1 - density for switched in on))
        kept = [k for k, chance in enumerate(chances) if chance > 0]
        self._p = torch.tensor(np.array(rows)[kept])
        q = torch.full((features,), density, dtype=torch.float64)
        self.unit = float(law_unit(q, torch.ones_like(q), law))
        shares = torch.tensor([chances[k] for k in kept], dtype=torch.float64) / self.unit
        self._weight = shares[:, None].expand(-1, features).contiguous()

    def model(self, x: Array) -> tuple[Array, Array]:
        """Return W (m, n) and b (n,) of a point."""
        return _model(x, self.hidden, self.features)

    def _tolerance(self, accuracy: float) -> Tensor:
        return torch.full((len(self._p),), accuracy / len(self._p), dtype=torch.float64)

    def value(self, x: Array) -> tuple[float, Array]:
        """Return the loss in its unit and its gradient."""
        W, b = self.model(x)
        terms = len(self._p)
        loss, by_W, by_b, _ = tied_loss_and_gradient(
            torch.from_numpy(W).expand(terms, -1, -1),
            torch.from_numpy(b).expand(terms, -1),
            self._p,
            self._weight,
            self._tolerance(_ACCURACY),
        )
        slope = np.concatenate([by_W.numpy().sum(0).ravel(), by_b.numpy().sum(0)])
        return float(loss.sum()), slope

    def hessian(self, x: Array) -> Array:
        """Return the Hessian, at a kink that of one side."""
        W, b = self.model(x)
        terms = len(self._p)
        M = torch.from_numpy(W.T @ W).expand(terms, -1, -1)
        given = (M, torch.from_numpy(b).expand(terms, -1), self._p, self._weight)
        blocks = hessians(*given, self._tolerance(_CURVATURE)).numpy().sum(0)
        _, by_M, _, _ = loss_and_gradient(*given, self._tolerance(_ACCURACY))
        return _hessian(W, blocks, by_M.numpy().sum(0))
