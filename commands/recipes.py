"""``antipode recipes``: published set-ups, listed, shown and compared."""

from typing import Annotated

import typer

from numerics.output import emit, emit_report

from .options import RECIPE, Json, Quiet, Seed

__all__ = ["app"]

app = typer.Typer(help="List, show and compare published set-ups, every constant with its source.")


@app.callback(invoke_without_command=True)
def _recipes(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        emit(context.get_help())


@app.command("list", epilog="Example: antipode recipes list")
def recipes_list(seed: Seed = 0, quiet: Quiet = False, as_json: Json = False) -> None:
    """List all recipes: those of the paper, of its notebook and of ARENA."""
    from numerics.recipes import tables

    record = tables.list_record()
    if as_json:
        emit_report(record, True)
    else:
        emit(tables.render_list(record))


@app.command("show", epilog="Example: antipode recipes show notebook-intro --json")
def recipes_show(
    name: Annotated[str, typer.Argument(metavar="NAME", help=RECIPE)],
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Show every constant of a recipe, and its source."""
    from numerics.recipes import find, tables

    record = tables.recipe_record(find(name))
    if as_json:
        emit_report(record, True)
    else:
        emit(tables.render_recipe(record))


@app.command("diff", epilog="Example: antipode recipes diff notebook-intro arena-intro")
def recipes_diff(
    a: Annotated[str, typer.Argument(metavar="A", help=RECIPE)],
    b: Annotated[str, typer.Argument(metavar="B", help=RECIPE)],
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Show the constants in which two recipes differ."""
    from numerics.recipes import find, tables

    record = tables.difference(find(a), find(b))
    if as_json:
        emit_report(record, True)
    else:
        emit(tables.render_difference(record))
