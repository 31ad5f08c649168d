"""Mixes of blocks: losses add, the optimum and its prices, whole amounts, dense features."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from sympy import Rational, sqrt

from numerics import exact_loss
from theory.blocks import SINGLE, Block, best_mix, rounded_mix
from theory.expected_loss import population_loss
from theory.large_n import best_code, symmetric_code
from theory.polytopes.catalogue import polytope
from theory.problem import dropped_loss

HALF = Fraction(1, 2)
V_HALF = Fraction(5, 48)
BENEFITS_HALF = {  # at p = 1/2, best common length and bias: features, dimensions, benefit
    "digon": (2, 1, 1.2677),
    "triangle": (3, 2, 1.1276),
    "tetrahedron": (4, 3, 1.0903),
    "pentagon": (5, 2, 1.1481),
    "hexagon": (6, 2, 1.1043),
    "antiprism": (8, 3, 1.1281),
    "icosahedron": (12, 3, 1.0561),
}


def block(name, k, d, loss, norm=None):
    share = Fraction(d) / k if isinstance(d, int | Fraction) else d / k
    return Block(
        name=name,
        features=k,
        dimensions=d,
        loss=loss,
        squared_norm=k if norm is None else norm,
        dimensionalities=(share,) * k,
    )


DIGON = block("digon", 2, 1, Fraction(1, 12))  # of unit length without bias at p = 1/2: p²/3
AT_HALF = [SINGLE] + [
    block(name, k, d, float(V_HALF) * (k - d * benefit))
    for name, (k, d, benefit) in BENEFITS_HALF.items()
]


def counts(mix):
    return {kind.name: amount for kind, amount in mix.counts}


def value(mix):
    return mix.features * mix.V - mix.loss


sizes = st.integers(1, 4).flatmap(lambda d: st.tuples(st.integers(d, 9), st.just(d)))
shares = st.fractions(0, 1, max_denominator=12)
kinds = st.lists(st.tuples(sizes, shares), min_size=1, max_size=5).map(
    lambda drawn: [
        block(f"{k} in {d}, {i}", k, d, k * V_HALF * share)
        for i, ((k, d), share) in enumerate(drawn)
    ]
)
amounts = st.integers(1, 40)


def test_the_loss_of_orthogonal_blocks_is_the_sum_of_theirs():
    """A triangle, a pair of unequal lengths and a dropped feature, turned in space."""
    random = np.random.default_rng(2)
    triangle, pair = 0.9 * polytope("triangle").array(), np.array([[1.1, -0.6]])
    W = np.zeros((3, 6))
    W[:2, :3], W[2:, 3:5] = triangle, pair
    turn, _ = np.linalg.qr(random.standard_normal((3, 3)))
    b = random.uniform(-0.2, 0.2, 6)
    p = 0.4
    b[5] = p / 2

    def loss(weights, biases):
        return float(exact_loss(torch.tensor(weights), torch.tensor(biases), p))

    parts = loss(triangle, b[:3]) + loss(pair, b[3:5]) + dropped_loss(p)
    assert loss(turn @ W, b) == pytest.approx(parts, rel=1e-12)


def test_where_features_are_plentiful_digons_fill_the_space_at_density_one_half():
    best = best_mix(AT_HALF, V_HALF, 100, 7)
    assert counts(best.mix) == {"digon": 7}
    assert (best.feature_price, best.mix.represented) == (0, 14)
    assert float(best.dimension_price) == pytest.approx(1.2677, rel=1e-12)
    assert best.mix.loss == pytest.approx(float(100 * V_HALF - 7 * V_HALF * 1.2677), rel=1e-12)
    assert [gap == 0 for gap in best.gaps] == [kind.name == "digon" for kind in AT_HALF]
    assert rounded_mix(AT_HALF, V_HALF, 100, 7).counts == best.mix.counts


@pytest.mark.parametrize("n", [1, 5, 16])
def test_where_there_is_a_dimension_for_each_all_are_single(n):
    best = best_mix(AT_HALF, V_HALF, n, n)
    assert best.mix.counts == ((SINGLE, n),)
    assert best.mix.loss == rounded_mix(AT_HALF, V_HALF, n, n).loss == 0
    assert best.mix.dimensions_per_feature == 1


def test_two_kinds_at_once_where_features_are_few():
    """By hand: singles are worth V = 5/48, digons 2V − 1/12 = 1/8.

    With n = 3m/2 both resources are used up by m/2 of each kind.  One more feature replaces a
    single by a digon: 1/8 − 5/48 = V/5.  One more dimension replaces a digon by two singles:
    5/24 − 1/8 = 4V/5.
    """
    best = best_mix([DIGON, SINGLE], V_HALF, 12, 8)
    assert counts(best.mix) == {"single": 4, "digon": 4}
    assert (best.dimension_price, best.feature_price) == (Fraction(4, 5), Fraction(1, 5))
    assert best.gaps == (0, 0)
    assert best.mix.loss == Fraction(4, 12)
    assert (best.mix.represented, best.mix.used) == (12, 8)
    assert best.mix.dimensions_per_feature == Fraction(8, 12)
    assert [tuple(level) for level in best.mix.levels] == [(1.0, 4, "single"), (0.5, 8, "digon")]
    assert rounded_mix([DIGON, SINGLE], V_HALF, 12, 8).counts == ((DIGON, 4), (SINGLE, 4))


@pytest.mark.parametrize(("n", "m"), [(13, 8), (12, 9), (11, 8), (12, 7)])
def test_prices_are_what_one_more_adds_or_takes(n, m):
    before, after = (best_mix([DIGON, SINGLE], V_HALF, *size) for size in ((12, 8), (n, m)))
    gained = (value(after.mix) - value(before.mix)) / V_HALF
    assert gained == (n - 12) * before.feature_price + (m - 8) * before.dimension_price


@pytest.mark.parametrize(
    ("n", "prices"), [(8, (Fraction(4, 5), Fraction(1, 5))), (16, (Fraction(6, 5), 0))]
)
def test_at_a_corner_the_prices_are_those_of_more_features(n, prices):
    best = best_mix([DIGON, SINGLE], V_HALF, n, 8)
    assert len(best.mix.counts) == 1
    assert (best.dimension_price, best.feature_price) == prices


def test_dimensions_to_spare_are_worth_nothing():
    best = best_mix([SINGLE, DIGON], V_HALF, 3, 8)
    assert (best.dimension_price, best.feature_price) == (0, 1)
    assert counts(best.mix) == {"single": 3}
    assert best.mix.used == 3


def test_blocks_that_cost_more_than_they_save_are_left_out():
    bad = block("bad", 3, 1, 4 * V_HALF)
    best = best_mix([bad], V_HALF, 9, 3)
    assert best.mix.counts == rounded_mix([bad], V_HALF, 9, 3).counts == ()
    assert best.mix.loss == 9 * V_HALF
    assert best.mix.dimensions_per_feature is None
    assert best.mix.levels == ()
    assert best.gaps == (1,)


@given(kinds, amounts, amounts)
def test_prices_prove_the_optimum_exactly(blocks, n, m):
    best = best_mix(blocks, V_HALF, n, m)
    assert min(best.gaps) >= 0 <= min(best.dimension_price, best.feature_price)
    assert best.mix.used <= m
    assert best.mix.represented <= n
    assert len(best.mix.counts) <= 2
    assert all(amount > 0 for _, amount in best.mix.counts)
    assert all(best.gaps[blocks.index(kind)] == 0 for kind, _ in best.mix.counts)
    proved = best.dimension_price * m + best.feature_price * n
    assert value(best.mix) == proved * V_HALF


@given(kinds, amounts, amounts)
def test_a_linear_programme_finds_the_same_value(blocks, n, m):
    solved = linprog(
        [-float(kind.value(V_HALF)) for kind in blocks],
        [[kind.dimensions for kind in blocks], [kind.features for kind in blocks]],
        [m, n],
    )
    found = float(value(best_mix(blocks, V_HALF, n, m).mix))
    assert solved.status == 0
    assert -solved.fun == pytest.approx(found, rel=1e-9, abs=1e-12)


@given(kinds, st.integers(1, 12), st.integers(1, 6))
def test_whole_amounts_are_the_best_of_all(blocks, n, m):
    ranges = [range(min(m // kind.dimensions, n // kind.features) + 1) for kind in blocks]
    most = max(
        sum(x * kind.value(V_HALF) for x, kind in zip(choice, blocks, strict=True))
        for choice in product(*ranges)
        if sum(x * kind.dimensions for x, kind in zip(choice, blocks, strict=True)) <= m
        and sum(x * kind.features for x, kind in zip(choice, blocks, strict=True)) <= n
    )
    whole = rounded_mix(blocks, V_HALF, n, m)
    assert float(value(whole)) == pytest.approx(float(most), abs=1e-13)
    assert whole.used <= m
    assert whole.represented <= n
    assert all(isinstance(amount, int) and amount > 0 for _, amount in whole.counts)


@given(kinds, amounts, amounts)
def test_whole_amounts_never_save_more_than_fractions(blocks, n, m):
    whole, best = rounded_mix(blocks, V_HALF, n, m), best_mix(blocks, V_HALF, n, m)
    assert whole.loss >= best.mix.loss


def test_a_dimension_that_is_left_over_takes_what_fits():
    pentagon = block("pentagon", 5, 2, Fraction(1, 20), norm=6)
    whole = rounded_mix([SINGLE, pentagon], V_HALF, 11, 5)
    assert counts(whole) == {"single": 1, "pentagon": 2}
    assert whole.dimensions_per_feature == Fraction(5, 13)
    assert [tuple(level) for level in whole.levels] == [(1.0, 1, "single"), (0.4, 10, "pentagon")]
    assert counts(rounded_mix([pentagon], V_HALF, 11, 5)) == {"pentagon": 2}
    assert rounded_mix([pentagon], V_HALF, 11, 5).used == 4


def test_levels_of_a_block_with_two_kinds_of_features():
    parts = (Fraction(2, 3),) * 3 + (HALF,) * 2
    both = Block(
        name="bipyramid", features=5, dimensions=3, loss=0, squared_norm=5, dimensionalities=parts
    )
    levels = best_mix([both], V_HALF, 50, 6).mix.levels
    assert [tuple(level) for level in levels] == [
        (pytest.approx(2 / 3, abs=1e-9), 6, "bipyramid"),
        (0.5, 4, "bipyramid"),
    ]


def as_block(code):
    return Block(
        name=f"code {code.ratio:.3f}",
        features=1,
        dimensions=code.ratio,
        loss=code.loss,
        squared_norm=code.gain,
        dimensionalities=(code.ratio,),
    )


def test_a_symmetric_code_is_a_block_and_stores_only_a_share_of_too_many_features():
    """At p = .045 and a tenth of a dimension per feature: .711 V, with all stored .740 V."""
    p = 0.045
    V, code = dropped_loss(p), best_code(p)
    best = best_mix([SINGLE, as_block(code), as_block(symmetric_code(p, 0.1))], V, 1000, 100)
    assert [kind.name for kind, _ in best.mix.counts] == ["code 0.162"]
    assert float(best.mix.represented) == pytest.approx(100 / code.ratio, rel=1e-12)
    assert float(best.mix.loss / (1000 * V)) == pytest.approx(0.711, abs=5e-4)
    assert float(best.dimension_price) == pytest.approx(code.benefit, rel=1e-12)
    between = best_mix([SINGLE, as_block(code)], V, 300, 100)
    assert {kind.name for kind, _ in between.mix.counts} == {"single", "code 0.162"}


@pytest.mark.parametrize("key", ["digon", "triangle", "tetrahedron", "pentagon", "24-cell"])
@pytest.mark.parametrize("p", [0.05, 0.5, 0.99, 1.0])
def test_a_tight_frame_is_worth_at_least_one_at_every_density(key, p):
    U = polytope(key).array()
    d, k = U.shape
    W = U / np.linalg.norm(U, axis=0) * np.sqrt(d / k)
    assert np.allclose(W @ W.T, np.eye(d), atol=1e-12)
    b = p / 2 * (1 - (W.T @ W).sum(1))
    loss = float(exact_loss(torch.tensor(W), torch.tensor(b), p))
    shape = Block(
        name=key,
        features=k,
        dimensions=d,
        loss=loss,
        squared_norm=d,
        dimensionalities=(d / k,) * k,
    )
    assert shape.benefit(dropped_loss(p)) >= 1 - 1e-9


def test_what_digons_are_worth_as_features_become_dense():
    """1 + (7/2) S⁴ + O(S⁵) at squared length 1/2 and bias p/2, in exact arithmetic."""
    off = []
    for S in (Fraction(1, 50), Fraction(1, 100), Fraction(1, 200)):
        p, short = 1 - S, sqrt(2) / 2
        loss = population_loss([[short, -short]], [p / 2, p / 2], p)
        V = dropped_loss(p)
        off.append(
            float(
                Rational(7, 2)
                - (2 - loss / Rational(V.numerator, V.denominator) - 1)
                / Rational(S.numerator, S.denominator) ** 4
            )
        )
    assert off[0] / off[1] == pytest.approx(2, rel=0.05)
    assert off[1] / off[2] == pytest.approx(2, rel=0.05)
    assert abs(off[2]) < 0.1


def test_what_a_triangle_is_worth_without_sparsity():
    """Without moving length and bias from the solution without ReLU: exactly 1 + 1/768."""
    third, scale = Rational(1, 2), sqrt(Rational(2, 3))
    W = [[scale, -scale * third, -scale * third], [0, scale * sqrt(3) / 2, -scale * sqrt(3) / 2]]
    loss = population_loss(W, [HALF] * 3, 1)
    assert (3 - loss * 12) / 2 == 1 + Rational(1, 768)


def test_unequal_lengths_are_worth_more_than_digons_without_sparsity():
    loss = population_loss([[0.9356, 0.3675]], [-0.1113, 0.2606], 1)
    assert 2 - 12 * loss == pytest.approx(1.00095, abs=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: block("x", 1, 2, 0), "1 features in 2 dimensions"),
        (lambda: block("x", 2, 1, -1), "loss -1"),
        (lambda: block("x", 2, 1, float("nan")), "loss nan"),
        (lambda: block("x", 2, 1, 0, norm=0), "squared norm 0"),
        (
            lambda: Block(
                name="x",
                features=2,
                dimensions=1,
                loss=0,
                squared_norm=2,
                dimensionalities=(1, HALF),
            ),
            "give 2 of sum ≤ 1",
        ),
        (lambda: best_mix([SINGLE], 0, 3, 2), "V is 0"),
        (lambda: best_mix([SINGLE], V_HALF, 3, 0), "dimensions 0"),
        (lambda: rounded_mix([SINGLE], V_HALF, 2.5, 1), "features 2.5"),
        (lambda: rounded_mix([block("x", 1, HALF, 0)], V_HALF, 3, 2), "1/2 dimensions; give whole"),
    ],
)
def test_what_has_no_meaning_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
