"""The laws of samples: what they read, what they refuse, and their marginals."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.training.data_laws import AMPLITUDES, DataLaw
from theory.laws import FeatureLaw

TEXTS = (
    "independent",
    "one-hot",
    "exactly:1",
    "exactly:3",
    "correlated:0,1/2,3",
    "anticorrelated:0,2,3",
    "exclusive:1,3",
)
WORDS = ("independent", "one-hot", "exactly", "correlated", "anticorrelated", "exclusive", ":", "/")


@pytest.mark.parametrize("amplitude", AMPLITUDES)
@pytest.mark.parametrize("text", TEXTS)
def test_a_law_reads_what_it_writes(text, amplitude):
    law = DataLaw.parse(text, amplitude)
    assert str(law) == f"{text} {amplitude}"
    assert DataLaw.parse(*str(law).split()) == law


def test_sets_are_kept_in_their_normal_form():
    law = DataLaw.parse(" correlated:3,2/1,0 ")
    assert law.sets == ((0, 1), (2, 3))
    assert law == DataLaw("correlated", ((2, 3), (1, 0)))


@pytest.mark.parametrize(
    ("text", "density", "marginals"),
    [
        ("independent", (0.5, 1.0, 0.1, 0.3), (0.5, 1.0, 0.1, 0.3)),
        ("one-hot", (), (0.25,) * 4),
        ("exactly:1", (), (0.25,) * 4),
        ("exactly:3", (), (0.75,) * 4),
        ("exactly:4", (), (1.0,) * 4),
        ("correlated:0,1", (0.2, 0.2, 0.1, 0.3), (0.2, 0.2, 0.1, 0.3)),
        ("anticorrelated:0,1/2,3", (0.2, 0.2, 1.0, 1.0), (0.1, 0.1, 0.5, 0.5)),
        ("exclusive:0,1,3", (0.2, 0.5, 1.0, 0.3), (0.2, 0.5, 1.0, 0.3)),
    ],
)
def test_marginals(text, density, marginals):
    found = DataLaw.parse(text).marginals(density, 4)
    assert all(type(q) is float for q in found)
    assert all(isclose(q, r, rel_tol=1e-15) for q, r in zip(found, marginals, strict=True))


def test_ten_floats_that_add_up_to_a_hair_above_one_may_exclude_one_another():
    members = ",".join(map(str, range(10)))
    assert DataLaw.parse(f"exclusive:{members}").marginals((0.1,) * 10, 10) == (0.1,) * 10


@pytest.mark.parametrize("text", TEXTS)
def test_the_states_of_a_block_are_all_there_is(text):
    law = DataLaw.parse(text)
    if text == "exactly:3":
        return
    blocks = law.states(() if text in ("one-hot", "exactly:1") else (0.3,) * 4, 4)
    assert all(isclose(sum(q for _, q in block), 1, rel_tol=1e-15) for block in blocks)
    assert sorted({j for block in blocks for s, _ in block for j in s}) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sparse", "law 'sparse' is not known; use one of independent, one-hot, .*exactly"),
        ("sparse:0,1", "law 'sparse' is not known"),
        ("", "law '' is not known"),
        ("exactly", "law 'exactly': write how many features are on, like exactly:3"),
        ("exactly:-1", "law 'exactly:-1': write how many"),
        ("exactly:2.5", "law 'exactly:2.5': write how many"),
        ("exactly:" + "9" * 5000, "write how many"),
        ("exactly:0", "needs how many features are on, like exactly:3, not 0"),
        ("correlated", "law 'correlated' needs sets of features, like correlated:0,1/2,3"),
        ("correlated:0,a", "sets are written as indices from 0"),
        ("correlated:0", "fewer than two members"),
        ("correlated:0,1/1,2", "feature 1 is named twice"),
        ("exclusive:-1,2", "negative index"),
        ("one-hot:0,1", "law 'one-hot' takes no sets"),
        (3, "law 3 is no text"),
        (None, "law None is no text"),
    ],
)
def test_what_is_no_law_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        DataLaw.parse(text)


def test_words_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match="amplitude 'gaussian' is not known; use one of uniform"):
        DataLaw.parse("independent", "gaussian")
    with pytest.raises(ValueError, match="'one-hot' has no fixed number of active features, got 2"):
        DataLaw("one-hot", (), 2)
    with pytest.raises(ValueError, match="like exactly:3, not True"):
        DataLaw("exactly", (), True)
    with pytest.raises(ValueError, match="'exactly' takes no sets"):
        DataLaw("exactly", ((0, 1),), 2)


@given(st.text() | st.lists(st.sampled_from((*WORDS, "0", "1", "12", ",", "-", " "))).map("".join))
def test_any_text_is_a_law_that_reads_what_it_writes_or_a_value_error(text):
    try:
        law = DataLaw.parse(text)
    except ValueError:
        return
    assert DataLaw.parse(*str(law).split()) == law


@pytest.mark.parametrize(
    ("text", "density", "message"),
    [
        ("independent", (), "law independent needs a density"),
        ("independent", (0.5,) * 3, "density has 3 entries for 4 features"),
        ("independent", (0.0, 0.5, 0.5, 0.5), r"density 0.0 is outside \(0, 1\]"),
        ("independent", (1.5, 0.5, 0.5, 0.5), r"density 1.5 is outside \(0, 1\]"),
        ("independent", (float("nan"), 0.5, 0.5, 0.5), "nan is not a finite number"),
        ("one-hot", (0.5,) * 4, "one-hot takes no density"),
        ("exactly:2", (0.5,) * 4, "exactly:2 takes no density, got .*leave it out"),
        ("exactly:5", (), "exactly:5 turns on more features than the 4 there are"),
        ("correlated:0,1", (0.5, 0.4, 0.1, 0.1), "densities 0.5 and 0.4; its members must share"),
        ("anticorrelated:0,1", (0.5, 0.4, 0.1, 0.1), "its members must share one"),
        ("exclusive:0,1", (0.75, 0.5, 0.1, 0.1), r"exclusive set 0,1: .* 5/4 .*above 1"),
        ("correlated:0,4", (0.5,) * 4, "names feature 4 of 4"),
    ],
)
def test_densities_that_do_not_fit_are_refused(text, density, message):
    with pytest.raises(ValueError, match=message):
        DataLaw.parse(text).check(density, 4)


@pytest.mark.parametrize("amplitude", ["uniform", "signed", "binary"])
@pytest.mark.parametrize("text", [text for text in TEXTS if text != "exactly:3"])
def test_laws_with_an_exact_loss_say_which(text, amplitude):
    expected = "one-hot" if text == "exactly:1" else text
    assert DataLaw.parse(text, amplitude).exact() == FeatureLaw.parse(expected, amplitude)


def test_laws_without_an_exact_loss_name_the_remedy():
    with pytest.raises(ValueError, match=r"amplitude 'normal' .* use objective sampled"):
        DataLaw.parse("independent", "normal").exact()
    with pytest.raises(ValueError, match=r"law exactly:2 .* use objective sampled"):
        DataLaw.parse("exactly:2").exact()
