"""The results of a sweep: one labelled dataset that says what it is.

Dimensions are the axes of the grid, ``start``, ``hidden``, ``feature`` (``output`` too where there
are fewer) and ``record``.  Every run has a ``status`` (``done``, ``nonfinite`` or ``failed``) and a
``reason``; where the status is not ``done``, floats are masked: nan, the fill value that the file
declares.  The training loss of a diverged run is infinite from where it diverged.

Nothing here depends on when, where or in which order the runs were computed.
"""

import json
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..store import provenance
from .batches import Batch
from .shards import DONE, FAILED, Shards
from .specification import SCHEMA, Axis, SweepSpec
from .work import PARAMETER

__all__ = ["HIT", "assemble", "rows"]

HIT = 0.01
"""A start hits if its loss is within this share of the best start's."""

Array = NDArray[Any]
_RUN = (
    "status",
    "reason",
    "loss",
    "loss_error",
)
_TEXTS = {
    "loss": "sum over outputs of importance times mean square error, of the trained model",
    "loss_error": "estimated error of loss: numerical, or the standard error of a sample mean",
    "status": "done, nonfinite (diverged) or failed (an error, or its worker died)",
    "reason": "why the status is not done",
    "training_loss": "mean of the loss of the batches (exact runs: of the population loss) over "
    "the steps up to each record",
    "best_start": "the start of least loss, -1 if none is done",
    "best_loss": "the least loss of the starts",
    "hit_rate": f"share of all starts whose loss is within {HIT:.0%} of the best, "
    "numerical errors granted",
    "spread": "largest minus least loss of the starts that are done",
    "spread_std": "standard deviation of the losses of the starts that are done",
    "feature_density": "density as the law defines it",
    "feature_marginal": "P(x_i is not 0)",
    "feature_importance": "weight of each output in the loss",
}


def assemble(
    spec: SweepSpec, batches: list[Batch], shards: Shards, configuration: str, device: str
) -> xr.Dataset:
    """Label what was computed.

    Parameters
    ----------
    spec, batches
        The sweep, and all its batches.
    shards
        Where they are kept.
    configuration, device
        Written into the file.
    """
    names = tuple(axis.name for axis in spec.axes)
    runs = (*names, "start")
    found = _gathered(spec, batches, shards)
    shape = (*spec.shape, spec.starts)
    variables: dict[str, Any] = {}
    for name in _RUN:
        variables[name] = (runs, found[name].reshape(shape))
    # starts are evaluated on the same samples, whose error is no difference between them
    granted = variables["loss_error"][1] if found["evaluator"] == "population" else 0.0
    variables |= _summary(names, variables["loss"][1], granted * np.ones(shape))
    for name, inner in _parameter_dimensions(spec).items():
        values = found[PARAMETER + name]
        variables[name] = ((*runs, *inner), values.reshape(*shape, *values.shape[1:]))
    losses = found["training_loss"]
    variables["training_loss"] = ((*runs, "record"), losses.reshape(*shape, losses.shape[1]))
    variables |= _vectors(spec)
    coordinates: dict[str, Any] = {axis.name: _coordinate(axis) for axis in spec.axes}
    coordinates["start"] = ("start", np.arange(spec.starts))
    base = spec.base
    sizes = {"hidden": base.d_hidden, "feature": base.n_features, "output": base.outputs}
    used = {axis for axes, *_ in variables.values() for axis in axes}
    coordinates |= {name: (name, np.arange(k)) for name, k in sizes.items() if name in used}
    variables |= _records(spec, found["record_steps"])
    attributes = {
        "schema": SCHEMA,
        "title": f"training runs of the recipe {spec.recipe}",
        "recipe": spec.recipe,
        "sweep": json.dumps(spec.to_dict(), ensure_ascii=False),
        "configuration": configuration,
        "seed": spec.seed,
        "starts": spec.starts,
        "evaluator": found["evaluator"],
        "hit_threshold_relative": HIT,
        "masked": "floats are nan, the fill value, where status is not done",
        **provenance(),
        "device": device,
        "dtype": str(found[PARAMETER + "b"].dtype),
    }
    dataset = xr.Dataset(variables, coordinates, attributes)
    for name, text in _TEXTS.items():
        if name in dataset:
            dataset[name].attrs["long_name"] = text
    return dataset


def _parameter_dimensions(spec: SweepSpec) -> dict[str, tuple[str, ...]]:
    output = "feature" if spec.base.outputs == spec.base.n_features else "output"
    if spec.base.model == "two-layer":
        weights = {"W_in": ("hidden", "feature"), "W_out": (output, "hidden")}
    else:
        weights = {"W": ("hidden", "feature")}
    return {**weights, "b": (output,)}


def _gathered(spec: SweepSpec, batches: list[Batch], shards: Shards) -> dict[str, Any]:
    """Return one array per variable over all runs, masked where a run gave none."""
    loaded = [(np.array(batch.places), shards.load(batch.key)) for batch in batches]
    whole = [arrays for _, arrays in loaded if "loss" in arrays]
    base = spec.base
    sizes = {"hidden": base.d_hidden, "feature": base.n_features, "output": base.outputs}
    records = max((len(arrays["record_steps"]) for arrays in whole), default=0)
    kind = whole[0][PARAMETER + "b"].dtype if whole else np.dtype(np.float32)
    found: dict[str, Any] = {
        "status": np.full(spec.total, FAILED, dtype=object),
        "reason": np.full(spec.total, "", dtype=object),
        "loss": np.full(spec.total, np.nan),
        "loss_error": np.full(spec.total, np.nan),
        "training_loss": np.full((spec.total, records), np.nan),
        "evaluator": " ".join(sorted({str(arrays["evaluator"]) for arrays in whole} - {""})),
        "record_steps": np.full((spec.total, records), -1),
    }
    for name, inner in _parameter_dimensions(spec).items():
        size = tuple(sizes[one] for one in inner)
        found[PARAMETER + name] = np.full((spec.total, *size), np.nan, dtype=kind)
    for places, arrays in loaded:
        good = arrays["status"] == DONE
        for name, values in arrays.items():
            if name in ("status", "reason"):
                found[name][places] = values
            elif name == "training_loss":
                found[name][places, : values.shape[1]] = values
            elif name == "record_steps":
                found[name][places, : len(values)] = values
            elif name != "evaluator":
                found[name][places[good]] = values[good]
    return found


def _summary(names: tuple[str, ...], loss: Array, error: Array) -> dict[str, Any]:
    """Compare the starts of each cell."""
    ended = np.isfinite(loss)
    some = ended.any(-1)
    ranked = np.where(ended, loss, np.inf)
    best = ranked.argmin(-1)
    least = ranked.min(-1)
    granted = np.where(ended, error, 0.0)
    granted = granted + np.take_along_axis(granted, best[..., None], -1)
    hits = ended & (ranked <= least[..., None] + HIT * np.abs(least[..., None]) + granted)
    counts = np.maximum(ended.sum(-1), 1)
    mean = np.where(ended, loss, 0.0).sum(-1) / counts
    deviation = np.where(ended, loss - mean[..., None], 0.0)
    largest = np.where(ended, loss, -np.inf).max(-1)

    def masked(values: Array) -> tuple[tuple[str, ...], Array]:
        return names, np.where(some, values, np.nan)

    with np.errstate(invalid="ignore"):
        return {
            "best_start": (names, np.where(some, best, -1)),
            "best_loss": masked(least),
            "hit_rate": (names, np.where(some, hits.mean(-1), 0.0)),
            "spread": masked(largest - least),
            "spread_std": masked(np.sqrt((deviation**2).sum(-1) / counts)),
        }


def _coordinate(axis: Axis) -> tuple[str, Array, dict[str, str]]:
    labels = axis.labels()
    texts = any(isinstance(label, str) for label in labels)
    values = np.array(labels, dtype=object if texts else None)
    return axis.name, values, {"long_name": f"{axis.name} of the run"}


def _vectors(spec: SweepSpec) -> dict[str, Any]:
    """Return densities, marginals and importances, one number per feature or output."""
    base = spec.base
    output = "feature" if base.outputs == base.n_features else "output"
    density, importance = spec.axis("density"), spec.axis("importance")
    assert density is not None
    found: dict[str, Any] = {}
    if all(density.values):
        found["feature_density"] = (("density", "feature"), np.array(density.values))
    if spec.axis("law") is None:
        marginals = [base.data.marginals(one, base.n_features) for one in density.values]
        found["feature_marginal"] = (("density", "feature"), np.array(marginals))
    if importance is None:
        found["feature_importance"] = ((output,), np.array(base.importance))
    else:
        found["feature_importance"] = (("importance", output), np.array(importance.values))
    return found


def _records(spec: SweepSpec, record_steps: Array) -> dict[str, Any]:
    """Return the step each record ends at: per value of the axis of steps, if there is one."""
    text = {"long_name": "step each record of training_loss ends at, -1 if there is none"}
    steps = [axis.name for axis in spec.axes].index("steps") if spec.axis("steps") else None
    by_cell = record_steps.reshape(*spec.shape, spec.starts, record_steps.shape[1])
    others = tuple(k for k in range(by_cell.ndim - 1) if k != steps)
    ends = by_cell.max(axis=others)
    return {"record_step": (("record",) if steps is None else ("steps", "record"), ends, text)}


def rows(dataset: xr.Dataset) -> list[list[str]]:
    """Return one row per run, the names first; an empty field is a masked value."""
    axes = [str(name) for name in dataset["status"].dims]
    columns = ["status", "reason", "loss", "loss_error"]
    table = [[*axes, *columns, "final_training_loss"]]
    labels = [dataset[name].values.tolist() for name in axes]
    values = [dataset[name].values for name in columns]
    last = dataset["training_loss"].values[..., -1:]
    for place in np.ndindex(*dataset["status"].shape):
        own = [one[place].item() if hasattr(one[place], "item") else one[place] for one in values]
        own.append(float(last[place][0]) if last.shape[-1] else np.nan)
        own = ["" if isinstance(one, float) and np.isnan(one) else one for one in own]
        table.append(
            [str(one) for one in (*(x[k] for x, k in zip(labels, place, strict=True)), *own)]
        )
    return table
