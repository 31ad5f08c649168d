"""A file of weights, written anew in another convention."""

import os
from pathlib import Path
from typing import Any

from safetensors.torch import save

from .store import write_whole
from .weights_files import arranged, load_weights

__all__ = ["convert_weights"]


def convert_weights(
    source: Path,
    out: Path,
    *,
    origin: str,
    target: str,
    instance: int | None = None,
    force: bool = False,
) -> dict[str, Any]:
    """Read weights in the convention ``origin`` and write them in ``target``, bit for bit.

    The instance axis stays as it is; the public code expects it, so for that it is added.  One
    chosen instance has none in our convention.

    Returns
    -------
    dict
        What ``antipode convert`` prints: ``status`` is ``written``, or ``up to date`` if ``out``
        already held just that; ``tensors`` are those written; ``ignored`` names what else the
        source holds; ``nonfinite`` lists the instances written, counted from 0, that hold nan or
        inf.

    Raises
    ------
    ValueError
        If the source cannot be read so, or ``out`` is the source, holds something else (unless
        ``force``) or cannot be written.
    """
    weights = load_weights(source, origin, instance)
    tensors = arranged(weights.tensors, target)
    content = save(tensors)
    if os.path.exists(out) and os.path.samefile(source, out):
        raise ValueError(f"{out} is the file that is read; choose another --out")
    if os.path.exists(out) and not os.path.isfile(out):
        raise ValueError(f"{out} is not a file that can be replaced; choose another --out")
    kept = _holds(out, content)
    if not kept:
        if os.path.exists(out) and not force:
            raise ValueError(f"{out} holds something else; choose another --out or pass --force")
        write_whole(out, lambda aside: aside.write_bytes(content))
    finite = [tensor.double().isfinite() for tensor in weights.tensors.values()]
    count = weights.instances or 1
    nonfinite = [k for k in range(count) if not all(x.reshape(count, -1)[k].all() for x in finite)]
    return {
        "schema": "antipode.convert/1",
        "status": "up to date" if kept else "written",
        "source": str(source),
        "from": origin,
        "to": target,
        "instance": instance,
        "out": str(out),
        "tensors": [
            {
                "name": name,
                "shape": list(tensor.shape),
                "dtype": str(tensor.dtype).removeprefix("torch."),
            }
            for name, tensor in tensors.items()
        ],
        "ignored": list(weights.ignored),
        "nonfinite": nonfinite,
    }


def _holds(path: Path, content: bytes) -> bool:
    """Tell whether a file has exactly this content."""
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False
