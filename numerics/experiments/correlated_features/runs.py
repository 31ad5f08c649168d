"""Models trained as a recipe says, at several densities from several starts, with exact losses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.laws import FeatureLaw

from ...recipes import find
from ...set_descent import mixture_loss
from ...training.specs import Run
from ..experiment import Constant, by_quality, same
from ..trained import train
from ..work import Work

__all__ = ["Trained", "trained_models", "training_constants"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trained:
    """Models by density and start, (D, S, …), and the place of the best at each density.

    Attributes
    ----------
    W, b, loss
        Weights, biases and exact losses; the loss of a run that failed is inf.
    status
        As :mod:`numerics.training` says.
    best
        The start of least loss, (D,).
    """

    W: Array
    b: Array
    loss: Array
    status: NDArray[np.str_]
    best: NDArray[np.int64]

    @property
    def best_W(self) -> Array:
        """The weights of the best model at each density."""
        return self.W[np.arange(len(self.best)), self.best]

    @property
    def best_loss(self) -> Array:
        """The least loss at each density."""
        return np.asarray(self.loss.min(1))


def training_constants(recipe: str, starts: tuple[int, int]) -> dict[str, Constant]:
    """Return the constants of training by a recipe, from ``starts`` in draft and paper quality."""
    found = find(recipe)
    spec = found.spec
    return {
        "recipe": same(recipe, "ours: where no constant is named here, this recipe's"),
        "n_features": same(spec.n_features, found.sources["n_features"]),
        "d_hidden": same(spec.d_hidden, found.sources["d_hidden"]),
        "law": same(spec.law, found.sources["law"]),
        "steps": same(spec.steps, found.sources["steps"]),
        "learning_rate": same(spec.learning_rate, found.sources["learning_rate"]),
        "weight_decay": same(spec.weight_decay, found.sources["weight_decay"]),
        "starts": by_quality(
            *starts, "ours: enough to find the best and to count; the paper does not say how many"
        ),
        "runs_per_unit": same(60, "ours: some seconds of work"),
    }


def trained_models(
    constants: Mapping[str, Any],
    work: Work,
    stage: str,
    densities: Sequence[float],
    law: str | None = None,
) -> Trained:
    """Train ``constants["starts"]`` models at each density, by default under the recipe's law."""
    n, starts = constants["n_features"], constants["starts"]
    law = constants["law"] if law is None else law
    spec = replace(
        find(constants["recipe"]).spec,
        law=law,
        density=(densities[0],) * n,
        steps=constants["steps"],
        learning_rate=constants["learning_rate"],
        weight_decay=constants["weight_decay"],
    )
    runs = [
        Run(replace(spec, density=(p,) * n), start, work.seed)
        for p in densities
        for start in range(starts)
    ]
    found = train(work, stage, runs, constants["runs_per_unit"])
    W, b = (found[name].astype(float) for name in "Wb")
    loss = mixture_loss(W, b, np.repeat(densities, starts), FeatureLaw.parse(law))
    loss = np.where(found["status"] == "done", loss, np.inf)
    shape = (len(densities), starts)
    loss = loss.reshape(shape)
    return Trained(
        W=W.reshape(*shape, *W.shape[1:]),
        b=b.reshape(*shape, n),
        loss=loss,
        status=found["status"].reshape(shape),
        best=loss.argmin(1),
    )
