"""What ``antipode geometry`` prints, and the weights it reads."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from theory.phases import THRESHOLDS

from ..models_file import load_model
from . import noise
from .learned import LearnedGeometry
from .naming import AMBIGUOUS, Block

__all__ = ["geometry_report", "read_weights", "summary"]

Array = NDArray[np.float64]


def read_weights(path: Path | str, instance: int | None = None) -> Array:
    """Read the weights of a model, W (m, n); a file without biases will do.

    Raises
    ------
    ValueError
        As :func:`numerics.models_file.load_model`.
    """
    path = Path(path)
    W = _weights_alone(path)
    if W is None:
        return load_model(path, instance).W
    if W.ndim not in (2, 3) or not W.size:
        raise ValueError(f"{path} has W of shape {W.shape}; store (m, n) or (instances, m, n)")
    count = len(W) if W.ndim == 3 else 1
    if instance is None and count > 1:
        raise ValueError(
            f"{path} holds {count} instances; choose one with --instance 0…{count - 1}"
        )
    if instance is not None and not 0 <= instance < count:
        raise ValueError(f"instance {instance} of {path} does not exist; it holds {count}")
    chosen = W[instance or 0] if W.ndim == 3 else W
    if chosen.shape[0] > chosen.shape[1]:
        raise ValueError(
            f"{path} has W of shape {chosen.shape}: more hidden dimensions than features; "
            "features are columns, so transpose it"
        )
    if not np.isfinite(chosen).all():
        raise ValueError(f"{path} contains nan or inf; save finite weights")
    return chosen


def _weights_alone(path: Path) -> Array | None:
    """Return W of a safetensors file that holds nothing else, as float64."""
    if not path.is_file():
        return None
    try:
        with safe_open(str(path), framework="pt") as file:
            if set(file.keys()) != {"W"}:
                return None
            tensor = file.get_tensor("W")
    except (SafetensorError, OSError):
        return None
    if not tensor.is_floating_point():
        raise ValueError(f"{path} has W of type {tensor.dtype}; store real floats")
    return np.asarray(tensor.double().numpy())


def _block(found: LearnedGeometry, block: Block) -> dict[str, Any]:
    features = block.features
    best = block.candidates[0] if block.candidates else None
    second = block.candidates[1] if len(block.candidates) > 1 else None
    D, leverage = found.dimensionality[features], found.leverage[features]
    return {
        "features": features.tolist(),
        "dimension": block.dimension,
        "name": block.name,
        "residual": best and best.residual,
        "nearest": best and best.key,
        "runner_up": second and second.key,
        "runner_up_residual": second and second.residual,
        "candidates": [one.key for one in block.candidates if one.fits],
        "direction_residual": best and best.direction_residual,
        "tolerance": block.tolerance,
        "outside": block.outside,
        "outside_tolerance": block.outside_tolerance,
        "noise": block.noise,
        "coupling": _coupling(found, block),
        "coincident": [list(group) for group in block.coincident],
        "distinct": block.distinct,
        "symmetry_order": _symmetry_order(block),
        "norms": found.norms[features].tolist(),
        "dimensionality": D.tolist(),
        "leverage": leverage.tolist(),
        "defect": (leverage - D).tolist(),
    }


def _symmetry_order(block: Block) -> int | None:
    """Return the order that all shapes a block can be have; None if it has no name."""
    fitting = [one for one in block.candidates if one.fits]
    near = fitting if block.name == AMBIGUOUS else fitting[:1]
    orders = {one.reference.shape.order for one in near}
    return orders.pop() if len(orders) == 1 else None


def _coupling(found: LearnedGeometry, block: Block) -> float | None:
    """Return the largest absolute cosine with a feature of another block."""
    inside = np.isin(found.represented, block.features)
    between = found.separation.coupling[np.ix_(inside, ~inside)]
    return float(between.max()) if between.size else None


def geometry_report(found: LearnedGeometry, tolerance: float | None = None) -> dict[str, Any]:
    """Report a geometry, and the tolerance it was found with."""
    kept = list(found.represented)
    D, leverage = found.dimensionality, found.leverage
    separation = found.separation
    return {
        "schema": "antipode.geometry/1",
        "composite": found.composite,
        "rank": found.rank,
        "sum_dimensionality": float(D.sum()),
        "sum_leverage": float(leverage.sum()),
        "largest_defect": float((leverage - D)[kept].max()),
        "dropped": list(found.dropped),
        "blocks": [_block(found, block) for block in found.blocks],
        "separation": {
            "threshold": separation.threshold,
            "weakest_within": separation.weakest_within,
            "strongest_between": separation.strongest_between,
            "typical_between": separation.typical_between,
        },
        "thresholds": {
            "dropped_norm": THRESHOLDS["dropped_norm"],
            "coupling": separation.threshold,
            "noise": found.level,
            "apart": noise.APART,
            "residual": tolerance,
        },
    }


def summary(report: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a report that is for reading: a block on a line, means for lists."""
    brief = ("name", "dimension", "residual", "runner_up", "runner_up_residual", "symmetry_order")
    blocks = [
        {
            "features": ",".join(map(str, block["features"])),
            **{key: block[key] for key in brief},
            "mean_dimensionality": sum(block["dimensionality"]) / len(block["features"]),
        }
        for block in report["blocks"]
    ]
    return {**report, "blocks": blocks}
