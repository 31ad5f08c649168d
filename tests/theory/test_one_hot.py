"""The potential of one active feature, and what blocks are worth as density goes to zero."""

from fractions import Fraction
from itertools import pairwise
from math import cos, pi, sqrt

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from numerics import exact_loss
from theory.laws import FeatureLaw
from theory.one_hot import limit_benefit, potential
from theory.polytopes.catalogue import polytope

rationals = st.fractions(-2, 2, max_denominator=6)
SIZES = st.integers(1, 4)


def polygon(k):
    angle = 2 * pi * np.arange(k) / k
    return np.stack([np.cos(angle), np.sin(angle)])


def integral(coupling, bias, target):
    """3∫(target u − (coupling u + bias)_+)² du by Simpson's rule between the kinks: exact."""
    kink = -bias / coupling if coupling else 0
    nodes = sorted({Fraction(0), Fraction(1), min(max(Fraction(kink), Fraction(0)), Fraction(1))})

    def square(u):
        return (target * u - max(coupling * u + bias, 0)) ** 2

    pieces = pairwise(nodes)
    return 3 * sum(
        (b - a) / 6 * (square(a) + 4 * square((a + b) / 2) + square(b)) for a, b in pieces
    )


@st.composite
def couplings(draw):
    n = draw(SIZES)
    G = [[draw(rationals) for _ in range(n)] for _ in range(n)]
    for i in range(n):
        G[i][i] = abs(G[i][i])
    return G, [draw(rationals) for _ in range(n)]


@given(couplings())
def test_the_potential_is_its_integral_exactly(model):
    G, b = model
    n = len(b)
    truth = sum(integral(G[i][j], b[i], int(i == j)) for i in range(n) for j in range(n))
    found = potential(G, b)
    assert isinstance(found, Fraction)
    assert found == truth


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_loss_with_one_feature_active(seed):
    random = np.random.default_rng(seed)
    W, b = random.standard_normal((2, 5)), random.standard_normal(5) / 3
    loss = exact_loss(torch.tensor(W), torch.tensor(b), None, law=FeatureLaw.parse("one-hot"))
    assert potential(W.T @ W, b) / 15 == pytest.approx(float(loss), rel=1e-12)


@given(couplings(), st.floats(1e-9, 1e-3))
def test_small_couplings_lose_no_digits(model, scale):
    """Floats of any size agree with the exact value of the numbers they are."""
    G, b = model
    G = [[float(a) * scale for a in row] for row in G]
    b = [float(x) * scale for x in b]
    exact = potential([[Fraction(a) for a in row] for row in G], [Fraction(x) for x in b])
    assert potential(G, b) == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize(
    ("k", "length", "bias", "least"),
    [
        (4, 1, 0, 0),
        (5, 1.17045964, -0.28229728, 0.237384),
        (6, 1.32052633, -0.61813513, 0.867463),
    ],
)
def test_the_published_polygons(k, length, bias, least):
    """arXiv 2310.06301 gives five digits; these solve its system of two equations."""
    found = limit_benefit(polygon(k))
    assert sqrt(found.squared_length) == pytest.approx(length, abs=1e-8)
    assert found.bias == pytest.approx(bias, abs=1e-8)
    assert found.potential == pytest.approx(least, abs=1e-6)
    assert found.benefit == pytest.approx((k - least) / 2, abs=1e-6)
    assert (found.features, found.dimensions) == (k, 2)


@pytest.mark.parametrize("k", [5, 6, 7, 8])
def test_polygons_solve_the_published_system(k):
    """Its two equations say that the slopes in length and bias are zero (k of at most 8)."""
    found = limit_benefit(polygon(k))
    x, y = sqrt(found.squared_length), found.bias
    near = [cos(2 * pi * j / k) for j in range(1, -(-k // 4))]
    F, G = 1 + 2 * sum(c * c for c in near), 1 + 2 * sum(near)
    C, M = 1 + 2 * sum(1 / c for c in near), 1 + 2 * len(near)
    first = x**6 * G + x**2 * y**2 * C + 2 * x**4 * y * M + y**2 - x**4
    second = 2 * x**8 * F + 3 * x**6 * y * G - x**2 * y**3 * C - 2 * x**6 - 2 * y**3
    assert -(x**2) * near[-1] < y < 0
    assert abs(first) < 1e-11 * x**4
    assert abs(second) < 1e-11 * x**8


@pytest.mark.parametrize(
    ("k", "dead", "loss"),
    [
        (4, 0, 0.111111),
        (4, 1, 0.104167),
        (4, 2, 0.097222),
        (5, 0, 0.068744),
        (5, 1, 0.061799),
        (6, 0, 0.048192),
    ],
)
def test_the_published_losses_of_six_features(k, dead, loss):
    """arXiv 2310.06301: ``dead`` dropped features have the bias 1/12, the others −1."""
    found = limit_benefit(polygon(k))
    W = np.zeros((2, 6))
    W[:, :k] = sqrt(found.squared_length) * polygon(k)
    b = np.full(6, -1.0)
    b[:k], b[k : k + dead] = found.bias, 1 / 12
    G = np.where(abs(W.T @ W) < 1e-15, 0.0, W.T @ W)
    assert potential(G, b) / 18 == pytest.approx(loss, abs=1e-6)


DIRECTIONS = {
    "pentagon": polygon(5),
    "heptagon": polygon(7),
    "icosahedron": polytope("icosahedron").array(),
    "8 at random": np.random.default_rng(5).standard_normal((3, 8)),
    "12 at random": np.random.default_rng(6).standard_normal((4, 12)),
}


@pytest.mark.parametrize("name", DIRECTIONS)
def test_no_length_and_bias_do_better(name):
    U = DIRECTIONS[name] / np.linalg.norm(DIRECTIONS[name], axis=0)
    k, cosine = U.shape[1], U.T @ U
    found = limit_benefit(DIRECTIONS[name])

    def total(point):
        return potential(abs(point[0]) * cosine, np.full(k, -abs(point[1])))

    assert total((found.squared_length, found.bias)) == pytest.approx(found.potential, rel=1e-12)
    for start in ((0.7, 0.01), (1.5, 0.5), (3.0, 2.0)):
        end = minimize(total, start, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
        assert end.fun >= found.potential * (1 - 1e-12)
    assert found.benefit == pytest.approx((k - found.potential) / U.shape[0], rel=1e-12)


@pytest.mark.parametrize(
    ("key", "benefit"),
    [("single", 1), ("digon", 2), ("triangle", 3 / 2), ("simplex-7", 8 / 7), ("octahedron", 2)],
)
def test_without_positive_cosines_a_block_is_free(key, benefit):
    found = limit_benefit(polytope(key).array())
    assert found.potential == pytest.approx(0, abs=1e-14)
    assert (found.squared_length, found.bias) == (pytest.approx(1), 0)
    assert found.benefit == pytest.approx(benefit, rel=1e-14)


@pytest.mark.parametrize("key", ["triangle", "pentagon", "square-antiprism-tight", "icosahedron"])
def test_it_is_what_the_benefit_at_a_density_tends_to(key):
    """At fixed weights and biases the difference is proportional to p."""
    U = polytope(key).array()
    found = limit_benefit(U)
    W = torch.tensor(U / np.linalg.norm(U, axis=0) * sqrt(found.squared_length))
    b = torch.full((found.features,), found.bias, dtype=torch.float64)
    off = []
    for p in (1e-3, 1e-4):
        V = p / 3 - p * p / 4
        value = found.features * V - float(exact_loss(W, b, p, rtol=1e-12))
        off.append(found.benefit - value / (found.dimensions * V))
    assert 0 < off[1] < 40e-4
    assert off[0] / off[1] == pytest.approx(10, rel=0.02)


def test_in_the_plane_the_heptagon_is_the_best_polygon():
    benefit = {k: limit_benefit(polygon(k)).benefit for k in range(2, 33)}
    assert max(benefit, key=benefit.get) == 7
    assert benefit[7] == pytest.approx(2.62565, abs=1e-5)


def test_directions_may_have_any_length_and_lie_in_a_subspace():
    random = np.random.default_rng(1)
    frame, _ = np.linalg.qr(random.standard_normal((5, 2)))
    moved = limit_benefit(frame @ polygon(7) * random.uniform(0.1, 10, 7))
    assert moved.dimensions == 2
    assert moved.benefit == pytest.approx(limit_benefit(polygon(7)).benefit, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: potential([[1, 0]], [0]), r"rows of lengths \[2\]"),
        (lambda: potential([[1]], [0, 0]), "2 biases for 1 features"),
        (lambda: potential([[-1]], [0]), r"G\[0\]\[0\] is -1"),
        (lambda: limit_benefit([1, -1]), r"shape \(2,\)"),
        (lambda: limit_benefit([[1, 0]]), "lengths"),
        (lambda: limit_benefit([[1, float("nan")]]), "lengths"),
    ],
)
def test_what_has_no_meaning_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
