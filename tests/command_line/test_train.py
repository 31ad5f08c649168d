"""`antipode train`: a recipe's models in one file, resumed and protected like a sweep."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from numerics.evaluator import exact_loss
from tests.command_line.support import Run, one_sentence
from tests.numerics.sweeps.support import work_here

OPTIONS = ["--steps", "20", "--set", "batch_size=16", "--quiet"]
CONTRACT = {"loss", "seed", "steps", "status"}


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    work_here(monkeypatch)


def test_one_density_gives_one_number(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "run.nc"
    options = [*OPTIONS, "--density", "3/10", "--importance", "0.5^i", "--starts", "3"]
    code, text, err = run("train", "notebook-intro", *options, "--seed", 4, "--out", out, "--json")
    assert (code, err) == (0, "")
    report = json.loads(text)
    assert set(report) >= CONTRACT
    assert (report["seed"], report["steps"], report["status"]) == (4, 20, "done")
    assert (report["starts"], report["instances"]) == (3, 1)
    found = xr.load_dataset(out)
    assert report["loss"] == float(found["loss"].min())
    assert found["feature_importance"].values.tolist() == [1, 0.5, 0.25, 0.125, 0.0625]
    assert found["feature_density"].values.tolist() == [[0.3] * 5]
    own = found.isel(density=0, start=report["best_start"])
    loss = exact_loss(
        own["W"].values.astype(float), own["b"].values.astype(float), 0.3,
        found["feature_importance"].values,
    )  # fmt: skip
    assert float(loss) == pytest.approx(report["loss"], abs=1e-9)  # rtol of the evaluator
    assert [path.name for path in tmp_path.iterdir()] == ["run.nc"]


@pytest.mark.usefixtures("here")
def test_a_recipes_densities_give_lists_in_their_order(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "run.nc"
    code, text, _ = run("train", "notebook-intro", *OPTIONS, "--out", out, "--json")
    assert code == 0
    report = json.loads(text)
    found = xr.load_dataset(out)
    assert report["instances"] == len(report["loss"]) == len(report["status"]) == 10
    assert report["density"] == found["density"].values.tolist()
    assert report["loss"] == found["best_loss"].values.tolist()
    assert set(report["status"]) == {"done"}


@pytest.mark.usefixtures("here")
def test_training_is_made_once_and_another_is_refused(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "run.nc"
    command = ["train", "notebook-intro", "--density", "0.1", *OPTIONS, "--out", out]
    assert run(*command)[0] == 0
    content, stamp = out.read_bytes(), out.stat().st_mtime_ns
    assert run(*command)[0] == 0
    assert out.stat().st_mtime_ns == stamp
    code, text, err = run(*command, "--seed", "1")
    assert (code, text) == (2, "")
    assert one_sentence(err)
    assert "--force" in err
    assert run(*command, "--seed", "1", "--force")[0] == 0
    assert out.read_bytes() != content
    assert run(*command, "--force", "--jobs", "2")[0] == 0
    assert out.read_bytes() == content


def test_a_file_that_is_no_training_is_protected(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "run.nc"
    out.write_text("mine")
    code, _, err = run("train", "notebook-intro", "--density", "0.1", *OPTIONS, "--out", out)
    assert code == 2
    assert one_sentence(err)
    assert out.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["run.nc"]


@pytest.mark.usefixtures("here")
def test_the_exact_loss_is_an_objective(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "run.nc"
    options = ["--steps", "5", "--density", "0.1", "--objective", "exact", "--quiet"]
    code, text, _ = run("train", "notebook-intro", *options, "--out", out, "--json")
    assert code == 0
    found = xr.load_dataset(out)
    assert found["W"].dtype == np.float64
    assert json.loads(text)["loss"] < float(found["training_loss"].values.ravel()[0])


@pytest.mark.usefixtures("here")
def test_a_training_that_diverges_has_no_loss_and_a_code_of_its_own(
    run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "run.nc"
    options = ["--density", "0.5", "--set", "optimizer=sgd", "--set", "learning_rate=1000"]
    code, text, err = run("train", "notebook-intro", *options, *OPTIONS, "--out", out, "--json")
    report = json.loads(text)
    assert code == 3
    assert (report["loss"], report["status"], report["failed"]) == (None, "nonfinite", 1)
    assert "1 of 1 runs failed" in err
