"""``antipode train``: the models of one recipe."""

from pathlib import Path
from typing import Annotated

import typer

from numerics.output import emit, emit_report, say

from .options import RECIPE, Anew, Device, Jobs, Json, Quiet, RetryFailed, Seed, Settings, Workers
from .running import compute, note_failed_runs

__all__ = ["app"]

app = typer.Typer()


@app.command(
    epilog="Example: antipode train notebook-intro --density 0.1 --starts 5 --out run.nc --json"
)
def train(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help=RECIPE)],
    out: Annotated[Path, typer.Option(help="The NetCDF file to write.")],
    density: Annotated[
        str | None,
        typer.Option(help="One density in place of the recipe's: 0.3, 3/5, 0.9^i or a list."),
    ] = None,
    importance: Annotated[
        str | None, typer.Option(help="Importances: one number, a list, or 0.9^i.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Steps, in place of the recipe's.")] = None,
    starts: Annotated[
        int | None, typer.Option(help="Models trained per density; by default the recipe's.")
    ] = None,
    objective: Annotated[
        str | None, typer.Option(help="sampled batches, or the exact population loss.")
    ] = None,
    settings: Settings = None,
    seed: Seed = 0,
    device: Device = "cpu",
    executor: Workers = "local",
    jobs: Jobs = None,
    retry_failed: RetryFailed = False,
    force: Anew = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train a recipe's models, one for each density and start; resumes what was interrupted.

    With several densities loss and status are lists, in their order, of the best start each.
    """
    given = {"density": density, "importance": importance, "steps": steps, "objective": objective}
    for name, value in given.items():
        if value == "":
            raise ValueError(f"--{name} is empty; give a value, or leave it out")
        if value is not None and any(one.startswith(f"{name}=") for one in settings or ()):
            raise ValueError(f"--{name} and --set {name}=… are both given; give one of them")
    flags = [*(settings or ()), *(f"{k}={v}" for k, v in given.items() if v is not None)]
    from numerics.sweeps import places, reading, reports

    spec = reading.read_recipe(recipe, starts=starts, seed=seed, settings=flags)
    place = places.Place.file(out)
    options = {"executor": executor, "jobs": jobs, "retry_failed": retry_failed, "force": force}
    dataset = compute(spec, place, device, quiet, options)
    report = reports.train_report(spec, dataset, str(out))
    if as_json:
        emit_report(report, True)
    else:
        emit(reports.train_table(report))
        say(f"wrote {out}", quiet)
    note_failed_runs(dataset)
