"""The cut into batches is a function of the sweep alone, and every run is in one batch."""

from dataclasses import replace

import pytest

from numerics.recipes import RECIPES
from numerics.sweeps import batches
from numerics.sweeps.batches import seconds_of, split
from numerics.training.engine import check_compatible
from tests.numerics.sweeps.support import tiny


def test_every_run_is_in_one_batch_in_the_order_of_the_grid():
    spec = tiny(grid=["beta_1=0.9;0.5", "density=1;0.1;0.01", "optimizer=adam;sgd"], starts=3)
    parts = split(spec)
    places = [place for batch in parts for place in batch.places]
    assert sorted(places) == list(range(spec.total))
    runs = spec.runs()
    for batch in parts:
        assert list(batch.places) == sorted(batch.places)
        assert [runs[place] for place in batch.places] == list(batch.runs)
        check_compatible(batch.runs)
    assert [b.places[0] for b in parts] == sorted(b.places[0] for b in parts)
    assert len({b.key for b in parts}) == len(parts) == 4


def test_long_runs_are_batches_of_their_own_and_short_ones_are_many(monkeypatch):
    spec = tiny(grid=["density=1;0.1;0.01"], starts=200)
    assert [len(batch.runs) for batch in split(spec)] == [256, 256, 88]
    one = seconds_of(spec.base)
    monkeypatch.setattr(batches, "_SECONDS", 10.5 * one)
    assert {len(batch.runs) for batch in split(spec)} == {10}
    monkeypatch.setattr(batches, "_SECONDS", one / 2)
    assert {len(batch.runs) for batch in split(spec)} == {1}


def test_a_batch_is_known_by_what_it_computes():
    keys = [split(tiny(seed=seed))[0].key for seed in (0, 0, 1)]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize("field", ["steps", "batch_size", "n_features", "d_hidden"])
def test_more_work_is_estimated_to_take_longer(field):
    spec = RECIPES["arena-features"].spec
    more = {field: 2 * getattr(spec, field)}
    if field == "n_features":
        more |= {"density": spec.density * 2, "importance": spec.importance * 2}
    assert seconds_of(replace(spec, **more)) > seconds_of(spec)
