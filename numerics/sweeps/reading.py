"""Reading a sweep: from a TOML file, or from a recipe's name, with flags that win over either.

.. code-block:: toml

    recipe = "notebook-intro"
    starts = 5                           # by default the recipe's
    seed = 0

    [set]                                # other constants than the recipe's
    steps = 2000

    [grid]                               # axes, the last varies fastest
    density = [1, 0.3, "1/10"]           # left out: the recipe's densities
    importance = ["0.9^i", "1,0.5,1,1,1"]
    learning_rate = [1e-3, 1e-2]

Where ``[set]`` changes the number of features, densities and importances of the recipe that are
one number go with it; others no longer fit and must be given.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..recipes import find
from ..training.specs import RunSpec
from .specification import Axis, SweepSpec
from .values import FIELDS, VECTORS, listed_fields, nearest, read_value

__all__ = ["is_file", "read_recipe", "read_sweep"]

_TOP = ("recipe", "starts", "seed", "set", "grid")
_WITHOUT_DENSITY = ("one-hot", "exactly")


@dataclass(slots=True)
class _Request:
    """What was asked for, before it is checked against a recipe."""

    recipe: str
    starts: Any = None
    seed: Any = 0
    settings: dict[str, Any] = field(default_factory=dict)
    grid: dict[str, list[Any]] = field(default_factory=dict)


def is_file(source: str) -> bool:
    """Tell whether ``source`` means a TOML file; otherwise it is the name of a recipe."""
    try:
        return source.endswith(".toml") or Path(source).is_file()
    except (OSError, ValueError):
        return False


def read_sweep(
    source: str,
    *,
    starts: int | None = None,
    seed: int | None = None,
    settings: Sequence[str] = (),
    grid: Sequence[str] = (),
) -> SweepSpec:
    """Read a sweep.

    Parameters
    ----------
    source
        A TOML file, or the name of a recipe.
    starts, seed
        In place of the file's.
    settings
        ``FIELD=VALUE`` each: win over ``[set]`` and ``[grid]``.
    grid
        ``FIELD=VALUE;VALUE;…`` each: the same.

    Raises
    ------
    ValueError
        For anything that is no sweep, in one sentence that names it and the remedy.
    """
    if Path(source).is_dir():
        raise ValueError(f"{source} is a folder; give a TOML file, or the name of a recipe")
    request = _read_toml(Path(source)) if is_file(source) else _Request(source)
    return _with_flags(request, starts, seed, settings, grid)


def read_recipe(
    name: str, *, starts: int | None = None, seed: int = 0, settings: Sequence[str] = ()
) -> SweepSpec:
    """Read the training of a recipe: a sweep over its densities, or over one of ``settings``.

    Raises
    ------
    ValueError
        As :func:`read_sweep` says.
    """
    return _with_flags(_Request(name), starts, seed, settings, ())


def _with_flags(
    request: _Request,
    starts: int | None,
    seed: int | None,
    settings: Sequence[str],
    grid: Sequence[str],
) -> SweepSpec:
    for name, text in _pairs(settings, "--set"):
        request.grid.pop(name, None)
        request.settings[name] = text
    for name, text in _pairs(grid, "--grid"):
        request.settings.pop(name, None)
        request.grid[name] = text.split(";")
    request.starts = request.starts if starts is None else starts
    request.seed = request.seed if seed is None else seed
    return _resolve(request)


def _pairs(flags: Sequence[str], option: str) -> list[tuple[str, str]]:
    pairs = []
    for flag in flags:
        name, equals, text = flag.partition("=")
        if not equals or not name.strip() or not text.strip():
            example = "steps=2000" if option == "--set" else "'density=1;0.3;1/10'"
            raise ValueError(f"{option} {flag!r} is not FIELD=VALUE; write {option} {example}")
        pairs.append((name.strip(), text.strip()))
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{option} gives {name!r} twice; give it once")
    return pairs


def _read_toml(path: Path) -> _Request:
    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise ValueError(
            f"cannot read {path} ({error.strerror}); give a TOML file or the name of a recipe"
        ) from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8; save it as such") from error
    except (ValueError, RecursionError) as error:
        told = " ".join(str(error).split())
        raise ValueError(f"{path} is no valid TOML ({told}); correct that place") from error
    for name in table:
        if name not in _TOP:
            raise ValueError(f"{path}: {name!r} is no key of a sweep; {_top_hint(name)}")
    if "recipe" not in table:
        raise ValueError(f'{path} names no recipe; begin with recipe = "NAME"')
    if not isinstance(table["recipe"], str):
        raise ValueError(f"{path}: recipe {table['recipe']!r} is no text; write it in quotes")
    for name in ("set", "grid"):
        if not isinstance(table.get(name, {}), Mapping):
            raise ValueError(f"{path}: {name} is no table; write [{name}] on a line of its own")
    settings, grid = dict(table.get("set", {})), dict(table.get("grid", {}))
    for name, values in grid.items():
        if name in settings:
            raise ValueError(f"{path}: {name!r} is in [set] and in [grid]; keep one")
        if not isinstance(values, list):
            raise ValueError(f"{path}: [grid] {name} is no list; write [{values!r}], or use [set]")
    return _Request(table["recipe"], table.get("starts"), table.get("seed", 0), settings, grid)


def _top_hint(name: str) -> str:
    return f"write it in [set] or [grid], {name} = …" if name in FIELDS else nearest(name, _TOP)


def _count(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{name} {value!r} is no whole number of at least {least}")
    return value


def _check_names(names: Mapping[str, Any], table: str) -> None:
    known = listed_fields(grid=table == "grid")
    for name in names:
        if name in ("starts", "seed"):
            raise ValueError(f"{name} is no field of a run; write it above the tables, or --{name}")
        if name not in FIELDS:
            raise ValueError(f"[{table}] {name!r} is no field of a run; {nearest(name, known)}")


def _resolve(request: _Request) -> SweepSpec:
    recipe = find(request.recipe)
    _check_names(request.settings, "set")
    _check_names(request.grid, "grid")
    values: dict[str, Any] = recipe.spec.to_dict()
    plain = {k: v for k, v in request.settings.items() if k not in VECTORS}
    values |= {name: read_value(name, value) for name, value in plain.items()}
    lengths = {"density": values["n_features"], "importance": _outputs(values)}
    recipes_own = {"density": list(recipe.densities), "importance": [recipe.spec.importance]}
    if not _has_density(request, values):
        recipes_own["density"] = [()]
    axes: dict[str, list[Any]] = {}
    given = {name: [value] for name, value in request.settings.items() if name in VECTORS}
    for name, length in lengths.items():
        if name in request.grid or name in given:
            continue
        axes[name] = [_fitted(name, one, length) for one in recipes_own[name]]
    for name, entries in {**given, **request.grid}.items():
        axes[name] = [read_value(name, one, lengths.get(name, 1)) for one in entries]
    for name, entries in axes.items():
        if not entries:
            raise ValueError(f"[grid] {name} has no values; give at least one, or leave it out")
        values[name] = entries[0]
    order = ["density", *(name for name in request.grid if name != "density")]
    if "density" in request.grid:
        order = list(request.grid)
    grid = tuple(Axis(name, tuple(axes[name])) for name in order)
    starts = recipe.starts if request.starts is None else request.starts
    return SweepSpec(
        recipe.name,
        RunSpec.from_dict(values),
        grid,
        _count("starts", starts, 1),
        _count("seed", request.seed, 0),
    )


def _outputs(values: Mapping[str, Any]) -> int:
    n = int(values["n_features"])
    return n // 2 if values["target"] == "max-of-pairs" else n


def _has_density(request: _Request, values: Mapping[str, Any]) -> bool:
    laws = request.grid.get("law", [values["law"]])
    return not all(isinstance(law, str) and law.startswith(_WITHOUT_DENSITY) for law in laws)


def _fitted(name: str, vector: Sequence[float], length: int) -> tuple[float, ...]:
    """Return a vector of the recipe for the sweep's number of features."""
    if len(vector) in (0, length):
        return tuple(vector)
    if len(set(vector)) > 1:
        raise ValueError(
            f"{name} of the recipe has {len(vector)} different entries for {length} values "
            f"(n_features is not the recipe's); give {name} in [set] or [grid]"
        )
    return (vector[0],) * length
