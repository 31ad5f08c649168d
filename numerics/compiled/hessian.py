r"""The second derivatives of one output's loss as a matrix over its couplings, g and b.

Output i depends on its own row of M and its bias only, so the Hessian over all of M and b is one
matrix of order n + 1 for each output.  With the notation of :mod:`numerics.compiled.curvature`,

.. math::

    \partial^2/\partial a_j \partial a_l = \mathrm{Re} \sum_k \omega^2 X \rho_j \rho_l
        \quad (j \ne l), \qquad
    \partial^2/\partial a_j^2 = \mathrm{Re} \sum_k \omega^2
        (X \tau_j/\chi_j - \mathrm{rest}_j \tau_j Y),

with the X of small neighbours where both are small.  The pairs are products of real matrices, 64
numbers a block of modes: n² × modes operations an output, after which a product with the Hessian
costs n² an output and no waves.
"""

import math

import numpy as np

from ..coefficients import PERIOD
from .curvature import outer, put, second_block
from .jit import compiled
from .moments import polynomial_hessian
from .pieces import kernel_curvature, one_active_curvature
from .rows import ends, lone, sorted_row, take_row, workspace
from .scales import (
    FIRST,
    LEVELS,
    OWN_ON,
    PASSES,
    POLYNOMIAL,
    SILENT,
    SUPPORT,
    next_scale,
    plan,
)  # fmt: skip
from .scales import LARGE as HOW_MANY
from .waves import (
    BLOCK,
    LARGE,
    LENGTH,
    ONE,
    OWN,
    RATE,
    SMALL,
    TINY,
    V_SMALL,
    X_SMALL,
    Y_SMALL,
    Z_SMALL,
    V,
    X,
    Y,
    Z,
    looked_at,
    start,
)

__all__ = ["BLOCKS_KEPT", "hessians_of_rows"]

BLOCKS_KEPT = 12  # a neighbour: ρ, τ/χ − ρ², σ, τ, and ρ times X and times X of the small


@compiled
def _multiplied(kept, at, x):  # type: ignore[no-untyped-def]
    """Keep at ``at`` what makes Re(x ρ_j ρ_l) a product of real vectors."""
    for r in range(BLOCK):
        rr, ri = kept[r], kept[BLOCK + r]
        xr, xi = x[r], x[BLOCK + r]
        kept[at + r] = xr * rr - xi * ri
        kept[at + BLOCK + r] = -xr * ri - xi * rr


@compiled
def _real_sum(u, v):  # type: ignore[no-untyped-def]
    """Return Σ Re(u v) over a block."""
    total = 0.0
    for r in range(BLOCK):
        total += u[r] * v[r] - u[BLOCK + r] * v[BLOCK + r]
    return total


@compiled
def _pairs(store, offset, count, large, both, H):  # type: ignore[no-untyped-def]
    """Add a block's Σ ω² Re(X ρ_j ρ_l) for l ≤ j."""
    for j in range(count):
        left = store[j]
        for k in range(j + 1):
            right = store[k]
            total = 0.0
            if both and j >= large and k >= large:
                for r in range(2 * BLOCK):
                    total += left[r] * right[10 * BLOCK + r]
            else:
                for r in range(2 * BLOCK):
                    total += left[r] * right[8 * BLOCK + r]
            H[offset + j, offset + k] += total


@compiled
def _add_hessian(  # type: ignore[no-untyped-def]
    a, on, alone, rest, large, L, g, b, p, silent, passes, tolerance, coefficients, work, offset, H
):
    """Add the Hessian of a series to the lower triangle of H: neighbours, then g, then b."""
    w, store, tables = work
    count = len(a)
    own, both, join = p > 0.0, large < count, passes == 1.0
    at_g, at_b = len(H) - 2, len(H) - 1
    omega1 = math.pi / (PERIOD * L)
    none, rest_large, own_half = start(tables, a, on, g, b, large, omega1)
    blocks = (coefficients.shape[1] - 1) // BLOCK
    energies, still = np.zeros((2, blocks)), np.zeros(count)
    for block in range(blocks):
        second_block(w, store, tables, a, on, alone, rest, still, large, omega1, block)
        energy = together = 0.0
        for r in range(BLOCK):
            omega = omega1 * (block * BLOCK + 1 + r)
            on_, off, by_g1, by_g2 = outer(
                w, r, block, coefficients, L, omega, p, silent, own, own_half
            )
            small = complex(w[SMALL + r], w[SMALL + BLOCK + r])
            one = complex(w[ONE + r], w[ONE + BLOCK + r])
            whole = complex(w[LARGE + r], w[LARGE + BLOCK + r]) * small
            many = whole - none - one - complex(w[TINY + r], w[TINY + BLOCK + r])
            skip = whole - rest_large * small - one if both else many
            if join:
                many = skip
            term = on_ * many + off * skip
            energy += term.real * term.real + term.imag * term.imag
            together += term.real
            H[at_b, at_b] -= omega * omega * term.real
            H[at_b, at_g] -= omega * (by_g1 * many).imag
            H[at_g, at_g] += (by_g2 * many).real
            put(w, X, r, omega * omega * (on_ + off) * whole)
            put(w, Y, r, omega * omega * (on_ + off))
            put(w, Z, r, omega * by_g1 * whole)
            put(w, Z_SMALL, r, omega * by_g1)
            if both:
                dropped = rest_large * small
                if join:
                    off, on_ = on_ + off, 0j
                put(w, V, r, omega * by_g1 * (whole - dropped if join else whole))
                put(w, V_SMALL, r, 0j if join else omega * by_g1)
                put(w, X_SMALL, r, omega * omega * ((on_ + off) * whole - off * dropped))
                put(w, Y_SMALL, r, omega * omega * on_)
        for j in range(count):
            kept = store[j]
            x, y, v, z = w[X:X_SMALL], w[Y:Y_SMALL], w[Z:Z_SMALL], w[Z_SMALL:RATE]
            _multiplied(kept, 8 * BLOCK, x)
            if both and j >= large:
                x, y, v, z = w[X_SMALL:Y], w[Y_SMALL:OWN], w[V:V_SMALL], w[V_SMALL:LENGTH]
                _multiplied(kept, 10 * BLOCK, x)
            bend = _real_sum(kept[2 * BLOCK : 4 * BLOCK], x)
            by_g = _real_sum(kept[: 2 * BLOCK], v)
            # ∂/∂b multiplies by iω: Re(i v) = −Im v
            by_b = 0.0
            for r in range(BLOCK):
                by_b -= kept[r] * x[BLOCK + r] + kept[BLOCK + r] * x[r]
            if rest[j] != 0.0:
                bend -= rest[j] * _real_sum(kept[6 * BLOCK : 8 * BLOCK], y)
                by_g -= rest[j] * _real_sum(kept[4 * BLOCK : 6 * BLOCK], z)
                for r in range(BLOCK):
                    by_b += rest[j] * (
                        kept[4 * BLOCK + r] * y[BLOCK + r] + kept[5 * BLOCK + r] * y[r]
                    )
            H[offset + j, offset + j] += bend
            H[at_g, offset + j] += by_g
            H[at_b, offset + j] += by_b
        _pairs(store, offset, count, large, both, H)
        energies[0, block], energies[1, block] = energy, together
        if 0.0 <= looked_at(energies, block) <= tolerance * min(1.0, L) ** 2:
            break


@compiled
def _hessian(a, on, g, b, p, tolerance, coefficients, work, order, H):  # type: ignore[no-untyped-def]
    """Fill the lower triangle of H (n + 1, n + 1): neighbours as ``order`` lists them, g, b."""
    count = len(a)
    at_g, at_b = count, count + 1
    H[:] = 0.0
    low, high = ends(a, b, g)
    if high <= 0.0:
        return
    if low >= 0.0:  # never clipped: mean² + variance + p k (k/3 − mean), k = 1 − g
        for j in range(count):
            order[j] = j
            for k in range(j + 1):
                H[j, k] = on[j] * on[k] / 2
            H[j, j] += 2 * (on[j] / 3 - on[j] * on[j] / 4)
            H[at_b, j], H[at_g, j] = on[j], p * on[j] / 2
        H[at_b, at_b], H[at_b, at_g], H[at_g, at_g] = 2.0, p, 2 * p / 3
        return
    by_size, inner, weight = sorted_row(a, on)
    order[:] = by_size
    alone, rest = np.empty(count), np.empty(count)
    none = lone(weight, alone, rest, tolerance)
    tt, tg, gg = kernel_curvature(b, g, p, True)
    H[at_b, at_b], H[at_b, at_g], H[at_g, at_g] = none * tt, none * tg, none * gg
    for j in range(count):
        q = alone[j]
        if q == 0.0:
            continue
        bb, bg, ba = one_active_curvature(inner[j], g, b, p, 0.0, 0.0, 1.0)
        _, gg, ga = one_active_curvature(inner[j], g, b, p, 0.0, 1.0, 0.0)
        _, _, aa = one_active_curvature(inner[j], g, b, p, 1.0, 0.0, 0.0)
        H[at_b, at_b] += q * bb
        H[at_b, at_g] += q * bg
        H[at_g, at_g] += q * gg
        H[at_b, j] += q * ba
        H[at_g, j] += q * ga
        H[j, j] += q * aa
    levels = np.empty((LEVELS, 7))
    found, _ = plan(inner, weight, g, b, p, tolerance, levels)
    for level in range(found):
        first, large = int(levels[level, FIRST]), int(levels[level, HOW_MANY])
        L, silent, own = levels[level, SUPPORT], levels[level, SILENT], levels[level, OWN_ON]
        a1, on1, alone1, rest1 = inner[first:], weight[first:], alone[first:], rest[first:]
        if level > 0:
            next_scale(on1, alone1, rest1)
        if levels[level, POLYNOMIAL] == 1.0:
            polynomial_hessian(on1, alone1, silent, own, first, H)
        else:
            _add_hessian(
                a1, on1, alone1, rest1, large, L, g, b, own, silent, levels[level, PASSES],
                tolerance, coefficients, work, first, H,
            )  # fmt: skip


@compiled
def hessians_of_rows(M, b, density, tolerance, coefficients, first, last, found):  # type: ignore[no-untyped-def]
    """Fill ``found`` (B, n, n + 1, n + 1) for rows first … last − 1: the row of M, then b."""
    n = b.shape[1]
    work = workspace(n, BLOCKS_KEPT)
    a, on = np.empty(n - 1), np.empty(n - 1)
    order, place = np.arange(n - 1), np.empty(n + 1, np.int64)
    H = np.empty((n + 1, n + 1))
    for row in range(first, last):
        k, i = row // n, row % n
        take_row(M, density, k, i, a, on)
        _hessian(
            a, on, M[k, i, i], b[k, i], density[k, i], tolerance[k, i], coefficients, work, order, H
        )
        for j in range(n - 1):
            place[j] = order[j] + 1 if order[j] >= i else order[j]
        place[n - 1], place[n] = i, n
        for j in range(n + 1):
            for l in range(j + 1):
                found[k, i, place[j], place[l]] = found[k, i, place[l], place[j]] = H[j, l]
