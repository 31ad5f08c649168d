"""What train and sweep refuse before any work, and what they print for reading."""

import json

import pytest

from numerics.sweeps.batches import _APART
from numerics.training.engine import _MAY_DIFFER
from tests.command_line.support import one_sentence


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "notebook-intro", "--density", ""], "--density is empty"),
        (
            ["train", "notebook-intro", "--density", "0.1", "--set", "density=0.2"],
            "--density and --set density=… are both given",
        ),
        (
            ["sweep", "notebook-intro", "--set", "batch_size=1000000000"],
            "batch_size 1000000000 with 5 features takes 56 GB a step",
        ),
        (
            [
                "sweep",
                "notebook-intro",
                "--set=n_features=100000",
                "--set=d_hidden=50000",
                "--set=density=0.1",
                "--set=importance=1",
            ],
            "runs of 5000100000 parameters take 20 GB",
        ),
        (["sweep", "."], ". is a folder; give a TOML file"),
        (["sweep", "notebook-intro", "--dry-run", "--executor", "foo"], "executor 'foo' is not"),
    ],
)
def test_it_is_refused_in_one_sentence(run, arguments, message, tmp_path):
    code, out, error = run(*arguments, "--out", str(tmp_path / "out"))
    assert (code, out) == (2, "")
    assert message in error
    assert one_sentence(error)
    assert not (tmp_path / "out").exists()


def test_status_needs_a_folder(run):
    code, _, error = run("sweep", "status")
    assert code == 2
    assert "write antipode sweep status DIR" in error


def test_training_prints_a_table_and_the_published_normalisations(run, tmp_path):
    arguments = ["train", "notebook-intro", "--steps", "2", "--out", str(tmp_path / "run.nc")]
    table = run(*arguments)[1].splitlines()
    assert table[0] == "notebook-intro, 2 steps, 1 starts, seed 0"
    assert table[1].split()[:3] == ["density", "loss", "status"]
    assert len(table) == 12
    report = json.loads(run(*arguments, "--json")[1])
    losses = report["loss"]
    assert report["loss_mean"] == [pytest.approx(loss / 5) for loss in losses]
    assert report["loss_notebook"] == pytest.approx(sum(losses) / 5)


def test_what_shares_a_batch_may_share_a_call():
    assert set(_APART) <= _MAY_DIFFER
