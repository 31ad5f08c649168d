"""The command line as a user meets it: streams, exit codes, wrong input, interruption."""

import json
import math
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import antipode
from numerics.models_file import save_model

Run = Callable[..., tuple[int, str, str]]
ANTIPODE = [sys.executable, "-m", "antipode"]
TINY = [
    "--grid",
    "4",
    "--starts",
    "2",
    "--train-steps",
    "20",
    "--sampled-steps",
    "5",
    "--sampled-starts",
    "1",
    "--jobs",
    "1",
]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["antipode", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            antipode.main()
        streams = capsys.readouterr()
        return int(stop.value.code or 0), streams.out, streams.err

    return call


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "pair.safetensors"
    save_model(path, np.array([[1.0, -1.0]]), np.zeros(2))
    return path


def one_sentence(error: str) -> bool:
    lines = [line for line in error.splitlines() if line.strip()]
    return len(lines) == 1 and lines[0].startswith("antipode: ") and "Traceback" not in error


def test_help_loads_neither_torch_nor_sympy() -> None:
    script = (
        "import sys, antipode\n"
        "sys.argv = ['antipode', '--help']\n"
        "try:\n    antipode.main()\n"
        "except SystemExit as stop:\n    assert not stop.code\n"
        "heavy = {'torch', 'sympy', 'xarray', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


@pytest.mark.parametrize(
    "command", ["derive", "loss", "optimum", "compare", "phase-diagram", "check", "doctor"]
)
def test_every_command_has_help_with_an_example(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"Example: antipode {command}" in " ".join(out.split())


def test_without_arguments_the_help_is_printed(run: Run) -> None:
    code, out, _ = run()
    assert code == 0
    assert "phase-diagram" in out


def test_json_is_one_object_and_nothing_else(run: Run, pair: Path) -> None:
    for arguments in (
        ["derive", "2,1", "--level", "unit_bias"],
        ["loss", pair, "--density", "0.5"],
        ["optimum", "2,1", "--density", "3/5", "--importance", "1,7/10", "--starts", "4"],
        ["compare", pair, "--density", "0.5", "--starts", "4"],
        ["doctor"],
    ):
        code, out, _ = run(*arguments, "--json")
        assert code == 0
        report = json.loads(out)
        assert report["schema"].startswith("antipode.")


def test_loss_of_the_pair_is_its_closed_form(run: Run, pair: Path) -> None:
    _, out, _ = run("loss", pair, "--density", "1/2", "--importance", "1,0.5", "--json")
    report = json.loads(out)
    assert report["loss"] == 1.5 * 0.25 / 6
    assert report["per_feature"] == [0.25 / 6] * 2


def test_optimum_reports_what_the_contract_names(run: Run) -> None:
    _, out, _ = run("optimum", "2,1", "--density", "3/10", "--importance", "1,1/2", "--json")
    report = json.loads(out)
    assert report["loss"] == pytest.approx(0.021742369371, abs=1e-12)
    assert {"loss", "W", "b", "features", "hits", "starts", "ties", "certificate"} <= set(report)
    assert {"state", "norm", "overlap", "dimensionality"} <= set(report["features"][0])
    assert report["certificate"] is None


def test_compare_measures_the_gap_to_the_best_known(run: Run, pair: Path) -> None:
    _, out, _ = run("compare", pair, "--density", "3/10", "--importance", "1,1/2", "--json")
    report = json.loads(out)
    assert report["nearest"] == "pair_last"
    assert report["phase"] == ["superposed", "superposed", "-01"]
    assert report["gap"] == pytest.approx(1.5 * 0.09 / 6 - 0.021742369371, abs=1e-12)


@pytest.mark.parametrize("density", ["0", "-0.1", "1.5", "nan", "inf", "1/0", "x", "0.3,0.4,0.5"])
def test_a_bad_density_is_named_in_one_sentence(run: Run, pair: Path, density: str) -> None:
    for command in (["loss", pair], ["optimum", "2,1"], ["compare", pair]):
        code, out, err = run(*command, "--density", density)
        assert (code, out) == (2, "")
        assert one_sentence(err)
        assert density.split(",")[0] in err


@pytest.mark.parametrize("importance", ["-1", "1,-2", "0", "nan", "1,2,3"])
def test_a_bad_importance_is_named_in_one_sentence(run: Run, pair: Path, importance: str) -> None:
    for command in (["loss", pair], ["optimum", "2,1"], ["compare", pair]):
        code, out, err = run(*command, "--density", "0.5", "--importance", importance)
        assert (code, out) == (2, "")
        assert one_sentence(err)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=12))
def test_no_text_for_a_number_crashes(run: Run, pair: Path, text: str) -> None:
    if text.startswith("-") or "\x00" in text:
        return
    code, _, err = run("loss", pair, "--density", text)
    assert code in (0, 2)
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["optimum", "5,2", "--density", "0.1"],
        ["optimum", "1,2", "--density", "0.1"],
        ["optimum", "two", "--density", "0.1"],
        ["derive", "4,2"],
        ["derive", "2,1", "--level", "best"],
        ["phase-diagram", "4,3", "--out", "nowhere"],
        ["phase-diagram", "2,1", "--grid", "1", "--out", "nowhere"],
        ["phase-diagram", "2,1", "--grid", "many", "--out", "nowhere"],
        ["phase-diagram", "2,1", "--starts", "1", "--out", "nowhere"],
        ["phase-diagram", "2,1", "--cut", "0", "--out", "nowhere"],
        ["check", "phase_change", "--from", "nowhere"],
        ["check", "no_such_section"],
    ],
)
def test_unsupported_use_is_one_sentence_and_makes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert one_sentence(err)
    assert list(tmp_path.iterdir()) == []


def test_usage_errors_exit_with_2(run: Run) -> None:
    assert run("frobnicate")[0] == 2
    assert run("optimum", "2,1")[0] == 2


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x00" * 64])
def test_an_unreadable_model_is_named(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.safetensors"
    path.write_bytes(content)
    code, _, err = run("loss", path, "--density", "0.5")
    assert code == 2
    assert one_sentence(err)
    assert str(path) in err


def test_a_model_with_nan_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "nan.safetensors"
    save_model(path, np.array([[1.0, math.nan]]), np.zeros(2))
    code, _, err = run("loss", path, "--density", "0.5")
    assert code == 2
    assert "nan" in err


def test_a_phase_diagram_is_made_once_and_then_up_to_date(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "diagram"
    code, _, err = run("phase-diagram", "2,1", *TINY, "--out", out)
    assert code == 0, err
    names = {path.name for path in out.iterdir()}
    assert names == {
        "phase_2_1.png",
        "phase_2_1.svg",
        "phase_2_1.pdf",
        "results_2_1.nc",
        "summary.json",
    }
    stamps = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    code, _, err = run("phase-diagram", "2,1", *TINY, "--out", out)
    assert code == 0
    assert "up to date" in err
    assert stamps == {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    code, _, err = run("phase-diagram", "2,1", *TINY, "--seed", 1, "--out", out)
    assert code == 2
    assert "--force" in err
    assert stamps == {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    code, report, _ = run(
        "phase-diagram", "2,1", *TINY, "--seed", 1, "--out", out, "--force", "--json"
    )
    assert code == 0
    assert json.loads(report)["cases"]["2,1"]["options"]["seed"] == 1


def test_quiet_prints_nothing(run: Run, tmp_path: Path) -> None:
    code, out, err = run("phase-diagram", "2,1", *TINY, "--out", tmp_path / "d", "--quiet")
    assert (code, out, err) == (0, "", "")


def test_the_cost_of_more_sampled_starts_is_printed_first(run: Run, tmp_path: Path) -> None:
    tiny = [*TINY, "--sampled-starts", "2"]
    code, _, err = run("phase-diagram", "2,1", *tiny, "--out", tmp_path / "d")
    assert code == 0
    assert "2 starts a cell, about" in err.splitlines()[0]


def test_a_foreign_summary_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("{}")
    code, _, err = run("phase-diagram", "2,1", *TINY, "--out", tmp_path)
    assert code == 2
    assert one_sentence(err)
    assert (tmp_path / "summary.json").read_text() == "{}"


def test_an_interrupted_run_keeps_what_was_finished_and_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "d"
    options = [
        "--grid",
        "9",
        "--starts",
        "3",
        "--train-steps",
        "400",
        "--sampled-steps",
        "400",
        "--jobs",
        "2",
    ]
    command = [*ANTIPODE, "phase-diagram", "3,2", *options, "--out", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    partial = out / ".partial" / "3_2"
    while time.monotonic() < deadline and len(list(partial.glob("*.npz"))) < 2:
        assert process.poll() is None, "it ended before it could be interrupted"
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=30)[1]
    assert process.returncode == 130, error
    assert "interrupted" in error
    kept = {path: path.stat().st_mtime_ns for path in partial.glob("*.npz")}
    assert kept
    assert not (out / "summary.json").exists()
    finished = subprocess.run(
        [*command, "--seed", "1"], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 2, "unfinished work of another configuration was not protected"
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in kept.items())


def test_a_full_disk_is_one_sentence_and_nothing_is_half_written(tmp_path: Path) -> None:
    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    command = [*ANTIPODE, "phase-diagram", "2,1", *TINY, "--out", str(tmp_path / "d")]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, preexec_fn=small_files
    )
    assert ended.returncode == 2, ended.stderr
    assert one_sentence("\n".join(ended.stderr.splitlines()[1:]))
    assert "cannot write" in ended.stderr
    left = [p.name for p in (tmp_path / "d").iterdir() if p.name != ".partial"]
    assert all(os.path.getsize(tmp_path / "d" / name) < 20_000 for name in left)
    assert not (tmp_path / "d" / "summary.json").exists()
    assert not [name for name in left if name.startswith(".")]


def test_an_internal_error_has_its_own_code(
    run: Run, pair: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("numerics.reports.loss_report", broken)
    code, _, err = run("loss", pair, "--density", "0.5")
    assert code == 70
    assert "internal error" in err
