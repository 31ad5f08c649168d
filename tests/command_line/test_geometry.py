"""``antipode geometry``: names as JSON and for reading, and one sentence for what is no model."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from numerics.models_file import save_model
from tests.command_line.support import one_sentence
from theory.polytopes.catalogue import polytope

BLOCK = {
    "features",
    "dimension",
    "name",
    "residual",
    "runner_up",
    "runner_up_residual",
    "dimensionality",
    "leverage",
    "defect",
    "norms",
    "symmetry_order",
}


@pytest.fixture
def stored(tmp_path):
    """Store weights, with biases, and return the path."""

    def store(W):
        W = np.asarray(W, float)
        save_model(tmp_path / "model.safetensors", W, np.zeros((*W.shape[:-2], W.shape[-1])))
        return tmp_path / "model.safetensors"

    return store


def cube_and_digon():
    """Return a cube, a digon of half its size and a feature that is all but dropped."""
    W = np.zeros((5, 11))
    W[:3, :8] = polytope("cube").array()
    W[4, 8:] = [0.5, -0.5, 0.01]
    return W


def test_the_report_has_the_promised_keys_and_what_is_known_of_the_shape(run, stored):
    code, out, error = run("geometry", stored(cube_and_digon()), "--json")
    report = json.loads(out)
    assert (code, error) == (0, "")
    assert report["schema"] == "antipode.geometry/1"
    assert (report["composite"], report["rank"], report["dropped"]) == ("cube+digon", 4, [10])
    assert report["sum_dimensionality"] == pytest.approx(4, abs=1e-3)
    assert report["thresholds"]["dropped_norm"] == 0.1
    cube, digon = report["blocks"]
    assert cube.keys() >= BLOCK
    assert (cube["name"], cube["dimension"], cube["symmetry_order"]) == ("cube", 3, 48)
    assert (cube["features"], cube["runner_up"]) == (list(range(8)), "hexagon+digon")
    assert cube["residual"] < 1e-12 < 0.2 < cube["runner_up_residual"]
    assert cube["dimensionality"] == pytest.approx([3 / 8] * 8)
    assert cube["leverage"] == pytest.approx([3 / 8] * 8)
    assert cube["defect"] == pytest.approx([0] * 8, abs=1e-12)
    assert (digon["name"], digon["features"], digon["runner_up"]) == ("digon", [8, 9], None)
    assert digon["norms"] == [0.5, 0.5]


def test_for_reading_there_is_a_line_for_each_block(run, stored):
    code, out, _ = run("geometry", stored(cube_and_digon()))
    assert code == 0
    assert "cube+digon" in out
    assert "features 0,1,2,3,4,5,6,7  name cube" in out
    assert "features 8,9  name digon" in out


def test_instances_are_chosen_and_biases_may_be_missing(run, tmp_path):
    path = tmp_path / "several.safetensors"
    pair, same = [[1.0, -1.0]], [[1.0, 1.0]]
    save_file({"W": torch.tensor([pair, same], dtype=torch.float32)}, path)
    names = []
    for instance in (0, 1):
        code, out, _ = run("geometry", path, "--instance", instance, "--json")
        assert code == 0
        names.append(json.loads(out)["composite"])
    assert names == ["digon", "unnamed"]
    for arguments, message in (((), "choose one with --instance 0…1"), (("--instance", 2), "hold")):
        code, out, error = run("geometry", path, *arguments)
        assert (code, out, one_sentence(error)) == (2, "", True)
        assert message in error


def test_the_tolerance_is_read_as_other_numbers_are(run, stored):
    noise = 0.01 * np.random.default_rng(0).normal(size=(3, 8))
    path = stored(polytope("cube").array() + noise)
    for tol, name in (("1/20", "cube"), ("1e-4", "unnamed")):
        code, out, _ = run("geometry", path, "--tol", tol, "--json")
        assert (code, json.loads(out)["blocks"][0]["name"]) == (0, name)
    code, out, error = run("geometry", path, "--tol=-1")
    assert (code, out, one_sentence(error)) == (2, "", True)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"W": torch.full((1, 2), float("nan"))}, "contains nan or inf"),
        ({"W": torch.full((1, 2), float("nan")), "b": torch.zeros(2)}, "contains nan or inf"),
        ({"W": torch.full((2, 3), 0.01)}, "no feature is represented"),
        ({"W": torch.ones(3)}, "has W of shape (3,)"),
        ({"W": torch.ones(3, 2)}, "more hidden dimensions than features"),
        ({"W": torch.ones(2, 3), "b": torch.zeros(2)}, "has W of shape (2, 3)"),
        ({"W": torch.ones(2, 3, dtype=torch.int64)}, "store real floats"),
        ({"V": torch.ones(2, 3)}, "lacks"),
    ],
)
def test_what_is_no_model_is_refused_in_one_sentence(run, tmp_path, tensors, message):
    path = tmp_path / "model.safetensors"
    save_file(tensors, path)
    code, out, error = run("geometry", path)
    assert (code, out, one_sentence(error)) == (2, "", True)
    assert message in error
