"""Commands run as a user runs them, a small model, a small phase diagram made once."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import antipode
from figures import style
from numerics.models_file import save_model
from tests.command_line.support import ANTIPODE, TINY, Run


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["antipode", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            antipode.main()
        streams = capsys.readouterr()
        return int(stop.value.code or 0), streams.out, streams.err

    return call


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "pair.safetensors"
    save_model(path, np.array([[1.0, -1.0]]), np.zeros(2))
    return path


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a phase diagram as a user does, once; do not change it."""
    out = tmp_path_factory.mktemp("made") / "diagram"
    command = [*ANTIPODE, "phase-diagram", "2,1", *TINY, "--jobs", "1", "--out", str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    return out


@pytest.fixture
def diagram(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "copy")


@pytest.fixture
def plain_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put stand-ins where the pictures go, in tests that are not about pictures."""

    def save(figure: object, folder: Path, stem: str, formats: object = None) -> None:
        for kind in style.FORMATS:
            (folder / f"{stem}.{kind}").write_text("picture")

    monkeypatch.setattr("figures.style.save", save)
