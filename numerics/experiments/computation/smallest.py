r"""The motif's smallest problem: three features, five neurons, all losses exact (F36).

:mod:`theory.asymmetric_motif` has the nets.  Within them r, e and g are chosen best at every
density (Nelder and Mead, from two ratios), with one inhibiting neuron and with two; trained nets
and what descent on the exact loss makes of the best of them stand beside.  Losses are in units of
:math:`p I_3/6`, the loss of the half ignored without bias.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.optimize import minimize

from theory.absolute_value import absolute_loss
from theory.asymmetric_motif import (
    PAPER_RATIO,
    best_ratio,
    crossing,
    half_ignored_loss,
    limit_loss,
    motif,
)

from ...absolute_descent import descend_absolute
from ...absolute_neurons import find_motifs
from ...recipes import find
from ...training.specs import Run
from ..experiment import Experiment, Measurements, by_quality, json_number, same
from ..trained import train
from ..work import Arrays, Work

__all__ = ["EXPERIMENTS", "family_optimum"]

_BEGIN = (4.0, 30.0)  # ratios
_ACCURACY = 1e-4  # of log parameters
_INHIBITORS = (1, 2)


def family_optimum(
    p: float, importance: Sequence[float], inhibitors: int, ratio: float | None = None
) -> Arrays:
    """Return the least loss of the motif over e and g, and over r unless ``ratio`` is given."""
    best = None
    for first in _BEGIN if ratio is None else (ratio,):

        def loss(v: NDArray[np.float64], first: float = first) -> float:
            r = float(np.exp(v[2])) if ratio is None else first
            e, part = float(np.exp(v[0])), float(np.exp(v[1]))
            net = motif(r**0.5, e, part * r / (e * inhibitors), inhibitors)
            return float(absolute_loss(*net, p, importance))

        start = np.log([0.2, 1.0, first][: 3 if ratio is None else 2])
        found = minimize(
            loss,
            start,
            method="Nelder-Mead",
            options={"xatol": _ACCURACY, "fatol": 1e-7 * p, "maxiter": 600},
        )
        if best is None or found.fun < best.fun:
            best = found
    assert best is not None
    r = ratio if ratio is not None else float(np.exp(best.x[2]))
    return {
        "loss": np.array(best.fun),
        "ratio": np.array(r),
        "e": np.array(np.exp(best.x[0])),
        "part": np.array(np.exp(best.x[1])),
    }


def _descended(
    W_in: NDArray[Any], W_out: NDArray[Any], b: NDArray[Any], p: float, I: list[float], steps: int
) -> Arrays:
    found = descend_absolute(W_in, W_out, b, p, I, steps)
    return {
        "W_in": found.W_in,
        "W_out": found.W_out,
        "b": found.b,
        "loss": np.array(found.loss),
        "status": np.array(found.status),
    }


def _compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    I, densities, starts = constants["importance"], constants["densities"], constants["starts"]
    p = np.array(densities)
    unit = p * I[2] / 6
    cells = [(q, I, count) for q in densities for count in _INHIBITORS]
    optima = work.map("families", family_optimum, cells)
    drawn = work.map("drawn", family_optimum, [(q, I, 1, float(PAPER_RATIO)) for q in densities])
    base = replace(
        find(constants["recipe"]).spec,
        n_features=3,
        d_hidden=5,
        density=(densities[0],) * 3,
        importance=tuple(I),
        steps=constants["steps"],
        learning_rate=constants["learning_rate"],
        schedule=constants["schedule"],
    )
    runs = [
        Run(replace(base, density=(q,) * 3), start, work.seed)
        for q in densities
        for start in range(starts)
    ]
    nets = train(work, "nets", runs, 12)
    W_in, W_out, b = (
        nets[name].astype(np.float64).reshape(p.size, starts, *nets[name].shape[1:])
        for name in ("W_in", "W_out", "b")
    )
    trained = np.array(
        [
            [float(absolute_loss(W_in[k, s], W_out[k, s], b[k, s], q, I)) for s in range(starts)]
            for k, q in enumerate(densities)
        ]
    )
    best = trained.argmin(1)
    rows = np.arange(p.size)
    ends = work.map(
        "descents",
        _descended,
        [
            (W_in[k, s], W_out[k, s], b[k, s], densities[k], I, constants["descent_steps"])
            for k, s in zip(rows, best, strict=True)
        ],
    )
    found = [find_motifs(W_in[k, s], W_out[k, s]) for k, s in zip(rows, best, strict=True)]

    def family(name: str) -> NDArray[np.float64]:
        return np.array([float(one[name]) for one in optima]).reshape(p.size, len(_INHIBITORS))

    fine = np.geomspace(p.min(), p.max(), 101)
    return xr.Dataset(
        {
            "family_loss": (("density", "inhibitors"), family("loss") / unit[:, None]),
            "family_ratio": (("density", "inhibitors"), family("ratio")),
            "drawn_loss": ("density", np.array([float(one["loss"]) for one in drawn]) / unit),
            "leading_ratio": ("density", [best_ratio(q, I[0], I[2]) for q in p]),
            "trained_loss": (("density", "start"), trained / unit[:, None]),
            "trained_motifs": ("density", [len(one) for one in found]),
            "trained_ratio": (
                "density",
                [max((one.in_ratio for one in own), default=np.nan) for own in found],
            ),
            "descended_loss": ("density", np.array([float(one["loss"]) for one in ends]) / unit),
            "descended_status": ("density", [str(one["status"]) for one in ends]),
            "half_ignored": ("fine_density", half_ignored_loss(fine) / (fine / 6)),
            "limit": ("fine_density", limit_loss(fine) / (fine / 6)),
        },
        {
            "density": p,
            "fine_density": fine,
            "inhibitors": list(_INHIBITORS),
            "importance": ("feature", I),
        },
    )


def _measure(data: xr.Dataset) -> Measurements:
    p = data["density"].values
    trained = data["trained_loss"].min("start").values
    ignored = half_ignored_loss(p) / (p / 6)
    ratio = data["trained_ratio"].values
    return {
        "densities": p.tolist(),
        "crossing": float(crossing()),
        "half_ignored": ignored.tolist(),
        "one_inhibitor": data["family_loss"].sel(inhibitors=1).values.tolist(),
        "two_inhibitors": data["family_loss"].sel(inhibitors=2).values.tolist(),
        "one_inhibitor_ratio": data["family_ratio"].sel(inhibitors=1).values.tolist(),
        "two_inhibitors_ratio": data["family_ratio"].sel(inhibitors=2).values.tolist(),
        "leading_ratio": data["leading_ratio"].values.tolist(),
        "drawn": data["drawn_loss"].values.tolist(),
        "trained": trained.tolist(),
        "trained_motifs": data["trained_motifs"].values.tolist(),
        "trained_ratio": [json_number(one) for one in ratio],
        "descended": data["descended_loss"].values.tolist(),
    }


EXPERIMENTS = (
    Experiment(
        name="smallest_motif",
        title="The motif with three features and five neurons, by exact losses (F36)",
        constants={
            "recipe": same("paper-asymmetric", "the set-up of F36's nets, smaller"),
            "densities": same(
                [0.4, 0.2, 0.1, 0.05, 0.02], "ours: around the density 0.322 of the exact crossing"
            ),
            "importance": same([1.0, 0.7, 0.49], "the first three of the recipe, 0.7^i"),
            "steps": same(10000, "ours: twice ARENA's, a rate that falls to 0 at the end"),
            "learning_rate": same(3e-3, "ours: faster with the falling rate"),
            "schedule": same("cosine", "ours: so that the nets stand still"),
            "starts": by_quality(12, 100, "ours: the best counts"),
            "descent_steps": by_quality(40, 600, "ours: BFGS on the exact loss from the best"),
        },
        compute=_compute,
        measure=_measure,
        minutes=(0.7, 7.5),
    ),
)
