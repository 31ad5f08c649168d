"""``antipode check`` and ``doctor``: the paper's claims, and this installation."""

from pathlib import Path
from typing import Annotated

import typer

from numerics.output import emit, emit_report, say

from .exit_codes import ALARM
from .options import Json, Quiet, Seed
from .threads import one_thread

__all__ = ["app"]

app = typer.Typer()


@app.command(epilog="Example: antipode check phase_change --from build/phase_diagram")
def check(
    section: Annotated[
        str | None, typer.Argument(help="A section of the paper; all by default.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="A finished folder of antipode figures or phase-diagram."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 if a claim is contradicted.")
    ] = False,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Judge the paper's claims with numbers: supported, contradicted or undetermined."""
    from numerics.progress import terminal_progress
    from paper_checks import report

    one_thread()
    with terminal_progress(quiet) as progress:
        result = report.check(section, source, seed=seed, progress=progress)
    if as_json:
        emit_report(result, True)
    else:
        emit(report.render_markdown(result))
    if strict and any(claim["verdict"] == "contradicted" for claim in result["claims"]):
        raise typer.Exit(ALARM)


@app.command(epilog="Example: antipode doctor --json")
def doctor(seed: Seed = 0, quiet: Quiet = False, as_json: Json = False) -> None:
    """Print versions, the device, and where the packages were imported from."""
    import platform
    from importlib import import_module
    from importlib.util import find_spec

    here = Path(__file__).resolve().parent.parent
    places = {}
    for name in ("theory", "numerics", "figures", "paper_checks"):
        found = find_spec(name)
        places[name] = str(Path(found.origin).parent) if found and found.origin else "not found"
    together = all(Path(place).resolve().parent == here for place in places.values())
    if not together:
        emit_report({"schema": "antipode.doctor/1", "packages": places, "healthy": False}, as_json)
        say(
            f"a package is not imported from {here}: another distribution hides it; "
            "install antipode in an environment of its own"
        )
        raise typer.Exit(ALARM)
    from numerics import executors, store

    torch = import_module("torch")
    report = {
        "schema": "antipode.doctor/1",
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": executors.default_jobs(),
        "cuda": torch.version.cuda,
        "cuda_available": torch.cuda.is_available(),
        **store.provenance(),
        "packages": places,
        "healthy": True,
    }
    emit_report(report, as_json)
