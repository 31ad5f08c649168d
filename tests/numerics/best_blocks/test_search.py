"""The search for the best block: known benefits, what it promises, what it refuses."""

from fractions import Fraction

import numpy as np
import pytest

import numerics
import numerics.best_blocks.search as module
from numerics.best_blocks.search import best_block, improved, search_blocks
from theory import population_loss

from .support import FIFTH, HALF, PRINTED, TENTH, block, digons, product, shape, variance

NINE_TENTHS = Fraction(9, 10)


@pytest.mark.parametrize(
    ("k", "d", "density", "benefit", "names"),
    [
        (2, 1, HALF, 1.2677, ("digon",)),
        (2, 1, TENTH, 1.8923, ("digon",)),
        (3, 2, NINE_TENTHS, 1.0065, ("triangle",)),
        (5, 2, HALF, 1.2677, ("digon", "digon")),
        (5, 2, TENTH, 2.0734, ("pentagon",)),
    ],
)
def test_known_benefits(k, d, density, benefit, names):
    """Those of the shapes with one norm and one bias, by a separate quadrature, to four digits."""
    found = best_block(k, d, density, starts=3)
    assert found.benefit == pytest.approx(benefit, abs=PRINTED)
    assert (found.names, found.status) == (names, "converged")
    assert 1 <= found.hits <= found.starts


@pytest.mark.parametrize(
    ("k", "d", "density", "key"),
    [(2, 1, NINE_TENTHS, "digon"), (3, 2, HALF, "triangle"), (3, 2, TENTH, "triangle")],
)
def test_where_equal_norms_are_not_best_the_search_does_better(k, d, density, key):
    assert best_block(k, d, density, starts=3).benefit > shape(key, density).benefit + 1e-3


@pytest.mark.parametrize(("k", "d"), [(2, 1), (3, 2)])
def test_the_loss_is_that_of_exact_arithmetic(k, d):
    found = best_block(k, d, TENTH, starts=2)
    W = [[Fraction(x) for x in row] for row in found.W.tolist()]
    exact = population_loss(W, [Fraction(x) for x in found.b.tolist()], TENTH)
    assert found.loss == pytest.approx(float(exact), abs=1e-12 * k * variance(TENTH))
    assert found.benefit == pytest.approx(
        float((k * variance(TENTH) - exact) / d / variance(TENTH))
    )


def test_the_same_seed_gives_the_same_bits_and_another_the_same_loss():
    one, again, other = (best_block(5, 2, TENTH, starts=2, seed=seed) for seed in (3, 3, 4))
    assert one.W.tobytes() == again.W.tobytes()
    assert one.b.tobytes() == again.b.tobytes()
    assert (one.loss, one.hits) == (again.loss, again.hits)
    assert other.loss == pytest.approx(one.loss, abs=1e-9 * 5 * variance(TENTH))


def test_the_front_door_is_the_same_function_by_any_import():
    assert numerics.best_block is best_block is module.best_block
    assert numerics.best_block is numerics.best_block
    assert not hasattr(numerics.best_blocks, "best_block")


def test_features_with_a_dimension_each_are_stored_without_loss():
    found = best_block(2, 2, HALF, starts=1)
    assert found.loss == pytest.approx(0, abs=1e-12)
    assert (found.benefit, found.names) == (pytest.approx(1), ("single", "single"))


def test_one_more_feature_costs_nothing_less_and_at_most_what_dropping_it_does():
    V = variance(TENTH)
    two, three, four = (best_block(k, 1, TENTH, starts=2).loss for k in (2, 3, 4))
    for fewer, more in ((two, three), (three, four)):
        assert fewer - 1e-9 * V <= more <= fewer + V + 1e-9 * V


def test_several_densities_together_are_in_order_and_not_worse_than_one_alone():
    densities = (HALF, FIFTH, TENTH)
    together = search_blocks(5, 2, densities, starts=1)
    assert [one.density for one in together] == [*densities]
    for one in together:
        alone = best_block(5, 2, one.density, starts=1)
        assert one.loss <= alone.loss + 1e-9 * 5 * variance(one.density)
    assert search_blocks(5, 2, []) == []


def test_only_what_is_lower_replaces_a_block():
    good, bad = digons(1, 0, HALF), block([[1.0, 0.1]], [0.0, 0.2], HALF, starts=7)
    kept, replaced = improved(
        [good, bad], [(bad.W[None], bad.b[None]), (good.W[None], good.b[None])]
    )
    assert kept is good
    assert replaced.loss == pytest.approx(good.loss, abs=1e-12)
    assert (replaced.hits, replaced.starts) == (0, 7)
    assert improved([bad], [(np.zeros((0, 1, 2)), np.zeros((0, 2)))]) == [bad]


def test_a_block_that_stores_nothing_has_no_names_and_no_benefit():
    nothing = block(np.zeros((1, 2)), [0.25, 0.25], HALF)
    assert nothing.names == ()
    assert nothing.benefit == pytest.approx(0, abs=1e-12)
    assert product(["triangle", "digon"], 1, HALF).names == ("triangle", "digon")


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((1, 2, 0.5), {}, "2"),
        ((2, 0, 0.5), {}, "0"),
        ((2, 1, 0), {}, "density"),
        ((2, 1, 1.5), {}, "1.5"),
        ((2, 1, float("nan")), {}, "nan"),
        ((2, 1, 0.5), {"starts": 0}, "starts is 0; give a whole number from 1 on"),
        ((2, 1, 0.5), {"starts": 1.5}, "starts is 1.5"),
    ],
)
def test_what_cannot_be_searched_is_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        best_block(*arguments, **options)


def test_a_density_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="'dense'"):
        best_block(2, 1, "dense")
