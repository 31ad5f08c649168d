"""Compiled kernels are never stale, whatever folders can be written, and survive a fork."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from numerics.compiled import jit

ROOT = Path(__file__).resolve().parents[2]
CALLED = "from .jit import compiled\n\n@compiled\ndef called():\n    return {value}\n"
CALLER = (
    "from .called import called\nfrom .jit import compiled\n\n"
    "@compiled\ndef caller():\n    return called() + 10\n"
)
PROGRAM = """
from numerics.compiled.caller import caller
from numerics.compiled.jit import before_compiling, CACHED
told = []
with before_compiling(lambda: told.append("compiled")):
    value = caller()
print(value, CACHED, *told)
"""


@pytest.fixture
def copy(tmp_path):
    """Copy the package of kernels; let one of its kernels call another."""
    package = tmp_path / "numerics"
    (package / "compiled").mkdir(parents=True)
    for name in ("__init__.py", "coefficients.py", "compiled/__init__.py", "compiled/jit.py"):
        shutil.copy(ROOT / "numerics" / name, package / name)
    (package / "compiled" / "caller.py").write_text(CALLER)
    (package / "compiled" / "called.py").write_text(CALLED.format(value=1))
    return package / "compiled"


def printed(copy, **environment):
    """Run the program on the copy, its environment bare but for what is given."""
    bare = {key: x for key, x in os.environ.items() if not key.startswith(("NUMBA_", "XDG_"))}
    home = copy.parents[1] / "home"
    run = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM],
        cwd=copy.parents[1],
        env={**bare, "PYTHONPATH": str(copy.parents[1]), "HOME": str(home), **environment},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def kernels(folder):
    return {path.name for path in folder.rglob("*.nbc")}


def forbid(folder):
    """Make a folder that not even the superuser can write in: it is a file."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("")


def test_a_second_process_loads_what_the_first_compiled_until_a_called_kernel_changes(copy):
    assert printed(copy) == "11 True compiled"
    assert printed(copy) == "11 True"
    (copy / "called.py").write_text(CALLED.format(value=2))
    assert printed(copy) == "12 True compiled"
    assert {path.name[:8] for path in (copy / "__pycache__").iterdir()} == {"kernels-"}


def test_beside_a_folder_that_cannot_be_written_the_users_is_taken_by_its_state_too(copy):
    forbid(copy / "__pycache__")
    assert printed(copy) == "11 True compiled"
    (state,) = (copy.parents[1] / "home/.cache/antipode").iterdir()
    assert kernels(state) == kernels(copy.parents[1])
    assert len(kernels(state)) == 2


def test_without_any_folder_nothing_is_cached(copy):
    forbid(copy / "__pycache__")
    forbid(copy.parents[1] / "home")
    assert printed(copy, NUMBA_CACHE_DIR=str(copy / "caller.py")) == "11 False compiled"
    assert not kernels(copy.parents[1])


def test_kernels_that_numba_would_put_elsewhere_are_not_cached(copy):
    assert printed(copy, NUMBA_CACHE_LOCATOR_CLASSES="InTreeCacheLocator") == "11 True compiled"
    assert not kernels(copy)


def test_the_folder_that_the_user_names_comes_first(copy, tmp_path):
    assert printed(copy, NUMBA_CACHE_DIR=str(tmp_path / "named")) == "11 True compiled"
    assert len(kernels(tmp_path / "named")) == 2
    assert not (copy / "__pycache__").exists()


def test_a_new_state_deletes_what_was_last_used_a_month_ago_and_nothing_else(tmp_path):
    names = [f"kernels-{'0' * 16}", f"kernels-{'1' * 16}", "kernels-of-another", "other"]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("")
    month_ago = time.time() - 31 * 86400
    for name in names[1:]:
        os.utime(tmp_path / name, (month_ago, month_ago))
    chosen = jit._choose([tmp_path])
    assert {path.name for path in tmp_path.iterdir()} == {*names, chosen.name} - {names[1]}
    os.utime(tmp_path / names[0], (month_ago, month_ago))
    os.utime(chosen, (month_ago, month_ago))
    assert jit._choose([tmp_path]) == chosen  # not new: nothing is searched, and it is in use
    assert (tmp_path / names[0]).is_dir()
    assert chosen.stat().st_mtime > month_ago + 86400


def test_a_forked_child_computes_what_its_parent_does():
    """In a new process, which has no other threads; the alarm ends a child that waits for ever."""
    program = """
import os, signal, torch
from numerics.compiled import batches
torch.set_num_threads(2)
g = torch.Generator().manual_seed(0)
M, b = torch.randn(40, 12, 12, generator=g).double(), torch.zeros(40, 12).double()
given = (M, b, b + 0.1, b + 1, b[:, 0] + 1e-6)
before = batches.loss_and_gradient(*given)
assert batches._pool.cache_info().currsize == 1
child = os.fork()
if not child:
    signal.alarm(60)
    after = batches.loss_and_gradient(*given)
    os._exit(0 if all(map(torch.equal, before, after)) else 1)
assert os.waitpid(child, 0)[1] == 0
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
