"""`antipode phase-diagram`: made once, resumed, never half written; interruption and locks."""

import json
import os
import re
import resource
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from numerics.array_files import read_arrays, write_arrays
from numerics.phase_diagram import compute
from numerics.plane import PlaneSpec
from numerics.store import provenance
from tests.command_line.support import ANTIPODE, TINY, Run, one_sentence, stamps


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
    # a unit computed again would not say so
    write_arrays(marked, {**read_arrays(marked), "seconds": 10_000.0})
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
