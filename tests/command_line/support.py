"""What the tests of the command line share."""

import sys
from collections.abc import Callable
from pathlib import Path

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


def stamps(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def one_sentence(error: str) -> bool:
    lines = [line for line in error.splitlines() if line.strip()]
    return len(lines) == 1 and lines[0].startswith("antipode: ") and "Traceback" not in error
