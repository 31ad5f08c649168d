"""Samplers against their laws: every count within its binomial law, every mean in its error.

A count of N independent samples, each in with probability q, is binomial.  It passes if neither
tail beyond it is less likely than five standard errors of a normal variable, 2.9e-7; for rare
events this is the exact form of :math:`|k - Nq| \\le 5 \\sqrt{Nq(1 - q)}`.  The mean of N values f
passes within :math:`5\\sqrt{\\operatorname{var} f / N}`.  Keys are fixed, so a pass stays one.
"""

import hashlib
import subprocess
import sys
from itertools import combinations
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtri
from scipy.stats import binom, kstest, norm

from numerics.seeds import content_key
from numerics.training.data_laws import DataLaw
from numerics.training.samplers import Sampler, reference_batch

FIVE = norm.sf(5)
AROUND = (
    1.0,
    0.999,
    0.5,
    0.1,
    1 / 64,
    0.0156,
    0.01,
    0.001,
)  # 1/64: where the way of drawing changes


def sampled(law, density, n, batches=100, batch=1024, key="test", chunk=0):
    """Return (n, batches * batch) samples."""
    sampler = Sampler(law, density, n, batch, key)
    sampler.seek(chunk)
    out = np.full((batches, n, batch), np.nan, np.float32)
    for one in out:
        sampler.draw(one)
    return np.concatenate(list(out), axis=1)


def referred(law, density, n, batches=100, batch=1024):
    return reference_batch(law, density, n, batches * batch, np.random.default_rng(7))


def assert_binomial(counts, N, q):
    counts, q = np.asarray(counts), np.asarray(q)
    beyond = np.minimum(binom.cdf(counts, N, q), binom.sf(counts - 1, N, q))
    assert beyond.min() > FIVE, (counts[beyond.argmin()], N, np.broadcast_to(q, counts.shape))


def assert_mean(values, mean, variance):
    assert abs(values.mean(dtype=float) - mean) <= 5 * sqrt(variance / values.size) + 1e-7


def normal_moment(k):
    """E of the k-th power of clip(1/2 + N/5, 0, 1)."""
    inner = quad(lambda z: (0.5 + 0.2 * z) ** k * norm.pdf(z), -2.5, 2.5, epsabs=1e-12)[0]
    return inner + norm.sf(2.5)


MOMENTS = {  # E x, E x², E x⁴ of an active feature
    "uniform": (1 / 2, 1 / 3, 1 / 5),
    "signed": (0.0, 1 / 3, 1 / 5),
    "binary": (1.0, 1.0, 1.0),
    "normal": tuple(map(normal_moment, (1, 2, 4))),
}
CASES = [
    *(("independent", (p,) * n, n) for p in AROUND for n in (1, 2, 5)),
    ("independent", (0.5, 1.0, 0.001, 0.1, 0.01), 5),
    ("one-hot", (), 1),
    ("one-hot", (), 5),
    ("exactly:1", (), 4),
    *((f"correlated:{sets}", (p,) * 5, 5) for p in AROUND for sets in ("0,1/2,3", "0,2,4")),
    *((f"anticorrelated:{sets}", (p,) * 5, 5) for p in AROUND for sets in ("0,1/2,3", "0,2,4")),
    *(("exclusive:0,1", (p, p, 0.3), 3) for p in (0.5, 0.3, 0.1, 0.01)),
    ("exclusive:0,2,3", (0.5, 0.2, 0.25, 0.25), 4),
    ("exclusive:0,1", (0.5, 0.001, 0.3), 3),
    ("exclusive:0,1,2,3,4,5,6,7,8,9", (0.1,) * 10, 10),
]


@pytest.mark.parametrize("draw", [sampled, referred])
@pytest.mark.parametrize(("text", "density", "n"), CASES)
def test_every_pattern_is_as_frequent_as_the_law_says(text, density, n, draw):
    """All 2^n active sets, so marginals, pairs, and what may never happen."""
    law = DataLaw.parse(text)
    x = draw(law, density, n)
    codes, counts = np.unique((x != 0).T @ (1 << np.arange(n)), return_counts=True)
    found = dict(zip(codes.tolist(), counts.tolist(), strict=True))
    patterns = law.exact().patterns(density or None, n)
    expected = {sum(1 << j for j in active): float(q) for active, q in patterns}
    assert set(found) <= set(expected)
    assert_binomial([found.get(code, 0) for code in expected], x.shape[1], [*expected.values()])


@pytest.mark.parametrize("draw", [sampled, referred])
@pytest.mark.parametrize("K", [2, 3, 5])
def test_subsets_of_a_fixed_size_are_equally_frequent(K, draw):
    x = draw(DataLaw.parse(f"exactly:{K}"), (), 5, batches=20)
    assert ((x != 0).sum(axis=0) == K).all()
    subsets = [*combinations(range(5), K)]
    counts = [(x[list(subset)] != 0).all(axis=0).sum() for subset in subsets]
    assert_binomial(counts, x.shape[1], 1 / len(subsets))


@pytest.mark.parametrize(
    ("text", "density"),
    [
        *(("independent", (p,) * 100) for p in AROUND),
        ("independent", tuple(np.geomspace(1, 0.001, 100).tolist())),
        ("one-hot", ()),
        ("exactly:7", ()),
        ("exactly:93", ()),
        ("correlated:" + "/".join(f"{i},{i + 1}" for i in range(0, 100, 2)), (0.02,) * 100),
        ("correlated:" + ",".join(map(str, range(100))), (0.01,) * 100),
        ("anticorrelated:" + "/".join(f"{i},{i + 50}" for i in range(50)), (0.2,) * 100),
        ("exclusive:" + "/".join(f"{i},{i + 1}" for i in range(0, 100, 2)), (0.3,) * 100),
    ],
)
def test_marginals_and_all_pairs_of_a_hundred_features(text, density):
    law, n = DataLaw.parse(text), 100
    x = sampled(law, density, n, batches=40)
    q = np.array(law.marginals(density, n))
    pairs = np.outer(q, q)
    if law.n_active is not None:
        pairs[:] = law.n_active * (law.n_active - 1) / (n * (n - 1))
    elif text == "one-hot":
        pairs[:] = 0
    for members in law.sets:
        pairs[np.ix_(members, members)] = q[members[0]] if law.kind == "correlated" else 0
    np.fill_diagonal(pairs, q)
    on = (x != 0).astype(np.float32)  # counts below 2^24 are exact
    assert_binomial(on @ on.T, x.shape[1], np.minimum(pairs, 1))


@pytest.mark.parametrize("amplitude", MOMENTS)
@pytest.mark.parametrize(
    ("text", "density", "n"),
    [case for case in CASES if case[2] != 2] + [("exactly:3", (), 5)],
)
def test_values_of_active_features(text, density, n, amplitude):
    law = DataLaw.parse(text, amplitude)
    x = sampled(law, density, n, key=amplitude)
    first, second, fourth = MOMENTS[amplitude]
    least = -1 if amplitude == "signed" else 0
    assert least <= x.min()
    assert x.max() <= 1
    for values in (row[row != 0].astype(float) for row in x):
        if amplitude == "binary":
            assert (values == 1).all()
            continue
        m1, m2, m4 = first, second, fourth
        if amplitude == "normal":  # x = 0 counts as off here
            m1, m2, m4 = (m / norm.cdf(2.5) for m in (first, second, fourth))
        assert_mean(values, m1, m2 - m1**2)
        assert_mean(values**2, m2, m4 - m2**2)
        if amplitude != "normal":
            assert kstest(values, "uniform", (least, 1 - least)).pvalue > 2 * FIVE


def test_normal_values_have_their_distribution_and_atoms():
    x = sampled(DataLaw.parse("independent", "normal"), (1.0,), 1).astype(float)[0]
    assert_binomial([(x == 0).sum(), (x == 1).sum()], x.size, norm.sf(2.5))
    inside = x[(x > 0) & (x < 1)]
    z = norm.cdf((inside - 0.5) / 0.2)
    assert kstest(z, "uniform", (norm.sf(2.5), 1 - 2 * norm.sf(2.5))).pvalue > 2 * FIVE


def test_normal_values_are_quantiles_of_uniform_ones():
    """To 1e-6: lines in the table 5e-8, steps of u near 1 are 6e-8 at a slope of at most 11."""
    uniform = sampled(DataLaw.parse("independent"), (0.3, 0.01), 2).astype(float)
    normal = sampled(DataLaw.parse("independent", "normal"), (0.3, 0.01), 2)
    on = uniform > 0
    assert not normal[~on].any()
    error = np.abs(normal[on] - np.clip(0.5 + 0.2 * ndtri(uniform[on]), 0, 1))
    assert np.quantile(error, 0.999) < 1e-6
    assert error.max() < 5e-5


@pytest.mark.parametrize("amplitude", ["uniform", "signed", "binary"])
@pytest.mark.parametrize("n", [1, 5, 100])
def test_a_feature_that_is_always_on_is_never_0(n, amplitude):
    assert sampled(DataLaw.parse("independent", amplitude), (1.0,) * n, n).all()


@pytest.mark.parametrize("p", [1.0, 0.5, 1 / 64, 0.01, 0.001])
def test_values_are_as_fine_as_float32(p):
    """Few repeat: N values on a grid of 2^24 or more have at most N²/2^25 equal pairs expected."""
    sampler = Sampler(DataLaw.parse("independent"), (p,), 1, 1024, "fine")
    x = np.zeros((1, 1024), np.float32)
    drawn = []
    for _ in range(int(20 / p)):
        sampler.draw(x)
        drawn.append(x[x > 0])
    values = np.concatenate(drawn)
    expected = values.size**2 / 2**25
    assert values.size - np.unique(values).size < 5 * sqrt(expected) + 2 * expected


@pytest.mark.parametrize("lag", [1, 2, 63, 64, 128, 1024])
@pytest.mark.parametrize("p", [1.0, 0.5, 0.1, 0.01])
def test_samples_are_independent_of_one_another(p, lag):
    """Of one feature a lag apart (lanes are 64 wide, batches 1024), and of two features."""
    n = 3
    x = sampled(DataLaw.parse("independent"), (p,) * n, n, batches=200).astype(float)
    N = x.shape[1] // (2 * lag) * (2 * lag)
    pairs = x[:, :N].reshape(n, -1, 2, lag)
    variance = p / 3 - p * p / 4
    for i in range(n):
        for j in range(n):
            a, b = pairs[i, :, 0].ravel(), pairs[j, :, 1].ravel()
            assert_binomial([((a != 0) & (b != 0)).sum()], a.size, p * p)
            product = (a - p / 2) * (b - p / 2)
            assert abs(product.mean()) < 5 * variance / sqrt(a.size)


@pytest.mark.parametrize(
    ("first", "second"), [(("k", 0), ("k", 1)), (("k", 0), ("l", 0)), (("k", 1), ("l", 0))]
)
@pytest.mark.parametrize("p", [1.0, 0.01])
def test_streams_of_other_keys_and_chunks_are_unrelated(p, first, second):
    law, n = DataLaw.parse("independent"), 5
    a, b = (sampled(law, (p,) * n, n, key=k, chunk=c).astype(float) for k, c in (first, second))
    product = (a - p / 2) * (b - p / 2)
    assert abs(product.mean()) < 5 * (p / 3 - p * p / 4) / sqrt(a.size)


@pytest.mark.parametrize("p", [0.3, 0.01])
def test_members_of_a_correlated_set_have_independent_values(p):
    x = sampled(DataLaw.parse("correlated:0,1,2"), (p,) * 3, 3).astype(float)
    values = x[:, x[0] != 0]
    for a, b in combinations(values, 2):
        assert abs(((a - 0.5) * (b - 0.5)).mean()) < 5 / 12 / sqrt(a.size)


@pytest.mark.parametrize("density", [(0.9, 0.05, 0.02), (0.9, 0.05, 0.001)])
def test_the_value_does_not_tell_which_member_of_a_set_is_on(density):
    x = sampled(DataLaw.parse("exclusive:0,1,2"), density, 3)
    for row in x:
        assert kstest(row[row != 0].astype(float), "uniform").pvalue > 2 * FIVE


def words(key, chunk, count):
    """Return the first words of every lane, by the published recurrence in plain integers."""
    seed = np.random.SeedSequence(int(content_key(["samples", key, chunk]), 16))
    lanes = seed.generate_state(256).reshape(4, 64).T.tolist()
    return [[*xoshiro(lane, count)] for lane in lanes]


def xoshiro(state, count):
    def turn(x, k):
        return (x << k | x >> (32 - k)) & 0xFFFFFFFF

    a, b, c, d = state
    for _ in range(count):
        yield (turn((a + d) & 0xFFFFFFFF, 7) + a) & 0xFFFFFFFF
        t = b << 9 & 0xFFFFFFFF
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= t
        d = turn(d, 11)


def test_the_recurrence_has_its_published_first_numbers():
    """From the state 1, 2, 3, 4, as in the tests of rand_xoshiro."""
    known = [641, 1573767, 3222811527, 3517856514, 836907274, 4247214768]
    assert [*xoshiro((1, 2, 3, 4), 6)] == known


@pytest.mark.parametrize(("key", "chunk"), [("a", 0), ("a", 7), ("b", 7)])
def test_dense_values_are_the_words_of_the_documented_generator(key, chunk):
    x = sampled(DataLaw.parse("independent"), (1.0,), 1, 1, 256, key, chunk)[0]
    k = np.array(words(key, chunk, 4), dtype=np.int64).T.ravel() >> 1
    assert np.allclose(x, (k + 0.5) / 2**31, rtol=1e-6)


LAWS = [
    ("independent", (0.5, 0.01, 1.0, 0.001)),
    ("correlated:0,1/2,3", (0.5, 0.5, 0.01, 0.01)),
    ("exclusive:0,1", (0.5, 0.01, 0.1, 0.1)),
    ("one-hot", ()),
    ("exactly:2", ()),
]


def digest(text, density, batch, key, chunk):
    x = sampled(DataLaw.parse(text, "normal"), density, 4, 3, batch, key, chunk)
    return hashlib.sha256(x.tobytes()).hexdigest()


def test_another_process_draws_the_same():
    program = (
        f"from {__name__} import LAWS, digest\nfor l, d in LAWS: print(digest(l, d, 65, 'k', 3))"
    )
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.split() == [digest(text, density, 65, "k", 3) for text, density in LAWS]


@pytest.mark.parametrize(("text", "density"), LAWS)
def test_a_chunk_is_a_function_of_key_and_number_alone(text, density):
    law = DataLaw.parse(text)
    sampler, other = (Sampler(law, density, 4, 100, key) for key in ("k", "l"))
    alone = {}
    for chunk in (0, 1, 2):
        alone[chunk] = [sampled(law, density, 4, 5, 100, "k", chunk)]
    got, rest = (np.zeros((4, 100), np.float32) for _ in range(2))
    for chunk in (2, 0, 0, 1, 2):
        sampler.seek(chunk)
        drawn = []
        for _ in range(5):
            sampler.draw(got)
            other.draw(rest)
            drawn.append(got.copy())
        assert np.array_equal(np.concatenate(drawn, axis=1), alone[chunk][0])
    fresh = Sampler(law, density, 4, 100, "k")
    fresh.draw(got)
    assert np.array_equal(got, alone[0][0][:, :100])


@pytest.mark.parametrize(("text", "density"), LAWS)
def test_whether_a_feature_is_on_says_nothing_about_the_next_sample(text, density):
    law = DataLaw.parse(text)
    on = sampled(law, density, 4) != 0
    q = np.array(law.marginals(density, 4))
    both = on[:, None, ::2] & on[None, :, 1::2]
    assert_binomial(both.sum(axis=2), both.shape[2], np.outer(q, q))


@pytest.mark.parametrize(("text", "density"), LAWS)
def test_a_chunk_that_runs_on_does_not_run_into_the_next(text, density):
    law = DataLaw.parse(text)
    long = sampled(law, density, 4, 200, 100, "k", 0)
    following = sampled(law, density, 4, 1, 100, "k", 1)
    starts = [np.array_equal(long[:, i : i + 100], following) for i in range(0, 20_000, 100)]
    assert not any(starts)
    batches = long.reshape(4, 200, 100).swapaxes(0, 1).reshape(200, -1)
    assert len(np.unique(batches, axis=0)) == 200


@pytest.mark.parametrize("batch", [1, 7, 63, 64, 65, 1000])
@pytest.mark.parametrize(("text", "density"), LAWS)
def test_any_size_of_batch_is_filled_and_nothing_else(text, density, batch):
    law = DataLaw.parse(text)
    around = np.full((3, 4, batch), 9, np.float32)
    sampler = Sampler(law, density, 4, batch, "size")
    on = np.zeros(4)
    times = 40_000 // batch
    for _ in range(times):
        sampler.draw(around[1])
        on += (around[1] != 0).sum(axis=1)
    assert (around[[0, 2]] == 9).all()
    assert ((around[1] >= 0) & (around[1] <= 1)).all()
    assert_binomial(on, times * batch, np.array(law.marginals(density, 4)))


@pytest.mark.parametrize("p", [1e-9, 1e-30, 1e-300])
def test_the_rarest_features_stay_off(p):
    assert not sampled(DataLaw.parse("independent"), (p,) * 3, 3).any()


def test_what_does_not_fit_is_refused():
    law = DataLaw.parse("exclusive:0,1")
    with pytest.raises(ValueError, match=r"densities add up to .* above 1"):
        Sampler(law, (0.75, 0.5), 2, 8, "k")
    with pytest.raises(ValueError, match="more features than the 2"):
        Sampler(DataLaw.parse("exactly:3"), (), 2, 8, "k")
    with pytest.raises(ValueError, match="more features than the 2"):
        reference_batch(DataLaw.parse("exactly:3"), (), 2, 8, np.random.default_rng(0))
    sampler = Sampler(law, (0.5, 0.25), 2, 8, "k")
    for chunk in (-1, 0.5, True):
        with pytest.raises(ValueError, match="is no whole number of at least 0; count from 0"):
            sampler.seek(chunk)
    wrong = [np.zeros((8, 2), np.float32), np.zeros((2, 8)), np.zeros((8, 2), np.float32).T]
    for out in wrong:
        with pytest.raises(ValueError, match=r"give a C-contiguous float32 array \(2, 8\)"):
            sampler.draw(out)
