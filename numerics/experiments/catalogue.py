"""All experiments by name, in the order of the paper."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from .experiment import Experiment

__all__ = ["SECTIONS", "experiments", "find_experiment"]

SECTIONS: tuple[str, ...] = (
    "demonstrating",
    "phase_change",
    "uniform_geometry",
    "nonuniform_geometry",
    "correlated_features",
    "learning_dynamics",
    "adversarial",
    "privileged_basis",
    "computation",
    "compression",
    "walkthrough",
)
"""The sections of the paper, in its order: modules of this package with a tuple ``EXPERIMENTS``."""


@cache
def experiments() -> Mapping[str, Experiment]:
    """Return all experiments by name."""
    found: dict[str, Experiment] = {}
    for section in SECTIONS:
        for experiment in import_module(f".{section}", __package__).EXPERIMENTS:
            if experiment.name in found:
                raise ValueError(f"two experiments are called {experiment.name}")
            found[experiment.name] = experiment
    return found


def find_experiment(name: str) -> Experiment:
    """Return an experiment by name.

    Raises
    ------
    ValueError
        If there is none.
    """
    try:
        return experiments()[name]
    except KeyError:
        raise ValueError(
            f"experiment {name!r} is unknown; choose one of {', '.join(experiments())}"
        ) from None
