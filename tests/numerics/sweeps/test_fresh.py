"""What was computed while kernels were compiled is computed again where they are found."""

import os
import subprocess
import sys

import pytest

from numerics.sweeps import fresh
from numerics.sweeps.fresh import with_cached_kernels


def who(_):
    return os.getpid()


def broken(_):
    raise ArithmeticError("broken on purpose")


def dying(_):
    os._exit(1)


def test_without_a_compilation_it_is_computed_here(monkeypatch):
    monkeypatch.setattr(fresh, "_compiled", [False])
    assert with_cached_kernels(who, 0) == os.getpid()


def test_after_a_compilation_it_is_computed_elsewhere(monkeypatch):
    monkeypatch.setattr(fresh, "_compiled", [True])
    assert with_cached_kernels(who, 0) != os.getpid()
    with pytest.raises(ArithmeticError, match="broken on purpose"):
        with_cached_kernels(broken, 0)
    with pytest.raises(RuntimeError, match="died"):
        with_cached_kernels(dying, 0)


PROGRAM = """
import os
from numerics.compiled import jit
from numerics.sweeps.fresh import with_cached_kernels
from tests.numerics.sweeps.test_fresh import who

def compiling(_):
    jit.numba.njit(lambda x: x + 1)(1)
    return os.getpid()

assert with_cached_kernels(who, 0) == os.getpid()
try:
    answer = with_cached_kernels(compiling, 0)
except AttributeError:  # a function of this program cannot be found elsewhere: it was looked for
    print("elsewhere")
"""


def test_a_compilation_is_noticed():
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert ended.stdout == "elsewhere\n"
