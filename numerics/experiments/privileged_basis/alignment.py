r"""F29: do features lie along neurons?  Models with a linear and with a rectified hidden layer.

Each feature's :func:`numerics.neuron_blocks.alignment` is compared with that after random
rotations of the same weights, :math:`W \to QW`: the *rank* of a model is the share of rotations
whose mean over the stored features is at least its own, 0 if it is more aligned than all and
uniform on [0, 1] if its directions are arbitrary.  A linear hidden layer loses nothing by a
rotation, as it leaves :math:`W^\top W` as it is.  The *other rank* is by
:func:`numerics.neuron_blocks.neurons_per_feature`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import ortho_group

from ...neuron_blocks import alignment, neurons_per_feature
from ...neuron_samples import Samples, draw_samples
from ...recipes import find
from ...seeds import generator
from ...training.specs import Run
from ..experiment import Experiment, Measurements, by_quality, same
from ..trained import train
from ..work import Work

__all__ = ["ALIGNMENT", "MODELS", "STORED"]

MODELS = {"linear hidden layer": "paper-hidden-linear", "hidden ReLU": "paper-hidden-relu"}
STORED = 0.3  # least norm of a stored feature
_LOSSES = 5  # of each model whose loss is taken again

Array = NDArray[np.float64]


def _loss(rectified: bool, W: Array, b: Array, x: Array, weight: Array, I: Array) -> float:
    """Return the loss on samples x (S, n) of either model."""
    hidden = x @ W.T
    out = np.maximum((np.maximum(hidden, 0.0) if rectified else hidden) @ W + b, 0.0)
    return float(weight @ ((out - x) ** 2 @ I))


def _rotate_unit(
    model: str, density: float, importance: list[float], W: Array, b: Array, rotations: int
) -> dict[str, Array]:
    """Return alignments of models (starts, m, n), their ranks and what rotations cost."""
    m, n = W.shape[1:]
    rng = generator("rotations", m, rotations)
    turns = ortho_group.rvs(m, size=rotations, random_state=rng)
    samples: Samples = draw_samples(n, "alignment", 256)
    x, weight = samples.at(density)
    I = np.array(importance)
    rectified = model == "hidden ReLU"
    own = alignment(W)
    stored = np.linalg.norm(W, axis=1) >= STORED
    names = ("mean", "rank", "other_rank", "random", "loss", "cost")
    found: dict[str, list[Any]] = {name: [] for name in names}
    for k in range(len(W)):
        turned = turns @ W[k]
        mean, random = own[k, stored[k]].mean(), alignment(turned)[:, stored[k]].mean(-1)
        neurons = neurons_per_feature(W[k])[stored[k]].mean()
        others = neurons_per_feature(turned)[:, stored[k]].mean(-1)
        losses = [_loss(rectified, one, b[k], x, weight, I) for one in (W[k], *turned[:_LOSSES])]
        found["mean"].append(mean)
        found["rank"].append((random >= mean).mean())
        found["other_rank"].append((others <= neurons).mean())
        found["random"].append(random)
        found["loss"].append(losses[0])
        found["cost"].append(np.mean(losses[1:]) / losses[0])
    return {
        "alignment": np.where(stored, own, 0.0),
        **{name: np.array(values) for name, values in found.items()},
    }


def _compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    starts, densities = constants["starts"], constants["densities"]
    W, b, parts = [], [], []
    for model, recipe in MODELS.items():
        spec = replace(find(recipe).spec, steps=constants["steps"])
        runs = [
            Run(replace(spec, density=(p,) * spec.n_features), start, work.seed)
            for p in densities
            for start in range(starts)
        ]
        found = train(work, recipe, runs, runs_per_unit=8)
        shape = (len(densities), starts)
        W.append(found["W"].astype(np.float64).reshape(*shape, *found["W"].shape[1:]))
        b.append(found["b"].astype(np.float64).reshape(*shape, -1))
        units = [
            (model, p, list(spec.importance), W[-1][k], b[-1][k], constants["rotations"])
            for k, p in enumerate(densities)
        ]
        parts.append(work.map(f"rotate-{recipe}", _rotate_unit, units))

    def joined(name: str) -> Array:
        return np.array([[part[name] for part in row] for row in parts])

    dims = ("model", "density", "start")
    return xr.Dataset(
        {
            "W": ((*dims, "hidden", "feature"), np.array(W)),
            "b": ((*dims, "feature"), np.array(b)),
            "alignment": ((*dims, "feature"), joined("alignment")),
            "mean_alignment": (dims, joined("mean")),
            "rank": (dims, joined("rank")),
            "other_rank": (dims, joined("other_rank")),
            "random_mean_alignment": ((*dims, "rotation"), joined("random")),
            "loss": (dims, joined("loss")),
            "rotation_cost": (dims, joined("cost")),
        },
        coords={"model": list(MODELS), "density": list(densities), "start": range(starts)},
    )


def _measure(data: xr.Dataset) -> Measurements:
    found: dict[str, Any] = {"densities": data.density.values.tolist()}
    for model, word in zip(MODELS, ("linear", "relu"), strict=True):
        own = data.sel(model=model)
        found[f"{word}_rank"] = own["rank"].mean("start").values.tolist()
        found[f"{word}_other_rank"] = own["other_rank"].mean("start").values.tolist()
        found[f"{word}_alignment"] = own["mean_alignment"].mean("start").values.tolist()
        found[f"{word}_least_cost"] = float(own["rotation_cost"].min())
        found[f"{word}_most_cost"] = float(own["rotation_cost"].max())
    found["starts"] = data.sizes["start"]
    found["random_alignment"] = 3 / (data.sizes["hidden"] + 2)
    return found


ALIGNMENT = Experiment(
    name="neuron_alignment",
    title="Directions of features with a linear and a rectified hidden layer",
    constants={
        "densities": same([1.0, 0.3, 0.1], "keltin13; the paper does not state them"),
        "starts": by_quality(8, 64, "ours: enough to compare the ranks with a uniform law"),
        "steps": same(10_000, "ARENA; all other constants are the recipes paper-hidden-*"),
        "rotations": same(400, "ours: a rank is then known to 0.025"),
    },
    compute=_compute,
    measure=_measure,
    minutes=(0.25, 2.0),
)
