"""What commands say while they work: on stderr, off a terminal too, and nothing if told."""

import json

import pytest
from numba.core import event

from numerics import reports
from numerics.compiled import jit


@pytest.fixture
def succeed(run):
    """Run a command that succeeds; its JSON object and what it says."""

    def call(*arguments):
        code, out, err = run(*arguments)
        assert code == 0, err
        return json.loads(out), err

    return call


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


def test_a_search_off_a_terminal_says_how_far_it_is_unless_told_to_be_quiet(succeed):
    search = ("optimum", "4,2", "--law", "one-hot", "--starts", 1, "--json")
    found, told = succeed(*search)
    assert told.splitlines()[-1] == f"{found['starts']} of {found['starts']}: descents"
    assert succeed(*search, "--quiet") == (found, "")


@pytest.mark.usefixtures("compiles")
@pytest.mark.parametrize("cached", [True, False])
def test_compiling_is_told_once_and_what_to_do_if_it_is_not_kept(
    succeed, pair, monkeypatch, cached
):
    monkeypatch.setattr(jit, "CACHED", cached)
    loss = ("loss", pair, "--density", "1/2", "--json")
    found, told = succeed(*loss)
    assert told.startswith("compiling kernels (once, " if cached else "compiling kernels (about")
    assert told.count("\n") == 1
    assert ("NUMBA_CACHE_DIR" in told) is not cached
    assert succeed(*loss, "--quiet") == (found, "")


def test_where_nothing_is_compiled_nothing_is_said(succeed, pair):
    _, told = succeed("loss", pair, "--density", "1/2", "--json")
    assert told == ""
