"""``antipode thomson`` and ``antipode tammes`` as a user runs them."""

import json
import subprocess
import sys

import numpy as np
import pytest

from numerics.spheres import tables
from tests.command_line.support import one_sentence

KEYS = {"points", "point_group", "dipole", "min_angle_deg", "hits", "starts", "status"}


@pytest.fixture
def succeed(run):
    """Run a command that succeeds; its JSON object."""

    def call(*arguments):
        code, out, err = run(*arguments, "--json", "--quiet")
        assert (code, err) == (0, "")
        return json.loads(out)

    return call


def test_the_icosahedron_solves_both_problems(succeed):
    thomson = succeed("thomson", 12, "--starts", 4)
    tammes = succeed("tammes", 12, "--starts", 4)
    assert thomson["schema"] == "antipode.thomson/1"
    assert tammes["schema"] == "antipode.tammes/1"
    assert thomson["energy"] == pytest.approx(49.165253058, abs=1e-9)
    assert tammes["angle_deg"] == tammes["min_angle_deg"]
    for found in (thomson, tammes):
        assert found.keys() >= KEYS
        assert (found["point_group"], found["symmetry_order"]) == ("Ih", 120)
        assert (found["status"], found["verdict"]) == ("converged", "equal")
        assert 1 <= found["hits"] <= found["starts"] == 4
        x = np.array(found["points"])
        assert x.shape == (12, 3)
        np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1, atol=1e-14)
        cosine = np.sort((x @ x.T)[np.triu_indices(12, 1)])[-1]
        assert found["min_angle_deg"] == pytest.approx(np.degrees(np.arccos(cosine)), abs=1e-12)
        assert found["dipole"] == pytest.approx(0, abs=1e-12)


def test_other_dimensions_powers_and_lines(succeed):
    code = succeed("thomson", 8, "--dim", 4, "--power", "5/2", "--starts", 3)
    assert code["symmetry_order"] == 384
    assert code["point_group"] is code["best_known"] is code["verdict"] is None
    assert (code["dim"], code["power"]) == (4, 2.5)
    lines = succeed("tammes", 6, "--lines", "--starts", 3)
    assert lines["angle_deg"] == pytest.approx(np.degrees(np.arccos(5**-0.5)), abs=1e-9)
    assert (lines["lines"], lines["dipole"], lines["verdict"]) == (True, None, None)


def test_two_points_have_a_group_without_an_order(succeed):
    for command in ("thomson", "tammes"):
        found = succeed(command, 2, "--starts", 1)
        assert (found["point_group"], found["symmetry_order"]) == ("Dinfh", None)
        assert found["min_angle_deg"] == 180


def test_the_same_seed_prints_the_same_bytes(run):
    arguments = ("thomson", 13, "--starts", 3, "--seed", 7, "--json", "--quiet")
    assert run(*arguments) == run(*arguments)


def test_rattlers_are_named(succeed):
    found = succeed("tammes", 20, "--starts", 6)
    x = np.array(found["points"])
    others = np.delete(np.arange(20), found["rattlers"])
    least = np.degrees(np.arccos((x @ x.T)[found["rattlers"]][:, others].max()))
    assert len(found["rattlers"]) == 2
    assert least > found["angle_deg"] + 1e-6


def test_for_reading_there_is_all_but_the_points(run):
    code, out, err = run("thomson", 5, "--starts", 2)
    assert code == 0
    assert err.splitlines()[-1].startswith("2 of 2: best hit ")
    entries = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert entries["point_group"] == "D3h"
    assert "points" not in entries


@pytest.mark.parametrize(("shift", "code", "word"), [(1e-6, 1, "checked"), (-1e-6, 0, "--starts")])
def test_a_record_is_an_alarm_and_a_shortfall_a_message(monkeypatch, run, shift, code, word):
    row = dict(tables.known("thomson", 6))
    row["energy"] += shift
    monkeypatch.setattr(tables, "_rows", lambda problem: {6: row})
    ended, out, err = run("thomson", 6, "--starts", 2, "--json", "--quiet")
    assert ended == code
    assert json.loads(out)["verdict"] == ("record" if code else "short")
    assert word in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("thomson", 1), "give at least 2"),
        (("thomson", 0), "give at least 2"),
        (("tammes", 1), "give at least 2"),
        (("thomson", 5, "--dim", 1), "dim must be at least 2"),
        (("tammes", 5, "--dim", 0), "dim must be at least 2"),
        (("thomson", 5, "--starts", 0), "give at least 1"),
        (("thomson", 5, "--power=-2"), "power must be above −2"),
        (("thomson", 5, "--power", "nan"), "'nan' is not a number"),
        (("thomson", 5, "--power", "1e300"), "at most 1024"),
    ],
)
def test_bad_input_is_one_sentence(run, arguments, words):
    code, out, err = run(*arguments, "--json")
    assert (code, out) == (2, "")
    assert one_sentence(err)
    assert words in err


def test_help_has_an_example_and_loads_nothing_heavy(run):
    for command in ("thomson", "tammes"):
        code, out, _ = run(command, "--help")
        assert code == 0
        assert f"Example: antipode {command} " in out
    script = (
        "import sys, antipode\n"
        "sys.argv = ['antipode', 'thomson', '4', '--starts', '1', '--quiet']\n"
        "try:\n    antipode.main()\n"
        "except SystemExit as stop:\n    assert not stop.code\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
