from fractions import Fraction
from math import prod

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from theory.laws import AMPLITUDES, KINDS, FeatureLaw

from ..support import active_sample

P = sympy.Symbol("p", positive=True)
THIRD = Fraction(1, 3)
SETS = ("correlated", "anticorrelated", "exclusive")


@st.composite
def laws(draw):
    """(law, density, n): every kind, on up to six features, with a density that fits."""
    kind, n = draw(st.sampled_from(KINDS)), draw(st.integers(2, 6))
    if kind == "one-hot":
        return FeatureLaw(kind), None, n
    order = draw(st.permutations(range(n)))
    sizes = draw(st.sampled_from([(2,), (3,), (2, 2), (4,), (2, 3)]))
    sets, start = [], 0
    for size in sizes:
        if start + size <= n:
            sets.append(tuple(order[start : start + size]))
        start += size
    density = [Fraction(draw(st.integers(1, 12)), 12) for _ in range(n)]
    if kind == "independent" or not sets:
        return FeatureLaw(), density, n
    for members in sets:
        for j in members:
            density[j] = density[j] / len(members) if kind == "exclusive" else density[members[0]]
    return FeatureLaw(kind, tuple(sets)), density, n


# ------------------------------------------------------------------ probabilities


@given(laws())
def test_the_probabilities_of_the_patterns_add_up_to_one(case):
    law, density, n = case
    patterns = list(law.patterns(density, n))
    assert sum(q for _, q in patterns) == 1
    assert all(q > 0 for _, q in patterns)
    assert len({active for active, _ in patterns}) == len(patterns)
    assert all(active == tuple(sorted(set(active))) for active, _ in patterns)


@given(laws())
def test_a_marginal_is_the_probability_of_the_patterns_with_the_feature(case):
    law, density, n = case
    patterns = list(law.patterns(density, n))
    for i, marginal in enumerate(law.marginals(density, n)):
        assert marginal == sum(q for active, q in patterns if i in active)


@given(laws())
def test_the_blocks_are_a_partition_into_independent_parts(case):
    law, density, n = case
    blocks = law.blocks(n)
    assert sorted(j for block in blocks for j in block) == list(range(n))
    patterns = dict(law.patterns(density, n))
    within = [
        {
            part: sum(q for active, q in patterns.items() if set(active) & set(block) == set(part))
            for part in {tuple(j for j in active if j in block) for active in patterns}
        }
        for block in blocks
    ]
    for active, q in patterns.items():
        parts = [tuple(j for j in active if j in block) for block in blocks]
        assert q == prod(chances[part] for chances, part in zip(within, parts, strict=True))


@given(laws())
def test_each_kind_keeps_its_word_about_who_is_on_together(case):
    law, density, n = case
    for active, _ in law.patterns(density, n):
        for members in law.sets:
            on = len(set(members) & set(active))
            assert on in ((0, len(members)) if law.kind == "correlated" else (0, 1))
        assert law.kind != "one-hot" or len(active) == 1


@pytest.mark.parametrize(
    ("text", "density"),
    [
        ("independent", [0.2, 0.7, 1.0, 0.5]),
        ("one-hot", None),
        ("correlated:0,2", [0.3, 0.9, 0.3, 0.5]),
        ("anticorrelated:0,1,3", [0.6, 0.6, 0.4, 0.6]),
        ("exclusive:0,1/2,3", [0.2, 0.5, 0.7, 0.3]),
    ],
)
def test_samples_show_every_pattern_as_often_as_it_is_likely(text, density):
    law, samples = FeatureLaw.parse(text), 100_000
    active = active_sample(law, density, 4, np.random.default_rng(4), samples)
    seen = np.bincount(active @ (1 << np.arange(4)), minlength=16) / samples
    expected = np.zeros(16)
    for members, q in law.patterns(density, 4):
        expected[sum(1 << j for j in members)] = q
    error = np.sqrt(expected * (1 - expected) / samples)
    assert np.all(np.abs(seen - expected) <= 5 * error + 1e-15)
    assert expected.sum() == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("independent", (P, P, P)),
        ("correlated:0,1,2", (P, P, P)),
        ("anticorrelated:0,1,2", (P / 3, P / 3, P / 3)),
        ("anticorrelated:0,2", (P / 2, P, P / 2)),
        ("exclusive:0,1", (P, P, P)),
    ],
)
def test_symbols_give_symbolic_marginals_and_probabilities(text, expected):
    law = FeatureLaw.parse(text)
    assert law.marginals(P, 3) == expected
    assert sympy.expand(sum(q for _, q in law.patterns(P, 3))) == 1


def test_a_whole_number_stays_exact():
    law = FeatureLaw.parse("anticorrelated:0,1,2")
    assert law.marginals(1, 3) == (THIRD,) * 3
    assert list(law.patterns(1, 3)) == [((j,), THIRD) for j in range(3)]
    assert all(isinstance(q, Fraction) for q in law.marginals(1, 3))


def test_ten_floats_of_a_tenth_fill_an_exclusive_set():
    """As real numbers they add up to 1 + 5.6e-17, and the set is never silent."""
    law = FeatureLaw("exclusive", (tuple(range(10)),))
    assert [active for active, _ in law.patterns(0.1, 10)] == [(j,) for j in range(10)]
    with pytest.raises(ValueError, match="exclusive set"):
        list(law.patterns([*[0.1] * 9, 0.1 + 1e-15], 10))


@pytest.mark.parametrize("amplitude", AMPLITUDES)
def test_the_moments_of_an_amplitude_are_those_of_its_samples(amplitude):
    law = FeatureLaw(amplitude=amplitude)
    u = (np.arange(1000) + 0.5) / 1000
    x = {"uniform": u, "signed": 2 * u - 1, "binary": np.ones(1000)}[amplitude]
    assert float(law.mean) == pytest.approx(x.mean(), abs=1e-12)
    assert float(law.second_moment) == pytest.approx((x**2).mean(), abs=1e-6)  # midpoint: 1/3e6


# ------------------------------------------------------------------ text


@given(laws(), st.sampled_from(AMPLITUDES))
def test_a_law_is_read_back_from_its_text(case, amplitude):
    law = FeatureLaw(case[0].kind, case[0].sets, amplitude)
    assert FeatureLaw.parse(str(law), amplitude) == law
    assert hash(FeatureLaw.parse(str(law), amplitude)) == hash(law)


@pytest.mark.parametrize("text", ["independent", "one-hot", *(f"{kind}:0,1/2,3" for kind in SETS)])
def test_the_text_is_given_back_as_it_was_read(text):
    assert str(FeatureLaw.parse(text)) == text
    assert str(FeatureLaw.parse(text, "signed")) == text


def test_the_order_of_sets_and_members_does_not_matter():
    law = FeatureLaw.parse("exclusive:3,2/1,0")
    assert (
        law
        == FeatureLaw.parse("exclusive: 0, 1 / 2, 3")
        == FeatureLaw("exclusive", [[1, 0], [2, 3]])
    )
    assert law.sets == ((0, 1), (2, 3))


# ------------------------------------------------------------------ misuse


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dense", r"law 'dense' is not known; use one of independent"),
        ("independent:0,1", r"'independent' takes no sets; leave them out"),
        ("one-hot:0,1", r"'one-hot' takes no sets"),
        ("one-hot:1", r"'one-hot' takes no sets"),
        ("one-hot:", r"'one-hot' takes no sets"),
        ("nonsense:1", r"law 'nonsense' is not known"),
        ("correlated", r"'correlated' needs sets of features, like correlated:0,1/2,3"),
        ("exclusive:", r"sets are written as indices from 0"),
        ("exclusive:0,a", r"'exclusive:0,a'.*like exclusive:0,1/2,3"),
        ("exclusive:0,1/1,2", r"feature 1 is named twice"),
        ("exclusive:0,0", r"feature 0 is named twice"),
        ("exclusive:3", r"set \(3,\) has fewer than two members"),
        ("exclusive:-1,0", r"set -1,0 has a negative index"),
    ],
)
def test_a_text_that_is_no_law_is_refused_with_the_remedy(text, message):
    with pytest.raises(ValueError, match=message):
        FeatureLaw.parse(text)


def test_an_unknown_amplitude_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"amplitude 'gauss' .* uniform, signed, binary"):
        FeatureLaw(amplitude="gauss")


@pytest.mark.parametrize("sets", ["0,1", ((0, 1.0),), ((True, 2),)])
def test_sets_that_are_not_whole_numbers_are_refused(sets):
    with pytest.raises(TypeError, match=r"FeatureLaw.parse|whole numbers"):
        FeatureLaw("correlated", sets)


@pytest.mark.parametrize(
    ("text", "density", "message"),
    [
        ("one-hot", 0.5, r"one-hot takes no density, got 0.5: .* leave the density out"),
        ("independent", None, r"law independent needs a density"),
        ("exclusive:0,3", 0.1, r"set 0,3 names feature 3 of 3; indices run from 0 to 2"),
        ("exclusive:0,2", [0.6, 1, 0.5], r"exclusive set 0,2: densities add up to .*1\.1"),
        ("correlated:0,1", [0.5, 0.25, 1], r"correlated set 0,1 has densities 0.5 and 0.25"),
        ("anticorrelated:1,2", [1, P, 2 * P], r"anticorrelated set 1,2 has densities p and 2\*p"),
        ("independent", [0.5, 0.5], r"density has 2 entries for 3 features"),
        ("correlated:0,1", 0, r"density 0 is outside \(0, 1\]"),
        ("exclusive:0,1", -0.5, r"density -0.5 is outside \(0, 1\]"),
    ],
)
def test_a_density_that_does_not_fit_the_law_is_refused_by_name(text, density, message):
    law = FeatureLaw.parse(text)
    with pytest.raises(ValueError, match=message):
        law.marginals(density, 3)
    with pytest.raises(ValueError, match=message):
        list(law.patterns(density, 3))


@given(laws())
def test_features_in_no_set_keep_their_own_density(case):
    law, density, n = case
    if law.kind != "one-hot":
        alone = set(range(n)).difference(*law.sets)
        marginals = law.marginals(density, n)
        assert all(marginals[j] == density[j] for j in alone)
