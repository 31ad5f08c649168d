r"""Absolute values without superposition (F33), and at every density (F34, F35).

**Monosemantic** is a neuron with max |w| / ‖w‖ > 0.99 of its in-weights, as in ARENA's code; its
docstring says 90 %, and both are counted.  An *idle* neuron serves no feature
(:mod:`numerics.absolute_neurons`) and counts in neither.  The paper does not say how long it
trained, so nets are also trained longer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from theory.absolute_value import absolute_loss

from ...absolute_neurons import concentration, gains, secondary_ratio
from ...recipes import find
from ...training.specs import Run
from ..experiment import Constant, Experiment, Measurements, by_quality, same
from ..trained import train
from ..work import Arrays, Work

__all__ = ["EXPERIMENTS", "HIGH", "LOW", "is_split", "neuron_counts"]

HIGH, LOW = 0.99, 0.9
IDLE = 0.1  # gain below which a neuron serves nothing
SERVED = 0.5  # gain from which a half of a feature is served by a neuron alone
_WEIGHTS = {
    "W_in": ("neuron", "feature"),
    "W_out": ("output", "neuron"),
    "b": ("output",),
}


def recipe_constants(name: str, steps: Constant, starts: Constant) -> dict[str, Constant]:
    """Return the constants of an experiment that trains the nets of a recipe."""
    recipe = find(name)
    return {
        "recipe": same(name, "the set-up, every constant with its source: antipode recipes show"),
        "densities": same([d[0] for d in recipe.densities], recipe.sources["densities"]),
        "importance": same(list(recipe.spec.importance), recipe.sources["importance"]),
        "steps": steps,
        "starts": starts,
        "learning_rate": same(recipe.spec.learning_rate, recipe.sources["learning_rate"]),
    }


def runs_of(
    constants: Mapping[str, Any], densities: Sequence[float], starts: int, steps: int, seed: int
) -> list[Run]:
    """Return the runs, all starts of the first density first."""
    spec = find(constants["recipe"]).spec
    return [
        Run(replace(spec, density=(p,) * spec.n_features, steps=steps), start, seed)
        for p in densities
        for start in range(starts)
    ]


def weights(found: Arrays, *leading: tuple[str, int], suffix: str = "") -> dict[str, Any]:
    """Return the weights as variables with leading dimensions of given sizes."""
    names, sizes = tuple(name for name, _ in leading), [size for _, size in leading]
    return {
        name + suffix: ((*names, *dims), found[name].reshape(*sizes, *found[name].shape[1:]))
        for name, dims in _WEIGHTS.items()
    }


def is_split(W_in: NDArray[Any], W_out: NDArray[Any]) -> bool:
    """Return whether every half of every feature has one neuron, of its own."""
    gain = gains(W_in, W_out)
    own = gain > SERVED
    halves = np.sign(W_in) * own
    alone = (own.sum(1) <= 1).all() and bool((concentration(W_in[own.any(1)]) > LOW).all())
    return bool(alone and ((halves == 1).sum(0) == 1).all() and ((halves == -1).sum(0) == 1).all())


def neuron_counts(W_in: NDArray[Any], W_out: NDArray[Any]) -> dict[str, NDArray[np.int64]]:
    """Return how many neurons (...) of nets (..., m, n) are of which kind."""
    gain = gains(W_in, W_out)
    busy = gain.max(-1) > IDLE
    pure = concentration(W_in)
    return {
        "idle": (~busy).sum(-1),
        "monosemantic": (busy & (pure > HIGH)).sum(-1),
        "slightly": (busy & (pure <= HIGH) & (pure > LOW)).sum(-1),
        "polysemantic": (busy & (pure <= LOW)).sum(-1),
        "several_served": ((gain > IDLE).sum(-1) > 1).sum(-1),
    }


def _compute_small(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    starts, importance = constants["starts"], constants["importance"]
    (p,) = constants["densities"]
    runs = runs_of(constants, [p], starts, constants["steps"], work.seed)
    found = train(work, "small", runs, 20)
    nets = [
        (
            found["W_in"][s].astype(float),
            found["W_out"][s].astype(float),
            found["b"][s].astype(float),
        )
        for s in range(starts)
    ]
    return xr.Dataset(
        {
            **weights(found, ("start", starts)),
            "loss": ("start", [float(absolute_loss(V, U, b, p, importance)) for V, U, b in nets]),
            "split": ("start", [int(is_split(W_in, W_out)) for W_in, W_out, _ in nets]),
        },
        {"density": p},
    )


def _measure_small(data: xr.Dataset) -> Measurements:
    loss, split = data["loss"].values, data["split"].values
    best = int(loss.argmin())
    n, p = data.sizes["feature"], float(data["density"])
    return {
        "starts": loss.size,
        "split": float(split.mean()),
        "split_starts": int(split.sum()),
        "best_is_split": int(split[best]),
        "best_loss": float(loss[best]) / (n * p / 3),
        "worst_split_loss": float(loss[split == 1].max()) / (n * p / 3) if split.any() else None,
        "best_other_loss": float(loss[split == 0].min()) / (n * p / 3)
        if (split == 0).any()
        else None,
    }


def _compute_large(constants: Mapping[str, Any], work: Work) -> xr.Dataset:
    densities, starts = constants["densities"], constants["starts"]
    runs = runs_of(constants, densities, starts, constants["steps"], work.seed)
    short = train(work, "short", runs, 2)
    later, longer = constants["longer_densities"], constants["longer_starts"]
    runs = runs_of(constants, later, longer, constants["longer_steps"], work.seed)
    long = train(work, "longer", runs, 1)
    leading = [("density", len(densities)), ("start", starts)]
    longer_leading = [("longer_density", len(later)), ("longer_start", longer)]
    data = {
        **weights(short, *leading),
        **weights(long, *longer_leading, suffix="_longer"),
        "loss": (("density", "start"), _last(short, len(densities))),
        "loss_longer": (("longer_density", "longer_start"), _last(long, len(later))),
    }
    return xr.Dataset(
        data,
        {
            "density": densities,
            "longer_density": later,
            "importance": ("feature", constants["importance"]),
        },
    )


def _last(found: Arrays, densities: int) -> NDArray[np.float64]:
    """Return the mean loss of the batches of the last tenth of a training."""
    return np.asarray(found["training_loss"][:, -10:].mean(1).reshape(densities, -1))


def _shares(W_in: NDArray[Any], W_out: NDArray[Any]) -> dict[str, Any]:
    """Return the share of each kind of neuron, mean and spread over starts (density, start)."""
    counts = neuron_counts(W_in, W_out)
    busy = W_in.shape[-2] - counts.pop("idle")
    table: dict[str, Any] = {"busy": busy.mean(1).tolist()}
    for name, count in counts.items():
        share = count / np.maximum(busy, 1)
        several = share.shape[1] > 1
        table[name] = share.mean(1).tolist()
        table[f"{name}_count"] = count.mean(1).tolist()
        table[f"{name}_sd"] = share.std(1, ddof=1).tolist() if several else [None] * len(share)
    return table


def _secondary(W_in: NDArray[Any], W_out: NDArray[Any]) -> list[float | None]:
    """Return the median of second over first weight of the polysemantic neurons, by density."""
    mixed = (gains(W_in, W_out).max(-1) > IDLE) & (concentration(W_in) <= HIGH)
    ratio = secondary_ratio(W_in)
    return [
        float(np.median(own[which])) if which.any() else None
        for own, which in zip(ratio, mixed, strict=True)
    ]


def _measure_large(data: xr.Dataset) -> Measurements:
    W_in, W_out = data["W_in"].values, data["W_out"].values
    late_in, late_out = data["W_in_longer"].values, data["W_out_longer"].values
    pure = concentration(W_in)
    busy = gains(W_in, W_out).max(-1) > IDLE
    largest = np.abs(W_in).argmax(-1)
    ranks = []
    for own, which, rank in zip(pure, busy, largest, strict=True):
        some, rest = which & (own <= LOW), which & (own > LOW)
        known = some.any() and rest.any()
        ranks.append(float(rank[some].mean() - rank[rest].mean()) if known else None)
    both = ((busy & (pure > HIGH)).any(-1) & (busy & (pure <= LOW)).any(-1)).mean(1)
    dropped = (data["importance"].values.sum() / 3) * data["density"].values
    return {
        "densities": data["density"].values.tolist(),
        "longer_densities": data["longer_density"].values.tolist(),
        "starts": data.sizes["start"],
        "neurons": data.sizes["neuron"],
        **_shares(W_in, W_out),
        "rank_difference": ranks,
        "coexist": both.tolist(),
        "secondary": _secondary(W_in, W_out),
        "loss": (data["loss"].mean("start").values / dropped).tolist(),
        "longer": _shares(late_in, late_out),
        "longer_secondary": _secondary(late_in, late_out),
        "longer_loss": (
            data["loss_longer"].mean("longer_start").values
            / (data["importance"].values.sum() / 3 * data["longer_density"].values)
        ).tolist(),
    }


_ARENA_STEPS = "ARENA: 5000; the paper is silent"

EXPERIMENTS = (
    Experiment(
        name="absolute_small",
        title="Absolute values of three features by six neurons (F33)",
        constants=recipe_constants(
            "paper-absolute-small",
            same(10000, "ours: twice ARENA's, until the loss is a millionth"),
            by_quality(20, 200, "ours: how often the split is found; the paper shows one net"),
        ),
        compute=_compute_small,
        measure=_measure_small,
        minutes=(0.2, 1.6),
    ),
    Experiment(
        name="absolute_superposition",
        title="Absolute values of a hundred features by forty neurons (F34, F35)",
        constants={
            **recipe_constants(
                "paper-absolute",
                same(5000, _ARENA_STEPS),
                by_quality(3, 12, "ours: for a spread; paper and ARENA show one net a density"),
            ),
            "longer_densities": by_quality(
                [0.1, 0.03, 0.01],
                [0.3, 0.1, 0.03, 0.01, 0.003, 0.001],
                "ours: where neurons are of both kinds after 5000 steps, and the others",
            ),
            "longer_steps": by_quality(20000, 80000, "ours: what training longer changes"),
            "longer_starts": by_quality(2, 4, "ours"),
        },
        compute=_compute_large,
        measure=_measure_large,
        minutes=(2.4, 26.0),
    ),
)
