"""The staircase and models beside it, computed in any number of processes, resumable."""

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..executors import Unit, run_units
from ..partial_work import PartialWork
from ..progress import Report
from ..seeds import content_key
from ..store import ConfigurationError, exclusive, provenance, write_json
from .observations import Observation, descended, observe, settled, trained
from .reports import staircase_report
from .staircase import default_densities, staircase
from .table import STORED, stored_table
from .transitions import transitions

__all__ = ["StaircaseSpec", "compare", "predict", "stem"]


def _in_silence(done: int, total: int, text: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class StaircaseSpec:
    """What a staircase is made of.

    Attributes
    ----------
    n, m
        Features and dimensions.
    densities
        Where it is predicted, besides the densities of trained models; those of the atlas from 1
        to 1/10 by default.
    descents
        Descents on the exact loss from random weights at each of the densities.
    settle
        Whether trained models are descended from, too.
    seed
        Root of the random weights.
    """

    n: int = 400
    m: int = 30
    densities: tuple[Fraction, ...] | None = None
    descents: int = 0
    settle: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.m <= self.n:
            raise ValueError(
                f"{self.n} features in {self.m} dimensions: give features ≥ dimensions ≥ 1"
            )
        if self.descents < 0:
            raise ValueError(f"{self.descents} descents: give 0 or more")
        outside = [p for p in self.densities or () if not 0 < p <= 1]
        if outside or self.densities == ():
            wrong = float(outside[0]) if outside else "missing"
            raise ValueError(f"density {wrong} is outside (0, 1]; give P(x ≠ 0)")

    @property
    def where(self) -> tuple[Fraction, ...]:
        """The densities, defaults filled in."""
        return self.densities or tuple(default_densities(stored_table()))


def stem(spec: StaircaseSpec) -> str:
    """Return the name of a staircase's files, without its ending."""
    return f"staircase_{spec.n}_{spec.m}"


def predict(
    spec: StaircaseSpec, models: Sequence[Observation] = (), progress: Report = _in_silence
) -> dict[str, Any]:
    """Return the prediction at the densities asked for and at those of models, beside these."""
    densities = sorted({*spec.where, *(model.density for model in models)}, reverse=True)
    steps = staircase(spec.n, spec.m, densities, progress=progress)
    changes = transitions([step.ranking for step in steps])
    return staircase_report(spec.n, spec.m, steps, changes, models)


def _arrays(model: Observation) -> dict[str, Any]:
    return {"W": model.W, "b": model.b, "status": model.status, "source": model.source}


def _descended(spec: StaircaseSpec, density: Fraction, start: int) -> dict[str, Any]:
    return _arrays(descended(spec.n, spec.m, density, start, spec.seed))


def _settled(model: Observation) -> dict[str, Any]:
    return _arrays(settled(model))


def _checked(spec: StaircaseSpec, path: Path | None) -> list[Observation]:
    """Read trained models of the size asked for."""
    runs = [] if path is None else trained(path)
    for run in runs:
        if run.W.shape != (spec.m, spec.n):
            m, n = run.W.shape
            raise ValueError(
                f"{path} holds models of {n} features in {m} dimensions, not of {spec.n} in "
                f"{spec.m}; give --n {n} --m {m}"
            )
    if path is not None and not runs:
        raise ValueError(f"{path} holds no run that ended; train some first")
    return runs


def _key(spec: StaircaseSpec, models: Sequence[Observation]) -> str:
    """Return a hash of all that a report depends on, the atlas among it."""
    table = sha256(STORED.read_bytes()).hexdigest()
    given = [
        sha256(f"{one.density}".encode() + one.W.tobytes() + one.b.tobytes()).hexdigest()
        for one in models
    ]
    return content_key([asdict(spec), list(map(str, spec.where)), given, table])


def _complete(path: Path, key: str) -> dict[str, Any] | None:
    """Return the report that is there, if it is this one's; None if there is none.

    Raises
    ------
    ConfigurationError
        If another one is there.
    """
    if not path.exists():
        return None
    try:
        report = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        report = {}
    if report.get("configuration") != key:
        raise ConfigurationError(
            f"{path} is another staircase; choose another folder, or pass --force to replace it"
        )
    return report


def _units(spec: StaircaseSpec, models: Sequence[Observation]) -> list[tuple[Unit, Fraction]]:
    """Return the descents to run, each with its density."""
    units = [
        (Unit(f"descended-{str(p).replace('/', '_')}-{k}", _descended, (spec, p, k)), p)
        for p in spec.where
        for k in range(spec.descents)
    ]
    if spec.settle:
        units += [
            (Unit(f"settled-{k}", _settled, (model,)), model.density)
            for k, model in enumerate(models)
        ]
    return units


def compare(
    spec: StaircaseSpec,
    out: Path,
    *,
    runs: Path | None = None,
    jobs: int = 1,
    force: bool = False,
    progress: Report = _in_silence,
    tell: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Predict a staircase, put models beside it, and write both to ``out/staircase_N_M.json``.

    Descents that have ended are kept in ``out/.partial`` and gone on from; a finished staircase of
    the same specification is returned as it is.

    Parameters
    ----------
    spec
        What it is made of.
    out
        Folder of the results.
    runs
        Training runs to compare with (``antipode train`` or ``sweep``).
    jobs
        Worker processes; the result does not depend on it.
    force
        Make it anew; discard unfinished work of another specification.
    progress
        Called with (units done, units in all, the one that ended).
    tell
        Called with what there is to say besides.

    Raises
    ------
    ValueError
        If the runs do not fit, or (unfinished) results of another specification are there.
    """
    models = _checked(spec, runs)
    path, key = out / f"{stem(spec)}.json", _key(spec, models)
    known = None if force else _complete(path, key)
    if known is not None:
        tell(f"{path} is up to date")
        return known
    with exclusive(out):
        return _made(spec, models, path, key, force=force, jobs=jobs, progress=progress)


def _made(
    spec: StaircaseSpec,
    models: list[Observation],
    path: Path,
    key: str,
    *,
    force: bool,
    jobs: int,
    progress: Report,
) -> dict[str, Any]:
    """Compute what is missing, write the report and return it."""
    work = PartialWork(path.parent / ".partial" / stem(spec), key, force=force)
    work.begin()
    units = _units(spec, models)
    missing = [unit for unit, _ in units if not work.has(unit.key)]
    done = len(units) - len(missing)

    def keep(name: str, arrays: dict[str, Any], seconds: float) -> list[Unit]:
        nonlocal done
        work.save(name, arrays)
        done += 1
        progress(done, len(units), name)
        return []

    if missing:
        progress(done, len(units), "resumed" if done else "descents")
        run_units(missing, min(jobs, len(missing)), keep)
    for unit, p in units:
        kept = work.load(unit.key)
        models.append(observe(str(kept["source"]), p, kept["W"], kept["b"], str(kept["status"])))
    report = {
        "configuration": key,
        "specification": {**asdict(spec), "densities": [str(p) for p in spec.where]},
        **predict(spec, models, progress),
        "provenance": provenance(),
    }
    write_json(path, report)
    shutil.rmtree(work.folder)
    with suppress(OSError):  # others are at work there
        work.folder.parent.rmdir()
    return report
