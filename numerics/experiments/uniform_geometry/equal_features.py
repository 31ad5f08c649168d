r"""Many equal features over density: what is trained, and what the best blocks predict (F14, F15).

Trained models are measured as :mod:`numerics.best_blocks.observations` does: exact loss, the
dimensionality :math:`D_i` of each feature, the family of the block it is in.  Beside them stands
the mix of blocks of least loss (:mod:`numerics.best_blocks.staircase`): an explicit model, so its
loss is an upper bound of the least one.

**Sticky.**  Over the axis :math:`\log 1/p` the dimensions per feature
:math:`D^* = m/\|W\|_F^2` fall from one end of their range to the other.  Falling evenly, they would
stay within w of a level L for the share (part of the range within w of L)/(range) of the axis; the
*stickiness* of L is the share they do stay, between models linear in :math:`\log 1/p`, in units of
that.

**Lines.**  A shape's line is made by whole polytopes: the features in blocks of its name whose
:math:`D_i` is that of the shape, counted in polytopes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.phases import DROPPED_NORM

from ...best_blocks.observations import TRAINED, observe
from ...best_blocks.staircase import Step, staircase
from ...recipes import find
from ...training.specs import Run
from ..experiment import Experiment, Measurements, by_quality, json_number, same
from ..trained import train
from ..work import Arrays, Work

__all__ = ["EXPERIMENT", "LINES", "compute", "measure", "stickiness"]

LINES: Mapping[str, tuple[float, int]] = {
    "tetrahedron": (3 / 4, 4),
    "triangle": (2 / 3, 3),
    "digon": (1 / 2, 2),
    "pentagon": (2 / 5, 5),
    "square-antiprism": (3 / 8, 8),
}
"""Dimensionality and vertices of the shapes whose lines the paper names."""

_ON_LINE = (
    0.02  # of dimensionality: half the distance of two lines of the paper, 2/5 and 3/8, and more
)
_WITHIN = 0.03  # of the dimensions per feature: what is still at a plateau
_ALONE = 0.97  # the least dimensionality of a feature with a dimension to itself
_SAME_LEVEL = 2e-3  # of dimensionality
_PREDICTED_TOGETHER = 4  # densities of a unit

Array = NDArray[np.float64]


def stickiness(x: Array, value: Array, level: float, width: float = _WITHIN) -> float | None:
    """Return how much longer than evenly a curve over x (k,) stays within a width of a level.

    None if the curve does not come that near, or never moves.
    """
    low, high = float(value.min()), float(value.max())
    near = min(high, level + width) - max(low, level - width)
    if near <= 0 or high == low:
        return None
    at = np.linspace(x.min(), x.max(), 20001)
    order = np.argsort(x)
    stays = float((np.abs(np.interp(at, x[order], value[order]) - level) <= width).mean())
    return stays / (near / (high - low))


def _observed(density: float, W: Array, b: Array, status: str) -> Arrays:
    if status != "done":
        n = W.shape[1]
        lost = np.array(np.nan)
        return {"loss": lost, "D": np.full(n, np.nan), "family": np.array(["failed"] * n)}
    seen = observe(TRAINED, Fraction(str(density)), W, b, status)
    return {
        "loss": np.array(seen.loss),
        "D": seen.dimensionality,
        "family": np.array(seen.families),
    }


def _levels(step: Step) -> list[tuple[float, float, str]]:
    """Return (dimensionality, share of the stored features, family), equal ones taken together."""
    merged: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for one in step.whole.levels:
        piece = step.names.get(one.block)
        kind = "single" if piece is None else piece.family
        place = round(float(one.dimensionality) / _SAME_LEVEL)
        merged.setdefault((kind, place), []).append((float(one.dimensionality), float(one.count)))
    stored = float(step.whole.represented)
    return [
        (sum(D * c for D, c in own) / sum(c for _, c in own), sum(c for _, c in own) / stored, kind)
        for (kind, _), own in merged.items()
    ]


def _behind(step: Step) -> list[float]:
    """Return by how much benefit per dimension each shape of a line is behind the leading block."""
    leader = step.ranking.pieces[0].block.benefit
    best = {
        name: max(
            (one.block.benefit for one in step.ranking.pieces if one.family == name),
            default=np.nan,
        )
        for name in LINES
    }
    return [leader - benefit for benefit in best.values()]


def _predicted(n: int, m: int, densities: Sequence[float]) -> Arrays:
    steps = staircase(n, m, [Fraction(str(p)) for p in densities])
    levels = [_levels(step) for step in steps]
    rows = [(k, *level) for k, own in enumerate(levels) for level in own]
    leaders = [step.ranking.pieces[0] for step in steps]
    return {
        "density": np.array([float(step.density) for step in steps]),
        "loss": np.array([float(step.whole.loss) for step in steps]),
        "bound": np.array([float(step.best.mix.loss) for step in steps]),
        "stored": np.array([float(step.whole.represented) for step in steps]),
        "D_star": np.array([float(step.whole.dimensions_per_feature or np.nan) for step in steps]),
        "leader": np.array([f"{one.family} {one.block.k},{one.block.d}" for one in leaders]),
        "closed": np.array([step.ranking.closed for step in steps]),
        "behind": np.array([_behind(step) for step in steps]),
        "level_at": np.array([row[0] for row in rows], dtype=np.int64),
        "level_D": np.array([row[1] for row in rows]),
        "level_share": np.array([row[2] for row in rows]),
        "level_family": np.array([row[3] for row in rows]),
    }


def _joined(parts: Sequence[Arrays]) -> dict[str, Any]:
    """Put the units of the prediction behind each other, their levels numbered on."""
    ends = np.cumsum([0, *(len(part["density"]) for part in parts)])
    for part, first in zip(parts, ends, strict=False):
        part["level_at"] = part["level_at"] + first
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    """Train a model at each density, measure it, and predict what blocks form."""
    spec = replace(find(constants["recipe"]).spec, steps=constants["steps"])
    n, m = spec.n_features, spec.d_hidden
    densities = constants["densities"]
    runs = [Run(replace(spec, density=(p,) * n), 0, work.seed) for p in densities]
    found = train(work, "train", runs)
    given = zip(densities, found["W"], found["b"], found["status"], strict=True)
    seen = work.map("observe", _observed, [(p, W, b, str(status)) for p, W, b, status in given])
    wanted = sorted(constants["predicted_densities"], reverse=True)
    together = range(0, len(wanted), _PREDICTED_TOGETHER)
    predicted = _joined(
        work.map(
            "predict", _predicted, [(n, m, wanted[k : k + _PREDICTED_TOGETHER]) for k in together]
        )
    )
    W = found["W"]
    at = "density", "feature"
    there = "predicted_density"
    return xr.Dataset(
        {
            "W": (("density", "hidden", "feature"), W),
            "b": (at, found["b"]),
            "status": ("density", found["status"].astype(str)),
            "loss": ("density", np.array([float(one["loss"]) for one in seen])),
            "dimensions_per_feature": ("density", m / (W**2).sum((1, 2))),
            "dimensionality": (at, np.array([one["D"] for one in seen])),
            "family": (at, np.array([one["family"].astype(str) for one in seen])),
            "predicted_loss": (there, predicted["loss"]),
            "predicted_bound": (there, predicted["bound"]),
            "predicted_stored": (there, predicted["stored"]),
            "predicted_dimensions_per_feature": (there, predicted["D_star"]),
            "leader": (there, predicted["leader"].astype(str)),
            "closed": (there, predicted["closed"]),
            "behind": ((there, "line"), predicted["behind"]),
            "level_density": ("level", predicted["density"][predicted["level_at"]]),
            "level_dimensionality": ("level", predicted["level_D"]),
            "level_share": ("level", predicted["level_share"]),
            "level_family": ("level", predicted["level_family"].astype(str)),
        },
        coords={
            "density": densities,
            "feature": np.arange(n),
            "hidden": np.arange(m),
            there: predicted["density"],
            "line": list(LINES),
        },
    )


def _line(data: xr.Dataset, name: str) -> dict[str, Any]:
    """Return how much of the models, and of the prediction, is on the line of a shape."""
    level, vertices = LINES[name]
    D, named = data["dimensionality"].values, data["family"].values == name
    on = np.abs(D - level) <= _ON_LINE
    stored = np.maximum((data["family"].values != "dropped").sum(1), 1)
    count = (on & named).sum(1)
    there = (data["level_family"].values == name) & (
        np.abs(data["level_dimensionality"].values - level) <= _ON_LINE
    )
    shares = data["level_share"].values[there]
    behind = data["behind"].sel(line=name).values
    spread = D[on & named]
    return {
        "polytopes": float(count.sum() / vertices),
        "densities": int((count > 0).sum()),
        "largest_share": float((count / stored).max()),
        "features_near": int(on.sum()),
        "mean_dimensionality": json_number(spread.mean() if len(spread) else None),
        "predicted_largest_share": float(shares.max(initial=0.0)),
        "behind_leader": json_number(np.nanmin(behind) if np.isfinite(behind).any() else None),
    }


def measure(data: xr.Dataset) -> Measurements:
    """Return stickiness, lines, and the sum of the dimensionalities."""
    done = data.isel(density=(data["status"] == "done").values)
    x = -np.log(done["density"].values)
    D_star = done["dimensions_per_feature"].values
    D, family = done["dimensionality"].values, done["family"].values
    norms = np.linalg.norm(done["W"].values, axis=1)
    m = done.sizes["hidden"]
    total = D.sum(1) / m
    there = -np.log(data["predicted_density"].values)
    predicted = data["predicted_dimensions_per_feature"].values
    half = np.abs(D_star - 1 / 2) <= _WITHIN
    stored = norms >= DROPPED_NORM
    in_digons = ((family == "digon") & stored).sum(1) / np.maximum(stored.sum(1), 1)
    V = done["density"].values / 3 - done["density"].values ** 2 / 4
    common = [k for k, p in enumerate(done["density"].values) if p in data["predicted_density"]]
    excess = [
        float(
            (done["loss"][k] - data["predicted_loss"].sel(predicted_density=done["density"][k]))
            / (m * V[k])
        )
        for k in common
    ]
    return {
        "features": done.sizes["feature"],
        "hidden": m,
        "models": done.sizes["density"],
        "sticky_at_1": json_number(stickiness(x, D_star, 1.0)),
        "sticky_at_half": json_number(stickiness(x, D_star, 0.5)),
        "predicted_sticky_at_1": json_number(stickiness(there, predicted, 1.0)),
        "predicted_sticky_at_half": json_number(stickiness(there, predicted, 0.5)),
        "half_plateau": [float(1 / p) for p in done["density"].values[half]],
        "digons_on_half_plateau": json_number(in_digons[half].min() if half.any() else None),
        "lines": {name: _line(done, name) for name in LINES},
        "stored_alone": int((stored & (D >= _ALONE)).sum()),
        "densest_dimensions_per_feature": json_number(D_star[0]),
        "not_learned": int((~stored).sum()),
        "not_learned_share": float((~stored).mean()),
        "sum_of_dimensionalities": [float(one) for one in total],
        "mean_sum": float(total.mean()),
        "excess": excess,
    }


_AXIS = [float(f"{10 ** (-k / 20):.4g}") for k in range(21)]
_SILENT = "paper's text silent; axis of F14, 1/(1 − S) from 1 to 10; ours: densities of the atlas"

EXPERIMENT = Experiment(
    name="equal_features",
    title="Many equal features over density: dimensions per feature, and per-feature lines",
    constants={
        "recipe": by_quality(
            "notebook-geometry",
            "paper-geometry",
            "paper: 400 features in 30 dimensions; notebook: 200 in 20, which the draft takes. All "
            "else as the recipe of this name says (antipode recipes show)",
        ),
        "steps": same(10000, "notebook; the paper is silent"),
        "densities": same(_AXIS, _SILENT),
        "predicted_densities": same(
            sorted([*_AXIS, 0.66], reverse=True),
            "ours: the same, and one where the triangle is the leading block",
        ),
    },
    compute=compute,
    measure=measure,
    minutes=(3.1, 23.0),
)
