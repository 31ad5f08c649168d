"""The experiments of F1 and F7 to F11 with tiny constants, computed once."""

from dataclasses import replace
from functools import cache

import xarray as xr

from numerics.experiments.catalogue import find_experiment
from numerics.experiments.experiment import same
from numerics.experiments.results import compute
from numerics.experiments.work import Work

TINY = {
    "introduction": {
        "densities": [1.0, 0.2, 0.1],
        "starts": 2,
        "steps": 300,
        "batch_size": 64,
        "learning_rate": 0.01,
        "scan_densities": [0.5],
        "descents": 2,
    },
    "basic_results": {
        "n_features": 4,
        "d_hidden": 2,
        "importance": [1.0, 0.7, 0.49, 0.343],
        "starts": 2,
        "steps": 500,
        "batch_size": 64,
        "learning_rate": 0.01,
        "linear_densities": [1.0, 0.001],
        "descents": 2,
        "descents_per_unit": 1,
        "warm_up": 10,
        "descent_steps": 60,
    },
    "loss_terms": {"density_cells": 4},
}


def tiny(name: str):
    """Return an experiment with tiny constants."""
    experiment = find_experiment(name)
    changed = {key: same(value, "ours: tiny") for key, value in TINY[name].items()}
    return replace(experiment, constants={**experiment.constants, **changed})


@cache
def data(name: str) -> xr.Dataset:
    """Return its dataset; not to be written to."""
    return compute(tiny(name), "draft", Work())
