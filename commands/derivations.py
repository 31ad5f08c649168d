"""``antipode derive``: exact expressions."""

from typing import Annotated

import typer

from numerics.output import emit, emit_report

from .options import CaseArgument, Json, Quiet, Seed
from .reading import parse_case

__all__ = ["app"]

app = typer.Typer()


@app.command(epilog="Example: antipode derive 2,1 --level unit_bias --json")
def derive(
    case: CaseArgument,
    level: Annotated[str | None, typer.Option(help="unit, unit_bias, scale or free.")] = None,
    digits: Annotated[
        int | None, typer.Option(help="Also give decimals, this many.", min=1)
    ] = None,
    latex: Annotated[bool, typer.Option("--latex", help="Print LaTeX.")] = False,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Derive candidates, their losses and their phase boundaries, as exact expressions."""
    from theory import derivation

    record = derivation.derive(*parse_case(case), level=level, digits=digits)
    if as_json:
        emit_report(record, True)
    else:
        emit(derivation.render_latex(record) if latex else derivation.render_text(record))
