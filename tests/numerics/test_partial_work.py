"""Units of unfinished work are found again, whole, and belong to one configuration and one code."""

import numpy as np
import pytest

from numerics.partial_work import PartialWork
from numerics.store import ConfigurationError, provenance


def test_finished_units_are_found_again(tmp_path):
    work = PartialWork(tmp_path / "work", "one")
    work.begin()
    assert not work.has("unit-0")
    arrays = {"loss": np.array([0.1, np.nan]), "ties": np.array(["a b", "c"])}
    work.save("unit-0", arrays)
    again = PartialWork(tmp_path / "work", "one")
    assert again.has("unit-0")
    assert not again.has("unit-1")
    loaded = again.load("unit-0")
    assert np.array_equal(loaded["loss"], arrays["loss"], equal_nan=True)
    assert loaded["ties"].tolist() == ["a b", "c"]


def test_another_configuration_is_refused_and_force_discards(tmp_path):
    work = PartialWork(tmp_path / "work", "one")
    work.begin()
    work.save("unit-0", {"x": np.zeros(1)})
    with pytest.raises(ConfigurationError, match="--force"):
        PartialWork(tmp_path / "work", "two")
    assert work.has("unit-0")
    forced = PartialWork(tmp_path / "work", "two", force=True)
    forced.begin()
    assert not forced.has("unit-0")
    assert PartialWork(tmp_path / "work", "two").configuration == "two"


def test_force_keeps_unfinished_work_of_the_same_configuration(tmp_path):
    work = PartialWork(tmp_path / "work", "one")
    work.begin()
    work.save("unit-0", {"x": np.zeros(1)})
    assert PartialWork(tmp_path / "work", "one", force=True).has("unit-0")


def test_a_damaged_unit_is_not_finished(tmp_path):
    work = PartialWork(tmp_path / "work", "one")
    work.begin()
    for key in ("whole", "half", "empty", "noise", "flipped"):
        work.save(key, {"x": np.arange(100.0)})
    path = {key: tmp_path / "work" / f"{key}.npz" for key in ("half", "empty", "noise", "flipped")}
    whole = path["half"].read_bytes()
    path["half"].write_bytes(whole[: len(whole) // 2])
    path["empty"].write_bytes(b"")
    path["noise"].write_bytes(b"not a unit")
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    path["flipped"].write_bytes(flipped)
    again = PartialWork(tmp_path / "work", "one")
    assert again.has("whole")
    for key, damaged in path.items():
        assert not again.has(key), key
        assert not damaged.exists()


def test_units_of_another_code_are_not_mixed_in(tmp_path, monkeypatch):
    work = PartialWork(tmp_path / "work", "one")
    work.begin()
    work.save("unit-0", {"x": np.zeros(1)})
    other = {**provenance(), "git_commit": "another"}
    monkeypatch.setattr("numerics.partial_work.provenance", lambda: other)
    assert not PartialWork(tmp_path / "work", "one").has("unit-0")
