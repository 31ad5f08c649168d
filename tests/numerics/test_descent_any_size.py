"""Descent beyond three features: it converges, reports the exact loss, and beats training."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from numerics.descent import descend
from numerics.evaluator import exact_loss
from numerics.optimum import find_optimum, tie_width
from numerics.quasi_newton import DENSE
from numerics.sampled_training import STEPS, train_sampled
from numerics.starts import random_starts, structured_starts
from theory import population_loss
from theory.problem import Problem

DOUBLE = torch.float64
CASES = [
    (4, 2, "1/5"),
    (5, 2, "1/20"),
    (6, 3, "1/10"),
    (7, 3, "3/10"),
    (8, 3, "1/5"),
    (20, 5, "1/10"),
]
NEWTON = (26, 6)  # features and dimensions of a model that ends with Newton's method


def problem(n, m, density, ratio="9/10"):
    importance = tuple(Fraction(ratio) ** k for k in range(n))
    return Problem(features=n, hidden=m, density=Fraction(density), importance=importance)


def numbers(task):
    """Return densities and importances as tensors (n,)."""
    return tuple(
        torch.tensor([float(x) for x in column], dtype=DOUBLE)
        for column in (task.density, task.importance)
    )


def starts(task, count):
    return tuple(map(torch.from_numpy, random_starts(task, count, "test", 0)))


def gradient_norms(ended, p, I):
    """Return the norms of the gradients of the front door's loss, in the unit."""
    w, c = ended.W.clone().requires_grad_(), ended.b.clone().requires_grad_()
    (exact_loss(w, c, p, I, rtol=1e-12) / ended.unit).sum().backward()
    return torch.cat([w.grad.flatten(1), c.grad], 1).norm(dim=1)


def same(one, other, rows):
    return (
        torch.equal(one.W, other.W[rows])
        and torch.equal(one.b, other.b[rows])
        and torch.equal(one.loss, other.loss[rows])
        and torch.equal(one.gradient, other.gradient[rows])
        and one.status == [other.status[k] for k in rows]
    )


@pytest.mark.parametrize(
    ("case", "tolerance"),
    [*((case, 1e-6) for case in CASES), *((case, 1e-3) for case in CASES[:2])],
)
def test_every_start_converges_to_the_loss_and_gradient_it_reports(case, tolerance):
    task = problem(*case)
    p, I = numbers(task)
    W, b = starts(task, 4)
    before = exact_loss(W, b, p, I)
    ended = descend(W, b, p, I, tolerance=tolerance)
    assert ended.status == ["converged"] * 4
    assert (ended.gradient <= tolerance).all()
    assert (ended.loss < before).all()
    assert torch.allclose(gradient_norms(ended, p, I), ended.gradient, rtol=0, atol=1e-9)
    again = exact_loss(ended.W, ended.b, p, I, rtol=1e-12)
    assert ((ended.loss - again).abs() <= 1e-11 * ended.unit).all()
    if case[0] <= 7:
        exact = [
            population_loss(w, c, p, I)
            for w, c in zip(ended.W.numpy(), ended.b.numpy(), strict=True)
        ]
        assert np.abs(ended.loss.numpy() - exact).max() <= 1e-9 * ended.unit[0].item()


@pytest.mark.parametrize("case", CASES[:3])
def test_a_finer_tolerance_changes_the_loss_by_less_than_a_tie(case):
    task = problem(*case)
    one, other = (
        descend(*starts(task, 6), *numbers(task), tolerance=tolerance)
        for tolerance in (1e-5, 1e-11)
    )
    assert ((one.loss - other.loss).abs() <= tie_width(task)).all()
    assert (other.gradient <= 1e-6).all()


def test_few_steps_are_told_and_no_more_are_taken():
    task = problem(6, 3, "1/10")
    for steps in (0, 3):
        ended = descend(*starts(task, 4), *numbers(task), max_steps=steps)
        assert ended.status == ["max_steps"] * 4
        assert ended.steps == steps


@pytest.mark.parametrize("steps", [0, 5, 40])
def test_a_descent_cut_short_before_newton_reports_the_exact_loss_too(steps):
    n, m = NEWTON
    assert n * (m + 1) > DENSE
    task = problem(n, m, "1/10")
    p, I = numbers(task)
    W, b = starts(task, 2)
    ended = descend(W, b, p, I, max_steps=steps)
    again = exact_loss(ended.W, ended.b, p, I, rtol=1e-12)
    assert ((ended.loss - again).abs() <= 1e-11 * ended.unit).all()
    assert torch.allclose(gradient_norms(ended, p, I), ended.gradient, rtol=0, atol=1e-9)
    assert ended.status == ["max_steps"] * 2
    assert ended.steps == steps
    assert steps or (torch.equal(ended.W, W) and torch.equal(ended.b, b))


def test_a_start_at_a_minimum_is_converged_without_a_step():
    n, m = NEWTON
    task = problem(n, m, "1/10")
    first = descend(*starts(task, 1), *numbers(task))
    assert first.status == ["converged"]
    assert first.gradient.item() <= 1e-8
    again = descend(first.W, first.b, *numbers(task), max_steps=0, tolerance=1e-8)
    assert (again.status, again.steps) == (["converged"], 0)
    assert torch.equal(again.W, first.W)
    assert again.loss.item() == pytest.approx(first.loss.item(), rel=1e-12)


@pytest.mark.parametrize("warm_up", [0, 30])
@pytest.mark.parametrize("newton", [False, True])
def test_a_descent_has_bitwise_its_own_result_in_any_batch_and_at_any_place(
    newton, warm_up, monkeypatch
):
    if newton:
        monkeypatch.setattr("numerics.descent.DENSE", 0)
    n = 8
    task = problem(n, 3, "1/10")
    W, b = starts(task, 5)
    p = 0.05 + 0.1 * torch.rand(5, n, generator=torch.Generator().manual_seed(0), dtype=DOUBLE)
    _, I = numbers(task)
    I = I.expand(5, n)

    def ends(rows):
        return descend(W[rows], b[rows], p[rows], I[rows], warm_up=warm_up, max_steps=200)

    whole = ends([0, 1, 2, 3, 4])
    for rows in ([3], [4, 3, 2, 1, 0], [2, 0]):
        assert same(ends(rows), whole, rows)


def test_of_many_features_a_model_is_descended_as_beside_others_however_many_it_stores(monkeypatch):
    """One model drops most of its features and goes to Newton's method at once, one stores all."""
    monkeypatch.setattr("numerics.descent._LARGE", 20)
    n, m = NEWTON
    task = problem(n, m, "1/10", ratio="1")
    W, b = starts(task, 2)
    p = torch.tensor([[0.3] * n, [0.005] * n], dtype=DOUBLE)
    together = descend(W, b, p, tolerance=1e-8)
    assert together.status == ["converged"] * 2
    stored = (together.W.norm(dim=1) > 0.5).sum(1).tolist()
    assert stored[0] < 20 < stored[1]
    for row in range(2):
        assert same(descend(W[[row]], b[[row]], p[[row]], tolerance=1e-8), together, [row])


@pytest.mark.parametrize(("n", "m"), [(6, 3), NEWTON])
def test_a_start_that_is_not_finite_says_so_and_spoils_no_other(n, m):
    task = problem(n, m, "1/10")
    W, b = starts(task, 3)
    W[1, 0, 2] = torch.nan
    ended = descend(W, b, *numbers(task), warm_up=5, max_steps=60)
    rest = descend(W[[0, 2]], b[[0, 2]], *numbers(task), warm_up=5, max_steps=60)
    assert ended.status[1] == "nonfinite"
    assert same(rest, ended, [0, 2])


@pytest.mark.parametrize("newton", [False, True])
def test_outputs_that_fell_silent_are_woken(newton, monkeypatch):
    """A silent output costs I E x² and its bias has no gradient; a constant costs I V."""
    if newton:
        monkeypatch.setattr("numerics.descent.DENSE", 0)
    task = problem(12, 3, "1/20", ratio="4/5")
    p, I = numbers(task)
    W, b = starts(task, 4)
    b[0] = -5.0  # nothing is ever on
    ended = descend(W, b, p, I)
    assert ended.status == ["converged"] * 4
    most = ended.b + (ended.W.mT @ ended.W).clamp_min(0).sum(2)
    assert (most > 0).all()
    assert ended.loss[0] <= ended.unit[0] * (1 + 1e-12)
    unmoved = descend(W, b, p, I, max_steps=0)
    assert torch.equal(unmoved.b, b)
    assert unmoved.loss[0].item() == pytest.approx((I * p / 3).sum().item(), rel=1e-12)


def test_hits_count_the_starts_that_reached_the_least_loss():
    task = problem(6, 3, "1/10", ratio="1")
    ended = descend(*starts(task, 8), *numbers(task))
    near = ended.loss <= ended.loss.min() + 1e-9 * ended.unit
    assert ended.hits == int(near.sum())
    W, b = (torch.cat([x, x[:1].new_zeros(1, *x.shape[1:])]) for x in (ended.W, ended.b))
    spoiled = descend(W, b, *numbers(task))
    assert spoiled.hits == ended.hits  # the model without weights stays where it is
    assert spoiled.loss[-1] > ended.loss.max()


def test_a_warm_up_is_part_of_no_step_count_and_never_hurts_the_best_of_some():
    task = problem(12, 4, "1/10", ratio="7/10")
    cold, warm = (
        descend(*starts(task, 4), *numbers(task), warm_up=steps, max_steps=400)
        for steps in (0, 300)
    )
    assert warm.steps <= 400
    assert warm.loss.min() <= cold.loss.min() + 1e-9 * cold.unit[0]


@pytest.mark.parametrize("newton", [False, True])
def test_report_tells_rows_and_gradients_of_every_step(newton, monkeypatch):
    if newton:
        monkeypatch.setattr("numerics.descent.DENSE", 0)
    told = []
    task = problem(5, 2, "1/10")
    ended = descend(
        *starts(task, 2), *numbers(task), warm_up=3, report=lambda *call: told.append(call)
    )
    assert all(len(rows) == len(norms) for rows, norms in told)
    assert all({*rows.tolist()} <= {0, 1} for rows, _ in told)
    assert len(told) >= ended.steps + 2
    assert told[-1][1].max() < told[0][1].max()


def test_converged_minima_of_structured_starts_have_curvature():
    task = problem(6, 3, "1/10", ratio="1")
    ended = descend(*structured_starts(task, 8), *numbers(task), curvature=True)
    best = ended.stability[ended.loss.argmin()]
    assert best.status == "smooth"
    assert best.curvature > 0.1
    assert len(ended.stability) == 8


def assert_training_stays_above(task, found, runs, steps):
    """Compare an optimum with sampled runs, each evaluated exactly."""
    p, I = numbers(task)
    best = exact_loss(found.W, found.b, p, I, rtol=1e-12).item()
    assert best == pytest.approx(found.loss, rel=1e-9)
    for start in range(runs):
        trained = train_sampled([task], start, steps=steps)
        loss = exact_loss(trained.W, trained.b, p, I).item()
        assert loss >= best - tie_width(task), start
        assert loss < 0.98 * float(
            sum(i * v for i, v in zip(task.importance, task.variances, strict=True))
        )


@pytest.mark.parametrize("case", [(5, 2, "1/20"), (5, 2, "3/10"), (6, 3, "1/10"), (8, 3, "1/5")])
def test_no_training_on_samples_ends_below_the_optimum(case):
    task = problem(*case, ratio="1")
    assert_training_stays_above(task, find_optimum(task, starts=4), runs=1, steps=1000)


@pytest.mark.slow
@pytest.mark.parametrize("case", [(5, 2, "1/20"), (5, 2, "3/10"), (6, 3, "1/10"), (8, 3, "1/5")])
def test_no_long_training_on_samples_ends_below_the_optimum(case):
    task = problem(*case, ratio="1")
    assert_training_stays_above(task, find_optimum(task, starts=16), runs=10, steps=STEPS)


@pytest.mark.slow
def test_no_training_of_twenty_features_ends_below_the_optimum():
    task = problem(20, 5, "1/10", ratio="7/10")
    assert_training_stays_above(task, find_optimum(task), runs=10, steps=STEPS)
