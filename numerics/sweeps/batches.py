"""How the runs of a sweep are cut into batches: units of work that are kept or lost as one.

The cut is a function of the sweep and the kind of device alone, never of workers, so that a sweep
can go on elsewhere and gives the same numbers.  Runs that may be trained in one call, in the order
of the grid, fill a batch until its estimated cost is about ten seconds of one processor; an
interrupt then loses little, and what a batch costs besides (a file, a message) does not show.  On a
GPU many runs take as long as one, so batches are as large as they may be.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..seeds import content_key
from ..training.specs import Run, RunSpec
from .specification import SCHEMA, SweepSpec

__all__ = ["Batch", "seconds_of", "split"]

_SECONDS = 10.0
_MOST = 256  # runs
_APART = ("density", "importance", "learning_rate", "weight_decay", "init_scale")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some runs of a sweep: their places among all runs, and a hash of what they are."""

    key: str
    places: tuple[int, ...]
    runs: tuple[Run, ...]

    @property
    def seconds(self) -> float:
        """Estimated cost."""
        return sum(seconds_of(run.spec) for run in self.runs)


def seconds_of(spec: RunSpec) -> float:
    """Estimate the seconds of one processor a run takes; right to a factor of a few."""
    n, m = spec.n_features, spec.d_hidden
    if spec.objective == "exact":
        plain = spec.law == "independent" and spec.amplitude == "uniform"
        return 1e-2 + spec.steps * (1e-4 + 2e-6 * n * n if plain else 0.05)
    products = 6.0 * (2 if spec.model == "two-layer" else 1) * n * m
    return 1e-2 + spec.steps * (1.5e-5 + spec.batch_size * (3e-9 * n + 4e-11 * products))


def split(spec: SweepSpec, device: str = "cpu") -> list[Batch]:
    """Return the batches of a sweep on a device, in the order of their first runs."""
    groups: dict[str, list[tuple[int, Run]]] = {}
    keys: dict[int, str] = {}
    for place, run in enumerate(spec.runs()):
        cell = place // spec.starts
        if cell not in keys:
            keys[cell] = _group(run.spec)
        groups.setdefault(keys[cell], []).append((place, run))
    batches = [batch for group in groups.values() for batch in _cut(group, device)]
    return sorted(batches, key=lambda batch: batch.places[0])


def _group(spec: RunSpec) -> str:
    return content_key({k: v for k, v in spec.to_dict().items() if k not in _APART})


def _cut(group: list[tuple[int, Run]], device: str) -> Iterator[Batch]:
    fitting = _SECONDS / seconds_of(group[0][1].spec) if device == "cpu" else float(_MOST)
    size = int(min(_MOST, max(1.0, fitting)))
    for first in range(0, len(group), size):
        places, runs = zip(*group[first : first + size], strict=True)
        key = content_key([SCHEMA, "batch", [run.key for run in runs]])
        yield Batch(key, places, runs)
