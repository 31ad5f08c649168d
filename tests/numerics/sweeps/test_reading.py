"""A sweep is read from TOML or flags; whatever is wrong is named in one sentence."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numerics.recipes import RECIPES
from numerics.sweeps.reading import read_sweep
from numerics.sweeps.specification import SweepSpec

FULL = """
recipe = "notebook-intro"
starts = 5
seed = 3
[set]
steps = 2000
weight_decay = "1/100"
[grid]
density = [1, 0.3, "1/10"]
importance = ["0.9^i", "1,0.5,1,1,1"]
learning_rate = [1e-3, 1e-2]
"""


def written(folder: Path, text: str | bytes) -> str:
    path = folder / "sweep.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_a_file_says_what_is_computed(tmp_path):
    spec = read_sweep(written(tmp_path, FULL))
    assert (spec.recipe, spec.starts, spec.seed) == ("notebook-intro", 5, 3)
    assert [axis.name for axis in spec.axes] == ["density", "importance", "learning_rate"]
    assert spec.shape == (3, 2, 2)
    assert spec.total == 60
    assert (spec.base.steps, spec.base.weight_decay) == (2000, 0.01)
    cells = spec.cells()
    assert cells[0].importance == (1.0, 0.9, 0.81, 0.729, 0.6561)
    assert [c.learning_rate for c in cells[:2]] == [1e-3, 1e-2]
    assert cells[2].importance == (1.0, 0.5, 1.0, 1.0, 1.0)
    assert cells[-1].density == (0.1,) * 5
    others = RECIPES["notebook-intro"].spec.to_dict()
    changed = {"steps", "density", "importance", "learning_rate", "weight_decay"}
    for cell in cells:
        own = cell.to_dict()
        assert {k for k in own if own[k] != others[k]} <= changed


def test_a_recipe_alone_spans_its_densities():
    spec = read_sweep("notebook-intro")
    recipe = RECIPES["notebook-intro"]
    assert spec.axes[0].values == recipe.densities
    assert [cell.density for cell in spec.cells()] == list(recipe.densities)
    assert spec.starts == recipe.starts


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_a_sweep_and_comes_back_from_json(name):
    spec = read_sweep(name)
    again = SweepSpec.from_dict(spec.to_dict())
    assert again == spec
    assert again.key == spec.key


def test_flags_win_over_the_file(tmp_path):
    path = written(tmp_path, FULL)
    spec = read_sweep(
        path,
        starts=1,
        seed=9,
        settings=["learning_rate=1/2", "steps=1e2"],
        grid=["weight_decay=0;0.1", "density=0.5"],
    )
    assert (spec.starts, spec.seed, spec.base.steps) == (1, 9, 100)
    assert [axis.name for axis in spec.axes] == ["density", "importance", "weight_decay"]
    assert spec.shape == (1, 2, 2)
    assert {cell.learning_rate for cell in spec.cells()} == {0.5}


def test_the_same_sweep_has_the_same_key_however_it_is_written(tmp_path):
    spec = read_sweep(written(tmp_path, FULL))
    flags = read_sweep(
        "notebook-intro",
        starts=5,
        seed=3,
        settings=["steps=2000", "weight_decay=0.01"],
        grid=[
            "density=1,1,1,1,1;3/10;1e-1",
            "importance=0.9^i;1,1/2,1,1,1",
            "learning_rate=1/1000;0.01",
        ],
    )
    assert flags.key == spec.key


def test_every_part_of_a_sweep_changes_its_key(tmp_path):
    changes = [
        ("seed = 3", "seed = 4"),
        ("starts = 5", "starts = 6"),
        ("steps = 2000", "steps = 2001"),
        ("0.3", "0.31"),
        ("1e-2", "2e-2"),
        ('"1,0.5,1,1,1"', '"1,0.6,1,1,1"'),
        ("notebook-intro", "arena-intro"),
        ("[1e-3, 1e-2]", "[1e-2, 1e-3]"),
    ]
    keys = {read_sweep(written(tmp_path, FULL)).key}
    for old, new in changes:
        assert old in FULL
        keys.add(read_sweep(written(tmp_path, FULL.replace(old, new))).key)
    assert len(keys) == len(changes) + 1


def test_a_recipes_one_number_goes_with_the_number_of_features():
    spec = read_sweep("arena-geometry", settings=["n_features=7", "d_hidden=3"])
    assert all(len(set(cell.density)) == 1 and len(cell.density) == 7 for cell in spec.cells())
    assert spec.base.importance == (1.0,) * 7
    with pytest.raises(ValueError, match="importance of the recipe has 5 different entries"):
        read_sweep("notebook-intro", settings=["n_features=7"])
    spec = read_sweep("notebook-intro", settings=["n_features=7", "importance=0.9^i"])
    assert len(spec.base.importance) == 7


def test_a_law_without_density_needs_none():
    spec = read_sweep("arena-geometry", settings=["law=one-hot"])
    assert spec.axes[0].values == ((),)
    assert spec.axes[0].labels() == ["none"]
    with pytest.raises(ValueError, match="one-hot"):
        read_sweep("arena-geometry", settings=["law=one-hot", "density=0.1"])


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("recipe =", "recipee =", r"'recipee' is no key of a sweep; did you mean recipe\?"),
        ("[grid]", "[gird]", r"'gird' is no key of a sweep; did you mean grid\?"),
        ("steps = 2000", "stepps = 2000", r"'stepps' is no field of a run; did you mean steps\?"),
        ("density =", "densty =", r"'densty' is no field of a run; did you mean density\?"),
        ("steps = 2000", "starts = 5", r"starts is no field of a run; write it above"),
        ("starts = 5", "steps = 5", r"'steps' is no key of a sweep; write it in \[set\]"),
        ("notebook-intro", "notebok-intro", "notebook-intro"),
        ('recipe = "notebook-intro"', "", "names no recipe"),
        ('"notebook-intro"', "3", "recipe 3 is no text"),
        ("starts = 5", "starts = 0", "starts 0 is no whole number of at least 1"),
        ("starts = 5", "starts = true", "starts True is no whole number"),
        ("starts = 5", "starts = 1.5", "starts 1.5 is no whole number"),
        ("seed = 3", "seed = -1", "seed -1 is no whole number"),
        ("seed = 3", "seed = 9223372036854775808", "seed 9223372036854775808 is outside"),
        ("starts = 5", "starts = 1000000", "12000000 runs and 1000000 are the most"),
        ("steps = 2000", "steps = 0.5", "steps: 0.5 is no whole number"),
        ("steps = 2000", "steps = true", "steps: True is no number"),
        ("steps = 2000", "learning_rate = 1", r"'learning_rate' is in \[set\] and in \[grid\]"),
        ("steps = 2000", 'optimizer = "adamm"', "optimizer 'adamm' is not known"),
        ("steps = 2000", "optimizer = 3", "optimizer: 3 is no text"),
        ("steps = 2000", "beta_1 = nan", "beta_1: nan is not finite"),
        ("steps = 2000", "beta_1 = [0.9]", "beta_1: .* is no number"),
        ("[1e-3, 1e-2]", "[1e-3, inf]", "learning_rate: inf is not finite"),
        ("[1e-3, 1e-2]", "[1e-3, '1/1000']", "axis learning_rate has 0.001 twice"),
        ("[1e-3, 1e-2]", "1e-3", r"\[grid\] learning_rate is no list"),
        ("[1e-3, 1e-2]", "[]", r"\[grid\] learning_rate has no values"),
        ("[1e-3, 1e-2]", "[1e-3, 1979-05-27]", "learning_rate: .* is no number"),
        ("0.3,", "1.5,", "density"),
        ("0.3,", "0,", "density"),
        ("0.3,", "[0.3, 0.3],", "density: 2 entries for 5 values"),
        ("0.3,", '"0.3,x",', "density: 'x' is not a number"),
        ('"0.9^i"', '"0.9^j"', r"a power is written BASE\^i"),
        ('"0.9^i"', '"-1"', "importance"),
        ("learning_rate = [", "n_features = [5, 6]\nbeta_2 = [", "one sweep per size"),
        ("learning_rate = [", 'model = ["relu-output", "two-layer"]\nbeta_1 = [', "shape"),
        ("[1e-3, 1e-2]", "[1e-3; 1e-2]", "no valid TOML .*line 11"),
        ("seed = 3", "seed = 3\nseed = 4", "no valid TOML .*line 5"),
        ("[set]", "set = 3\n[other]", "set is no table|no key"),
        ("steps = 2000", "n_features = 0", "n_features"),
        ("steps = 2000", "n_features = 1000000000", "n_features: 1000000000 is no whole number"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path, old, new, named):
    assert old in FULL
    with pytest.raises(ValueError, match=named) as told:
        read_sweep(written(tmp_path, FULL.replace(old, new, 1)))
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"settings": ["steps"]}, "--set 'steps' is not FIELD=VALUE"),
        ({"settings": ["=3"]}, "--set '=3' is not FIELD=VALUE"),
        ({"settings": ["steps=1", "steps=2"]}, "--set gives 'steps' twice"),
        ({"settings": ["step=1"]}, r"did you mean steps\?"),
        ({"grid": ["density=1;;0.1"]}, "'' is not a number"),
        ({"grid": ["d_hidden=1;2"]}, "one sweep per size"),
        ({"grid": ["seed=1;2"]}, "seed is no field of a run; write it above the tables"),
        ({"starts": 0}, "starts 0"),
        ({"settings": ["steps=1e9000"]}, "'1e9000' is not a number"),
        ({"settings": ["learning_rate=1e399"]}, "exceeds the largest float"),
        ({"settings": ["steps=" + "9" * 5000]}, "steps"),
    ],
)
def test_what_is_wrong_in_a_flag_is_named(options, named):
    with pytest.raises(ValueError, match=named) as told:
        read_sweep("notebook-intro", **options)
    assert len(str(told.value).splitlines()) == 1


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"cannot read .*nowhere\.toml"):
        read_sweep(str(tmp_path / "nowhere.toml"))
    with pytest.raises(ValueError, match="UTF-8"):
        read_sweep(written(tmp_path, b"\xff\xfe"))
    with pytest.raises(ValueError, match="no valid TOML"):
        read_sweep(written(tmp_path, "a = " + "[" * 100_000))
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ValueError, match="is a folder; give a TOML file"):
        read_sweep(str(tmp_path / "folder.toml"))


PIECES = st.sampled_from(
    [
        *FULL.splitlines(),
        "[[grid]]",
        "set = []",
        "grid = 1",
        "density = [[]]",
        'density = [""]',
        'law = ["exactly:2", "one-hot"]',
        'law = "correlated:0,1"',
        'amplitude = "normal"',
        "n_features = 6",
        "starts = 10_000_000_000_000_000_000_000",
        'objective = ["exact", "sampled"]',
        'target = "square"',
        "density = [true]",
        'learning_rate = ["1/0"]',
        "batch_size = [1e300]",
        "=",
        "\x00",
    ]
)
FUZZ = settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def told_in_one_sentence(read):
    """Return whether it was refused; any other error than one sentence is raised."""
    told = ""
    try:
        read()
    except ValueError as error:
        told = str(error)
    assert len(told.splitlines()) <= 1, told
    return bool(told)


@FUZZ
@given(lines=st.lists(PIECES, max_size=12))
def test_no_file_of_plausible_lines_crashes(tmp_path, lines):
    path = written(tmp_path, "\n".join(lines))
    told_in_one_sentence(lambda: read_sweep(path))


@FUZZ
@given(
    at=st.integers(0, len(FULL)), removed=st.integers(0, 6), text=st.text(max_size=6) | st.binary()
)
def test_no_edit_of_a_file_crashes(tmp_path, at, removed, text):
    edit = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    whole = FULL.encode()
    path = written(tmp_path, whole[:at] + edit + whole[at + removed :])
    told_in_one_sentence(lambda: read_sweep(path))


FIELD_NAMES = st.sampled_from([*RECIPES["notebook-intro"].spec.to_dict(), "starts", "x"])


@FUZZ
@given(
    pairs=st.lists(
        st.tuples(FIELD_NAMES, st.text(max_size=8) | st.sampled_from(["1", "0.5;1", "1e5", "ⅷ"])),
        max_size=3,
    ),
    as_grid=st.booleans(),
    source=st.sampled_from(["notebook-intro", "arena-absolute-small"]),
)
def test_no_flag_crashes(pairs, as_grid, source):
    flags = [f"{name}={text}" for name, text in pairs]
    options = {"grid" if as_grid else "settings": flags}
    told_in_one_sentence(lambda: read_sweep(source, **options))


@FUZZ
@given(source=st.text(max_size=12))
def test_no_name_crashes(source):
    assert told_in_one_sentence(lambda: read_sweep(source)) or source in RECIPES
