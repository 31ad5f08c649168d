"""The mix of blocks that is predicted: few densities, features plentiful and scarce."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from numerics import exact_loss
from numerics.best_blocks.staircase import as_values, default_densities, staircase
from numerics.best_blocks.table import Table

from .support import FIFTH, HALF, TENTH, block, digons, piece, product, searched, shape, variance


def amounts(mix):
    return {block.name: amount for block, amount in mix.counts}


@pytest.fixture(scope="module")
def plentiful():
    """Predict forty features in seven dimensions."""
    return staircase(40, 7, [FIFTH, HALF], table=searched())


def test_pure_digons_where_features_are_plentiful(plentiful):
    """At density 1/2 the digon's vectors have length 0.96897: D* is 1/(2 · 0.96897²) = 0.53254."""
    step = plentiful[0]
    assert step.density == HALF
    assert amounts(step.best.mix) == amounts(step.whole) == {"digon 2,1": 7}
    assert step.names["digon 2,1"].family == "digon"
    assert step.whole.represented == 14
    assert float(step.whole.dimensions_per_feature) == pytest.approx(0.53254, abs=1e-5)
    norms = (shape("digon", HALF).W ** 2).sum()
    assert float(step.best.mix.dimensions_per_feature) == pytest.approx(1 / norms, rel=1e-6)
    (level,) = step.whole.levels
    assert (level.dimensionality, level.count, level.block) == (0.5, 14, "digon 2,1")
    assert float(step.best.dimension_price) == pytest.approx(shape("digon", HALF).benefit, abs=1e-9)
    assert step.best.feature_price == 0
    assert min(step.best.gaps) == 0


def test_whole_blocks_do_not_fill_odd_dimensions_with_pentagons(plentiful):
    """Of seven dimensions the pentagons leave one, to a digon."""
    step = plentiful[1]
    assert amounts(step.best.mix) == {"pentagon 5,2": Fraction(7, 2)}
    assert amounts(step.whole) == {"pentagon 5,2": 3, "digon 2,1": 1}
    assert step.whole.loss > step.best.mix.loss
    assert [(one.dimensionality, one.count) for one in step.whole.levels] == [(0.5, 2), (0.4, 15)]


def test_the_loss_of_whole_blocks_is_that_of_a_model(plentiful):
    model = product(["pentagon"] * 3 + ["digon"], 23, FIFTH)
    loss = float(exact_loss(model.W, model.b, 0.2, rtol=1e-9))
    assert float(plentiful[1].whole.loss) == pytest.approx(loss, abs=1e-8)


def test_scarce_features_are_single_where_they_can_be():
    """Ten in seven dimensions: four alone, three pairs."""
    (step,) = staircase(10, 7, [HALF], table=searched())
    assert amounts(step.whole) == {"single": 4, "digon 2,1": 3}
    assert {name: float(x) for name, x in amounts(step.best.mix).items()} == {
        "single": 4,
        "digon 2,1": 3,
    }
    assert [(one.dimensionality, one.count) for one in step.whole.levels] == [(1, 4), (0.5, 6)]
    assert step.best.feature_price > 0
    assert step.whole.loss == pytest.approx(3 * shape("digon", HALF).loss, abs=1e-8)


def test_a_dimension_for_each_feature_is_a_loss_of_nothing():
    (step,) = staircase(5, 5, [TENTH], table=searched())
    assert (step.whole.represented, step.whole.loss, step.whole.dimensions_per_feature) == (5, 0, 1)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (4, 3), (7, 2), (30, 5)])
def test_no_whole_mix_is_below_the_best_in_fractions(n, m):
    for step in staircase(n, m, [HALF, TENTH], table=searched()):
        whole, best = float(step.whole.loss), float(step.best.mix.loss)
        assert whole >= best - 1e-12
        assert best <= n * variance(step.density)
        assert sum(kind.features * x for kind, x in step.whole.counts) <= n
        assert sum(kind.dimensions * x for kind, x in step.whole.counts) <= m
        price = float(step.best.dimension_price) * m + float(step.best.feature_price) * n
        assert n - best / variance(step.density) == pytest.approx(price)


def test_blocks_of_more_dimensions_than_there_are_take_no_part():
    (step,) = staircase(20, 1, [TENTH], table=searched())
    assert step.ranking.pieces[0].identity == (3, 1, "unnamed")
    assert amounts(step.whole) == {"unnamed 3,1": 1}
    assert set(step.names) == {"unnamed 3,1", "digon 2,1"}


def test_kinds_of_one_name_and_other_sizes_are_told_apart():
    unlike = piece("digon", HALF), piece("triangle", HALF)
    values = as_values(unlike)
    assert list(values) == ["digon 2,1", "triangle 3,2"]
    value, own = values["triangle 3,2"]
    assert own is unlike[1]
    assert (value.features, value.dimensions, value.loss) == (3, 2, own.block.loss)
    assert value.benefit(variance(HALF)) == pytest.approx(own.block.benefit)
    assert sum(value.dimensionalities) == pytest.approx(2)
    below = replace(own.block, loss=-2e-17)
    ((rounded, _),) = as_values([replace(own, block=below)]).values()
    assert rounded.loss == 0


def test_densities_fall_and_are_taken_once_and_progress_is_told():
    told = []
    steps = staircase(
        9, 3, [TENTH, HALF, HALF], table=searched(), progress=lambda *what: told.append(what)
    )
    assert [step.density for step in steps] == [HALF, TENTH]
    assert told == [(1, 2, "density 0.5"), (2, 2, "density 0.1")]


def test_the_default_densities_are_those_of_the_atlas_down_to_a_tenth():
    table = Table({(2, 1): [digons(1, 0, p) for p in (HALF, TENTH)]}, {})
    table.best[3, 1] = [digons(1, 1, p) for p in (FIFTH, Fraction(1, 20))]
    assert default_densities(table) == [HALF, FIFTH, TENTH]
    assert all(above > below for above, below in pairwise(default_densities(searched())))


def test_a_single_feature_with_a_rounding_error_does_no_harm():
    """One stored a billionth off: its loss is rounding."""
    odd = block([[1 + 1e-9, 0], [0, 1 - 1e-9]], [1e-9, -1e-9], HALF)
    (step,) = staircase(
        4, 2, [HALF], table=Table({(2, 2): [odd], (2, 1): [digons(1, 0, HALF)]}, {})
    )
    assert amounts(step.whole) == {"digon 2,1": 2}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 4), "3 features in 4 dimensions: give features ≥ dimensions ≥ 1"),
        ((3, 0), "3 features in 0 dimensions"),
        ((3, 2, []), "give numbers in"),
        ((3, 2, [HALF, Fraction(3, 2)]), "1.5.*give numbers in"),
        ((3, 2, [0]), "give numbers in"),
    ],
)
def test_what_cannot_be_predicted_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        staircase(*arguments, table=searched())
