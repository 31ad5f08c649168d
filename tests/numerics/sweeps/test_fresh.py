"""What would be computed while kernels are compiled is computed where they are found."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from numerics.sweeps import fresh
from numerics.sweeps.fresh import with_cached_kernels


@dataclass
class Who:
    """Tells in which process it was computed, and keeps a diary of its calls."""

    diary: Path

    def note(self, what):
        with self.diary.open("a") as file:
            file.write(f"{what} {os.getpid()}\n")

    def rehearse(self):
        self.note("rehearse")

    def compute(self):
        self.note("compute")
        return os.getpid()

    def discard(self):
        self.note("discard")

    def compiling(self):
        self.note("compiling")


class Broken(Who):
    def rehearse(self):
        raise ValueError("errors of a rehearsal do not matter")

    def compute(self):
        raise ArithmeticError("broken on purpose")


class Dying(Who):
    def compute(self):
        os._exit(1)


class Endless(Who):
    def compute(self):
        self.note("compute")
        time.sleep(600)


def _compile_here(task):
    if (task.diary.parent / str(os.getpid())).exists():  # in the first process only
        from numerics.compiled import jit  # noqa: PLC0415

        jit.numba.njit(lambda x: x + 1)(1)


class CompilingEarly(Who):
    def rehearse(self):
        super().rehearse()
        _compile_here(self)


class CompilingLate(Who):
    def compute(self):
        _compile_here(self)
        return super().compute()


@pytest.fixture
def diary(tmp_path):
    return tmp_path / "diary"


@pytest.fixture
def elsewhere(monkeypatch):
    """Behave like a process in which a kernel was compiled."""
    monkeypatch.setattr(fresh, "_compiled", [True])
    yield
    fresh._end_server()


def calls(diary):
    return [line.split()[0] for line in diary.read_text().splitlines()]


def test_without_a_compilation_it_is_computed_here(monkeypatch, diary):
    monkeypatch.setattr(fresh, "_compiled", [False])
    assert with_cached_kernels(Who(diary)) == os.getpid()
    assert calls(diary) == ["rehearse", "compute"]


@pytest.mark.usefixtures("elsewhere")
def test_after_a_compilation_one_other_process_computes_everything(diary):
    first = with_cached_kernels(Who(diary))
    assert first != os.getpid()
    assert with_cached_kernels(Who(diary)) == first
    with pytest.raises(ArithmeticError, match="broken on purpose"):
        with_cached_kernels(Broken(diary))
    with pytest.raises(RuntimeError, match="died"):
        with_cached_kernels(Dying(diary))
    assert with_cached_kernels(Who(diary)) not in (first, os.getpid())
    assert len(calls(diary)) == 2 * 3 + 1  # Dying rehearses too


PROGRAM = """
import os, sys
from pathlib import Path
from numerics.sweeps.fresh import with_cached_kernels
from tests.numerics.sweeps import test_fresh

diary = Path(sys.argv[1])
(diary.parent / str(os.getpid())).touch()
early = with_cached_kernels(getattr(test_fresh, sys.argv[2])(diary))
assert early != os.getpid()
assert with_cached_kernels(test_fresh.Who(diary)) == early
"""


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("CompilingEarly", ["rehearse", "compiling"]),
        ("CompilingLate", ["rehearse", "compiling", "compute", "discard"]),
    ],
)
def test_a_compilation_is_noticed_and_told(diary, kind, wanted):
    command = [sys.executable, "-c", PROGRAM, str(diary), kind]
    subprocess.run(command, check=True)
    assert calls(diary) == [*wanted, *["rehearse", "compute"] * 2]


ENDLESS = """
import sys
from pathlib import Path
from numerics.sweeps import fresh
from tests.numerics.sweeps.test_fresh import Endless
fresh._compiled.append(True)
fresh.with_cached_kernels(Endless(Path(sys.argv[1])))
"""


def test_no_process_outlives_the_one_it_computes_for(diary):
    diary.touch()
    with subprocess.Popen([sys.executable, "-c", ENDLESS, str(diary)]) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and "compute" not in calls(diary):
            time.sleep(0.02)
        process.kill()
    other = int(diary.read_text().split()[-1])
    assert other != process.pid
    while time.monotonic() < deadline:
        try:
            os.kill(other, 0)
            state = Path(f"/proc/{other}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return
        if state == "Z":  # ended, and nobody asks how
            return
        time.sleep(0.02)
    os.kill(other, signal.SIGKILL)
    pytest.fail("it computes for nobody")
