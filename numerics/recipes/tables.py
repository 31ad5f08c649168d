"""What ``antipode recipes`` prints: recipes as plain records, and as tables for reading.

A vector that is the same for all features is given as one number, as it may be typed.
"""

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any

from ..training.initialisations import standard_deviation
from .catalogue import RECIPES
from .recipe import FIELDS, Recipe

__all__ = [
    "MEANINGS",
    "difference",
    "list_record",
    "recipe_record",
    "render_difference",
    "render_list",
    "render_recipe",
]

SCHEMA = "antipode.recipes/1"
WIDTH = 98
MEANINGS = {
    "model": "what is trained",
    "n_features": "features, n",
    "d_hidden": "hidden dimensions, m",
    "density": "P(x ≠ 0), or what the law says, in the first instance",
    "importance": "weight of each output's square error",
    "law": "which features are on together",
    "amplitude": "value of a feature that is on",
    "target": "what the outputs learn",
    "initialisation": "rule of the first weights",
    "init_instances": "instances that share a tensor, where the rule counts them",
    "init_scale": "factor on the first weights",
    "optimizer": "adam: decay in the gradient; adamw: decay apart; sgd",
    "learning_rate": "size of a step",
    "schedule": "how the rate falls",
    "warm_up": "steps over which the rate first rises",
    "weight_decay": "pull of weights and biases to 0",
    "beta_1": "memory of the mean gradient",
    "beta_2": "memory of the mean square gradient",
    "epsilon": "added to the root mean square",
    "momentum": "of sgd",
    "reduction": "mean or sum over outputs of the loss that is differentiated",
    "objective": "sampled batches, or the exact population loss",
    "batch_size": "samples a step",
    "steps": "steps of the optimiser",
    "densities": "the density of each instance",
    "starts": "models trained at each density",
}
SOURCES = (
    "paper: arXiv 2209.10652 v1; notebook: toy_models.ipynb of anthropics/toy-models-of-"
    "superposition; ARENA: exercise set 1.5.4; keltin13: keltin13/toy-models-of-superposition, a "
    "replication"
)


def _brief(vector: Sequence[float]) -> float | list[float]:
    """Return a vector, or its one number if all entries agree."""
    return vector[0] if vector and len(set(vector)) == 1 else list(vector)


def _value(recipe: Recipe, field: str) -> Any:
    """Return the value of a field for printing."""
    if field == "densities":
        return [_brief(density) for density in recipe.densities]
    if field == "starts":
        return recipe.starts
    value = getattr(recipe.spec, field)
    return _brief(value) if isinstance(value, tuple) else value


def list_record() -> dict[str, Any]:
    """Return all recipes, a row for each."""
    rows = [
        {
            "name": recipe.name,
            "title": recipe.title,
            "figure": recipe.figure,
            "model": recipe.spec.model,
            "n_features": recipe.spec.n_features,
            "d_hidden": recipe.spec.d_hidden,
            "instances": len(recipe.densities),
            "starts": recipe.starts,
            "steps": recipe.spec.steps,
        }
        for recipe in RECIPES.values()
    ]
    return {"schema": SCHEMA, "recipes": rows}


def recipe_record(recipe: Recipe) -> dict[str, Any]:
    """Return everything a recipe states: ``fields`` by name, each with value, meaning, source.

    ``initial_deviation`` is what its initialisation amounts to, by matrix.
    """
    return {
        "schema": SCHEMA,
        "name": recipe.name,
        "title": recipe.title,
        "figure": recipe.figure,
        "stated": recipe.stated,
        "initial_deviation": standard_deviation(recipe.spec),
        "fields": {
            field: {
                "value": _value(recipe, field),
                "meaning": MEANINGS[field],
                "source": recipe.sources[field],
            }
            for field in FIELDS
        },
        "sources": SOURCES,
    }


def difference(a: Recipe, b: Recipe) -> dict[str, Any]:
    """Return the fields in which two recipes differ, with both values; sources may differ more."""
    values = {field: (_value(a, field), _value(b, field)) for field in FIELDS}
    differing = {field: {"a": x, "b": y} for field, (x, y) in values.items() if x != y}
    return {
        "schema": SCHEMA,
        "a": a.name,
        "b": b.name,
        "same": not differing,
        "fields": differing,
    }


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _text(value: Any) -> str:
    """Write a value; of a long list its ends and its length."""
    if not isinstance(value, list):
        return _number(value)
    if not value:
        return "none"
    if isinstance(value[0], list):
        ends = [f"({_text(vector)})" for vector in (value[0], value[-1])]
        return f"{ends[0]}, …, {ends[1]} ({len(value)} in all)"
    shown = [_number(entry) for entry in value]
    if len(shown) > 24:
        shown = [*shown[:4], "…", f"{shown[-1]} ({len(value)} in all)"]
    return ", ".join(shown)


def _table(rows: Iterable[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """Lay out rows in columns of these widths, two blanks apart; cells are wrapped."""
    lines = []
    for row in rows:
        cells = [wrap(text, width) or [""] for text, width in zip(row, widths, strict=True)]
        for k in range(max(map(len, cells))):
            parts = [
                (cell[k] if k < len(cell) else "").ljust(width)
                for cell, width in zip(cells, widths, strict=True)
            ]
            lines.append("  ".join(parts).rstrip())
    return lines


def render_list(record: dict[str, Any]) -> str:
    """Return the rows of :func:`list_record` for reading."""
    head = ("name", "n,m", "makes", "what")
    rows = [
        (
            row["name"],
            f"{row['n_features']},{row['d_hidden']}",
            row["figure"],
            row["title"],
        )
        for row in record["recipes"]
    ]
    longest = [max(len(row[k]) for row in [head, *rows]) for k in range(3)]
    return "\n".join(_table([head, *rows], [*longest, WIDTH - sum(longest) - 6]))


def render_recipe(record: dict[str, Any]) -> str:
    """Return :func:`recipe_record` for reading: field, value, and meaning with source."""
    rows = [
        (field, _text(entry["value"]), f"{entry['meaning']} [{entry['source']}]")
        for field, entry in record["fields"].items()
    ]
    head = wrap(f"{record['name']}: {record['title']} [{record['figure']}]", WIDTH)
    seen = wrap(f"Stated: {record['stated']}", WIDTH)
    deviations = ", ".join(f"{k} {v:.4g}" for k, v in record["initial_deviation"].items())
    table = _table(rows, [14, 30, WIDTH - 48])
    last = ["", f"Standard deviation of the first weights: {deviations}"]
    return "\n".join([*head, *seen, "", *table, *last, *wrap(record["sources"], WIDTH)])


def render_difference(record: dict[str, Any]) -> str:
    """Return :func:`difference` for reading."""
    if record["same"]:
        return f"{record['a']} and {record['b']} have the same constants"
    rows = [
        (field, _text(entry["a"]), _text(entry["b"])) for field, entry in record["fields"].items()
    ]
    width = (WIDTH - 18) // 2
    return "\n".join(_table([("", record["a"], record["b"]), *rows], [14, width, width]))
