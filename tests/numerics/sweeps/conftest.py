"""The tiny sweep, made once, and work without processes."""

import pytest

from numerics.sweeps.places import Place
from numerics.sweeps.running import make
from tests.numerics.sweeps.support import tiny, work_here


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """Compute the tiny sweep in this process, once; do not change it."""
    out = tmp_path_factory.mktemp("whole") / "sweep"
    with pytest.MonkeyPatch.context() as patch:
        work_here(patch)
        make(tiny(), Place.folder(out))
    return out


@pytest.fixture
def here(monkeypatch):
    work_here(monkeypatch)
