"""Which processor tensors live on: a name that is checked before any work starts."""

from typing import Any

__all__ = ["check_device"]


def check_device(name: str) -> Any:
    """Return the torch device of a name: ``cpu``, ``cuda``, ``cuda:1``, ``mps`` or ``auto``.

    ``auto`` is a GPU where there is one.

    Raises
    ------
    ValueError
        If there is no such device here.
    """
    import torch  # noqa: PLC0415  commands look a device up before they load anything heavy

    there = ["cpu"]
    if torch.cuda.is_available():
        there += ["cuda", *(f"cuda:{k}" for k in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        there.append("mps")
    if name == "auto":
        name = there[1] if len(there) > 1 else "cpu"
    if name not in there:
        raise ValueError(
            f"device {name!r} is not there; use {' or '.join([*there, 'auto'])} "
            f"(torch {torch.__version__})"
        )
    return torch.device(name)
