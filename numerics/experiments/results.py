"""The results of experiments in a folder: made, resumed where they were interrupted, reused.

``FOLDER/data/NAME.nc`` is the labelled dataset of an experiment, complete; its attributes hold the
constants with their origins, the measurements (JSON), seed, quality and provenance.  Unfinished
units lie in ``FOLDER/.partial/NAME``.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

import xarray as xr

from ..executors import open_workers
from ..partial_work import PartialWork
from ..progress import Report
from ..store import ConfigurationError, configuration_of, provenance, write_dataset
from .experiment import Experiment
from .work import Work

__all__ = [
    "SCHEMA",
    "Outcome",
    "compute",
    "constants_of",
    "load",
    "make",
    "measurements_of",
    "path_of",
    "unfinished",
]

SCHEMA = "antipode.experiment/1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an experiment: its dataset, or the sentence that says why there is none."""

    name: str
    dataset: xr.Dataset | None
    reused: bool = False
    failure: str = ""


def path_of(folder: Path, name: str) -> Path:
    """Return the file of an experiment's results."""
    return folder / "data" / f"{name}.nc"


def compute(experiment: Experiment, quality: str, work: Work) -> xr.Dataset:
    """Compute an experiment and label it with all that decided it."""
    dataset = experiment.compute(experiment.values(quality), work)
    measured = dict(experiment.measure(dataset))
    constants = {
        name: {"value": constant.at(quality), "origin": constant.origin}
        for name, constant in experiment.constants.items()
    }
    dataset.attrs = {
        "schema": SCHEMA,
        "experiment": experiment.name,
        "title": experiment.title,
        "quality": quality,
        "seed": work.seed,
        "configuration": experiment.configuration(quality, work.seed),
        "constants": json.dumps(constants, ensure_ascii=False),
        "measurements": json.dumps(measured, ensure_ascii=False, allow_nan=False),
        **provenance(),
    }
    return dataset


def load(folder: Path, name: str) -> xr.Dataset:
    """Read the results of an experiment.

    Raises
    ------
    ValueError
        If there are none, or the file is not of this schema.
    """
    path = path_of(folder, name)
    remedy = f"make it anew with antipode figures (see antipode figures list) --out {folder}"
    if not path.is_file():
        raise ValueError(f"{path} is missing; {remedy}")
    try:
        dataset = xr.load_dataset(path, engine="h5netcdf")
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path} cannot be read ({error}); delete it and {remedy}") from error
    if dataset.attrs.get("schema") != SCHEMA:
        raise ValueError(f"{path} is not of schema {SCHEMA}; delete it and {remedy}")
    return dataset


def constants_of(dataset: xr.Dataset) -> dict[str, Any]:
    """Return the constants a dataset was made with, by name."""
    return {name: one["value"] for name, one in json.loads(dataset.attrs["constants"]).items()}


def measurements_of(dataset: xr.Dataset) -> dict[str, Any]:
    """Return the numbers that claims are judged by."""
    return dict(json.loads(dataset.attrs["measurements"]))


def make(
    chosen: Sequence[Experiment],
    folder: Path,
    quality: str,
    *,
    seed: int = 0,
    jobs: int = 1,
    force: bool = False,
    progress: Report = lambda done, total, text: None,
) -> list[Outcome]:
    """Make what is missing and return all outcomes, in order; a failure does not stop the others.

    Raises
    ------
    ConfigurationError
        If the folder holds results of another configuration and ``force`` is not given; found
        before any work starts.
    """
    todo = unfinished(chosen, folder, quality, seed=seed, force=force)
    total = max(1, round(sum(60 * e.cost(quality) for e in todo)))
    done = 0
    outcomes = {}
    with open_workers("local", jobs) as workers:
        for experiment in chosen:
            name = experiment.name
            if experiment not in todo:
                outcome = Outcome(name, load(folder, name), reused=True)
            else:

                def tell(text: str, name: str = name, done: int = done) -> None:
                    progress(done, total, f"{name}: {text}")

                tell("begins")
                partial = PartialWork(
                    folder / ".partial" / name,
                    experiment.configuration(quality, seed),
                    force=force,
                )
                partial.begin()
                work = Work(seed, partial, workers.executor if jobs > 1 else None, tell)
                outcome = _made(experiment, folder, quality, work, partial)
                done = min(total, done + round(60 * experiment.cost(quality)))
            outcomes[name] = outcome
    return [outcomes[experiment.name] for experiment in chosen]


def unfinished(
    chosen: Sequence[Experiment], folder: Path, quality: str, *, seed: int = 0, force: bool = False
) -> list[Experiment]:
    """Return the experiments whose results a folder lacks.

    Raises
    ------
    ConfigurationError
        If it holds results of another configuration and ``force`` is not given.
    """
    return [e for e in chosen if not _is_complete(e, folder, quality, seed, force)]


def _is_complete(
    experiment: Experiment, folder: Path, quality: str, seed: int, force: bool
) -> bool:
    path = path_of(folder, experiment.name)
    if force or not path.is_file():
        return False
    found = configuration_of(path)
    if found is None:
        raise ConfigurationError(
            f"{path} is damaged or not of antipode figures; delete it, or pass --force to make it "
            "anew"
        )
    if found != experiment.configuration(quality, seed):
        raise ConfigurationError(
            f"{path} was made with other constants, quality, seed or version; choose another "
            "folder, or pass --force to make it anew"
        )
    return True


def _made(
    experiment: Experiment, folder: Path, quality: str, work: Work, partial: PartialWork
) -> Outcome:
    try:
        dataset = compute(experiment, quality, work)
    except ConfigurationError:
        raise
    except Exception as error:  # one experiment's defect must not cost the others
        return Outcome(experiment.name, None, failure=f"{type(error).__name__}: {error}")
    write_dataset(path_of(folder, experiment.name), dataset)
    rmtree(partial.folder, ignore_errors=True)
    return Outcome(experiment.name, load(folder, experiment.name))
