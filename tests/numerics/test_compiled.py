"""The compiled loss: what it must agree with, what it must not depend on, and its extremes."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from numerics.characteristic import series_loss
from numerics.compiled.batches import (
    hessian_vector,
    hessians,
    loss_and_gradient,
    tied_loss_and_gradient,
)
from numerics.contour import contour_loss
from numerics.evaluator import exact_loss
from tests.hard_models import models, row, rows
from theory import population_loss
from theory.laws import FeatureLaw

DOUBLE = torch.float64


def batch(seed, count, n, m=2, spread=0.6):
    g = torch.Generator().manual_seed(seed)
    W = spread * torch.randn(count, m, n, generator=g, dtype=DOUBLE)
    b = 0.2 * torch.randn(count, n, generator=g, dtype=DOUBLE)
    p = 10 ** (-2 * torch.rand(count, n, generator=g, dtype=DOUBLE))
    I = torch.rand(count, n, generator=g, dtype=DOUBLE) + 0.1
    return W.mT @ W, b, p, I, 1e-9 * (I * p).sum(1) / 3


def everything(M, b, p, I, tolerance):
    """Return every number the door gives."""
    g = torch.Generator().manual_seed(0)
    along_M = torch.randn(M.shape[1:], generator=g, dtype=DOUBLE).expand_as(M)
    along_b = torch.randn(b.shape[1:], generator=g, dtype=DOUBLE).expand_as(b)
    return (
        *loss_and_gradient(M, b, p, I, tolerance),
        *hessian_vector(M, b, p, I, tolerance, along_M, along_b),
        hessians(M, b, p, I, tolerance),
    )


def single(M, b, p):
    """Return one model's finite numbers as a loss and its error, and the exact loss."""
    M, b, p = (np.asarray(x, float) for x in (M, b, p))
    n = len(b)
    p = p * np.ones(n)
    unit = p.sum() / 3
    given = [torch.from_numpy(x)[None] for x in (M, b, p, np.ones(n))]
    found = everything(*given, torch.tensor([1e-9 * unit], dtype=DOUBLE))
    assert all(bool(x.isfinite().all()) for x in found)
    exact = population_loss(rows(np.eye(n)), row(b), row(p), W_out=rows(M))
    return abs(float(Fraction(found[0].item()) - exact)) / unit, found[3].item() / unit, exact


@pytest.mark.parametrize(("n", "count"), [(4, 30), (5, 30), (12, 6), (40, 2)])
def test_it_agrees_with_the_plain_series_to_their_estimates(n, count):
    M, b, p, I, tolerance = batch(n, count, n)
    loss, _, _, error = loss_and_gradient(M, b, p, I, tolerance)
    plain, plain_error = series_loss(M, b, p, I, FeatureLaw(), 1e-9)
    assert ((loss - plain).abs() <= 10 * (error + plain_error)).all()
    assert ((loss - plain).abs() <= 2 * tolerance).all()


@pytest.mark.parametrize("n", [1, 2, 3])
def test_it_agrees_with_the_quadrature_of_small_models(n):
    g = torch.Generator().manual_seed(n)
    W = torch.randn(50, 2, n, generator=g, dtype=DOUBLE)
    b, p = 0.3 * torch.randn(50, n, generator=g, dtype=DOUBLE), torch.full((50, n), 0.3)
    p, I = p.to(DOUBLE), torch.ones(50, n, dtype=DOUBLE)
    loss, d_W, d_b, _ = tied_loss_and_gradient(W, b, p, I, 1e-11 * p.sum(1))
    leaves = W.clone().requires_grad_(), b.clone().requires_grad_()
    exact = exact_loss(*leaves, p)
    slopes = torch.autograd.grad(exact.sum(), leaves)
    assert torch.allclose(loss, exact, rtol=0, atol=1e-11 if n == 3 else 1e-14)
    for found, slope in zip((d_W, d_b), slopes, strict=True):
        assert torch.allclose(found, slope, rtol=0, atol=1e-8 if n == 3 else 1e-13)


def test_two_threads_give_the_very_numbers_of_one():
    given = batch(1, 60, 12)
    alone = everything(*given)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        together = everything(*given)
    finally:
        torch.set_num_threads(threads)
    assert all(torch.equal(x, y) for x, y in zip(alone, together, strict=True))


def test_a_model_has_the_same_numbers_at_any_place_in_a_batch():
    given = batch(2, 9, 6)
    together = everything(*given)
    for k in (0, 4, 8):
        alone = everything(*(x[k : k + 1] for x in given))
        assert all(torch.equal(x[0], y[k]) for x, y in zip(alone, together, strict=True))


def test_a_feature_without_importance_adds_nothing_and_costs_no_accuracy():
    for W, b, p, I, _ in models(3, 30, {4: 0.7, 5: 0.3}):
        I = I.copy()
        I[0] = 0.0
        loss, error = exact_loss(W, b, torch.from_numpy(p), torch.from_numpy(I), return_error=True)
        true = abs(float(Fraction(loss.item()) - population_loss(rows(W), row(b), row(p), row(I))))
        assert true <= 1e-9 * (I @ p) / 3
        assert true <= 10 * error.item()


def test_a_model_in_which_nothing_matters_has_no_loss_and_no_error():
    M, b, p, I, _ = batch(4, 2, 6)
    I[1] = 0.0
    W = torch.linalg.cholesky(M + torch.eye(6, dtype=DOUBLE)).mT
    for law in (FeatureLaw(), FeatureLaw(amplitude="signed")):
        loss, error = exact_loss(W, b, p, I, law=law, return_error=True)
        assert loss[1] == error[1] == 0.0
        assert loss[0] > error[0] > 0.0


@pytest.mark.parametrize("p", [0.5, 0.3])
@pytest.mark.parametrize("size", [1e-3, 1e-5, 1e-7])
def test_many_small_inhibitions_under_a_large_coupling_are_exact_to_their_estimate(size, p):
    """One coupling 1, 48 of −s and no gain: by hand, as y = Σ x_j and s y < 1.

    With t = x − s y and x on, E t_+ = E(1 − s y)²/2 and E t_+² = E(1 − s y)³/3; else t ≤ 0.
    """
    n, k = 50, 48
    mean, spread = k * p / 2, k * (p / 3 - p**2 / 4)
    skew = k * (p / 4 - 3 * p / 2 * p / 3 + 2 * (p / 2) ** 3)
    square, cube = mean**2 + spread, mean**3 + 3 * mean * spread + skew
    M = torch.zeros(1, n, n, dtype=DOUBLE)
    M[0, 0, 1], M[0, 0, 2:] = 1.0, -size
    on, pick = torch.full((1, n), p, dtype=DOUBLE), torch.zeros(1, n, dtype=DOUBLE)
    pick[0, 0] = 1.0
    tolerance = torch.tensor([1e-9 * p / 3], dtype=DOUBLE)
    loss, _, _, error = loss_and_gradient(M, torch.zeros(1, n, dtype=DOUBLE), on, pick, tolerance)
    first = p * (1 - 2 * size * mean + size**2 * square) / 2
    second = p * (1 - 3 * size * mean + 3 * size**2 * square - size**3 * cube) / 3
    true = abs(loss.item() - (p / 3 - p * first + second))
    assert true <= min(10 * error.item(), 1e-9 * p / 3)
    assert error.item() <= 1e-9


@pytest.mark.parametrize("p", [1.0, 1 - 1e-9, 1e-4])
@pytest.mark.parametrize("bias", [0.0, 0.2, -0.2])
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_densities_at_their_ends_are_exact(n, bias, p):
    M = np.random.default_rng(n).standard_normal((n, n))
    true, estimate, _ = single(M, np.full(n, bias), p)
    assert true <= 1e-9
    assert true <= 10 * estimate


@pytest.mark.parametrize("bias", [0.0, 0.2, -0.2])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_model_without_weights_is_its_bias(n, bias):
    true, estimate, exact = single(np.zeros((n, n)), np.full(n, bias), 0.3)
    p, c = Fraction(0.3), max(Fraction(bias), Fraction(0))
    assert exact == n * (p / 3 - p * c + c * c)
    assert true <= 1e-15
    assert estimate <= 1e-13


@pytest.mark.parametrize("size", [1e3, 1e6, 1e-3, 1e-6, 1e-12, 1e-150, 1e-300, 1e-310])
@pytest.mark.parametrize("n", [3, 5])
def test_models_of_any_size_are_exact_to_rounding_of_their_largest_square(n, size):
    """A loss below 1e-9 of the unit is not to be had where squares are 1e6 of it."""
    rng = np.random.default_rng(n)
    for bias in (0.1, 0.1 * size):
        M = size * rng.standard_normal((n, n))
        true, estimate, _ = single(M, np.full(n, -bias), 0.3)
        assert true <= 1e-9 + 1e-13 * size**2
        assert true <= 10 * estimate


@pytest.mark.parametrize("bias", [1e3, -1e3, 1e8, -1e8])
def test_huge_biases_leave_a_polynomial(bias):
    true, estimate, exact = single(
        np.random.default_rng(0).standard_normal((5, 5)), np.full(5, bias), 0.3
    )
    assert true <= 1e-15 * float(exact) / 0.5 + 1e-15
    assert true <= 10 * estimate


def test_rare_features_are_exact_to_rounding_and_the_estimate_says_so():
    """At density 1e-6 the unit is 1e-6/3 a feature, and rounding about 1e-16 of a square."""
    M = np.random.default_rng(6).standard_normal((5, 5))
    for bias in (0.0, -0.1):
        true, estimate, _ = single(M, np.full(5, bias), 1e-6)
        assert true * 1e-6 / 3 <= 1e-15
        assert true <= 10 * estimate


def test_four_hundred_features_that_are_always_on_agree_with_the_contour_integral():
    """Products of four hundred characteristic functions underflow after a few modes."""
    rng = np.random.default_rng(7)
    n, m = 400, 30
    W = rng.standard_normal((m, n)) / np.sqrt(m)
    M = torch.from_numpy(W.T @ W)[None]
    M[0, 3:] = 0.0  # three outputs will do
    pick = torch.zeros(1, n, dtype=DOUBLE)
    pick[0, :3] = 1.0
    one, b = torch.ones(1, n, dtype=DOUBLE), torch.full((1, n), -0.1, dtype=DOUBLE)
    given = (M, b, one, pick, torch.tensor([1e-9], dtype=DOUBLE))
    found = (*loss_and_gradient(*given), *hessian_vector(*given, M, b))
    assert all(bool(x.isfinite().all()) for x in found)
    rest = contour_loss(M[0].numpy(), b[0].numpy(), 1.0).per_feature[:3].sum()
    assert found[0].item() == pytest.approx(rest, abs=1e-9)
