"""``antipode phase-diagram``: theory and training over a plane, drawn."""

from pathlib import Path
from typing import Annotated, Any

import typer

from numerics.output import emit_report, say

from .exit_codes import ALARM, SOME_FAILED
from .options import Json, Quiet, Seed
from .reading import parse_case

__all__ = ["app"]

app = typer.Typer()


@app.command(
    "phase-diagram", epilog="Example: antipode phase-diagram 2,1 3,2 --out build/phase_diagram"
)
def phase_diagram(
    cases: Annotated[list[str], typer.Argument(metavar="N,M...", help="2,1 and/or 3,2.")],
    out: Annotated[Path, typer.Option(help="Folder of the results.")],
    grid: Annotated[str, typer.Option(help="Cells a side, or DENSITYxIMPORTANCE.")] = "41",
    starts: Annotated[
        int, typer.Option(help="Models trained per cell on the exact loss, ≥ 2.")
    ] = 10,
    sampled_starts: Annotated[
        int, typer.Option(help="On samples per sampled cell; 0 for none.")
    ] = 1,
    sampled_steps: Annotated[int, typer.Option(help="Steps of the training on samples.")] = 10_000,
    train_steps: Annotated[
        int, typer.Option(help="Steps of the training on the exact loss.")
    ] = 1000,
    cut: Annotated[str, typer.Option(help="Importance of the cut through the candidates.")] = "0.3",
    seed: Seed = 0,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", help="Worker processes.", min=1)
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Make it anew, replacing what is there.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Derive, train, verify and draw the phase diagrams; resumes what was interrupted."""
    sizes = [parse_case(case) for case in dict.fromkeys(cases)]
    from numerics import phase_diagram as work
    from numerics import store
    from numerics.plane import PlaneSpec, parse_grid

    densities, importances = parse_grid(grid)
    options = {
        "density_cells": densities,
        "importance_cells": importances,
        "starts": starts,
        "sampled_starts": sampled_starts,
        "train_steps": train_steps,
        "sampled_steps": sampled_steps,
        "seed": seed,
    }
    specs = [PlaneSpec(n, m, cut=cut, **options) for n, m in sizes]
    complete = work.complete_cases(out, specs, force=force)
    todo = [spec for spec in specs if spec not in complete]
    for spec in complete:
        say(f"{spec.case} in {out} is up to date", quiet)
    if sampled_starts > 1 and todo:
        estimate = sum(map(work.plan_seconds, todo))
        say(
            f"training on samples: {sampled_starts} starts a cell, about {estimate:.0f} processor "
            "seconds",
            quiet,
        )
    if todo:
        with store.exclusive(out):
            summary = _make(todo, out, jobs, force, quiet)
    else:
        summary = work.read_summary(out)
    wanted = {spec.case: summary["cases"][spec.case] for spec in specs}
    if as_json:
        emit_report({**summary, "cases": wanted}, True)
    for case, entry in wanted.items():
        if entry["alarms"]:
            say(f"{case}: {entry['alarms']} cells trained below the optimum, which was replaced")
    if any(entry["alarms"] for entry in wanted.values()):
        raise typer.Exit(ALARM)
    if any(entry["failed_cells"] for entry in wanted.values()):
        raise typer.Exit(SOME_FAILED)


def _make(todo: list[Any], out: Path, jobs: int | None, force: bool, quiet: bool) -> dict[str, Any]:
    """Compute, draw and finish the cases of a folder; return its summary."""
    from numerics import executors, progress
    from numerics import phase_diagram as work

    say(f"computing {' and '.join(spec.case for spec in todo)} into {out}", quiet)
    with progress.terminal_progress(quiet) as report:
        outcomes = work.compute(
            todo, out, jobs=jobs or executors.default_jobs(), force=force, progress=report
        )
    from figures import families, phase_diagrams, style

    for outcome in outcomes:
        figure = phase_diagrams.draw(outcome.dataset, outcome.summary)
        style.save(figure, out, f"phase_{outcome.spec.stem}")
        if "families" in outcome.summary:
            figure = families.draw(outcome.dataset, outcome.summary)
            style.save(figure, out, f"families_{outcome.spec.stem}")
    summary = work.finish(out, outcomes)
    for outcome in outcomes:
        entry = outcome.summary
        say(
            f"{outcome.spec.case}: trained phase is the optimum's in "
            f"{100 * entry['agreement']:.1f} % of "
            f"{entry['cells']} cells, largest gap {entry['gap_in_V']['max']:.1e} V, "
            f"alarms {entry['alarms']}",
            quiet,
        )
    say(f"wrote {out}", quiet)
    return summary
