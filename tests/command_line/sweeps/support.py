"""Sweeps of several sizes, run as a user runs them, and the processes they start."""

import signal
import subprocess
from pathlib import Path

from tests.command_line.support import ANTIPODE

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


def shards_in(out: Path) -> list[Path]:
    return sorted((out / ".partial" / "sweep").glob("[0-9a-f]*.npz"))


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
