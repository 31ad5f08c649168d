r"""Whether a model is a minimum: the least curvature of the loss around it.

Two kinds of directions are left out.  Rotations of the hidden space, :math:`\dot W = A W` with A
antisymmetric, change nothing.  Columns of dropped features (norm below 0.1) are left out because
the loss is only :math:`C^{1,1}` where they vanish, with one quadratic form on either side.

What remains has an ordinary Hessian unless the model sits on a kink: a bias at 0, where an output
with nothing active switches on, or at minus the own gain.  The curvature is then that of one side,
and the status says so (also where, as at density 1, no such state has any probability).

Products with the Hessian are in single precision, so a curvature is good to about 1e-4 of itself
and 1e-7 of the largest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from theory.phases import DROPPED_NORM

from .newton import Model, TiedProblem

__all__ = ["Stability", "stability"]

Array = NDArray[np.float64]

_DENSE = 700  # variables up to which the Hessian is formed whole
_ACCURACY = 1e-11  # of the loss behind the Hessian
_KINK = 1e-9  # distance from a kink below which a curvature is one-sided
_ITERATIONS = 3000


@dataclass(frozen=True, slots=True)
class Stability:
    """The least curvature in units of the loss unit, or None, and what it is.

    ``status`` is ``smooth``, ``one-sided`` (the model sits on a kink) or ``undecided`` (the
    eigenvalue did not converge).
    """

    curvature: float | None
    status: str


def _rotations(W: Array, kept: NDArray[np.bool_]) -> Array:
    """Return an orthonormal basis of rotations within the kept variables, (variables, k)."""
    m, n = W.shape
    columns = []
    for k in range(m):
        for l in range(k):
            turned = np.zeros_like(W)
            turned[k], turned[l] = W[l], -W[k]
            columns.append(np.concatenate([turned.ravel(), np.zeros(n)])[kept])
    if not columns:
        return np.zeros((int(kept.sum()), 0))
    basis, sizes, _ = np.linalg.svd(np.array(columns).T, full_matrices=False)
    return np.asarray(basis[:, sizes > 1e-9 * max(1.0, sizes[0])])


def stability(problem: TiedProblem, model: Model) -> Stability:
    """Return the least curvature of a tied model of ``problem``."""
    W, b = model.W, model.b
    m, n = W.shape
    gains = (W**2).sum(0)
    stored = np.sqrt(gains) >= DROPPED_NORM
    kept = np.concatenate([np.tile(stored, m), np.ones(n, bool)])
    edges = np.minimum(np.abs(b), np.abs(b + gains))
    status = "one-sided" if (edges < _KINK).any() else "smooth"
    H = problem.curvature(model, _ACCURACY)
    Q = _rotations(W, kept)
    size = int(kept.sum())

    def product(v: Array) -> Array:
        v = v - Q @ (Q.T @ v)
        whole = np.zeros(len(kept))
        whole[kept] = v
        image = (H @ whole)[kept]
        return np.asarray(image - Q @ (Q.T @ image))

    # rotations are lifted out of the way by more than the largest curvature
    lift = 10 * float(np.abs(H.diagonal()).max()) + 1.0
    if size <= _DENSE:
        whole = np.array([product(e) for e in np.eye(size)])
        values = np.linalg.eigvalsh((whole + whole.T) / 2 + lift * Q @ Q.T)
        return Stability(float(values[0]), status)
    operator = LinearOperator(
        (size, size), matvec=lambda v: product(v.ravel()) + lift * (Q @ (Q.T @ v.ravel()))
    )
    start = np.random.default_rng(0).standard_normal(size)
    try:
        values = eigsh(
            operator, k=1, which="SA", v0=start, tol=1e-4, maxiter=_ITERATIONS,
            return_eigenvectors=False,
        )  # fmt: skip
    except ArpackNoConvergence:
        return Stability(None, "undecided")
    return Stability(float(values[0]), status)
