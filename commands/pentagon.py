"""``antipode pentagon``: one of five features in two dimensions becomes rare."""

from typing import Annotated

import typer

from numerics.output import emit_report

from .options import Json, Quiet, Seed
from .reading import parse_densities
from .threads import one_blas_thread, one_thread

__all__ = ["app"]

app = typer.Typer()


@app.command(epilog="Example: antipode pentagon --density 0.1,0.05 --json")
def pentagon(
    density: Annotated[
        str, typer.Option(help="Densities of the four common features, a list.")
    ] = "0.1,0.05,0.02",
    starts: Annotated[
        int, typer.Option(help="Random starts of the searches beside both branches.", min=1)
    ] = 16,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Find how rare a feature must be for a pentagon to give way to two digons.

    About ten seconds for each density.
    """
    one_blas_thread()
    densities = [float(p) for p in parse_densities(density)]
    one_thread()
    from numerics.progress import terminal_progress
    from numerics.varied_pentagon import pentagon_report

    with terminal_progress(quiet) as progress:
        report = pentagon_report(densities, starts=starts, seed=seed, progress=progress)
    emit_report(report, as_json)
