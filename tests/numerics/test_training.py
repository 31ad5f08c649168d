"""Training on the exact loss reaches the optimum; training on samples is the public recipe."""

import numpy as np
import pytest
import torch

from numerics.evaluator import exact_loss
from numerics.optimum import find_optimum
from numerics.piecewise import loss_unit, plane_tensors
from numerics.sampled_training import BATCH, LEARNING_RATE, batch_gradient, sample, train_sampled
from numerics.starts import notebook_std, random_starts
from numerics.plane_training import train_exact
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


def drawn(density, count=400_000, seed=0):
    generator = torch.Generator().manual_seed(seed)
    u = torch.rand(1, len(density), count, generator=generator)
    return sample(u, torch.tensor([density]))[0].double().numpy()


def test_samples_have_the_law_of_the_paper_within_five_standard_errors():
    density = [1.0, 0.3, 0.01]
    x = drawn(density)
    assert x.min() >= 0
    assert x.max() <= 1
    on = x > 0
    for i, p in enumerate(density):
        assert abs(on[i].mean() - p) <= 5 * np.sqrt(p * (1 - p) / x.shape[1]) + 2**-22
        values = x[i][on[i]]
        for power in (1, 2, 3):
            error = (values**power).std() / np.sqrt(len(values))
            assert abs((values**power).mean() - 1 / (power + 1)) <= 5 * error
    both = (on[1] & on[2]).mean()
    assert abs(both - 0.003) <= 5 * np.sqrt(0.003 / x.shape[1])
    assert abs(np.corrcoef(x)[0, 1]) <= 5 / np.sqrt(x.shape[1])


def test_the_test_of_the_law_can_fail():
    x = drawn([0.303])[0]
    assert abs((x > 0).mean() - 0.3) > 3 * np.sqrt(0.3 * 0.7 / x.size)
    u = torch.rand(1, 1, 400_000, generator=torch.Generator().manual_seed(0))
    careless = torch.where(u < 0.3, u, 0.0).numpy()
    values = careless[careless > 0]
    assert abs(values.mean() - 0.5) > 100 * values.std() / np.sqrt(values.size)


def public_loss(W, b, x, importance):
    """The notebook's loss for one model (arXiv 2209.10652): mean over batch and features."""
    out = torch.relu(torch.einsum("bh,fh->bf", torch.einsum("bf,fh->bh", x, W), W) + b)
    return (importance * (x.abs() - out) ** 2).mean()


@pytest.mark.parametrize("case", [(1, 1), (2, 1), (3, 2), (3, 3)])
@pytest.mark.parametrize(("dtype", "rounding"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_the_written_out_gradient_is_autograds(case, dtype, rounding):
    n, m = case
    generator = torch.Generator().manual_seed(n)
    W = torch.randn(4, m, n, generator=generator, dtype=dtype)
    b = torch.randn(4, n, generator=generator, dtype=dtype) / 5
    x = torch.rand(4, n, 500, generator=generator, dtype=dtype)
    x = x * (torch.rand(4, n, 500, generator=generator) < 0.4)
    importance = torch.rand(4, n, generator=generator, dtype=dtype)
    found = batch_gradient(W, b, x, importance)
    for k in range(4):
        w, c = W[k].T.clone().requires_grad_(), b[k].clone().requires_grad_()
        public_loss(w, c, x[k].T, importance[k]).backward()
        assert torch.allclose(found[0][k], w.grad.T, rtol=0, atol=rounding)
        assert torch.allclose(found[1][k], c.grad, rtol=0, atol=rounding)


@pytest.mark.parametrize("steps", [1, 8, 19])
def test_sampled_training_is_the_public_loop_on_the_same_batches(steps, monkeypatch):
    problems = [phase_plane(3, 2, 0.4, 0.7), phase_plane(3, 2, 0.2, 3)]
    batches = []

    def recorded(u, density):
        x = sample(u, density)
        batches.append(x.clone())
        return x

    monkeypatch.setattr("numerics.sampled_training.sample", recorded)
    found = train_sampled(problems, 2, steps=steps, seed=4)
    assert len(batches) == steps
    assert batches[0].shape == (2, 3, BATCH)
    for k, problem in enumerate(problems):
        W = torch.from_numpy(random_starts(problem, 3, "sampled", 4)[0][2]).float().T.clone()
        W, b = W.requires_grad_(), torch.zeros(3, requires_grad=True)
        importance = torch.tensor([float(x) for x in problem.importance])
        optimizer = torch.optim.AdamW([W, b], lr=1e-3)
        for x in batches:
            optimizer.zero_grad()
            public_loss(W, b, x[k].T, importance).backward()
            optimizer.step()
        assert np.abs(found.W[k] - W.detach().numpy().T).max() <= 2e-6
        assert np.abs(found.b[k] - b.detach().numpy()).max() <= 2e-6
    distinct = {batch.numpy().tobytes() for batch in batches}
    assert len(distinct) == steps
    assert LEARNING_RATE == 1e-3


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
