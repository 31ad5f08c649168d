"""Blocks ranked at a density: whom they are compared with, and when nothing else can be better."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from numerics.best_blocks.pieces import pieces_of
from numerics.best_blocks.ranking import CLOSED, at_density, best_of_each, ranking
from numerics.best_blocks.rigid_shapes import rigid_shapes
from numerics.best_blocks.search import best_block
from numerics.best_blocks.table import Table
from theory.large_n import best_code

from .support import (
    FIFTH,
    HALF,
    TENTH,
    block,
    digons,
    piece,
    product,
    searched,
    shape,
    variance,
)

THREE_TENTHS = Fraction(3, 10)


def table(*models, rigid=()):
    """Return a table of models as they are; those of one size by falling density."""
    found = Table({}, {key: rigid_shapes(key, [HALF, FIFTH]) for key in rigid})
    for model in models:
        found.best.setdefault((model.k, model.d), []).append(model)
    return found


def closing(p):
    """Return what closes a ranking led by the digon: lines, planes and space with one to spare."""
    return [digons(1, 0, p), digons(1, 1, p), digons(2, 1, p), digons(3, 1, p)]


def test_kinds_are_ranked_by_benefit_each_once():
    found = ranking(HALF, table(*closing(HALF), product(["triangle"], 0, HALF), rigid=["pentagon"]))
    assert [one.identity for one in found.pieces] == [
        (2, 1, "digon"),
        (5, 2, "pentagon"),
        (3, 2, "triangle"),
    ]
    assert [one.rigid for one in found.pieces] == [False, True, False]
    for one in found.pieces:
        assert one.block.benefit == pytest.approx(shape(one.name, HALF).benefit, abs=1e-10)


def test_the_leader_is_not_worse_than_any_piece_or_model():
    for density in (HALF, THREE_TENTHS, TENTH):
        found = ranking(density, searched())
        benefits = [one.block.benefit for one in found.pieces]
        assert all(above >= below for above, below in pairwise(benefits))
        assert all(one.benefit <= benefits[0] + 1e-9 for one in found.best_in.values())
        assert {one.block.density for one in found.pieces} == {density}


def test_between_densities_of_the_atlas_it_is_close_to_a_search_there():
    found = ranking(THREE_TENTHS, searched())
    for size, own in (((2, 1), found.best_in[1]), ((6, 2), found.best_in[2])):
        alone = best_block(*size, THREE_TENTHS, starts=4)
        assert own.benefit == pytest.approx(alone.benefit, abs=1e-8)
    kinds = {one.identity: one.block for one in found.pieces}
    for identity in ((2, 1, "digon"), (5, 2, "pentagon")):
        rigid = shape(identity[2], THREE_TENTHS)
        assert kinds[identity].benefit == pytest.approx(rigid.benefit, abs=1e-8)


def test_a_float_is_the_density_it_is_near_to():
    one, other = ranking(0.1, searched()), ranking(TENTH, searched())
    assert one.pieces[0].identity == other.pieces[0].identity
    assert one.pieces[0].block.benefit == pytest.approx(other.pieces[0].block.benefit, abs=1e-9)


def test_it_is_closed_if_two_more_dimensions_and_many_features_do_no_better():
    found = ranking(HALF, table(*closing(HALF)))
    assert found.closed
    assert sorted(found.best_in) == [1, 2, 3]
    assert found.code.benefit == best_code(0.5).benefit < found.pieces[0].block.benefit


@pytest.mark.parametrize(
    "spatial",
    [
        [],
        [digons(3, 0, HALF)],
        [product(["triangle", "digon"], 0, HALF), digons(3, 0, HALF)],
    ],
)
def test_it_is_open_if_a_dimension_is_not_known(spatial):
    """Missing, or all of its features stored, so that more of them may help."""
    found = ranking(HALF, table(*closing(HALF)[:3], *spatial))
    assert not found.closed
    assert sorted(found.best_in) == [1, 2]


def test_a_dimension_is_known_by_a_larger_size_that_does_no_better():
    found = ranking(HALF, table(*closing(HALF)[:3], digons(3, 0, HALF), digons(3, 1, HALF)))
    assert found.closed
    assert found.best_in[3].k == 6


def test_it_is_open_where_many_features_do_better():
    thousandth = Fraction(1, 1000)
    found = ranking(thousandth, table(*closing(thousandth)))
    assert sorted(found.best_in) == [1, 2, 3]
    assert found.code.benefit > found.pieces[0].block.benefit + CLOSED
    assert not found.closed


@pytest.mark.parametrize("density", [FIFTH, THREE_TENTHS])
def test_sizes_that_end_above_a_density_do_not_open_it(density):
    """Four digons are there at 1/2 only; lines, planes and space at both densities."""
    models = [*closing(HALF), digons(4, 1, HALF), *closing(FIFTH)]
    found = ranking(density, table(*models))
    assert sorted(found.best_in) == [1, 2, 3]
    assert found.closed


def test_a_larger_size_at_another_density_says_nothing():
    """Three digons alone below; one to spare above."""
    models = [*closing(HALF), *closing(FIFTH)[:3], digons(3, 0, HALF), digons(3, 0, FIFTH)]
    for density in (FIFTH, THREE_TENTHS):
        assert sorted(ranking(density, table(*models)).best_in) == [1, 2]
    assert sorted(ranking(HALF, table(*models)).best_in) == [1, 2, 3]


def test_blocks_are_followed_to_another_density_in_their_order():
    blocks = [shape("pentagon", HALF), digons(1, 0, HALF), shape("digon", TENTH)]
    blocks[0] = replace(blocks[0], hits=7)
    found = at_density(blocks, TENTH)
    assert [(one.k, one.d) for one in found] == [(5, 2), (2, 1), (2, 1)]
    assert found[2] is blocks[2]
    assert [one.density for one in found] == [TENTH] * 3
    for one, key in zip(found, ("pentagon", "digon", "digon"), strict=True):
        assert one.benefit == pytest.approx(shape(key, TENTH).benefit, abs=1e-9)
    assert found[0].hits == 7


def test_of_equal_blocks_the_one_that_is_free_is_kept():
    found = ranking(HALF, table(*closing(HALF), rigid=["digon", "pentagon"]))
    assert [(one.family, one.rigid) for one in found.pieces] == [
        ("digon", False),
        ("pentagon", True),
    ]
    good = piece("digon", HALF)
    higher = replace(good, block=replace(good.block, loss=good.block.loss - 1e-12), rigid=True)
    assert best_of_each([good, higher]) == [good]


def test_the_best_of_a_kind_is_kept():
    good, other = piece("digon", HALF), piece("triangle", HALF)
    short = block([[0.8, -0.8]], [0, 0], HALF)
    assert best_of_each([other, *pieces_of(short), good]) == [good, other]
    assert short.loss > good.block.loss + 0.01 * variance(HALF)


@pytest.mark.parametrize("density", [0, -0.1, 1.5])
def test_a_density_outside_is_refused(density):
    with pytest.raises(ValueError, match=rf"density {density} is outside \(0, 1\]; give P"):
        ranking(density, searched())


def test_blocks_of_more_dimensions_than_there_are_do_not_count():
    everything = table(*closing(HALF), product(["triangle"], 0, HALF), rigid=["tetrahedron"])
    found = ranking(HALF, everything, most=1)
    assert {piece.block.d for piece in found.pieces} == {1}
    assert found.closed
