"""How the models of this section are trained: the notebook's recipe at a size of our own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...recipes import find
from ...training.specs import RunSpec
from ..experiment import Constant, same

__all__ = ["SHARED", "run_spec"]

_RECIPE = find("notebook-geometry").spec

SHARED: Mapping[str, Constant] = {
    "features": same(
        100, "ours: the paper states no size; five features for each dimension, half the notebook's"
    ),
    "hidden": same(20, "ours: the paper states no size; that of the notebook"),
    "importance": same(1.0, "ours: the paper states none; equal features, as in its geometry"),
    "learning_rate": same(_RECIPE.learning_rate, "notebook: lr=1e-3, constant"),
    "weight_decay": same(_RECIPE.weight_decay, "notebook: AdamW's default in PyTorch"),
    "batch_size": same(_RECIPE.batch_size, "notebook: n_batch=1024"),
    "initialisation": same(
        _RECIPE.initialisation, "notebook: xavier_normal_ on its tensor, one instance"
    ),
}


def run_spec(constants: Mapping[str, Any], density: float) -> RunSpec:
    """Return the run at one density."""
    n = constants["features"]
    return replace(
        _RECIPE,
        n_features=n,
        d_hidden=constants["hidden"],
        density=(density,) * n,
        importance=(constants["importance"],) * n,
        learning_rate=constants["learning_rate"],
        weight_decay=constants["weight_decay"],
        batch_size=constants["batch_size"],
        initialisation=constants["initialisation"],
        init_instances=1,
        steps=constants["steps"],
    )
