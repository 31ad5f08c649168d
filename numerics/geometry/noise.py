r"""How far noise carries vectors, cosines and singular values from where they would be.

Take unit vectors in m dimensions, noise of standard deviation σ added to each coordinate, then
normalised.  The noise of a trained model is not known beforehand; the *level* is the most that is
taken for noise at all, :data:`LARGEST` by default.  To first order in σ:

* *Cosines* of vectors in orthogonal blocks, :math:`n_i \cdot v_j + v_i \cdot n_j`, are normal with
  standard deviation :math:`\sqrt2\,\sigma`; the greatest of N of them exceeds
  :math:`\sqrt2\,\sigma z` with probability at most α for :math:`P(|z'| > z) = \alpha/N`.
* *Singular values* of the noise of k vectors are at most :math:`\sigma(\sqrt m + \sqrt k + t)` with
  probability :math:`1 - e^{-t^2/2}` (K. R. Davidson and S. J. Szarek 2001), while those of a
  block in d dimensions are about :math:`\sqrt{k/d} \ge 1`.  Smaller ones are no dimensions.
* *Residuals.*  k vectors that span d dimensions have :math:`k(d - 1)` tangential coordinates
  inside, of which the best rotation fits :math:`d(d - 1)/2`, and :math:`k(m - d)` outside, of which
  the best subspace fits :math:`d(m - d)`.  So with

  .. math:: \nu_{in} = k(d - 1) - d(d - 1)/2, \qquad \nu_{out} = (k - d)(m - d)

  the sums of squared residuals are :math:`\sigma^2\chi^2_\nu`: the expected residual per vertex is
  :math:`\sigma\sqrt{\nu/k}`, and a quantile of :math:`\chi^2` is its tolerance.

Let two shapes have best fits that are Δ apart (Euclidean, over all vertices), and sums of squared
residuals :math:`R_1 \le R_2`.  Along the line from the first fit to the second the block lies the
share t of the way, and the noise is estimated from the residuals across that line:

.. math:: t = \frac{R_1 - R_2 + \Delta^2}{2\Delta^2},
    \qquad \hat\sigma^2 = \frac{R_1 - t^2\Delta^2}{\nu_{in} + \nu_{out} - 1} .

So the block is :math:`z = (\frac12 - t)\,\Delta/\hat\sigma` standard errors from the middle.  The
first shape is told from the second if z is at least :data:`APART` and t at most :data:`PART_WAY`,
however small the noise: a block between two shapes is neither.
"""

from math import comb, sqrt

from scipy.stats import chi2, norm

__all__ = [
    "APART",
    "LARGEST",
    "MOST",
    "PART_WAY",
    "TAIL",
    "freedom_inside",
    "freedom_outside",
    "largest_cosine",
    "largest_residual",
    "largest_singular_value",
    "least_square_of_bases",
    "tells_apart",
    "upper_estimate",
]

LARGEST = 0.02  # standard deviation per coordinate of unit vectors, by default
MOST = 0.1  # a level above it would take every vector for noise
APART = 2.0  # standard errors from the middle between two shapes
PART_WAY = 1 / 3  # from one shape to the other
_CHANCE = 1e-5  # of taking noise for a deviation
TAIL = 5.0  # e^(-t²/2) is 4e-6
_SURELY_DEPENDENT, _AT_MOST_DEPENDENT = 1e-3, 0.25
_SURELY_A_DIMENSION = 0.8  # singular values of tight frames are at least 1


def freedom_inside(k: int, d: int) -> int:
    """Return the degrees of freedom of residuals in the d dimensions of k vectors."""
    return k * (d - 1) - comb(d, 2)


def freedom_outside(k: int, d: int, m: int) -> int:
    """Return the degrees of freedom of residuals in the m - d other dimensions."""
    return (k - d) * (m - d)


def largest_cosine(pairs: int, level: float) -> float:
    """Return the greatest cosine that noise gives so many pairs of orthogonal vectors."""
    return float(sqrt(2) * level * norm.isf(_CHANCE / 2 / max(pairs, 1)))


def largest_singular_value(m: int, k: int, level: float) -> float:
    """Return the singular value of k unit vectors in m dimensions below which all is noise."""
    return min(level * (sqrt(m) + sqrt(k) + TAIL), _SURELY_A_DIMENSION)


def least_square_of_bases(m: int, r: int, level: float) -> float:
    """Return the squared singular value below which r basis vectors in m dimensions depend.

    It is 0 for each dependency and 1 for bases of orthogonal blocks, which noise lowers.
    """
    lowered = max(1 - level * (sqrt(m) + sqrt(r)), 0.0) ** 2
    return min(max(lowered, _SURELY_DEPENDENT), _AT_MOST_DEPENDENT)


def largest_residual(k: int, freedom: int, level: float) -> float:
    """Return the root mean square per vertex, of k vertices, that noise accounts for."""
    return float(level * sqrt(chi2.isf(_CHANCE, max(freedom, 1)) / k))


def upper_estimate(squares: float, freedom: int) -> float:
    """Return a standard deviation that noise of this sum of squares hardly exceeds."""
    return float(sqrt(squares / chi2.ppf(1e-3, freedom))) if freedom else LARGEST


def tells_apart(first: float, second: float, distance: float, freedom: int) -> bool:
    """Tell whether the first of two shapes is nearer beyond the noise.

    Parameters
    ----------
    first, second
        Sums of squared residuals, the first the smaller one.
    distance
        Between the two fits.
    freedom
        Degrees of freedom of the residuals.
    """
    if distance == 0:
        return False
    along = (first - second + distance**2) / (2 * distance)
    estimate = sqrt(max(first - along**2, 0.0) / max(freedom - 1, 1))
    return along <= PART_WAY * distance and distance / 2 - along >= APART * estimate
