"""Evidence from a folder: what is read, and what is refused with a remedy."""

import json
import shutil
import tempfile

import numpy as np
import pytest
import xarray as xr

from numerics.experiments.results import SCHEMA as EXPERIMENT_SCHEMA
from numerics.experiments.results import path_of
from numerics.phase_diagram import read_summary
from numerics.plane import PlaneSpec
from numerics.store import write_dataset
from paper_checks.evidence import (
    computed,
    default_specs,
    from_figures,
    from_folder,
    share_error,
    state_of_last,
)
from paper_checks.phase_change.training import (
    panel_predicts_training_2_1,
    panel_predicts_training_3_2,
)


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "copy")


def test_a_finished_folder_gives_every_case_it_holds(folder, evidence):
    assert set(evidence.diagrams) == {"2,1", "3,2"}
    assert evidence.source == str(folder)
    assert evidence.diagrams["3,2"].optimum_state.shape == (3, 3)


def test_the_agreement_with_the_panel_is_the_summarys(folder, evidence):
    cases = read_summary(folder)["cases"]
    checks = {"2,1": panel_predicts_training_2_1, "3,2": panel_predicts_training_3_2}
    for case, check in checks.items():
        assert check(evidence).measured == pytest.approx(cases[case]["agreement_with_paper_panel"])


def test_a_case_that_is_not_there_is_named_as_missing(copy):
    summary = json.loads((copy / "summary.json").read_text())
    del summary["cases"]["3,2"]
    (copy / "summary.json").write_text(json.dumps(summary))
    found = from_folder(copy)
    assert found.case("3,2") is None
    assert "3,2" in found.lack("2,1", "3,2")
    assert found.lack("2,1") == ""


def test_a_folder_that_is_not_one_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"nothing is not a folder; give"):
        from_folder(tmp_path / "nothing")
    with pytest.raises(ValueError, match="no finished phase diagram and no data"):
        from_folder(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"schema": "antipode.phase_diagram/0", "cases": {}}',
        '{"schema": "antipode.phase_diagram/1", "cases": {"2,1": {}}}',
    ],
)
def test_another_summary_is_refused_by_name(copy, text):
    (copy / "summary.json").write_text(text)
    with pytest.raises(ValueError, match=r"summary\.json .* make it again with: antipode"):
        from_folder(copy)


def test_options_of_another_version_are_refused(copy):
    summary = json.loads((copy / "summary.json").read_text())
    summary["cases"]["2,1"]["options"]["colour"] = "red"
    (copy / "summary.json").write_text(json.dumps(summary))
    with pytest.raises(ValueError, match="unknown options for case 2,1"):
        from_folder(copy)


def test_a_missing_or_broken_results_file_is_refused_by_name(copy):
    path = copy / "results_2_1.nc"
    path.write_bytes(b"not a results file")
    with pytest.raises(ValueError, match=r"results_2_1\.nc cannot be read .* make it again"):
        from_folder(copy)
    path.unlink()
    with pytest.raises(ValueError, match=r"results_2_1\.nc is missing"):
        from_folder(copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.assign_attrs(schema="other/1"), "schema 'other/1'"),
        (lambda d: d.assign_attrs(configuration="0"), "not of the configuration"),
        (lambda d: d.drop_vars("trained_losses"), "lacks trained_losses"),
    ],
)
def test_a_results_file_of_something_else_is_refused_by_name(copy, change, message):
    path = copy / "results_3_2.nc"
    dataset = xr.load_dataset(path, engine="h5netcdf")
    path.unlink()
    change(dataset).to_netcdf(path, engine="h5netcdf")
    with pytest.raises(ValueError, match=rf"results_3_2\.nc .*{message}.* make it again"):
        from_folder(copy)


def test_the_state_of_the_last_feature_is_told_by_its_norm_and_overlap():
    G = np.array([[[1, 0], [0, 0]], [[1, 0], [0, 1]], [[1, -0.5], [-0.5, 0.25]]])
    assert state_of_last(G).tolist() == ["dropped", "dedicated", "superposed"]


def test_the_error_of_a_share_falls_with_the_cells_and_is_at_least_one_cell():
    assert share_error(0.5, 400) == pytest.approx(0.025)
    assert share_error(0.0, 400) == share_error(1.0, 400) == pytest.approx(1 / 400)


def test_computed_evidence_reports_progress_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spec = PlaneSpec(
        2, 1, density_cells=3, importance_cells=3, starts=2, sampled_starts=0, train_steps=5, seed=4
    )
    seen = []
    found = computed([spec], jobs=1, progress=lambda *event: seen.append(event))
    assert [event[0] for event in seen] == list(range(seen[-1][1] + 1))
    assert list(tmp_path.iterdir()) == []
    assert (found.source, found.seed) == ("computed", 4)
    assert found.diagrams["2,1"].optimum_state.shape == (3, 3)


def test_what_is_computed_without_a_folder_covers_both_cases_without_sampling():
    specs = default_specs(3)
    assert [spec.case for spec in specs] == ["2,1", "3,2"]
    for spec in specs:
        assert spec.shape == (13, 13)
        assert (spec.sampled_starts, spec.seed) == (0, 3)
        assert abs(np.log(spec.importance)).min() < 1e-9, "the symmetric column r = 1 is needed"


def test_a_folder_of_figures_gives_its_diagrams_and_all_measurements(tmp_path, evidence):
    for name, case in (("phase_2_1", "2,1"), ("bias_free", None)):
        dataset = evidence.diagrams[case or "3,2"].dataset.copy()
        dataset.attrs = {"schema": EXPERIMENT_SCHEMA, "measurements": json.dumps({"name": name})}
        write_dataset(path_of(tmp_path, name), dataset)
    found = from_figures(tmp_path)
    assert set(found.diagrams) == {"2,1"}
    assert np.array_equal(found.diagrams["2,1"].optimum_state, evidence.case("2,1").optimum_state)
    assert found.measurements == {name: {"name": name} for name in ("phase_2_1", "bias_free")}
    assert found.measured("phase_3_2") == {}
