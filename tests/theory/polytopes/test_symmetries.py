"""Counting and finding isometries agrees with trying all permutations."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.polytopes.catalogue import polytope
from theory.polytopes.symmetries import correspondence, symmetry_order


@st.composite
def coloured_graphs(draw, largest=6, colours=3):
    n = draw(st.integers(1, largest))
    entries = draw(st.lists(st.integers(0, colours - 1), min_size=n * n, max_size=n * n))
    square = np.array(entries).reshape(n, n)
    return np.tril(square) + np.tril(square, -1).T


def keeps(first, second, order):
    return np.array_equal(second[np.ix_(order, order)], first)


@settings(max_examples=150, deadline=None)
@given(coloured_graphs(colours=2))
def test_the_order_is_the_number_of_permutations_that_change_nothing(colours):
    listed = sum(keeps(colours, colours, order) for order in permutations(range(len(colours))))
    assert symmetry_order(colours) == listed


@settings(max_examples=100, deadline=None)
@given(coloured_graphs(), st.randoms(use_true_random=False))
def test_a_permuted_graph_is_found_again(colours, random):
    order = list(range(len(colours)))
    random.shuffle(order)
    shuffled = colours[np.ix_(order, order)]
    found = correspondence(colours, shuffled)
    assert found is not None
    assert sorted(found) == list(range(len(colours)))
    assert keeps(colours, shuffled, found)


@settings(max_examples=150, deadline=None)
@given(coloured_graphs(5, 2), coloured_graphs(5, 2))
def test_a_correspondence_is_found_if_there_is_one(first, second):
    if len(first) != len(second):
        assert correspondence(first, second) is None
        return
    exists = any(keeps(first, second, order) for order in permutations(range(len(first))))
    assert (correspondence(first, second) is not None) == exists


def test_a_graph_of_one_colour_has_all_permutations():
    assert symmetry_order(np.zeros((9, 9), dtype=np.int64)) == factorial(9)


@pytest.mark.parametrize("key", ["e8", "600-cell", "3_21", "snub-cube"])
def test_large_shapes_are_found_again_in_any_order(key):
    index = polytope(key).gram().index
    order = np.random.default_rng(0).permutation(len(index))
    found = correspondence(index, index[np.ix_(order, order)])
    assert found is not None
    assert keeps(index, index[np.ix_(order, order)], found)
