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
from numerics.store import ConfigurationError, provenance
from tests import tiny

SPEC = tiny.spec(rows=3, columns=3)
SMALL = {(2, 1): SPEC, (3, 2): tiny.THREE}


def timeless(summary):
    return {key: value for key, value in summary.items() if key != "seconds"}


def finished(folder, *outcomes):
    """Make a complete folder of what was computed; the pictures are stand-ins."""
    folder.mkdir(exist_ok=True)
    for outcome in outcomes:
        for name in files_of(outcome.spec)[1:]:
            (folder / name).write_bytes(b"picture")
    return finish(folder, outcomes)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


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
    found = compute([spec], tmp_path, jobs=1)
    assert (tmp_path / ".partial" / "2_1").is_dir()
    summary = finished(tmp_path, *found)
    assert complete_cases(tmp_path, [spec]) == [spec]
    assert complete_cases(tmp_path, [spec], force=True) == []
    assert read_summary(tmp_path) == json.loads(json.dumps(summary))
    assert {p.name for p in tmp_path.iterdir()} == {*files_of(spec), "summary.json"}


@pytest.mark.parametrize("case", SMALL)
def test_a_case_without_one_of_its_files_is_not_complete(tmp_path, case):
    spec = SMALL[case]
    finished(tmp_path, tiny.outcome(spec))
    pictures = 6 if case == (3, 2) else 3
    assert len(files_of(spec)) == 1 + pictures
    for name in files_of(spec):
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).unlink()
        assert complete_cases(tmp_path, [spec]) == [], name
        (tmp_path / name).write_bytes(content)
    assert complete_cases(tmp_path, [spec]) == [spec]


def test_a_results_file_of_another_configuration_or_none_is_not_complete(tmp_path):
    spec = SMALL[2, 1]
    finished(tmp_path, tiny.outcome(spec))
    path = tmp_path / "results_2_1.nc"
    path.unlink()
    tiny.outcome(spec).dataset.assign_attrs(configuration="other").to_netcdf(
        path, engine="h5netcdf"
    )
    assert complete_cases(tmp_path, [spec]) == []
    path.write_bytes(b"not a results file")
    assert complete_cases(tmp_path, [spec]) == []


def test_each_case_says_what_it_was_made_with(tmp_path, monkeypatch):
    two, three = SMALL[2, 1], SMALL[3, 2]
    finished(tmp_path, tiny.outcome(two))
    later = {**provenance(), "git_commit": "later"}
    monkeypatch.setattr("numerics.phase_diagram.provenance", lambda: later)
    cases = finished(tmp_path, tiny.outcome(three))["cases"]
    assert cases["2,1"]["provenance"] == provenance()
    assert cases["3,2"]["provenance"] == later


def test_a_second_case_joins_a_folder_and_leaves_the_first_alone(tmp_path):
    two, three = SMALL[2, 1], SMALL[3, 2]
    finished(tmp_path, tiny.outcome(two))
    before = contents(tmp_path)
    assert complete_cases(tmp_path, [two, three]) == [two]
    summary = finished(tmp_path, tiny.outcome(three))
    assert set(summary["cases"]) == {"2,1", "3,2"}
    assert complete_cases(tmp_path, [two, three]) == [two, three]
    after = contents(tmp_path)
    assert all(after[name] == before[name] for name in files_of(two))


def test_another_configuration_needs_force(tmp_path):
    spec = SMALL[2, 1]
    other = replace(spec, seed=1)
    finished(tmp_path, tiny.outcome(spec))
    before = contents(tmp_path)
    with pytest.raises(ConfigurationError, match=r"seed.*--force"):
        complete_cases(tmp_path, [other])
    with pytest.raises(ConfigurationError, match="seed"):
        complete_cases(tmp_path, [replace(SMALL[3, 2], seed=1)])
    assert complete_cases(tmp_path, [other], force=True) == []
    assert contents(tmp_path) == before


def test_replacing_a_case_withdraws_it_before_the_first_unit_and_spares_the_rest(tmp_path):
    two, three = SMALL[2, 1], SMALL[3, 2]
    finished(tmp_path, tiny.outcome(two), tiny.outcome(three))

    def stop(done, total, text):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute([two], tmp_path, jobs=1, force=True, progress=stop)
    assert set(contents(tmp_path)) == {*files_of(three), "summary.json"}
    assert set(read_summary(tmp_path)["cases"]) == {"3,2"}
    assert complete_cases(tmp_path, [two, three]) == [three]


def test_another_configuration_withdraws_every_case_of_the_old_one(tmp_path):
    two, other = SMALL[2, 1], replace(SMALL[2, 1], seed=1)
    finished(tmp_path, tiny.outcome(two), tiny.outcome(SMALL[3, 2]))
    seen = []
    again = compute(
        [other], tmp_path, jobs=1, force=True, progress=lambda *_: seen.append(contents(tmp_path))
    )
    assert all(set(files) == {"summary.json"} for files in seen)
    summary = finished(tmp_path, *again)
    assert [case["options"]["seed"] for case in summary["cases"].values()] == [1]
    assert complete_cases(tmp_path, [other]) == [other]


def test_a_damaged_unit_is_computed_again_and_no_other(tmp_path):
    spec = SMALL[2, 1]
    compute([spec], tmp_path, jobs=1)
    partial = tmp_path / ".partial" / "2_1"
    (partial / "trained-1.npz").write_bytes(b"PK damaged")
    again = []
    found = compute([spec], tmp_path, jobs=1, progress=lambda *event: again.append(event[2]))
    assert again == ["resumed", "2,1 trained-1"]
    xr.testing.assert_identical(found[0].dataset, tiny.outcome(spec).dataset)


def test_unfinished_work_of_another_configuration_needs_force(tmp_path):
    spec = SMALL[2, 1]
    compute([spec], tmp_path, jobs=1)
    with pytest.raises(ConfigurationError, match="--force"):
        compute([replace(spec, seed=1)], tmp_path, jobs=1)
    texts = []

    def stop(done, total, text):
        texts.append(text)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute([replace(spec, seed=1)], tmp_path, jobs=1, force=True, progress=stop)
    assert texts == ["started"]
    mark = (tmp_path / ".partial" / "2_1" / "configuration").read_text()
    assert mark.splitlines()[0] == replace(spec, seed=1).key


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
    found = {"a": [tiny.outcome(SPEC)], "b": compute([SPEC], tmp_path / "b", jobs=1)}
    for name, outcomes in found.items():
        finish(tmp_path / name, outcomes)
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
        ({"density_cells": 1}, "density cells of the grid: 1 is too few"),
        ({"starts": 1}, "^starts: 1 is too few; give at least 2"),
        ({"sampled_starts": -1}, "sampled starts: -1 is too few"),
        ({"train_steps": 0}, "train steps: 0 is too few"),
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
