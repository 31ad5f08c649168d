"""Progress away from a terminal: seldom, but never long in silence."""

import pytest

from numerics import progress


@pytest.fixture
def clock(monkeypatch):
    seconds = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: seconds[0])
    return seconds


def test_every_tenth_of_the_work_has_a_line(capsys, clock):
    with progress.terminal_progress() as report:
        for done in range(101):
            report(done, 100, "cells")
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.splitlines() == [f"{done} of 100: cells" for done in range(10, 101, 10)]


def test_work_without_a_finished_unit_has_a_line_every_half_minute(capsys, clock):
    with progress.terminal_progress() as report:
        for second in range(100):
            clock[0] = float(second)
            report(0, 7, f"after {second} s")
    assert capsys.readouterr().err.splitlines() == [
        f"0 of 7: after {second} s" for second in (31, 62, 93)
    ]


def test_the_quiet_hear_nothing(capsys, clock):
    with progress.terminal_progress(quiet=True) as report:
        report(7, 7, "cells")
    streams = capsys.readouterr()
    assert (streams.out, streams.err) == ("", "")
