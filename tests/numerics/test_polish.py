"""The end of a descent: dropped features leave and cost nothing but time."""

import numpy as np
import pytest
import torch

from numerics import polish
from numerics.descent import descend
from numerics.evaluator import exact_loss
from numerics.newton import TiedProblem, newton
from numerics.objective import Objective, Variables
from numerics.quasi_newton import Search
from theory.laws import FeatureLaw
from theory.phases import DROPPED_NORM

DOUBLE = torch.float64


def objective(n, m, density, importance=1.0):
    q = torch.full((1, n), density, dtype=DOUBLE)
    I = torch.ones(n, dtype=DOUBLE)[None] * importance
    return Objective(variables=Variables(hidden=m, features=n), q=q, importance=I, law=FeatureLaw())


def whole(task):
    """Return the problem of all features."""
    return TiedProblem(task.q[0], task.importance[0], task.unit[0], polish.FINE)


def finished(task, W, b, tolerance=1e-8, max_steps=400):
    search = Search(torch.from_numpy(np.concatenate([W.ravel(), b])[None]))
    search.run(task.at_accuracy(1e-9), tolerance=tolerance, floor=1e-12, max_steps=0)
    polish.finish(search, task, tolerance, max_steps, None)
    weights, _, biases = task.variables.models(search.x)
    return search, weights[0].numpy(), biases[0].numpy()


@pytest.fixture(scope="module")
def crowd():
    """A minimum of thirty features of which two dimensions hold a few, and its problem."""
    n, m, p = 30, 2, 0.1
    rng = np.random.default_rng(0)
    W, b = torch.from_numpy(0.2 * rng.standard_normal((1, m, n))), torch.zeros(1, n).double()
    return objective(n, m, p), descend(W, b, p, tolerance=1e-8, newton=True)


def test_dropped_features_end_without_weights_and_the_whole_gradient_vanishes(crowd):
    task, ended = crowd
    norms = ended.W[0].norm(dim=0)
    assert ended.status == ["converged"]
    assert 4 <= int((norms >= DROPPED_NORM).sum()) <= 20
    assert (norms[norms < DROPPED_NORM] == 0).all()
    w, c = ended.W.clone().requires_grad_(), ended.b.clone().requires_grad_()
    (exact_loss(w, c, task.q, task.importance, rtol=1e-12) / ended.unit).sum().backward()
    assert torch.cat([w.grad.flatten(), c.grad.flatten()]).norm() <= 1.1e-8


def test_no_dropped_column_lowers_the_loss_even_where_the_biases_follow(crowd):
    task, ended = crowd
    W, b = ended.W[0].numpy(), ended.b[0].numpy()
    problem, mean = whole(task), task.q[0].numpy() / 2
    least = problem.model(W, b).loss
    j = int(np.flatnonzero((W == 0).all(0))[0])
    for angle in np.linspace(0, 2 * np.pi, 8, endpoint=False):
        tried = W.copy()
        tried[:, j] = 0.01 * np.array([np.cos(angle), np.sin(angle)])
        shift = (tried.T @ tried - W.T @ W) @ mean
        # a curvature of a few hundredths of the unit and more, a step of 1e-2
        assert problem.model(tried, b - shift).loss > least + 1e-8


def test_the_end_is_that_of_newton_with_all_features(crowd):
    task, ended = crowd
    rng = np.random.default_rng(1)
    W = ended.W[0].numpy() + 5e-3 * rng.standard_normal(ended.W[0].shape)
    b = ended.b[0].numpy()
    problem = whole(task)
    other = newton(problem, problem.model(W, b), tolerance=1e-8, max_steps=200)
    search, weights, _ = finished(task, W, b)
    assert other.status == "converged"
    assert len(search.open) == 0
    assert search.f[0].item() == pytest.approx(other.model.loss, abs=1e-12)
    assert search.f[0].item() == pytest.approx((ended.loss / ended.unit).item(), abs=1e-12)
    assert (np.linalg.norm(weights, axis=0) == 0).any()


def almost_two_digons():
    """Return three features stored of four where two digons are lower."""
    W = np.array([[1.05, -1.05, 0.0, 0.0], [0.0, 0.0, 1.0, -1e-5]])
    return objective(4, 2, 0.05), W, np.array([0.0, 0.0, 0.0, 0.025])


def test_a_short_column_that_would_grow_is_not_dropped():
    task, W, b = almost_two_digons()
    _, weights, _ = finished(task, W, b)
    assert (np.linalg.norm(weights, axis=0) > 0.5).all()


def test_a_column_that_would_grow_again_gets_back_what_it_had(monkeypatch):
    task, W, b = almost_two_digons()
    true, calls = polish._shrinking, []

    def wrong_at_first(problem, model, columns):
        calls.append(columns)
        return columns if len(calls) == 1 else true(problem, model, columns)

    monkeypatch.setattr(polish, "_shrinking", wrong_at_first)
    _, weights, _ = finished(task, W, b)
    assert len(calls) == 2
    assert (np.linalg.norm(weights, axis=0) > 0.5).all()


def test_steps_count_those_without_the_dropped_features(crowd):
    task, ended = crowd
    rng = np.random.default_rng(2)
    W = ended.W[0].numpy() + 2e-2 * rng.standard_normal(ended.W[0].shape)
    for steps in (0, 2):
        search, _, _ = finished(task, W, ended.b[0].numpy(), max_steps=steps)
        assert int(search.steps[0]) == steps
        assert search.open.tolist() == [0]
    assert search.f[0] < whole(task).model(W, ended.b[0].numpy()).loss


def test_a_part_of_a_problem_and_what_the_rest_costs_are_the_whole():
    task = objective(8, 2, 0.2, importance=torch.tensor(0.8 ** np.arange(8)))
    kept = np.arange(8) % 3 > 0
    W = np.random.default_rng(0).standard_normal((2, 8)) * kept
    p, I = task.q[0].numpy(), task.importance[0].numpy()
    b = np.where(kept, -0.05, p / 2)
    problem = whole(task)
    part = problem.of(kept).model(W[:, kept], b[kept])
    rest = (I * (p / 3 - p**2 / 4))[~kept].sum() / task.unit.item()
    assert part.loss + rest == pytest.approx(problem.model(W, b).loss, abs=1e-11)


def test_second_derivatives_by_biases_are_on_the_diagonal_of_the_hessian():
    task = objective(7, 3, 0.3)
    problem = whole(task)
    rng = np.random.default_rng(3)
    model = problem.model(0.5 * rng.standard_normal((3, 7)), 0.1 * rng.standard_normal(7))
    diagonal = problem.curvature(model, 1e-11).diagonal()[-7:]
    assert problem.bends(model) == pytest.approx(diagonal, rel=1e-6)


@pytest.mark.parametrize("bias", [0.0, 1e-3, 0.02])
@pytest.mark.parametrize("W", [[1.0, -1e-4], [0.97, -5e-3], [1.02, -1e-3], [1.0, 0.0]])
def test_a_column_that_grows_to_one_side_of_a_kink_is_not_left_out(W, bias):
    # the first feature's bias ends on its kink, 0, where it bends nine times as much upwards
    task = objective(2, 1, 0.1, torch.tensor([1.0, 0.8], dtype=DOUBLE))
    search, weights, _ = finished(task, np.array([W]), np.array([bias, 0.05]))
    pair = whole(task).model(np.array([[1.0, -1.0]]), np.zeros(2)).loss
    assert search.f.item() < pair < 0.06  # dropping the second costs 0.444
    assert weights.prod() < -0.5


def test_random_starts_end_where_no_dropped_column_grows():
    n, m, p = 3, 2, 0.2
    importance = 0.8 ** torch.arange(3, dtype=DOUBLE)
    W = torch.from_numpy(0.05 * np.random.default_rng(5).standard_normal((30, m, n)))
    b = torch.zeros(30, n, dtype=DOUBLE)
    ended = descend(W, b, p, importance, tolerance=1e-8, newton=True)
    rng = np.random.default_rng(6)
    for row in range(30):
        beside = ended.W[row] + 1e-3 * torch.from_numpy(rng.standard_normal((4, m, n)))
        other = descend(beside, ended.b[row].expand(4, n), p, importance, tolerance=1e-8)
        assert other.loss.min() > ended.loss[row] - 1e-6 * ended.unit[row]
