"""A death belongs to the call it happened in, and no worker outlives its executor."""

import os
import signal
import threading
import time
from concurrent.futures import wait

import pytest

from numerics.executors import open_workers
from numerics.worker_processes import WorkerDied, WorkerProcesses


def square(x):
    return x * x


def die(how):
    os.kill(os.getpid(), how)
    time.sleep(10)


def leave(code):
    os._exit(code)


class UnportableError(Exception):
    def __init__(self, first, second):
        super().__init__(first)


def raise_unportable():
    raise UnportableError("one", "two")


def unportable_answer():
    return threading.Lock()


def sleep_and_tell(folder):
    (folder / str(os.getpid())).write_text("")
    time.sleep(60)


def ignores_interrupts():
    os.kill(os.getpid(), signal.SIGINT)
    return "here"


@pytest.fixture(scope="module")
def pool():
    with WorkerProcesses(2) as executor:
        yield executor


def test_a_death_ends_its_own_call_and_no_other(pool):
    calls = [pool.submit(square, k) for k in range(3)]
    killed, left = pool.submit(die, signal.SIGKILL), pool.submit(leave, 3)
    calls += [pool.submit(square, k) for k in range(3, 9)]
    assert [call.result(60) for call in calls] == [k * k for k in range(9)]
    with pytest.raises(WorkerDied, match=r"^worker died \(signal 9, as when memory runs out\)$"):
        killed.result(60)
    with pytest.raises(WorkerDied, match=r"^worker died \(exit code 3\)$"):
        left.result(60)


def test_errors_come_back_even_those_that_cannot_travel(pool):
    with pytest.raises(TypeError, match="multiply sequence"):
        pool.submit(square, "x").result(60)
    with pytest.raises(RuntimeError, match="UnportableError: one"):
        pool.submit(raise_unportable).result(60)
    with pytest.raises(TypeError, match="pickle"):
        pool.submit(unportable_answer).result(60)
    with pytest.raises(Exception, match=r"pickle|local"):
        pool.submit(lambda: 1).result(60)
    assert pool.submit(square, 5).result(60) == 25


def test_workers_leave_interrupts_to_their_parent(pool):
    assert pool.submit(ignores_interrupts).result(60) == "here"


def test_a_call_that_waits_can_be_withdrawn(tmp_path):
    executor = WorkerProcesses(1)
    running = executor.submit(sleep_and_tell, tmp_path)
    waiting = executor.submit(square, 2)
    assert waiting.cancel()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not list(tmp_path.iterdir()):
        time.sleep(0.02)
    (mark,) = tmp_path.iterdir()
    begun = time.monotonic()
    executor.kill()
    wait([running], timeout=10)
    assert isinstance(running.exception(10), WorkerDied)
    assert time.monotonic() - begun < 5
    executor.shutdown()
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.name), 0)


def test_workers_are_stopped_by_an_error_in_their_caller(tmp_path):
    with pytest.raises(KeyboardInterrupt), open_workers("local", 1) as workers:  # noqa: PT012
        running = workers.executor.submit(sleep_and_tell, tmp_path)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not list(tmp_path.iterdir()):
            time.sleep(0.02)
        raise KeyboardInterrupt
    assert workers.deaths(running.exception(10)) == 1
    assert workers.deaths(ValueError()) == 0
    assert workers.count() == 1


def test_a_place_that_is_none_is_refused():
    with pytest.raises(ValueError, match="executor 'cloud' is not known"), open_workers("cloud", 1):
        pass
