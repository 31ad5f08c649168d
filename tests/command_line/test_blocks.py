"""``antipode blocks``, ``staircase`` and ``atlas`` as a user runs them, mostly on a small atlas."""

import json
import shutil
from functools import cache

import pytest

from numerics.best_blocks import atlas as atlas_module
from numerics.best_blocks import comparison, ranking, staircase
from numerics.best_blocks.table import read_table, write_table
from tests.command_line.support import one_sentence
from tests.numerics.best_blocks.support import searched

BLOCK = {
    "name",
    "k",
    "d",
    "benefit_per_dimension",
    "scale",
    "bias",
    "norms",
    "biases",
    "dimensionality",
}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "block_atlas.npz"
    write_table(path, searched())
    return path


@pytest.fixture
def small(monkeypatch, table):
    """Put a small atlas in the place of the stored one."""
    monkeypatch.setattr(comparison, "STORED", table)
    for module in (comparison, ranking, staircase):
        monkeypatch.setattr(module, "stored_table", searched)


@pytest.fixture
def succeed(run):
    """Run a command that succeeds; its JSON object."""

    def call(*arguments):
        code, out, err = run(*arguments, "--json", "--quiet")
        assert (code, err) == (0, "")
        return json.loads(out)

    return call


@cache
def ranked_by_a_user():
    """Return a place for the ranking of the stored atlas, computed once."""
    return {}


@pytest.fixture
def stored(succeed):
    """Rank the blocks of the stored atlas at one in ten."""
    known = ranked_by_a_user()
    if not known:
        known |= succeed("blocks", "--density", "0.1")
    return known


def test_the_report_has_the_promised_keys(stored):
    assert stored["schema"] == "antipode.blocks/1"
    assert isinstance(stored["closed"], bool)
    assert (stored["density"], stored["V"]) == (0.1, pytest.approx(0.1 / 3 - 0.01 / 4))
    benefits = [row["benefit_per_dimension"] for row in stored["ranking"]]
    assert benefits == sorted(benefits, reverse=True)
    for row in stored["ranking"]:
        assert row.keys() >= BLOCK
        k, d = row["k"], row["d"]
        assert {len(row[key]) for key in ("norms", "biases", "dimensionality")} == {k}
        assert sum(row["dimensionality"]) <= d + 1e-9
        assert row["scale"] == pytest.approx((sum(x**2 for x in row["norms"]) / k) ** 0.5)
        assert row["bias"] == pytest.approx(sum(row["biases"]) / k)
        value = d * row["benefit_per_dimension"] * stored["V"]
        assert row["loss"] == pytest.approx(k * stored["V"] - value, abs=1e-12)


def test_at_one_in_ten_the_stored_atlas_knows_what_is_known(stored):
    """Benefits with one norm and one bias to four digits; free ones are not below."""
    best = {row["family"]: row["benefit_per_dimension"] for row in stored["ranking"]}
    assert best["pentagon"] == pytest.approx(2.0734, abs=5.1e-5)
    assert best["digon"] == pytest.approx(1.8923, abs=5.1e-5)
    assert best["icosahedron"] >= 2.1013 - 5.1e-5
    assert best["square-antiprism"] >= 2.1320 - 5.1e-5
    assert (
        stored["ranking"][0]["benefit_per_dimension"] >= stored["large_n"]["benefit_per_dimension"]
    )
    dims = sorted(stored["best_in"], key=int)
    assert [int(d) for d in dims[:4]] == [1, 2, 3, 4]


@pytest.mark.usefixtures("small")
def test_densities_are_read_as_other_numbers_are(run, succeed):
    assert succeed("blocks", "--density", "1/10") == succeed("blocks", "--density", "1e-1")
    code, out, err = run("blocks", "--density", "1/2", "--seed", 3, "--quiet")
    assert (code, err) == (0, "")
    assert "name digon  k 2  d 1  benefit_per_dimension 1.2676885" in out
    assert "norms" not in out


@pytest.mark.usefixtures("small")
def test_a_ranking_tells_how_far_it_is(run, succeed):
    code, out, err = run("blocks", "--density", "1/3", "--json")
    assert code == 0
    assert json.loads(out) == succeed("blocks", "--density", "1/3")
    steps = [line.partition(":")[0] for line in err.splitlines()]
    total = len(searched().rigid) + 2
    assert steps == [f"{done} of {total}" for done in range(1, total + 1)]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--density", "0"), "--density: 0 is outside (0, 1]; give P(x ≠ 0)"),
        (("--density", "1.5"), "--density: 1.5 is outside"),
        (("--density=-1/2",), "--density: -1/2 is outside"),
        (("--density", "dense"), "--density: 'dense' is not a number"),
        (("--density", "nan"), "--density: 'nan' is not a number"),
        (("--density", "0.1,0.2"), "--density: 0.1,0.2 is a list; give one number"),
        ((), "--density"),
    ],
)
def test_what_is_no_density_is_refused_in_one_sentence(run, arguments, message):
    code, out, err = run("blocks", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert one_sentence(err) or not arguments


@pytest.mark.usefixtures("small")
def test_a_staircase_is_predicted_without_a_folder(run, succeed):
    arguments = ("staircase", "--n", 9, "--m", 3, "--density", "1/2,0.2")
    report = succeed(*arguments)
    assert (report["schema"], report["n"], report["m"]) == ("antipode.staircase/1", 9, 3)
    first, second = report["steps"]
    assert first["leader"]["name"] == "digon"
    assert second["leader"]["name"] == "pentagon"
    assert first["whole"]["blocks"] == [{"name": "digon 2,1", "count": 3}]
    assert (first["whole"]["represented"], first["whole"]["shares"]) == (6, {"digon": 1})
    assert second["rounding_loss"] >= 0
    (change,) = report["transitions"]
    assert change["density"] == pytest.approx(0.22487545, abs=1e-8)
    code, out, _ = run(*arguments)
    assert code == 0
    assert "leader digon 2,1" in out
    assert "density 0.22487545" in out


@pytest.mark.usefixtures("small")
def test_a_staircase_in_a_folder_has_a_picture(run, tmp_path):
    code, _, err = run("staircase", "--n", 6, "--m", 2, "--density", "1/2,1/5", "--out", tmp_path)
    assert code == 0, err
    assert {path.name for path in tmp_path.iterdir()} >= {"staircase_6_2.json", "staircase_6_2.png"}


@pytest.mark.usefixtures("small")
def test_a_staircase_with_descents_is_kept_and_made_once(run, tmp_path, monkeypatch):
    drawn, out = [], tmp_path / "out"
    monkeypatch.setattr("figures.staircase.save", lambda report, folder: drawn.append(report["n"]))
    arguments = ("staircase", "--n", 6, "--m", 2, "--density", "1/2", "--descents", 1, "--jobs", 1)
    code, _, err = run(*arguments, "--out", out)
    assert code == 0, err
    assert "staircase_6_2.json" in err
    made = json.loads((out / "staircase_6_2.json").read_text())
    assert made["models"][0]["shortfall"] in ("as predicted", "worse minimum")
    assert not (out / ".partial").exists()
    code, text, err = run(*arguments, "--out", out, "--json", "--quiet")
    assert (code, err) == (0, "")
    assert json.loads(text) == made
    code, text, err = run(*arguments, "--seed", 1, "--out", out)
    assert (code, text, one_sentence(err)) == (2, "", True)
    assert "--force" in err
    assert run(*arguments, "--seed", 1, "--out", out, "--force", "--quiet")[0] == 0
    assert drawn == [6, 6, 6]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--n", 2, "--m", 3), "2 features in 3 dimensions: give features ≥ dimensions ≥ 1"),
        (("--density", "1/2,2"), "--density: 2 is outside"),
        (("--descents", 1), "give --out DIR to keep them"),
        (("--trained", "run.nc"), "give --out DIR to keep them"),
        (("--settle", "--out", "out"), "give --trained FILE"),
        (("--descents", "-1", "--out", "out"), "-1 descents: give 0 or more"),
        (("--trained", "nowhere.nc", "--out", "out"), "nowhere.nc holds no training runs"),
    ],
)
def test_what_is_no_staircase_is_refused_in_one_sentence(
    run, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    code, out, err = run("staircase", *arguments)
    assert (code, out, one_sentence(err)) == (2, "", True)
    assert message in err
    assert not list(tmp_path.iterdir())


def test_an_atlas_of_two_sizes_is_made(monkeypatch, run, tmp_path):
    """The command's own sizes take an hour."""
    few = {"sizes": ((2, 1, 0.5), (3, 1, 0.5)), "shapes": ("digon",), "densities": ("0.5",)}
    whole = atlas_module.AtlasSpec
    monkeypatch.setattr(atlas_module, "AtlasSpec", lambda **given: whole(**few, **given))
    out = tmp_path / "atlas.npz"
    code, text, err = run("atlas", "--out", out, "--starts", 1, "--jobs", 1, "--json", "--quiet")
    assert (code, err) == (0, "")
    report = json.loads(text)
    assert report["schema"] == "antipode.atlas/1"
    assert (report["sizes"], report["shapes"], report["blocks"]) == (2, 1, 2)
    assert report["statuses"] == {"converged": 2}
    assert sorted(read_table(out).best) == [(2, 1), (3, 1)]
    assert [path.name for path in tmp_path.iterdir()] == ["atlas.npz"]
    shutil.rmtree(tmp_path)
    (tmp_path).write_text("a file in the way")
    code, text, err = run("atlas", "--out", out, "--starts", 1, "--jobs", 1)
    assert (code, text, one_sentence(err)) == (2, "", True)
    assert run("atlas", "--out", out, "--starts", 0)[0] == 2
