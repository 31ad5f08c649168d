r"""The toy model's own energy of N unit vectors, and the arrangements that make it least.

With exactly one active feature, uniform on [0, 1], unit norms and no bias, output j of the model
(arXiv 2209.10652, section 2) sees :math:`\mathrm{ReLU}(x\,c_{ij})` where feature i is on, and errs
by its square; the output of i itself is right.  Since :math:`E x^2 = 1/3`, the expected loss is a
third of

.. math:: E = \sum_{i \ne j} \max(c_{ij}, 0)^2,

averaged over i.  Negative cosines cost nothing, so repulsion ends at a right angle, and it vanishes
between points that coincide: those cost 2, no more.

**Derivatives.**  By :math:`x_i` the gradient is :math:`4 \sum_j \max(c_{ij}, 0)\, x_j`, projected
on the tangent space.  The second derivative jumps where a cosine is 0, and minima have right angles
(the poles of a bipyramid), so Newton's method is the semismooth one: a pair within
:data:`_RIGHT` of a right angle counts as one that repels.  The curvature that decides between
``converged`` and ``saddle`` is that on this, the steeper, side.

**Zero energy.**  All cosines can be 0 or less if and only if N ≤ 2d.  Below 2d the arrangements of
no energy are a continuum, of which a search gives some member (for d + 2 ≤ N < 2d they fall apart
into orthogonal blocks); at N = 2d the only one is the cross-polytope.
"""

import numpy as np
from scipy.linalg import block_diag

from ..progress import Report
from .arrangements import Arrangement
from .descent import descended, settled
from .multistart import lowest
from .riesz import Array, tangent_bases

__all__ = [
    "is_continuum",
    "least_toy_energy",
    "toy_derivatives",
    "toy_energy",
    "toy_gradient",
]

_SAME = 1e-8  # difference of E below which two ends are one minimum
_RIGHT = 1e-9  # cosine from which on a pair repels, for second derivatives


def _repulsion(x: Array) -> Array:
    """Return max(cos, 0) between different points (N, N)."""
    c = x @ x.T
    np.fill_diagonal(c, 0.0)
    return np.asarray(np.maximum(c, 0.0))


def toy_energy(x: Array) -> float:
    """Return E, the sum over ordered pairs of unit vectors (N, d).

    Examples
    --------
    >>> toy_energy(np.array([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]]))
    2.0
    """
    return float((_repulsion(x) ** 2).sum())


def toy_gradient(x: Array) -> tuple[float, Array]:
    """Return E and its gradient on the spheres (N, d), of unit vectors (N, d)."""
    r = _repulsion(x)
    g = 4 * r @ x
    return float((r**2).sum()), g - (g * x).sum(1, keepdims=True) * x


def toy_derivatives(x: Array) -> tuple[Array, Array]:
    """Return gradient (N(d−1),) and Hessian of E on the spheres, in ``riesz.tangent_bases``."""
    N, d = x.shape
    r = _repulsion(x)
    repels = 4.0 * (x @ x.T > -_RIGHT)
    np.fill_diagonal(repels, 0.0)
    g = 4 * r @ x
    blocks = np.einsum("ij,ja,ib->iajb", repels, x, x) + np.einsum("ij,ab->iajb", 4 * r, np.eye(d))
    own = np.einsum("ij,ja,jb->iab", repels, x, x) - (g * x).sum(1)[:, None, None] * np.eye(d)
    blocks[np.arange(N), :, np.arange(N), :] += own
    T = block_diag(*tangent_bases(x))
    return T.T @ g.ravel(), T.T @ blocks.reshape(N * d, N * d) @ T


def is_continuum(points: int, dim: int) -> bool:
    """Whether the arrangements of least energy are those of no energy, more than one shape."""
    return points < 2 * dim


def least_toy_energy(
    points: int,
    dim: int = 3,
    *,
    starts: int | None = None,
    seed: int = 0,
    progress: Report | None = None,
) -> Arrangement:
    """Return the arrangement of least toy energy found for N unit vectors.

    Parameters
    ----------
    points, dim
        N ≥ 2 points in d ≥ 2 dimensions.
    starts
        Number of starts; by default as many as it takes (:mod:`.multistart`).
    seed
        Root of the random starts; the same seed gives the same bits on one machine.
    progress
        Called with (starts done, starts in all, what is going on).

    Raises
    ------
    ValueError
        For fewer than two points or dimensions, or no start.
    """
    return lowest(
        points,
        dim,
        descend=lambda x: descended(x, toy_gradient),
        polish=lambda x: settled(x, toy_derivatives),
        energy=toy_energy,
        same=_SAME,
        starts=starts,
        seed=seed,
        progress=progress,
    )
