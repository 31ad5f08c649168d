"""The command line of antipode: parse, call one function of a package, print, pick the exit code.

Nothing imports this module, and each command imports what it needs only when it runs.
"""

import os
import signal
import sys
import traceback
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from numerics.output import emit, emit_report, is_memory_shortage, is_misuse, say

if TYPE_CHECKING:
    from numerics.progress import Report
    from theory.laws import FeatureLaw

__all__ = ["app", "main"]

DONE, ALARM, MISUSE, SOME_FAILED, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 70, 130
TERMINATED = 128 + signal.SIGTERM
_RESUMABLE = ("phase-diagram", "sweep", "train")

app = typer.Typer(
    name="antipode",
    help="Exact theory and training of toy models of superposition, ReLU(WᵀWx + b).",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

recipes = typer.Typer(
    help="List, show and compare published set-ups, every constant with its source.",
    rich_markup_mode=None,
)
app.add_typer(recipes, name="recipes")

CaseArgument = Annotated[str, typer.Argument(metavar="N,M", help="Features, hidden dimensions.")]
ModelArgument = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL", help="A safetensors file with W (m, n) and b (n), or training runs (.nc)."
    ),
]
Density = Annotated[
    str | None,
    typer.Option(
        help="P(x ≠ 0), or what the law says: one number for all features, or a list. "
        "0.3, 3/5, 0.9^i.",
        show_default=False,
    ),
]
Law = Annotated[
    str,
    typer.Option(
        help="independent, one-hot (no density), correlated:0,1/2,3, anticorrelated:0,1/2,3 "
        "or exclusive:0,1."
    ),
]
Amplitude = Annotated[
    str, typer.Option(help="Active features: uniform on [0, 1], signed or binary.")
]
Activation = Annotated[str, typer.Option(help="relu or linear.")]
Importance = Annotated[
    str, typer.Option(help="Importances: one number for all features, or a list.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
# Every command takes --seed and --quiet; those that draw nothing or say nothing ignore them.
Seed = Annotated[int, typer.Option(help="Root of all random numbers.", min=0)]
Starts = Annotated[
    int | None,
    typer.Option(
        help="Random starts, besides the structured ones (at most 64, 16 from 50 features on); "
        "by default 64, from 20 features on 24, from 50 on 8; 16 of each at most with signed "
        "amplitudes or sets.",
        min=0,
        show_default=False,
    ),
]
SphereStarts = Annotated[
    int | None,
    typer.Option(help="Descents; by default until the best is hit five times.", show_default=False),
]
PointsArgument = Annotated[int, typer.Argument(metavar="N", help="How many points, at least 2.")]
Dimension = Annotated[int, typer.Option(help="Dimensions of the space, 3 for the sphere.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages.")]
Instance = Annotated[int | None, typer.Option(help="Which model of a file with several.")]
_RECIPE = "A recipe, by the name antipode recipes list gives."
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="FIELD=VALUE", help="Another constant of the run; may be given again."
    ),
]
Device = Annotated[str, typer.Option(help="Where runs are trained: cpu, cuda, mps or auto.")]
Workers = Annotated[
    str, typer.Option(help="local processes, or the workers of dask://HOST:PORT; same results.")
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        help="Worker processes; by default one per processor, or one on a GPU.",
        min=1,
    ),
]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Compute again what had failed.")]
Anew = Annotated[bool, typer.Option("--force", help="Make it anew, replacing what is there.")]


def _case(text: str) -> tuple[int, int]:
    """Read ``N,M``."""
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise ValueError(
            f"{text!r} is not a case; write features,hidden dimensions, for instance 3,2"
        )
    return int(parts[0]), int(parts[1])


def _features(law: str, amplitude: str, density: str | None, activation: str) -> "FeatureLaw":
    """Read the law of the features; refuse what does not go with it."""
    from theory.laws import FeatureLaw
    from theory.problem import check_activation

    features = FeatureLaw.parse(law, amplitude)
    if (density is None) != (features.kind == "one-hot"):
        raise ValueError(
            f"--law {law} needs --density, for instance --density 0.1"
            if density is None
            else "--law one-hot takes no --density: one of n features is on; leave it out"
        )
    check_activation(activation)
    return features


def _numbers(density: str | None, importance: str, n: int) -> tuple[Any, Any]:
    """Read the densities (None if there are none) and importances of n features."""
    from theory.rationals import parse_vector

    values = []
    for option, text in (("density", density), ("importance", importance)):
        try:
            values.append(None if text is None else parse_vector(text, n, option))
        except ValueError as error:
            raise ValueError(f"--{option}: {error}") from error
    return values[0], values[1]


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if show_version:
        emit(f"antipode {version('antipode-workbench')}")
    elif context.invoked_subcommand is None:
        emit(context.get_help())


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

    record = derivation.derive(*_case(case), level=level, digits=digits)
    if as_json:
        emit_report(record, True)
    else:
        emit(derivation.render_latex(record) if latex else derivation.render_text(record))


@app.command(
    epilog="Example: antipode loss model.safetensors --density 3/10 --importance 1,1/2 --json"
)
def loss(
    model: ModelArgument,
    density: Density = None,
    importance: Importance = "1",
    law: Law = "independent",
    amplitude: Amplitude = "uniform",
    activation: Activation = "relu",
    instance: Instance = None,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Evaluate the population loss of a stored model, exactly or with an error estimate."""
    features = _features(law, amplitude, density, activation)
    from numerics import models_file, reports

    _one_thread()
    stored = models_file.load_model(model, instance)
    p, weights = _numbers(density, importance, stored.W.shape[1])
    with _compiling_told(quiet):
        report = reports.loss_report(stored, p, weights, features, activation)
    emit_report(report, as_json)


@app.command(epilog="Example: antipode optimum 5,2 --density 1/20 --importance 0.9^i --json")
def optimum(
    case: CaseArgument,
    density: Density = None,
    importance: Importance = "1",
    law: Law = "independent",
    amplitude: Amplitude = "uniform",
    activation: Activation = "relu",
    starts: Starts = None,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Search the least population loss over all weights and biases."""
    features = _features(law, amplitude, density, activation)
    from theory.problem import Problem

    n, m = _case(case)
    p, weights = _numbers(density, importance, n)
    problem = Problem(
        features=n,
        hidden=m,
        density=p or (),
        importance=weights,
        law=features,
        activation=activation,
    )
    from numerics import reports

    _one_thread()
    with _compiling_told(quiet), _search_progress(n, features, quiet) as progress:
        report = reports.optimum_report(problem, starts, seed, progress)
    emit_report(report, as_json)
    _note_failures(report)


@app.command(epilog="Example: antipode compare model.safetensors --density 0.3 --importance 1,0.5")
def compare(
    model: ModelArgument,
    density: Density = None,
    importance: Importance = "1",
    law: Law = "independent",
    amplitude: Amplitude = "uniform",
    activation: Activation = "relu",
    starts: Starts = None,
    seed: Seed = 0,
    instance: Instance = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Compare a stored model with the least loss known: gap, phase, nearest named shape."""
    features = _features(law, amplitude, density, activation)
    from numerics import models_file, reports

    _one_thread()
    stored = models_file.load_model(model, instance)
    n = stored.W.shape[1]
    p, weights = _numbers(density, importance, n)
    with _compiling_told(quiet), _search_progress(n, features, quiet) as progress:
        report = reports.compare_report(
            stored, p, weights, starts, seed, progress, law=features, activation=activation
        )
    emit_report(report, as_json)
    _note_failures(report)


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
    sizes = [_case(case) for case in dict.fromkeys(cases)]
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
    from figures import families, phase_change, style

    for outcome in outcomes:
        figure = phase_change.draw(outcome.dataset, outcome.summary)
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


@app.command(
    epilog="Example: antipode train notebook-intro --density 0.1 --starts 5 --out run.nc --json"
)
def train(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help=_RECIPE)],
    out: Annotated[Path, typer.Option(help="The NetCDF file to write.")],
    density: Annotated[
        str | None,
        typer.Option(help="One density in place of the recipe's: 0.3, 3/5, 0.9^i or a list."),
    ] = None,
    importance: Annotated[
        str | None, typer.Option(help="Importances: one number, a list, or 0.9^i.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Steps, in place of the recipe's.")] = None,
    starts: Annotated[
        int | None, typer.Option(help="Models trained per density; by default the recipe's.")
    ] = None,
    objective: Annotated[
        str | None, typer.Option(help="sampled batches, or the exact population loss.")
    ] = None,
    settings: Settings = None,
    seed: Seed = 0,
    device: Device = "cpu",
    executor: Workers = "local",
    jobs: Jobs = None,
    retry_failed: RetryFailed = False,
    force: Anew = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train a recipe's models, one for each density and start; resumes what was interrupted.

    With several densities loss and status are lists, in their order, of the best start each.
    """
    given = {"density": density, "importance": importance, "steps": steps, "objective": objective}
    for name, value in given.items():
        if value == "":
            raise ValueError(f"--{name} is empty; give a value, or leave it out")
        if value is not None and any(one.startswith(f"{name}=") for one in settings or ()):
            raise ValueError(f"--{name} and --set {name}=… are both given; give one of them")
    flags = [*(settings or ()), *(f"{k}={v}" for k, v in given.items() if v is not None)]
    from numerics.sweeps import places, reading, reports

    spec = reading.read_recipe(recipe, starts=starts, seed=seed, settings=flags)
    place = places.Place.file(out)
    options = {"executor": executor, "jobs": jobs, "retry_failed": retry_failed, "force": force}
    dataset = _compute(spec, place, device, quiet, options)
    report = reports.train_report(spec, dataset, str(out))
    if as_json:
        emit_report(report, True)
    else:
        emit(reports.train_table(report))
        say(f"wrote {out}", quiet)
    _note_failed_runs(dataset)


@app.command(
    epilog="Example: antipode sweep sweep.toml --out build/sweep --jobs 2 --json, "
    "antipode sweep arena-intro --grid 'learning_rate=1e-3;1e-2' --out build/sweep, "
    "antipode sweep status build/sweep"
)
def sweep(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SPEC", help="A TOML file (recipe, starts, seed, [set], [grid]) or a recipe."
        ),
    ],
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]",
            help="sweep status DIR tells how far the sweep in DIR has come.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the results.")] = None,
    starts: Annotated[int | None, typer.Option(help="Runs per cell of the grid.")] = None,
    settings: Settings = None,
    grid: Annotated[
        list[str] | None,
        typer.Option(
            "--grid", metavar="FIELD=V1;V2", help="An axis; may be given again, wins over SPEC."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Root of all random numbers, by default SPEC's.")
    ] = None,
    device: Device = "cpu",
    executor: Workers = "local",
    jobs: Jobs = None,
    csv: Annotated[
        bool, typer.Option("--csv", help="Also write results.csv, a row a run.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be computed.")
    ] = False,
    retry_failed: RetryFailed = False,
    force: Anew = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train over a grid, in any number of processes; resumes what was interrupted."""
    from numerics import executors
    from numerics.sweeps import places, reading, reports

    if source == "status" and folder is None and out is None:
        raise ValueError("no folder to tell of; write antipode sweep status DIR")
    if source == "status" and folder is not None:
        emit_report(places.status_report(folder), as_json)
        return
    if folder is not None:
        raise ValueError(f"{folder} is one argument too many; give the folder by --out {folder}")
    spec = reading.read_sweep(
        source, starts=starts, seed=seed, settings=settings or (), grid=grid or ()
    )
    executors.check_executor(executor)
    if dry_run:
        emit_report(reports.plan_report(spec, places.device_for(device, executor)), as_json)
        return
    if out is None:
        raise ValueError("no folder for the results; give one by --out DIR")
    place = places.Place.folder(out)
    options = {"executor": executor, "jobs": jobs, "retry_failed": retry_failed, "force": force}
    dataset = _compute(spec, place, device, quiet, options)
    if csv:
        places.write_csv(out / "results.csv", dataset)
    if as_json:
        emit_report(reports.sweep_report(spec, dataset, str(place.results)), True)
    say(f"wrote {place.results}", quiet)
    _note_failed_runs(dataset)


def _compute(spec: Any, place: Any, device: str, quiet: bool, options: dict[str, Any]) -> Any:
    """Return the results of a sweep, with progress on stderr."""
    from numerics import executors, progress
    from numerics.sweeps import places, running

    device = places.device_for(device, options["executor"])
    jobs = options["jobs"] or (executors.default_jobs() if device == "cpu" else 1)
    with progress.terminal_progress(quiet) as report:
        return running.make(
            spec,
            place,
            device=device,
            progress=report,
            tell=lambda text: say(text, quiet),
            **{**options, "jobs": jobs},
        )


def _note_failed_runs(dataset: Any) -> None:
    """Leave with the code of partial failure if some runs failed."""
    from numerics.sweeps import places

    tally, reasons = places.counts(dataset), places.failures(dataset)
    if tally["failed"]:
        most = max(reasons, key=lambda reason: reasons[reason])
        say(
            f"{tally['failed']} of {tally['total']} runs failed, {reasons[most]} of them: {most}; "
            "the rest is kept, and --retry-failed tries them again"
        )
        raise typer.Exit(SOME_FAILED)


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
    _one_blas_thread()
    from numerics.progress import terminal_progress
    from numerics.spheres import reports
    from theory.rationals import parse_number

    exponent = float(parse_number(power))
    with terminal_progress(quiet) as progress:
        report = reports.thomson_report(points, dim, exponent, starts, seed, progress)
    _emit_arrangement(report, as_json)


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
    _one_blas_thread()
    from numerics.progress import terminal_progress
    from numerics.spheres import reports

    with terminal_progress(quiet) as progress:
        report = reports.tammes_report(points, dim, lines, starts, seed, progress)
    _emit_arrangement(report, as_json)


def _emit_arrangement(report: dict[str, Any], as_json: bool) -> None:
    """Print an arrangement, its points only as JSON; a record is an alarm."""
    shown = report if as_json else {k: v for k, v in report.items() if k != "points"}
    emit_report(shown, as_json)
    if report["verdict"] == "short":
        say(f"short of the best known, {report['best_known']}; give more --starts")
    if report["verdict"] == "record":
        say(f"better than the best known, {report['best_known']}: to be checked")
        raise typer.Exit(ALARM)


@recipes.callback(invoke_without_command=True)
def _recipes(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        emit(context.get_help())


@recipes.command("list", epilog="Example: antipode recipes list")
def recipes_list(seed: Seed = 0, quiet: Quiet = False, as_json: Json = False) -> None:
    """List all recipes: those of the paper, of its notebook and of ARENA."""
    from numerics.recipes import tables

    record = tables.list_record()
    if as_json:
        emit_report(record, True)
    else:
        emit(tables.render_list(record))


@recipes.command("show", epilog="Example: antipode recipes show notebook-intro --json")
def recipes_show(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_RECIPE)],
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


@recipes.command("diff", epilog="Example: antipode recipes diff notebook-intro arena-intro")
def recipes_diff(
    a: Annotated[str, typer.Argument(metavar="A", help=_RECIPE)],
    b: Annotated[str, typer.Argument(metavar="B", help=_RECIPE)],
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


@app.command(epilog="Example: antipode check phase_change --from build/phase_diagram")
def check(
    section: Annotated[
        str | None, typer.Argument(help="A section of the paper; all by default.")
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="A finished folder of antipode phase-diagram.")
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

    _one_thread()
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

    here = Path(__file__).resolve().parent
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


def _search_progress(
    n: int, law: "FeatureLaw", quiet: bool
) -> AbstractContextManager["Report | None"]:
    """Return progress of a search; that of few plain features takes a moment and shows none."""
    from numerics.progress import terminal_progress

    plain = law.kind == "independent" and law.amplitude == "uniform"
    return terminal_progress() if (n > 3 or not plain) and not quiet else nullcontext()


def _compiling_told(quiet: bool) -> AbstractContextManager[None]:
    """Say so once, within the context, if kernels have to be compiled."""
    from numerics.compiled import jit

    kept = "once, " if jit.CACHED else ""
    hint = "" if jit.CACHED else "; no cache folder can be written, set NUMBA_CACHE_DIR to one"
    text = f"compiling kernels ({kept}about half a minute){hint}"
    return jit.before_compiling(lambda: say(text, quiet))


def _note_failures(report: dict[str, Any]) -> None:
    """Leave with the code of partial failure if a descent met a loss that is not finite."""
    failed = report["statuses"].get("nonfinite", 0)
    if failed:
        say(f"{failed} of {report['starts']} descents met a loss that is not finite")
        raise typer.Exit(SOME_FAILED)


def _one_blas_thread() -> None:
    """Small matrices are far slower on many threads; this is read when numpy is first imported."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _one_thread() -> None:
    """Small tensors are slower on many threads."""
    import torch

    torch.set_num_threads(1)


def main() -> NoReturn:
    """Run the command line; errors become one sentence and an exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        app()
    except SystemExit as stop:
        if stop.code in (INTERRUPTED, TERMINATED):
            command = next((one for one in _RESUMABLE if one in sys.argv), None)
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
