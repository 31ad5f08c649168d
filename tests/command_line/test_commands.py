"""The command line as a user meets it: streams, exit codes, wrong input."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import antipode
from numerics.models_file import save_model
from numerics.output import is_memory_shortage, is_misuse
from tests.command_line.support import ANTIPODE, TINY, Run, one_sentence
from tests.support import CERTIFIED


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
    assert report["loss"] == pytest.approx(CERTIFIED["3/10", "1/2"], abs=1e-12)
    assert {"loss", "W", "b", "features", "hits", "starts", "ties", "certificate"} <= set(report)
    assert {"state", "norm", "overlap", "dimensionality"} <= set(report["features"][0])
    assert report["certificate"] is None


def test_compare_measures_the_gap_to_the_best_known(run: Run, pair: Path) -> None:
    _, out, _ = run("compare", pair, "--density", "3/10", "--importance", "1,1/2", "--json")
    report = json.loads(out)
    assert report["nearest"] == "pair_last"
    assert report["phase"] == ["superposed", "superposed", "-01"]
    assert report["gap"] == pytest.approx(1.5 * 0.09 / 6 - CERTIFIED["3/10", "1/2"], abs=1e-12)


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
        ["optimum", "1,2", "--density", "0.1"],
        ["optimum", "two", "--density", "0.1"],
        ["optimum", "5,2", "--density", "0.1", "--starts", str(10**15)],
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


@pytest.mark.parametrize(
    "arguments",
    [
        ["derive", "2,1", "--level", "unit"],
        ["loss", "PAIR", "--density", "0.5"],
        ["optimum", "2,1", "--density", "0.5", "--starts", "2"],
        ["compare", "PAIR", "--density", "0.5", "--starts", "2"],
        ["phase-diagram", "2,1", *TINY, "--out", "DIAGRAM"],
        ["check", "--from", "DIAGRAM"],
        ["doctor"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_command_takes_a_seed_and_is_quiet_if_told(
    run: Run,
    pair: Path,
    made: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: Sequence[str],
) -> None:
    seeds = []

    def check(section: str | None, source: Path, *, seed: int, **_: object) -> dict[str, object]:
        seeds.append(seed)
        return NO_CLAIMS

    monkeypatch.setattr("paper_checks.report.check", check)
    places = {"PAIR": pair, "DIAGRAM": made}
    code, out, err = run(*(places.get(x, x) for x in arguments), "--seed", 0, "--quiet", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["schema"]
    if arguments[0] == "check":
        assert seeds == [0]
        assert run(*(places.get(x, x) for x in arguments), "--seed", 7)[0] == 0
        assert seeds == [0, 7]


NO_CLAIMS = {
    "schema": "antipode.check/1",
    "sections": [],
    "claims": [],
    "counts": {},
    "evidence": {"source": "x"},
}


def test_strictness_makes_a_contradicted_claim_a_failure(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = {**NO_CLAIMS, "claims": [{"verdict": "contradicted"}]}
    monkeypatch.setattr("paper_checks.report.check", lambda *_, **__: result)
    assert run("check", "--json")[0] == 0
    code, out, _ = run("check", "--json", "--strict")
    assert code == 1
    assert json.loads(out) == result


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_reader_that_has_gone_away_is_no_error(as_json: Sequence[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [*ANTIPODE, "derive", "2,1", "--level", "unit", *as_json]
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_that_cannot_be_written_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        command = [*ANTIPODE, "derive", "2,1", "--level", "unit", "--json"]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 2
    assert one_sentence(ended.stderr)
    assert "cannot write the result" in ended.stderr


def broken_on_purpose(*_: object) -> None:
    raise RuntimeError("broken on purpose")


def broken_in_a_library(*_: object) -> None:
    np.linalg.cholesky(-np.eye(2))  # its error is a ValueError


@pytest.mark.parametrize("broken", [broken_on_purpose, broken_in_a_library])
def test_an_internal_error_has_its_own_code(
    run: Run, pair: Path, monkeypatch: pytest.MonkeyPatch, broken: Callable[..., None]
) -> None:
    monkeypatch.setattr("numerics.reports.loss_report", broken)
    code, out, err = run("loss", pair, "--density", "0.5")
    assert (code, out) == (70, "")
    assert "Traceback" in err
    assert "internal error" in err.splitlines()[-1]


@pytest.mark.parametrize(
    "allocate",
    [
        lambda: np.empty(10**17),
        lambda: torch.empty(10**17),
        lambda: torch.empty(2**62, 2**62),
        lambda: bytearray(10**17),
    ],
)
def test_a_lack_of_memory_is_one_sentence_that_names_the_remedy(
    run: Run, pair: Path, monkeypatch: pytest.MonkeyPatch, allocate: Callable[[], object]
) -> None:
    monkeypatch.setattr("numerics.reports.loss_report", lambda *_: allocate())
    code, out, err = run("loss", pair, "--density", "0.5")
    assert (code, out) == (2, "")
    assert one_sentence(err)
    assert "fewer features, starts or cells" in err


def test_other_runtime_errors_are_no_lack_of_memory() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.ones(2) @ torch.ones(3)
    assert not is_memory_shortage(caught.value)


@pytest.mark.parametrize(
    ("place", "error", "misuse"),
    [
        ("theory/problem.py", "ValueError", True),
        ("figures/style.py", "TypeError", True),
        ("paper_checks/phase_change/panels.py", "ValueError", True),
        ("antipode.py", "ValueError", True),
        ("theory/problem.py", "RuntimeError", False),
        ("theory/problem.py", "KeyError", False),
        ("tests/support.py", "ValueError", False),
        (".venv/lib/python3.11/site-packages/numpy/linalg.py", "ValueError", False),
        ("../elsewhere/theory/problem.py", "ValueError", False),
    ],
)
def test_only_the_projects_own_checks_tell_misuse(place: str, error: str, misuse: bool) -> None:
    root = Path(antipode.__file__).resolve().parent
    with pytest.raises(Exception, match="told") as caught:
        exec(compile(f"raise {error}('told')", str(root / place), "exec"))
    assert is_misuse(caught.value) is misuse
