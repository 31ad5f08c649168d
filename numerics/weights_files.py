"""Weights on disk as this project, the paper's notebook and the ARENA course name and lay them out.

With n features, m hidden dimensions and o outputs, a safetensors file holds

==============  =======================  =====================================
convention      one matrix               two layers
==============  =======================  =====================================
``antipode``    W (m, n), b (n)          W_in (m, n), W_out (o, m), b (o)
``anthropic``   W (n, m), b_final (n)
``arena``       W (m, n), b_final (n)    W1 (m, n), W2 (n, m), b_final (n)
==============  =======================  =====================================

and every tensor may begin with an axis of instances, models trained side by side.  The public code
always has that axis, so it is always written for it.  ``anthropic`` is ``Model`` of the notebook
published with arXiv 2209.10652; ``arena`` is ``ToyModel`` and ``NeuronComputationModel`` of ARENA,
chapter 1.5.4, where features are columns as they are here.

Numbers are moved, never changed: each tensor keeps its type and every bit.  The length of the
biases tells features from hidden dimensions, so a file read in the wrong convention is refused,
unless n = m, where both fit.  What no file tells is the activation: ARENA's ``NeuronModel``,
ReLU(Wᵀ ReLU(Wx) + b), stores the same tensors as ReLU(WᵀWx + b).

A NetCDF file of training runs (``antipode train``, ``antipode sweep``) is read as ``antipode`` too:
its runs are the instances, in the order of its grid, the starts of a cell together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import xarray as xr
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from .store import write_whole

__all__ = [
    "CONVENTIONS",
    "Layout",
    "StoredWeights",
    "arranged",
    "layouts_of",
    "load_weights",
    "save_weights",
]

CONVENTIONS = ("anthropic", "arena", "antipode")
_HDF5 = b"\x89HDF"
_PICKLED = (".pt", ".pth", ".pkl", ".pickle", ".ckpt")
_PICKLED_BEGINNINGS = (b"PK\x03\x04", *(bytes([0x80, version]) for version in range(2, 6)))


@dataclass(frozen=True, slots=True)
class Layout:
    """The tensors of one model in one convention: our name → (name in the file, axes)."""

    convention: str
    tensors: Mapping[str, tuple[str, str]]
    features_are_rows: bool = False

    def __str__(self) -> str:
        return " and ".join(f"{name} ({', '.join(axes)})" for name, axes in self.tensors.values())

    @property
    def names(self) -> set[str]:
        """The names in the file."""
        return {name for name, _ in self.tensors.values()}

    def fits(self, shapes: Mapping[str, tuple[int, ...]]) -> bool:
        """Tell whether these are this layout's weights and no others, with sizes that agree."""
        if self.names != _NAMES & shapes.keys():
            return False
        for lead in ("", "i"):
            axes = {name: lead + letters for name, letters in self.tensors.values()}
            if all(len(axes[name]) == len(shapes[name]) for name in axes):
                sizes = {x for name in axes for x in zip(axes[name], shapes[name], strict=True)}
                return len(sizes) == len(dict(sizes)) and all(size for _, size in sizes)
        return False

    def turned(self, ours: str, tensor: Tensor) -> Tensor:
        """Return a tensor of this layout with our axes, or one of ours with this layout's."""
        return tensor.mT if self.features_are_rows and ours == "W" else tensor


_LAYOUTS = (
    Layout("antipode", {"W": ("W", "mn"), "b": ("b", "n")}),
    Layout("antipode", {"W_in": ("W_in", "mn"), "W_out": ("W_out", "om"), "b": ("b", "o")}),
    Layout("anthropic", {"W": ("W", "nm"), "b": ("b_final", "n")}, features_are_rows=True),
    Layout("arena", {"W": ("W", "mn"), "b": ("b_final", "n")}),
    Layout("arena", {"W_in": ("W1", "mn"), "W_out": ("W2", "nm"), "b": ("b_final", "n")}),
)
_NAMES = frozenset(name for layout in _LAYOUTS for name in layout.names)


@dataclass(frozen=True, slots=True, eq=False)
class StoredWeights:
    """Weights of one model or several, with our names and axes and the type they are stored in."""

    tensors: dict[str, Tensor]
    ignored: tuple[str, ...] = ()
    """What else the file holds."""

    @property
    def instances(self) -> int | None:
        """The length of the instance axis, None without one."""
        return len(self.tensors["b"]) if self.tensors["b"].ndim == 2 else None


def layouts_of(path: Path | str) -> tuple[Layout, ...]:
    """Return the layouts that the names and shapes of a file fit: several if n = m, perhaps none.

    Raises
    ------
    ValueError
        If it is no readable safetensors file.
    """
    shapes, _ = _read(Path(path), frozenset())
    return tuple(layout for layout in _LAYOUTS if layout.fits(shapes))


def load_weights(
    path: Path | str, convention: str = "antipode", instance: int | None = None
) -> StoredWeights:
    """Read weights stored in a convention, all instances or the one that is asked for.

    Raises
    ------
    ValueError
        If the file is missing or not safetensors, its tensors are not those of the convention
        (the message says of which they are), they are not floats, or there is no such instance.
    """
    path = Path(path)
    layouts = _layouts(convention)
    shapes, tensors = _read(path, _NAMES)
    layout = next((layout for layout in layouts if layout.fits(shapes)), None)
    if layout is None:
        raise ValueError(_refusal(path, shapes, layouts))
    for name, tensor in tensors.items():
        if not tensor.is_floating_point():
            raise ValueError(f"{path} has {name} of type {tensor.dtype}; store real floats")
    ours = {own: layout.turned(own, tensors[name]) for own, (name, _) in layout.tensors.items()}
    found = StoredWeights(ours, tuple(sorted(shapes.keys() - layout.names)))
    if instance is None or (instance == 0 and found.instances is None):
        return found
    if not 0 <= instance < (found.instances or 0):
        count = "one model" if found.instances is None else str(found.instances)
        raise ValueError(f"instance {instance} of {path} does not exist; it holds {count}")
    return StoredWeights({own: t[instance] for own, t in ours.items()}, found.ignored)


def save_weights(
    path: Path | str, tensors: Mapping[str, Tensor], convention: str = "antipode"
) -> None:
    """Write weights, given with our names and axes, in a convention; replaces what is there.

    Raises
    ------
    ValueError
        If they are not the weights of a model, the convention has no such model, or the file
        cannot be written.
    """
    content = save(arranged(tensors, convention))
    write_whole(Path(path), lambda aside: aside.write_bytes(content))


def arranged(tensors: Mapping[str, Tensor], convention: str) -> dict[str, Tensor]:
    """Return weights, given with our names and axes, as a file in a convention holds them.

    Raises
    ------
    ValueError
        If they are not the weights of a model, or the convention has no such model.
    """
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    ours = next((layout for layout in _layouts("antipode") if layout.fits(shapes)), None)
    if ours is None or shapes.keys() != ours.names:
        expected = " or ".join(map(str, _layouts("antipode")))
        raise ValueError(f"tensors of shapes {shapes} are no weights of a model; give {expected}")
    for name, tensor in tensors.items():
        if not tensor.is_floating_point():
            raise ValueError(f"{name} is of type {tensor.dtype}; give real floats")
    layout = next((x for x in _layouts(convention) if x.tensors.keys() == tensors.keys()), None)
    if layout is None:
        raise ValueError(
            f"{convention} has no model with {' and '.join(tensors)}; "
            "a two-layer net can be converted to arena and to antipode"
        )
    written = {}
    for own, (name, _) in layout.tensors.items():
        alone = tensors["b"].ndim == 1 and convention != "antipode"
        turned = layout.turned(own, tensors[own])
        apart = turned.detach().clone(memory_format=torch.contiguous_format)  # no shared memory
        written[name] = apart[None] if alone else apart
    stored = {name: tuple(tensor.shape) for name, tensor in written.items()}
    if not layout.fits(stored):
        raise ValueError(
            f"{convention} has as many outputs as features, {layout}; this net has "
            f"{shapes['W_out'][-2]} outputs and {shapes['W_in'][-1]} features"
        )
    return written


def _layouts(convention: str) -> list[Layout]:
    """Return the layouts of a convention."""
    if convention not in CONVENTIONS:
        raise ValueError(f"{convention!r} is no convention; use one of {', '.join(CONVENTIONS)}")
    return [layout for layout in _LAYOUTS if layout.convention == convention]


def _read(
    path: Path, wanted: frozenset[str]
) -> tuple[dict[str, tuple[int, ...]], dict[str, Tensor]]:
    """Return the shapes of all tensors of a file, and of the wanted ones that it has the values."""
    try:
        if not path.is_file():
            raise ValueError(f"{path} is not a file; give a safetensors file with tensors W and b")
        if _beginning(path) == _HDF5:
            return _read_runs(path, wanted)
        with safe_open(str(path), framework="pt") as file:
            names = sorted(file.keys())
            shapes = {name: tuple(file.get_slice(name).get_shape()) for name in names}
            return shapes, {name: file.get_tensor(name) for name in names if name in wanted}
    except (SafetensorError, OSError) as error:
        if _is_pickled(path):
            raise ValueError(
                f"{path} is a pickle, which may run code when it is opened; save the weights "
                'with safetensors.torch.save_file(model.state_dict(), "model.safetensors")'
            ) from error
        raise ValueError(f"{path} is not a readable safetensors file ({error})") from error


def _read_runs(
    path: Path, wanted: frozenset[str]
) -> tuple[dict[str, tuple[int, ...]], dict[str, Tensor]]:
    """Return shapes and values of the weights of training runs, as :func:`_read`."""
    try:
        with xr.open_dataset(path, engine="h5netcdf") as runs:
            inner = {"b": 1, "W": 2, "W_in": 2, "W_out": 2}
            arrays = {name: runs[name].values for name in inner if name in runs}
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ValueError(f"{path} is not a readable file of training runs ({error})") from error
    tensors = {
        name: torch.from_numpy(array.reshape(-1, *array.shape[array.ndim - inner[name] :]))
        for name, array in arrays.items()
    }
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    return shapes, {name: tensor for name, tensor in tensors.items() if name in wanted}


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _is_pickled(path: Path) -> bool:
    """Tell whether an unreadable file is one of ``torch.save`` or ``pickle``."""
    try:
        start = _beginning(path)
    except OSError:
        return False
    return path.suffix.lower() in _PICKLED or start.startswith(_PICKLED_BEGINNINGS)


def _refusal(path: Path, shapes: Mapping[str, Any], layouts: list[Layout]) -> str:
    """Say why a file is not of these layouts, and of which it is."""
    nearest = min(layouts, key=lambda layout: len(layout.names - shapes.keys()))
    missing = sorted(nearest.names - shapes.keys())
    surplus = sorted((_NAMES & shapes.keys()) - nearest.names)
    if missing:
        problem = f"has tensors {sorted(shapes)} and lacks {missing}"
    elif surplus:
        problem = f"has tensors {sorted(shapes)}, of which {surplus} belong to another model"
    else:
        each = (f"{name} of shape {shapes[name]}" for name, _ in nearest.tensors.values())
        problem = f"has {' and '.join(each)}"
    fitting = [layout.convention for layout in _LAYOUTS if layout.fits(shapes)]
    if fitting:
        return f"{path} {problem}; that fits --from {' or --from '.join(fitting)}"
    return (
        f"{path} {problem}; {nearest.convention} stores {' or '.join(map(str, layouts))}, "
        "each after an axis of instances, or none"
    )
