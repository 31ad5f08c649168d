r"""What tests share: generated models, and two ways to their loss that use no formula of ours.

``integrated_loss`` is the slow truth.  It integrates :math:`(x_i - (z_i)_+)^2` over the unit cube
of the active features, one coordinate after the other: between the points where a preactivation
crosses zero at a vertex of the remaining cube the integrand is a polynomial of degree at most
:math:`k + 1`, which Boole's rule integrates exactly for :math:`k \le 4`.  No truncated power, and
divisions only to find the crossings.  ``monte_carlo_loss`` is the third voice.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np
import sympy
from hypothesis import strategies as st

from theory.laws import AMPLITUDES, FeatureLaw

__all__ = [
    "CERTIFIED",
    "COUPLINGS",
    "LAWS",
    "active_sample",
    "biases",
    "cube_integral",
    "densities",
    "density_for",
    "fractions",
    "importances",
    "integrated_loss",
    "integrated_per_feature",
    "models",
    "monte_carlo_loss",
    "rational",
    "weights",
    "within_standard_errors",
]

COUPLINGS = (0.0, *(10.0**-k for k in range(1, 13)))
"""The floats on which formulas that divide by a coupling lose every digit."""

CERTIFIED = {
    ("3/10", "1/2"): 0.021742369371,
    ("1/10", "1/5"): 0.001965197070,
}
"""Global minima of two features on one line by (density, importance of the last feature).

To 12 digits by ``antipode optimum 2,1 --density 3/10 --importance 1,1/2``, and so on;
branch and bound proves that nothing lies more than 1e-6 V below.
"""

LAWS = tuple(
    FeatureLaw.parse(text, amplitude)
    for text in (
        "independent",
        "one-hot",
        "correlated:0,2",
        "anticorrelated:0,2",
        "exclusive:0,2",
    )
    for amplitude in AMPLITUDES
)
"""Every kind of feature law with every amplitude, on three features or more."""

Matrix = Sequence[Sequence[Any]]


def fractions(low: int = -2, high: int = 2, denominator: int = 8) -> st.SearchStrategy[Fraction]:
    """Fractions in [low, high] with a bounded denominator; zeros and ties are frequent."""
    return st.builds(
        lambda d, t: Fraction(low) + Fraction((high - low) * (t % (d + 1)), d),
        st.integers(1, denominator),
        st.integers(0, denominator),
    )


def weights(m: int, n: int) -> st.SearchStrategy[list[list[Fraction]]]:
    """Weight matrices (m, n)."""
    return st.lists(st.lists(fractions(), min_size=n, max_size=n), min_size=m, max_size=m)


def biases(n: int) -> st.SearchStrategy[list[Fraction]]:
    """Biases (n,)."""
    return st.lists(fractions(-1, 1), min_size=n, max_size=n)


def densities(n: int) -> st.SearchStrategy[list[Fraction]]:
    """Densities (n,) in (0, 1], one for each feature; 1 is frequent."""
    one = st.integers(1, 12).flatmap(lambda q: st.integers(1, q).map(lambda k: Fraction(k, q)))
    return st.lists(one, min_size=n, max_size=n)


def importances(n: int) -> st.SearchStrategy[list[Fraction]]:
    """Importances (n,), some of them zero but not all."""
    return st.lists(fractions(0, 3), min_size=n, max_size=n).filter(any)


def models(n: int, m: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """(W, b, density, importance) with a density and an importance for each feature."""
    return st.tuples(weights(m, n), biases(n), densities(n), importances(n))


def density_for(law: FeatureLaw, density: Sequence[Any]) -> list[Any] | None:
    """Make any densities of at least three features fit one of the ``LAWS``."""
    if law.kind == "one-hot":
        return None
    if law.kind == "exclusive":
        return [q / 2 for q in density]
    return [density[0], density[1], density[0], *density[3:]] if law.sets else list(density)


def rational(value: Fraction) -> sympy.Rational:
    """Return a Fraction as a sympy number."""
    return sympy.Rational(value.numerator, value.denominator)


def cube_integral(
    f: Callable[[list[Any]], Any], constant: Any, coefficients: Sequence[Any]
) -> Fraction:
    r"""Integrate f over the unit cube, exactly.

    ``f`` must be a polynomial of total degree at most 2 on either side of the hyperplane
    :math:`c + a \cdot x = 0`, and continuous across it; at most four coordinates.
    """
    k = len(coefficients)
    assert k <= 4, "Boole's rule is exact for four coordinates at most"
    if k == 0:
        return Fraction(f([]))
    *inner, a = coefficients
    crossings = set()
    if a:
        for vertex in product((0, 1), repeat=k - 1):
            level = constant + sum(v * c for v, c in zip(vertex, inner, strict=True))
            crossings.add(Fraction(-level) / Fraction(a))
    cuts = [Fraction(0), *sorted(t for t in crossings if 0 < t < 1), Fraction(1)]
    total = Fraction(0)
    for low, high in pairwise(cuts):
        for node, weight in enumerate((7, 32, 12, 32, 7)):
            t = low + (high - low) * Fraction(node, 4)
            slab = cube_integral(lambda x, t=t: f([*x, t]), constant + a * t, inner)
            total += (high - low) * Fraction(weight, 90) * slab
    return total


def integrated_per_feature(
    W: Matrix, b: Sequence[Any], density: Sequence[Any]
) -> tuple[Fraction, ...]:
    """Return the losses E(x_i - x'_i)^2 from their definition, for exact input and n up to 4."""
    n = len(W[0])
    W = [[Fraction(w) for w in row] for row in W]
    density = [Fraction(q) for q in density]
    losses = []
    for i in range(n):
        row = [sum(r[i] * r[j] for r in W) for j in range(n)]
        total = Fraction(0)
        for pattern in product((0, 1), repeat=n):
            on = [j for j in range(n) if pattern[j]]
            probability = Fraction(1)
            for j in range(n):
                probability *= density[j] if pattern[j] else 1 - density[j]

            def squared_error(
                x: list[Any], i: int = i, row: list[Any] = row, on: list[int] = on
            ) -> Any:
                z = Fraction(b[i]) + sum(row[j] * u for j, u in zip(on, x, strict=True))
                target = x[on.index(i)] if i in on else 0
                return (target - max(z, Fraction(0))) ** 2

            if probability:
                total += probability * cube_integral(
                    squared_error, Fraction(b[i]), [row[j] for j in on]
                )
        losses.append(total)
    return tuple(losses)


def integrated_loss(
    W: Matrix, b: Sequence[Any], density: Sequence[Any], importance: Sequence[Any]
) -> Fraction:
    """Return the population loss from its definition, for exact input and n up to 4."""
    losses = integrated_per_feature(W, b, density)
    return sum((Fraction(i) * q for i, q in zip(importance, losses, strict=True)), Fraction(0))


def active_sample(
    law: FeatureLaw, density: Any, n: int, generator: np.random.Generator, samples: int
) -> Any:
    """Draw who is on, (samples, n) booleans, from the definition of each kind of law."""
    if law.kind == "one-hot":
        return generator.integers(n, size=samples)[:, None] == np.arange(n)
    p = np.ones(n) * np.asarray(density, float)
    active = generator.random((samples, n)) < p
    for members in map(list, law.sets):
        draw, k = generator.random(samples), len(members)
        if law.kind == "correlated":
            active[:, members] = (draw < p[members[0]])[:, None]
        elif law.kind == "anticorrelated":
            chosen = generator.integers(k, size=samples)[:, None] == np.arange(k)
            active[:, members] = (draw < p[members[0]])[:, None] & chosen
        else:
            edges = np.cumsum([0.0, *p[members]])
            active[:, members] = (edges[:-1] <= draw[:, None]) & (draw[:, None] < edges[1:])
    return active


def monte_carlo_loss(
    W: Any,
    b: Any,
    density: Any,
    importance: Any,
    generator: np.random.Generator,
    samples: int,
    *,
    law: FeatureLaw | None = None,
    W_out: Any = None,
    activation: str = "relu",
) -> tuple[float, float]:
    """Return a sample mean of the loss and its standard error."""
    law = law or FeatureLaw()
    W, b = np.asarray(W, float), np.asarray(b, float)
    W_out = W.T if W_out is None else np.asarray(W_out, float)
    n = W.shape[1]
    x = generator.random((samples, n))
    x = {"uniform": x, "signed": 2 * x - 1, "binary": np.ones_like(x)}[law.amplitude]
    x = x * active_sample(law, density, n, generator, samples)
    output = x @ (W_out @ W).T + b
    if activation == "relu":
        output = np.maximum(output, 0.0)
    losses = ((x - output) ** 2) @ (np.ones(n) * np.asarray(importance, float))
    return float(losses.mean()), float(losses.std(ddof=1) / np.sqrt(samples))


def within_standard_errors(
    estimate: float, standard_error: float, value: Any, count: float = 5.0
) -> bool:
    """Tell whether ``value`` is within ``count`` standard errors of ``estimate``."""
    assert standard_error > 0, "a sample without spread supports no claim"
    return abs(estimate - float(value)) <= count * standard_error
