"""A small experiment to try the machinery with: squares of whole numbers."""

import numpy as np
import xarray as xr

from numerics.experiments.experiment import Experiment, by_quality, same
from numerics.seeds import generator


def square(number, seed):
    if number < 0:
        raise RuntimeError(f"no square of {number} here")
    noise = generator("small", number, seed).normal()
    return {"square": np.array(number**2), "noise": np.array(noise)}


def compute(constants, work):
    numbers = [constants["first"] + i for i in range(constants["count"])]
    found = work.map("squares", square, [(number, work.seed) for number in numbers])
    return xr.Dataset(
        {name: ("number", np.array([one[name] for one in found])) for name in found[0]},
        coords={"number": numbers},
    )


def measure(dataset):
    return {"sum": float(dataset["square"].sum()), "none": None}


def experiment(name="small", first=1, version=1):
    return Experiment(
        name=name,
        title="Squares",
        constants={
            "first": same(first, "ours: a place to begin"),
            "count": by_quality(3, 5, "ours: few"),
        },
        compute=compute,
        measure=measure,
        minutes=(0.1, 1.0),
        version=version,
    )
