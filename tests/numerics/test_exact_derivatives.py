"""Gradients and Hessian-vector products against differences of the exact loss, in rationals."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from numerics.compiled.batches import hessian_vector, hessians, loss_and_gradient
from numerics.evaluator import exact_loss
from tests.hard_models import STRUCTURES, models, row, rows
from theory import population_loss
from theory.expected_loss import per_feature_loss

DOUBLE = torch.float64


def derivatives(M: Any, b: Any, p: Any, along: Any = None) -> tuple[Any, Any]:
    """Return the exact slopes of each output by its row of M and its bias, (n, n + 1).

    With ``along`` (n, n + 1), also what they change by along it, else zeros.
    """
    n, h, k = len(b), Fraction(1, 2**60), Fraction(1, 2**40)
    eye = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    given = [[*line, c] for line, c in zip(rows(M), row(b), strict=True)]
    step = rows(np.zeros((n, n + 1)) if along is None else along)

    def losses(column: int, shift: Fraction, t: Fraction) -> tuple[Any, ...]:
        moved = [
            [x + t * d for x, d in zip(line, rate, strict=True)]
            for line, rate in zip(given, step, strict=True)
        ]
        for line in moved:
            line[column] += shift
        return per_feature_loss(eye, [r[-1] for r in moved], row(p), W_out=[r[:-1] for r in moved])

    def slopes(t: Fraction) -> list[list[Fraction]]:
        pairs = [zip(losses(j, h, t), losses(j, -h, t), strict=True) for j in range(n + 1)]
        return [[(above - below) / (2 * h) for above, below in pair] for pair in pairs]

    here = np.array(slopes(Fraction(0)), float).T
    if along is None:
        return here, 0 * here
    ahead, back = np.array(slopes(k)), np.array(slopes(-k))
    return here, ((ahead - back) / (2 * k)).astype(float).T


def derivative_errors(W: Any, b: Any, p: Any, W_out: Any, rtol: float, seed: int) -> Any:
    """Return the errors of gradient and Hessian-vector product in units of Σ E x²."""
    n = len(b)
    M, b = (W.T if W_out is None else W_out) @ W, np.where(b == 0, 0.01, b)
    along = np.random.default_rng(seed).standard_normal((n, n + 1))
    first, second = derivatives(M, b, p, along)
    unit = p.sum() / 3
    args = [torch.from_numpy(x)[None] for x in (M, b, p, np.ones(n))]
    args.append(torch.tensor([rtol * unit], dtype=DOUBLE))
    _, d_M, d_b, _ = loss_and_gradient(*args)
    h_M, h_b = hessian_vector(
        *args, torch.from_numpy(along[:, :n])[None], torch.from_numpy(along[:, n])[None]
    )
    slopes = torch.cat([d_M[0], d_b[0, :, None]], 1).numpy()
    bends = torch.cat([h_M[0], h_b[0, :, None]], 1).numpy()
    return abs(slopes - first).max() / unit, abs(bends - second).max() / unit


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(25, {4: 0.9, 5: 0.1}), pytest.param(1_000, {4: 0.7, 5: 0.3}, marks=pytest.mark.slow)],
)
def test_gradients_and_curvatures_of_any_model_are_those_of_the_exact_loss(count, sizes):
    """Terms of the series gain a factor ω with each derivative, and so lose digits."""
    found = np.array(
        [
            derivative_errors(W, b, p, W_out, 1e-11, k)
            for k, (W, b, p, _, W_out) in enumerate(models(4, count, sizes))
        ]
    )
    assert found[:, 0].max() < 3e-8
    assert np.quantile(found[:, 0], 0.9) < 1e-9
    assert np.quantile(found[:, 1], 0.9) < 1e-5


@pytest.mark.parametrize("p", [1.0, 0.1])
@pytest.mark.parametrize("kind", ["digons", "pentagon", "tetrahedron"])
def test_curvatures_at_the_structures_that_training_finds_have_six_digits(kind, p):
    n = 4
    W, b = STRUCTURES[kind](None, n), -0.02 * np.arange(1, n + 1)
    slope, bend = derivative_errors(W, b, np.full(n, p), None, 1e-11, 0)
    assert slope < 2e-9
    assert bend < 1e-5


@pytest.mark.parametrize("p", [0.9, 0.5, 0.1])
@pytest.mark.parametrize("size", [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9])
def test_columns_that_are_dropped_but_not_quite_keep_the_slope_of_their_bias(size, p):
    """With b = 0 that is −2p E[u; z > 0], which does not shrink with the columns.

    The bound is what 8192 modes leave of a step at a corner, whose terms fall off as k⁻².
    """
    n, unit = 6, 6 * p / 3
    rng = np.random.default_rng(round(-np.log10(size)))
    W = np.zeros((2, n))
    W[:, :3] = STRUCTURES["triangle"](rng, 3)
    M, b, on = (W := W + size * rng.standard_normal(W.shape)).T @ W, np.zeros(n), np.full(n, p)
    given = [torch.from_numpy(x)[None] for x in (M, b, on, np.ones(n))]
    _, _, d_b, _ = loss_and_gradient(*given, torch.tensor([1e-9 * unit], dtype=DOUBLE))
    h, eye = Fraction(1, 2**160), [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    above, below = (per_feature_loss(eye, [s * h] * n, row(on), W_out=rows(M)) for s in (1, -1))
    exact = np.array([(x - y) / (2 * h) for x, y in zip(above, below, strict=True)], float)
    assert abs(exact[3:]).min() > 0.1 * p
    assert abs(d_b[0].numpy() - exact).max() < 5e-5


@pytest.mark.parametrize("g", [0.0, 1e-300, 1e-17, 1e-9, -1e-9, 1e-3])
def test_the_curvature_of_an_output_without_gain_keeps_the_jump_of_its_slope(g):
    """One neighbour: p E u · (b + a x)_+ has the second derivative p/|a| by b at g = 0."""
    M = np.array([[g, 0.7], [0.4, 1.0]])
    _, bend = derivative_errors(np.eye(2), np.array([-0.2, 0.1]), np.full(2, 0.5), M, 1e-11, 0)
    assert bend < 1e-9


@pytest.mark.parametrize(("n", "digits"), [(1, 12), (2, 12), (3, 8)])
def test_double_backward_of_small_models_is_exact_with_one_neighbour_and_close_with_two(n, digits):
    rng = np.random.default_rng(n)
    W, b, p = rng.standard_normal((2, n)), 0.3 * rng.standard_normal(n), rng.random(n)
    given = torch.from_numpy(W), torch.from_numpy(b)
    leaves = [x.clone().requires_grad_() for x in given]
    along = [torch.from_numpy(rng.standard_normal(x.shape)) for x in given]
    h = Fraction(1, 2**40)
    moved = [
        population_loss(
            rows(np.array(rows(W)) + k * h * np.array(rows(along[0].numpy()))),
            row(np.array(row(b)) + k * h * np.array(row(along[1].numpy()))),
            row(p),
        )
        for k in (-1, 0, 1)
    ]
    loss = exact_loss(*leaves, torch.from_numpy(p))
    slopes = torch.autograd.grad(loss, leaves, create_graph=True)
    slope = sum((x * d).sum() for x, d in zip(slopes, along, strict=True))
    bends = torch.autograd.grad(slope, leaves)
    bend = sum((x * d).sum() for x, d in zip(bends, along, strict=True))
    assert loss.item() == pytest.approx(float(moved[1]), abs=1e-14)
    assert slope.item() == pytest.approx(float((moved[2] - moved[0]) / (2 * h)), abs=1e-13)
    exact = float((moved[2] - 2 * moved[1] + moved[0]) / h**2)
    assert bend.item() == pytest.approx(exact, abs=10.0**-digits)


def test_the_whole_hessian_gives_the_hessian_vector_product():
    for k, (W, b, p, _, W_out) in enumerate(models(5, 30, {4: 0.5, 6: 0.5})):
        n = len(b)
        M, b = (W.T if W_out is None else W_out) @ W, np.where(b == 0, 0.01, b)
        args = [torch.from_numpy(x)[None] for x in (M, b, p, np.ones(n))]
        args.append(torch.tensor([1e-11 * p.sum() / 3], dtype=DOUBLE))
        along = torch.from_numpy(np.random.default_rng(k).standard_normal((1, n, n + 1)))
        h_M, h_b = hessian_vector(*args, along[..., :n].contiguous(), along[..., n].contiguous())
        product = (hessians(*args) @ along[..., None])[..., 0]
        size = product.abs().max()
        assert torch.allclose(product[..., :n], h_M, rtol=0, atol=1e-9 * size)
        assert torch.allclose(product[..., n], h_b, rtol=0, atol=1e-9 * size)
