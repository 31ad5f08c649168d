"""The recipes as the command line prints them."""

import json
import subprocess
import sys

import pytest

from numerics.recipes import RECIPES
from numerics.recipes.recipe import FIELDS
from tests.command_line.support import one_sentence


@pytest.fixture
def printed(run):
    """Run a command of recipes that succeeds and says nothing; what it prints."""

    def call(*arguments):
        code, out, err = run("recipes", *arguments)
        assert (code, err) == (0, "")
        return out

    return call


def test_the_help_of_every_command_has_an_example(printed):
    for command in ("list", "show", "diff"):
        assert f"Example: antipode recipes {command}" in printed(command, "--help")
        assert f"  {command}  " in printed()


def test_help_is_printed_without_loading_anything_heavy():
    script = (
        "import sys, antipode\n"
        "sys.argv = ['antipode', 'recipes', '--help']\n"
        "try:\n    antipode.main()\n"
        "except SystemExit as stop:\n    assert not stop.code\n"
        "heavy = {'torch', 'sympy', 'numpy', 'xarray'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_the_recipes_are_printed_without_torch():
    script = (
        "import sys, antipode\n"
        "sys.argv = ['antipode', 'recipes', 'show', 'paper-intro']\n"
        "try:\n    antipode.main()\n"
        "except SystemExit as stop:\n    assert not stop.code\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_the_list_names_every_recipe(printed):
    lines = printed("list").splitlines()
    assert {line.split()[0] for line in lines if line[:1] not in ("", " ")} == {"name", *RECIPES}
    record = json.loads(printed("list", "--json"))
    assert record["schema"] == "antipode.recipes/1"
    assert [row["name"] for row in record["recipes"]] == list(RECIPES)


def test_a_recipe_is_shown_with_all_its_constants(printed):
    record = json.loads(printed("show", "notebook-intro", "--json"))
    assert record["schema"] == "antipode.recipes/1"
    assert set(record["fields"]) == set(FIELDS)
    values = {field: entry["value"] for field, entry in record["fields"].items()}
    assert values["learning_rate"] == 0.001
    assert values["weight_decay"] == 0.01
    assert values["batch_size"] == 1024
    assert values["importance"] == [1.0, 0.9, 0.81, 0.729, 0.6561]
    assert values["densities"] == pytest.approx([20 ** (-k / 9) for k in range(10)])
    assert record["initial_deviation"]["W"] == pytest.approx(0.258, abs=5e-4)
    text = printed("show", "notebook-intro")
    for line in ("learning_rate   0.001 ", "steps           10000 ", "optimizer       adamw "):
        assert f"\n{line}" in text
    assert "Standard deviation of the first weights: W 0.2582" in text


def test_a_vector_of_densities_stays_one(printed):
    record = json.loads(printed("show", "paper-varied-density", "--json"))
    densities = record["fields"]["densities"]["value"]
    assert densities[0] == [0.05, 0.05, 0.05, 0.05, pytest.approx(0.005)]
    assert densities[10] == pytest.approx(0.05)  # five times the same number: given once
    assert "(21 in all)" in printed("show", "paper-varied-density")


def test_the_difference_of_two_recipes(printed):
    record = json.loads(printed("diff", "notebook-intro", "arena-intro", "--json"))
    assert (record["a"], record["b"], record["same"]) == ("notebook-intro", "arena-intro", False)
    assert set(record["fields"]) == {
        "initialisation",
        "init_instances",
        "optimizer",
        "weight_decay",
        "steps",
        "densities",
    }
    assert record["fields"]["optimizer"] == {"a": "adamw", "b": "adam"}
    assert "adamw" in printed("diff", "notebook-intro", "arena-intro")


def test_a_recipe_does_not_differ_from_itself(printed):
    record = json.loads(printed("diff", "paper-basic", "paper-basic", "--json"))
    assert (record["same"], record["fields"]) == (True, {})
    assert "same constants" in printed("diff", "paper-basic", "paper-basic")


@pytest.mark.parametrize(
    "arguments", [("show", "paper-into"), ("diff", "paper-intro", "paper-into")]
)
def test_an_unknown_recipe_is_misuse_and_the_nearest_is_told(run, arguments):
    code, out, err = run("recipes", *arguments, "--json")
    assert (code, out) == (2, "")
    assert one_sentence(err)
    assert "nearest is paper-intro" in err
