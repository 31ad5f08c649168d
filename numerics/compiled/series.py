r"""One output with two or more active neighbours: a Fourier series against its atoms' complement.

With the windowed powers of :mod:`numerics.coefficients`, :math:`\omega_k = \pi k/cL`,
:math:`\psi(\theta) = \int_0^1 e^{i\theta u} du = e^{i\theta/2}\,\mathrm{sinc}(\theta/2)` and
:math:`\chi_j = 1 - p_j + p_j \psi(\omega a_j)`,

.. math::

    \sum_k e^{i\omega b} \bigl[N_k\, (\Pi - \textstyle\prod_j (1 - p_j)
        - \sum_j q_j \psi_j) + F_k\, (\Pi - R\,\Pi_{small} - \sum_{large} q_j \psi_j)\bigr],
    \qquad \Pi = \prod_j \chi_j,

where :math:`q_j = p_j \prod_{l \ne j} (1 - p_l)` is the probability that j is on alone and R that
no large neighbour is on; N belongs to states with the own feature on, :math:`p(\hat c_2 L^2 u_0 - 2
\hat c_1 L u_1)` with :math:`u_m = \int_0^1 u^m e^{i\omega g u} du`, and F to states with it off,
:math:`(1-p) \hat c_2 L^2`.  Where the own gain is small too, N goes with F.

The derivative by :math:`a_j` divides Π by :math:`\chi_j`, the same rounded number that was
multiplied in, so the quotient is good to rounding.  Waves of 32 modes are advanced together from
one sine and cosine a coupling; sinc keeps its relative accuracy at every angle, so small couplings
cost nothing.  Modes are added until the error estimate is below the tolerance (for the sake of the
gradient, times L below 1) or all modes are used: a third of the root of the sum of squares of the
terms in the last half of the modes, and of their sum, which counts where they are in phase (a
threshold at a corner of the support, as with b = 0).
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
    OWN,
    PSI,
    RECIPROCALS,
    SLOPE,
    SMALL,
    TINY,
    WAVE,
    X_SMALL,
    Y_SMALL,
    X,
    Y,
    advance,
    clear,
    looked_at,
    outer_waves,
    own_integrals,
    slope_series,
    start,
)

__all__ = ["add_series"]


@compiled
def _neighbour(w, kept, half, q, lone, product, total):  # type: ignore[no-untyped-def]
    """Take one neighbour into a block's product and sum; keep p ψ′/χ and p ψ′."""
    inverse_half = 1 / half
    for r in range(BLOCK):
        cosine, sine = w[WAVE + r], w[WAVE + BLOCK + r]
        inverse = w[RECIPROCALS + r] * inverse_half
        s = sine * inverse
        x = w[NUMBERS + r] * half
        y = x * x
        far = (cosine - s) * inverse * inverse
        near = slope_series(y)
        slope = x * (near if y < 0.25 else far)
        w[PSI + r], w[PSI + BLOCK + r] = cosine * s, sine * s
        w[SLOPE + r] = 0.5 * q * (cosine * slope - sine * s)
        w[SLOPE + BLOCK + r] = 0.5 * q * (sine * slope + cosine * s)
    for r in range(BLOCK):
        chi_r, chi_i = 1 - q + q * w[PSI + r], q * w[PSI + BLOCK + r]
        size = chi_r * chi_r + chi_i * chi_i
        chi_r = chi_r if size > 1e-280 else 1e-140
        size = 1 / max(size, 1e-280)
        sr, si = w[SLOPE + r], w[SLOPE + BLOCK + r]
        kept[r], kept[BLOCK + r] = (
            (sr * chi_r + si * chi_i) * size,
            (si * chi_r - sr * chi_i) * size,
        )
        a, c = product[r], product[BLOCK + r]
        product[r] = a * chi_r - c * chi_i
        product[BLOCK + r] = a * chi_i + c * chi_r
    if lone != 0.0:
        for r in range(2 * BLOCK):
            total[r] += lone * w[PSI + r]
            kept[2 * BLOCK + r] = w[SLOPE + r]


@compiled
def _slope_by(kept, lone, x, y):  # type: ignore[no-untyped-def]
    """Return Σ Re[p ψ′ (X/χ − Y rest)] over a block: the derivative by one coupling."""
    total = 0.0
    for r in range(BLOCK):
        total += kept[r] * x[r] - kept[BLOCK + r] * x[BLOCK + r]
    if lone != 0.0:
        for r in range(BLOCK):
            total -= lone * (kept[2 * BLOCK + r] * y[r] - kept[3 * BLOCK + r] * y[BLOCK + r])
    return total


@compiled
def add_series(  # type: ignore[no-untyped-def]
    a, on, alone, rest, large, L, g, b, p, silent, passes, tolerance, coefficients, work, d_a
):
    """Add up two or more active neighbours; return value, ∂/∂b, ∂/∂g and the error estimate.

    ``a`` is sorted by size; the first ``large`` neighbours are of this scale, and states with the
    own feature silent (probability ``silent``) in which only the others are active belong to the
    next.  Those with the own feature active (probability ``p``) do if ``passes`` is 1.
    """
    own, join = p > 0.0, passes == 1.0
    w, store, tables = work
    product, small_product = w[LARGE:SMALL], w[SMALL:ONE]
    one, small_one = w[ONE:TINY], w[TINY:X]
    x, small_x, y, small_y = w[X:X_SMALL], w[X_SMALL:Y], w[Y:Y_SMALL], w[Y_SMALL:OWN]
    count = len(a)
    both = large < count
    omega1 = math.pi / (PERIOD * L)
    none, rest_large, own_half = start(tables, a, on, g, b, large, omega1)
    total_alone, alone_large = alone.sum(), alone[:large].sum()
    # mode 0, where every wave is 1
    c1_r, c1_i, c2_r, c2_i = coefficients[0], coefficients[1], coefficients[2], coefficients[3]
    c1, c2 = c1_r[0] * L, c2_r[0] * L * L
    value = silent * c2 * (1 - rest_large - alone_large)
    if own:
        value += p * (c2 - c1) * (1 - rest_large - alone_large if join else 1 - none - total_alone)
    by_b = by_g = error = 0.0
    blocks = (coefficients.shape[1] - 1) // BLOCK
    energies = np.zeros((2, blocks))
    for block in range(blocks):
        clear(w, block)
        for j in range(count):
            advance(w, tables[j])
            half = 0.5 * omega1 * a[j] if a[j] != 0.0 else 1e-150
            if j < large:
                _neighbour(w, store[j], half, on[j], alone[j], product, one)
            else:
                _neighbour(w, store[j], half, on[j], alone[j], small_product, small_one)
        outer_waves(w, tables, count)
        energy = together = 0.0
        for r in range(BLOCK):
            k = block * BLOCK + 1 + r
            omega = omega1 * w[NUMBERS + r]
            c1r, c1i, c2r, c2i = c1_r[k] * L, c1_i[k] * L, c2_r[k] * L * L, c2_i[k] * L * L
            fr, fi = silent * c2r, silent * c2i
            nr = ni = gr = gi = 0.0
            if own:
                u0r, u0i, u1r, u1i, u2r, u2i = own_integrals(
                    w[OWN + r], w[OWN + BLOCK + r], w[NUMBERS + r] * own_half
                )
                nr = p * (c2r * u0r - c2i * u0i - 2 * (c1r * u1r - c1i * u1i))
                ni = p * (c2r * u0i + c2i * u0r - 2 * (c1r * u1i + c1i * u1r))
                gr = -omega * p * (c2r * u1i + c2i * u1r - 2 * (c1r * u2i + c1i * u2r))
                gi = omega * p * (c2r * u1r - c2i * u1i - 2 * (c1r * u2r - c1i * u2i))
            # times e^{iωb}; a coefficient stands for modes k and −k together
            er, ei = w[WAVE + r], w[WAVE + BLOCK + r]
            nr, ni = er * nr - ei * ni, er * ni + ei * nr
            fr, fi = er * fr - ei * fi, er * fi + ei * fr
            gr, gi = er * gr - ei * gi, er * gi + ei * gr
            lr, li = w[LARGE + r], w[LARGE + BLOCK + r]
            sr, si = w[SMALL + r], w[SMALL + BLOCK + r]
            ar, ai = lr * sr - li * si, lr * si + li * sr
            mr = ar - none - w[ONE + r] - w[TINY + r]
            mi = ai - w[ONE + BLOCK + r] - w[TINY + BLOCK + r]
            hr, hi = mr, mi
            if both:
                hr = ar - rest_large * sr - w[ONE + r]
                hi = ai - rest_large * si - w[ONE + BLOCK + r]
                if join:
                    mr, mi = hr, hi
            term_r = nr * mr - ni * mi + fr * hr - fi * hi
            term_i = nr * mi + ni * mr + fr * hi + fi * hr
            value += term_r
            by_b -= omega * term_i
            by_g += gr * mr - gi * mi
            energy += term_r * term_r + term_i * term_i
            together += term_r
            tr, ti = omega * (nr + fr), omega * (ni + fi)
            w[X + r], w[X + BLOCK + r] = tr * ar - ti * ai, tr * ai + ti * ar
            w[Y + r], w[Y + BLOCK + r] = tr, ti
            if both:
                if join:
                    fr, fi, nr, ni = fr + nr, fi + ni, 0.0, 0.0
                fr, fi = omega * fr * rest_large, omega * fi * rest_large
                w[X_SMALL + r] = w[X + r] - (fr * sr - fi * si)
                w[X_SMALL + BLOCK + r] = w[X + BLOCK + r] - (fr * si + fi * sr)
                w[Y_SMALL + r], w[Y_SMALL + BLOCK + r] = omega * nr, omega * ni
        for j in range(count):
            if j < large:
                d_a[j] += _slope_by(store[j], rest[j], x, y)
            else:
                d_a[j] += _slope_by(store[j], rest[j], small_x, small_y)
        energies[0, block], energies[1, block] = energy, together
        look = looked_at(energies, block)
        if look >= 0.0:
            error = look
            if look <= tolerance * min(1.0, L):
                break
    return value, by_b, by_g, error
