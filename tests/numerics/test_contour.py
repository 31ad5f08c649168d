"""The contour integral against rational arithmetic, Monte Carlo and its own limits."""

import numpy as np
import pytest

from numerics.contour import contour_loss
from tests.support import monte_carlo_loss, within_standard_errors
from theory import population_loss
from theory.expected_loss import per_feature_loss


def model(rng, n, m, scale=0.6):
    W = scale * rng.standard_normal((m, n))
    return W, 0.2 * rng.standard_normal(n), 10 ** (-2 * rng.random(n)), rng.random(n) + 0.1


def relative(W, b, p, I, **options):
    """Return the true and the estimated error in units of sum I p / 3."""
    found = contour_loss(W.T @ W, b, p, I, **options)
    exact = population_loss(W.tolist(), b.tolist(), p.tolist(), I.tolist())
    unit = float(I @ p) / 3
    return abs(found.loss - exact) / unit, found.error / unit


@pytest.mark.parametrize(("n", "m", "count"), [(1, 1, 10), (2, 1, 40), (4, 2, 40), (6, 3, 6)])
def test_it_agrees_with_rational_arithmetic_to_twelve_digits(n, m, count):
    rng = np.random.default_rng(n)
    errors = [relative(*model(rng, n, m)) for _ in range(count)]
    assert max(true for true, _ in errors) < 1e-12
    assert all(true <= estimate for true, estimate in errors)
    assert max(estimate for _, estimate in errors) < 1e-11


def test_seven_features_agree_with_rational_arithmetic():
    assert relative(*model(np.random.default_rng(7), 7, 3))[0] < 1e-12


@pytest.mark.parametrize("scale", [10.0**-k for k in range(1, 13)] + [0.0])
def test_small_couplings_beside_large_ones_cost_no_digits(scale):
    rng = np.random.default_rng(3)
    for n, m in [(3, 2), (4, 2), (5, 2)]:
        W, b, p, I = model(rng, n, m)
        W[:, -2:] *= scale
        true, estimate = relative(W, b, p, I)
        assert true < 1e-11
        assert true <= estimate < 1e-10


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e-3, 10.0])
def test_the_scale_of_a_whole_model_is_no_matter(scale):
    W, b, p, I = model(np.random.default_rng(4), 5, 2)
    true, estimate = relative(scale**0.5 * W, scale * b, p, I)
    assert true < 1e-11 * (1 + scale) ** 2
    assert true <= estimate


def test_orthogonal_pairs_are_no_neighbours_of_each_other():
    block, p = np.array([[1.0, -1.0], [-1.0, 1.0]]), 0.1
    M, b = np.kron(np.eye(20), block), np.zeros(40)
    found = contour_loss(M, b, p)
    assert found.nodes == 0
    assert found.loss == pytest.approx(20 * p**2 / 3, rel=1e-14)
    M += 1e-12 * np.random.default_rng(0).standard_normal(M.shape)
    assert contour_loss(M, b, p).loss == pytest.approx(20 * p**2 / 3, rel=1e-10)


@pytest.mark.parametrize("p", [1.0, 0.5, 1e-4])
def test_biases_of_zero_and_features_that_are_always_on_lose_nothing(p):
    W, _, _, I = model(np.random.default_rng(5), 5, 2)
    true, estimate = relative(W, np.zeros(5), np.full(5, p), I)
    assert true <= estimate
    assert true < 1e-11


def test_outputs_that_never_change_sign_need_no_nodes():
    W, _, p, I = model(np.random.default_rng(6), 6, 3)
    for bias in (30.0, -30.0):
        b = np.full(6, bias)
        found = contour_loss(W.T @ W, b, p, I)
        exact = population_loss(W.tolist(), b.tolist(), p.tolist(), I.tolist())
        assert found.nodes == 0
        assert found.loss == pytest.approx(exact, rel=1e-14)


def test_each_output_has_its_own_loss():
    W, b, p, I = model(np.random.default_rng(8), 4, 2)
    exact = per_feature_loss(W.tolist(), b.tolist(), p.tolist())
    found = contour_loss(W.T @ W, b, p, I)
    assert np.allclose(found.per_feature, exact, rtol=0, atol=1e-13)
    assert found.loss == pytest.approx(float(I @ np.array(exact, float)), rel=1e-12)


@pytest.mark.parametrize(("n", "m", "p"), [(50, 10, 0.05), (50, 10, 1.0), (200, 20, 0.1)])
def test_large_models_agree_with_monte_carlo(n, m, p):
    W = np.random.default_rng(n).standard_normal((m, n)) / np.sqrt(m)
    b = np.full(n, -0.1)
    found = contour_loss(W.T @ W, b, p, tolerance=1e-9)
    mean, error = monte_carlo_loss(W, b, p, 1.0, np.random.default_rng(1), samples=60_000)
    assert found.error < 1e-9 * n * p
    assert within_standard_errors(mean, error, found.loss)
    assert not within_standard_errors(mean, error, 1.05 * found.loss)


def test_an_untied_map_with_negative_diagonal_agrees_with_monte_carlo():
    rng = np.random.default_rng(9)
    M, b = 0.4 * rng.standard_normal((6, 6)), np.full(6, 0.1)
    M[np.diag_indices(6)] = [-0.5, 0.0, 0.5, 1.0, -1.0, 1e-9]
    x = rng.random((400_000, 6)) * (rng.random((400_000, 6)) < 0.4)
    losses = ((x - np.maximum(x @ M.T + b, 0)) ** 2).sum(1)
    error = losses.std() / np.sqrt(len(losses))
    found = contour_loss(M, b, 0.4)
    assert within_standard_errors(losses.mean(), error, found.loss)
    assert found.error < 1e-11


def test_a_support_cut_by_chernoff_gives_what_the_whole_support_gives(monkeypatch):
    """Thirty neighbours: the tail bound is below Σ|a|, and moving it moves nothing."""
    W = np.random.default_rng(10).standard_normal((6, 30)) / np.sqrt(6)
    b = np.full(30, -0.1)
    cut = contour_loss(W.T @ W, b, 0.03)
    monkeypatch.setattr("numerics.contour._TAIL", 1e-280)
    whole = contour_loss(W.T @ W, b, 0.03)
    assert cut.loss != whole.loss
    assert cut.loss == pytest.approx(whole.loss, rel=1e-12)


def test_too_few_nodes_are_said_in_the_estimate():
    W, b, p, I = model(np.random.default_rng(11), 5, 2)
    W[:, -2:] *= 1e-3
    true, estimate = relative(W, b, p, I, most_nodes=1024)
    assert estimate > 1e-11
    assert true <= estimate


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"M": np.eye(3)}, r"\(n, n\)"),
        ({"M": np.full((2, 2), np.nan)}, "finite"),
        ({"density": 1.5}, "density"),
        ({"importance": [1, -1]}, "importance"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"most_nodes": 10}, "most_nodes"),
    ],
)
def test_misuse_is_refused_with_its_value(change, message):
    arguments = {"M": np.eye(2), "b": np.zeros(2), "density": 0.5} | change
    with pytest.raises(ValueError, match=message):
        contour_loss(**arguments)
