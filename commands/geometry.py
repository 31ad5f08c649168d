"""``antipode geometry``: the shapes a model's features form."""

from typing import Annotated

import typer

from numerics.output import emit_report

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
            "what noise of 0.02 per coordinate of unit vectors accounts for."
        ),
    ] = None,
    instance: Instance = None,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Split a model's features into orthogonal blocks and name each after a polytope."""
    from numerics.geometry import reports
    from theory.rationals import parse_number

    tolerance = None if tol is None else float(parse_number(tol))
    report = reports.geometry_report(reports.read_weights(model, instance), tolerance)
    emit_report(report if as_json else reports.summary(report), as_json)
