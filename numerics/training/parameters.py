"""How a model's parameters are named, shaped, and laid out in one vector: weights, then biases."""

from math import prod
from typing import Any

from .specs import RunSpec

__all__ = ["matrices", "parameter_count", "views"]


def matrices(spec: RunSpec) -> dict[str, tuple[int, int]]:
    """Return the matrices of a model by name, each (outputs, inputs)."""
    if spec.model == "two-layer":
        return {
            "W_in": (spec.d_hidden, spec.n_features),
            "W_out": (spec.outputs, spec.d_hidden),
        }
    return {"W": (spec.d_hidden, spec.n_features)}


def parameter_count(spec: RunSpec) -> int:
    """Return how many parameters a model has."""
    return sum(map(prod, matrices(spec).values())) + spec.outputs


def views(spec: RunSpec, vectors: Any) -> dict[str, Any]:
    """Return the parameters in vectors (..., d), arrays or tensors, by name: ``b`` is the last."""
    found, begin = {}, 0
    for name, shape in {**matrices(spec), "b": (spec.outputs,)}.items():
        end = begin + prod(shape)
        found[name] = vectors[..., begin:end].reshape(*vectors.shape[:-1], *shape)
        begin = end
    return found
