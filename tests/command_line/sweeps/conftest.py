"""A sweep as a user writes it, and one as a user makes it."""

import subprocess
from pathlib import Path

import pytest

from tests.command_line.support import ANTIPODE
from tests.command_line.sweeps.support import TOML
from tests.numerics.sweeps.support import work_here


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    work_here(monkeypatch)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "sweep.toml"
    path.write_text(TOML)
    return path


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a sweep as a user does, once; do not change it."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "sweep.toml").write_text(TOML)
    command = [*ANTIPODE, "sweep", str(folder / "sweep.toml"), "--out", str(folder / "out")]
    ended = subprocess.run([*command, "--csv"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    return folder / "out"
