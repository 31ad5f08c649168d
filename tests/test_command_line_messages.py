"""What commands say while they work: on stderr, off a terminal too, and nothing if told."""

import json

import numpy as np
import pytest
from numba.core import event

import antipode
from numerics import reports
from numerics.compiled import jit
from numerics.models_file import save_model


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["antipode", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            antipode.main()
        streams = capsys.readouterr()
        assert not stop.value.code, streams.err
        return json.loads(streams.out), streams.err

    return call


@pytest.fixture
def pair(tmp_path):
    path = tmp_path / "pair.safetensors"
    save_model(path, np.array([[1.0, -1.0]]), np.zeros(2))
    return path


@pytest.fixture
def compiles(monkeypatch):
    """Let the loss of a model tell of two kernels compiled, as numba does."""
    real = reports.loss_report

    def loss_report(*given):
        for kernel in ("first", "second"):
            event.start_event("numba:compile", kernel)
            event.end_event("numba:compile", kernel)
        return real(*given)

    monkeypatch.setattr(reports, "loss_report", loss_report)


def test_a_search_off_a_terminal_says_how_far_it_is_unless_told_to_be_quiet(run):
    search = ("optimum", "4,2", "--law", "one-hot", "--starts", 1, "--json")
    found, told = run(*search)
    assert told.splitlines()[-1] == f"{found['starts']} of {found['starts']}: descents"
    assert run(*search, "--quiet") == (found, "")


@pytest.mark.usefixtures("compiles")
@pytest.mark.parametrize("cached", [True, False])
def test_compiling_is_told_once_and_what_to_do_if_it_is_not_kept(run, pair, monkeypatch, cached):
    monkeypatch.setattr(jit, "CACHED", cached)
    loss = ("loss", pair, "--density", "1/2", "--json")
    found, told = run(*loss)
    assert told.startswith("compiling kernels (once, " if cached else "compiling kernels (about")
    assert told.count("\n") == 1
    assert ("NUMBA_CACHE_DIR" in told) is not cached
    assert run(*loss, "--quiet") == (found, "")


def test_where_nothing_is_compiled_nothing_is_said(run, pair):
    _, told = run("loss", pair, "--density", "1/2", "--json")
    assert told == ""
