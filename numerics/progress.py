"""Progress on stderr: a bar on a terminal, elsewhere lines.

A line is written for every tenth of the work, and after half a minute without one.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["Report", "terminal_progress"]

Report = Callable[[int, int, str], None]
"""Called with (units done, units in all, what ended)."""

_SILENCE = 30.0  # seconds


@contextmanager
def terminal_progress(quiet: bool = False) -> Iterator[Report]:
    """Yield a function that reports progress, or does nothing if ``quiet``."""
    if quiet:
        yield lambda done, total, text: None
        return
    if not sys.stderr.isatty():
        last, when = 0, time.monotonic()

        def line(done: int, total: int, text: str) -> None:
            nonlocal last, when
            tenths, now = 10 * done // total, time.monotonic()
            if tenths > last or now - when > _SILENCE:
                last, when = tenths, now
                print(f"{done} of {total}: {text}", file=sys.stderr, flush=True)

        yield line
        return
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("")
        yield lambda done, total, text: bar.update(
            task, completed=done, total=total, description=text
        )
