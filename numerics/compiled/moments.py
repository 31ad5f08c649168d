r"""Outputs that are never clipped: polynomials in the first two moments of their neighbours.

With :math:`t = b + y`, :math:`E(u - z)^2 = \tfrac13 + t^2 + (g - 1)\, t + \tfrac13 g (g - 2)` given
t with the own feature on and :math:`t^2` with it silent.  Means are :math:`p_j a_j/2`, variances
:math:`a_j^2 (p_j/3 - p_j^2/4)`.
"""

from .jit import compiled

__all__ = ["polynomial", "polynomial_curvature", "polynomial_hessian", "unclipped"]


@compiled
def unclipped(a, on, g, b, p, d_a):  # type: ignore[no-untyped-def]
    """Value, ∂/∂b and ∂/∂g of an output that is never clipped; ``d_a`` is filled."""
    mean, variance = b, 0.0
    for j in range(len(a)):
        mean += on[j] * a[j] / 2
        variance += a[j] * a[j] * (on[j] / 3 - on[j] * on[j] / 4)
    k = 1 - g
    by_mean = 2 * mean - p * k
    for j in range(len(a)):
        d_a[j] = by_mean * on[j] / 2 + 2 * a[j] * (on[j] / 3 - on[j] * on[j] / 4)
    return p * k * (k / 3 - mean) + mean * mean + variance, by_mean, p * (mean - 2 * k / 3)


@compiled
def polynomial(inner, weight, alone, g, b, silent, own, slopes):  # type: ignore[no-untyped-def]
    """Return value, ∂/∂b and ∂/∂g of z² over two or more active neighbours, ``slopes`` added to.

    That is the whole second moment of t = b + y less what no and one active neighbour give; with
    the own feature on, E(u − z)² − E u² = t² + (g − 1) t + g (g − 2)/3.
    """
    both, tilt = silent + own, own * (g - 1)
    none = 1.0
    mean = square = 0.0
    for j in range(len(inner)):
        none *= 1 - weight[j]
        mean += weight[j] * inner[j] / 2
        square += inner[j] * inner[j] * (weight[j] / 3 - weight[j] * weight[j] / 4)
    many, first, second = 1 - none, mean, square + mean * mean
    for j in range(len(inner)):
        many -= alone[j]
        first -= alone[j] * inner[j] / 2
        second -= alone[j] * inner[j] * inner[j] / 3
        slopes[j] += (
            both
            * (
                b * (weight[j] - alone[j])
                + mean * weight[j]
                + 2 * inner[j] * (weight[j] / 3 - weight[j] * weight[j] / 4 - alone[j] / 3)
            )
            + tilt * (weight[j] - alone[j]) / 2
        )
    linear = b * many + first
    value = both * (b * linear + b * first + second) + tilt * linear + own * g * (g - 2) / 3 * many
    return value, both * 2 * linear + tilt * many, own * (linear + 2 * (g - 1) / 3 * many)


@compiled
def polynomial_curvature(weight, alone, along, along_g, along_b, silent, own, slopes):  # type: ignore[no-untyped-def]
    """Return what ∂/∂b and ∂/∂g of :func:`polynomial` change by; ``slopes`` added to."""
    both = silent + own
    none = 1.0
    mean = first = total = 0.0
    for j in range(len(weight)):
        none *= 1 - weight[j]
        total += alone[j]
        mean += weight[j] * along[j] / 2
        first += (weight[j] - alone[j]) * along[j] / 2
    for j in range(len(weight)):
        slopes[j] += (
            both
            * (
                along_b * (weight[j] - alone[j])
                + mean * weight[j]
                + 2 * along[j] * (weight[j] / 3 - weight[j] * weight[j] / 4 - alone[j] / 3)
            )
            + own * along_g * (weight[j] - alone[j]) / 2
        )
    many = 1 - none - total
    linear = along_b * many + first
    return both * 2 * linear + own * along_g * many, own * (linear + 2 * along_g / 3 * many)


@compiled
def polynomial_hessian(weight, alone, silent, own, offset, H):  # type: ignore[no-untyped-def]
    """Add the Hessian of z² over two or more active neighbours, less u² with u on."""
    at_g, at_b = len(H) - 2, len(H) - 1
    both, none, total = silent + own, 1.0, 0.0
    for j in range(len(weight)):
        none *= 1 - weight[j]
        total += alone[j]
        for k in range(j + 1):
            H[offset + j, offset + k] += both * weight[j] * weight[k] / 2
        bend = 2 * (weight[j] / 3 - weight[j] * weight[j] / 4 - alone[j] / 3)
        H[offset + j, offset + j] += both * bend
        H[at_b, offset + j] += both * (weight[j] - alone[j])
        H[at_g, offset + j] += own * (weight[j] - alone[j]) / 2
    H[at_b, at_b] += 2 * both * (1 - none - total)
    H[at_b, at_g] += own * (1 - none - total)
    H[at_g, at_g] += own * 2 / 3 * (1 - none - total)
