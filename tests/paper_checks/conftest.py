"""A finished folder of tiny phase diagrams, and the evidence read from it."""

from pathlib import Path

import pytest

from numerics.phase_diagram import compute, finish
from numerics.plane import CASES, PlaneSpec
from paper_checks.evidence import Evidence, from_folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tiny")
    specs = [
        PlaneSpec(
            n,
            m,
            density_cells=5,
            importance_cells=5,
            sampled_starts=1,
            sampled_side=2,
            sampled_steps=2,
            train_steps=60,
        )
        for n, m in CASES
    ]
    finish(out, compute(specs, out, jobs=1))
    return out


@pytest.fixture(scope="session")
def evidence(folder: Path) -> Evidence:
    return from_folder(folder)
