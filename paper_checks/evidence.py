"""What claims are judged by: phase diagrams and measurements, read from a folder or computed.

A claim asks for a case, ``2,1`` or ``3,2``, or for the measurements of an experiment, and is
undetermined where they are missing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from numerics.executors import default_jobs
from numerics.experiments.results import load, measurements_of
from numerics.phase_diagram import compute, files_of, read_summary
from numerics.plane import CASES, SCHEMA, PlaneSpec
from theory.phases import DEDICATED_OVERLAP, DROPPED_NORM, norms, overlaps
from theory.problem import dropped_loss

__all__ = [
    "Diagram",
    "Evidence",
    "Progress",
    "computed",
    "default_specs",
    "from_figures",
    "from_folder",
    "holds_figures",
    "share_error",
    "state_of_last",
]

GRID = 13
Progress = Callable[[int, int, str], None]
Array = NDArray[np.float64]
_NEEDED = (
    "optimum_loss",
    "optimum_W",
    "optimum_phases",
    "theory_winner",
    "trained_W",
    "trained_phases",
    "trained_losses",
    "trained_mean_gram",
)


def state_of_last(G: Array) -> NDArray[np.str_]:
    """Return dropped, dedicated or superposed for the last feature of Gram matrices (..., n, n)."""
    kept = np.where(overlaps(G)[..., -1] < DEDICATED_OVERLAP, "dedicated", "superposed")
    return np.where(norms(G)[..., -1] < DROPPED_NORM, "dropped", kept)


def share_error(share: float, count: int) -> float:
    """Return the standard error of a share known from ``count`` runs, or cells of a plane.

    As if they were drawn at random, which overstates it for a regular grid; never below that of
    one more or less.
    """
    return float(np.sqrt(max(share * (1 - share), 1 / count) / count))


@dataclass(frozen=True)
class Diagram:
    """The dataset of one case, with what several claims derive from it."""

    dataset: xr.Dataset

    @property
    def p(self) -> Array:
        """Densities of the rows, from 1 downwards."""
        return np.asarray(self.dataset["density"].values)

    @property
    def r(self) -> Array:
        """Importances of the columns."""
        return np.asarray(self.dataset["importance"].values)

    @property
    def V(self) -> Array:
        """V = p/3 − p²/4 as a column."""
        return np.asarray(dropped_loss(self.p)[:, None])

    def values(self, name: str) -> NDArray[Any]:
        """Return the values of a variable."""
        return np.asarray(self.dataset[name].values)

    def gram(self, name: str) -> Array:
        """Return the Gram matrices of weights (..., m, n)."""
        W = self.values(name)
        return np.asarray(np.einsum("...mi,...mj->...ij", W, W))

    @cached_property
    def optimum_state(self) -> NDArray[np.str_]:
        """State of the last feature at the optimum, (rows, columns)."""
        return state_of_last(self.gram("optimum_W"))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the evidence is from, the diagrams by case, the measurements by experiment."""

    source: str
    diagrams: Mapping[str, Diagram]
    seed: int = 0
    measurements: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def measured(self, experiment: str) -> Mapping[str, Any]:
        """Return the measurements of an experiment of :mod:`numerics.experiments`, or none."""
        return self.measurements.get(experiment, {})

    def case(self, name: str) -> Diagram | None:
        """Return the diagram of a case, None if it is missing."""
        return self.diagrams.get(name)

    def lack(self, *cases: str) -> str:
        """Return a sentence on the cases among ``cases`` that are missing, empty if none is."""
        missing = [name for name in cases if name not in self.diagrams]
        if not missing:
            return ""
        return (
            f"  No diagram of {' and '.join(missing)} in {self.source}: add it with phase-diagram."
        )


def default_specs(seed: int = 0) -> list[PlaneSpec]:
    """Return the diagrams computed without a folder: coarse, no training on samples."""
    return [
        PlaneSpec(n, m, density_cells=GRID, importance_cells=GRID, sampled_starts=0, seed=seed)
        for n, m in CASES
    ]


def computed(
    specs: Sequence[PlaneSpec],
    *,
    jobs: int | None = None,
    progress: Progress = lambda done, total, text: None,
) -> Evidence:
    """Compute diagrams; nothing is kept on disk."""
    jobs = default_jobs() if jobs is None else jobs
    with TemporaryDirectory(prefix="antipode-check-") as folder:
        outcomes = compute(specs, Path(folder), jobs=jobs, progress=progress)
    return Evidence(
        source="computed",
        diagrams={outcome.spec.case: Diagram(outcome.dataset) for outcome in outcomes},
        seed=specs[0].seed,
    )


def from_folder(folder: Path, *, seed: int = 0) -> Evidence:
    """Read the finished diagrams of a folder of ``antipode phase-diagram``.

    Raises
    ------
    ValueError
        If there is none, or a file is missing, cannot be read, or belongs to another version.
    """
    remedy = f"make it again with: antipode phase-diagram 2,1 3,2 --out {folder} --force"
    if not folder.is_dir():
        raise ValueError(
            f"{folder} is not a folder; give a finished one of phase-diagram or figures"
        )
    try:
        cases = read_summary(folder)["cases"]
    except ValueError as error:
        path = folder / "summary.json"
        raise ValueError(f"{path} is not a summary of schema {SCHEMA}; {remedy}") from error
    if not cases:
        raise ValueError(
            f"{folder} holds no finished phase diagram and no data of antipode figures; give a "
            "folder that does"
        )
    diagrams = {}
    for case, entry in cases.items():
        try:
            spec = PlaneSpec(**entry["options"])
            configuration = entry["configuration"]
        except (TypeError, ValueError, KeyError) as error:
            raise ValueError(
                f"{folder / 'summary.json'} has unknown options for case {case}; {remedy}"
            ) from error
        diagrams[case] = Diagram(_read(folder / files_of(spec)[0], configuration, remedy))
    return Evidence(source=str(folder), diagrams=diagrams, seed=seed)


def holds_figures(folder: Path) -> bool:
    """Tell whether a folder is one of ``antipode figures``."""
    return (folder / "data").is_dir()


def from_figures(folder: Path, *, seed: int = 0) -> Evidence:
    """Read what a folder of ``antipode figures`` holds, measurements and phase diagrams.

    Raises
    ------
    ValueError
        If a file of results cannot be read.
    """
    names = sorted(path.stem for path in (folder / "data").glob("*.nc"))
    datasets = {name: load(folder, name) for name in names}
    cases = {f"phase_{n}_{m}": f"{n},{m}" for n, m in CASES}
    return Evidence(
        source=str(folder),
        diagrams={cases[name]: Diagram(datasets[name]) for name in names if name in cases},
        seed=seed,
        measurements={name: measurements_of(dataset) for name, dataset in datasets.items()},
    )


def _read(path: Path, configuration: str, remedy: str) -> xr.Dataset:
    if not path.is_file():
        raise ValueError(f"{path} is missing though summary.json names it; {remedy}")
    try:
        dataset = xr.load_dataset(path, engine="h5netcdf")
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path} cannot be read ({error}); {remedy}") from error
    if dataset.attrs.get("schema") != SCHEMA:
        raise ValueError(
            f"{path} has schema {dataset.attrs.get('schema')!r}, not {SCHEMA}; {remedy}"
        )
    if dataset.attrs.get("configuration") != configuration:
        raise ValueError(f"{path} is not of the configuration in summary.json; {remedy}")
    missing = [name for name in _NEEDED if name not in dataset]
    if missing:
        raise ValueError(f"{path} lacks {', '.join(missing)}; {remedy}")
    return dataset
