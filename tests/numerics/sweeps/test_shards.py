"""What was finished comes back whole or not at all; damage anywhere in a file is seen."""

import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numerics.array_files import read_arrays
from numerics.store import ConfigurationError, DiskError
from numerics.sweeps.batches import split
from numerics.sweeps.shards import Shards, failure, open_spec, tally
from tests.numerics.sweeps.support import tiny

ARRAYS = {
    "status": np.array(["done", "nonfinite"]),
    "reason": np.array(["", "because"]),
    "loss": np.array([0.1, np.inf]),
    "parameter_W": np.arange(12, dtype=np.float32).reshape(2, 2, 3),
}


def shards(folder, told=None, **options):
    tell = (lambda text: None) if told is None else told.append
    found = Shards(folder, "one", tell=tell, **options)
    found.begin()
    return found


def test_a_shard_comes_back_as_it_was(tmp_path):
    shards(tmp_path).save("a", ARRAYS)
    again = shards(tmp_path)
    assert again.has("a")
    loaded = again.load("a")
    assert loaded.keys() == ARRAYS.keys()
    for name, values in ARRAYS.items():
        assert loaded[name].dtype == values.dtype
        assert loaded[name].tolist() == values.tolist()
    content = again.path("a").read_bytes()
    again.save("a", ARRAYS)
    assert again.path("a").read_bytes() == content


@settings(
    max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_any_changed_or_missing_byte_is_seen_and_told(tmp_path, data):
    told: list[str] = []
    kept = shards(tmp_path, told)
    kept.save("a", ARRAYS)
    whole = kept.path("a").read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = bytes([*whole[:at], whole[at] ^ flip, *whole[at + 1 :]])
    damaged = data.draw(st.sampled_from([changed, whole[:at], whole + b"x", whole[at + 1 :]]))
    kept.path("a").write_bytes(damaged)
    with pytest.raises(ValueError, match="not as it was written"):
        read_arrays(kept.path("a"))
    assert not shards(tmp_path, told).has("a")
    assert len(told) == 1
    assert str(kept.path("a")) in told[0]
    assert not kept.path("a").exists()


def test_a_whole_shard_is_not_told(tmp_path):
    told: list[str] = []
    kept = shards(tmp_path, told)
    kept.save("a", ARRAYS)
    again = shards(tmp_path, told)
    assert (again.has("a"), again.has("b"), told) == (True, False, [])


def test_work_of_another_configuration_is_refused_and_force_tells(tmp_path):
    shards(tmp_path).save("a", ARRAYS)
    with pytest.raises(ConfigurationError, match="--force"):
        Shards(tmp_path, "two")
    told: list[str] = []
    Shards(tmp_path, "two", force=True, tell=told.append)
    assert len(told) == 1
    assert not (tmp_path / "a.npz").exists()


def test_a_failure_is_one_line():
    arrays = failure(2, "a\n b  c")
    assert arrays["status"].tolist() == ["failed", "failed"]
    assert arrays["reason"].tolist() == ["a b c"] * 2


def test_the_folder_says_what_is_computed_and_reading_it_changes_nothing(tmp_path):
    spec = tiny()
    folder = tmp_path / "work"
    assert open_spec(folder) is None
    kept = Shards(folder, spec.key)
    kept.begin_sweep(spec, "cpu")
    found = open_spec(folder)
    assert found is not None
    assert found[0] == spec
    assert found[1] == split(spec)
    first, second = (batch.key for batch in found[1][:2])
    size = len(found[1][0].runs)
    kept.save(first, {"status": np.array(["done", "nonfinite"] * (size // 2))})
    kept.path(second).write_bytes(b"damaged")
    before = {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.iterdir()}
    assert tally(folder, found[1]) == {"done": size // 2, "failed": size // 2}
    after = {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.iterdir()}
    assert after == before


def test_work_of_another_version_is_refused(tmp_path):
    spec = tiny()
    Shards(tmp_path, spec.key).begin_sweep(spec, "cpu")
    text = (tmp_path / "sweep.json").read_text()
    (tmp_path / "sweep.json").write_text(text.replace("antipode.sweep/1", "antipode.sweep/0"))
    with pytest.raises(ValueError, match=r"sweep/0, this one is antipode\.sweep/1"):
        open_spec(tmp_path)
    (tmp_path / "sweep.json").write_text("[]")
    with pytest.raises(ValueError, match="another version"):
        open_spec(tmp_path)
    (tmp_path / "sweep.json").write_text("{")
    assert open_spec(tmp_path) is None


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    """A file stands in its place, which stops the superuser too."""
    kept = shards(tmp_path / "work")
    shutil.rmtree(tmp_path / "work")
    (tmp_path / "work").write_text("mine")
    with pytest.raises(DiskError, match=f"cannot write {kept.path('a')}"):
        kept.save("a", ARRAYS)
    assert (tmp_path / "work").read_text() == "mine"
