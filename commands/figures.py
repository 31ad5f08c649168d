"""``antipode figures``: the paper's figures, computed, drawn and judged."""

from math import ceil
from pathlib import Path
from typing import Annotated, Any

import typer

from numerics.output import emit, emit_report, say

from .exit_codes import SOME_FAILED
from .options import Jobs, Json, Quiet, Seed

__all__ = ["app"]

app = typer.Typer()


@app.command("figures", epilog="Example: antipode figures F9 F10 --out build/figures")
def draw_figures(
    names: Annotated[
        list[str], typer.Argument(metavar="list|all|F9...", help="list, all, or figures by id.")
    ],
    quality: Annotated[
        str, typer.Option(help="draft (all figures in minutes) or paper (states its cost).")
    ] = "draft",
    out: Annotated[Path, typer.Option(help="Folder of data, pictures and gallery.")] = Path(
        "build/figures"
    ),
    redraw: Annotated[
        bool, typer.Option("--redraw", help="Draw again from the results that are there.")
    ] = False,
    seed: Seed = 0,
    jobs: Jobs = None,
    force: Annotated[
        bool, typer.Option("--force", help="Compute anew, replacing what is there.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Regenerate the paper's figures, each with its data, its theory and its verdicts.

    Results are stored, resumed after an interrupt, and used again; index.html is the gallery.
    """
    from figures.catalogue import choose, figures
    from numerics.experiments.catalogue import find_experiment
    from numerics.experiments.experiment import QUALITIES

    if quality not in QUALITIES:
        raise ValueError(f"quality {quality!r} is unknown; choose {' or '.join(QUALITIES)}")
    if "list" in names:
        if len(names) > 1:
            raise ValueError("list stands alone; give it without figures, or figures without it")
        _list(list(figures().values()), as_json)
        return
    chosen = choose(names)
    wanted = dict.fromkeys(one for figure in chosen for one in figure.experiments)
    experiments = [find_experiment(name) for name in wanted]
    report = _make(chosen, experiments, out, quality, seed, jobs, force, redraw, quiet)
    if as_json:
        emit_report(report, True)
    if report["failures"]:
        for name, reason in report["failures"].items():
            say(f"{name} failed: {reason}; the others are kept, and the same command tries again")
        raise typer.Exit(SOME_FAILED)


def _list(table: list[Any], as_json: bool) -> None:
    from numerics.experiments.catalogue import find_experiment

    rows = [
        {
            "id": figure.id,
            "section": figure.section,
            "title": figure.title,
            "experiments": list(figure.experiments),
            "processor_minutes": {
                quality: sum(find_experiment(one).cost(quality) for one in figure.experiments)
                for quality in ("draft", "paper")
            },
        }
        for figure in table
    ]
    if as_json:
        emit_report({"schema": "antipode.figures/1", "figures": rows}, True)
        return
    lines = [f"{'id':<5} {'draft':>6} {'paper':>7}  title (processor minutes)"]
    for row in rows:
        minutes = row["processor_minutes"]
        lines.append(
            f"{row['id']:<5} {minutes['draft']:>6.1f} {minutes['paper']:>7.1f}  {row['title']}"
        )
    emit("\n".join(lines))


def _make(
    chosen: list[Any],
    experiments: list[Any],
    out: Path,
    quality: str,
    seed: int,
    jobs: int | None,
    force: bool,
    redraw: bool,
    quiet: bool,
) -> dict[str, Any]:
    """Compute, draw and judge; return the report."""
    from figures import drawing, gallery
    from numerics import executors, progress, store
    from numerics.experiments import results
    from paper_checks import report as checks

    jobs = jobs or executors.default_jobs()
    failures: dict[str, str] = {}
    todo = results.unfinished(experiments, out, quality, seed=seed, force=force)
    if not (redraw or force):
        drawing.check_folder(out)
    if todo:
        minutes = sum(experiment.cost(quality) for experiment in todo)
        say(
            f"{quality} quality: experiments to compute: {len(todo)}; processor minutes: about "
            f"{ceil(minutes)}; minutes with {jobs} workers: about {ceil(minutes / jobs)}",
            quiet,
        )
    with store.exclusive(out):
        with progress.terminal_progress(quiet) as tell:
            outcomes = results.make(
                experiments, out, quality, seed=seed, jobs=jobs, force=force, progress=tell
            )
        data = {o.name: o.dataset for o in outcomes if o.dataset is not None}
        failures.update({o.name: o.failure for o in outcomes if o.dataset is None})
        ready = [f for f in chosen if all(one in data for one in f.experiments)]
        undrawn = ready if redraw or force else drawing.out_of_date(ready, out, data)
        if undrawn:
            say(f"drawing {', '.join(figure.id for figure in undrawn)}", quiet)
        with executors.open_workers("local", jobs) as workers:
            several = workers.executor if jobs > 1 and len(undrawn) > 1 else None
            drawn, broken = drawing.draw_all(undrawn, out, several)
        failures.update(broken)
        sections = {figure.section for figure in gallery.drawn_figures(out)}
        verdicts = checks.judge_folder(out, sections, seed=seed)
        shown = gallery.write(out, verdicts)
        counted = gallery.counts(out, verdicts)
    if not todo and not drawn and not failures:
        say(f"{out} is up to date", quiet)
    else:
        say(f"wrote {out}: open {shown}", quiet)
    return {
        "schema": "antipode.figures/1",
        "quality": quality,
        "out": str(out),
        "gallery": str(shown),
        "figures": {
            figure.id: [str(out / name) for name in drawing.files_of(figure)] for figure in ready
        },
        "drawn": drawn,
        "counts": counted,
        "failures": failures,
    }
