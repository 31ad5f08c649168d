"""``antipode geometry``: the shapes a model's features form."""

from pathlib import Path
from typing import Annotated

import typer

from numerics.output import emit_report, say

from .options import Instance, Json, ModelArgument, Quiet, Seed

__all__ = ["app"]

app = typer.Typer()


@app.command(epilog="Example: antipode geometry model.safetensors --json")
def geometry(
    model: ModelArgument,
    tol: Annotated[
        str | None,
        typer.Option(
            help="Largest residual of a block's directions that a name is given to; by default "
            "what noise accounts for."
        ),
    ] = None,
    noise: Annotated[
        str,
        typer.Option(
            help="Standard deviation per coordinate of unit vectors up to which blocks are told "
            "apart; trained models may need 0.05."
        ),
    ] = "0.02",
    plot: Annotated[
        Path | None,
        typer.Option(
            help="Folder for pictures: one block of each kind, the Gram matrix by block, and the "
            "graph of interfering features."
        ),
    ] = None,
    instance: Instance = None,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Split a model's features into orthogonal blocks and name each after a polytope."""
    from numerics.geometry import learned_geometry, reports
    from theory.rationals import parse_number

    tolerance = None if tol is None else float(parse_number(tol))
    weights = reports.read_weights(model, instance)
    found = learned_geometry(weights, tolerance, float(parse_number(noise)))
    if plot is not None:
        from figures.learned_geometry import save

        paths = save(weights, found, plot)
        say(f"{len(paths)} pictures are written to {plot}", quiet)
    report = reports.geometry_report(found, tolerance)
    emit_report(report if as_json else reports.summary(report), as_json)
