"""The search: never above what is known, symmetric where the problem is, the same from a seed."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.optimum import find_optimum, improve, search, tie_width
from numerics.starts import notebook_std, random_starts, structured_starts
from theory import candidates, population_loss
from theory.coexistence import coexistence
from theory.families import P, R
from theory.phases import closure, phase
from theory.problem import Problem, phase_plane

DROP, PAIR = ("dedicated", "dropped"), ("superposed", "superposed", "-01")


@pytest.mark.parametrize("case", [(2, 1), (3, 2)])
@given(st.floats(0.02, 1), st.floats(-1, 1))
@settings(max_examples=8)
def test_optimum_lies_at_or_below_every_candidate_of_the_paper(case, p, logr):
    r = 10**logr
    found = find_optimum(phase_plane(*case, p, r), starts=5)
    for level in ("unit", "unit_bias"):
        for candidate in candidates(*case, level=level):
            least = float(candidate.loss.subs({P: p, R: r}))
            assert found.loss <= least + 1e-14, candidate.name
    again = population_loss(found.W, found.b, p, [1.0] * (case[0] - 1) + [r])
    assert found.loss == pytest.approx(again, abs=1e-15)


@given(st.floats(0.02, 1), st.floats(-1, 1))
@settings(max_examples=10)
def test_swapping_two_features_turns_r_into_its_inverse(p, logr):
    r = 10**logr
    here, there = (find_optimum(phase_plane(2, 1, p, x), starts=8).loss for x in (r, 1 / r))
    assert abs(here - r * there) <= 1e-9 * r * p


def test_at_equal_importance_every_relabelling_ties():
    found = find_optimum(phase_plane(3, 2, 0.1, 1), starts=10)
    assert found.ties == {
        ("superposed", "superposed", "dedicated", "-01"),
        ("superposed", "dedicated", "superposed", "-02"),
        ("dedicated", "superposed", "superposed", "-12"),
    }


def test_when_always_on_reversing_features_ties():
    found = find_optimum(phase_plane(3, 2, 1, 1), starts=20)
    assert found.ties == {
        ("superposed",) * 3 + (f"{a}01", f"{b}02", f"{c}12")
        for a, b, c in ("---", "++-", "+-+", "-++")
    }


@given(st.floats(0.05, 1), st.sampled_from([0.2, 1.0, 3.0]))
@settings(max_examples=8)
def test_ties_are_closed_under_the_symmetries_and_hold_the_best_models_phase(p, r):
    problem = phase_plane(3, 2, p, r)
    found = find_optimum(problem, starts=4)
    assert closure(found.ties, problem) == found.ties
    assert phase(found.gram) in found.ties
    assert 1 <= found.hits <= found.starts == 4 + len(structured_starts(problem)[0])


def test_improving_never_raises_the_loss_and_finds_what_was_missed():
    problem = phase_plane(3, 2, 0.7, 0.9)
    best = find_optimum(problem, starts=30)
    rng = np.random.default_rng(0)
    guesses = rng.standard_normal((6, 2, 3)), rng.standard_normal((6, 3)) / 3
    again = improve([best], [guesses])[0]
    assert again.loss <= best.loss
    assert again.ties >= best.ties or again.loss < best.loss - tie_width(problem)
    worse = search([problem], starts=0)[0]
    poor = type(worse)(
        problem=problem,
        loss=worse.loss + 0.1,
        W=np.zeros((2, 3)),
        b=np.zeros(3),
        hits=1,
        starts=1,
        ties=frozenset({("dropped",) * 3}),
    )
    mended = improve([poor], [(best.W[None], best.b[None])])[0]
    assert mended.loss <= best.loss + 1e-15
    assert mended.ties == {*closure([phase(best.gram)], problem)}
    assert mended.hits == 0


def test_a_problem_searched_among_others_finds_the_same_minimum():
    problems = [phase_plane(2, 1, p, r) for p in (0.1, 0.5, 0.9) for r in (0.1, 0.7, 3)]
    together = search(problems, starts=6, seed=3)
    for problem, found in zip(problems, together, strict=True):
        alone = find_optimum(problem, starts=6, seed=3)
        assert alone.problem == found.problem == problem
        assert alone.loss == pytest.approx(found.loss, abs=1e-14)
        assert alone.ties == found.ties


def test_the_same_seed_gives_the_same_result_and_another_seed_other_starts():
    problem = phase_plane(2, 1, 0.3, 0.5)
    first, second = (find_optimum(problem, starts=7, seed=5) for _ in range(2))
    assert (first.loss, first.hits) == (second.loss, second.hits)
    assert np.array_equal(first.W, second.W)
    W, V = (random_starts(problem, 3, "optimum", seed)[0] for seed in (5, 6))
    assert not np.isclose(W, V).any()


@pytest.mark.parametrize("case", [(1, 1), (2, 1), (3, 2), (3, 3)])
def test_a_start_depends_on_its_index_and_not_on_how_many_there_are(case):
    problem = phase_plane(*case, 0.3, 0.5)
    few, many = (random_starts(problem, count, "optimum", 0) for count in (3, 50))
    assert np.array_equal(few[0], many[0][:3])
    assert not np.array_equal(few[0], random_starts(problem, 3, "trained", 0)[0])
    W, b = structured_starts(problem)
    assert W.shape[1:] == case[::-1]
    assert b.shape == (len(W), case[0])


def test_random_starts_have_the_notebooks_spread():
    problem = phase_plane(3, 2, 0.3, 0.5)
    W = random_starts(problem, 20_000, "test", 0)[0]
    tensor = torch.empty(1, 3, 2)
    torch.manual_seed(0)
    rule = torch.cat([torch.nn.init.xavier_normal_(tensor).flatten().clone() for _ in range(20000)])
    error = notebook_std(3, 2) / np.sqrt(2 * W.size)
    assert abs(W.std() - notebook_std(3, 2)) < 5 * error
    assert abs(rule.std().item() - notebook_std(3, 2)) < 5 * error
    assert abs(W.std() - 1.05 * notebook_std(3, 2)) > 5 * error  # the test can fail


def test_one_feature_is_learned_exactly():
    found = find_optimum(Problem(features=1, hidden=1, density=0.3), starts=3)
    assert abs(found.loss) <= 1e-15
    assert found.ties == {("dedicated",)}


def test_too_few_starts_are_named():
    with pytest.raises(ValueError, match="-1"):
        find_optimum(phase_plane(2, 1, 0.3, 0.5), starts=-1)


@pytest.mark.parametrize("p", ["3/10", "1/10"])
def test_phase_changes_where_coexistence_says(p):
    density = Fraction(p)
    critical = Fraction(str(coexistence(density, digits=15).importance))
    below, above = (
        find_optimum(phase_plane(2, 1, density, critical * factor), starts=20)
        for factor in (1 - Fraction("1/100000"), 1 + Fraction("1/100000"))
    )
    assert below.ties == {DROP}
    assert above.ties == {PAIR}


@pytest.mark.parametrize(
    ("problem", "starts", "words"),
    [
        (2, None, "problem 2 is no Problem"),
        ("2,1", 3, "problem '2,1' is no Problem"),
        (phase_plane(2, 1, 0.5, 1), 2.5, r"starts 2\.5 must be a whole number"),
        (phase_plane(2, 1, 0.5, 1), "3", "starts '3' must be a whole number"),
    ],
)
def test_what_is_no_problem_or_no_number_of_starts_is_refused(problem, starts, words):
    with pytest.raises(TypeError, match=words):
        find_optimum(problem, starts=starts)


def test_a_numpy_integer_is_a_number_of_starts():
    problem = phase_plane(2, 1, 0.5, 1)
    assert (
        find_optimum(problem, starts=np.int64(2)).starts == find_optimum(problem, starts=2).starts
    )
