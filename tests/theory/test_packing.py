"""Bounds on nearly orthogonal directions: attained where theory says so, and never contradicted."""

from fractions import Fraction
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.special import eval_gegenbauer, eval_jacobi

from theory.packing import (
    codes_at_most,
    delsarte_bound,
    gerzon_bound,
    kissing_number,
    levenshtein_square,
    lines_at_least,
    lines_at_most,
    orthoplex_square,
    rankin_cosine,
    relative_bound,
    welch_square,
)

SHARP_CODES = [  # largest cosine, d, N: Cohn and Kumar, arXiv math/0607446, table 1
    (-1 / 4, 4, 5),
    (0, 3, 6),
    (0, 7, 14),
    (1 / sqrt(5), 3, 12),
    (1 / 5, 5, 16),
    (1 / 4, 6, 27),
    (1 / 3, 7, 56),
    (1 / 2, 8, 240),
    (1 / 6, 22, 275),
    (1 / 2, 24, 196560),
]
TIGHT_LINES = [  # |cosine|, d, N
    (1 / sqrt(5), 3, 6),
    (1 / 3, 5, 10),
    (1 / 3, 6, 16),
    (1 / 3, 7, 28),
    (1 / 5, 23, 276),
    (1 / 2, 4, 12),
    (1 / 2, 8, 120),
    (1 / 2, 24, 98280),
]
sizes = st.tuples(st.integers(2, 40), st.integers(2, 12))


def largest(N, d, seed, absolute):
    x = np.random.default_rng(seed).standard_normal((N, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    cosines = (x @ x.T)[np.triu_indices(N, 1)]
    return float(np.abs(cosines).max() if absolute else cosines.max())


@pytest.mark.parametrize(("cosine", "d", "N"), SHARP_CODES)
def test_sharp_codes_attain_the_bound(cosine, d, N):
    assert delsarte_bound(cosine, d) == pytest.approx(N, rel=1e-9)
    assert codes_at_most(cosine, d) == N


@pytest.mark.parametrize(("cosine", "d", "N"), TIGHT_LINES)
def test_tight_sets_of_lines_attain_the_bound_and_are_known(cosine, d, N):
    assert delsarte_bound(cosine, d, lines=True) == pytest.approx(N, rel=1e-9)
    assert lines_at_most(cosine, d) == lines_at_least(cosine, d) == N
    assert lines_at_least(cosine - 1e-4, d) < N


@given(sizes, st.integers(0, 1000))
def test_no_random_vectors_beat_a_bound(size, seed):
    N, d = size
    c, s = largest(N, d, seed, absolute=True), largest(N, d, seed, absolute=False)
    assert s >= rankin_cosine(N, d) - 1e-12
    for order in (1, 2, 3):
        assert c ** (2 * order) >= welch_square(N, d, order) - 1e-12
    assert c * c >= max(orthoplex_square(N, d), levenshtein_square(N, d)) - 1e-12
    if s < 0.99:
        assert codes_at_most(s, d) is None or codes_at_most(s, d) >= N
    if c < 0.99:
        assert lines_at_most(c, d) is None or lines_at_most(c, d) >= N


@given(st.integers(2, 20), st.fractions(0, Fraction(1, 25), max_denominator=10_000))
def test_the_relative_bound_is_welchs_turned_around(d, square):
    bound = relative_bound(square, d)
    if bound is None:
        assert d * square >= 1
        return
    assert welch_square(2, d) <= square or bound < 2
    for N in (int(bound), int(bound) + 1):
        if N >= 2:
            assert (welch_square(N, d) <= square) == (bound >= N)


@pytest.mark.parametrize(("N", "d"), [(6, 3), (5, 3), (10, 5), (16, 6), (28, 7), (36, 15), (9, 8)])
def test_the_first_polynomial_is_the_relative_bound(N, d):
    square = welch_square(N, d)
    assert relative_bound(square, d) == N
    assert delsarte_bound(sqrt(square), d, lines=True) <= N * (1 + 1e-9)


@pytest.mark.parametrize(("N", "d", "square"), [(12, 4, Fraction(1, 4)), (120, 8, Fraction(1, 4))])
def test_levenshteins_bound_is_attained_by_root_systems(N, d, square):
    assert levenshtein_square(N, d) == square
    assert levenshtein_square(N, d) >= max(orthoplex_square(N, d), welch_square(N, d))


@pytest.mark.parametrize("d", [4, 16, 64])
def test_unbiased_bases_attain_the_orthoplex_and_levenshteins_bound(d):
    N = d * d // 2 + d
    assert orthoplex_square(N, d) == levenshtein_square(N, d) == Fraction(1, d)
    assert lines_at_least(1 / sqrt(d), d) >= N
    assert lines_at_most(1 / sqrt(d), d) == N


def test_the_bounds_on_equiangular_lines():
    """At most d(d + 1)/2 (Gerzon), attained in 2, 3, 7 and 23 dimensions."""
    for d, N in ((2, 3), (3, 6), (7, 28), (23, 276)):
        assert gerzon_bound(d) == N
        square = welch_square(N, d)
        assert square == Fraction(1, d + 2)
        assert lines_at_most(sqrt(square), d) == N


def program(cosine, d, degree, lines):
    """Best polynomial of a degree, by linear programming on a grid: an independent Delsarte."""
    nodes = np.cos(np.linspace(0, np.pi, 4001))
    if lines:
        t = 2 * np.linspace(0, cosine, 3001) ** 2 - 1
        zonal = [
            eval_jacobi(k, (d - 3) / 2, -0.5, t) / eval_jacobi(k, (d - 3) / 2, -0.5, 1)
            for k in range(1, degree + 1)
        ]
    else:
        t = np.append(nodes[nodes < cosine], cosine)
        half = (d - 2) / 2
        zonal = [
            eval_gegenbauer(k, half, t) / eval_gegenbauer(k, half, 1.0)
            for k in range(1, degree + 1)
        ]
    solved = linprog(np.ones(degree), A_ub=np.stack(zonal, 1), b_ub=-np.ones(len(t)))
    assert solved.status == 0
    return 1 + solved.fun


@pytest.mark.parametrize(
    ("cosine", "d", "degree", "lines"),
    [
        (0.5, 3, 5, False),
        (0.5, 4, 5, False),
        (0.3, 5, 4, False),
        (0.7, 3, 7, False),
        (-0.05, 5, 2, False),
        (0.4, 4, 1, True),
        (0.6, 3, 3, True),
        (0.55, 6, 3, True),
    ],
)
def test_levenshteins_polynomial_is_the_best_of_its_degree(cosine, d, degree, lines):
    """The grid is a relaxation: its optimum is below by its spacing squared."""
    mine = delsarte_bound(cosine, d, lines=lines)
    best = program(cosine, d, degree, lines)
    assert mine == pytest.approx(best, rel=1e-6)
    assert mine >= best * (1 - 1e-9)


@pytest.mark.parametrize("d", [2, 3, 4, 5, 6, 7, 8, 9, 16, 24, 25])
def test_kissing_numbers_are_between_their_bounds(d):
    lower, upper = kissing_number(d)
    bound = codes_at_most(0.5, d)
    assert lower <= upper <= bound
    assert lower >= 2 * d * (d - 1) or d == 2
    assert 2 * lines_at_least(0.5, d) <= upper
    known = {2: 6, 3: 12, 4: 24, 8: 240, 24: 196560}
    if d in known:
        assert lower == upper == known[d]


@pytest.mark.parametrize("d", [1, 2, 3, 5, 8, 20])
def test_what_exists_is_never_more_than_what_can(d):
    counts = []
    for cosine in np.linspace(0, 0.9, 19):
        at_least, at_most = lines_at_least(cosine, d), lines_at_most(cosine, d)
        assert at_most is None or at_least <= at_most
        counts.append(at_least)
    assert counts == sorted(counts)
    assert counts[0] == d


def test_two_dimensions_are_exact():
    for N in range(3, 12):
        assert lines_at_least(np.cos(np.pi / N), 2) == lines_at_most(np.cos(np.pi / N), 2) == N


def test_nearly_orthogonal_lines_are_exponentially_many():
    """log N grows at least like −d log(1 − c²)/2: the volume argument."""
    counts = [lines_at_least(0.5, d) for d in (100, 200, 300)]
    rates = np.diff([log(count) for count in counts]) / 100
    assert rates == pytest.approx(-np.log(0.75) / 2, abs=0.01)
    assert lines_at_most(0.5, 300) is None


def test_large_dimensions_neither_overflow_nor_pretend():
    assert kissing_number(400)[1] is None
    assert kissing_number(400)[0] > 10**20
    assert lines_at_least(0.95, 600) > 10**290


def test_orthogonal_sums_are_counted():
    assert lines_at_least(1 / sqrt(5), 6) >= 12
    assert lines_at_least(0.0, 9) == lines_at_most(0.0, 9) == 9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rankin_cosine(1, 3), "1 vectors have no cosine"),
        (lambda: welch_square(4, 0), "0 dimensions hold no vector"),
        (lambda: welch_square(4, 2, 0), "order must be at least 1"),
        (lambda: delsarte_bound(1.0, 3), r"cosine must be in \[-1, 1\), got 1.0"),
        (lambda: delsarte_bound(-0.1, 3, lines=True), r"cosine must be in \[0, 1\), got -0.1"),
        (lambda: delsarte_bound(float("nan"), 3), "cosine must be in"),
        (lambda: delsarte_bound(0.1, 1), "at least 2 dimensions, got 1"),
        (lambda: lines_at_most(1.5, 3), "cosine must be in"),
        (lambda: kissing_number(1), "at least 2 dimensions, got 1"),
    ],
)
def test_what_has_no_meaning_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
