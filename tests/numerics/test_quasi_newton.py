"""Quasi-Newton descent: it reaches minima, row by row, whatever lies beside a row."""

from itertools import pairwise

import pytest
import torch

from numerics.quasi_newton import MEMORY, Search

DOUBLE = torch.float64


@pytest.fixture
def kept(request, monkeypatch):
    """Keep inverse Hessians as matrices or as steps, whatever the number of variables."""
    monkeypatch.setattr("numerics.quasi_newton.DENSE", {"matrix": 10**9, "steps": 0}[request.param])
    return request.param


both = pytest.mark.parametrize("kept", ["matrix", "steps"], indirect=True)


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=DOUBLE)


def quadratics(count, d, condition, seed=0):
    """Return ½ (x - c)ᵀ A (x - c) with random A of a given condition, and c."""
    Q = torch.linalg.qr(noise(count, d, d, seed=seed)).Q
    A = (Q * torch.logspace(0, torch.tensor(condition).log10(), d, dtype=DOUBLE)) @ Q.mT
    c = noise(count, d, seed=seed + 1)

    def evaluate(x, rows):
        away = x - c[rows]
        g = (A[rows] * away[:, None, :]).sum(-1)
        return (g * away).sum(-1) / 2, g

    return evaluate, c


def valleys(x, rows):
    """Rosenbrock's chain, its valley narrower from row to row; the minimum is at ones."""
    k = 20.0 + 10 * (rows % 7)[:, None].to(DOUBLE)
    off, left = x[:, 1:] - x[:, :-1] ** 2, 1 - x[:, :-1]
    g = torch.zeros_like(x)
    g[:, 1:] += 2 * k * off
    g[:, :-1] -= 4 * k * off * x[:, :-1] + 2 * left
    return (k * off**2 + left**2).sum(-1), g


def searched(evaluate, x, metric=None, **options):
    search = Search(x.clone(), metric)
    search.run(evaluate, **{"tolerance": 1e-9, "floor": 0.0, "max_steps": 2000, **options})
    return search


def same(one, other, rows):
    """Tell whether every number of ``one`` is bitwise that of the given rows of ``other``."""
    return all(
        torch.equal(getattr(one, name), getattr(other, name)[rows])
        for name in ("x", "f", "g", "steps", "finite")
    )


@both
@pytest.mark.parametrize("spread", [0.0, 1.0, 2.0])
def test_it_reaches_the_minimum_of_a_convex_quadratic_in_any_metric(kept, spread):
    evaluate, c = quadratics(12, 9, 1e3)
    ended = searched(evaluate, torch.zeros(12, 9, dtype=DOUBLE), 10 ** (spread * noise(12, 9)))
    assert not len(ended.open)
    assert (ended.g.norm(dim=1) <= 1e-9).all()
    assert torch.allclose(ended.x, c, rtol=0, atol=1e-9)  # the least eigenvalue is 1


@both
def test_the_inverse_diagonal_as_metric_takes_fewer_steps_than_none(kept):
    scales = torch.logspace(0, 6, 8, dtype=DOUBLE)

    def evaluate(x, rows):
        return (scales * (x - 1) ** 2).sum(-1) / 2, scales * (x - 1)

    start = noise(5, 8)
    plain, scaled = (searched(evaluate, start, m) for m in (None, scales.expand(5, 8)))
    assert (scaled.steps < plain.steps).all()
    assert torch.allclose(scaled.x, torch.ones(5, 8, dtype=DOUBLE), rtol=0, atol=1e-9)


@both
def test_it_follows_a_curved_valley_to_its_end(kept):
    ended = searched(valleys, 0.3 * noise(21, 4))
    assert not len(ended.open)
    assert (ended.g.norm(dim=1) <= 1e-9).all()
    at_ones = (ended.x - 1).abs().amax(1) <= 1e-8
    assert at_ones.double().mean() > 0.7  # the chain has one other minimum, near (-1, 1, 1, 1)
    assert (ended.f[~at_ones] > 1).all()


@both
def test_no_step_raises_the_value_even_at_kinks(kept):
    def evaluate(x, rows):
        return (x - 0.1).abs().sum(-1) + x.square().sum(-1), (x - 0.1).sign() + 2 * x

    start = noise(10, 3)
    values = [evaluate(start, None)[0]]
    values += [searched(evaluate, start, max_steps=k).f for k in (1, 2, 5, 20, 200)]
    for before, after in pairwise(values):
        assert (after <= before).all()
    assert (values[-1] < values[0] - 0.1).all()


@both
def test_a_row_has_bitwise_its_own_result_in_any_batch_and_at_any_place(kept):
    start = 0.5 * noise(21, 12)
    metric = 0.1 + noise(21, 12, seed=3).square()
    whole = searched(valleys, start, metric, max_steps=90)
    assert len(set(whole.steps.tolist())) > 5  # rows end apart
    for rows in ([4], [20, 0], [*range(20, -1, -1)], [3, 8, 8, 1, 17]):
        picked = torch.tensor(rows)
        part = searched(
            lambda x, r, picked=picked: valleys(x, picked[r]),
            start[picked],
            metric[picked],
            max_steps=90,
        )
        assert same(part, whole, picked)
        assert [rows[k] in whole.open for k in range(len(rows))] == [
            k in part.open for k in range(len(rows))
        ]


@both
def test_rows_that_pause_while_others_go_on_keep_their_own_memory(kept):
    start = 0.5 * noise(14, 12)

    def staged(rows):
        search = Search(start[rows].clone())
        for tolerance, steps in ((1.0, 40), (1e-3, 80), (1e-9, 400)):
            search.run(
                lambda x, r: valleys(x, rows[r]), tolerance=tolerance, floor=0.0, max_steps=steps
            )
        return search

    whole = staged(torch.arange(14))
    assert whole.steps.max() > MEMORY
    for k in (0, 5, 13):
        assert same(staged(torch.tensor([k])), whole, [k])


@both
def test_a_descent_stopped_by_its_steps_goes_on_as_if_it_had_not_been(kept):
    start = 0.5 * noise(7, 12)
    whole = searched(valleys, start)
    search = Search(start.clone())
    for steps in (0, 1, 7, 20, 2000):
        search.run(valleys, tolerance=1e-9, floor=0.0, max_steps=steps)
        assert search.steps.max() <= steps
    assert same(search, whole, slice(None))


@both
def test_without_steps_points_stay_and_only_converged_rows_are_closed(kept):
    start = 0.5 * noise(5, 12)
    start[2] = 1.0
    ended = searched(valleys, start, max_steps=0)
    assert torch.equal(ended.x, start)
    assert ended.open.tolist() == [0, 1, 3, 4]
    assert ended.steps.tolist() == [0] * 5
    assert torch.equal(ended.f, valleys(start, torch.arange(5))[0])


@both
def test_each_row_takes_at_most_the_steps_allowed_and_says_if_it_needs_more(kept):
    start = 0.5 * noise(7, 12)
    start[1] = 1 + 1e-10 * start[1]
    ended = searched(valleys, start, max_steps=9)
    assert ended.steps.max() == 9
    assert ended.steps[1] < 9
    assert {*ended.open.tolist()} == {0, 2, 3, 4, 5, 6}


@both
def test_starts_that_are_not_finite_are_told_and_change_no_other_row(kept):
    start = 0.5 * noise(6, 12)
    clean = searched(valleys, start)
    start[1, 3], start[4, 0] = torch.nan, torch.inf
    ended = searched(valleys, start)
    assert ended.finite.tolist() == [True, False, True, True, False, True]
    others = torch.tensor([0, 2, 3, 5])
    for name in ("x", "f", "g", "steps"):
        assert torch.equal(getattr(ended, name)[others], getattr(clean, name)[others])
    assert ended.steps[[1, 4]].tolist() == [0, 0]
    assert not {1, 4} & {*ended.open.tolist()}


@both
@pytest.mark.parametrize("lost", ["value", "gradient"])
def test_a_step_out_of_the_domain_is_shortened(kept, lost):
    """The function x - log x has its minimum at 1; beyond 0 either number is lost."""

    def evaluate(x, rows):
        f = torch.where(x > 0, x - x.abs().log(), torch.nan if lost == "value" else -9.0).sum(-1)
        return f, torch.where(x > 0, 1 - 1 / x, torch.nan)

    ended = searched(evaluate, torch.tensor([[9.0, 1e-3], [1e-4, 30.0]], dtype=DOUBLE))
    assert ended.finite.all()
    assert torch.allclose(ended.x, torch.ones(2, 2, dtype=DOUBLE), rtol=0, atol=1e-8)


@both
def test_decreases_below_the_noise_end_a_row(kept):
    """A gradient that is wrong by 1e-7 never meets the tolerance; the search ends all the same."""

    def evaluate(x, rows):
        return x.square().sum(-1) / 2, x + 1e-7

    ended = searched(evaluate, noise(4, 5), tolerance=1e-12, floor=1e-13)
    assert not len(ended.open)
    assert (ended.steps < 60).all()
    assert (ended.f <= 1e-12).all()


@both
def test_each_row_may_have_its_own_number_of_steps(kept):
    start = 0.5 * noise(3, 6)
    most = torch.tensor([0, 7, 2000])
    ended = searched(valleys, start, max_steps=most)
    assert ended.steps[:2].tolist() == [0, 7]
    assert sorted(ended.open.tolist()) == [0, 1]
    assert torch.equal(ended.x[0], start[0])
    assert ended.g[2].norm() <= 1e-9
