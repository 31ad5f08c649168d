"""What the exact loss promises, held against rational arithmetic, the contour integral, sampling.

Errors are in units of Σ I E x².
"""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from numerics.contour import contour_loss
from numerics.evaluator import exact_loss
from tests.hard_models import STRUCTURES, models, row, rows
from tests.support import monte_carlo_loss, within_standard_errors
from theory import population_loss
from theory.laws import AMPLITUDES, FeatureLaw

RTOLS = (1e-4, 1e-6, 1e-8, 1e-9, 1e-10, 1e-12)


def errors(
    W: Any, b: Any, p: Any, I: Any, W_out: Any, rtols: tuple[float, ...]
) -> list[tuple[float, float]]:
    """Return true and estimated errors of one model for each requested accuracy."""
    out = None if W_out is None else rows(W_out)
    exact = population_loss(rows(W), row(b), row(p), row(I), W_out=out)
    unit = float(I @ p) / 3
    found = []
    for rtol in rtols:
        loss, error = exact_loss(
            W, b, torch.from_numpy(p), torch.from_numpy(I), W_out=W_out, rtol=rtol,
            return_error=True,
        )  # fmt: skip
        found.append((abs(float(Fraction(loss.item()) - exact)) / unit, error.item() / unit))
    return found


MIXED = {4: 0.4, 5: 0.35, 6: 0.2, 7: 0.05}


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (400, {4: 0.6, 5: 0.3, 6: 0.09, 7: 0.01}),
        pytest.param(10_000, MIXED, marks=pytest.mark.slow),
    ],
)
def test_the_default_loss_is_exact_to_a_billionth_for_any_model_up_to_scale_three(count, sizes):
    true = [errors(*model, (1e-9,))[0][0] for model in models(1, count, sizes)]
    assert max(true) <= 1e-9


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(150, {4: 0.7, 5: 0.25, 6: 0.05}), pytest.param(2_000, MIXED, marks=pytest.mark.slow)],
)
def test_the_estimate_holds_and_is_useful_at_every_requested_accuracy(count, sizes):
    found = np.array([errors(*model, RTOLS) for model in models(2, count, sizes)])
    true, estimate = found.reshape(-1, 2).T
    assert (true > 10 * estimate).mean() < 1e-3
    assert (true > estimate).mean() < 1e-2
    seen = true > 1e-14
    assert np.median(estimate[seen] / true[seen]) < 1e3
    # requests looser than rounding are met: 1e-15 of the square of the largest preactivation
    for k, rtol in enumerate(RTOLS[:4]):
        assert found[:, k, 0].max() <= rtol


@pytest.mark.parametrize("bias", [0.0, -0.1])
@pytest.mark.parametrize("size", [0.0, 1e-310, 1e-150, 1e-12, 1e-7, 1e-3])
def test_gains_and_couplings_on_two_scales_cost_no_digits(size, bias):
    rng = np.random.default_rng(3)
    for n in (4, 5, 6):
        M = rng.standard_normal((n, n))
        M[:, n // 2 :] *= size
        one = np.ones(n)
        ((true, estimate),) = errors(np.eye(n), bias * one, 0.3 * one, one, M, (1e-9,))
        assert true <= 1e-9
        assert true <= 10 * estimate


LARGE = [(20, 5, 0.1), (50, 10, 1.0), pytest.param(100, 30, 0.02, marks=pytest.mark.slow),
         pytest.param(200, 20, 0.1, marks=pytest.mark.slow),
         pytest.param(200, 20, 0.01, marks=pytest.mark.slow)]  # fmt: skip


@pytest.mark.parametrize(("n", "m", "p"), LARGE)
def test_large_models_agree_with_the_contour_integral_at_every_accuracy(n, m, p):
    rng = np.random.default_rng(n)
    W, b = rng.standard_normal((m, n)), -0.1 * rng.random(n)
    W /= np.linalg.norm(W, axis=0)
    judge, unit = contour_loss(W.T @ W, b, p), n * p / 3
    assert judge.error < 1e-11 * unit
    for rtol in (1e-5, 1e-9, 1e-11):
        loss, error = exact_loss(W, b, p, rtol=rtol, return_error=True)
        true = abs(loss.item() - judge.loss)
        assert true <= rtol * unit + judge.error
        assert true <= 10 * error.item() + judge.error


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(400, 30), (1000, 100)])
def test_the_largest_models_agree_with_monte_carlo(n, m):
    W = np.random.default_rng(n).standard_normal((m, n)) / np.sqrt(m)
    b = np.full(n, -0.1)
    loss, error = exact_loss(W, b, 0.02, return_error=True)
    mean, spread = monte_carlo_loss(W, b, 0.02, 1.0, np.random.default_rng(1), samples=20_000)
    assert within_standard_errors(mean, spread, loss.item())
    assert not within_standard_errors(mean, spread, 1.05 * loss.item())
    assert error.item() < 1e-8 * n * 0.02 / 3


KINDS = (("correlated", ((0, 1),)), ("anticorrelated", ((0, 2),)), ("exclusive", ((1, 3),)))


@pytest.mark.parametrize("amplitude", AMPLITUDES)
@pytest.mark.parametrize(("kind", "sets"), [("independent", ()), ("one-hot", ()), *KINDS])
@pytest.mark.parametrize("structure", ["digons", "triangle"])
def test_structures_with_no_bias_are_exact_under_every_law(kind, sets, amplitude, structure):
    """Exact zeros and thresholds on corners, which random weights never have."""
    law, n = FeatureLaw(kind, sets, amplitude), 4
    for bias, drop in ((0.0, 1.0), (0.0, 0.0), (-0.05, 1e-6)):
        W = np.array(STRUCTURES[structure](None, n))
        W[:, -1] *= drop
        b = [bias] * n
        for p in [None] if kind == "one-hot" else [0.5, 0.02]:
            exact = population_loss(rows(W), row(np.array(b)), p and Fraction(p), law=law)
            loss, error = exact_loss(W, b, p, law=law, return_error=True)
            q = [1 / n] * n if p is None else [float(x) for x in law.marginals(p, n)]
            unit = sum(q) * float(law.second_moment)
            true = abs(float(Fraction(loss.item()) - Fraction(exact)))
            assert true <= 1e-9 * unit
            assert true <= 10 * error.item()
