"""Phases up to symmetry: the search agrees with the list where there is one, and scales."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.laws import FeatureLaw
from theory.phase_matching import contains, is_listed, same_phase, tie_set
from theory.phases import closure, phase, symmetries, symmetry_count
from theory.problem import Problem

HALF = Fraction(1, 2)
SETS = FeatureLaw("anticorrelated", ((0, 1), (2, 3)))
PROBLEMS = {
    "equal": Problem(features=4, hidden=2, density=HALF),
    "two kinds": Problem(features=4, hidden=2, density=HALF, importance=(1, 1, HALF, HALF)),
    "always on": Problem(features=4, hidden=2, density=1),
    "always on, one unequal": Problem(features=4, hidden=2, density=1, importance=(1, 1, 1, 2)),
    "one always on": Problem(features=4, hidden=2, density=(1, HALF, HALF, HALF)),
    "two sets": Problem(features=4, hidden=2, density=HALF, law=SETS),
    "two unequal sets": Problem(
        features=4, hidden=2, density=HALF, importance=(1, HALF, 1, 1), law=SETS
    ),
    "one set": Problem(features=4, hidden=2, density=HALF, law=FeatureLaw("correlated", ((1, 3),))),
    "signed sets": Problem(
        features=4,
        hidden=2,
        density=HALF,
        law=FeatureLaw("correlated", ((0, 1), (2, 3)), "signed"),
    ),
    "one at a time": Problem(features=4, hidden=2, law=FeatureLaw("one-hot")),
}
LARGE = Problem(features=80, hidden=20, density=Fraction(1, 10))


def signed_grams(n):
    """Gram-like matrices of n features whose couplings are negative, absent or positive."""
    count = n * (n - 1) // 2
    return st.tuples(
        st.lists(st.sampled_from([-1, 0, 1]), min_size=count, max_size=count),
        st.lists(st.sampled_from([0.0, 1.0, 1.0]), min_size=n, max_size=n),
    ).map(lambda parts: assemble(n, *parts))


def assemble(n, signs, kept):
    G = np.eye(n)
    for (i, j), sign in zip(combinations(range(n), 2), signs, strict=True):
        G[i, j] = G[j, i] = 0.5 * sign
    return G * np.outer(kept, kept)


def relabelled(G, rng, signs=False):
    order = rng.permutation(len(G))
    s = rng.choice([-1, 1], len(G)) if signs else np.ones(len(G))
    return np.outer(s, s) * G[np.ix_(order, order)]


def graph_phase(n, edges):
    """The phase in which exactly the couplings ``edges`` matter, all negative."""
    G = np.eye(n)
    for i, j in edges:
        G[i, j] = G[j, i] = -0.5
    return phase(G)


@pytest.mark.parametrize("name", PROBLEMS)
@settings(max_examples=60)
@given(signed_grams(4), signed_grams(4))
def test_two_phases_are_the_same_exactly_if_one_is_in_the_closure_of_the_other(name, A, B):
    problem, a, b = PROBLEMS[name], phase(A), phase(B)
    assert same_phase(a, b, problem) == (b in closure([a], problem))


@pytest.mark.parametrize("name", PROBLEMS)
@settings(max_examples=30)
@given(signed_grams(4), st.data())
def test_a_phase_is_the_same_as_each_of_its_closure(name, A, data):
    problem, a = PROBLEMS[name], phase(A)
    other = data.draw(st.sampled_from(sorted(closure([a], problem))))
    assert same_phase(a, other, problem)
    assert same_phase(other, a, problem)


@pytest.mark.parametrize("density", [Fraction(1, 10), 1])
def test_relabelled_large_models_agree_and_one_changed_sign_does_not(density):
    rng = np.random.default_rng(0)
    problem = Problem(features=80, hidden=20, density=density)
    W = rng.standard_normal((20, 80)) / 4
    G = W.T @ W
    turned = relabelled(G, rng, signs=density == 1)
    assert same_phase(phase(G), phase(turned), problem)
    squared = np.diag(G)
    strong = G**2 - 0.02 * np.maximum.outer(squared, squared)
    i, j = np.argwhere(np.triu(strong, 1) > 0)[0]
    G[i, j] = G[j, i] = -G[i, j]
    assert not same_phase(phase(G), phase(turned), problem)


def test_reversed_features_agree_only_if_all_are_always_on():
    rng = np.random.default_rng(1)
    W = rng.standard_normal((3, 12))
    G = W.T @ W
    turned = relabelled(G, rng, signs=True)
    for density, same in ((1, True), (HALF, False)):
        problem = Problem(features=12, hidden=3, density=density)
        assert same_phase(phase(G), phase(turned), problem) is same


def polygons(sizes):
    edges, first = [], 0
    for k in sizes:
        edges += [(first + i, first + (i + 1) % k) for i in range(k)]
        first += k
    return edges


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([6] * 12, [6] * 11 + [3, 3]),  # every vertex has two neighbours in both
        ([10, 4] * 5, [7, 7] * 5),
        ([3] * 24, [6] * 12),
    ],
)
def test_regular_graphs_that_refinement_cannot_tell_apart_are_told_apart(one, other):
    rng = np.random.default_rng(2)
    n = 80
    a, b = (graph_phase(n, polygons(sizes)) for sizes in (one, other))
    order = rng.permutation(n)
    moved = graph_phase(n, [sorted((order[i], order[j])) for i, j in polygons(one)])
    assert same_phase(a, moved, LARGE)
    assert not same_phase(a, b, LARGE)


def test_the_same_holds_when_absence_is_the_rare_colour():
    n = 40
    problem = Problem(features=n, hidden=20, density=HALF)
    pairs = set(combinations(range(n), 2))
    a, b, c = (
        graph_phase(n, sorted(pairs - {tuple(sorted(e)) for e in polygons(sizes)}))
        for sizes in ([6] * 6, [6] * 5 + [3, 3], [])
    )
    assert same_phase(a, a, problem)
    assert same_phase(c, c, problem)
    assert not same_phase(a, b, problem)


def test_a_strongly_regular_graph_is_matched_to_itself_and_to_no_other():
    """The rook's graph and Shrikhande's graph: 16 vertices, the same parameters."""
    cells = [(i, j) for i in range(4) for j in range(4)]
    rook, shrikhande = [], []
    for (u, a), (v, b) in combinations(enumerate(cells), 2):
        d = ((a[0] - b[0]) % 4, (a[1] - b[1]) % 4)
        if 0 in d:
            rook.append((u, v))
        if d in {(0, 1), (0, 3), (1, 0), (3, 0), (1, 1), (3, 3)}:
            shrikhande.append((u, v))
    problem = Problem(features=16, hidden=6, density=HALF)
    rng = np.random.default_rng(3)
    order = rng.permutation(16)
    moved = [sorted((order[i], order[j])) for i, j in shrikhande]
    assert same_phase(graph_phase(16, shrikhande), graph_phase(16, moved), problem)
    assert not same_phase(graph_phase(16, shrikhande), graph_phase(16, rook), problem)


def test_features_that_differ_in_importance_are_not_matched():
    importance = tuple(Fraction(9, 10) ** i for i in range(20))
    problem = Problem(features=20, hidden=10, density=HALF, importance=importance)
    a, b = (graph_phase(20, edges) for edges in ([(0, 1)], [(2, 3)]))
    assert same_phase(a, a, problem)
    assert not same_phase(a, b, problem)
    assert same_phase(a, b, Problem(features=20, hidden=10, density=HALF))


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_count_is_that_of_the_list(name):
    assert symmetry_count(PROBLEMS[name]) == len(symmetries(PROBLEMS[name]))


def test_small_groups_are_listed_and_large_ones_represented():
    five = Problem(features=5, hidden=2, density=HALF)
    found = graph_phase(5, [(0, 1)])
    assert is_listed(five)
    assert tie_set([found], five) == closure([found], five)
    assert len(tie_set([found], five)) == 10
    assert contains(tie_set([found], five), graph_phase(5, [(3, 4)]), five)
    one, same, other = (graph_phase(80, edges) for edges in ([(0, 1)], [(7, 9)], [(0, 1), (1, 2)]))
    assert not is_listed(LARGE)
    assert tie_set([same, one, other], LARGE) == tie_set([other, one, same], LARGE)
    assert len(tie_set([same, one, other], LARGE)) == 2
    assert contains(tie_set([same], LARGE), one, LARGE)
    assert not contains(tie_set([same], LARGE), other, LARGE)
    with pytest.raises(ValueError, match="5000"):
        closure([found], LARGE)


def test_what_is_no_phase_of_the_problem_is_named():
    with pytest.raises(ValueError, match="80 features"):
        same_phase(("dropped",), ("dropped",), LARGE)
