"""A progress bar on a terminal's stderr, and nothing anywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["Report", "terminal_progress"]

Report = Callable[[int, int, str], None]
"""Called with (units done, units in all, what ended)."""


@contextmanager
def terminal_progress(quiet: bool = False) -> Iterator[Report]:
    """Yield a function that moves the bar; off a terminal, or if ``quiet``, it does nothing."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total, text: None
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
