r"""One output with no or one active neighbour: piecewise cubics, exact by Gauss nodes.

Output i sees :math:`z = t + g u` with its own amplitude u.  Its loss is the average over t of
:math:`H = p K + (1 - p) t_+^2`, where

.. math::

    K(t, g) = \int_0^1 \bigl(u - (t + g u)_+\bigr)^2 du
            = \tfrac13 + \int_{u_0}^{u_1} \bigl[-2u(t + gu) + (t + gu)^2\bigr] du

and :math:`[u_0, u_1]` is the part of [0, 1] on which the ReLU is open.  With
:math:`u_* = -t/g`, where it opens or shuts inside [0, 1],

.. math::

    \partial_t^2 K = 2(u_1 - u_0) - 2u_*/|g|, \quad
    \partial_t \partial_g K = u_1^2 - u_0^2 - 2u_*^2/|g|, \quad
    \partial_g^2 K = \tfrac23 (u_1^3 - u_0^3) - 2u_*^3/|g| .

With one active neighbour, :math:`t = b + a x` and x is uniform: three pieces, split where t passes
0 and −g, two Gauss nodes each, with no division by a small coupling.  Second derivatives are
one-sided at t = 0 (from above) and t = −g.  Their last terms are a peak of width g/a in x, a delta
function at g = 0; where |g| < |a| they are integrated over :math:`u_*`, with :math:`dx/|g| =
du_*/|a|`.
"""

import math

from .jit import compiled

__all__ = ["kernel", "kernel_curvature", "one_active", "one_active_curvature"]

_NODE = 0.5 - 0.5 / math.sqrt(3.0)


@compiled
def kernel(t, g, p):  # type: ignore[no-untyped-def]
    """Return H, ∂H/∂t and ∂H/∂g."""
    u0, u1 = 0.0, 1.0
    if g > 0.0:
        if t < 0.0:
            u0 = min(-t / g, 1.0)
    elif g < 0.0:
        u1 = min(max(-t / g, 0.0), 1.0)
    elif t <= 0.0:
        u1 = 0.0
    d1 = u1 - u0
    d2 = (u1 * u1 - u0 * u0) / 2
    d3 = (u1 * u1 * u1 - u0 * u0 * u0) / 3
    silent = max(t, 0.0)
    value = 1.0 / 3 + t * t * d1 + 2 * t * (g - 1) * d2 + g * (g - 2) * d3
    by_t = 2 * (t * d1 + (g - 1) * d2)
    by_g = 2 * (t * d2 + (g - 1) * d3)
    q = 1 - p
    return p * value + q * silent * silent, p * by_t + 2 * q * silent, p * by_g


@compiled
def kernel_curvature(t, g, p, peaked):  # type: ignore[no-untyped-def]
    """Return ∂²H/∂t², ∂²H/∂t∂g and ∂²H/∂g², without the terms in 1/|g| unless ``peaked``."""
    u0, u1, at = 0.0, 1.0, 0.0  # at: u* where it lies inside (0, 1)
    if g > 0.0:
        if t < 0.0:
            u0 = min(-t / g, 1.0)
            at = u0 if u0 < 1.0 else 0.0
    elif g < 0.0:
        u1 = min(max(-t / g, 0.0), 1.0)
        at = u1 if u1 < 1.0 else 0.0
    elif t < 0.0:
        u1 = 0.0
    edge = at / abs(g) if peaked and at > 0.0 else 0.0
    silent = 2 * (1 - p) if t >= 0.0 else 0.0
    return (
        p * 2 * (u1 - u0 - edge) + silent,
        p * (u1 * u1 - u0 * u0 - 2 * edge * at),
        p * 2 * ((u1 * u1 * u1 - u0 * u0 * u0) / 3 - edge * at * at),
    )


@compiled
def _passes(a, g, b):  # type: ignore[no-untyped-def]
    """Return where in [0, 1], in order, b + a x passes 0 and −g."""
    if abs(a) <= 1e-300:
        return 0.0, 1.0
    first = min(max(-b / a, 0.0), 1.0)
    second = min(max((-g - b) / a, 0.0), 1.0)
    return min(first, second), max(first, second)


@compiled
def one_active(a, g, b, p):  # type: ignore[no-untyped-def]
    """Average H over one active neighbour: value, ∂/∂b, ∂/∂g, ∂/∂a."""
    first, second = _passes(a, g, b)
    value = by_b = by_g = by_a = 0.0
    left = 0.0
    for piece in range(3):
        right = first if piece == 0 else (second if piece == 1 else 1.0)
        width = right - left
        if width > 0.0:
            for side in range(2):
                x = left + width * (_NODE if side == 0 else 1 - _NODE)
                h, h_t, h_g = kernel(b + a * x, g, p)
                value += width / 2 * h
                by_b += width / 2 * h_t
                by_g += width / 2 * h_g
                by_a += width / 2 * x * h_t
        left = right
    return value, by_b, by_g, by_a


@compiled
def one_active_curvature(a, g, b, p, along_a, along_g, along_b):  # type: ignore[no-untyped-def]
    """Return the derivatives of ∂/∂b, ∂/∂g and ∂/∂a of the average along a direction."""
    first, second = _passes(a, g, b)
    by_b = by_g = by_a = 0.0
    apart = abs(a) > abs(g)
    if apart and abs(a) > 1e-300:
        gain = g if abs(g) > 1e-300 else 1e-300
        low, high = min(max(-b / gain, 0.0), 1.0), min(max(-(b + a) / gain, 0.0), 1.0)
        weight = -p * abs(high - low) / abs(a)
        for side in range(2):
            u = low + (high - low) * (_NODE if side == 0 else 1 - _NODE)
            x = min(max((-b - g * u) / a, 0.0), 1.0)
            along_t = along_b + along_a * x
            slope = weight * u * (along_t + u * along_g)
            by_b += slope
            by_a += x * slope
            by_g += u * slope
    left = 0.0
    for piece in range(3):
        right = first if piece == 0 else (second if piece == 1 else 1.0)
        width = right - left
        if width > 0.0:
            for side in range(2):
                x = left + width * (_NODE if side == 0 else 1 - _NODE)
                tt, tg, gg = kernel_curvature(b + a * x, g, p, not apart)
                along_t = along_b + along_a * x
                slope = width / 2 * (tt * along_t + tg * along_g)
                by_b += slope
                by_a += x * slope
                by_g += width / 2 * (tg * along_t + gg * along_g)
        left = right
    return by_b, by_g, by_a
