"""``antipode loss``, ``optimum`` and ``compare``: one model, one problem, the two together."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from numerics.output import emit_report, say

from .exit_codes import SOME_FAILED
from .options import (
    Activation,
    Amplitude,
    CaseArgument,
    Density,
    Importance,
    Instance,
    Json,
    Law,
    ModelArgument,
    Quiet,
    Seed,
    Starts,
)
from .reading import parse_case, parse_features, parse_numbers
from .threads import one_thread

if TYPE_CHECKING:
    from numerics.models_file import StoredModel
    from numerics.progress import Report
    from theory.laws import FeatureLaw

__all__ = ["app"]

app = typer.Typer()


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
    features = parse_features(law, amplitude, density, activation)
    from numerics import reports

    one_thread()
    stored, p, weights = _stored(model, instance, density, importance)
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
    features = parse_features(law, amplitude, density, activation)
    from theory.problem import Problem

    n, m = parse_case(case)
    p, weights = parse_numbers(density, importance, n)
    problem = Problem(
        features=n,
        hidden=m,
        density=p or (),
        importance=weights,
        law=features,
        activation=activation,
    )
    from numerics import reports

    one_thread()
    _search(
        lambda progress: reports.optimum_report(problem, starts, seed, progress),
        _is_long(n, features),
        quiet,
        as_json,
    )


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
    features = parse_features(law, amplitude, density, activation)
    from numerics import reports

    one_thread()
    stored, p, weights = _stored(model, instance, density, importance)
    _search(
        lambda progress: reports.compare_report(
            stored, p, weights, starts, seed, progress, law=features, activation=activation
        ),
        _is_long(stored.W.shape[1], features),
        quiet,
        as_json,
    )


def _stored(
    path: Path, instance: int | None, density: str | None, importance: str
) -> tuple["StoredModel", Any, Any]:
    """Return a stored model, and the densities and importances of its features."""
    from numerics.models_file import load_model

    stored = load_model(path, instance)
    return stored, *parse_numbers(density, importance, stored.W.shape[1])


def _is_long(n: int, law: "FeatureLaw") -> bool:
    """Say whether a search takes more than a moment, as that of few plain features does."""
    return n > 3 or law.kind != "independent" or law.amplitude != "uniform"


def _search(
    search: Callable[["Report"], dict[str, Any]], is_long: bool, quiet: bool, as_json: bool
) -> None:
    """Search, with progress if it is long; print what is found, and note what failed."""
    from numerics.progress import terminal_progress

    with _compiling_told(quiet), terminal_progress(quiet or not is_long) as progress:
        report = search(progress)
    emit_report(report, as_json)
    failed = report["statuses"].get("nonfinite", 0)
    if failed:
        say(f"{failed} of {report['starts']} descents met a loss that is not finite")
        raise typer.Exit(SOME_FAILED)


def _compiling_told(quiet: bool) -> AbstractContextManager[None]:
    """Say so once, within the context, if kernels have to be compiled."""
    from numerics.compiled import jit

    kept = "once, " if jit.CACHED else ""
    hint = "" if jit.CACHED else "; no cache folder can be written, set NUMBA_CACHE_DIR to one"
    text = f"compiling kernels ({kept}about half a minute){hint}"
    return jit.before_compiling(lambda: say(text, quiet))
