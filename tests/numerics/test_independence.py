"""A result belongs to its problem: neither batch, block nor companions change a bit of it."""

import numpy as np
import pytest
import torch

from numerics import stages
from numerics.descent import descend
from numerics.optimum import find_optimum, search
from numerics.piecewise import loss_and_gradient, plane_tensors
from numerics.plane_training import train_exact
from numerics.starts import random_starts
from tests import tiny
from theory.problem import Problem, phase_plane

SIZES = [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3)]


def random_batch(n, m, count):
    g = torch.Generator().manual_seed(count)
    W = torch.randn(count, m, n, generator=g, dtype=torch.float64)
    b = torch.randn(count, n, generator=g, dtype=torch.float64) / 3
    p = torch.rand(count, n, generator=g, dtype=torch.float64).clamp_min(0.01)
    return W, b, p, torch.rand(count, n, generator=g, dtype=torch.float64) + 0.1


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_a_model_of_a_batch_has_bitwise_its_own_result_whatever_the_chunk(n, m):
    batch = random_batch(n, m, 70)
    together = loss_and_gradient(*batch)
    for chunk in (1, 7, 64):
        for a, c in zip(loss_and_gradient(*batch, chunk=chunk), together, strict=True):
            assert torch.equal(a, c)


@pytest.mark.parametrize("basis", [False, True])
@pytest.mark.parametrize(("n", "m"), SIZES)
def test_a_descent_does_not_depend_on_its_companions(n, m, basis):
    problem = Problem(
        features=n, hidden=m, density=(0.4, 0.2, 1.0)[:n], importance=(1, 0.6, 0.8)[:n]
    )
    W, b = map(torch.from_numpy, random_starts(problem, 40, "test", 0))
    p, I = plane_tensors(problem)
    kw = {}
    if basis:
        kw["basis"] = torch.eye(m * n, dtype=torch.float64).reshape(m * n, m, n)
        W = W.flatten(1)
    together = descend(W, b, p, I, **kw)
    for k in (0, 17, 39):
        alone = descend(W[k : k + 1], b[k : k + 1], p, I, **kw)
        assert torch.equal(alone.W[0], together.W[k])
        assert torch.equal(alone.b[0], together.b[k])
        assert alone.loss[0] == together.loss[k]
        assert alone.status[0] == together.status[k]


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_a_training_does_not_depend_on_its_companions(n, m):
    problem = Problem(
        features=n, hidden=m, density=(0.4, 0.2, 1.0)[:n], importance=(1, 0.6, 0.8)[:n]
    )
    W, b = map(torch.from_numpy, random_starts(problem, 40, "test", 0))
    p, I = plane_tensors(problem)
    together = train_exact(W, b, p, I, steps=50)
    for k in (0, 17, 39):
        alone = train_exact(W[k : k + 1], b[k : k + 1], p, I, steps=50)
        assert torch.equal(alone.W[0], together.W[k])
        assert torch.equal(alone.b[0], together.b[k])


def test_search_is_bitwise_independent_of_companions():
    problems = [phase_plane(3, 2, p, r) for p in (0.1, 0.5) for r in (0.1, 0.7, 3)]
    together = search(problems, starts=6, seed=3)
    for q, f in zip(problems, together, strict=True):
        a = find_optimum(q, starts=6, seed=3)
        assert a.loss == f.loss
        assert np.array_equal(a.W, f.W)
        assert a.hits == f.hits


def test_rows_trained_apart_are_the_rows_trained_together():
    whole = tiny.parts(tiny.TWO)["trained"]
    some = stages.trained_rows(tiny.TWO, [1, 2])
    for name in some:
        assert np.array_equal(some[name], whole[name][5:15]), name
