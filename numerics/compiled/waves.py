r"""Waves :math:`e^{i\omega_k x}` in blocks of modes, and the integrals of a uniform against them.

With :math:`x = \theta/2`, :math:`\psi(\theta) = \int_0^1 e^{i\theta u} du = e^{ix} s(x)`, s = sinc,
and :math:`\int_0^1 u^m e^{i\theta u} du = (-i)^m \psi^{(m)}(\theta)`, so all that is needed are
the derivatives of sinc, each from :math:`s'/x` by :math:`x s'' + 2 s' + x s = 0`.

A block holds real parts, then imaginary parts, of 32 modes.  Every array a loop touches lies in one
workspace at constant places, so that the compiler sees what does not overlap and vectorises.
"""

import math

from .jit import compiled

__all__ = [
    "BLOCK",
    "LARGE",
    "LENGTH",
    "NUMBERS",
    "ONE",
    "ONE_RATE",
    "OWN",
    "PSI",
    "RATE",
    "RATE_SMALL",
    "RECIPROCALS",
    "SLOPE",
    "SMALL",
    "TABLE",
    "TINY",
    "TINY_RATE",
    "V_SMALL",
    "WAVE",
    "X_SMALL",
    "Y_SMALL",
    "Z_SMALL",
    "V",
    "X",
    "Y",
    "Z",
    "advance",
    "clear",
    "looked_at",
    "outer_waves",
    "own_integrals",
    "slope_series",
    "start",
    "third_integral",
]

BLOCK = 32
TABLE = 20  # numbers kept of a wave between blocks
# places of blocks in the workspace
(
    WAVE, PSI, SLOPE, LARGE, SMALL, ONE, TINY, X, X_SMALL, Y, Y_SMALL, OWN, NUMBERS, _POWERS,
    Z, Z_SMALL, RATE, RATE_SMALL, ONE_RATE, TINY_RATE, V, V_SMALL, LENGTH,
) = (2 * BLOCK * place for place in range(23))  # fmt: skip
RECIPROCALS = NUMBERS + BLOCK


@compiled
def slope_series(y):  # type: ignore[no-untyped-def]
    """Return (d sinc x/dx)/x as a series in y = x², good to rounding for y ≤ 1/4."""
    return -1.0 / 3 + y * (
        1.0 / 30 + y * (-1.0 / 840 + y * (1.0 / 45360 + y * (-1.0 / 3991680 + y / 518918400)))
    )


@compiled
def begin(table, angle):  # type: ignore[no-untyped-def]
    """Set up the wave e^{i k angle}, k = 1, 2, …: eight powers, the next start, the step of eight.

    An angle of 0 is read as 1e-150, so that its sine can be divided by it.
    """
    er, ei = math.cos(angle), math.sin(angle) if angle != 0.0 else 1e-150
    table[0], table[8] = 1.0, 0.0
    for r in range(1, 8):
        a, c = table[r - 1], table[8 + r - 1]
        table[r], table[8 + r] = a * er - c * ei, a * ei + c * er
    table[16], table[17] = er, ei
    for _ in range(3):
        er, ei = er * er - ei * ei, 2 * er * ei
    table[18], table[19] = er, ei


@compiled
def advance(w, table):  # type: ignore[no-untyped-def]
    """Write the next block of a wave to its place in the workspace."""
    for r in range(16):
        w[_POWERS + r] = table[r]
    er, ei = table[18], table[19]
    ar, ai = table[16], table[17]
    br, bi = ar * er - ai * ei, ar * ei + ai * er
    cr, ci = br * er - bi * ei, br * ei + bi * er
    dr, di = cr * er - ci * ei, cr * ei + ci * er
    for r in range(8):
        tr, ti = w[_POWERS + r], w[_POWERS + 8 + r]
        w[WAVE + r], w[WAVE + BLOCK + r] = ar * tr - ai * ti, ar * ti + ai * tr
        w[WAVE + 8 + r], w[WAVE + BLOCK + 8 + r] = br * tr - bi * ti, br * ti + bi * tr
        w[WAVE + 16 + r], w[WAVE + BLOCK + 16 + r] = cr * tr - ci * ti, cr * ti + ci * tr
        w[WAVE + 24 + r], w[WAVE + BLOCK + 24 + r] = dr * tr - di * ti, dr * ti + di * tr
    table[16], table[17] = dr * er - di * ei, dr * ei + di * er


@compiled
def own_integrals(er, ei, x):  # type: ignore[no-untyped-def]
    """Return the integrals of e^{iθu}, u e^{iθu}, u² e^{iθu} over [0, 1], θ = 2x, as six reals."""
    s0 = ei / x
    y = x * x
    far = (er - s0) / y
    near = slope_series(y)
    ratio = near if y < 0.25 else far
    s1, s2 = x * ratio, -s0 - 2 * ratio  # sinc′ and sinc″
    return (
        er * s0,
        ei * s0,
        0.5 * (ei * s1 + er * s0),
        -0.5 * (er * s1 - ei * s0),
        -0.25 * (er * (s2 - s0) - 2 * ei * s1),
        -0.25 * (ei * (s2 - s0) + 2 * er * s1),
    )


@compiled
def third_integral(er, ei, x):  # type: ignore[no-untyped-def]
    """Return the integral of u³ e^{iθu} over [0, 1], θ = 2x, as two reals: iψ‴."""
    s0 = ei / x
    y = x * x
    near, far = slope_series(y), (er - s0) / y
    ratio = near if y < 0.25 else far
    near = -1.0 / 15 + y * (
        1.0 / 210 + y * (-1.0 / 7560 + y * (1.0 / 498960 + y * (-1.0 / 51891840 + y / 7783776000)))
    )
    far = (s0 + 3 * ratio) / y
    s1, s2 = x * ratio, -s0 - 2 * ratio
    s3 = x * (2 * (near if y < 0.25 else far) - ratio)
    # ψ‴ = e^{ix}/8 (−i s0 − 3 s1 + 3i s2 + s3)
    c, d = (s3 - 3 * s1) / 8, (3 * s2 - s0) / 8
    return -(er * d + ei * c), er * c - ei * d


@compiled
def start(tables, a, on, g, b, large, omega1):  # type: ignore[no-untyped-def]
    """Set up the waves of all neighbours, then of b, then of the own half angle.

    Returns the probabilities that no neighbour is on, and no large one, and the own half angle.
    """
    count = len(a)
    none = rest_large = 1.0
    for j in range(count):
        begin(tables[j], 0.5 * omega1 * a[j])
        none *= 1 - on[j]
        if j < large:
            rest_large *= 1 - on[j]
    begin(tables[count], omega1 * b)
    own_half = 0.5 * omega1 * g if g != 0.0 else 1e-150
    begin(tables[count + 1], own_half)
    return none, rest_large, own_half


@compiled
def clear(w, block):  # type: ignore[no-untyped-def]
    """Write the numbers of a block's modes; set its products to 1 and its sums to 0."""
    for r in range(BLOCK):
        w[NUMBERS + r] = block * BLOCK + 1 + r
        w[RECIPROCALS + r] = 1.0 / (block * BLOCK + 1 + r)
        w[LARGE + r] = w[SMALL + r] = 1.0
        w[LARGE + BLOCK + r] = w[SMALL + BLOCK + r] = 0.0
    for r in range(2 * BLOCK):
        w[ONE + r] = w[TINY + r] = w[RATE + r] = w[RATE_SMALL + r] = 0.0
        w[ONE_RATE + r] = w[TINY_RATE + r] = 0.0


@compiled
def outer_waves(w, tables, count):  # type: ignore[no-untyped-def]
    """Write the blocks of the own half angle and of b."""
    advance(w, tables[count + 1])
    for r in range(2 * BLOCK):
        w[OWN + r] = w[WAVE + r]
    advance(w, tables[count])


@compiled
def looked_at(energies, block):  # type: ignore[no-untyped-def]
    """Return the error estimate after a block, or −1 where none is made.

    It is made after 64, 96, 128, 192, 256, … modes: with ``energies`` (2, blocks) the squares and
    the sums of the terms of each block, a third of the root of the squares in the last half of the
    modes and of the modulus of their sum.  Of terms that fall as k⁻³ what is left is a sixth of the
    one if they are out of phase, a third of the other if they are in phase.
    """
    done = block + 1
    third = done // 3
    if done > 1 and (done & block == 0 or (done == 3 * third and third & (third - 1) == 0)):
        last = energies[:, done // 2 : done]
        return (math.sqrt(last[0].sum()) + abs(last[1].sum())) / 3
    return -1.0
