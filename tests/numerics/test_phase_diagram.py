"""A phase diagram does not depend on workers, interruptions or the folder's history."""

import json
from dataclasses import replace

import h5netcdf
import numpy as np
import pytest
import xarray as xr

from numerics.phase_diagram import (
    complete_cases,
    compute,
    files_of,
    finish,
    plan_seconds,
    read_summary,
)
from numerics.plane import PlaneSpec
from numerics.store import ConfigurationError
from tests import tiny

SPEC = tiny.spec(rows=3, columns=3)
SMALL = {(2, 1): replace(tiny.THREE, features=2, hidden=1), (3, 2): tiny.THREE}


def timeless(summary):
    return {key: value for key, value in summary.items() if key != "seconds"}


def finished(folder, *specs, force=False):
    """Make a complete folder; the pictures are stand-ins."""
    outcomes = [tiny.outcome(spec) for spec in specs]
    for spec in specs:
        folder.mkdir(exist_ok=True)
        for name in files_of(spec)[1:]:
            (folder / name).write_bytes(b"picture")
    return finish(folder, outcomes, force=force)


def test_results_do_not_depend_on_the_number_of_workers(tmp_path):
    two = compute([SPEC], tmp_path, jobs=2)[0]
    one = tiny.outcome(SPEC)
    xr.testing.assert_identical(two.dataset, one.dataset)
    assert timeless(two.summary) == timeless(one.summary)


@pytest.mark.parametrize("after", [1, 4, 6])
def test_an_interrupted_run_goes_on_where_it_was(tmp_path, after):
    texts = []

    def stop(done, total, text):
        texts.append(text)
        if len(texts) == after + 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute([SPEC], tmp_path, jobs=1, progress=stop)
    assert texts[0] == "started"
    later = []
    again = compute(
        [SPEC], tmp_path, jobs=1, progress=lambda done, total, text: later.append((done, text))
    )[0]
    assert later[0] == (after, "resumed")
    assert not {text for _, text in later[1:]} & set(texts[1:])
    assert later[-1][0] == after + len(later) - 1
    xr.testing.assert_identical(again.dataset, tiny.outcome(SPEC).dataset)
    assert timeless(again.summary) == timeless(tiny.outcome(SPEC).summary)


def test_finished_units_are_not_computed_again(tmp_path, monkeypatch):
    compute([SMALL[2, 1]], tmp_path, jobs=1)

    def never(*arguments):
        raise AssertionError("a finished unit ran again")

    for name in ("optimum_rows", "trained_rows", "refine", "sampled_block"):
        monkeypatch.setattr(f"numerics.phase_diagram.stages.{name}", never)
    compute([SMALL[2, 1]], tmp_path, jobs=1)
    with pytest.raises(AssertionError, match="ran again"):
        compute([SMALL[2, 1]], tmp_path / "elsewhere", jobs=1)


def test_progress_counts_every_unit_once(tmp_path):
    calls = []
    compute([SMALL[2, 1]], tmp_path, jobs=1, progress=lambda *call: calls.append(call))
    total = calls[0][1]
    assert [done for done, _, _ in calls] == list(range(total + 1))
    assert len({text for _, _, text in calls}) == len(calls)


def test_a_finished_folder_is_complete_and_holds_nothing_else(tmp_path):
    spec = SMALL[2, 1]
    assert complete_cases(tmp_path, [spec]) == []
    compute([spec], tmp_path, jobs=1)
    assert (tmp_path / ".partial" / "2_1").is_dir()
    summary = finished(tmp_path, spec)
    assert complete_cases(tmp_path, [spec]) == [spec]
    assert read_summary(tmp_path) == json.loads(json.dumps(summary))
    assert {p.name for p in tmp_path.iterdir()} == {*files_of(spec), "summary.json"}
    (tmp_path / files_of(spec)[2]).unlink()
    assert complete_cases(tmp_path, [spec]) == []


def test_a_second_case_joins_a_folder_and_leaves_the_first_alone(tmp_path):
    two, three = SMALL[2, 1], SMALL[3, 2]
    finished(tmp_path, two)
    before = (tmp_path / "results_2_1.nc").read_bytes()
    assert complete_cases(tmp_path, [two, three]) == [two]
    summary = finished(tmp_path, three)
    assert set(summary["cases"]) == {"2,1", "3,2"}
    assert complete_cases(tmp_path, [two, three]) == [two, three]
    assert (tmp_path / "results_2_1.nc").read_bytes() == before


def test_another_configuration_needs_force(tmp_path):
    spec = SMALL[2, 1]
    other = replace(spec, seed=1)
    finished(tmp_path, spec)
    with pytest.raises(ConfigurationError, match=r"seed.*--force"):
        complete_cases(tmp_path, [other])
    with pytest.raises(ConfigurationError, match="seed"):
        complete_cases(tmp_path, [replace(SMALL[3, 2], seed=1)])
    assert complete_cases(tmp_path, [other], force=True) == []
    summary = finished(tmp_path, other, force=True)
    assert [case["options"]["seed"] for case in summary["cases"].values()] == [1]
    assert complete_cases(tmp_path, [other]) == [other]


def test_unfinished_work_of_another_configuration_needs_force(tmp_path):
    spec = SMALL[2, 1]
    compute([spec], tmp_path, jobs=1)
    with pytest.raises(ConfigurationError, match="--force"):
        compute([replace(spec, seed=1)], tmp_path, jobs=1)
    forced = compute([replace(spec, seed=1)], tmp_path, jobs=1, force=True)[0]
    assert forced.dataset.attrs["option_seed"] == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "other/1", "cases": {}}', "{"])
def test_a_foreign_summary_is_refused_or_replaced_by_force(tmp_path, text):
    (tmp_path / "summary.json").write_text(text)
    with pytest.raises(ConfigurationError, match=r"summary\.json"):
        complete_cases(tmp_path, [SMALL[2, 1]])
    assert complete_cases(tmp_path, [SMALL[2, 1]], force=True) == []


def test_a_file_in_the_folders_place_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="file is a file"):
        complete_cases(tmp_path / "file", [SMALL[2, 1]])


def test_results_files_are_the_same_bytes_every_time_and_plain_hdf5(tmp_path):
    files = []
    for name in ("a", "b"):
        finish(tmp_path / name, compute([SPEC], tmp_path / name, jobs=1))
        files.append(tmp_path / name / "results_2_1.nc")
    assert files[0].read_bytes() == files[1].read_bytes()
    with h5netcdf.File(files[0], "r") as file:
        assert file["optimum_loss"].shape == (3, 3)
        assert file.attrs["option_features"] == 2
    with xr.open_dataset(files[0], engine="h5netcdf") as back:
        kept = tiny.outcome(SPEC).dataset
        for name in kept.variables:
            if kept[name].dtype.kind in "fib":
                assert np.array_equal(back[name], kept[name]), name
            else:
                assert back[name].values.tolist() == kept[name].values.tolist(), name


def test_estimated_seconds_are_positive_and_scale_with_the_work():
    assert 0 < plan_seconds(SMALL[2, 1], measured_steps=2) < 100
    assert plan_seconds(replace(SMALL[2, 1], sampled_starts=0), measured_steps=2) == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"features": 4, "hidden": 2}, "4 features in 2"),
        ({"density_cells": 1}, "density_cells is 1"),
        ({"starts": 1}, "starts is 1"),
        ({"sampled_starts": -1}, "sampled_starts is -1"),
        ({"train_steps": 0}, "train_steps is 0"),
    ],
)
def test_an_impossible_diagram_is_named(change, named):
    with pytest.raises(ValueError, match=named):
        replace(SPEC, **change)


def test_the_plane_has_the_papers_corners_and_its_key_names_every_option():
    spec = PlaneSpec(2, 1)
    assert spec.density[[0, -1]] == pytest.approx([1, 0.01], rel=1e-15)
    assert spec.importance[[0, 20, 40]] == pytest.approx([0.1, 1, 10], rel=1e-15)
    assert spec.density[0] == spec.importance[20] == 1
    corners = {(0, 0), (0, 40), (40, 0), (40, 40)}
    assert corners <= set(spec.sampled_cells)
    assert len(spec.sampled_cells) == 169
    others = [replace(spec, **{k: v}) for k, v in (("seed", 1), ("cut", "1/2"), ("starts", 11))]
    assert len({spec.key, *(other.key for other in others)}) == 4
    assert spec.key == PlaneSpec(2, 1).key
