"""A sweep that is stopped ends in seconds, keeps what it had finished and leaves no process."""

import json
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.command_line.support import ANTIPODE, Run, one_sentence
from tests.command_line.sweeps.support import (
    ENDLESS,
    alive,
    children,
    descendants,
    shards_in,
    started,
)


def wait_for(process: "subprocess.Popen[str]", out: Path, shards: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(shards_in(out)) < shards:
        assert process.poll() is None, "it ended before it could be stopped"
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads processes from /proc")
@pytest.mark.parametrize(
    ("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_a_stopped_sweep_ends_in_seconds_and_keeps_what_was_finished(
    run: Run, tmp_path: Path, stop: signal.Signals, code: int
) -> None:
    out = tmp_path / "out"
    process = started(tmp_path, ENDLESS)
    wait_for(process, out, 1)
    report = json.loads(run("sweep", "status", out, "--json")[1])
    assert report["state"] == "running"
    assert (report["total"], report["done"]) == (12, 6)
    assert 0 < report["running"] <= 2
    code_of_second, _, err = run("sweep", tmp_path / "sweep.toml", "--out", out)
    assert code_of_second == 2
    assert f"another process is writing to {out}" in err
    workers = children(process.pid)
    assert len(workers) >= 2
    begun = time.monotonic()
    process.send_signal(stop)
    error = process.communicate(timeout=60)[1]
    assert time.monotonic() - begun < 20  # in seconds, on a busy machine too
    assert process.returncode == code, error
    if stop == signal.SIGINT:
        sentence = "interrupted; what sweep had finished is kept for the next run"
        assert error.splitlines()[-1] == sentence
    assert "Traceback" not in error
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(map(alive, workers)):
        time.sleep(0.05)
    assert not any(map(alive, workers))
    assert shards_in(out)
    after = json.loads(run("sweep", "status", out, "--json")[1])
    assert (after["state"], after["running"]) == ("interrupted", 0)
    assert after["done"] >= report["done"]
    assert not (out / "results.nc").exists()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads processes from /proc")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_nothing_computes_on_after_a_cold_start_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: signal.Signals
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    work = tmp_path / "out" / ".partial" / "sweep"
    process = started(tmp_path, ENDLESS.replace("100, ", ""), jobs=1)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and not list(work.glob("*.checkpoint")):
        assert process.poll() is None
        time.sleep(0.05)
    family = descendants(process.pid)
    assert len(family) >= 3, "a worker, the process it hands batches to, and a tracker"
    process.send_signal(stop)
    error = process.communicate(timeout=60)[1]
    assert error.count("compiling kernels (once, about half a minute)") == 1
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(map(alive, family)):
        time.sleep(0.05)
    assert not any(map(alive, family))
    assert list(work.glob("*.checkpoint"))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("limit", [500, 5000])
def test_a_full_disk_is_one_sentence_and_loses_nothing(
    run: Run, finished: Path, spec: Path, tmp_path: Path, limit: int
) -> None:
    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    out = tmp_path / "out"
    command = [*ANTIPODE, "sweep", str(spec), "--jobs", "1", "--out", str(out)]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, preexec_fn=small_files
    )
    assert ended.returncode == 2, ended.stderr
    last = ended.stderr.splitlines()[-1]
    assert one_sentence(last)
    assert "cannot write" in last
    assert "Traceback" not in ended.stderr
    assert not (out / "results.nc").exists()
    assert len(shards_in(out)) == (2 if limit == 5000 else 0)
    assert run("sweep", spec, "--out", out, "--quiet") == (0, "", "")
    assert (out / "results.nc").read_bytes() == (finished / "results.nc").read_bytes()
