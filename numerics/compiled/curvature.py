r"""What the gradient of :mod:`numerics.compiled.series` changes by along a direction.

With :math:`\sigma_j = p_j \psi'`, :math:`\tau_j = p_j \psi''` at :math:`\omega a_j`,
:math:`\rho_j = \sigma_j/\chi_j`, X and Y as there and a dot for the derivative along
:math:`(\dot a, \dot g, \dot b)`, the derivative of :math:`\partial/\partial a_j` is

.. math::

    \mathrm{Re} \sum_k \omega^2 \dot a_j (\tau_j/\chi_j - \rho_j^2) X + \omega \rho_j \dot X
        - \mathrm{rest}_j (\omega^2 \dot a_j \tau_j Y + \omega \sigma_j \dot Y),

where :math:`\dot\Pi = \Pi\, \omega \sum_j \dot a_j \rho_j`.  Terms fall off slower than those of
the loss by :math:`\omega^2`; the modes are those the loss needs for the same tolerance.
"""

import math

import numpy as np

from ..coefficients import PERIOD
from .jit import compiled
from .waves import (
    BLOCK,
    LARGE,
    NUMBERS,
    ONE,
    ONE_RATE,
    OWN,
    PSI,
    RATE,
    RATE_SMALL,
    RECIPROCALS,
    SMALL,
    TINY,
    TINY_RATE,
    V_SMALL,
    WAVE,
    X_SMALL,
    Y_SMALL,
    Z_SMALL,
    V,
    X,
    Y,
    Z,
    advance,
    clear,
    looked_at,
    outer_waves,
    own_integrals,
    slope_series,
    start,
    third_integral,
)

__all__ = ["add_curvature", "outer", "put", "second_block"]


@compiled
def _second_neighbour(w, kept, half, q, lone, rest, step, product, total, rate, total_rate):  # type: ignore[no-untyped-def]
    """Take one neighbour into a block's products and sums; keep ρ, τ/χ − ρ², σ and τ."""
    inverse_half = 1 / half
    for r in range(BLOCK):
        cosine, sine = w[WAVE + r], w[WAVE + BLOCK + r]
        inverse = w[RECIPROCALS + r] * inverse_half
        s = sine * inverse
        x = w[NUMBERS + r] * half
        y = x * x
        far = (cosine - s) * inverse * inverse
        near = slope_series(y)
        ratio = near if y < 0.25 else far
        slope, bend = x * ratio, -s - 2 * ratio
        w[PSI + r], w[PSI + BLOCK + r] = cosine * s, sine * s
        kept[4 * BLOCK + r] = 0.5 * q * (cosine * slope - sine * s)
        kept[5 * BLOCK + r] = 0.5 * q * (sine * slope + cosine * s)
        kept[6 * BLOCK + r] = 0.25 * q * (cosine * (bend - s) - 2 * sine * slope)
        kept[7 * BLOCK + r] = 0.25 * q * (sine * (bend - s) + 2 * cosine * slope)
    for r in range(BLOCK):
        chi_r, chi_i = 1 - q + q * w[PSI + r], q * w[PSI + BLOCK + r]
        size = chi_r * chi_r + chi_i * chi_i
        chi_r = chi_r if size > 1e-280 else 1e-140
        size = 1 / max(size, 1e-280)
        sr, si = kept[4 * BLOCK + r], kept[5 * BLOCK + r]
        tr, ti = kept[6 * BLOCK + r], kept[7 * BLOCK + r]
        rr, ri = (sr * chi_r + si * chi_i) * size, (si * chi_r - sr * chi_i) * size
        kept[r], kept[BLOCK + r] = rr, ri
        kept[2 * BLOCK + r] = (tr * chi_r + ti * chi_i) * size - (rr * rr - ri * ri)
        kept[3 * BLOCK + r] = (ti * chi_r - tr * chi_i) * size - 2 * rr * ri
        a, c = product[r], product[BLOCK + r]
        product[r] = a * chi_r - c * chi_i
        product[BLOCK + r] = a * chi_i + c * chi_r
    for r in range(2 * BLOCK):
        rate[r] += step * kept[r]
    if rest != 0.0:
        for r in range(2 * BLOCK):
            total[r] += lone * w[PSI + r]
            total_rate[r] += rest * step * kept[4 * BLOCK + r]


@compiled
def second_block(w, store, tables, a, on, alone, rest, along, large, omega1, block):  # type: ignore[no-untyped-def]
    """Write a block of modes: all neighbours, the own half angle and b."""
    count = len(a)
    clear(w, block)
    for j in range(count):
        advance(w, tables[j])
        half = 0.5 * omega1 * a[j] if a[j] != 0.0 else 1e-150
        if j < large:
            _second_neighbour(
                w, store[j], half, on[j], alone[j], rest[j], along[j], w[LARGE:SMALL],
                w[ONE:TINY], w[RATE:RATE_SMALL], w[ONE_RATE:TINY_RATE],
            )  # fmt: skip
        else:
            _second_neighbour(
                w, store[j], half, on[j], alone[j], rest[j], along[j], w[SMALL:ONE],
                w[TINY:X], w[RATE_SMALL:ONE_RATE], w[TINY_RATE:V],
            )  # fmt: skip
    outer_waves(w, tables, count)


@compiled
def _change(kept, rest, step, x, v, y, z):  # type: ignore[no-untyped-def]
    """Return the derivative of one coupling's slope, summed over a block."""
    bend = turn = 0.0
    for r in range(BLOCK):
        bend += kept[2 * BLOCK + r] * x[r] - kept[3 * BLOCK + r] * x[BLOCK + r]
        turn += kept[r] * v[r] - kept[BLOCK + r] * v[BLOCK + r]
    total = step * bend + turn
    if rest != 0.0:
        bend = turn = 0.0
        for r in range(BLOCK):
            bend += kept[6 * BLOCK + r] * y[r] - kept[7 * BLOCK + r] * y[BLOCK + r]
            turn += kept[4 * BLOCK + r] * z[r] - kept[5 * BLOCK + r] * z[BLOCK + r]
        total -= rest * (step * bend + turn)
    return total


@compiled
def outer(w, r, block, coefficients, L, omega, p, silent, own, own_half):  # type: ignore[no-untyped-def]
    """Return N, F, ∂N/∂g and ∂²N/∂g² of one mode, times e^{iωb}."""
    k = block * BLOCK + 1 + r
    c1 = complex(coefficients[0, k], coefficients[1, k]) * L
    c2 = complex(coefficients[2, k], coefficients[3, k]) * L * L
    phase = complex(w[WAVE + r], w[WAVE + BLOCK + r])
    off = phase * silent * c2
    if not own:
        return 0j, off, 0j, 0j
    er, ei, x = w[OWN + r], w[OWN + BLOCK + r], k * own_half
    u0r, u0i, u1r, u1i, u2r, u2i = own_integrals(er, ei, x)
    u3r, u3i = third_integral(er, ei, x)
    u0, u1 = complex(u0r, u0i), complex(u1r, u1i)
    u2, u3 = complex(u2r, u2i), complex(u3r, u3i)
    return (
        phase * p * (c2 * u0 - 2 * c1 * u1),
        off,
        phase * p * 1j * omega * (c2 * u1 - 2 * c1 * u2),
        phase * p * -omega * omega * (c2 * u2 - 2 * c1 * u3),
    )


@compiled
def put(w, at, r, value):  # type: ignore[no-untyped-def]
    """Write a complex number to place ``r`` of a block."""
    w[at + r], w[at + BLOCK + r] = value.real, value.imag


@compiled
def add_curvature(  # type: ignore[no-untyped-def]
    a, on, alone, rest, large, L, g, b, p, silent, passes, tolerance, coefficients, work,
    along, along_g, along_b, h_a,
):  # fmt: skip
    """Return what ∂/∂b and ∂/∂g of the series change by; ``h_a`` is added to."""
    w, store, tables = work
    count = len(a)
    own, both, join = p > 0.0, large < count, passes == 1.0
    omega1 = math.pi / (PERIOD * L)
    none, rest_large, own_half = start(tables, a, on, g, b, large, omega1)
    by_b = by_g = 0.0
    blocks = (coefficients.shape[1] - 1) // BLOCK
    energies = np.zeros((2, blocks))
    for block in range(blocks):
        second_block(w, store, tables, a, on, alone, rest, along, large, omega1, block)
        energy = together = 0.0
        for r in range(BLOCK):
            omega = omega1 * (block * BLOCK + 1 + r)
            on_, off, by_g1, by_g2 = outer(
                w, r, block, coefficients, L, omega, p, silent, own, own_half
            )
            big = complex(w[LARGE + r], w[LARGE + BLOCK + r])
            small = complex(w[SMALL + r], w[SMALL + BLOCK + r])
            one = complex(w[ONE + r], w[ONE + BLOCK + r])
            tiny = complex(w[TINY + r], w[TINY + BLOCK + r])
            rate_small = omega * complex(w[RATE_SMALL + r], w[RATE_SMALL + BLOCK + r])
            rate = omega * complex(w[RATE + r], w[RATE + BLOCK + r]) + rate_small
            one_rate = omega * complex(w[ONE_RATE + r], w[ONE_RATE + BLOCK + r])
            tiny_rate = omega * complex(w[TINY_RATE + r], w[TINY_RATE + BLOCK + r])
            whole = big * small
            many, many_rate = whole - none - one - tiny, whole * rate - one_rate - tiny_rate
            skip, skip_rate = many, many_rate
            if both:
                skip = whole - rest_large * small - one
                skip_rate = whole * rate - rest_large * small * rate_small - one_rate
                if join:
                    many, many_rate = skip, skip_rate
            turn = 1j * omega * along_b
            on_rate, off_rate = on_ * turn + by_g1 * along_g, off * turn
            term = on_ * many + off * skip
            energy += term.real * term.real + term.imag * term.imag
            together += term.real
            change = on_rate * many + on_ * many_rate + off_rate * skip + off * skip_rate
            by_b -= omega * change.imag
            by_g += ((by_g1 * turn + by_g2 * along_g) * many + by_g1 * many_rate).real
            both_on, both_rate = on_ + off, on_rate + off_rate
            x_ = both_on * whole
            v_ = both_rate * whole + x_ * rate
            put(w, X, r, omega * omega * x_)
            put(w, V, r, omega * v_)
            put(w, Y, r, omega * omega * both_on)
            put(w, Z, r, omega * both_rate)
            if both:
                dropped = rest_large * small
                if join:
                    off, off_rate, on_, on_rate = both_on, both_rate, 0j, 0j
                put(w, X_SMALL, r, omega * omega * (x_ - off * dropped))
                put(w, V_SMALL, r, omega * (v_ - off_rate * dropped - off * dropped * rate_small))
                put(w, Y_SMALL, r, omega * omega * on_)
                put(w, Z_SMALL, r, omega * on_rate)
        for j in range(count):
            if j < large:
                h_a[j] += _change(
                    store[j], rest[j], along[j], w[X:X_SMALL], w[V:V_SMALL], w[Y:Y_SMALL],
                    w[Z:Z_SMALL],
                )  # fmt: skip
            else:
                h_a[j] += _change(
                    store[j], rest[j], along[j], w[X_SMALL:Y], w[V_SMALL:], w[Y_SMALL:OWN],
                    w[Z_SMALL:RATE],
                )  # fmt: skip
        energies[0, block], energies[1, block] = energy, together
        if 0.0 <= looked_at(energies, block) <= tolerance * min(1.0, L) ** 2:
            break
    return by_b, by_g
