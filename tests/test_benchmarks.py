"""The public loop that benchmarks compare with is the loop it claims to be."""

import importlib.util
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest
import torch

from tests.support import CERTIFIED, within_standard_errors
from theory import population_loss
from theory.problem import Problem, phase_plane


@pytest.fixture(scope="module")
def loop() -> ModuleType:
    path = Path(__file__).resolve().parent.parent / "benchmarks/public_loop.py"
    spec = importlib.util.spec_from_file_location("public_loop", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_its_loss_is_the_population_loss_over_n_summed_over_instances(loop: ModuleType) -> None:
    torch.manual_seed(0)
    W = 0.6 * torch.randn(2, 4, 2)
    b = 0.1 * torch.randn(2, 4)
    density = torch.tensor([[0.25] * 4, [0.75] * 4])
    importance = torch.tensor([[1.0, 0.5, 0.25, 0.125], [1.0, 1.0, 1.0, 2.0]])
    rows = zip(W.mT.tolist(), b.tolist(), density.tolist(), importance.tolist(), strict=True)
    exact = sum(population_loss(*row) for row in rows) / 4
    batches = [loop.sampled_batch(density) for _ in range(100)]
    losses = torch.stack([loop.batch_loss(W, b, x, importance) for x in batches]).double()
    error = float(losses.std() / 10)
    assert within_standard_errors(float(losses.mean()), error, exact)
    assert not within_standard_errors(float(losses.mean()), error, 1.05 * exact)


def test_its_weights_begin_by_the_rule_of_one_tensor_for_all_instances(loop: ModuleType) -> None:
    torch.manual_seed(0)
    problems = [Problem(features=100, hidden=20, density=(Fraction(1, 10),) * 100)] * 20
    W, b = loop.public_loop(problems, 0)
    assert W.shape == (20, 100, 20)
    assert float(W.std()) == pytest.approx((2 / (20 * (100 + 20))) ** 0.5, rel=0.02)
    assert not b.any()


def test_it_comes_near_the_certified_minimum_and_not_below(loop: ModuleType) -> None:
    (p, r), best = next(iter(CERTIFIED.items()))
    problem = phase_plane(2, 1, Fraction(p), Fraction(r))
    torch.manual_seed(0)
    W, b = loop.public_loop([problem] * 8, 4000)
    losses = [
        population_loss(w, c, problem.density, problem.importance)
        for w, c in zip(W.mT.tolist(), b.tolist(), strict=True)
    ]
    assert best <= min(losses) + 1e-12
    assert min(losses) < best * 1.02
