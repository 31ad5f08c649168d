"""Results of experiments in a folder: resumed, reused, refused, and failures kept apart."""

import json

import numpy as np
import pytest
import xarray as xr

from numerics.experiments.results import load, make, measurements_of, path_of, unfinished
from numerics.experiments.work import Work
from numerics.partial_work import PartialWork
from numerics.store import ConfigurationError

from . import small


def test_units_are_the_same_in_memory_in_processes_and_from_disk(tmp_path):
    one = small.experiment()
    here = one.compute(one.values("draft"), Work(seed=3))
    for jobs in (1, 2):
        (outcome,) = make([one], tmp_path / str(jobs), "draft", seed=3, jobs=jobs)
        xr.testing.assert_identical(outcome.dataset.drop_attrs(), here)
    again = one.compute(one.values("draft"), Work(seed=4))
    assert not np.allclose(again["noise"], here["noise"])


def test_files_of_two_runs_are_the_same_bytes(tmp_path):
    for place in ("a", "b"):
        make([small.experiment()], tmp_path / place, "draft", jobs=1)
    assert path_of(tmp_path / "a", "small").read_bytes() == (
        path_of(tmp_path / "b", "small").read_bytes()
    )


def test_the_file_holds_constants_with_origins_and_measurements(tmp_path):
    make([small.experiment()], tmp_path, "paper", seed=1, jobs=1)
    dataset = load(tmp_path, "small")
    assert measurements_of(dataset) == {"sum": 1.0 + 4 + 9 + 16 + 25, "none": None}
    constants = json.loads(dataset.attrs["constants"])
    assert constants["count"] == {"value": 5, "origin": "ours: few"}
    assert dataset.attrs["quality"] == "paper"
    assert dataset.attrs["seed"] == 1


def test_finished_units_are_not_computed_again(tmp_path, monkeypatch):
    one = small.experiment()
    partial = PartialWork(tmp_path / ".partial" / "small", one.configuration("draft", 0))
    partial.begin()
    work = Work(0, partial)
    work.map("squares", small.square, [(1, 0), (2, 0)])
    seen = []

    def counted(number, seed):
        seen.append(number)
        return {"square": np.array(number**2), "noise": np.array(0.0)}

    monkeypatch.setattr(small, "square", counted)
    (outcome,) = make([one], tmp_path, "draft", jobs=1)
    assert seen == [3]
    assert outcome.dataset["square"].values.tolist() == [1, 4, 9]
    assert not (tmp_path / ".partial" / "small").exists()


def test_complete_results_are_used_again(tmp_path):
    one = small.experiment()
    make([one], tmp_path, "draft", jobs=1)
    assert unfinished([one], tmp_path, "draft") == []
    before = path_of(tmp_path, "small").stat().st_mtime_ns
    (outcome,) = make([one], tmp_path, "draft", jobs=1)
    assert outcome.reused
    assert path_of(tmp_path, "small").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("other", "quality", "seed"),
    [
        (small.experiment(first=2), "draft", 0),
        (small.experiment(version=2), "draft", 0),
        (small.experiment(), "paper", 0),
        (small.experiment(), "draft", 1),
    ],
)
def test_results_of_another_configuration_are_refused(tmp_path, other, quality, seed):
    make([small.experiment()], tmp_path, "draft", jobs=1)
    before = path_of(tmp_path, "small").read_bytes()
    with pytest.raises(ConfigurationError, match="--force"):
        make([other], tmp_path, quality, seed=seed, jobs=1)
    assert path_of(tmp_path, "small").read_bytes() == before
    (outcome,) = make([other], tmp_path, quality, seed=seed, jobs=1, force=True)
    assert not outcome.reused


def test_a_failure_keeps_the_others(tmp_path):
    bad, good = small.experiment("bad", first=-2), small.experiment("good")
    outcomes = make([bad, good], tmp_path, "draft", jobs=1)
    assert outcomes[0].dataset is None
    assert "no square of -2" in outcomes[0].failure
    assert outcomes[1].dataset is not None
    assert [outcome.name for outcome in outcomes] == ["bad", "good"]
    assert unfinished([bad, good], tmp_path, "draft") == [bad]


def test_a_damaged_file_is_named(tmp_path):
    make([small.experiment()], tmp_path, "draft", jobs=1)
    path_of(tmp_path, "small").write_bytes(b"not a dataset")
    with pytest.raises(ValueError, match=r"small\.nc.*delete it"):
        load(tmp_path, "small")
    with pytest.raises(ValueError, match="missing"):
        load(tmp_path, "other")


def test_unknown_quality_names_the_choices():
    with pytest.raises(ValueError, match="draft or paper"):
        small.experiment().values("best")
