"""The asymmetric motif (F36), found in nets of six features trained for two lengths.

The paper dissects one net and gives no set-up.  Here every inhibited instance is found
(:func:`numerics.absolute_neurons.find_motifs`) in many nets, and, to know how often the definition
is met by chance, in the same nets with the out-weights of their neurons exchanged at random.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ...absolute_neurons import Motif, find_motifs
from ...seeds import generator
from ..experiment import Experiment, Measurements, by_quality, same
from ..trained import train
from ..work import Work
from .absolute import recipe_constants, runs_of, weights

__all__ = ["EXPERIMENTS", "instances", "quantiles"]

_FIELDS = tuple(Motif.__dataclass_fields__)
_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)


def instances(W_in: NDArray[Any], W_out: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return all motifs of nets (S, m, n), (S, n, m): their start and their fields, by name."""
    rows = [
        {"start": start, **asdict(motif)}
        for start in range(len(W_in))
        for motif in find_motifs(W_in[start].astype(float), W_out[start].astype(float))
    ]
    kinds = {"in_ratio": float, "out_ratio": float, "interference": float, "inhibition": float}
    kinds |= {"net": float, "from_helped": float}
    return {
        name: np.array([row[name] for row in rows], dtype=kinds.get(name, int))
        for name in ("start", *_FIELDS)
    }


def quantiles(values: NDArray[Any]) -> list[float] | None:
    """Return the 10th, 25th, 50th, 75th and 90th percentile."""
    return np.quantile(values, _LEVELS).tolist() if len(values) else None


def _exchanged(W_out: NDArray[Any], draws: int, seed: int) -> list[NDArray[Any]]:
    """Return the out-weights with neurons exchanged at random, several times."""
    rng = generator("exchanged neurons", seed)
    return [
        np.stack([own[:, rng.permutation(own.shape[1])] for own in W_out]) for _ in range(draws)
    ]


def _compute(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    data: dict[str, Any] = {}
    densities = constants["densities"]
    for length, stage in (("", "short"), ("longer_", "longer")):
        starts, steps = constants[f"{length}starts"], constants[f"{length}steps"]
        found = train(work, stage, runs_of(constants, densities, starts, steps, work.seed), 10)
        W_in, W_out = found["W_in"], found["W_out"]
        table = instances(W_in, W_out)
        by_chance = [
            instances(W_in, other)["start"].size / starts
            for other in _exchanged(W_out, constants["exchanges"], work.seed)
        ]
        suffix = f"_{stage}"
        start = (f"start{suffix}", starts)
        named = weights(found, start)
        data |= {f"{name}{suffix}": value for name, value in named.items()}
        data[f"loss{suffix}"] = (start[0], found["training_loss"][:, -10:].mean(1))
        data[f"by_chance{suffix}"] = ("exchange", by_chance)
        for name, values in table.items():
            data[f"{name}{suffix}"] = (f"instance{suffix}", values)
    return xr.Dataset(
        data,
        {
            "importance": ("feature", constants["importance"]),
            "density": densities[0],
            "steps": ("length", [constants["steps"], constants["longer_steps"]]),
        },
    )


def _measured(data: xr.Dataset, length: str) -> dict[str, Any]:
    own = {name: data[f"{name}_{length}"].values for name in ("start", *_FIELDS)}
    loss = data[f"loss_{length}"].values
    counts = np.bincount(own["start"], minlength=loss.size)
    share = own["net"] / own["interference"]
    some = len(share) > 0
    return {
        "starts": loss.size,
        "instances": int(counts.sum()),
        "per_net": np.bincount(counts, minlength=3).tolist(),
        "with_one": float((counts > 0).mean()),
        "with_two": float((counts > 1).mean()),
        "in_best_net": int(counts[loss.argmin()]),
        "by_chance": float(data[f"by_chance_{length}"].mean()),
        "in_ratio": quantiles(own["in_ratio"]),
        "out_ratio": quantiles(own["out_ratio"]),
        "net": quantiles(share),
        "negative": float((own["net"] <= 0).mean()) if some else None,
        "from_helped": quantiles(own["from_helped"] / own["interference"]),
        "helps": float((own["helps"] >= 0).mean()) if some else None,
        "opposite": float(own["opposite"].mean()) if some else None,
        "one_inhibitor": float((own["inhibitors"] == 1).mean()) if some else None,
    }


def _measure(data: xr.Dataset) -> Measurements:
    return {
        "density": float(data["density"]),
        "steps": data["steps"].values.tolist(),
        "short": _measured(data, "short"),
        "longer": _measured(data, "longer"),
    }


EXPERIMENTS = (
    Experiment(
        name="asymmetric_motif",
        title="The asymmetric motif in trained nets (F36)",
        constants={
            **recipe_constants(
                "paper-asymmetric",
                same(5000, "ARENA: 5000; the paper is silent"),
                by_quality(60, 400, "ours: for a distribution; the paper dissects one net"),
            ),
            "longer_steps": by_quality(20000, 80000, "ours: what training longer changes"),
            "longer_starts": by_quality(30, 100, "ours"),
            "exchanges": by_quality(5, 20, "ours: random exchanges of neurons of every net"),
        },
        compute=_compute,
        measure=_measure,
        minutes=(0.8, 6.5),
    ),
)
