r"""Trained models beside the prediction: the same quantities, measured, and what a shortfall is.

A model is *trained* (read from training runs), *descended* (the exact loss minimised from random
weights) or *settled* (the exact loss minimised from where training ended).  Its loss is compared
with two predictions: that of the best mix of blocks in fractions, which no mix of them is below,
and that of the best whole numbers of blocks, which is the loss of an explicit model.  So

* a loss below the first is proof of blocks that the atlas lacks;
* one between the two is as good as whole numbers allow: *finite m*;
* one above the second is proof of a *worse minimum* if the model is one, its descent converged;
  else it may be the end of training or of the descent that is missing.

Losses within :data:`CLOSE` of :math:`mV`, what dimensions are worth, are called equal.
"""

import json
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.capacity import dimensionality
from theory.phases import DROPPED_NORM
from theory.rationals import as_fraction

from ..descent import descend
from ..evaluator import exact_loss
from ..geometry.learned import learned_geometry
from ..geometry.naming import UNNAMED, name_block
from ..geometry.separation import coupled
from ..seeds import generator
from ..starts import notebook_std
from .pieces import family
from .staircase import Step

__all__ = [
    "CLOSE",
    "DESCENDED",
    "DROPPED",
    "SETTLED",
    "TRAINED",
    "Observation",
    "descended",
    "observe",
    "settled",
    "shortfall",
    "trained",
]

CLOSE = 1e-3  # of m V
NOISE = 0.05  # per coordinate of unit vectors: blocks of trained models lean towards each other
DROPPED = "dropped"
TRAINED, SETTLED, DESCENDED = "trained", "settled", "descended"
_KIND = {"model": "relu-output", "law": "independent", "amplitude": "uniform"}
_WARM_UP = 800  # steps of Adam from random weights
_MOST_STEPS = 600  # of the descent of a large model
_ACCURACY = 1e-9  # of Σ I E x²

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """A model and its geometry.

    Attributes
    ----------
    source
        ``trained``, ``settled`` or ``descended``.
    density
        p = P(x ≠ 0) of every feature.
    W, b
        Weights (m, n) and biases (n,).
    loss
        Population loss, exact.
    status
        How training or the descent ended.
    families
        The family of the block, or of the strongly coupled group in a block without a name, that
        each feature is in; ``dropped`` for the others, n of them.
    """

    source: str
    density: Fraction
    W: Array
    b: Array
    loss: float
    status: str
    families: tuple[str, ...]

    @property
    def represented(self) -> int:
        """The number of stored features."""
        return len(self.families) - self.families.count(DROPPED)

    @property
    def dimensions_per_feature(self) -> float | None:
        """D* = m/‖W‖_F², None without weights."""
        squares = float((self.W**2).sum())
        return len(self.W) / squares if squares else None

    @property
    def dimensionality(self) -> Array:
        """The D_i, shape (n,), 0 for dropped features."""
        D = np.asarray(dimensionality(self.W), float)
        return np.where(np.array(self.families) == DROPPED, 0.0, D)

    @property
    def shares(self) -> dict[str, float]:
        """The share of the stored features in each family of blocks, the largest first."""
        counts = Counter(one for one in self.families if one != DROPPED)
        return {one: count / self.represented for one, count in counts.most_common()}


def _families(W: Array) -> tuple[str, ...]:
    """Return the family of each feature's block.

    Blocks of trained models may lean on each other, more of them than there are dimensions for.
    So where a block has no name, its strongly coupled groups are looked at one by one.
    """
    found = [DROPPED] * W.shape[1]
    norms = np.linalg.norm(W, axis=0)
    if not (norms >= DROPPED_NORM).any():
        return tuple(found)
    for block in learned_geometry(W, level=NOISE).blocks:
        parts = [block]
        if block.name == UNNAMED:
            features = block.features
            groups = coupled(W[:, features] / norms[features], NOISE)
            parts += [name_block(W, features[one], level=NOISE) for one in groups if len(one) > 1]
        for part in parts:
            kind = family(part.name, [one.key for one in part.candidates if one.fits])
            for feature in part.features:
                found[feature] = kind
    return tuple(found)


def observe(source: str, density: Any, W: Array, b: Array, status: str) -> Observation:
    """Return a model (m, n), (n,) of equal features with its exact loss and its geometry."""
    p, W, b = as_fraction(density), np.asarray(W, float), np.asarray(b, float)
    loss = float(exact_loss(W, b, float(p), rtol=_ACCURACY))
    families = _families(W)
    return Observation(source, p, W, b, loss, status, families)


def trained(path: Path) -> list[Observation]:
    """Read training runs (``antipode train`` or ``sweep``) of equal independent features.

    Runs that failed are left out.  A stored density is read as the decimal that it prints as.

    Raises
    ------
    ValueError
        If the file holds no runs, or runs of other features.
    """
    try:
        with xr.open_dataset(path, engine="h5netcdf") as file:
            runs = file.load()
        sweep = json.loads(runs.attrs["sweep"])
        varied = dict(sweep["grid"])
        kinds = [varied.get(name, [sweep["base"][name]]) for name in _KIND]
        names = ("W", "b", "feature_density", "feature_importance", "status")
        W, b, p, importance, status = (runs[name] for name in names)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} holds no training runs ({error}); give a file that antipode train wrote"
        ) from error
    equal = bool((p == p.isel(feature=0)).all() and (importance == 1).all())
    if kinds != [[name] for name in _KIND.values()] or not equal:
        found = ", ".join("/".join(map(str, kind)) for kind in kinds)
        raise ValueError(
            f"{path} holds {found} runs{'' if equal else ' of unequal features'}; give runs of "
            "relu-output models of equal independent uniform features"
        )
    grid = [dim for dim in W.dims if dim not in ("hidden", "feature")]
    weights = W.transpose(*grid, "hidden", "feature").values
    weights = weights.reshape(-1, *weights.shape[-2:])
    biases = b.transpose(*grid, "feature").values.reshape(len(weights), -1)
    densities = p.isel(feature=0).broadcast_like(status).transpose(*grid).values.ravel()
    done = (status.transpose(*grid) == "done").values.ravel()
    return [
        observe(TRAINED, Fraction(str(float(densities[k]))), weights[k], biases[k], "done")
        for k in np.flatnonzero(done)
    ]


def _minimum(source: str, p: Fraction, W: Array, b: Array, warm_up: int) -> Observation:
    ended = descend(W[None], b[None], float(p), warm_up=warm_up, max_steps=_MOST_STEPS)
    return observe(source, p, ended.W[0].numpy(), ended.b[0].numpy(), ended.status[0])


def settled(model: Observation) -> Observation:
    """Return the minimum of the exact loss that descent finds from where training ended."""
    return _minimum(SETTLED, model.density, model.W, model.b, 0)


def descended(n: int, m: int, density: Any, start: int, seed: int) -> Observation:
    """Return where descent on the exact loss ends, from random weights as the notebook draws them.

    A start has the same weights at every density.
    """
    W = generator("staircase", seed, n, m, start).standard_normal((m, n)) * notebook_std(n, m)
    return _minimum(DESCENDED, as_fraction(density), W, np.zeros(n), _WARM_UP)


def shortfall(step: Step, model: Observation) -> str:
    """Say how a model's loss compares with the prediction at its density; see above."""
    width = CLOSE * len(model.W) * float(step.best.mix.V)
    if model.loss < float(step.best.mix.loss) - width:
        return "blocks the atlas lacks"
    if model.loss <= float(step.best.mix.loss) + width:
        return "as predicted"
    if model.loss <= float(step.whole.loss) + width:
        return "finite m"
    at_minimum = model.source != TRAINED and model.status == "converged"
    return "worse minimum" if at_minimum else "worse minimum or unfinished"
