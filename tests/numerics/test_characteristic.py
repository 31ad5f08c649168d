"""The exact loss at any size against rational arithmetic, Monte Carlo and itself."""

import numpy as np
import pytest
import torch

from numerics.characteristic import series_loss
from numerics.evaluator import exact_loss
from tests.support import monte_carlo_loss, within_standard_errors
from theory import population_loss
from theory.laws import FeatureLaw

DOUBLE = torch.float64


def models(n, m, count, seed=0, spread=0.6):
    g = torch.Generator().manual_seed(seed)
    W = spread * torch.randn(count, m, n, generator=g, dtype=DOUBLE)
    b = 0.2 * torch.randn(count, n, generator=g, dtype=DOUBLE)
    p = 10 ** (-2 * torch.rand(count, n, generator=g, dtype=DOUBLE))
    return W, b, p, torch.rand(count, n, generator=g, dtype=DOUBLE) + 0.1


def truth(W, b, p, I):
    rows = zip(*(x.tolist() for x in (W, b, p, I)), strict=True)
    return torch.tensor([population_loss(*row) for row in rows], dtype=DOUBLE)


@pytest.mark.parametrize(("n", "m", "count"), [(4, 2, 150), (5, 2, 100), (6, 3, 60), (8, 3, 8)])
def test_the_error_estimate_covers_the_error_and_is_not_idle(n, m, count):
    batch = models(n, m, count, seed=n)
    loss, error = exact_loss(*batch, return_error=True)
    true = (loss - truth(*batch)).abs()
    assert (true <= 10 * error).all()
    seen = true > 1e-14 * (batch[3] * batch[2] / 3).sum(1)
    assert (error / true)[seen].median() < 1e3


def test_the_requested_accuracy_is_reached():
    batch = models(5, 2, 60, seed=1)
    unit = (batch[3] * batch[2] * (1 / 3 - batch[2] / 4)).sum(1)
    for rtol in (1e-4, 1e-7):
        assert ((exact_loss(*batch, rtol=rtol) - truth(*batch)).abs() <= rtol * unit).all()


@pytest.mark.parametrize("scale", [1e-1, 1e-3, 1e-6, 1e-12, 0])
def test_small_couplings_cost_no_digits_beyond_the_estimate(scale):
    W, b, p, I = models(5, 2, 20, seed=2)
    W[:, :, -1] *= scale
    loss, error = exact_loss(W, b, p, I, return_error=True)
    true = (loss - truth(W, b, p, I)).abs()
    assert (true <= 10 * error).all()
    assert true.max() < 1e-9


@pytest.mark.parametrize("n", [2, 3])
def test_the_series_agrees_with_the_exact_quadrature(n):
    W, b, p, I = models(n, n - 1, 100, seed=3)
    W.requires_grad_()
    b.requires_grad_()
    loss, _ = series_loss(W.mT @ W, b, p, I, FeatureLaw(), 1e-10)
    d_W, d_b = torch.autograd.grad(loss.sum(), (W, b))
    exact = exact_loss(W, b, p, I)
    exact.sum().backward()
    assert torch.allclose(loss, exact, rtol=0, atol=1e-9)
    assert torch.allclose(d_W, W.grad, rtol=0, atol=1e-7)
    assert torch.allclose(d_b, b.grad, rtol=0, atol=1e-7)


def test_the_gradient_is_that_of_the_loss():
    W, b, _, I = models(5, 2, 1, seed=4)
    inputs = (W.requires_grad_(), b.requires_grad_())
    assert torch.autograd.gradcheck(
        lambda W, b: exact_loss(W, b, 0.3, I, rtol=1e-11), inputs, atol=1e-6
    )


def test_outputs_that_never_change_sign_are_polynomials_to_rounding():
    W, _, p, I = models(6, 2, 10, seed=5)
    for bias in (20.0, -20.0):
        b = torch.full((10, 6), bias, dtype=DOUBLE)
        assert torch.allclose(exact_loss(W, b, p, I), truth(W, b, p, I), rtol=1e-14, atol=0)


def test_features_that_are_always_on_need_no_atoms():
    W, b, _, I = models(5, 2, 10, seed=6)
    p = torch.ones(10, 5, dtype=DOUBLE)
    assert torch.allclose(exact_loss(W, b, p, I), truth(W, b, p, I), rtol=0, atol=1e-9)


def test_a_large_model_agrees_with_monte_carlo():
    rng = np.random.default_rng(0)
    W, b = rng.standard_normal((8, 40)) / 4, np.full(40, -0.1)
    mean, error = monte_carlo_loss(W, b, 0.05, 1.0, np.random.default_rng(1), samples=100_000)
    loss = exact_loss(W, b, 0.05, rtol=1e-6).item()
    assert within_standard_errors(mean, error, loss)
    assert not within_standard_errors(mean, error, 1.05 * loss)


def test_rotating_the_hidden_space_changes_nothing():
    W, b, p, I = models(6, 3, 5, seed=7)
    Q = torch.linalg.qr(
        torch.randn(3, 3, generator=torch.Generator().manual_seed(0), dtype=DOUBLE)
    )[0]
    assert torch.allclose(exact_loss(Q @ W, b, p, I), exact_loss(W, b, p, I), rtol=0, atol=1e-10)


def test_a_model_does_not_depend_on_its_companions():
    batch = models(5, 2, 9, seed=8)
    together = exact_loss(*batch)
    for k in (0, 4, 8):
        assert exact_loss(*(x[k : k + 1] for x in batch))[0] == together[k]


@pytest.mark.parametrize("rtol", [0, -1e-9, float("nan")])
def test_an_accuracy_that_means_nothing_is_refused(rtol):
    with pytest.raises(ValueError, match="rtol"):
        exact_loss(torch.zeros(2, 5), torch.zeros(5), 0.5, rtol=rtol)
