"""A finished folder of tiny phase diagrams, and the evidence read from it."""

from pathlib import Path

import pytest

from numerics.phase_diagram import finish
from paper_checks.evidence import Evidence, from_folder
from tests import tiny


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tiny")
    finish(out, [tiny.outcome(tiny.spec(2, 1, rows=3, columns=3)), tiny.outcome(tiny.THREE)])
    return out


@pytest.fixture(scope="session")
def evidence(folder: Path) -> Evidence:
    return from_folder(folder)
