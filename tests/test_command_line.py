"""The command line as a user meets it: streams, exit codes, wrong input, interruption."""

import json
import math
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import antipode
from figures import style
from numerics.models_file import save_model
from numerics.output import is_memory_shortage, is_misuse
from numerics.phase_diagram import compute
from numerics.plane import PlaneSpec
from numerics.store import provenance
from tests.support import CERTIFIED

Run = Callable[..., tuple[int, str, str]]
ANTIPODE = [sys.executable, "-m", "antipode"]
TINY = [
    "--grid",
    "2",
    "--starts",
    "2",
    "--train-steps",
    "20",
    "--sampled-steps",
    "5",
    "--sampled-starts",
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


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a phase diagram as a user does, once; do not change it."""
    out = tmp_path_factory.mktemp("made") / "diagram"
    command = [*ANTIPODE, "phase-diagram", "2,1", *TINY, "--jobs", "1", "--out", str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    return out


@pytest.fixture
def diagram(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "copy")


@pytest.fixture
def plain_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put stand-ins where the pictures go, in tests that are not about pictures."""

    def save(figure: object, folder: Path, stem: str) -> None:
        for kind in style.FORMATS:
            (folder / f"{stem}.{kind}").write_text("picture")

    monkeypatch.setattr("figures.style.save", save)


def stamps(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


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


def test_a_phase_diagram_is_made_once_and_then_up_to_date(run: Run, diagram: Path) -> None:
    pictures = {f"phase_2_1.{kind}" for kind in ("png", "svg", "pdf")}
    assert {path.name for path in diagram.iterdir()} == {
        *pictures,
        "results_2_1.nc",
        "summary.json",
    }
    before = stamps(diagram)
    code, out, err = run("phase-diagram", "2,1", *TINY, "--out", diagram, "--json")
    assert code == 0
    assert "up to date" in err
    assert json.loads(out)["cases"]["2,1"]["provenance"].keys() == provenance().keys()
    code, _, err = run("phase-diagram", "2,1", *TINY, "--seed", 1, "--out", diagram)
    assert code == 2
    assert one_sentence(err)
    assert "--force" in err
    assert stamps(diagram) == before


@pytest.mark.usefixtures("plain_pictures")
@pytest.mark.parametrize("seed", [0, 1])
def test_force_makes_it_anew_whatever_is_there(run: Run, diagram: Path, seed: int) -> None:
    before = stamps(diagram)
    options = [*TINY, "--jobs", "1", "--seed", seed]
    code, out, _ = run("phase-diagram", "2,1", *options, "--out", diagram, "--force", "--json")
    assert code == 0
    assert json.loads(out)["cases"]["2,1"]["options"]["seed"] == seed
    after = stamps(diagram)
    assert after.keys() == before.keys()
    assert all(after[name] > before[name] for name in before)


@pytest.mark.usefixtures("plain_pictures")
def test_quiet_computes_in_silence_and_otherwise_the_cost_comes_first(
    run: Run, tmp_path: Path
) -> None:
    options = [*TINY, "--jobs", "1", "--sampled-starts", "2"]
    code, out, err = run("phase-diagram", "2,1", *options, "--out", tmp_path / "a", "--quiet")
    assert (code, out, err) == (0, "", "")
    code, out, err = run("phase-diagram", "2,1", *options, "--out", tmp_path / "b")
    assert (code, out) == (0, "")
    lines = err.splitlines()
    assert "2 starts a cell, about" in lines[0]
    assert lines[1].startswith("computing 2,1 into")
    steps = [re.fullmatch(r"(\d+) of (\d+): .+", line) for line in lines[2:-2]]
    assert steps
    assert all(steps), lines
    assert steps[-1].group(1) == steps[-1].group(2)
    assert lines[-1] == f"wrote {tmp_path / 'b'}"


def test_a_foreign_summary_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("{}")
    code, _, err = run("phase-diagram", "2,1", *TINY, "--out", tmp_path)
    assert code == 2
    assert one_sentence(err)
    assert (tmp_path / "summary.json").read_text() == "{}"


@pytest.mark.parametrize(("key", "code"), [("alarms", 1), ("failed_cells", 3)])
def test_alarms_and_failed_cells_have_codes_of_their_own(
    run: Run, diagram: Path, key: str, code: int
) -> None:
    summary = json.loads((diagram / "summary.json").read_text())
    summary["cases"]["2,1"][key] = 2
    (diagram / "summary.json").write_text(json.dumps(summary))
    ended, _, err = run("phase-diagram", "2,1", *TINY, "--out", diagram, "--quiet")
    assert ended == code
    assert ("2 cells trained below the optimum" in err) == (key == "alarms")


LONGER = {
    "density_cells": 2,
    "importance_cells": 2,
    "starts": 2,
    "train_steps": 200,
    "sampled_steps": 2000,
}
LONGER_OPTIONS = [
    "--grid",
    "2",
    "--starts",
    "2",
    "--train-steps",
    "200",
    "--sampled-steps",
    "2000",
    "--jobs",
    "2",
]


def started(out: Path, units: int) -> tuple[list[str], "subprocess.Popen[str]"]:
    """Start a diagram on two workers and wait until some units are finished."""
    command = [*ANTIPODE, "phase-diagram", "2,1", *LONGER_OPTIONS, "--out", str(out)]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        # a shell's background job, and so its children, would ignore the interrupt
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(units_in(out)) < units:
        assert process.poll() is None, "it ended before it could be stopped"
        time.sleep(0.02)
    return command, process


def units_in(out: Path) -> list[Path]:
    return sorted((out / ".partial" / "2_1").glob("[a-z]*.npz"))


def test_an_interrupted_run_keeps_what_was_finished_and_goes_on(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "d"
    command, process = started(out, 3)
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=60)[1]
    assert process.returncode == 130, error
    sentence = "interrupted; what phase-diagram had finished is kept for the next run"
    assert error.splitlines()[-1] == sentence
    assert not (out / "summary.json").exists()
    kept = units_in(out)
    before = {path: path.read_bytes() for path in kept}
    assert len(kept) >= 3
    code, _, err = run("phase-diagram", "2,1", *LONGER_OPTIONS, "--seed", 1, "--out", out, "-q")
    assert code == 2, "unfinished work of another configuration was not protected"
    assert one_sentence(err)
    assert {path: path.read_bytes() for path in units_in(out)} == before

    marked, damaged = kept[:2]
    with np.load(marked) as unit:
        arrays = {**unit, "seconds": 10_000.0}
    np.savez(marked, **arrays)  # a unit computed again would not say so
    damaged.write_bytes(damaged.read_bytes()[:100])
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert f"{len(kept) - 1} of " in again.stderr.splitlines()[1]
    assert again.stderr.splitlines()[1].endswith(": resumed")
    summary = json.loads((out / "summary.json").read_text())["cases"]["2,1"]
    assert 10_000 < summary["seconds"] < 20_000
    assert not (out / ".partial").exists()
    (whole,) = compute([PlaneSpec(2, 1, **LONGER)], tmp_path / "whole", jobs=1)
    with xr.open_dataset(out / "results_2_1.nc", engine="h5netcdf") as found:
        assert set(found.variables) == set(whole.dataset.variables)
        for name, values in whole.dataset.variables.items():
            if values.dtype.kind in "fib":
                assert np.array_equal(found[name], values, equal_nan=values.dtype.kind == "f"), name
            else:
                assert found[name].values.tolist() == values.values.tolist(), name


def descendants(pid: int) -> set[int]:
    """Return the processes that ``pid`` has started, and those that they have."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[int(stat.parent.name)] = int(parent)
    found, last = {pid}, 0
    while len(found) != last:
        last = len(found)
        found |= {child for child, parent in parents.items() if parent in found}
    return found - {pid}


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads processes from /proc")
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL])
def test_one_run_holds_a_folder_and_no_worker_outlives_it(
    run: Run, tmp_path: Path, stop: signal.Signals
) -> None:
    out = tmp_path / "d"
    _, process = started(out, 1)
    workers = descendants(process.pid)
    assert len(workers) >= 2
    code, _, err = run("phase-diagram", "2,1", *LONGER_OPTIONS, "--out", out)
    assert code == 2
    assert one_sentence(err)
    assert f"another process is writing to {out}" in err
    process.send_signal(stop)
    process.communicate(timeout=60)
    assert process.returncode == (128 + stop if stop == signal.SIGTERM else -stop)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(map(running, workers)):
        time.sleep(0.05)
    assert not any(map(running, workers))
    assert units_in(out)


def test_a_full_disk_is_one_sentence_and_nothing_is_half_written(tmp_path: Path) -> None:
    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    out = tmp_path / "d"
    command = [*ANTIPODE, "phase-diagram", "2,1", *TINY, "--jobs", "1", "--out", str(out)]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, preexec_fn=small_files
    )
    assert ended.returncode == 2, ended.stderr
    *progress, last = ended.stderr.splitlines()
    assert one_sentence(last)
    assert "cannot write" in last
    assert all(re.match(r"computing |\d+ of \d+: ", line) for line in progress), progress
    left = [p.name for p in out.iterdir() if p.name != ".partial"]
    assert all(os.path.getsize(out / name) < 20_000 for name in left)
    assert not (out / "summary.json").exists()
    assert not [name for name in left if name.startswith(".")]


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
