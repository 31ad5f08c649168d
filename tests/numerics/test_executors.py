"""Units give the same results in this process and in workers, and their errors are told."""

import pytest

from numerics.executors import Unit, default_jobs, run_units


def square(x):
    return x * x


def threads():
    import torch  # noqa: PLC0415  only in the worker

    return torch.get_num_threads()


def broken(x):
    raise ArithmeticError(f"unit {x} broke")


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_unit_and_its_follow_ups_are_handed_back_once(jobs):
    results = {}

    def follow_up(key, result, seconds):
        assert key not in results
        assert seconds >= 0
        results[key] = result
        return [Unit(f"after-{key}", square, (result,))] if key in ("2", "3") else []

    run_units([Unit(str(k), square, (k,)) for k in range(5)], jobs, follow_up)
    assert results == {**{str(k): k * k for k in range(5)}, "after-2": 16, "after-3": 81}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_units_error_reaches_the_caller_and_finished_units_are_kept(jobs):
    kept = []
    units = [Unit("good", square, (3,)), Unit("bad", broken, (7,))]
    with pytest.raises(ArithmeticError, match="unit 7 broke"):
        run_units(units, jobs, lambda key, result, seconds: kept.append(key) or [])
    assert kept in (["good"], [])
    assert jobs == 2 or kept == ["good"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_in_the_caller_stops_the_run(jobs):
    def interrupt(key, result, seconds):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_units([Unit(str(k), square, (k,)) for k in range(3)], jobs, interrupt)


def test_one_thread_a_unit():
    found = []
    run_units([Unit("t", threads, ())], 1, lambda key, result, seconds: found.append(result) or [])
    assert found == [1]
    assert default_jobs() >= 1
