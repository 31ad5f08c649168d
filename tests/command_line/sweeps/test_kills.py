"""A sweep killed at any moment, again and again, leaves the bytes of one that was not."""

import random
import time
from pathlib import Path

import pytest

from tests.command_line.sweeps.support import LONGER, sweep_of


def kill_again_and_again(folder: Path, text: str, jobs: int, kills: int, seed: int) -> None:
    """Kill a sweep this often, each time resuming it, and begin anew when it has ended.

    The moments are spread over the time the sweep takes if it is left alone; whatever ends must be
    the bytes of that one.
    """
    begun = time.monotonic()
    whole = sweep_of(folder / "whole", text, None, jobs)
    seconds = time.monotonic() - begun
    assert whole is not None
    draw = random.Random(seed)
    killed, ended = 0, 0
    while killed < kills:
        moment = draw.uniform(0, seconds)
        results = sweep_of(folder / f"killed-{ended}", text, moment, jobs)
        killed += results is None
        ended += results is not None
        assert results is None or results == whole
    assert sweep_of(folder / f"killed-{ended}", text, None, jobs) == whole


@pytest.mark.usefixtures("finished")  # whose kernels are these ones: none are to be compiled
def test_a_sweep_killed_again_and_again_gives_the_bytes_of_one_that_was_not(
    tmp_path: Path,
) -> None:
    text = LONGER.replace("-features", "-intro")
    kill_again_and_again(tmp_path, text, jobs=1, kills=2, seed=5)


@pytest.mark.slow
def test_a_sweep_on_two_workers_killed_ten_times(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, LONGER, jobs=2, kills=10, seed=0)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_kills_change_nothing(tmp_path: Path) -> None:
    """Some batches take longer than the seconds between checkpoints, and go on from them."""
    text = LONGER.replace("800", "5000").replace(", 0.7, 0.6, 0.5, 0.4", "")
    kill_again_and_again(tmp_path, text, jobs=2, kills=100, seed=1)


@pytest.mark.slow
def test_an_empty_cache_of_kernels_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    text = LONGER.replace("800", "50").replace(", 0.7, 0.6, 0.5, 0.4", "")
    first, second = (sweep_of(tmp_path / name, text, None) for name in ("first", "second"))
    assert first == second
