r"""How many nearly orthogonal directions fit: bounds on codes and lines, and constructions.

For N unit vectors in d dimensions let s be the largest cosine of two of them (a *code*; what a ReLU
network minds, negative cosines being free) and c the largest absolute cosine (*lines*).

**From the sum.** :math:`0 \le |\sum x_i|^2 \le N + N(N-1)s` gives :math:`s \ge -1/(N-1)`, equality
for the regular simplex; and N vectors with all cosines negative are at most d + 1: of two
dependences :math:`\sum a_i x_i = 0` one has coefficients of both signs, and the square of its
positive half is a sum of negative terms.  So :math:`s \ge 0` from N = d + 2 on (Rankin),
attained while N ≤ 2d.

**From the frame.** :math:`\sum_{ij} \cos^{2k}_{ij} \ge N^2 / \binom{d+k-1}{k}`, as the k-th tensor
powers have trace N on a space of that dimension (Cauchy-Schwarz); hence Welch's bounds, for each k,

.. math::

    c^{2k} \ge \frac{1}{N-1}\Bigl(\frac{N}{\binom{d+k-1}{k}} - 1\Bigr),
    \qquad k = 1:\; N \le \frac{d(1-c^2)}{1-dc^2} \text{ where } dc^2 < 1 \text{ (relative bound)}.

Projections :math:`x x^\top - 1/d` live in :math:`d(d+1)/2 - 1` dimensions with cosines
:math:`(dc_{ij}^2-1)/(d-1)`; Rankin's bound there says :math:`c^2 \ge 1/d` for more than
:math:`d(d+1)/2` lines (orthoplex), and as equiangular ones are independent there are at most
:math:`d(d+1)/2` of them (Gerzon).

**From a polynomial** (Delsarte).  Let f have nonnegative coefficients :math:`f_k` in the
Gegenbauer polynomials, :math:`f_0 > 0`, and :math:`f \le 0` on [−1, s].  Then
:math:`f_0 N^2 \le \sum_{ij} f(\cos_{ij}) \le N f(1)`, so :math:`N \le f(1)/f_0`.  Levenshtein's are

.. math::

    f(t) = (t - s)(t + 1)^\epsilon K(t, s)^2, \qquad \epsilon \in \{0, 1\},

K the kernel of the first k orthonormal polynomials for the weight :math:`(1-t)(1+t)^\epsilon`
times that of the sphere.  For lines t is :math:`2c^2 - 1` and the polynomials are Jacobi's with
:math:`\beta = -1/2`.  Here every f is tried and its coefficients are computed: only those that are
nonnegative count, so a bound does not rest on knowing for which s each is valid.

**From volume.** A largest set of lines with |cos| ≤ c leaves no direction further from all of
them, so N caps of both ends cover the sphere: :math:`N \ge 1/P(|x_1| > c)`, exponential in d.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import acos, ceil, comb, floor, pi, sqrt

import numpy as np
from scipy.special import betainc, eval_jacobi, roots_jacobi

__all__ = [
    "codes_at_most",
    "delsarte_bound",
    "gerzon_bound",
    "kissing_number",
    "levenshtein_square",
    "lines_at_least",
    "lines_at_most",
    "orthoplex_square",
    "rankin_cosine",
    "relative_bound",
    "welch_square",
]

_ROUNDING = 1e-9
_ERROR = 1e-14  # of a coefficient, f(1) being 1
_FAINTEST = 1e-11  # f_0 below which a coefficient says nothing
_SMALLEST = 1e-300  # share of the sphere that still counts
_LARGEST_DEGREE = 20  # of the kernel

_KISSING = {  # arXiv 2412.00937
    2: (6, 6),
    3: (12, 12),
    4: (24, 24),
    5: (40, 44),
    6: (72, 78),
    7: (126, 134),
    8: (240, 240),
    24: (196560, 196560),
}
_EQUIANGULAR = (  # tight: (d, N); arXiv 0811.2779, Paley matrices, Naimark complements
    *((3, 6), (5, 10), (6, 16), (7, 14), (7, 28), (9, 18), (10, 16), (13, 26)),
    *((15, 30), (15, 36), (23, 276)),
)
_OTHERS = (  # (d, N, c²): axes of the cube and octahedron, roots and minimal vectors up to sign
    *((3, 7, Fraction(1, 3)), (4, 12, Fraction(1, 4)), (6, 36, Fraction(1, 4))),
    *((7, 63, Fraction(1, 4)), (8, 120, Fraction(1, 4)), (24, 98280, Fraction(1, 4))),
)


def _check(points: int | None, d: int) -> None:
    if d < 1:
        raise ValueError(f"{d} dimensions hold no vector; give at least 1")
    if points is not None and points < 2:
        raise ValueError(f"{points} vectors have no cosine; give at least 2")


def _check_cosine(cosine: float, least: float) -> None:
    if not least <= cosine < 1:
        raise ValueError(f"cosine must be in [{least:g}, 1), got {cosine}")


def rankin_cosine(N: int, d: int) -> Fraction:
    """Return what the largest cosine of N unit vectors in d dimensions cannot be below.

    Attained up to N = 2d.

    Examples
    --------
    >>> rankin_cosine(4, 3), rankin_cosine(6, 3)
    (Fraction(-1, 3), Fraction(0, 1))
    """
    _check(N, d)
    return Fraction(0) if d + 1 < N else Fraction(-1, N - 1)


def welch_square(N: int, d: int, order: int = 1) -> Fraction:
    """Return Welch's lower bound on c^(2 order) for N lines in d dimensions, 0 if it says nothing.

    For order 1 attained by tight equiangular frames and only by them.

    Examples
    --------
    >>> welch_square(6, 3)
    Fraction(1, 5)
    """
    _check(N, d)
    if order < 1:
        raise ValueError(f"order must be at least 1, got {order}")
    return max(Fraction(0), (Fraction(N, comb(d + order - 1, order)) - 1) / (N - 1))


def orthoplex_square(N: int, d: int) -> Fraction:
    """Return the lower bound 1/d on c² for N > d(d + 1)/2 lines in d dimensions, else 0."""
    _check(N, d)
    return Fraction(1, d) if gerzon_bound(d) < N else Fraction(0)


def levenshtein_square(N: int, d: int) -> Fraction:
    """Return Levenshtein's lower bound on c² for N > d(d + 1)/2 lines in d dimensions, else 0.

    (3N − d² − 2d) / ((d + 2)(N − d)), from f = t²(t² − c²); attained by 12 lines in 4 dimensions
    (24-cell) and 120 in 8 (E8).
    """
    _check(N, d)
    if gerzon_bound(d) >= N:
        return Fraction(0)
    return Fraction(3 * N - d * d - 2 * d, (d + 2) * (N - d))


def gerzon_bound(d: int) -> int:
    """Return d(d + 1)/2, the largest number of equiangular lines there could be."""
    _check(None, d)
    return d * (d + 1) // 2


def relative_bound(square: Fraction, d: int) -> Fraction | None:
    """Return the largest N with Welch's bound at most c² = ``square``; None where d c² ≥ 1."""
    _check(None, d)
    return None if d * square >= 1 else d * (1 - square) / (1 - d * square)


def _levenshtein(s: float, alpha: float, beta: float) -> Iterator[float]:
    """Yield f(1)/f_0 of each f of the module whose coefficients are nonnegative."""
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is passed over
        yield from _bounds(s, alpha, beta)


def _bounds(s: float, alpha: float, beta: float) -> Iterator[float]:
    nodes, weights = roots_jacobi(2 * _LARGEST_DEGREE + 2, alpha, beta)
    weights = weights / weights.sum()
    t = np.append(nodes, [s, 1.0])
    everything = [eval_jacobi(i, alpha, beta, t) for i in range(2 * _LARGEST_DEGREE + 1)]
    for even in (0, 1):
        factor = (1 - nodes) * (1 + nodes) ** even
        kernel = np.zeros_like(t)
        for k in range(_LARGEST_DEGREE):
            p = eval_jacobi(k, alpha + 1, beta + even, t)
            kernel += p * p[-2] / float(weights @ (factor * p[:-2] ** 2))
            f = (t - s) * (t + 1) ** even * kernel**2
            if not np.isfinite(f).all() or f[-1] <= 0:
                break
            f = f / f[-1]
            degree = 2 * k + 1 + even
            coefficients = [
                float(weights @ (f[:-2] * P[:-2])) * P[-1] / float(weights @ P[:-2] ** 2)
                for P in everything[: degree + 1]
            ]
            if coefficients[0] > _FAINTEST and min(coefficients) >= -_ERROR:
                yield float(1 / coefficients[0])


def delsarte_bound(cosine: float, d: int, *, lines: bool = False) -> float:
    """Return Levenshtein's bound on the number of unit vectors in d ≥ 2 dimensions, or lines.

    Parameters
    ----------
    cosine
        Largest cosine s in [−1, 1), or largest absolute cosine c in [0, 1) of lines.
    d
        Dimensions.
    lines
        Whether to bound lines.

    Returns
    -------
    float
        Relative error about 1e-14 of its size; inf if no polynomial of degree up to 40 says
        anything, or only that N < 1e11.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> round(delsarte_bound(0.5, 8), 6), round(delsarte_bound(0.5, 8, lines=True), 6)
    (240.0, 120.0)
    """
    if d < 2:
        raise ValueError(f"the bound needs at least 2 dimensions, got {d}")
    _check_cosine(cosine, 0 if lines else -1)
    alpha = (d - 3) / 2
    s, beta = (2 * cosine**2 - 1, -0.5) if lines else (cosine, alpha)
    return min(_levenshtein(s, alpha, beta), default=float("inf"))


def _whole(bound: float) -> int | None:
    """Return the largest integer up to a bound, None if it is infinite."""
    return None if bound == float("inf") else floor(bound * (1 + _ROUNDING + _ERROR * bound))


def codes_at_most(cosine: float, d: int) -> int | None:
    """Return a number that N unit vectors in d ≥ 2 dimensions with cosines ≤ s cannot exceed.

    None if no bound is known here (s large).
    """
    bound = delsarte_bound(cosine, d)
    return _whole(min(bound, d + 1) if cosine < 0 else bound)


def lines_at_most(cosine: float, d: int) -> int | None:
    """Return a number that N lines in d dimensions with |cos| ≤ c cannot exceed.

    None if no bound is known here (c large).

    Examples
    --------
    >>> lines_at_least(0.34, 7), lines_at_most(0.34, 7)
    (28, 28)
    """
    _check(None, d)
    _check_cosine(cosine, 0)
    return 1 if d == 1 else _whole(delsarte_bound(cosine, d, lines=True))


def _alone(square: float, d: int) -> int:
    """Return the most lines of one construction in exactly d dimensions, with c² ≤ square."""
    square += _ROUNDING**1.5
    best = d + 1 if d * d * square >= 1 else d
    if d == 2:
        best = max(best, floor(pi / acos(min(sqrt(square), 1.0)) + _ROUNDING))
    if d > 1:
        caps = max(float(betainc((d - 1) / 2, 0.5, 1 - square)), _SMALLEST)
        best = max(best, ceil((1 - _ROUNDING) / caps - _ROUNDING))
    if d > 1 and square >= 0.25:
        best = max(best, d * (d - 1))  # the roots ±e_i ± e_j
    if d in (4**k for k in range(1, 12)) and d * square >= 1:
        best = max(best, d * d // 2 + d)  # unbiased bases from Kerdock codes
    listed = [*((k, N, welch_square(N, k)) for k, N in _EQUIANGULAR), *_OTHERS]
    return max(best, *(N for k, N, attained in listed if k == d and attained <= square), 0)


def lines_at_least(cosine: float, d: int) -> int:
    """Return a number of lines in d dimensions with |cos| ≤ c that exists.

    The best of bases, simplices, polygons, tight equiangular frames, root systems, minimal vectors
    of lattices, real mutually unbiased bases (d/2 + 1 of them for d a power of 4: Calderbank,
    Cameron, Kantor, Seidel 1997), the volume argument, and orthogonal sums of these.
    """
    _check(None, d)
    _check_cosine(cosine, 0)
    best = [0]
    for dimension in range(1, d + 1):
        own = _alone(cosine**2, dimension) if dimension > 1 else 1
        sums = (best[k] + best[dimension - k] for k in range(1, dimension // 2 + 1))
        best.append(max(own, max(sums, default=0)))
    return best[d]


def kissing_number(d: int) -> tuple[int, int | None]:
    """Return bounds on how many unit vectors in d ≥ 2 dimensions have all cosines ≤ 1/2.

    Known numbers and bounds (arXiv 2412.00937) up to d = 8 and for d = 24; elsewhere the best lines
    here, both ways, from below and Levenshtein's bound from above (None where it says nothing).

    Examples
    --------
    >>> kissing_number(3), kissing_number(5)
    ((12, 12), (40, 44))
    """
    if d in _KISSING:
        return _KISSING[d]
    upper = codes_at_most(0.5, d)  # refuses what is no dimension
    return 2 * lines_at_least(0.5, d), upper
