"""The staircase with models beside it: made once, resumed, refused where another one is."""

import json
from dataclasses import replace

import numpy as np
import pytest

from numerics.best_blocks import comparison, staircase
from numerics.best_blocks.comparison import StaircaseSpec, compare, predict, stem
from numerics.best_blocks.observations import TRAINED, observe
from numerics.best_blocks.table import write_table
from numerics.store import ConfigurationError

from .support import FIFTH, HALF, TENTH, digons, searched
from .test_observations import file

SPEC = StaircaseSpec(6, 2, (HALF, FIFTH), descents=1, seed=5)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "block_atlas.npz"
    write_table(path, searched())
    return path


@pytest.fixture(autouse=True)
def small(monkeypatch, table):
    """Put a small atlas in the place of the stored one."""
    monkeypatch.setattr(comparison, "STORED", table)
    monkeypatch.setattr(comparison, "stored_table", searched)
    monkeypatch.setattr(staircase, "stored_table", searched)


@pytest.fixture
def no_work(monkeypatch):
    """Make sure that nothing is descended again."""

    def refuse(units, jobs, follow_up):
        raise AssertionError([unit.key for unit in units])

    monkeypatch.setattr(comparison, "run_units", refuse)


def interrupt(done, total, text):
    if done == 1:
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two trained models of six features in two dimensions, one of them two digons."""
    W, b = digons(2, 2, HALF).W, digons(2, 2, HALF).b
    path = tmp_path_factory.mktemp("runs") / "run.nc"
    return file(path, np.stack([[W, 0.9 * W]]), np.stack([[b, b]]), [0.5])


def test_it_is_made_once_with_what_it_promises(tmp_path, monkeypatch):
    told = []
    report = compare(SPEC, tmp_path, progress=lambda *what: told.append(what))
    path = tmp_path / "staircase_6_2.json"
    assert json.loads(path.read_text()) == report
    assert [one.name for one in tmp_path.iterdir()] == ["staircase_6_2.json"]
    assert told[:3] == [
        (0, 2, "descents"),
        (1, 2, "descended-1_2-0"),
        (2, 2, "descended-1_5-0"),
    ]
    assert (report["schema"], report["n"], report["m"]) == ("antipode.staircase/1", 6, 2)
    assert [row["density"] for row in report["steps"]] == [0.5, 0.2]
    assert [row["density"] for row in report["models"]] == [0.5, 0.2]
    assert {row["source"] for row in report["models"]} == {"descended"}
    (change,) = report["transitions"]
    assert change["density"] == pytest.approx(0.22487545, abs=1e-8)
    assert report["provenance"]["version_numpy"] == np.__version__
    monkeypatch.setattr(comparison, "predict", None)
    stamp = path.stat().st_mtime_ns
    said = []
    assert compare(SPEC, tmp_path, tell=said.append) == report
    assert said == [f"{path} is up to date"]
    assert path.stat().st_mtime_ns == stamp


def test_interrupted_it_goes_on_where_it_was(tmp_path):
    whole = compare(SPEC, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        compare(SPEC, tmp_path / "out", progress=interrupt)
    assert not (tmp_path / "out" / "staircase_6_2.json").exists()
    told = []
    again = compare(SPEC, tmp_path / "out", progress=lambda *what: told.append(what))
    assert told[:2] == [(1, 2, "resumed"), (2, 2, "descended-1_5-0")]
    assert again == whole


def test_another_one_there_is_replaced_only_by_force(tmp_path):
    first = compare(replace(SPEC, descents=0), tmp_path)
    other = replace(SPEC, descents=0, densities=(TENTH,))
    with pytest.raises(ConfigurationError, match=r"is another staircase; .* pass --force"):
        compare(other, tmp_path)
    found = compare(other, tmp_path, force=True)
    assert found["configuration"] != first["configuration"]
    assert json.loads((tmp_path / "staircase_6_2.json").read_text()) == found
    (tmp_path / "staircase_6_2.json").write_text("{")
    with pytest.raises(ConfigurationError, match="is another staircase"):
        compare(other, tmp_path)


def test_unfinished_work_of_another_one_is_discarded_only_by_force(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        compare(SPEC, tmp_path, progress=interrupt)
    other = replace(SPEC, descents=0)
    with pytest.raises(ConfigurationError, match="unfinished work of another configuration"):
        compare(other, tmp_path)
    assert compare(other, tmp_path, force=True)["models"] == []
    assert [one.name for one in tmp_path.iterdir()] == ["staircase_6_2.json"]


@pytest.mark.usefixtures("no_work")
def test_sizes_have_files_of_their_own_and_another_atlas_is_another_staircase(
    tmp_path, monkeypatch, table
):
    one, other = StaircaseSpec(6, 2, (HALF,)), StaircaseSpec(7, 2, (HALF,))
    assert (stem(one), stem(other)) == ("staircase_6_2", "staircase_7_2")
    compare(one, tmp_path)
    compare(other, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "staircase_6_2.json",
        "staircase_7_2.json",
    }
    changed = tmp_path / "changed.npz"
    changed.write_bytes(table.read_bytes() + b"\0")
    monkeypatch.setattr(comparison, "STORED", changed)
    with pytest.raises(ConfigurationError, match="is another staircase"):
        compare(one, tmp_path)


def test_trained_models_are_beside_and_settled_if_asked(tmp_path, runs):
    spec = StaircaseSpec(6, 2, (TENTH,), settle=True)
    report = compare(spec, tmp_path, runs=runs)
    assert [row["density"] for row in report["steps"]] == [0.5, 0.1]
    models = report["models"]
    assert [row["source"] for row in models] == ["settled", "settled", "trained", "trained"]
    assert [row["shortfall"] for row in models] == [
        "as predicted",
        "as predicted",
        "as predicted",
        "worse minimum or unfinished",
    ]
    assert models[3]["excess"] > models[2]["excess"] == pytest.approx(0, abs=1e-6)
    assert models[0]["shares"] == {"digon": 1}


def test_models_at_densities_not_asked_for_are_predicted_too():
    model = digons(2, 2, HALF)
    seen = observe(TRAINED, HALF, model.W, model.b, "done")
    report = predict(StaircaseSpec(6, 2, (TENTH,)), [seen])
    assert [row["density"] for row in report["steps"]] == [0.5, 0.1]
    assert report["models"][0]["dimensionality"] == pytest.approx([0.5] * 4 + [0] * 2)


@pytest.mark.usefixtures("no_work")
def test_runs_that_do_not_fit_are_refused(tmp_path, runs):
    with pytest.raises(ValueError, match="6 features in 2 dimensions, not of 7 in 2; give --n 6"):
        compare(StaircaseSpec(7, 2, (HALF,)), tmp_path, runs=runs)
    failed = file(
        tmp_path / "failed.nc", np.zeros((1, 1, 2, 6)), np.zeros((1, 1, 6)), [0.5],
        status=[["failed"]],
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"failed\.nc holds no run that ended; train some first"):
        compare(StaircaseSpec(6, 2, (HALF,)), tmp_path, runs=failed)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 2, "m": 3}, "2 features in 3 dimensions: give features ≥ dimensions ≥ 1"),
        ({"m": 0}, "400 features in 0 dimensions"),
        ({"descents": -1}, "-1 descents: give 0 or more"),
        ({"densities": (HALF, HALF + 1)}, r"density 1.5 is outside \(0, 1\]"),
        ({"densities": ()}, "density missing is outside"),
    ],
)
def test_what_is_no_staircase_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        StaircaseSpec(**options)


def test_the_default_densities_are_those_of_the_atlas():
    assert StaircaseSpec().where == (HALF, FIFTH, TENTH)
