r"""Claims on compressed sensing and on interference (arXiv 2209.10652, text and footnote 11).

Theorem 1 has :math:`m = \Omega(k \log(n/k))` for k-sparse inputs, and with
:math:`k = (1-S)n` the bound :math:`m = \Omega(-n(1-S)\log(1-S))`.  The constant is not known, so
what is judged is the shape of the bound, and whether codes of the paper's own model come near it.
"""

from itertools import combinations
from math import e, log, sqrt

import numpy as np

from theory.capacity import interference
from theory.large_n import best_code
from theory.polytopes.catalogue import polytope

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "compression"
_PLACE = "section on compressed sensing, Theorem 1"
_K, _COLUMNS = 2, 6
_SPARSITIES = (0.5, 0.9, 0.99, 0.999)
_SHAPES = ("digon", "triangle", "tetrahedron", "simplex-5", "square", "pentagon", "octahedron",
           "cube", "icosahedron", "24-cell", "etf-3-6")  # fmt: skip


def _bound(n: float, k: float) -> float:
    """Return k log(n/k)."""
    return k * log(n / k)


def sensing_linear_in_dimensions(evidence: Evidence) -> Claim:
    """Compare the bound at twice the number of features."""
    growth = [_bound(2e4, (1 - S) * 2e4) / _bound(1e4, (1 - S) * 1e4) for S in _SPARSITIES]
    shape = [_bound(1e4, (1 - S) * 1e4) / (-1e4 * (1 - S) * log(1 - S)) for S in _SPARSITIES]
    return Claim(
        id="sensing_linear_in_dimensions",
        section=_SECTION,
        place=_PLACE,
        text="With k = (1 − S)n the bound is m = Ω(−n(1 − S) log(1 − S)), so that at fixed "
        "sparsity the number of features is at most linear in the dimensions.",
        predicted=2.0,
        measured=tuple(growth),
        tolerance=1e-9,
        fast=True,
        reason=f"Growth of k log(n/k) as n doubles, at S = {', '.join(map(str, _SPARSITIES))}; "
        "arithmetic, to rounding.",
        details={"over_the_stated_form": shape},
    )


def sensing_order_is_reached(evidence: Evidence) -> Claim:
    """Compare the bound with the best symmetric code of the paper's model at many features."""
    ratios = {p: best_code(p).ratio / -(p * log(p)) for p in (0.1, 0.01, 1e-4)}
    return Claim(
        id="sensing_order_is_reached",
        section=_SECTION,
        place=_PLACE,
        text="Ours, on Theorem 1: the order of the bound is that of the toy model itself, whose "
        "best symmetric code of many features spends p log(1/p) dimensions a feature, to a factor "
        "of 2.",
        predicted=(0.5, 2.0),
        measured=tuple(ratios.values()),
        tolerance=0.0,
        fast=True,
        reason="Dimensions per feature at which the symmetric code has most benefit per dimension "
        "(theory.large_n), over p log(1/p), at p = 0.1, 0.01, 1e-4.  The model of many features "
        "is a limit, and the factor is ours.",
        details={f"{p:g}": ratio for p, ratio in ratios.items()},
    )


def sensing_bound_falls_with_sparsity(evidence: Evidence) -> Claim:
    """Find where the bound's derivative changes its sign."""
    p = np.linspace(1e-3, 1.0, 1000)
    slope = -np.log(p) - 1
    return Claim(
        id="sensing_bound_falls_with_sparsity",
        section=_SECTION,
        place=_PLACE,
        text="Ours, on −(1 − S) log(1 − S): the sparser the features, the fewer dimensions the "
        "bound asks for, at every sparsity.",
        predicted=(0.0, None),
        measured=float(slope.min()),
        tolerance=1e-9,
        fast=True,
        instead="Only for 1 − S < 1/e ≈ 0.37.  Denser inputs lower the bound, to nothing at S = 0, "
        "where n dimensions are needed: k log(n/k) says something for k well below n only.",
        reason="Least slope of −p log p in p over p from 0.001 to 1.",
        details={"turns_at_density": 1 / e},
    )


def sensing_matrix_has_k_rows(evidence: Evidence) -> Claim:
    """Count the rows of a matrix that tells all k-sparse vectors apart."""
    moments = np.vander(np.arange(1, _COLUMNS + 1), increasing=True).T
    groups = list(combinations(range(_COLUMNS), 2 * _K))
    ranks = {
        rows: min(int(np.linalg.matrix_rank(moments[:rows, list(group)])) for group in groups)
        for rows in range(1, _COLUMNS + 1)
    }
    needed = min(rows for rows, rank in ranks.items() if rank == 2 * _K)
    return Claim(
        id="sensing_matrix_has_k_rows",
        section=_SECTION,
        place="proof of Theorem 1",
        text="The proof quotes its lower bound (Do Ba, Indyk, Price and Woodruff) for a k × n "
        "matrix, k being the sparsity.",
        predicted=1.0,
        measured=needed / _K,
        tolerance=0.0,
        fast=True,
        instead="The matrix is m × n, m being bounded from below.  With k < n/2 rows some 2k "
        "columns are dependent, and two k-sparse vectors have one image.",
        reason="Rows needed to tell all k-sparse vectors apart, over k.  Two of them differ by a "
        "2k-sparse vector, which must not be in the kernel, so any 2k columns are independent: for "
        f"the moment curve, the best case, with n = {_COLUMNS}, k = {_K}.",
        details={"least_rank_of_2k_columns_by_rows": {str(m): rank for m, rank in ranks.items()}},
    )


def sensing_interference_norms(evidence: Evidence) -> Claim:
    """Compare both norms of the same overlaps in named shapes."""
    places = {}
    for key in _SHAPES:
        overlaps = np.abs(interference(polytope(key).array()))[0]
        n = overlaps.size
        ratio = float(np.linalg.norm(overlaps) / overlaps.max())
        places[key] = log(ratio) / log(sqrt(n - 1)) if n > 2 else 0.0
    return Claim(
        id="sensing_interference_norms",
        section=_SECTION,
        place="footnote 11",
        text="The interference that a feature suffers is the L2 norm, and coherence the L∞ norm, "
        "of the same overlaps (footnote 11); ours: so the first is between one and √(n − 1) times "
        "the second.",
        predicted=(0.0, 1.0),
        measured=tuple(places.values()),
        tolerance=1e-9,
        fast=True,
        reason="Logarithm of L2 / L∞ of a feature's overlaps in base √(n − 1), for shapes of the "
        "catalogue: 0 if one other feature interferes, 1 if all do equally, as in a simplex.",
        details=places,
    )


CLAIMS = (
    sensing_linear_in_dimensions,
    sensing_order_is_reached,
    sensing_bound_falls_with_sparsity,
    sensing_matrix_has_k_rows,
    sensing_interference_norms,
)
