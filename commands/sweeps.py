"""``antipode sweep``: a recipe's models over a grid."""

from pathlib import Path
from typing import Annotated

import typer

from numerics.output import emit_report, say

from .options import Anew, Device, Jobs, Json, Quiet, RetryFailed, Settings, Workers
from .running import compute, note_failed_runs

__all__ = ["app"]

app = typer.Typer()


@app.command(
    epilog="Example: antipode sweep sweep.toml --out build/sweep --jobs 2 --json, "
    "antipode sweep arena-intro --grid 'learning_rate=1e-3;1e-2' --out build/sweep, "
    "antipode sweep status build/sweep"
)
def sweep(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SPEC", help="A TOML file (recipe, starts, seed, [set], [grid]) or a recipe."
        ),
    ],
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]",
            help="sweep status DIR tells how far the sweep in DIR has come.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the results.")] = None,
    starts: Annotated[int | None, typer.Option(help="Runs per cell of the grid.")] = None,
    settings: Settings = None,
    grid: Annotated[
        list[str] | None,
        typer.Option(
            "--grid", metavar="FIELD=V1;V2", help="An axis; may be given again, wins over SPEC."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Root of all random numbers, by default SPEC's.")
    ] = None,
    device: Device = "cpu",
    executor: Workers = "local",
    jobs: Jobs = None,
    csv: Annotated[
        bool, typer.Option("--csv", help="Also write results.csv, a row a run.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be computed.")
    ] = False,
    retry_failed: RetryFailed = False,
    force: Anew = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train over a grid, in any number of processes; resumes what was interrupted."""
    from numerics import executors
    from numerics.sweeps import places, reading, reports

    if source == "status" and folder is None and out is None:
        raise ValueError("no folder to tell of; write antipode sweep status DIR")
    if source == "status" and folder is not None:
        emit_report(places.status_report(folder), as_json)
        return
    if folder is not None:
        raise ValueError(f"{folder} is one argument too many; give the folder by --out {folder}")
    spec = reading.read_sweep(
        source, starts=starts, seed=seed, settings=settings or (), grid=grid or ()
    )
    executors.check_executor(executor)
    if dry_run:
        plan = reports.plan_report(spec, places.device_for(device, executor))
        emit_report(plan if as_json else reports.plan_summary(plan), as_json)
        return
    if out is None:
        raise ValueError("no folder for the results; give one by --out DIR")
    place = places.Place.folder(out)
    options = {"executor": executor, "jobs": jobs, "retry_failed": retry_failed, "force": force}
    dataset = compute(spec, place, device, quiet, options)
    if csv:
        places.write_csv(out / "results.csv", dataset)
    if as_json:
        emit_report(reports.sweep_report(spec, dataset, str(place.results)), True)
    say(f"wrote {place.results}", quiet)
    note_failed_runs(dataset)
