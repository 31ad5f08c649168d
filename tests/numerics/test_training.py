"""Training on the exact loss reaches the optimum; training on samples is the public recipe."""

import numpy as np
import pytest
import torch

from numerics.evaluator import exact_loss
from numerics.optimum import find_optimum
from numerics.piecewise import loss_unit, plane_tensors
from numerics.plane_training import train_exact
from numerics.recipes import find
from numerics.sampled_training import public_run, train_sampled
from numerics.starts import notebook_std, random_starts
from theory.problem import Problem, phase_plane


@pytest.mark.parametrize("point", [(2, 1, 0.1, 0.5), (2, 1, 0.3, 0.1), (3, 2, 0.1, 0.7)])
def test_ten_exact_trainings_reach_the_optimum(point):
    problem = phase_plane(*point)
    W, b = map(torch.from_numpy, random_starts(problem, 10, "trained", 0))
    p, importance = plane_tensors(problem)
    trained = train_exact(W, b, p, importance)
    best = find_optimum(problem, starts=10).loss
    assert set(trained.status) == {"done"}
    assert best - 1e-12 <= trained.loss.min().item() <= best + 1e-6
    assert torch.allclose(trained.loss, exact_loss(trained.W, trained.b, p, importance), atol=1e-15)


def test_training_moves_no_input_and_lowers_every_loss():
    problem = phase_plane(3, 2, 0.3, 0.5)
    W, b = map(torch.from_numpy, random_starts(problem, 10, "trained", 0))
    before = W.clone(), b.clone()
    p, importance = plane_tensors(problem)
    trained = train_exact(W, b, p, importance, steps=300)
    assert torch.equal(W, before[0])
    assert torch.equal(b, before[1])
    assert (trained.loss < exact_loss(W, b, p, importance)).all()


def test_exact_training_is_plain_adam_with_a_cosine_schedule():
    problem = phase_plane(2, 1, 0.3, 0.5)
    W, b = map(torch.from_numpy, random_starts(problem, 1, "trained", 0))
    p, importance = plane_tensors(problem)
    trained = train_exact(W, b, p, importance, steps=25)
    W, b = W.clone().requires_grad_(), b.clone().requires_grad_()
    optimizer = torch.optim.Adam([W, b], lr=0.05)
    for step in range(25):
        optimizer.param_groups[0]["lr"] = 0.05 * (1 + np.cos(np.pi * step / 25)) / 2
        optimizer.zero_grad()
        (exact_loss(W, b, p, importance) / loss_unit(p, importance)).sum().backward()
        optimizer.step()
    assert torch.allclose(trained.W, W, rtol=0, atol=1e-12)
    assert torch.allclose(trained.b, b, rtol=0, atol=1e-12)


def test_a_training_that_fails_says_so_and_spoils_no_other():
    problem = phase_plane(2, 1, 0.3, 0.5)
    W, b = map(torch.from_numpy, random_starts(problem, 3, "trained", 0))
    W[1] = float("nan")
    trained = train_exact(W, b, *plane_tensors(problem), steps=5)
    assert trained.status == ["done", "nonfinite", "done"]
    assert trained.loss.isinf().tolist() == [False, True, False]


def test_the_public_recipe_is_the_notebooks():
    run = public_run(phase_plane(3, 2, 0.4, 0.7), 2, seed=4)
    introduction = find("notebook-intro").spec
    same = ("optimizer", "learning_rate", "weight_decay", "batch_size", "steps", "reduction")
    same += ("schedule", "initialisation", "beta_1", "beta_2", "epsilon", "objective")
    for name in same:
        assert getattr(run.spec, name) == getattr(introduction, name), name
    assert (run.spec.density, run.spec.importance) == ((0.4,) * 3, (1.0, 1.0, 0.7))
    assert (run.start, run.seed, run.spec.init_instances) == (2, 4, 1)


def test_sampled_training_does_not_depend_on_its_companions():
    here = phase_plane(3, 2, 0.3, 0.5)
    others = [phase_plane(3, 2, p, 2.0) for p in (0.9, 0.1, 0.05, 1.0)]
    alone = train_sampled([here], 1, steps=20, seed=2)
    for place in (0, 2, 4):
        problems = [*others[:place], here, *others[place:]]
        beside = train_sampled(problems, 1, steps=20, seed=2)
        assert np.array_equal(beside.W[place], alone.W[0])
        assert np.array_equal(beside.b[place], alone.b[0])


def test_sampled_trainings_differ_by_seed_start_and_problem():
    here, there = phase_plane(2, 1, 0.3, 0.5), phase_plane(2, 1, 0.3, 0.6)
    runs = [
        train_sampled([problem], start, steps=2, seed=seed).W
        for problem, start, seed in [(here, 0, 0), (here, 1, 0), (here, 0, 1), (there, 0, 0)]
    ]
    assert len({run.tobytes() for run in runs}) == 4


def test_sampled_training_approaches_the_optimum():
    problem = Problem(features=1, hidden=1, density=1)
    ended = train_sampled([problem], steps=1500)
    assert exact_loss(ended.W[0], ended.b[0], 1.0).item() < 5e-3


@pytest.mark.parametrize(("n", "m", "instances"), [(2, 1, 1), (3, 2, 1), (5, 2, 10)])
def test_the_notebooks_spread_is_xaviers_on_its_tensor(n, m, instances):
    fan = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(instances, n, m))
    assert notebook_std(n, m, instances) == pytest.approx((2 / sum(fan)) ** 0.5, rel=1e-14)
