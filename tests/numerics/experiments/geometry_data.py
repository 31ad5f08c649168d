"""Tiny datasets of the sections on geometry, each made once."""

import dataclasses
from functools import cache

from numerics.experiments.nonuniform_geometry import EXPERIMENTS
from numerics.experiments.results import compute
from numerics.experiments.uniform_geometry import equal_features, small_polytopes
from numerics.experiments.work import Work

EQUAL = {
    "recipe": "paper-varied-density",  # five equal features in two dimensions, as a recipe
    "steps": 1500,
    "densities": [0.3162, 0.1],
    "predicted_densities": [0.3162, 0.1],
}
POLYTOPES = {
    "densities": small_polytopes.EXPERIMENT.values("draft")["densities"],
    "starts": 2,
    "steps": 150,
    "branch_densities": [0.5623, 0.3162, 0.1585],
}
VARIED = {
    "base_density": 0.05,
    "relative_densities": [0.2, 1.0, 3.0],
    "starts": 2,
    "steps": 1500,
    "base_densities": [0.05],
    "searched": [1.0],
    "search_starts": 0,
}


def _with(experiment, values):
    """Compute an experiment with other constants."""
    constants = {
        name: dataclasses.replace(constant, draft=values[name])
        for name, constant in experiment.constants.items()
    }
    return compute(dataclasses.replace(experiment, constants=constants), "draft", Work())


@cache
def equal():
    return _with(equal_features.EXPERIMENT, EQUAL)


@cache
def polytopes():
    return _with(small_polytopes.EXPERIMENT, POLYTOPES)


@cache
def varied():
    return _with(EXPERIMENTS[0], VARIED)


def all_of_them():
    return {
        "equal_features": equal(),
        "small_polytopes": polytopes(),
        "varied_density": varied(),
    }
