"""Runs and batches for the tests of training."""

import numpy as np

from numerics.training.specs import Run, RunSpec


def spec_of(n=5, m=2, **changes):
    """Return a small complete spec, with the fields that matter changed."""
    outputs = n // 2 if changes.get("target") == "max-of-pairs" else n
    fields = {
        "n_features": n,
        "d_hidden": m,
        "density": (0.3,) * n,
        "importance": tuple(0.9**i for i in range(outputs)),
        "initialisation": "xavier-normal",
        "optimizer": "adamw",
        "learning_rate": 1e-2,
        "weight_decay": 0.01,
        "steps": 250,
        "batch_size": 64,
    }
    return RunSpec(**{**fields, **changes})


def run_of(n=5, m=2, start=0, seed=0, **changes):
    return Run(spec_of(n, m, **changes), start, seed)


def batches_of(spec, count, seed=0):
    """Return batches (count, n, samples), signed where the law is."""
    rng = np.random.default_rng(seed)
    shape = (count, spec.n_features, spec.batch_size)
    x = rng.uniform(-1 if spec.amplitude == "signed" else 0, 1, shape)
    return np.where(rng.random(shape) < 0.3, x, 0).astype(np.float32)
