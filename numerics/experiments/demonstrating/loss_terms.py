r"""The loss of small models by the number of active features (F11), at all densities at once.

Each model is held as it is; :mod:`theory.active_sets` gives its :math:`L_k`, exactly.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.active_sets import active_set_losses, assembled
from theory.one_hot import limit_benefit

from ...evaluator import exact_loss
from ..experiment import Experiment, Measurements, same
from ..work import Arrays, Work
from .formulas import FORMULAS, disagreement

__all__ = ["LOSS_TERMS", "models"]

Array = NDArray[np.float64]


def models() -> dict[str, tuple[Array, Array]]:
    """Return five features in two dimensions: three ways to store some, as weights and biases."""
    turns = 2 * np.pi * np.arange(5) / 5
    directions = np.stack([np.cos(turns), np.sin(turns)])
    best = limit_benefit(directions)
    pentagon = np.sqrt(best.squared_length) * directions
    return {
        "two dedicated": (np.eye(2, 5), np.zeros(5)),
        "two digons": (np.array([[1.0, -1, 0, 0, 0], [0, 0, 1, -1, 0]]), np.zeros(5)),
        "pentagon": (pentagon, np.full(5, best.bias)),
    }


def _terms(name: str) -> Arrays:
    W, b = models()[name]
    return {"terms": np.array([float(L) for L in active_set_losses(W, b)])}


def _compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    names = list(models())
    terms = np.stack([one["terms"] for one in work.map("terms", _terms, [(k,) for k in names])])
    densest, sparsest = constants["density_range"]
    p = np.geomspace(densest, sparsest, constants["density_cells"])
    k = np.arange(terms.shape[1])
    shares = terms[:, None] * p[:, None] ** k * (1 - p[:, None]) ** (k[-1] - k)
    exact = [[float(exact_loss(*models()[name], float(q))) for q in p] for name in names]
    return xr.Dataset(
        {
            "term": (("model", "active"), terms),
            "part": (("model", "density", "active"), shares),
            "loss": (("model", "density"), np.array(exact)),
            "disagreement": (("formula",), np.array([disagreement(name) for name in FORMULAS])),
        },
        coords={"formula": list(FORMULAS), "model": names, "density": p, "active": k},
    )


def _measure(data: xr.Dataset) -> Measurements:
    loss, p = data.loss.values, data.density.values
    again = np.array([[assembled(row, q) for q in p] for row in data.term.values])
    one = data.part.sel(active=1).values / loss
    sparsest = int(p.argmin())
    return {
        "disagreement": {
            str(name): float(data.disagreement.sel(formula=name)) for name in data.formula.values
        },
        "largest_difference": float((np.abs(again - loss) / loss).max()),
        "sparsest_density": float(p[sparsest]),
        "one_active_share": {
            str(name): float(one[row, sparsest]) for row, name in enumerate(data.model.values)
        },
    }


LOSS_TERMS = Experiment(
    name="loss_terms",
    title="The loss by the number of active features",
    constants={
        "density_range": same([1.0, 0.001], "paper, axis of F9"),
        "density_cells": same(31, "ours: ten a decade"),
    },
    compute=_compute,
    measure=_measure,
    minutes=(0.1, 0.1),
)
