"""``antipode convert``: weights from one layout to another."""

from pathlib import Path
from typing import Annotated

import typer

from numerics.output import emit_report, say

from .options import Instance, Json, Quiet, Seed

__all__ = ["app"]

app = typer.Typer()


@app.command(
    epilog="Example: antipode convert notebook.safetensors --from anthropic --to antipode "
    "--instance 3 --out model.safetensors"
)
def convert(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN", help="A safetensors file, such as a state dict, or training runs (.nc)."
        ),
    ],
    origin: Annotated[str, typer.Option("--from", help="anthropic, arena or antipode.")],
    target: Annotated[str, typer.Option("--to", help="anthropic, arena or antipode.")],
    out: Annotated[Path, typer.Option(help="The safetensors file to write.")],
    instance: Instance = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that holds something else.")
    ] = False,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Rewrite weights as the paper's notebook (anthropic), ARENA or antipode lay them out."""
    from numerics.conversion import convert_weights

    report = convert_weights(
        source, out, origin=origin, target=target, instance=instance, force=force
    )
    if report["ignored"]:
        say(f"ignored in {source}: {', '.join(report['ignored'])}", quiet)
    if report["nonfinite"]:
        say(f"instances {report['nonfinite']} of {out} hold nan or inf, as in {source}", quiet)
    kept = report["status"] != "written"
    say(f"{out} is up to date" if kept else f"wrote {out}", quiet)
    if as_json:
        emit_report(report, True)
