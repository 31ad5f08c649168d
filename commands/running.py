"""Many training runs with progress on stderr, and what to say of those that failed."""

from typing import Any

import typer

from numerics.output import say

from .exit_codes import SOME_FAILED

__all__ = ["compute", "note_failed_runs"]


def compute(spec: Any, place: Any, device: str, quiet: bool, options: dict[str, Any]) -> Any:
    """Return the results of a sweep, with progress on stderr."""
    from numerics import executors, progress
    from numerics.sweeps import places, running

    device = places.device_for(device, options["executor"])
    jobs = options["jobs"] or (executors.default_jobs() if device == "cpu" else 1)
    with progress.terminal_progress(quiet) as report:
        return running.make(
            spec,
            place,
            device=device,
            progress=report,
            tell=lambda text: say(text, quiet),
            **{**options, "jobs": jobs},
        )


def note_failed_runs(dataset: Any) -> None:
    """Tell of runs that failed.

    Raises
    ------
    typer.Exit
        With the code of partial failure, if some did.
    """
    from numerics.sweeps import places

    tally, reasons = places.counts(dataset), places.failures(dataset)
    if tally["failed"]:
        most = max(reasons, key=lambda reason: reasons[reason])
        say(
            f"{tally['failed']} of {tally['total']} runs failed, {reasons[most]} of them: {most}; "
            "the rest is kept, and --retry-failed tries them again"
        )
        raise typer.Exit(SOME_FAILED)
