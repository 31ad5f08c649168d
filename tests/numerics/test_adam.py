"""Adam on deterministic objectives: the published rule, a cosine to zero, each row for itself."""

import math

import pytest
import torch

from numerics.adam import adam
from numerics.objective import Objective, Variables
from numerics.starts import random_starts
from theory.laws import FeatureLaw
from theory.problem import Problem

DOUBLE = torch.float64


def objective(count, n=6, m=2, density=0.1):
    """Return the loss of ``count`` models, to 1e-6 of its unit, and random starts."""
    problem = Problem(features=n, hidden=m, density=density)
    W, b = map(torch.from_numpy, random_starts(problem, count, "test", 0))
    p = torch.full((count, n), density, dtype=DOUBLE)
    importance = 0.9 ** torch.arange(n, dtype=DOUBLE).expand(count, n)
    loss = Objective(
        variables=Variables(hidden=m, features=n), q=p, importance=importance, law=FeatureLaw()
    )
    return loss.at_accuracy(1e-6), torch.cat([W.flatten(1), b], 1)


def test_it_lowers_every_loss_towards_a_minimum():
    evaluate, x = objective(6)
    rows = torch.arange(6)
    few, many = (evaluate(adam(evaluate, x, steps=k, learning_rate=0.01), rows) for k in (30, 500))
    assert (few[0] < evaluate(x, rows)[0]).all()
    assert (many[0] < few[0]).all()
    assert (many[1].norm(dim=1) < 0.02).all()


def test_it_is_the_published_rule_with_a_cosine_schedule():
    evaluate, x = objective(3)
    rows, rate, steps = torch.arange(3), 0.03, 40
    found = adam(evaluate, x, steps=steps, learning_rate=rate)
    y = x.clone().requires_grad_()
    plain = torch.optim.Adam([y], lr=rate, betas=(0.9, 0.99), eps=1e-12)
    for step in range(steps):
        plain.param_groups[0]["lr"] = rate * (1 + math.cos(math.pi * step / steps)) / 2
        y.grad = evaluate(y.detach(), rows)[1]
        plain.step()
    assert torch.allclose(found, y.detach(), rtol=0, atol=1e-11)
    assert not torch.allclose(found, x, rtol=0, atol=0.1)


def test_the_same_start_gives_bitwise_the_same_end_in_any_batch():
    evaluate, x = objective(8)
    whole = adam(evaluate, x, steps=60, learning_rate=0.01)
    for rows in ([5], [7, 0, 3], [*range(7, -1, -1)]):
        picked = torch.tensor(rows)
        part = adam(
            lambda y, r, picked=picked: evaluate(y, picked[r]),
            x[picked],
            steps=60,
            learning_rate=0.01,
        )
        assert torch.equal(part, whole[picked])


def test_the_start_is_not_changed_and_no_steps_return_it():
    evaluate, x = objective(2)
    before = x.clone()
    adam(evaluate, x, steps=5, learning_rate=0.1)
    assert torch.equal(x, before)
    assert torch.equal(adam(evaluate, x, steps=0, learning_rate=0.1), before)


def test_a_start_that_is_not_finite_spoils_no_other():
    evaluate, x = objective(3)
    clean = adam(evaluate, x, steps=20, learning_rate=0.01)
    x[1, 2] = torch.nan
    found = adam(evaluate, x, steps=20, learning_rate=0.01)
    assert torch.equal(found[[0, 2]], clean[[0, 2]])
    assert not found[1].isfinite().all()


def test_variables_at_which_the_loss_is_flat_stay_where_they_are():
    def evaluate(x, rows):
        return x[:, 0].square(), torch.stack([2 * x[:, 0], torch.zeros(len(x), dtype=DOUBLE)], 1)

    x = torch.tensor([[1.0, 0.7]], dtype=DOUBLE)
    found = adam(evaluate, x, steps=100, learning_rate=0.1)
    assert found[0, 1] == 0.7
    assert abs(found[0, 0]) < 0.1


def test_it_reports_all_rows_and_their_gradients_after_each_step():
    evaluate, x = objective(3)
    told = []
    adam(evaluate, x, steps=4, learning_rate=0.01, report=lambda *call: told.append(call))
    assert len(told) == 4
    assert all(torch.equal(rows, torch.arange(3)) for rows, _ in told)
    first = evaluate(x, torch.arange(3))[1]
    assert told[0][1].tolist() == pytest.approx(first.norm(dim=1).tolist(), rel=1e-12)
