"""One training run as a value: every constant that decides it, nothing left to a default elsewhere.

A :class:`RunSpec` says which model learns which data from which initial weights by which optimiser;
a :class:`Run` adds the start and the seed.  Two runs with equal values give equal numbers.

Names are those of the public code where it has them: ``xavier-normal-rows`` is the rule of the
notebook published with arXiv 2209.10652, whose (instances, features, hidden) tensor makes the scale
depend on how many models share it; ``quarter-cosine`` is what notebook and ARENA call cosine decay.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any

from ..seeds import content_key
from .data_laws import DataLaw

__all__ = [
    "INITIALISATIONS",
    "MODELS",
    "OBJECTIVES",
    "OPTIMIZERS",
    "REDUCTIONS",
    "SCHEDULES",
    "TARGETS",
    "Run",
    "RunSpec",
]

MODELS = ("linear", "relu-output", "relu-hidden", "two-layer")
TARGETS = ("identity", "absolute", "square", "max-of-pairs")
INITIALISATIONS = (
    "xavier-normal",
    "xavier-normal-rows",
    "xavier-normal-columns",
    "kaiming-uniform",
    "kaiming-uniform-columns",
    "normal",
)
OPTIMIZERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "linear", "cosine", "quarter-cosine")
OBJECTIVES = ("sampled", "exact")
REDUCTIONS = ("mean", "sum")
_WORDS = {
    "model": MODELS,
    "target": TARGETS,
    "initialisation": INITIALISATIONS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "objective": OBJECTIVES,
    "reduction": REDUCTIONS,
}
_COUNTS = {"n_features": 1, "d_hidden": 1, "steps": 0, "batch_size": 1, "init_instances": 1}
_SMALLEST = 1e-30  # float32 squares it
_RANGES = {
    "learning_rate": (0.0, 1e3),
    "weight_decay": (0.0, 1e3),
    "epsilon": (0.0, 1.0),
    "momentum": (0.0, 0.999999),
    "beta_1": (0.0, 0.999999),
    "beta_2": (0.0, 0.999999),
    "init_scale": (0.0, 1e3),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """Everything that decides a training run but its start and seed.

    Parameters
    ----------
    model
        ``linear`` (WᵀWx + b), ``relu-output`` (ReLU(WᵀWx + b)), ``relu-hidden``
        (ReLU(Wᵀ ReLU(Wx) + b), no hidden bias) or ``two-layer``
        (ReLU(W_out ReLU(W_in x) + b), no hidden bias).
    n_features, d_hidden
        n and m.
    density
        What the law calls density, (n,); empty where the law has none.
    importance
        (outputs,).
    law, amplitude
        As :meth:`numerics.training.data_laws.DataLaw.parse` reads them.
    target
        What is learned: the features themselves, |x|, x² or the maxima of pairs
        (x₀, x₁), (x₂, x₃), …; other than the first for ``two-layer`` only.
    initialisation, init_instances, init_scale
        The rule for the weights (:mod:`numerics.training.initialisations`), the instances that
        share a tensor in rules that count them, and a factor.  Biases begin at 0.
    optimizer, learning_rate, schedule, warm_up, weight_decay, beta_1, beta_2, epsilon, momentum
        ``adam`` (decay enters the gradient), ``adamw`` (decay apart) or ``sgd`` (momentum).  Decay
        acts on weights and biases alike, as in the public code.
    reduction
        Whether the loss that is differentiated is the ``mean`` or the ``sum`` over outputs.
    objective
        ``sampled`` batches, or the ``exact`` population loss.
    batch_size, steps
        Samples a step, and steps.
    """

    model: str = "relu-output"
    n_features: int
    d_hidden: int
    density: tuple[float, ...]
    importance: tuple[float, ...]
    law: str = "independent"
    amplitude: str = "uniform"
    target: str = "identity"
    initialisation: str
    init_instances: int = 1
    init_scale: float = 1.0
    optimizer: str
    learning_rate: float
    schedule: str = "constant"
    warm_up: int = 0
    weight_decay: float = 0.0
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    momentum: float = 0.0
    reduction: str = "mean"
    objective: str = "sampled"
    batch_size: int = 1024
    steps: int

    def __post_init__(self) -> None:
        for name, words in _WORDS.items():
            value = getattr(self, name)
            if value not in words:
                raise ValueError(f"{name} {value!r} is not known; use one of {', '.join(words)}")
        for name, least in {**_COUNTS, "warm_up": 0}.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ValueError(f"{name} {value!r} is no whole number of at least {least}")
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"{name} {value!r} is no number")
            if not low <= value <= high:
                raise ValueError(f"{name} {value} is outside [{low}, {high}]")
            object.__setattr__(self, name, float(value))
        for name in ("density", "importance"):
            values = tuple(float(value) for value in getattr(self, name))
            object.__setattr__(self, name, values)
        self._check_fit()

    def _check_fit(self) -> None:
        n, m = self.n_features, self.d_hidden
        if self.model != "two-layer" and m > n:
            raise ValueError(
                f"n_features {n} is below d_hidden {m}; tied models need features ≥ hidden "
                "dimensions"
            )
        if self.model != "two-layer" and self.target != "identity":
            raise ValueError(
                f"target {self.target!r} needs model two-layer, not {self.model}; tied models "
                "learn the features themselves"
            )
        if self.target == "max-of-pairs" and n % 2:
            raise ValueError(f"target max-of-pairs needs an even number of features, not {n}")
        if len(self.importance) != self.outputs:
            raise ValueError(
                f"importance has {len(self.importance)} entries for {self.outputs} outputs; give "
                f"one number or {self.outputs}"
            )
        if not all(isfinite(i) and i >= 0 for i in self.importance) or not any(self.importance):
            raise ValueError(
                f"importance {list(self.importance)} must be finite, none negative, one positive"
            )
        if self.warm_up > self.steps:
            raise ValueError(f"warm_up {self.warm_up} is above steps {self.steps}")
        for name in ("density", "importance"):
            for value in getattr(self, name):
                if value and not _SMALLEST <= abs(value) <= 1 / _SMALLEST:
                    raise ValueError(
                        f"{name} {value} is too far from 1 for floating point; stay between "
                        f"{_SMALLEST:g} and {1 / _SMALLEST:g}"
                    )
        self.data.check(self.density, n)
        if self.objective == "exact":
            if self.model not in ("linear", "relu-output"):
                raise ValueError(
                    f"objective exact is for linear and relu-output models, not {self.model}; "
                    "use objective sampled"
                )
            self.data.exact()

    @property
    def data(self) -> DataLaw:
        """The law of the samples."""
        return DataLaw.parse(self.law, self.amplitude)

    @property
    def outputs(self) -> int:
        """Outputs of the model: n, or n/2 for the maxima of pairs."""
        return self.n_features // 2 if self.target == "max-of-pairs" else self.n_features

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as JSON values."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RunSpec":
        """Return the spec that :meth:`to_dict` wrote; a name it does not know is an error."""
        known = {field.name for field in fields(cls)}
        for name in values:
            if name not in known:
                raise ValueError(f"{name!r} is no field of a run; use {', '.join(sorted(known))}")
        tuples: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return cls(**tuples)


@dataclass(frozen=True, slots=True)
class Run:
    """A run: its spec, which start it takes, and the root of all random numbers."""

    spec: RunSpec
    start: int = 0
    seed: int = 0

    @property
    def key(self) -> str:
        """A hash of everything that decides the run."""
        return content_key(["run", self.spec.to_dict(), self.start, self.seed])

    @property
    def weights_key(self) -> str:
        """A hash of what decides the initial weights: the start and what is learned.

        Runs that differ in their optimiser only begin at the same weights; those of two cells of a
        sweep are independent.
        """
        spec = self.spec
        shape = [spec.model == "two-layer", spec.n_features, spec.outputs, spec.d_hidden]
        cell = [list(spec.density), list(spec.importance), str(spec.data), spec.target]
        return content_key(["weights", shape, cell, self.start, self.seed])

    @property
    def data_key(self) -> str:
        """A hash of what decides the samples; runs that differ in their optimiser share them."""
        spec = self.spec
        data = [spec.n_features, list(spec.density), str(spec.data), spec.batch_size]
        return content_key(["data", data, self.start, self.seed])
