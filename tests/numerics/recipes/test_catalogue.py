"""The catalogue is complete, its entries are sound, and their differences are told exactly."""

import json
import pickle
from dataclasses import fields, replace

import pytest

from numerics.recipes import RECIPES, Recipe, arena, find, notebook, paper, paper_neurons
from numerics.recipes.recipe import FIELDS, falling, powers
from numerics.recipes.tables import (
    MEANINGS,
    difference,
    list_record,
    recipe_record,
    render_difference,
    render_list,
    render_recipe,
)
from numerics.training.specs import Run, RunSpec

# The figures of arXiv 2209.10652 that show trained models whose set-up is stated or published.
FIGURES = [1, *range(7, 11), 12, 13, 14, 15, *range(18, 27), 29, 31, *range(33, 37)]
SECTIONS = ["1b", "1d", "1g", "1h", "1i", "2a", "2c", "2d", "2e", "3a", "5"]

every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)


def test_the_fields_are_those_of_a_run_and_two_more():
    names = [field.name for field in fields(RunSpec)]
    assert list(FIELDS) == [*names, "densities", "starts"]
    assert set(MEANINGS) == set(FIELDS)


def test_names_are_unique_and_every_module_is_registered():
    written = [
        recipe.name
        for module in (paper, paper_neurons, notebook, arena)
        for recipe in module.RECIPES
    ]
    assert len(set(written)) == len(written)
    assert set(written) == set(RECIPES)


def test_every_figure_that_is_trained_for_has_a_recipe():
    made = " ".join(r.figure for name, r in RECIPES.items() if name.startswith("paper-"))
    figures = {int(word.strip(",")[1:]) for word in made.split()}
    assert sorted(figures) == FIGURES
    assert [r.figure.split()[0] for r in arena.RECIPES] == SECTIONS
    assert len(notebook.RECIPES) == 3


@every_recipe
def test_every_field_has_a_source_and_nothing_else_has(recipe):
    assert set(recipe.sources) == set(FIELDS)
    words = ("paper", "notebook", "ARENA", "Adam", "the first of densities")
    for field, source in recipe.sources.items():
        assert source.startswith(words), (field, source)


@every_recipe
def test_the_runs_of_a_recipe_are_runs(recipe):
    for density in recipe.densities:
        spec = replace(recipe.spec, density=density)
        assert RunSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec
        assert Run(spec, start=recipe.starts - 1).key


@every_recipe
def test_a_recipe_is_found_by_its_name_and_differs_from_itself_in_nothing(recipe):
    assert find(recipe.name) is recipe
    assert pickle.loads(pickle.dumps(recipe)) == recipe
    own = difference(recipe, recipe)
    assert (own["same"], own["fields"]) == (True, {})


@every_recipe
def test_a_record_states_every_field_and_is_json(recipe):
    record = json.loads(json.dumps(recipe_record(recipe), allow_nan=False))
    assert list(record["fields"]) == list(FIELDS)
    for field, entry in record["fields"].items():
        assert set(entry) == {"value", "meaning", "source"}
        if field in ("density", "importance", "densities", "starts"):
            continue
        assert entry["value"] == getattr(recipe.spec, field)
    n = recipe.spec.n_features
    for density, entry in zip(
        recipe.densities, record["fields"]["densities"]["value"], strict=True
    ):
        assert tuple(entry if isinstance(entry, list) else [entry] * n) == density


def squeezed(text):
    """Return the text without blanks: where lines are broken does not matter."""
    return "".join(text.split())


@every_recipe
def test_the_text_of_a_recipe_fits_and_names_every_field_and_source(recipe):
    text = render_recipe(recipe_record(recipe))
    assert max(map(len, text.splitlines())) <= 98
    for field in FIELDS:
        assert f"\n{field} " in text
    right = "".join(line[48:] for line in text.splitlines())
    for field in FIELDS:
        told = f"{MEANINGS[field]} [{recipe.sources[field]}]"
        assert squeezed(told) in squeezed(right), field


def test_the_list_has_a_row_for_each_and_fits():
    rows = list_record()["recipes"]
    assert [row["name"] for row in rows] == list(RECIPES)
    row = next(row for row in rows if row["name"] == "arena-absolute")
    assert (row["n_features"], row["d_hidden"], row["instances"]) == (100, 40, 7)
    text = render_list(list_record())
    assert max(map(len, text.splitlines())) <= 98
    for name in RECIPES:
        assert f"\n{name} " in text


def test_notebooks_and_arenas_introduction_differ_in_exactly_these():
    found = difference(find("notebook-intro"), find("arena-intro"))
    short = {k: v for k, v in found["fields"].items() if k != "densities"}
    assert short == {
        "initialisation": {"a": "xavier-normal-rows", "b": "xavier-normal-columns"},
        "init_instances": {"a": 10, "b": 8},
        "optimizer": {"a": "adamw", "b": "adam"},
        "weight_decay": {"a": 0.01, "b": 0.0},
        "steps": {"a": 10_000, "b": 5000},
    }
    assert len(found["fields"]["densities"]["a"]) == 10
    assert len(found["fields"]["densities"]["b"]) == 8
    text = render_difference(found)
    assert max(map(len, text.splitlines())) <= 98
    assert "xavier-normal-columns" in text


def test_a_difference_the_other_way_swaps_the_values():
    one, other = find("paper-basic"), find("arena-features")
    there, back = difference(one, other)["fields"], difference(other, one)["fields"]
    assert there == {field: {"a": v["b"], "b": v["a"]} for field, v in back.items()}
    assert "importance" in there
    assert "the same constants" in render_difference(difference(one, one))


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("paper-intr", "paper-intro"),
        ("notebok-geometry", "notebook-geometry"),
        ("ARENA-absolute", "arena-absolute"),
        ("", ""),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(wrong, nearest):
    with pytest.raises(
        ValueError, match=f"recipe '{wrong}' is not known; the nearest is {nearest}"
    ):
        find(wrong)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sources": {}}, "no source for model"),
        ({"sources": {**dict.fromkeys(FIELDS, "paper"), "colour": "paper"}}, "'colour'"),
        ({"densities": ()}, "must begin with"),
        ({"densities": ((0.5,) * 5,)}, "must begin with"),
        ({"starts": 0}, "0 starts"),
        ({"densities": ((1.0,) * 5, (2.0,) * 5)}, "2"),
    ],
)
def test_a_recipe_that_is_none_is_refused(change, told):
    good = find("notebook-intro")
    values = {field.name: getattr(good, field.name) for field in fields(Recipe)}
    assert Recipe(**values) == good
    with pytest.raises(ValueError, match=told):
        Recipe(**{**values, **change})


def test_powers_and_falls_are_what_they_say():
    assert powers(0.5, 3, 1) == (0.5, 0.25, 0.125)
    assert falling(400, 0.5, 1, 5)[0] == pytest.approx(0.05)
    assert falling(400, 0.5, 1, 5)[-1] == pytest.approx(0.0025)
