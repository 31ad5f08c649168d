"""Trained models on disk: safetensors files with ``W`` (m, n) or (instances, m, n) and ``b``."""

import shlex
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from .weights_files import layouts_of, load_weights, save_weights

__all__ = ["StoredModel", "load_model", "save_model"]


@dataclass(frozen=True, slots=True)
class StoredModel:
    """Weights (m, n), features are columns, and biases (n,), float64 (upcast exactly)."""

    W: NDArray[np.float64]
    b: NDArray[np.float64]


def save_model(path: Path | str, W: NDArray[np.float64], b: NDArray[np.float64]) -> None:
    """Write one model, or several with a leading instance axis.

    Raises
    ------
    ValueError
        If W and b do not fit each other, or the file cannot be written.
    """
    arrays = {"W": np.ascontiguousarray(W), "b": np.ascontiguousarray(b)}
    save_weights(path, {name: torch.tensor(array) for name, array in arrays.items()})


def load_model(path: Path, instance: int | None = None) -> StoredModel:
    """Read one model.

    Raises
    ------
    ValueError
        If the file is missing, is not safetensors, lacks ``W`` or ``b``, holds shapes that do not
        fit or numbers that are not finite, holds several instances and none was chosen, or is laid
        out as the paper's notebook or ARENA do (the message names the command that converts it).
    """
    path = Path(path)
    layouts = layouts_of(path)
    if any("W" not in layout.tensors for layout in layouts):
        raise ValueError(
            f"{path} holds a two-layer net; give a model with one matrix, ReLU(WᵀWx + b)"
        )
    found = [layout.convention for layout in layouts]
    if found and "antipode" not in found:
        raise ValueError(
            f"{path} is laid out as {' or '.join(found)}; first run antipode convert "
            f"{shlex.quote(str(path))} --from {found[0]} --to antipode --out OUT.safetensors"
            + "".join(f", or --from {other} if that made it" for other in found[1:])
        )
    stored = load_weights(path, "antipode", instance)
    if stored.instances is not None and stored.instances > 1:
        raise ValueError(
            f"{path} holds {stored.instances} instances; "
            f"choose one with --instance 0…{stored.instances - 1}"
        )
    W, b = (stored.tensors[name].double().numpy() for name in ("W", "b"))
    if stored.instances is not None:
        W, b = W[0], b[0]
    if W.shape[0] > W.shape[1]:
        raise ValueError(
            f"{path} has W of shape {W.shape}: more hidden dimensions than features; "
            "features are columns, so transpose it"
        )
    if not (np.isfinite(W).all() and np.isfinite(b).all()):
        raise ValueError(
            f"{path} contains nan or inf; save finite weights, or choose a run that did not fail"
        )
    return StoredModel(W, b)
