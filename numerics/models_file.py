"""Trained models on disk: safetensors files with ``W`` (m, n) or (instances, m, n) and ``b``."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from .store import write_whole

__all__ = ["StoredModel", "load_model", "save_model"]


@dataclass(frozen=True, slots=True)
class StoredModel:
    """Weights (m, n), features are columns, and biases (n,), float64 (upcast exactly)."""

    W: NDArray[np.float64]
    b: NDArray[np.float64]


def save_model(path: Path | str, W: NDArray[np.float64], b: NDArray[np.float64]) -> None:
    """Write one model, or several with a leading instance axis."""
    tensors = {"W": np.ascontiguousarray(W), "b": np.ascontiguousarray(b)}
    write_whole(Path(path), lambda aside: save_file(tensors, str(aside)))


def load_model(path: Path, instance: int | None = None) -> StoredModel:
    """Read one model.

    Raises
    ------
    ValueError
        If the file is missing, is not safetensors, lacks ``W`` or ``b``, holds shapes that do not
        fit or numbers that are not finite, or holds several instances and none was chosen.
    """
    path = Path(path)
    try:
        if not path.is_file():
            raise ValueError(f"{path} is not a file; give a safetensors file with tensors W and b")
        # torch, not numpy: it also knows bfloat16
        with safe_open(str(path), framework="pt") as file:
            names = sorted(file.keys())
            missing = [name for name in ("W", "b") if name not in names]
            if missing:
                raise ValueError(
                    f"{path} has tensors {names} and lacks {missing}; name them W (m, n) and b (n)"
                )
            tensors = {name: file.get_tensor(name) for name in ("W", "b")}
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path} is not a readable safetensors file ({error})") from error
    for name, tensor in tensors.items():
        if not tensor.is_floating_point():
            raise ValueError(f"{path} has {name} of type {tensor.dtype}; store real floats")
    W, b = (tensor.double().numpy() for tensor in tensors.values())
    if W.ndim == 3 and b.shape == (len(W), W.shape[2]):
        if len(W) > 1 and instance is None:
            raise ValueError(
                f"{path} holds {len(W)} instances; choose one with --instance 0…{len(W) - 1}"
            )
        chosen = instance or 0
        if not 0 <= chosen < len(W):
            raise ValueError(f"instance {chosen} of {path} does not exist; it holds {len(W)}")
        W, b = W[chosen], b[chosen]
    elif instance not in (None, 0):
        raise ValueError(f"instance {instance} of {path} does not exist; it holds one model")
    if W.ndim != 2 or b.ndim != 1 or W.shape[1] != len(b) or 0 in W.shape:
        raise ValueError(
            f"{path} has W of shape {W.shape} and b of shape {b.shape}; they must be (m, n) and "
            "(n), or (instances, m, n) and (instances, n); features are columns"
        )
    if W.shape[0] > W.shape[1]:
        raise ValueError(
            f"{path} has W of shape {W.shape}: more hidden dimensions than features; "
            "features are columns, so transpose it"
        )
    if not (np.isfinite(W).all() and np.isfinite(b).all()):
        raise ValueError(f"{path} contains nan or inf; save finite weights")
    return StoredModel(W, b)
