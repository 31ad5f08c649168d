"""The phase diagrams of the small cases (arXiv 2209.10652, F12, F13) and the bias-free model (F37).

A diagram is that of :mod:`numerics.phase_diagram`, its units those of :mod:`numerics.stages`; the
summary of what was judged is its measurements.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from theory.bias_free import (
    APEX,
    BiasFree,
    antipodal_onset,
    best_bias_free,
    bias_free_loss,
    critical_points,
    exchange_importance,
)

from .. import stages
from ..plane import PlaneSpec
from ..results import assemble
from .experiment import Constant, Experiment, Measurements, by_quality, same
from .work import Arrays, Work

__all__ = ["EXPERIMENTS"]

_ROWS = 6
_SAMPLED_CELLS = 43


def _joined(parts: Sequence[Arrays]) -> Arrays:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _blocks(items: Sequence[Any], size: int) -> list[list[Any]]:
    return [list(items[k : k + size]) for k in range(0, len(items), size)]


def _diagram(features: int, hidden: int, constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    spec = PlaneSpec(features, hidden, **constants, seed=work.seed)
    rows = _blocks(range(spec.density_cells), _ROWS)

    def over_rows(stage: str, function: Callable[..., Any]) -> Arrays:
        return _joined(work.map(stage, function, [(spec, block) for block in rows]))

    found = over_rows("optimum", stages.optimum_rows)
    (refined,) = work.map("refined", stages.refine, [(spec, found)])
    trained = over_rows("trained", stages.trained_rows)
    families = over_rows("families", stages.family_rows) if features == 3 else None
    cells = _blocks(spec.sampled_cells, _SAMPLED_CELLS)
    units = [(spec, block, start) for start in range(spec.sampled_starts) for block in cells]
    parts = work.map("sampled", stages.sampled_block, units)
    sampled = [_joined(one) for one in _blocks(parts, len(cells))]
    dataset, summary = assemble(spec, refined, trained, sampled, families, seconds=0.0)
    del summary["seconds"]  # units may come from another run
    dataset.attrs["summary"] = json.dumps(summary)
    return dataset


def _summary(dataset: xr.Dataset) -> Measurements:
    return dict(json.loads(dataset.attrs["summary"]))


_GRID = "p from 1 to 0.01 and r from 0.1 to 10 as in F12; how many cells the paper does not say: "
_DIAGRAM: dict[str, Constant] = {
    "density_cells": by_quality(17, 41, f"ours; {_GRID}odd, so that no row falls on a boundary"),
    "importance_cells": by_quality(17, 41, f"ours; {_GRID}odd, so that r = 1 is a column"),
    "starts": same(10, "paper: ten models for each point"),
    "train_steps": same(1000, "ours: losses no longer fall; the paper gives no hyper-parameter"),
    "sampled_starts": by_quality(3, 10, "paper: ten; three in the draft, for time"),
    "sampled_side": by_quality(9, 11, "ours: training on samples costs most, so on a lattice"),
    "sampled_steps": same(10_000, "notebook"),
    "cut": same("3/10", "ours: the cut through the candidates' losses crosses all phases"),
}


def _weights(best: BiasFree) -> tuple[float, float]:
    """Return the weights of a model, that one of W and −W whose first is not negative."""
    w1, w2 = best.weights
    return (-w1, -w2) if w1 < 0 else (w1, w2)


def _point_table(surfaces: Sequence[Sequence[float]]) -> dict[str, Any]:
    points = [(k, point) for k, (p, r) in enumerate(surfaces) for point in critical_points(p, r)]
    columns: dict[str, list[Any]] = {
        "point_surface": [k for k, _ in points],
        "point_kind": [point.kind for _, point in points],
        "point_sector": [point.sector for _, point in points],
        "point_loss": [point.loss for _, point in points],
        "point_w1": [point.weights[0] for _, point in points],
        "point_w2": [point.weights[1] for _, point in points],
    }
    return {
        name: ("point", np.array(values, dtype=object if isinstance(values[0], str) else None))
        for name, values in columns.items()
    }


def _bias_free(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    surfaces = [
        (float(p), exchange_importance(p) if r == "exchange" else float(r))
        for p, r in constants["surfaces"]
    ]
    weight = np.linspace(-constants["reach"], constants["reach"], constants["weight_points"])
    density = np.geomspace(1, 0.01, constants["plane_cells"])
    importance = np.geomspace(0.1, 10, constants["plane_cells"])
    best = [[best_bias_free(float(p), float(r)) for r in importance] for p in density]
    along = np.geomspace(0.01, 100, constants["cut_points"])
    cuts = [[_weights(best_bias_free(p, float(r))) for r in along] for p in constants["cuts"]]
    apart = np.linspace(1, 0, constants["line_points"])  # the line is flat at the apex
    line = float(APEX) - (float(APEX) - 0.01) * apart**2
    exchange = [*(exchange_importance(float(p)) for p in line[:-1]), 1.0]
    whole = np.geomspace(0.01, 1.0, constants["line_points"])
    plane = ("density", "importance")
    return xr.Dataset(
        {
            "surface_density": ("surface", [p for p, _ in surfaces]),
            "surface_importance": ("surface", [r for _, r in surfaces]),
            "surface_loss": (
                ("surface", "w2", "w1"),
                np.stack([bias_free_loss(weight, weight[:, None], p, r) for p, r in surfaces]),
            ),
            **_point_table(surfaces),
            "loss": (plane, np.array([[one.loss for one in row] for row in best])),
            "W": (
                (*plane, "feature"),
                np.array([[_weights(one) for one in row] for row in best]),
            ),
            "exchange_importance": ("exchange_density", np.array(exchange)),
            "onset_importance": (
                "onset_density",
                np.array([antipodal_onset(float(p)) for p in whole]),
            ),
            "cut_W": (("cut", "cut_importance", "feature"), np.array(cuts)),
        },
        coords={
            "w1": weight,
            "w2": weight,
            "density": density,
            "importance": importance,
            "exchange_density": line,
            "onset_density": whole,
            "cut": np.array(constants["cuts"]),
            "cut_importance": along,
        },
    )


def _bias_free_measured(dataset: xr.Dataset) -> Measurements:
    kinds, where = dataset["point_kind"].values, dataset["point_surface"].values
    minima = [
        int(((where == k) & (kinds == "minimum")).sum()) for k in range(dataset.sizes["surface"])
    ]
    steps = np.abs(np.diff(dataset["cut_W"].values[..., 1], axis=1)).max(1)
    coupling = dataset["W"].values.prod(-1)
    return {
        "surfaces": [
            [float(p), float(r)]
            for p, r in zip(dataset["surface_density"], dataset["surface_importance"], strict=True)
        ],
        "minima": minima,
        "largest_step_of_w2": {
            f"{p:g}": float(step) for p, step in zip(dataset["cut"].values, steps, strict=True)
        },
        "antipodal_share": float((coupling < 0).mean()),
    }


_SURFACES = [[0.9, 1], [0.9, 0.2], [float(APEX), 1], [0.5, "exchange"], [0.3, 1], [0.3, 0.12]]

EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        name="phase_2_1",
        title="Two features in one dimension: theory, optimum and trained models over the plane",
        constants=_DIAGRAM,
        compute=partial(_diagram, 2, 1),
        measure=_summary,
        minutes=(0.4, 2.5),
    ),
    Experiment(
        name="phase_3_2",
        title="Three features in two dimensions: the same",
        constants=_DIAGRAM,
        compute=partial(_diagram, 3, 2),
        measure=_summary,
        minutes=(1.1, 7.0),
    ),
    Experiment(
        name="bias_free",
        title="Two features on one line without biases: loss surfaces and the phases",
        constants={
            "surfaces": same(
                _SURFACES, "ours, to show each case: the comment's points are not known"
            ),
            "reach": same(1.45, "ours: all minima lie inside"),
            "weight_points": by_quality(121, 241, "ours"),
            "plane_cells": by_quality(81, 161, "ours, on the plane of F12"),
            "line_points": by_quality(40, 120, "ours"),
            "cuts": same([0.9, 0.5], "ours: one density above the apex, one below"),
            "cut_points": same(401, "ours: from r = 0.01 to 100"),
        },
        compute=_bias_free,
        measure=_bias_free_measured,
        minutes=(0.1, 0.3),
    ),
)
