"""`antipode sweep`: from a file or flags; its results, its status, its messages."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from tests.command_line.support import Run, one_sentence, stamps
from tests.command_line.sweeps.support import TOML


def test_a_sweep_is_one_file_that_says_what_it_is(finished: Path) -> None:
    assert {path.name for path in finished.iterdir()} == {"results.nc", "results.csv"}
    found = xr.load_dataset(finished / "results.nc")
    assert dict(found.sizes) == {
        "density": 2, "beta_1": 2, "start": 2, "hidden": 2, "feature": 5, "record": 20
    }  # fmt: skip
    assert found["density"].values.tolist() == [1.0, 0.1]
    assert found["W"].dims == ("density", "beta_1", "start", "hidden", "feature")
    assert (found["status"] == "done").all()
    best = found["loss"].argmin("start")
    assert (found["best_start"] == best).all()
    assert np.array_equal(found["best_loss"], found["loss"].min("start"))
    spread = found["loss"].max("start") - found["loss"].min("start")
    assert np.array_equal(found["spread"], spread)
    for name in ("schema", "sweep", "configuration", "seed", "git_commit", "device", "dtype"):
        assert str(found.attrs[name])
    assert json.loads(found.attrs["sweep"])["base"]["steps"] == 20


def test_the_table_has_a_row_per_run(finished: Path) -> None:
    with (finished / "results.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    found = xr.load_dataset(finished / "results.nc")
    assert len(table) == 8
    for row in table:
        place = {name: float(row[name]) for name in ("density", "beta_1", "start")}
        own = found.sel(place)
        assert float(row["loss"]) == float(own["loss"])
        assert float(row["final_training_loss"]) == float(own["training_loss"][-1])
        assert (row["status"], row["reason"]) == ("done", "")


def test_a_finished_sweep_is_up_to_date_and_another_is_refused(
    run: Run, finished: Path, spec: Path
) -> None:
    before = stamps(finished)
    code, out, err = run("sweep", spec, "--out", finished, "--json")
    assert code == 0
    assert "up to date" in err
    report = json.loads(out)
    assert {k: report[k] for k in ("total", "done", "failed", "running")} == {
        "total": 8, "done": 8, "failed": 0, "running": 0
    }  # fmt: skip
    code, out, err = run("sweep", spec, "--out", finished, "--seed", 1)
    assert (code, out) == (2, "")
    assert one_sentence(err)
    assert "--force" in err
    assert "seed differ" in err
    assert stamps(finished) == before


def test_flags_give_the_same_sweep_as_a_file(run: Run, finished: Path) -> None:
    flags = [
        "--set=steps=20", "--set=batch_size=16", "--starts=2",
        "--grid=density=1;0.1", "--grid=beta_1=9/10;1/2",
    ]  # fmt: skip
    code, _, err = run("sweep", "notebook-intro", *flags, "--out", finished)
    assert code == 0
    assert "up to date" in err


def test_the_status_of_a_finished_sweep(run: Run, finished: Path) -> None:
    before = stamps(finished)
    code, out, err = run("sweep", "status", finished, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "schema": "antipode.sweep-status/1",
        "state": "complete",
        "total": 8,
        "done": 8,
        "failed": 0,
        "running": 0,
    }
    assert stamps(finished) == before


@pytest.mark.usefixtures("here")
def test_force_makes_it_anew_with_the_same_bytes(run: Run, finished: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("sweep", "notebook-intro", "--set=steps=3", "--out", out, "-q")[0] == 0
    spec = tmp_path / "sweep.toml"
    spec.write_text(TOML)
    assert run("sweep", spec, "--out", out, "--force", "--jobs", "2", "--csv", "-q") == (0, "", "")
    for name in ("results.nc", "results.csv"):
        assert (out / name).read_bytes() == (finished / name).read_bytes()


def test_a_dry_run_computes_nothing(run: Run, spec: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, text, err = run("sweep", spec, "--out", out, "--dry-run", "--json")
    assert (code, err) == (0, "")
    report = json.loads(text)
    assert (report["total"], report["batches"]) == (8, 2)
    assert report["grid"] == {"density": [1.0, 0.1], "beta_1": [0.9, 0.5]}
    assert not out.exists()


def test_a_dry_run_for_reading_lists_no_equal_numbers(run: Run) -> None:
    code, text, _ = run("sweep", "paper-geometry", "--dry-run")
    assert code == 0
    assert "importance         1.0\n" in text


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["sweep", "notebook-intr", "--out", "o"], "notebook-intro"),
        (["sweep", "nowhere.toml", "--out", "o"], "cannot read nowhere.toml"),
        (["sweep", "notebook-intro"], "--out"),
        (["sweep", "notebook-intro", "extra", "--out", "o"], "one argument too many"),
        (["sweep", "notebook-intro", "--out", "o", "--set", "step=3"], "did you mean steps?"),
        (["sweep", "notebook-intro", "--out", "o", "--grid", "d_hidden=2;3"], "one sweep per size"),
        (["sweep", "notebook-intro", "--out", "o", "--starts", "0"], "starts 0"),
        (["sweep", "notebook-intro", "--out", "o", "--seed", "-1"], "seed -1"),
        (["sweep", "notebook-intro", "--out", "o", "--device", "cuda"], "'cuda' is not there"),
        (["sweep", "status", "nowhere"], "nowhere holds no sweep"),
        (["train", "notebook-intr", "--out", "o.nc"], "notebook-intro"),
        (["train", "notebook-intro", "--out", "o.nc", "--device", "tpu"], "'tpu' is not there"),
        (["train", "notebook-intro", "--out", "o.nc", "--density", "2"], "density"),
        (["train", "notebook-intro", "--out", "o.nc", "--steps", "-1"], "steps"),
        (["train", "notebook-intro", "--out", "o.nc", "--objective", "best"], "'best'"),
        (["train", "notebook-intro", "--out", "."], "is a folder"),
    ],
)
def test_wrong_use_is_one_sentence_and_makes_nothing(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: Sequence[str],
    named: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert one_sentence(err)
    assert named in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("executor", ["remote", "dask://nowhere"])
def test_an_executor_that_is_none_is_one_sentence(run: Run, tmp_path: Path, executor: str) -> None:
    options = ["--set", "steps=3", "--out", tmp_path / "o", "--executor", executor]
    code, _, err = run("sweep", "notebook-intro", *options)
    assert code == 2
    assert one_sentence(err)
    assert executor in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("here")
def test_runs_that_diverge_are_kept_with_their_reason_and_tell(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [
        "sweep", "notebook-intro", "--set", "steps=20", "--set", "optimizer=sgd",
        "--grid", "density=0.5", "--grid", "learning_rate=1e-3;1000", "--out", out, "--json",
    ]  # fmt: skip
    for more in ([], [], ["--retry-failed"]):
        code, text, err = run(*command, *more)
        report = json.loads(text)
        assert code == 3
        assert (report["total"], report["done"], report["failed"]) == (2, 1, 1)
        assert sum(report["failures"].values()) == 1
        assert "1 of 2 runs failed" in err
        assert "diverged after step" in err
        assert json.loads(run("sweep", "status", out, "--json")[1])["failed"] == 1
    assert xr.load_dataset(out / "results.nc")["status"].values.ravel().tolist() == [
        "done",
        "nonfinite",
    ]
