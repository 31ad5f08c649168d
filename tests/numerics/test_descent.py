"""Descent reaches certified minima, and says honestly where it stopped."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch

from numerics.descent import descend
from numerics.evaluator import exact_loss
from numerics.piecewise import loss_unit, plane_tensors
from numerics.starts import random_starts, structured_starts
from tests.support import CERTIFIED
from theory import population_loss
from theory.problem import Problem, dropped_loss, phase_plane


def starts(problem: Problem, count: int = 20):
    pairs = zip(structured_starts(problem), random_starts(problem, count, "test", 0), strict=True)
    return tuple(torch.from_numpy(np.concatenate(both)) for both in pairs)


def descended(problem: Problem, count: int = 20, **options):
    return descend(*starts(problem, count), *plane_tensors(problem), **options)


@pytest.mark.parametrize(("point", "least"), CERTIFIED.items())
def test_the_best_descent_reaches_the_certified_minimum(point, least):
    ended = descended(phase_plane(2, 1, *map(Fraction, point)))
    assert abs(ended.loss.min().item() - least) <= 1e-11


@pytest.mark.parametrize(("point", "least"), CERTIFIED.items())
def test_no_descent_ends_below_a_certified_minimum(point, least):
    p, r = map(Fraction, point)
    V = float(dropped_loss(p))
    assert descended(phase_plane(2, 1, p, r)).loss.min().item() >= least - 1e-6 * V


@pytest.mark.parametrize("point", [(0.3, 0.1), (0.3, 0.2), (0.1, 0.04), (0.9, 0.3), (0.01, 0.004)])
def test_drop_is_a_stationary_point_and_costs_rV(point):
    p, r = point
    problem = phase_plane(2, 1, p, r)
    W = torch.tensor([[[1.0, 0.0]]], dtype=torch.float64)
    b = torch.tensor([[0.0, p / 2]], dtype=torch.float64)
    ended = descend(W, b, *plane_tensors(problem))
    V = dropped_loss(p)
    assert ended.status == ["converged"]
    assert ended.loss.item() == pytest.approx(r * V, rel=1e-12)
    assert torch.allclose(ended.W.abs(), W.abs(), atol=1e-6)


@pytest.mark.parametrize("case", [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3)])
def test_converged_models_have_a_small_gradient_and_no_loss_has_risen(case):
    n, m = case
    problem = Problem(
        features=n, hidden=m, density=(0.4, 0.2, 1.0)[:n], importance=(1, 0.6, 0.8)[:n]
    )
    W, b = starts(problem)
    p, importance = plane_tensors(problem)
    ended = descend(W, b, p, importance)
    unit = loss_unit(p, importance)
    assert (ended.loss <= exact_loss(W, b, p, importance) + 1e-15).all()
    assert (ended.loss - exact_loss(ended.W, ended.b, p, importance)).abs().max() <= 1e-15
    converged = torch.tensor([s == "converged" for s in ended.status])
    assert converged.double().mean() > 0.8
    w, c = ended.W.clone().requires_grad_(), ended.b.clone().requires_grad_()
    (exact_loss(w, c, p, importance) / unit).sum().backward()
    norm = torch.cat([w.grad.flatten(1), c.grad], 1).norm(dim=1)
    assert torch.allclose(norm, ended.gradient, atol=1e-13)
    best = ended.loss.argmin()
    assert norm[best] <= 1e-6
    assert ended.steps <= 300


def test_few_steps_never_raise_the_loss():
    problem = phase_plane(3, 2, 0.4, 0.9)
    losses = [descended(problem, max_steps=k).loss for k in (0, 1, 2, 5, 20, 100)]
    for before, after in pairwise(losses):
        assert (after <= before).all()


def test_a_start_that_is_not_finite_says_so_and_spoils_no_other():
    problem = phase_plane(2, 1, 0.3, 0.5)
    W, b = starts(problem)
    W[3, 0, 0] = float("nan")
    b[5, 1] = float("inf")
    ended = descend(W, b, *plane_tensors(problem))
    assert [k for k, s in enumerate(ended.status) if s == "nonfinite"] == [3, 5]
    assert ended.loss.isfinite().sum() == len(b) - 2


def test_running_out_of_steps_says_so():
    ended = descended(phase_plane(2, 1, 0.3, 0.5), max_steps=1)
    assert ended.steps == 1
    assert "max_steps" in ended.status
    assert "nonfinite" not in ended.status


@pytest.mark.parametrize("case", [(2, 1), (3, 2)])
def test_a_basis_of_all_matrices_gives_the_unrestricted_descent(case):
    n, m = case
    problem = phase_plane(n, m, 0.3, 0.5)
    W, b = starts(problem)
    basis = torch.eye(m * n, dtype=torch.float64).reshape(m * n, m, n)
    tensors = plane_tensors(problem)
    free = descend(W, b, *tensors)
    spanned = descend(W.flatten(1), b, *tensors, basis=basis)
    assert spanned.W.shape == W.shape
    assert spanned.loss.tolist() == pytest.approx(free.loss.tolist(), abs=1e-12)


def test_a_basis_restricts_the_weights_and_its_minimum_is_no_lower():
    problem = phase_plane(2, 1, 0.3, 0.5)
    basis = torch.tensor([[[1.0, -1.0]]], dtype=torch.float64)
    theta = torch.tensor([[0.3], [1.0], [2.0]], dtype=torch.float64)
    ended = descend(
        theta, torch.zeros(3, 2, dtype=torch.float64), *plane_tensors(problem), basis=basis
    )
    assert torch.equal(ended.W[:, 0, 0], -ended.W[:, 0, 1])
    assert ended.loss.max() - ended.loss.min() <= 1e-12
    assert ended.loss.min() > CERTIFIED["3/10", "1/2"]
    exact = population_loss(ended.W[0].numpy(), ended.b[0].numpy(), 0.3, [1.0, 0.5])
    assert ended.loss[0].item() == pytest.approx(exact, rel=1e-13)


def test_lists_are_starts_as_well_as_tensors():
    W, b, p, I = [[[1.0, -0.5]], [[0.3, 0.2]]], [[0.0, 0.1], [0.0, 0.0]], [0.3, 0.3], [1, 0.5]
    listed = descend(W, b, p, I)
    tensors = descend(*(torch.tensor(x, dtype=torch.float64) for x in (W, b, p, I)))
    assert torch.equal(listed.W, tensors.W)
    assert torch.equal(listed.loss, tensors.loss)
    halves = descend(*(torch.tensor(x) for x in (W, b)), 0.3, [1, 0.5])
    assert halves.W.dtype == torch.float64
    assert torch.allclose(halves.loss, tensors.loss, atol=1e-12)


@pytest.mark.parametrize(
    ("W", "b"),
    [
        ([[1.0, -1.0]], [0.0, 0.0]),
        ([[1.0, -1.0]], [[0.0, 0.0]]),
        ([[[1.0, -1.0]]], [0.0, 0.0]),
        ([[[1.0, -1.0]]] * 3, [[0.0, 0.0]] * 2),
    ],
)
def test_starts_that_are_no_batch_are_named_with_their_shapes(W, b):
    shapes = [tuple(torch.tensor(x).shape) for x in (W, b)]
    with pytest.raises(ValueError, match="give \\(B, m, n\\)") as told:
        descend(W, b, [0.3, 0.3], [1.0, 0.5])
    assert all(str(shape) in str(told.value) for shape in shapes)


def test_the_loss_unit_is_the_loss_of_dropping_everything():
    p, importance = torch.tensor([0.3, 1.0], dtype=torch.float64), torch.tensor([1.0, 0.25])
    dropped = exact_loss(torch.zeros(1, 2), p / 2, p, importance)
    assert loss_unit(p, importance.double()).item() == pytest.approx(dropped.item(), rel=1e-14)
