r"""The end of a packing: sequential linear programmes, then Newton's method on the contacts.

A packing is best locally when no small motion of its points lowers the largest cosine t.  To first
order a tangent step v changes :math:`c_{ij} = x_i \cdot x_j` by :math:`v_i \cdot x_j + x_i \cdot
v_j`, so the best step within a trust region is a linear programme,

.. math::

    \min\ t \quad\text{such that}\quad \sigma\,(c_{ij} + v_i \cdot x_j + x_i \cdot v_j) \le t,
    \qquad |v| \le \rho,

over the pairs near the largest (σ = 1, or both signs for lines).  A packing whose points are held
by their contacts is a vertex of it, and the convergence is quadratic.  Where the programme promises
no more, the packing is stationary: its multipliers are a stress, the pushing forces in balance that
prove that no motion improves it to first order.  The contacts that carry stress (and any others as
close) then give equations :math:`\sigma c_{ij} = t`, solved by Newton's method to rounding.  Points
without a contact (rattlers) stay where they are.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, hstack

from .descent import retracted
from .riesz import Array, tangent_bases

__all__ = ["Packed", "largest_cosine", "packed_from"]

_STEPS = 60
_RADIUS = 0.02  # of the first trust region
_PROMISE = 1e-11  # promised gain below which the programme has ended
_CONTACT = 1e-7  # cosines this close to the largest are contacts
_LP_ERROR = 1e-10  # feasibility of the programme's solutions, its smallest


@dataclass(frozen=True, slots=True)
class Packed:
    """Where the programmes ended.

    Attributes
    ----------
    x
        Unit vectors (N, d).
    cosine
        The largest cosine (its absolute value, for lines).
    contacts
        Pairs (K, 2) at that cosine.
    promise
        What the last programme promised to lower it by, within its trust region.
    """

    x: Array
    cosine: float
    contacts: NDArray[np.int64]
    promise: float

    @property
    def status(self) -> str:
        """Say ``converged`` or ``max_steps``."""
        return "converged" if self.promise <= 10 * _PROMISE else "max_steps"


def _cosines(x: Array, lines: bool) -> tuple[NDArray[np.int64], Array, Array]:
    """Return pairs (P, 2), signs (P,) and signed cosines (P,)."""
    pairs = np.stack(np.triu_indices(len(x), 1), axis=1)
    c = (x @ x.T)[pairs[:, 0], pairs[:, 1]]
    if not lines:
        return pairs, np.ones(len(c)), c
    signs = np.repeat([1.0, -1.0], len(c))
    return np.vstack([pairs, pairs]), signs, np.concatenate([c, -c])


def largest_cosine(x: Array, lines: bool = False) -> float:
    """Return the largest cosine between two of the unit vectors (N, d), absolute for lines."""
    return float(_cosines(x, lines)[2].max())


def _changes(x: Array, pairs: NDArray[np.int64], signs: Array) -> coo_array:
    """Return the derivative (P, N(d−1)) of signed cosines by a tangent step."""
    N, d = x.shape
    bases = tangent_bases(x)
    i, j = pairs.T
    by_i = signs[:, None] * np.einsum("pde,pd->pe", bases[i], x[j])
    by_j = signs[:, None] * np.einsum("pde,pd->pe", bases[j], x[i])
    rows = np.repeat(np.arange(len(pairs)), 2 * (d - 1))
    e = np.arange(d - 1)
    columns = np.concatenate([i[:, None] * (d - 1) + e, j[:, None] * (d - 1) + e], axis=1)
    values = np.concatenate([by_i, by_j], axis=1)
    return coo_array((values.ravel(), (rows, columns.ravel())), shape=(len(pairs), N * (d - 1)))


def _best_step(x: Array, t: float, radius: float, lines: bool) -> tuple[Array, float] | None:
    """Return the step of the linear programme and the cosine it promises, None if it fails."""
    pairs, signs, c = _cosines(x, lines)
    near = c > t - 4 * radius * np.sqrt(x.shape[1])
    A = _changes(x, pairs[near], signs[near])
    constraints: Any = hstack([A, coo_array(-np.ones((A.shape[0], 1)))]).tocsc()  # not in stubs
    size = A.shape[1]
    solved = linprog(
        np.concatenate([np.zeros(size), [1.0]]),
        A_ub=constraints,
        b_ub=t - c[near],
        bounds=[*[(-radius, radius)] * size, (-2 * radius * x.shape[1], 0)],
        method="highs",
        options={
            "primal_feasibility_tolerance": _LP_ERROR,
            "dual_feasibility_tolerance": _LP_ERROR,
        },
    )
    if solved.x is None:
        return None
    return solved.x[:-1], float(solved.x[-1])


def packed_from(x: Array, *, lines: bool = False) -> Packed:
    """Return the packing that sequential linear programmes reach from unit vectors (N, d)."""
    t, radius, promise = largest_cosine(x, lines), _RADIUS, np.inf
    for _ in range(_STEPS):
        found = _best_step(x, t, radius, lines)
        if found is None:
            break
        step, gain = found
        promise = -gain
        if promise <= _PROMISE:
            break
        trial = retracted(x, step)
        reached = largest_cosine(trial, lines)
        if reached < t - 0.1 * promise:
            if reached < t - 0.7 * promise:
                radius *= 2
            x, t = trial, reached
        else:
            radius /= 4
    x = _settled(x, lines)
    pairs, _, c = _cosines(x, lines)
    return Packed(x, float(c.max()), pairs[c > c.max() - _CONTACT], promise)


def _settled(x: Array, lines: bool) -> Array:
    """Make all cosines that are within ``_CONTACT`` of the largest equal to it, if they can be."""
    pairs, signs, c = _cosines(x, lines)
    contact = c > c.max() - _CONTACT
    pairs, signs = pairs[contact], signs[contact]
    best, least = x, c.max()
    for _ in range(4):
        c = signs * (x[pairs[:, 0]] * x[pairs[:, 1]]).sum(1)
        A = np.hstack([_changes(x, pairs, signs).toarray(), -np.ones((len(c), 1))])
        step = np.linalg.lstsq(A, c.mean() - c, rcond=1e-9)[0]
        x = retracted(x, step[:-1])
        reached = largest_cosine(x, lines)
        if reached < least:
            best, least = x, reached
    return best
