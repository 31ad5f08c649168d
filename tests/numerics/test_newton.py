"""Trust-region Newton: its Hessian is the loss's, and it ends where nothing is left to gain."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch

from numerics.descent import descend
from numerics.evaluator import exact_loss
from numerics.newton import TiedProblem, newton
from numerics.stability import stability
from tests.hard_models import row, rows
from theory import population_loss

DOUBLE = torch.float64
ACCURACY = 1e-12


def unit(p, I):
    return float((I * (p / 3 - p**2 / 4)).sum())


def problem(n, density, importance=None):
    """Return densities (n,), importances (n,) and the problem."""
    p = np.ones(n) * density
    I = np.ones(n) if importance is None else np.asarray(importance, float)
    scale = torch.tensor(unit(p, I), dtype=DOUBLE)
    return p, I, TiedProblem(torch.from_numpy(p), torch.from_numpy(I), scale, ACCURACY)


def random_model(seed, n, m, size=0.6):
    rng = np.random.default_rng(seed)
    return size * rng.standard_normal((m, n)), 0.2 * rng.standard_normal(n)


def autograd(W, b, p, I):
    """Return the loss and its gradient in the unit, through the front door."""
    w, c = (torch.tensor(x, requires_grad=True) for x in (W, b))
    loss = exact_loss(w, c, torch.from_numpy(p), torch.from_numpy(I), rtol=1e-12) / unit(p, I)
    loss.backward()
    return loss.item(), torch.cat([w.grad.flatten(), c.grad]).numpy()


def polished(task, W, b, tolerance=1e-11):
    return newton(task, task.model(W, b), tolerance=tolerance, max_steps=100)


def pentagon(radius=1.1):
    angle = 2 * np.pi * np.arange(5) / 5
    return radius * np.array([np.cos(angle), np.sin(angle)])


@pytest.mark.parametrize(("n", "m"), [(3, 1), (3, 2), (4, 2)])
def test_products_with_the_hessian_are_second_differences_of_the_exact_sum(n, m):
    """In rationals a step of 1e-7 loses nothing to rounding: the rest is its square."""
    p, I, task = problem(n, 0.25, 2.0 ** -np.arange(n))
    W, b = random_model(n + m, n, m)
    H = task.curvature(task.model(W, b), 1e-11)
    size, h = m * n + n, Fraction(1, 10**7)
    x = [Fraction(v) for v in [*W.ravel().tolist(), *b.tolist()]]
    rng = np.random.default_rng(0)

    def loss(y):
        weights = [y[k * n : (k + 1) * n] for k in range(m)]
        return population_loss(weights, y[m * n :], row(p), row(I))

    for _ in range(3):
        u, v = (rng.integers(-2, 3, size).tolist() for _ in range(2))
        corners = {
            (s, t): loss([a + h * (s * c + t * d) for a, c, d in zip(x, u, v, strict=True)])
            for s in (1, -1)
            for t in (1, -1)
        }
        mixed = corners[1, 1] - corners[1, -1] - corners[-1, 1] + corners[-1, -1]
        truth = float(mixed / (4 * h**2)) / unit(p, I)
        assert np.array(u) @ (H @ np.array(v, float)) == pytest.approx(truth, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("n", "m"), [(5, 2), (8, 3), (24, 5)])
def test_products_with_the_hessian_are_differences_of_gradients(n, m):
    _, _, task = problem(n, 0.15, 0.8 ** np.arange(n))
    W, b = random_model(n, n, m, size=0.4)
    H = task.curvature(task.model(W, b), 1e-11)
    rng = np.random.default_rng(1)
    for _ in range(3):
        v = rng.standard_normal(m * n + n)
        h = 1e-5 / np.linalg.norm(v)
        ahead, behind = (
            task.model(W + s * h * v[: m * n].reshape(m, n), b + s * h * v[m * n :]).gradient
            for s in (1, -1)
        )
        # gradients are good to 1e-11 or so, which the step turns into 1e-6
        assert np.abs(H @ v - (ahead - behind) / (2 * h)).max() <= 1e-5 * np.abs(H @ v).max()


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 2), (5, 2), (9, 4)])
def test_the_diagonal_is_that_of_the_products_and_these_are_symmetric(n, m):
    _, _, task = problem(n, 0.3, 0.7 ** np.arange(n))
    model = task.model(*random_model(n, n, m))
    H = task.curvature(model)
    whole = np.array([H @ e for e in np.eye(m * n + n)])
    scale = np.abs(whole).max()
    # kept in single precision, and good to 1e-7 or so before that
    assert np.abs(whole - whole.T).max() <= 1e-6 * scale
    assert np.abs(np.diag(whole) - H.diagonal()).max() <= 1e-6 * scale


@pytest.mark.parametrize(("n", "m"), [(2, 1), (5, 2), (12, 4)])
def test_the_loss_and_gradient_of_a_model_are_those_of_the_front_door(n, m):
    p, I, task = problem(n, 0.2, 0.9 ** np.arange(n))
    W, b = random_model(n, n, m)
    model = task.model(W, b)
    loss, gradient = autograd(W, b, p, I)
    assert model.loss == pytest.approx(loss, abs=1e-11)
    assert np.abs(model.gradient - gradient).max() <= 1e-9


@pytest.mark.parametrize(("n", "m", "p"), [(5, 2, 0.05), (6, 3, 0.1), (20, 5, 0.1)])
def test_it_ends_where_the_gradient_vanishes_and_reports_what_it_has(n, m, p):
    p, I, task = problem(n, p, 0.9 ** np.arange(n))
    W, b = random_model(3, n, m)
    start = task.model(W, np.abs(b))
    ended = newton(task, start, tolerance=1e-9, max_steps=300)
    loss, gradient = autograd(ended.model.W, ended.model.b, p, I)
    assert ended.status == "converged"
    assert ended.model.loss == pytest.approx(loss, abs=1e-11)
    assert ended.model.loss < start.loss
    assert np.linalg.norm(ended.model.gradient) <= 1e-9
    assert np.linalg.norm(gradient) <= 1e-9


def test_near_a_minimum_each_step_raises_the_gradient_to_the_power_of_three_halves_at_least():
    """Conjugate gradients stop at a residual of that power, by their goal."""
    _, _, task = problem(5, 0.05)
    least = polished(task, pentagon(), np.full(5, -0.1)).model
    rng = np.random.default_rng(0)
    W = least.W + 2e-3 * rng.standard_normal((2, 5))
    norms = []
    ended = newton(task, task.model(W, least.b), tolerance=1e-11, max_steps=30, report=norms.append)
    assert ended.status == "converged"
    assert ended.steps == len(norms) <= 6
    assert norms[0] > 1e-3
    for before, after in pairwise(norms):
        assert after <= 20 * before**1.5 + 1e-11
    assert ended.model.loss == pytest.approx(least.loss, abs=1e-13)


def test_it_leaves_a_saddle_along_negative_curvature():
    """At density 0.5 the best pentagon is stationary, by symmetry, but no minimum."""
    _, _, task = problem(5, 0.5)
    best = descend([[0.9]], [[0.0] * 5], 0.5, basis=pentagon(1.0)[None])
    saddle = task.model(best.W[0].numpy(), best.b[0].numpy())
    assert np.linalg.norm(saddle.gradient) <= 1e-6
    assert stability(task, saddle).curvature < -0.01
    nudged = saddle.W + 1e-5 * np.random.default_rng(0).standard_normal((2, 5))
    ended = polished(task, nudged, saddle.b)
    assert ended.status == "converged"
    assert ended.model.loss < saddle.loss - 1e-3
    assert stability(task, ended.model).curvature > 0


def test_it_leaves_the_model_without_weights():
    p, _, task = problem(6, 0.05)
    W = 1e-4 * np.random.default_rng(0).standard_normal((3, 6))
    ended = polished(task, W, p / 2)
    assert task.model(W, p / 2).loss == pytest.approx(1, abs=1e-6)
    assert ended.status == "converged"
    assert ended.model.loss < 0.6  # three dedicated features would leave half
    assert stability(task, ended.model).curvature > 0


def test_a_column_of_zero_that_is_worth_a_direction_is_given_one():
    """With one feature dropped of four in two dimensions two digons are lower."""
    _, _, task = problem(4, 0.05)
    W = np.array([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    W[:, 3] = [0.0, -1e-5]
    start = task.model(W, np.array([0.0, 0.0, 0.0, 0.025]))
    ended = polished(task, start.W, start.b)
    assert ended.status == "converged"
    assert (np.linalg.norm(ended.model.W, axis=0) > 0.5).all()
    assert ended.model.loss < start.loss - 0.1


def test_no_step_raises_the_loss():
    _, _, task = problem(8, 0.2)
    start = task.model(*random_model(0, 8, 3))
    losses = [
        newton(task, start, tolerance=1e-10, max_steps=k).model.loss
        for k in (0, 1, 2, 4, 8, 16, 32)
    ]
    assert losses[0] == start.loss
    for before, after in pairwise(losses):
        assert after <= before + 1e-13


def test_steps_that_run_out_are_told_and_none_leave_the_start():
    _, _, task = problem(5, 0.05)
    start = task.model(*random_model(0, 5, 2))
    none, two = (newton(task, start, tolerance=1e-10, max_steps=k) for k in (0, 2))
    assert (none.status, none.steps) == ("max_steps", 0)
    assert none.model is start
    assert (two.status, two.steps) == ("max_steps", 2)
    at_goal = newton(task, start, tolerance=1e9, max_steps=0)
    assert (at_goal.status, at_goal.steps) == ("converged", 0)


def test_a_gradient_that_rounding_holds_up_stalls_and_does_not_go_on_for_ever():
    _, _, task = problem(5, 0.05)
    ended = newton(task, task.model(pentagon(), np.full(5, -0.1)), tolerance=0.0, max_steps=500)
    assert ended.status == "stalled"
    assert ended.steps < 500
    assert np.linalg.norm(ended.model.gradient) <= 1e-10


def test_the_exact_sum_at_the_end_is_the_loss_that_is_reported():
    p, I, task = problem(6, 0.1)
    model = polished(task, *random_model(1, 6, 3)).model
    exact = population_loss(rows(model.W), row(model.b), row(p), row(I))
    assert model.loss == pytest.approx(float(exact) / unit(p, I), abs=1e-11)
