"""`antipode sweep`: from a file or flags, resumed, killed at any moment, never half written."""

import csv
import json
import random
import resource
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from tests.command_line.support import ANTIPODE, Run, one_sentence, stamps
from tests.numerics.sweeps.support import work_here

TOML = """
recipe = "notebook-intro"
starts = 2
[set]
steps = 20
batch_size = 16
[grid]
density = [1, "1/10"]
beta_1 = [0.9, 0.5]
"""


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    work_here(monkeypatch)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "sweep.toml"
    path.write_text(TOML)
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a sweep as a user does, once; do not change it."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "sweep.toml").write_text(TOML)
    command = [*ANTIPODE, "sweep", str(folder / "sweep.toml"), "--out", str(folder / "out")]
    ended = subprocess.run([*command, "--csv"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    return folder / "out"


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


LONGER = """
recipe = "notebook-features"
starts = 2
[set]
steps = 800
[grid]
density = [1, 0.3, 0.1]
beta_1 = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
"""


ENDLESS = """
recipe = "notebook-intro"
starts = 2
[set]
batch_size = 65536
[grid]
steps = [100, 1000000]
density = [1, 0.3, 0.1]
"""  # a batch of six runs that take a moment, and six of one run that takes minutes


def started(folder: Path, text: str, jobs: int = 2) -> "subprocess.Popen[str]":
    (folder / "sweep.toml").write_text(text)
    out = str(folder / "out")
    command = [*ANTIPODE, "sweep", str(folder / "sweep.toml"), "--out", out, "--jobs", str(jobs)]
    return subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        # a shell's background job, and so its children, would ignore the interrupt
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def shards_in(out: Path) -> list[Path]:
    return sorted((out / ".partial" / "sweep").glob("[0-9a-f]*.npz"))


def wait_for(process: "subprocess.Popen[str]", out: Path, shards: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(shards_in(out)) < shards:
        assert process.poll() is None, "it ended before it could be stopped"
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z" and int(parent) == pid:
            found.append(int(stat.parent.name))
    return found


def descendants(pid: int) -> list[int]:
    own = children(pid)
    return own + [further for child in own for further in descendants(child)]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


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


def kill_again_and_again(folder: Path, text: str, jobs: int, kills: int, seed: int) -> None:
    """Kill a sweep this often, each time resuming it, and begin anew when it has ended.

    The moments are spread over the time the sweep takes if it is left alone; whatever ends must be
    the bytes of that one.
    """
    begun = time.monotonic()
    whole = sweep_of(folder / "whole", text, None, jobs)
    seconds = time.monotonic() - begun
    assert whole is not None
    draw = random.Random(seed)
    killed, ended = 0, 0
    while killed < kills:
        moment = draw.uniform(0, seconds)
        results = sweep_of(folder / f"killed-{ended}", text, moment, jobs)
        killed += results is None
        ended += results is not None
        assert results is None or results == whole
    assert sweep_of(folder / f"killed-{ended}", text, None, jobs) == whole


def sweep_of(folder: Path, text: str, moment: float | None, jobs: int = 2) -> bytes | None:
    """Return what a sweep leaves, None if it was killed after so many seconds."""
    folder.mkdir(exist_ok=True)
    process = started(folder, text, jobs)
    try:
        error = process.communicate(timeout=moment)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None
    assert process.returncode == 0, error
    assert "damaged" not in error
    assert {path.name for path in (folder / "out").iterdir()} == {"results.nc"}
    return (folder / "out" / "results.nc").read_bytes()


@pytest.mark.usefixtures("finished")  # whose kernels are these ones: none are to be compiled
def test_a_sweep_killed_again_and_again_gives_the_bytes_of_one_that_was_not(
    tmp_path: Path,
) -> None:
    text = LONGER.replace("-features", "-intro")
    kill_again_and_again(tmp_path, text, jobs=1, kills=2, seed=5)


@pytest.mark.slow
def test_a_sweep_on_two_workers_killed_ten_times(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, LONGER, jobs=2, kills=10, seed=0)


@pytest.mark.slow
def test_an_empty_cache_of_kernels_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    text = LONGER.replace("800", "50").replace(", 0.7, 0.6, 0.5, 0.4", "")
    first, second = (sweep_of(tmp_path / name, text, None) for name in ("first", "second"))
    assert first == second


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


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_kills_change_nothing(tmp_path: Path) -> None:
    """Some batches take longer than the seconds between checkpoints, and go on from them."""
    text = LONGER.replace("800", "5000").replace(", 0.7, 0.6, 0.5, 0.4", "")
    kill_again_and_again(tmp_path, text, jobs=2, kills=100, seed=1)


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
