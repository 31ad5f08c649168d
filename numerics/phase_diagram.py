r"""A phase diagram from beginning to end: optimum, trained and sampled models, verification, files.

The work falls into units (:mod:`numerics.stages`) that run in any order on any number of workers
and are kept as they end, so it can be interrupted at any moment and goes on where it was.  A
folder has one configuration of options; each case in it is complete once ``summary.json`` names
it.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import xarray as xr

from . import stages
from .executors import Unit, run_units
from .partial_work import PartialWork
from .plane import SCHEMA, PlaneSpec
from .progress import Report
from .results import assemble
from .sampled_training import train_sampled
from .store import (
    ConfigurationError,
    configuration_of,
    provenance,
    write_dataset,
    write_json,
)

__all__ = [
    "Outcome",
    "complete_cases",
    "compute",
    "files_of",
    "finish",
    "plan_seconds",
    "read_summary",
]

_ROW_BLOCKS = 8
_SAMPLED_BLOCK = 43
_LEAST_SPACE = 50_000_000  # bytes; a default run needs about 10 MB


@dataclass(frozen=True, slots=True)
class Outcome:
    """One finished case: its dataset and its entry of ``summary.json``."""

    spec: PlaneSpec
    dataset: xr.Dataset
    summary: dict[str, Any]


def files_of(spec: PlaneSpec) -> list[str]:
    """Return the names of a case's finished files."""
    pictures = ["phase", "families"] if spec.features == 3 else ["phase"]
    kinds = ("png", "svg", "pdf")
    names = [f"{picture}_{spec.stem}.{kind}" for picture in pictures for kind in kinds]
    return [f"results_{spec.stem}.nc", *names]


def _options(spec: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in spec.items() if name not in ("features", "hidden")}


def read_summary(out: Path) -> dict[str, Any]:
    """Return the summary of a folder, an empty one if there is none."""
    path = out / "summary.json"
    if not path.exists():
        return {"schema": SCHEMA, "cases": {}}
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
        if summary["schema"] != SCHEMA:
            raise KeyError
        _ = [entry["options"].items() for entry in summary["cases"].values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"{path} is not a summary of this version; choose another folder, or pass --force"
        ) from error
    return dict(summary)


def complete_cases(
    out: Path, specs: Sequence[PlaneSpec], *, force: bool = False
) -> list[PlaneSpec]:
    """Return the cases the folder already holds, complete and of this configuration.

    With ``force`` none counts: everything is made again.

    Raises
    ------
    ConfigurationError
        If the folder holds another configuration and ``force`` is not given.
    ValueError
        If the folder cannot hold results.
    """
    try:
        if out.exists() and not out.is_dir():
            raise ValueError(f"{out} is a file; give a folder")
        parent = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
        free = shutil.disk_usage(parent).free
    except OSError as error:
        raise ValueError(f"{out} cannot be used ({error.strerror}); give a folder") from error
    if free < _LEAST_SPACE:
        raise ValueError(
            f"only {free // 1_000_000} MB are free at {parent}; free "
            f"{_LEAST_SPACE // 1_000_000} MB or choose another folder"
        )
    if force:
        return []
    summary = read_summary(out)
    wanted = _options(asdict(specs[0]))
    for case, entry in summary["cases"].items():
        if _options(entry["options"]) != wanted:
            different = [k for k, v in wanted.items() if entry["options"].get(k) != v]
            raise ConfigurationError(
                f"{out} holds case {case} of another configuration ({', '.join(different)} "
                "differ); choose another folder, or pass --force to replace it"
            )
    return [
        spec
        for spec in specs
        if summary["cases"].get(spec.case, {}).get("configuration") == spec.key
        and all((out / name).is_file() for name in files_of(spec))
        and configuration_of(out / f"results_{spec.stem}.nc") == spec.key
    ]


def _withdraw(out: Path, specs: Sequence[PlaneSpec]) -> None:
    """Take out of the summary, and remove, what is about to be replaced.

    The summary goes first, so that a folder never claims files it does not hold.
    """
    try:
        summary = read_summary(out)
    except ConfigurationError:
        (out / "summary.json").unlink(missing_ok=True)
        return
    wanted = _options(asdict(specs[0]))
    redone = {spec.case for spec in specs}
    stale = [
        case
        for case, entry in summary["cases"].items()
        if case in redone or _options(entry["options"]) != wanted
    ]
    if not stale:
        return
    summary["cases"] = {k: v for k, v in summary["cases"].items() if k not in stale}
    write_json(out / "summary.json", summary)
    for case in stale:
        n, m = map(int, case.split(","))
        for name in files_of(PlaneSpec(n, m)):
            (out / name).unlink(missing_ok=True)


def _blocks(items: Sequence[Any], size: int) -> list[list[Any]]:
    return [list(items[k : k + size]) for k in range(0, len(items), size)]


class _Case:
    """The units of one case, its finished ones, and what follows when one ends."""

    def __init__(self, spec: PlaneSpec, out: Path, force: bool) -> None:
        self.spec = spec
        self.work = PartialWork(out / ".partial" / spec.stem, spec.key, force=force)
        rows = _blocks(range(spec.density_cells), -(-spec.density_cells // _ROW_BLOCKS))
        cells = _blocks(spec.sampled_cells, _SAMPLED_BLOCK)
        self.rows = {
            name: [f"{name}-{k}" for k in range(len(rows))]
            for name in ("optimum", "trained", *(["families"] if spec.features == 3 else []))
        }
        self.sampled = [
            [f"sampled-{start}-{k}" for k in range(len(cells))]
            for start in range(spec.sampled_starts)
        ]
        functions: dict[str, Callable[..., Any]] = {
            "optimum": stages.optimum_rows,
            "trained": stages.trained_rows,
            "families": stages.family_rows,
        }
        self.first = [
            Unit(self._name(key), functions[name], (spec, block))
            for name, keys in self.rows.items()
            for key, block in zip(keys, rows, strict=True)
        ]
        self.first += [
            Unit(self._name(key), stages.sampled_block, (spec, block, start))
            for start, keys in enumerate(self.sampled)
            for key, block in zip(keys, cells, strict=True)
        ]
        self.refining = False

    def _name(self, key: str) -> str:
        return f"{self.spec.stem}/{key}"

    @property
    def size(self) -> int:
        return len(self.first) + 1

    def missing(self) -> list[Unit]:
        """Return the units still to run, the refinement only if it can start."""
        units = [unit for unit in self.first if not self.work.has(unit.key.split("/")[1])]
        return self.next_units() + units

    def next_units(self) -> list[Unit]:
        ready = all(self.work.has(key) for key in self.rows["optimum"])
        if not ready or self.refining or self.work.has("refined"):
            return []
        self.refining = True
        found = self._joined(self.rows["optimum"])
        return [Unit(self._name("refined"), stages.refine, (self.spec, found))]

    def _joined(self, keys: Sequence[str]) -> dict[str, Any]:
        parts = [self.work.load(key) for key in keys]
        return {
            name: np.concatenate([part[name] for part in parts])
            for name in parts[0]
            if name != "seconds"
        }

    def outcome(self) -> Outcome:
        """Judge and label what was computed."""
        everything = ["refined", *(key for keys in self.rows.values() for key in keys)]
        everything += [key for keys in self.sampled for key in keys]
        seconds = sum(float(self.work.load(key)["seconds"]) for key in everything)
        dataset, summary = assemble(
            self.spec,
            self.work.load("refined"),
            self._joined(self.rows["trained"]),
            [self._joined(keys) for keys in self.sampled],
            self._joined(self.rows["families"]) if "families" in self.rows else None,
            seconds,
        )
        return Outcome(self.spec, dataset, summary)


def compute(
    specs: Sequence[PlaneSpec],
    out: Path,
    *,
    jobs: int,
    force: bool = False,
    progress: Report = lambda done, total, text: None,
) -> list[Outcome]:
    """Compute phase diagrams, resuming what ``out/.partial`` holds.

    Parameters
    ----------
    specs
        Cases of one configuration of options.
    out
        Folder of the results.
    jobs
        Worker processes; results do not depend on it.
    force
        Discard unfinished work of another configuration.
    progress
        Called with (units done, units in all, the unit that ended).
    """
    cases = {spec.stem: _Case(spec, out, force) for spec in specs}
    _withdraw(out, specs)
    for case in cases.values():
        case.work.begin()
    total = sum(case.size for case in cases.values())
    missing = [unit for case in cases.values() for unit in case.missing()]
    done = sum(
        case.work.has(unit.key.split("/")[1]) for case in cases.values() for unit in case.first
    ) + sum(case.work.has("refined") for case in cases.values())
    progress(done, total, "resumed" if done else "started")

    def follow_up(name: str, arrays: dict[str, Any], seconds: float) -> list[Unit]:
        nonlocal done
        stem, key = name.split("/")
        cases[stem].work.save(key, {**arrays, "seconds": seconds})
        done += 1
        progress(done, total, f"{cases[stem].spec.case} {key}")
        return cases[stem].next_units()

    if missing:
        run_units(missing, min(jobs, len(missing)), follow_up)
    return [case.outcome() for case in cases.values()]


def finish(out: Path, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Write the results files and the summary, drop the unfinished work; return the summary.

    Pictures must be in place before: the summary is the mark of a complete case.
    """
    summary = read_summary(out)
    for outcome in outcomes:
        write_dataset(out / f"results_{outcome.spec.stem}.nc", outcome.dataset)
        summary["cases"][outcome.spec.case] = {**outcome.summary, "provenance": provenance()}
    write_json(out / "summary.json", summary)
    for outcome in outcomes:
        shutil.rmtree(out / ".partial" / outcome.spec.stem, ignore_errors=True)
    if (out / ".partial").is_dir() and not any((out / ".partial").iterdir()):
        (out / ".partial").rmdir()
    return summary


def plan_seconds(spec: PlaneSpec, measured_steps: int = 20) -> float:
    """Estimate the seconds of the sampled training on one processor, from a few steps."""
    block = [spec.problem(i, j) for i, j in spec.sampled_cells[:_SAMPLED_BLOCK]]
    train_sampled(block, steps=2, seed=spec.seed)
    start = perf_counter()
    train_sampled(block, steps=measured_steps, seed=spec.seed)
    one = (perf_counter() - start) / measured_steps / len(block)
    return one * spec.sampled_steps * len(spec.sampled_cells) * spec.sampled_starts
