r"""Models trained under attack: features per dimension against the attack's strength (F28, right).

Theory beside them: one dimension given to a single feature, or to an antipodal pair, with the gain
:math:`g = \|W_i\|^2` and the bias that are best under attack.  A stored feature is attacked once in
n samples, so a dimension of k features costs

.. math::

    \Bigl(1 - \frac kn\Bigr) L(g, \beta) + \frac1n \sum_i L(g, \beta + \lambda\,G G_i/\|G_i\|),

exact losses both.  Dropped features are taken to have no weights and not to be attacked; in
training theirs are never quite 0, and an attack on one of them hits others.  Where a pair stops
being worth more than a single feature, superposition should end.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray

from theory.capacity import dimensionality, superposition
from theory.phases import DROPPED_NORM
from theory.problem import dropped_loss
from theory.robustness import attack_shifts, mean_input_norm

from ...adversarial_training import Attack, train_under_attack
from ...evaluator import exact_loss
from ...training.specs import Run, RunSpec
from ..experiment import Experiment, Measurements, by_quality, same
from ..work import Arrays, Work
from .spec import SHARED, run_spec

__all__ = ["EXPERIMENT", "READINGS", "benefit_under_attack", "compute", "measure"]

READINGS = ("mean", "input")
_DIRECTIONS = {"single": np.array([[1.0]]), "pair": np.array([[1.0, -1.0]])}
_SIDE = 25  # of the grid of gain and bias
_ZOOMS = 4
_HELD = 0.5  # norm from which a feature counts as held
_RTOL = 1e-7
_LEAST = 1e-300  # of weights of a mean, where all norms are 0

Array = NDArray[np.float64]


def benefit_under_attack(kind: str, p: float, radius: float, n: int) -> float:
    """Return what a ``single`` feature or a ``pair`` makes of its dimension, in units of V."""
    directions = _DIRECTIONS[kind]
    k = directions.shape[1]
    shift = torch.as_tensor(radius * attack_shifts(directions)[:, 0])

    def cost(gains: Array, biases: Array) -> Array:
        g, beta = (torch.as_tensor(one) for one in (gains.ravel(), biases.ravel()))
        W = g[:, None, None].sqrt() * torch.as_tensor(directions)
        b = beta[:, None].expand(-1, k)
        calm = exact_loss(W, b, p)
        hit = exact_loss(W, b + g[:, None] * shift, p)
        return np.asarray(((1 - k / n) * calm + k / n * hit).numpy()).reshape(gains.shape)

    centre, width = np.array([0.75, 0.0]), np.array([0.75, 1.0])
    for _ in range(_ZOOMS):
        gain = np.linspace(max(centre[0] - width[0], 0), centre[0] + width[0], _SIDE)
        bias = np.linspace(centre[1] - width[1], centre[1] + width[1], _SIDE)
        grid = np.meshgrid(gain, bias, indexing="ij")
        costs = cost(*grid)
        at = np.unravel_index(costs.argmin(), costs.shape)
        centre = np.array([grid[0][at], grid[1][at]])
        width = width / 5
    V = float(dropped_loss(p))
    return float((k * V - costs.min()) / V)


def _theory_unit(p: float, n: int, strengths: list[float]) -> Arrays:
    size = mean_input_norm(p, n)
    return {
        kind: np.array([benefit_under_attack(kind, p, s * size, n) for s in strengths])
        for kind in _DIRECTIONS
    }


def _trained_unit(values: dict[str, Any], seed: int, start: int, attacks: list[Any]) -> Arrays:
    """Train one model for each attack and describe it."""
    spec = RunSpec.from_dict(values)
    found: dict[str, list[Any]] = {}
    for strength, reading in attacks:
        model = train_under_attack(Run(spec, start, seed), Attack(strength, reading == "input"))
        W, b = model["W"], model["b"]
        norms = np.linalg.norm(W, axis=0)
        held = norms >= _HELD
        overlap = superposition(W)
        loss = exact_loss(torch.as_tensor(W), torch.as_tensor(b), spec.density, rtol=_RTOL)
        stored = norms >= DROPPED_NORM
        entry = {
            "features_per_dimension": (norms**2).sum() / len(W),
            "held_per_dimension": held.sum() / len(W),
            "stored_per_dimension": stored.sum() / len(W),
            "dimensionality": np.average(dimensionality(W), weights=norms**2 + _LEAST),
            "overlap": overlap[stored].mean() if stored.any() else 0.0,
            "loss": float(loss),
            "status": str(model["status"]),
        }
        for name, value in entry.items():
            found.setdefault(name, []).append(value)
    return {name: np.array(column) for name, column in found.items()}


def compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    """Train under attacks of rising strength, in both readings of its unit."""
    n, starts = constants["features"], constants["starts"]
    density = np.array(constants["densities"])
    strengths = np.linspace(0, constants["strongest"], constants["strengths"])
    attacks = [(s, reading) for s in strengths.tolist() for reading in READINGS]
    group = constants["runs_per_unit"]
    units, places = [], []
    for k, p in enumerate(density.tolist()):
        for start in range(starts):
            for first in range(0, len(attacks), group):
                part = attacks[first : first + group]
                units.append((run_spec(constants, p).to_dict(), work.seed, start, part))
                places.append((k, start, slice(first, first + len(part))))
    found = work.map("train", _trained_unit, units)
    shape = (len(density), starts, len(attacks))
    variables: dict[str, Any] = {}
    for name in found[0]:
        values = np.empty(shape, found[0][name].dtype if name != "status" else "<U9")
        for place, unit in zip(places, found, strict=True):
            values[place] = unit[name]
        variables[name] = (
            ("density", "start", "strength", "reading"),
            values.reshape(len(density), starts, len(strengths), len(READINGS)),
        )
    theory = work.map(
        "theory", _theory_unit, [(p, n, strengths.tolist()) for p in density.tolist()]
    )
    for kind in _DIRECTIONS:
        values = np.stack([one[kind] for one in theory])
        variables[f"{kind}_benefit"] = (("density", "strength"), values)
    V = dropped_loss(density)
    variables["loss_share"] = (
        variables["loss"][0],
        variables["loss"][1] / (n * V)[:, None, None, None],
    )
    return xr.Dataset(
        variables,
        coords={
            "density": density,
            "start": np.arange(starts),
            "strength": strengths,
            "reading": list(READINGS),
        },
    )


def _crossing(strengths: Array, values: Array, level: float) -> float | None:
    """Return the first strength from which values stay at most at a level, by lines between."""
    below = values <= level
    if not below[-1]:
        return None
    first = int(np.flatnonzero(~below).max(initial=-1)) + 1
    if first == 0:
        return float(strengths[0])
    before, after = values[first - 1] - level, values[first] - level
    step = strengths[first] - strengths[first - 1]
    return float(strengths[first - 1] + step * before / (before - after))


def measure(dataset: xr.Dataset) -> Measurements:
    """Return the numbers the claims are judged by: per density, means over starts."""
    strength = dataset.strength.values
    found: dict[str, Any] = {
        "densities": dataset.density.values.tolist(),
        "strengths": strength.tolist(),
        "failed_runs": int((dataset.status.values != "done").sum()),
        "grid_step": float(strength[1] - strength[0]),
    }
    for reading in READINGS:
        d = dataset.sel(reading=reading).drop_vars("status").mean("start")
        for name in ("features_per_dimension", "held_per_dimension"):
            found[f"{name}_end_{reading}"] = [
                _crossing(strength, values, 1.0) for values in d[name].values
            ]
        found[f"reduction_{reading}"] = (
            d.features_per_dimension[:, -1] / d.features_per_dimension[:, 0]
        ).values.tolist()
        found[f"dimensionality_{reading}"] = d.dimensionality.values.tolist()
        found[f"most_dimensionality_{reading}"] = d.dimensionality.max("strength").values.tolist()
        found[f"overlap_share_{reading}"] = (d.overlap[:, -1] / d.overlap[:, 0]).values.tolist()
        at_80 = int(np.abs(strength - 0.8).argmin())
        found[f"loss_ratio_at_80_{reading}"] = (d.loss[:, at_80] / d.loss[:, 0]).values.tolist()
        found[f"loss_share_at_80_{reading}"] = d.loss_share[:, at_80].values.tolist()
    advantage = (dataset.pair_benefit - dataset.single_benefit).values
    found["pair_pays_until"] = [_crossing(strength, row, 0.0) for row in advantage]
    return found


EXPERIMENT = Experiment(
    name="adversarial_training",
    title="Features per dimension after training under attack",
    constants={
        **SHARED,
        "densities": same([0.3, 0.1, 0.03], "ours: the paper states none"),
        "strongest": same(1.0, "ours: past the paper's 80 % of the input norm"),
        "strengths": by_quality(11, 21, "ours: even from 0"),
        "starts": by_quality(1, 4, "ours: the paper states none"),
        "steps": by_quality(2000, 10_000, "notebook: 10 000; the draft fewer, to be quick"),
        "runs_per_unit": same(6, "ours: units of some ten seconds"),
    },
    compute=compute,
    measure=measure,
    minutes=(1.1, 40.0),
)
