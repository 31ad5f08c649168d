"""``antipode thomson``, ``tammes`` and ``toy-energies``: points on spheres."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from numerics.output import emit_report, say

from .exit_codes import ALARM
from .options import Json, Quiet, Seed
from .reading import parse_densities, parse_range
from .threads import one_blas_thread, one_thread

if TYPE_CHECKING:
    from numerics.progress import Report

__all__ = ["app"]

app = typer.Typer()

SphereStarts = Annotated[
    int | None,
    typer.Option(help="Descents; by default until the best is hit five times.", show_default=False),
]
PointsArgument = Annotated[int, typer.Argument(metavar="N", help="How many points, at least 2.")]
Dimension = Annotated[int, typer.Option(help="Dimensions of the space, 3 for the sphere.")]


@app.command(epilog="Example: antipode thomson 12 --json")
def thomson(
    points: PointsArgument,
    dim: Dimension = 3,
    power: Annotated[str, typer.Option(help="Energy Σ r^−power; 0 is −Σ log r, above −2.")] = "1",
    starts: SphereStarts = None,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Search N points on the unit sphere with the least energy (Thomson, Riesz)."""
    one_blas_thread()
    from numerics.spheres.reports import thomson_report
    from theory.rationals import parse_number

    exponent = float(parse_number(power))
    _search(
        lambda report: thomson_report(points, dim, exponent, starts, seed, report), quiet, as_json
    )


@app.command(epilog="Example: antipode tammes 24 --json")
def tammes(
    points: PointsArgument,
    dim: Dimension = 3,
    lines: Annotated[
        bool, typer.Option("--lines", help="Pack lines through the origin, not points.")
    ] = False,
    starts: SphereStarts = None,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Search N points on the unit sphere with the largest smallest angle (Tammes)."""
    one_blas_thread()
    from numerics.spheres.reports import tammes_report

    _search(lambda report: tammes_report(points, dim, lines, starts, seed, report), quiet, as_json)


@app.command("toy-energies", epilog="Example: antipode toy-energies --dim 3 --points 7-9 --json")
def toy_energies(
    points: Annotated[str, typer.Option(help="Numbers of points: 4, 4-20, or a list.")] = "4-20",
    dim: Dimension = 3,
    density: Annotated[
        str, typer.Option(help="Densities at which the exact loss is compared, a list.")
    ] = "0.1",
    starts: SphereStarts = None,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Compare Thomson and Tammes shapes with what the toy model itself makes least.

    Minutes for more than ten points.
    """
    one_blas_thread()
    numbers, densities = parse_range(points, "points"), parse_densities(density)
    one_thread()
    from numerics.progress import terminal_progress
    from numerics.spheres.toy_reports import toy_energies_report, toy_energies_summary

    with terminal_progress(quiet) as progress:
        report = toy_energies_report(numbers, dim, densities, starts, seed, progress)
    emit_report(report if as_json else toy_energies_summary(report), as_json)


def _search(
    search: Callable[["Report | None"], dict[str, Any]], quiet: bool, as_json: bool
) -> None:
    """Search with progress; print what is found, points only as JSON; a record is an alarm."""
    from numerics.progress import terminal_progress

    with terminal_progress(quiet) as progress:
        report = search(progress)
    shown = report if as_json else {k: v for k, v in report.items() if k != "points"}
    emit_report(shown, as_json)
    if report["verdict"] == "short":
        say(f"short of the best known, {report['best_known']}; give more --starts")
    if report["verdict"] == "record":
        say(f"better than the best known, {report['best_known']}: to be checked")
        raise typer.Exit(ALARM)
