"""The symmetric code: its closed form against quadrature and samples, its optimum, its limits."""

from itertools import pairwise
from math import log, sqrt

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import hadamard
from scipy.optimize import minimize, minimize_scalar
from scipy.special import ndtr

from theory.large_n import best_code, symmetric_code, symmetric_loss
from theory.problem import dropped_loss

DENSITIES = (1.0, 0.9, 0.5, 0.2, 0.1, 0.045, 0.01, 1e-3, 1e-4, 1e-6)
densities = st.floats(-6, 0).map(lambda x: 10**x)


def noise_of(code):
    return code.gain * sqrt(dropped_loss(code.density) * (1 - code.ratio) / code.ratio)


def quadrature(p, a, b, s):
    """ℓ(a, b, s) to 25 digits: Gaussian averages in closed form, the integral over u by rule."""
    with mpmath.workdps(30):
        p, a, b, s = map(mpmath.mpf, (p, a, b, s))

        def mean(mu):
            return mu * mpmath.ncdf(mu / s) + s * mpmath.npdf(mu / s)

        def square(mu):
            return (mu**2 + s**2) * mpmath.ncdf(mu / s) + mu * s * mpmath.npdf(mu / s)

        def cost(u):
            return u * u - 2 * u * mean(a * u + b) + square(a * u + b)

        bends = (-(b + k * s) / a for k in (-8, -3, 0, 3, 8))
        nodes = sorted([0, 1, *(u for u in bends if 0 < u < 1)])
        return (1 - p) * square(b) + p * mpmath.quad(cost, nodes)


@pytest.mark.parametrize(
    ("p", "ratio"),
    [
        *((1, 0.7), (1, 0.05), (0.9, 0.3), (0.5, 0.05), (0.1, 0.25), (0.1, 0.999), (0.045, 0.1)),
        *((0.01, 0.5), (1e-3, 0.01), (1e-6, 2e-5), (1e-6, 0.5), (1e-6, 0.9999)),
    ],
)
def test_the_closed_form_is_the_integral(p, ratio):
    """Twelve digits even of losses a million times below a dropped feature's."""
    code = symmetric_code(p, ratio)
    for a, b in ((code.gain, code.bias), (0.8 * code.gain, 1.2 * code.bias), (1.0, 0.01)):
        s = noise_of(code)
        truth = quadrature(p, a, b, s)
        assert abs(symmetric_loss(p, a, b, s) / truth - 1) < 1e-12
        if a == code.gain:
            assert abs(code.loss / truth - 1) < 1e-12
            saved = 1 - truth / (mpmath.mpf(p) / 3 - mpmath.mpf(p) ** 2 / 4)
            assert abs(code.benefit / (saved / ratio) - 1) < 1e-12


def test_far_below_every_threshold_nothing_is_stored():
    """No feature exceeds a bias of −3 with noise .01: the loss is E x² = p/3."""
    assert symmetric_loss(0.1, 1.0, -3.0, 0.01) == pytest.approx(0.1 / 3, rel=1e-14)


@given(densities, st.floats(0.02, 0.98), st.floats(-1, 1), st.floats(-1, 1))
def test_no_gain_and_bias_beat_the_code(p, share, x, y):
    """The ratio runs from p/10 to 1 on a logarithmic scale."""
    code = symmetric_code(p, (p / 10) ** (1 - share))
    sigma = noise_of(code) / code.gain
    assert 0 < code.loss < dropped_loss(p)
    a, b = code.gain * 3**x, code.bias + y * code.gain * sigma
    assert symmetric_loss(p, a, b, a * sigma) >= code.loss * (1 - 1e-12)


@pytest.mark.parametrize("p", [1.0, 0.3, 0.045, 1e-3, 1e-6])
@pytest.mark.parametrize("ratio", [0.03, 0.3, 0.9])
def test_a_search_over_gain_and_bias_finds_the_same_minimum(p, ratio):
    """From the solution without the ReLU and from the sparse one."""
    code = symmetric_code(p, ratio)
    sigma = noise_of(code) / code.gain
    starts = ((ratio, (1 - ratio) * p / 2), (1.0, -2 * sigma))
    ends = [
        minimize(
            lambda v: symmetric_loss(p, abs(v[0]) + 1e-9, v[1], (abs(v[0]) + 1e-9) * sigma) / p,
            start,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-15, "maxiter": 2000, "maxfev": 4000},
        )
        for start in starts
    ]
    best = min(ends, key=lambda end: end.fun)
    assert best.fun * p == pytest.approx(code.loss, rel=1e-7)
    assert best.fun * p >= code.loss * (1 - 1e-12)


@pytest.mark.parametrize(
    ("ratio", "loss", "gain", "bias"),
    [
        (0.01, 0.9563, 0.011, 0.022),
        (0.05, 0.8827, 0.223, -0.102),
        (0.1, 0.7150, 0.753, -0.396),
        (0.25, 0.3237, 1.289, -0.446),
        (0.5, 0.1048, 1.276, -0.262),
        (0.8, 0.0242, 1.151, -0.118),
    ],
)
def test_the_minima_at_density_045(ratio, loss, gain, bias):
    """In units of p/3, from an independent minimisation of the integral."""
    code = symmetric_code(0.045, ratio)
    assert code.loss / 0.015 == pytest.approx(loss, abs=5e-5)
    assert (code.gain, code.bias) == pytest.approx((gain, bias), abs=5e-4)


@pytest.mark.parametrize(
    ("p", "ratio", "benefit"),
    [
        (0.9, 0.7022, 1.009078560),
        (0.5, 0.55066, 1.085932778),
        (0.3, 0.44243, 1.223182549),
        (0.2, 0.36757, 1.393240788),
        (0.1, 0.25850, 1.866788178),
        (0.05, 0.17317, 2.709693012),
        (0.01, 0.057816, 8.118838),
        (0.001, 0.0092094, 53.1866),
    ],
)
def test_the_best_ratios(p, ratio, benefit):
    """Benefits from an independent quadrature; the digits given are those it has."""
    code = best_code(p)
    assert code.ratio == pytest.approx(ratio, rel=1e-4)
    assert code.benefit == pytest.approx(benefit, rel=1e-6 if p < 0.05 else 1e-8)


def test_at_density_045_over_a_third_of_the_features_is_dropped_at_a_tenth():
    """What a ratio of .1 costs with all features stored, and with the best share of them, in V."""
    code, all_stored = best_code(0.045), symmetric_code(0.045, 0.1)
    V = dropped_loss(0.045)
    assert (code.ratio, code.loss / V) == pytest.approx((0.1623, 0.532), abs=5e-4)
    assert all_stored.loss / V == pytest.approx(0.740, abs=5e-4)
    assert 1 - 0.1 * code.benefit == pytest.approx(0.711, abs=5e-4)


@pytest.mark.parametrize("p", DENSITIES)
def test_the_best_ratio_is_best(p):
    code = best_code(p)
    assert symmetric_code(p, code.ratio).benefit == code.benefit
    for factor in (0.01, 0.3, 0.9, 0.999, 1.001, 1.1, 3.0):
        if code.ratio * factor < 1:
            assert symmetric_code(p, code.ratio * factor).benefit < code.benefit
    above, below = (symmetric_code(p, code.ratio * x).benefit for x in (1.001, 0.999))
    assert abs(above - below) < 0.01 * (2 * code.benefit - above - below)  # a parabola's top


@given(densities, st.floats(0.05, 0.999))
def test_a_dimension_is_worth_at_least_a_feature(p, ratio):
    """The solution without the ReLU is worth 1 and the ReLU helps; rounding is 50 eps/ratio."""
    assert symmetric_code(p, ratio).benefit >= 1 - 1e-14 / ratio


def test_benefits_fall_to_a_value_above_one_as_features_become_dense():
    values = [best_code(p).benefit for p in (0.5, 0.9, 0.99, 0.9999, 1.0)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(1.0034034, abs=1e-7)
    assert values[-2] - values[-1] < 1e-5


@pytest.mark.parametrize("p", [0.5, 0.045])
def test_samples_agree_within_four_standard_errors(p):
    random = np.random.default_rng(7)
    code, size = symmetric_code(p, 0.2), 400_000
    x = np.where(random.random(size) < p, random.random(size), 0.0)
    z = noise_of(code) * random.standard_normal(size)
    errors = (x - np.maximum(code.gain * x + code.bias + z, 0.0)) ** 2
    assert abs(errors.mean() - code.loss) < 4 * errors.std() / sqrt(size)


def test_a_hadamard_code_of_many_features_costs_nearly_as_much():
    """128 of 512 dimensions, every feature alike: P = HᵀH/n, and rows of P sum to 0.

    The Gaussian limit is off by about 1 % at this size; samples scatter by less.
    """
    n, d, p = 512, 128, 0.045
    random = np.random.default_rng(3)
    rows = hadamard(n)[1 + random.permutation(n - 1)[:d]].astype(float)
    code = symmetric_code(p, d / n)
    G = code.gain / (d / n) * (rows.T @ rows) / n
    x = np.where(random.random((n, 6000)) < p, random.random((n, 6000)), 0.0)
    mean_of_others = (G.sum(1) - np.diag(G)) * p / 2
    output = np.maximum(G @ x + (code.bias - mean_of_others)[:, None], 0.0)
    assert ((x - output) ** 2).mean() == pytest.approx(code.loss, rel=0.03)


def sparse_rate(p):
    """Return q(p) of the module's sparse limit, and the t at which it is reached."""

    def cost(t):
        tail = (1 + t * t) * ndtr(-t) - t * np.exp(-t * t / 2) / sqrt(2 * np.pi)
        return (1 - p) * tail + p * (1 + t * t / 4)

    found = minimize_scalar(cost, bounds=(0, 40), method="bounded", options={"xatol": 1e-10})
    return found.fun, found.x


def test_the_sparse_limit_at_a_fixed_ratio():
    """Corrections are proportional to σ, the root of p: a factor 10 for two decades."""
    off = []
    for p in (1e-4, 1e-6, 1e-8):
        q, t = sparse_rate(p)
        code = symmetric_code(p, 0.3)
        sigma = noise_of(code) / code.gain
        assert code.bias == pytest.approx(-t * sigma, rel=10 * sigma)
        assert code.gain - 1 == pytest.approx(1.5 * t * sigma, rel=10 * sigma)
        off.append(code.loss / sigma**2 / q - 1)
    assert off[0] < 0.03
    assert all(a / b == pytest.approx(10, rel=0.15) for a, b in pairwise(off))


def test_the_leading_term_of_the_sparse_limit_is_reached_slowly():
    """q/(p ln(1/p)/2) − 1 falls like 1/ln(1/p) times a logarithm: a tenth at p = 1e-6."""
    ratios = [sparse_rate(p)[0] / (p * log(1 / p) / 2) for p in (1e-6, 1e-15, 1e-60)]
    assert [abs(ratio - 1) for ratio in ratios] == pytest.approx([0.089, 0.079, 0.035], abs=2e-3)


def test_at_the_best_ratio_the_sparse_limit_is_still_far():
    q, _ = sparse_rate(1e-6)
    assert best_code(1e-6).benefit / ((1 + q) ** 2 / (4 * q)) == pytest.approx(0.694, abs=1e-3)


@pytest.mark.parametrize("p", [1e-12, 1e-30, 1e-100])
def test_rare_features_are_no_numerical_trouble(p):
    code = best_code(p)
    assert 1 < code.ratio / p < 1.5 * log(1 / p)
    assert code.benefit * code.ratio == pytest.approx(0.5, abs=0.05)
    assert symmetric_code(p, 0.5).benefit == pytest.approx(2, rel=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: best_code(0), r"density must be in \(0, 1\], got 0"),
        (lambda: best_code(float("nan")), "got nan"),
        (lambda: symmetric_code(1.5, 0.5), "got 1.5"),
        (lambda: symmetric_code(0.5, 1.0), r"ratio must be in \(0, 1\), got 1.0"),
        (lambda: symmetric_code(0.5, float("nan")), "got nan"),
        (lambda: symmetric_loss(0.5, 0.0, 0.0, 0.1), "gain 0.0"),
        (lambda: symmetric_loss(0.5, 1.0, float("inf"), 0.1), "bias inf"),
        (lambda: symmetric_loss(0.5, 1.0, 0.0, -0.1), "noise -0.1"),
    ],
)
def test_what_has_no_meaning_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
