r"""How one output's average is split by scales, so that no series sees a nearly atomic state.

Two active neighbours whose couplings are small beside the support L are nearly an atom: terms of a
series then fall off as :math:`\omega^{-3}` until the modes resolve the small couplings.  What
decays slowly is the kink of :math:`t_+^2` with i silent and, if its own gain g is as small as
they are, of :math:`t_+` with i active (a larger g smooths the kinks that i brings).  So the states
in which only small neighbours (:math:`|a_j| < L/16`) are active, i silent or of a gain as small,
are taken out of the series and summed by a series of their own, whose L is their own support, and
so on down the scales.  Usually that inner problem has no kink in its support and is a polynomial.

With many neighbours the split costs more than it saves unless pairs of small ones matter; it is
then made only if what 256 modes would leave unresolved exceeds the tolerance.  Of pairs within
L/K of a kink K modes leave about :math:`0.03 L^2/K^2` of :math:`t_+^2`, :math:`0.1 L/K` of
:math:`t_+`, and of their derivatives by b :math:`0.25 L/K` and a third of the step itself, however
small L is.  So the gradient is judged beside the loss, with a tolerance a hundred times wider: a
dropped column leaves an output whose L is tiny, and its whole slope :math:`-2p\,E[u; z > 0]`.

L is a bound of the support or, with more than eight neighbours, a tail bound (Bennett's
inequality): beyond it, :math:`E[t^2 + 2|t|; |t| > L]` is below a hundredth of the tolerance, and
what the derivative by b loses, :math:`E[2 + 2|t|; |t| > L]`, about below that of the gradient.
"""

import math

from .jit import compiled

__all__ = [
    "FIRST",
    "LARGE",
    "LEVELS",
    "OWN_ON",
    "PASSES",
    "POLYNOMIAL",
    "SILENT",
    "SUPPORT",
    "next_scale",
    "plan",
    "rests",
]

LEVELS = 24  # scales at most: 16²⁴ is beyond every float coupling that matters
FIRST, LARGE, SUPPORT, SILENT, OWN_ON, PASSES, POLYNOMIAL = range(7)  # columns of a plan
_RATIO = 16.0  # couplings below this share of the support are a scale of their own
_FEW = 32  # neighbours up to which a scale is taken out a hundred times sooner: it is cheap
_RESOLVED = 256  # modes that a row with many small couplings should get by with
_GRADIENT = 100.0  # times the tolerance of the loss is that of the gradient
_NARROW = 1e-15  # squares of u below which Bennett's bound is a normal tail to rounding


@compiled
def _tail(variance, largest, reach, wanted):  # type: ignore[no-untyped-def]
    """Return T with P(Y − EY > T) ≤ e^−wanted by Bennett's inequality, at most ``reach``."""
    if largest <= 0.0 or variance <= 0.0:
        return reach
    target = wanted * largest * largest / variance  # solve (1 + u) log(1 + u) − u = target
    if target < _NARROW:
        return min(reach, math.sqrt(2 * wanted * variance))
    u = math.sqrt(2 * target) + target / 3
    for _ in range(20):
        bent = (1 + u) * math.log1p(u) - u if u > 1e-4 else u * u * (0.5 - u / 6)
        u -= (bent - target) / math.log1p(u)
    return min(reach, u * variance / largest)


@compiled
def _support(inner, weight, g, b, tolerance):  # type: ignore[no-untyped-def]
    """Return L with E[z² + 2|z|; |z| > L] below a hundredth of the tolerance, and that bound."""
    low = high = b
    mean, variance, up, down = b, 0.0, 0.0, 0.0
    for j in range(len(inner)):
        low += min(inner[j], 0.0)
        high += max(inner[j], 0.0)
        up, down = max(up, inner[j]), max(down, -inner[j])
        mean += weight[j] * inner[j] / 2
        variance += inner[j] * inner[j] * weight[j] / 3
    ends = max(-low - min(g, 0.0), high + max(g, 0.0))
    # P(|z| > L) times ends·max(ends, 1) counts for the loss, times max(ends, 1) for the gradient
    wanted = math.log(200 * max(ends, 1.0) * max(ends, 1 / _GRADIENT) / tolerance)
    if len(inner) <= 8 or wanted <= 0.0:
        return ends, 0.0
    right = mean + _tail(variance, up, high - mean, wanted) + max(g, 0.0)
    left = mean - _tail(variance, down, mean - low, wanted) + min(g, 0.0)
    L = max(right, -left)
    return (ends, 0.0) if ends <= L else (L, tolerance / 100)


@compiled
def _unresolved(inner, weight, first, L):  # type: ignore[no-untyped-def]
    """Return the probability that two or more are on, all too small for :data:`_RESOLVED` modes."""
    on, none = 0.0, 1.0
    for j in range(first, len(inner)):
        if abs(inner[j]) * _RESOLVED < 2 * L:
            on += weight[j]
        else:
            none *= 1 - weight[j]
    return none * min(1.0, on * on / 2)


@compiled
def plan(inner, weight, g, b, p, tolerance, levels):  # type: ignore[no-untyped-def]
    """Fill ``levels`` (LEVELS, 7); return how many there are and the error of the supports.

    A level holds its first neighbour (they are sorted by size), how many from there are of its
    scale, its support, the probabilities that all earlier neighbours are silent with the own
    feature silent and with it on (0 from the level after that of its gain), whether states with
    the own feature on and only smaller neighbours are the next level's, and whether it is a
    polynomial.
    """
    count = len(inner)
    L, error = _support(inner, weight, g, b, tolerance)
    first, found, silent, on = 0, 0, 1 - p, p
    while count - first >= 2 and found < LEVELS and silent + on > 0.0:
        polynomial = 0.0
        if found > 0:
            gain = g if on > 0.0 else 0.0
            below, above = b + min(gain, 0.0), b + max(gain, 0.0)
            for j in range(first, count):
                below += min(inner[j], 0.0)
                above += max(inner[j], 0.0)
            if above <= 0.0:
                break
            if below >= 0.0:
                polynomial = 1.0
            L, left_out = _support(inner[first:], weight[first:], gain, b, tolerance)
            error += (silent + on) * left_out
        if L <= 1e-120:
            break
        largest = abs(inner[first])
        threshold = L if found == 0 or largest * _RATIO >= L else largest
        split = first
        while split < count and abs(inner[split]) * _RATIO >= threshold:
            split += 1
        large = count - first
        small_gain = on > 0.0 and abs(g) * _RATIO < threshold
        if count - split >= 2:
            kinks = 0.03 * silent * L * L / _RESOLVED**2  # of t² and of t, after so many modes
            slopes = 0.25 * silent * L / _RESOLVED
            if small_gain:
                kinks += 0.1 * on * L / _RESOLVED
                slopes += 0.3 * on
            needed = tolerance * (0.01 if count <= _FEW else 1.0)
            worst = max(kinks, slopes / _GRADIENT)
            if worst * _unresolved(inner, weight, first, L) > needed:
                large = split - first
        passes = 1.0 if small_gain and large < count - first else 0.0
        levels[found, FIRST], levels[found, LARGE] = first, large
        levels[found, SUPPORT], levels[found, SILENT] = L, silent
        levels[found, OWN_ON], levels[found, PASSES] = on, passes
        levels[found, POLYNOMIAL] = polynomial
        found += 1
        if polynomial == 1.0 or large == count - first:
            break
        on *= passes
        for j in range(first, split):
            silent *= 1 - weight[j]
            on *= 1 - weight[j]
        first = split
    return found, error


@compiled
def rests(weight, rest):  # type: ignore[no-untyped-def]
    """Fill the products of all 1 − p_l but one; return the whole product."""
    count = len(weight)
    before = 1.0
    for j in range(count):
        rest[j] = before
        before *= 1 - weight[j]
    after = 1.0
    for j in range(count - 1, -1, -1):
        rest[j] *= after
        after *= 1 - weight[j]
    return before


@compiled
def next_scale(weight, alone, rest):  # type: ignore[no-untyped-def]
    """Fill the probabilities of one active neighbour alone within a scale."""
    rests(weight, rest)
    for j in range(len(weight)):
        alone[j] = weight[j] * rest[j]
