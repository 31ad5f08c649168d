"""``antipode convert``: models of the public code, judged by that code's own formulas."""

import itertools
import json
import os

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from tests.command_line.support import one_sentence

INSTANCES, FEATURES, HIDDEN = 3, 4, 2


class Notebook(nn.Module):
    """The model of the notebook: features are rows."""

    def __init__(self):
        super().__init__()
        self.W = nn.Parameter(torch.empty((INSTANCES, FEATURES, HIDDEN)))
        self.b_final = nn.Parameter(torch.empty((INSTANCES, FEATURES)))

    def forward(self, features):
        hidden = torch.einsum("...if,ifh->...ih", features, self.W)
        return torch.relu(torch.einsum("...ih,ifh->...if", hidden, self.W) + self.b_final)


class Arena(nn.Module):
    """The model of the ARENA course: features are columns."""

    def __init__(self):
        super().__init__()
        self.W = nn.Parameter(torch.empty((INSTANCES, HIDDEN, FEATURES)))
        self.b_final = nn.Parameter(torch.empty((INSTANCES, FEATURES)))

    def forward(self, features):
        hidden = torch.einsum("...if,ihf->...ih", features, self.W)
        return torch.relu(torch.einsum("...ih,ihf->...if", hidden, self.W) + self.b_final)


class ArenaNet(nn.Module):
    """The two-layer net of the ARENA course."""

    def __init__(self):
        super().__init__()
        self.W1 = nn.Parameter(torch.empty((INSTANCES, HIDDEN, FEATURES)))
        self.W2 = nn.Parameter(torch.empty((INSTANCES, FEATURES, HIDDEN)))
        self.b_final = nn.Parameter(torch.empty((INSTANCES, FEATURES)))

    def forward(self, features):
        hidden = torch.relu(torch.einsum("...if,ihf->...ih", features, self.W1))
        return torch.relu(torch.einsum("...ih,ifh->...if", hidden, self.W2) + self.b_final)


CODES = {"anthropic": Notebook, "arena": Arena}


def drawn(code, dtype=torch.float64):
    model = code().to(dtype)
    generator = torch.Generator().manual_seed(4)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.7, generator=generator)
    return model


def binary_losses(model, density, importance):
    """Return the population losses of all instances for features that are 0 or 1."""
    x = torch.tensor(list(itertools.product((0.0, 1.0), repeat=FEATURES)), dtype=torch.float64)
    chance = torch.where(x > 0, density, 1 - density).prod(1)
    out = model(x[:, None].expand(-1, INSTANCES, -1))
    return torch.einsum("s,f,sif->i", chance, importance, (x[:, None] - out) ** 2).tolist()


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "notebook.safetensors"
    save_file(drawn(Notebook).state_dict(), path)
    return path


@pytest.mark.parametrize("convention", CODES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_converted_model_has_the_loss_of_the_code_that_trained_it(
    run, tmp_path, convention, dtype
):
    model = drawn(CODES[convention], dtype)
    theirs, ours = tmp_path / "theirs.safetensors", tmp_path / "ours.safetensors"
    save_file(model.state_dict(), theirs)
    code, out, err = run("convert", theirs, "--from", convention, "--to", "antipode", "--out", ours)
    assert (code, out) == (0, "")
    assert err.splitlines() == [f"wrote {ours}"]
    losses = binary_losses(model.double(), 0.25, torch.tensor([1, 0.5, 0.25, 0.125]).double())
    for k, loss in enumerate(losses):
        options = ["--density", "1/4", "--importance", "0.5^i", "--amplitude", "binary", "--json"]
        code, out, _ = run("loss", ours, "--instance", k, *options)
        assert code == 0
        # both sum 16 patterns in double precision, in another order
        assert json.loads(out)["loss"] == pytest.approx(loss, rel=1e-13)


@pytest.mark.parametrize("convention", CODES)
def test_the_public_code_opens_what_is_converted_for_it(run, tmp_path, convention):
    (other,) = CODES.keys() - {convention}
    model = drawn(CODES[other])
    there, here = tmp_path / "there.safetensors", tmp_path / "here.safetensors"
    save_file(model.state_dict(), there)
    assert run("convert", there, "--from", other, "--to", convention, "--out", here)[0] == 0
    opened = CODES[convention]().double()
    opened.load_state_dict(load_file(here))
    x = torch.rand(8, INSTANCES, FEATURES, dtype=torch.float64)
    # the same sums, whose terms einsum may take in another order
    assert torch.allclose(opened(x), model(x), rtol=1e-13, atol=1e-14)


def test_the_two_layer_net_goes_there_and_back(run, tmp_path):
    model = drawn(ArenaNet, torch.float32)
    theirs, ours, again = (tmp_path / f"{k}.safetensors" for k in "abc")
    save_file(model.state_dict(), theirs)
    assert run("convert", theirs, "--from", "arena", "--to", "antipode", "--out", ours)[0] == 0
    tensors = load_file(ours)
    assert tensors.keys() == {"W_in", "W_out", "b"}
    x = torch.rand(FEATURES)
    for k in range(INSTANCES):
        hidden = torch.relu(tensors["W_in"][k] @ x)
        out = torch.relu(tensors["W_out"][k] @ hidden + tensors["b"][k])
        # float32, sums of 4 terms near 1
        assert torch.allclose(out, model(x.expand(INSTANCES, -1))[k], atol=1e-5)
    assert run("convert", ours, "--from", "antipode", "--to", "arena", "--out", again)[0] == 0
    assert again.read_bytes() == theirs.read_bytes()
    code, _, err = run("loss", ours, "--density", "1/2")
    assert code == 2
    assert one_sentence(err)
    assert "two-layer" in err


def test_one_instance_is_chosen_and_the_report_says_what_was_written(run, notebook, tmp_path):
    given = load_file(notebook)
    arguments = ["convert", notebook, "--from", "anthropic", "--instance", 1, "--json"]
    ours, theirs = tmp_path / "ours.safetensors", tmp_path / "theirs.safetensors"
    code, out, _ = run(*arguments, "--to", "antipode", "--out", ours)
    assert code == 0
    assert json.loads(out) == {
        "schema": "antipode.convert/1",
        "status": "written",
        "source": str(notebook),
        "from": "anthropic",
        "to": "antipode",
        "instance": 1,
        "out": str(ours),
        "tensors": [
            {"name": "W", "shape": [HIDDEN, FEATURES], "dtype": "float64"},
            {"name": "b", "shape": [FEATURES], "dtype": "float64"},
        ],
        "ignored": [],
        "nonfinite": [],
    }
    assert torch.equal(load_file(ours)["W"], given["W"][1].T)
    code, out, _ = run(*arguments, "--to", "anthropic", "--out", theirs)
    assert json.loads(out)["tensors"][0]["shape"] == [1, FEATURES, HIDDEN]
    assert torch.equal(load_file(theirs)["b_final"], given["b_final"][[1]])


def test_what_is_left_out_and_what_is_not_finite_is_told(run, notebook, tmp_path):
    tensors = load_file(notebook)
    tensors["W"][2, 0, 0] = float("nan")
    tensors["b_final"][0, 1] = float("inf")
    save_file({**tensors, "importance": torch.ones(1, FEATURES)}, notebook)
    out = tmp_path / "out.safetensors"
    options = ["--from", "anthropic", "--to", "arena", "--out", out]
    code, printed, err = run("convert", notebook, *options, "--json")
    report = json.loads(printed)
    assert code == 0
    assert (report["ignored"], report["nonfinite"]) == (["importance"], [0, 2])
    ignored, nonfinite, _ = err.splitlines()
    assert "importance" in ignored
    assert "[0, 2]" in nonfinite
    assert torch.equal(load_file(out)["W"].isnan(), tensors["W"].mT.isnan())
    assert run("convert", notebook, *options, "--quiet") == (0, "", "")


def test_a_file_that_holds_something_else_is_replaced_only_by_force(run, notebook, tmp_path):
    out = tmp_path / "out.safetensors"
    command = ["convert", notebook, "--from", "anthropic", "--to", "arena", "--out", out]
    assert run(*command)[0] == 0
    stamp = out.stat().st_mtime_ns
    code, printed, err = run(*command, "--json")
    assert (code, err) == (0, f"{out} is up to date\n")
    assert json.loads(printed)["status"] == "up to date"
    assert out.stat().st_mtime_ns == stamp
    made = out.read_bytes()
    out.write_text("precious")
    code, _, err = run(*command)
    assert code == 2
    assert one_sentence(err)
    assert "--force" in err
    assert out.read_text() == "precious"
    assert run(*command, "--force")[0] == 0
    assert out.read_bytes() == made
    assert sorted(path.name for path in tmp_path.iterdir()) == [out.name, notebook.name][::-1]


def test_the_file_that_is_read_is_never_written(run, notebook, tmp_path):
    content = notebook.read_bytes()
    linked = tmp_path / "linked.safetensors"
    os.link(notebook, linked)
    for out in (notebook, linked):
        command = ["convert", notebook, "--from", "anthropic", "--to", "arena", "--out", out]
        code, _, err = run(*command, "--force")
        assert code == 2
        assert one_sentence(err)
        assert "choose another --out" in err
    assert notebook.read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["IN", "--from", "arena"], "--from anthropic"),
        (["IN", "--from", "antipode"], "--from anthropic"),
        (["IN", "--from", "saelens"], "'saelens'"),
        (["IN", "--from", "anthropic", "--to", "tms"], "'tms'"),
        (["IN", "--from", "anthropic", "--instance", 3], "instance 3"),
        (["IN", "--from", "anthropic", "--instance", -1], "instance -1"),
        (["nowhere.safetensors", "--from", "anthropic"], "nowhere.safetensors"),
        (["FOLDER", "--from", "anthropic"], "not a file"),
        (["PICKLE", "--from", "anthropic"], "safetensors.torch.save_file"),
        (["IN", "--from", "anthropic", "--out", "FOLDER"], "choose another --out"),
        (["IN", "--from", "anthropic", "--out", "/dev/null/x"], "cannot write"),
    ],
)
def test_wrong_use_is_one_sentence_and_writes_nothing(run, notebook, tmp_path, arguments, named):
    folder, pickled = tmp_path / "folder", tmp_path / "model.pt"
    folder.mkdir()
    torch.save(drawn(Notebook).state_dict(), pickled)
    places = {"IN": notebook, "FOLDER": folder, "PICKLE": pickled}
    before = sorted(tmp_path.rglob("*"))
    defaults = ["--to", "antipode", "--out", tmp_path / "out.safetensors"]
    code, out, err = run("convert", *defaults, *(places.get(x, x) for x in arguments))
    assert (code, out) == (2, "")
    assert one_sentence(err)
    assert named in err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("command", ["loss", "compare"])
def test_a_file_of_the_notebook_is_refused_with_a_command_that_works(
    run, notebook, tmp_path, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)
    code, _, err = run(command, notebook, "--density", "1/2")
    assert code == 2
    assert one_sentence(err)
    told = err.split("antipode convert ")[1].split()
    assert run("convert", *told)[0] == 0
    options = ["--instance", 0, "--density", "1/2", "--json"]
    assert run("loss", "OUT.safetensors", *options)[0] == 0


def test_the_command_has_help_with_an_example_takes_a_seed_and_needs_both_conventions(run):
    code, out, _ = run("convert", "--help")
    assert code == 0
    assert "Example: antipode convert" in " ".join(out.split())
    assert "--seed" in out
    assert run("convert", "x", "--from", "arena", "--out", "y")[0] == 2
