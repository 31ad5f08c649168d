r"""One output's loss, its gradient and its curvature, independent features, any size.

The average over the neighbours is split by which of them are active: none or one
(:mod:`numerics.compiled.pieces`), two or more (:mod:`numerics.compiled.series`, scale by scale as
:mod:`numerics.compiled.scales` plans it).  Outputs that are never clipped are polynomials in the
moments (:mod:`numerics.compiled.moments`).
"""

import numpy as np

from .curvature import add_curvature
from .jit import compiled
from .moments import polynomial, polynomial_curvature, unclipped
from .pieces import kernel, kernel_curvature, one_active, one_active_curvature
from .scales import (
    FIRST,
    LARGE,
    LEVELS,
    OWN_ON,
    PASSES,
    POLYNOMIAL,
    SILENT,
    SUPPORT,
    next_scale,
    plan,
    rests,
)  # fmt: skip
from .series import add_series
from .waves import BLOCK, LENGTH, TABLE

__all__ = ["curvatures_of_rows", "gram_matrices", "losses_of_rows", "weight_slopes"]

_NEGLIGIBLE = 1e-18  # probability below which one neighbour alone is left to the series,
_SHARE = 1e-3  # or this share of the tolerance for all of them


@compiled
def take_row(M, density, k, i, a, on):  # type: ignore[no-untyped-def]
    """Fill the couplings of output i of model k and the densities of its neighbours."""
    for j in range(len(a)):
        other = j + 1 if j >= i else j
        a[j], on[j] = M[k, i, other], density[k, other]


@compiled
def put_row(M, k, i, a):  # type: ignore[no-untyped-def]
    """Write ``a`` to the places that :func:`take_row` reads."""
    for j in range(len(a)):
        M[k, i, j + 1 if j >= i else j] = a[j]


@compiled
def lone(weight, alone, rest, tolerance):  # type: ignore[no-untyped-def]
    """Fill the probabilities of one neighbour alone, negligible ones as 0; return that of none."""
    none = rests(weight, rest)
    negligible = max(_NEGLIGIBLE, _SHARE * tolerance / len(weight))
    for j in range(len(weight)):
        alone[j] = weight[j] * rest[j]
        if alone[j] < negligible:
            alone[j] = rest[j] = 0.0
    return none


@compiled
def sorted_row(a, on):  # type: ignore[no-untyped-def]
    """Return the order by size of coupling, and couplings and densities in it."""
    order = np.argsort(-np.abs(a), kind="mergesort")
    return order, a[order], on[order]


@compiled
def ends(a, b, g):  # type: ignore[no-untyped-def]
    """Return the least and the largest preactivation."""
    low, high = b + min(g, 0.0), b + max(g, 0.0)
    for j in range(len(a)):
        low += min(a[j], 0.0)
        high += max(a[j], 0.0)
    return low, high


@compiled
def _row(a, on, g, b, p, tolerance, coefficients, work, d_a):  # type: ignore[no-untyped-def]
    """One output: value, ∂/∂b, ∂/∂g and the error estimate; ``d_a`` is filled."""
    low, high = ends(a, b, g)
    size = 1 + max(abs(low), abs(high))
    if low >= 0.0:
        value, by_b, by_g = unclipped(a, on, g, b, p, d_a)
        return value, by_b, by_g, 1e-15 * size * size
    if high <= 0.0:
        d_a[:] = 0.0
        return p / 3, 0.0, 0.0, 1e-16
    order, inner, weight = sorted_row(a, on)
    count = len(a)
    alone, rest, slopes = np.empty(count), np.empty(count), np.zeros(count)
    none = lone(weight, alone, rest, tolerance)
    h, by_b, by_g = kernel(b, g, p)
    value, by_b, by_g = none * h, none * by_b, none * by_g
    for j in range(count):
        if alone[j] != 0.0:
            h, h_b, h_g, h_a = one_active(inner[j], g, b, p)
            value += alone[j] * h
            by_b += alone[j] * h_b
            by_g += alone[j] * h_g
            slopes[j] += alone[j] * h_a
    value += p / 3 * (1 - none - alone.sum())
    levels = np.empty((LEVELS, 7))
    found, error = plan(inner, weight, g, b, p, tolerance, levels)
    for level in range(found):
        first, large = int(levels[level, FIRST]), int(levels[level, LARGE])
        L, silent, own = levels[level, SUPPORT], levels[level, SILENT], levels[level, OWN_ON]
        a1, on1, alone1, rest1 = inner[first:], weight[first:], alone[first:], rest[first:]
        if level > 0:
            next_scale(on1, alone1, rest1)
        if levels[level, POLYNOMIAL] == 1.0:
            one, one_b, one_g = polynomial(a1, on1, alone1, g, b, silent, own, slopes[first:])
            value += one
            by_b += one_b
            by_g += one_g
        else:
            one, one_b, one_g, one_error = add_series(
                a1, on1, alone1, rest1, large, L, g, b, own, silent, levels[level, PASSES],
                tolerance, coefficients, work, slopes[first:],
            )  # fmt: skip
            value += one
            by_b += one_b
            by_g += one_g
            error += one_error
    for k in range(count):
        d_a[order[k]] = slopes[k]
    reach = 1 + min(size - 1, levels[0, SUPPORT]) if found else size
    return value, by_b, by_g, error + 1e-15 * reach * reach


@compiled
def _row_curvature(  # type: ignore[no-untyped-def]
    a, on, g, b, p, tolerance, coefficients, work, along, along_g, along_b, h_a
):
    """Return what ∂/∂b and ∂/∂g of one output change by along a direction; fill ``h_a``."""
    low, high = ends(a, b, g)
    h_a[:] = 0.0
    if high <= 0.0:
        return 0.0, 0.0
    if low >= 0.0:
        mean = along_b
        for j in range(len(a)):
            mean += on[j] * along[j] / 2
        by_mean = 2 * mean + p * along_g
        for j in range(len(a)):
            h_a[j] = by_mean * on[j] / 2 + 2 * along[j] * (on[j] / 3 - on[j] * on[j] / 4)
        return by_mean, p * (mean + 2 * along_g / 3)
    order, inner, weight = sorted_row(a, on)
    step = along[order]
    count = len(a)
    alone, rest, slopes = np.empty(count), np.empty(count), np.zeros(count)
    none = lone(weight, alone, rest, tolerance)
    tt, tg, gg = kernel_curvature(b, g, p, True)
    by_b = none * (tt * along_b + tg * along_g)
    by_g = none * (tg * along_b + gg * along_g)
    for j in range(count):
        if alone[j] != 0.0:
            one_b, one_g, one_a = one_active_curvature(inner[j], g, b, p, step[j], along_g, along_b)
            by_b += alone[j] * one_b
            by_g += alone[j] * one_g
            slopes[j] += alone[j] * one_a
    levels = np.empty((LEVELS, 7))
    found, _ = plan(inner, weight, g, b, p, tolerance, levels)
    for level in range(found):
        first, large = int(levels[level, FIRST]), int(levels[level, LARGE])
        L, silent, own = levels[level, SUPPORT], levels[level, SILENT], levels[level, OWN_ON]
        a1, on1, alone1, rest1 = inner[first:], weight[first:], alone[first:], rest[first:]
        if level > 0:
            next_scale(on1, alone1, rest1)
        if levels[level, POLYNOMIAL] == 1.0:
            one_b, one_g = polynomial_curvature(
                on1, alone1, step[first:], along_g, along_b, silent, own, slopes[first:]
            )
            by_b += one_b
            by_g += one_g
        else:
            one_b, one_g = add_curvature(
                a1, on1, alone1, rest1, large, L, g, b, own, silent, levels[level, PASSES],
                tolerance, coefficients, work, step[first:], along_g, along_b, slopes[first:],
            )  # fmt: skip
            by_b += one_b
            by_g += one_g
    for k in range(count):
        h_a[order[k]] = slopes[k]
    return by_b, by_g


@compiled
def workspace(n, kept):  # type: ignore[no-untyped-def]
    """Return what a series writes to: a block, ``kept`` blocks a neighbour, tables of waves."""
    return np.empty(LENGTH), np.empty((n, kept * BLOCK)), np.empty((n + 1, TABLE))


@compiled
def losses_of_rows(M, b, density, tolerance, coefficients, first, last, value, d_M, d_b, error):  # type: ignore[no-untyped-def]
    """Fill the losses of rows first … last − 1 of a batch of models with their derivatives.

    Row r is output ``r % n`` of model ``r // n``; M (B, n, n), b and density (B, n),
    tolerance (B, n); filled are value (B, n), d_M (B, n, n), d_b (B, n) and error (B, n).
    """
    n = b.shape[1]
    work = workspace(n, 4)
    a, on, d_a = np.empty(n - 1), np.empty(n - 1), np.empty(n - 1)
    for row in range(first, last):
        k, i = row // n, row % n
        take_row(M, density, k, i, a, on)
        found = _row(
            a, on, M[k, i, i], b[k, i], density[k, i], tolerance[k, i], coefficients, work, d_a
        )
        value[k, i], d_b[k, i], d_M[k, i, i], error[k, i] = found
        put_row(d_M, k, i, d_a)


@compiled
def curvatures_of_rows(  # type: ignore[no-untyped-def]
    M, b, density, tolerance, coefficients, along_M, along_b, first, last, h_M, h_b
):
    """Fill what the gradients of rows first … last − 1 change by along (along_M, along_b)."""
    n = b.shape[1]
    work = workspace(n, 8)
    a, on, along, h_a = np.empty(n - 1), np.empty(n - 1), np.empty(n - 1), np.empty(n - 1)
    for row in range(first, last):
        k, i = row // n, row % n
        take_row(M, density, k, i, a, on)
        take_row(along_M, density, k, i, along, on)
        h_b[k, i], h_M[k, i, i] = _row_curvature(
            a, on, M[k, i, i], b[k, i], density[k, i], tolerance[k, i], coefficients, work,
            along, along_M[k, i, i], along_b[k, i], h_a,
        )  # fmt: skip
        put_row(h_M, k, i, h_a)


@compiled
def gram_matrices(W, M):  # type: ignore[no-untyped-def]
    """Fill M (B, n, n) with WᵀW, rounded the same in any batch; W (B, m, n)."""
    B, m, n = W.shape
    for k in range(B):
        M[k] = 0.0
        for h in range(m):
            for i in range(n):
                w = W[k, h, i]
                for j in range(n):
                    M[k, i, j] += w * W[k, h, j]


@compiled
def weight_slopes(W, d_M, d_W):  # type: ignore[no-untyped-def]
    """Fill d_W (B, m, n) with W (D + Dᵀ) for D = d_M (B, n, n)."""
    B, m, n = W.shape
    both = np.empty((n, n))
    for k in range(B):
        for i in range(n):
            for j in range(n):
                both[i, j] = d_M[k, i, j] + d_M[k, j, i]
        d_W[k] = 0.0
        for h in range(m):
            for i in range(n):
                w = W[k, h, i]
                for j in range(n):
                    d_W[k, h, j] += w * both[i, j]
