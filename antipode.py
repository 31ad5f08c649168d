"""The command line of antipode: its commands in the order of the help, and how a run of one ends.

Nothing imports this module; the commands are in ``commands``.
"""

import signal
import sys
import traceback
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from commands import (
    blocks,
    checks,
    conversion,
    derivations,
    figures,
    geometry,
    models,
    pentagon,
    phase_diagrams,
    recipes,
    spheres,
    sweeps,
    training,
)
from commands.exit_codes import DONE, INTERNAL, INTERRUPTED, MISUSE, TERMINATED
from numerics.output import emit, is_memory_shortage, is_misuse, say

__all__ = ["app", "main"]

_RESUMABLE = ("phase-diagram", "sweep", "train", "staircase", "atlas", "figures")

app = typer.Typer(
    name="antipode",
    help="Exact theory and training of toy models of superposition, ReLU(WᵀWx + b).",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for _commands in (
    derivations.app,
    models.app,
    conversion.app,
    phase_diagrams.app,
    training.app,
    sweeps.app,
    geometry.app,
    spheres.app,
    blocks.app,
    pentagon.app,
    figures.app,
    checks.app,
):
    app.add_typer(_commands)
app.add_typer(recipes.app, name="recipes")


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if show_version:
        emit(f"antipode {version('antipode-workbench')}")
    elif context.invoked_subcommand is None:
        emit(context.get_help())


def main() -> NoReturn:
    """Run the command line; errors become one sentence and an exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        app()
    except SystemExit as stop:
        if stop.code in (INTERRUPTED, TERMINATED):
            writes = any(one.startswith("--out") or one == "figures" for one in sys.argv)
            command = next((one for one in _RESUMABLE if writes and one in sys.argv), None)
            kept = f"; what {command} had finished is kept for the next run"
            say("interrupted" + (kept if command else ""))
        raise
    except Exception as error:
        if is_misuse(error):
            say(f"antipode: {error}")
            sys.exit(MISUSE)
        if is_memory_shortage(error):
            remedy = "give fewer features, starts or cells"
            say(f"antipode: this takes more memory than there is; {remedy}")
            sys.exit(MISUSE)
        traceback.print_exc()
        say(f"antipode: internal error ({type(error).__name__}); please report the lines above")
        sys.exit(INTERNAL)
    sys.exit(DONE)


if __name__ == "__main__":
    main()
