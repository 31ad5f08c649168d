"""The least curvature of a model, against Hessians made of exact sums, and what it leaves out."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.linalg import null_space

from numerics.descent import descend
from numerics.newton import TiedProblem, newton
from numerics.optimum import find_optimum, polished
from numerics.stability import stability
from tests.hard_models import row
from theory import population_loss
from theory.problem import Problem

DOUBLE = torch.float64


def problem(n, density, importance=None):
    p = np.ones(n) * density
    I = np.ones(n) if importance is None else np.asarray(importance, float)
    unit = torch.tensor((I * (p / 3 - p**2 / 4)).sum(), dtype=DOUBLE)
    return p, I, TiedProblem(torch.from_numpy(p), torch.from_numpy(I), unit, 1e-12)


def minimum(task, W, b):
    ended = newton(task, task.model(np.array(W, float), np.array(b, float)), tolerance=1e-10)
    assert ended.status == "converged"
    return ended.model


def exact_hessian(W, b, p, I):
    """Return the Hessian in the unit, by second differences of the exact sum in rationals."""
    m, n = W.shape
    size, h = m * n + n, Fraction(1, 10**7)
    x = [Fraction(v) for v in [*W.ravel().tolist(), *b.tolist()]]
    density, importance = row(p), row(I)

    def loss(*moves):
        y = list(x)
        for k, step in moves:
            y[k] += step
        return population_loss(
            [y[k * n : (k + 1) * n] for k in range(m)], y[m * n :], density, importance
        )

    H = np.zeros((size, size))
    for k in range(size):
        for l in range(k + 1):
            total = sum(
                s * t * loss((k, s * h / 2), (l, t * h / 2)) for s in (1, -1) for t in (1, -1)
            )
            H[k, l] = H[l, k] = float(total / h**2)
    return H / float((I * (p / 3 - p**2 / 4)).sum())


def turns(W):
    """Return what infinitesimal rotations do to (W, b), as rows."""
    m, n = W.shape
    found = []
    for k in range(m):
        for l in range(k):
            A = np.zeros((m, m))
            A[k, l], A[l, k] = 1, -1
            found.append(np.concatenate([(A @ W).ravel(), np.zeros(n)]))
    return np.array(found).reshape(-1, m * n + n)


@pytest.mark.parametrize(
    ("n", "m", "stationary"),
    [(2, 1, False), (2, 2, False), (3, 2, False), (4, 2, False), (2, 1, True), (4, 2, True)],
)
def test_it_is_the_least_eigenvalue_of_the_exact_hessian_beside_rotations(n, m, stationary):
    p, I, task = problem(n, 0.25, 0.9 ** np.arange(n))
    rng = np.random.default_rng(n + m)
    model = task.model(0.7 * rng.standard_normal((m, n)), 0.1 + 0.2 * rng.random(n))
    if stationary:
        model = newton(task, model, tolerance=1e-11, max_steps=300).model
    assert (np.linalg.norm(model.W, axis=0) > 0.1).all()
    beside = null_space(turns(model.W)) if m > 1 else np.eye(m * n + n)
    H = exact_hessian(model.W, model.b, p, I)
    least = np.linalg.eigvalsh(beside.T @ H @ beside)[0]
    found = stability(task, model)
    assert found.status == "smooth"
    assert found.curvature == pytest.approx(least, abs=1e-6)


def test_without_the_projection_rotations_would_be_the_least_curvature():
    p, I, task = problem(3, 0.1)
    angle = 2 * np.pi * np.arange(3) / 3
    model = minimum(task, [np.cos(angle), np.sin(angle)], [-0.05] * 3)
    H = exact_hessian(model.W, model.b, p, I)
    assert abs(np.linalg.eigvalsh(H)[0]) <= 1e-6
    assert stability(task, model).curvature > 0.01


@pytest.mark.parametrize("n", [4, 5])
def test_digons_and_pentagons_of_rare_features_are_minima(n):
    angle = 2 * np.pi * np.arange(n) / n
    _, _, task = problem(n, 0.05)
    model = minimum(task, [np.cos(angle), np.sin(angle)], [-0.1] * n)
    norms = np.linalg.norm(model.W, axis=0)
    assert np.ptp(norms) <= 1e-6
    found = stability(task, model)
    assert found.status == "smooth"
    assert found.curvature > 0.1


def test_a_saddle_has_negative_curvature():
    angle = 2 * np.pi * np.arange(5) / 5
    _, _, task = problem(5, 0.5)
    W = np.array([np.cos(angle), np.sin(angle)])
    best = descend([[0.9]], [[0.0] * 5], 0.5, basis=W[None])
    model = task.model(best.W[0].numpy(), best.b[0].numpy())
    assert np.linalg.norm(model.gradient) <= 1e-6
    assert stability(task, model).curvature < -0.01


@pytest.mark.parametrize("kink", ["bias at zero", "bias at minus the own gain"])
def test_on_a_kink_the_curvature_is_one_sided(kink):
    _, _, task = problem(4, 0.2)
    W = np.array([[1.0, -0.9, 0.3, 0.1], [0.1, 0.2, 1.0, -0.8]])
    b = np.array([0.1, 0.05, -0.1, 0.2])
    assert stability(task, task.model(W, b)).status == "smooth"
    b[1] = 0.0 if kink == "bias at zero" else -(W[0, 1] ** 2 + W[1, 1] ** 2)
    found = stability(task, task.model(W, b))
    assert found.status == "one-sided"
    assert np.isfinite(found.curvature)
    b[1] += 1e-6
    assert stability(task, task.model(W, b)).status == "smooth"


def test_a_dropped_column_is_left_out_and_its_bias_is_not():
    """A feature without weights adds its bias alone, of curvature 2 I_i in the loss."""
    p, I, task = problem(5, 0.05, [1, 1, 1, 1, 1e-3])
    four = problem(4, 0.05)
    digons = [[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]]
    smaller = minimum(four[2], digons, [-0.05] * 4)
    model = task.model(np.pad(smaller.W, ((0, 0), (0, 1))), np.append(smaller.b, p[4] / 2))
    units = [float((I * (p / 3 - p**2 / 4)).sum()) for p, I, _ in ((p, I, None), four)]
    own = 2 * I[4] / units[0]
    rest = stability(four[2], smaller).curvature * units[1] / units[0]
    assert own < rest
    assert stability(task, model).curvature == pytest.approx(own, rel=1e-6)
    model.b[4] = -0.5  # silent: the bias changes nothing
    silent = stability(task, task.model(model.W, model.b))
    assert silent.curvature == pytest.approx(0, abs=1e-9)


def test_without_any_stored_feature_only_biases_count():
    p, I, task = problem(3, np.array([0.1, 0.3, 0.5]), [1, 0.5, 0.2])
    found = stability(task, task.model(np.zeros((2, 3)), p / 2))
    unit = float((I * (p / 3 - p**2 / 4)).sum())
    assert found.curvature == pytest.approx(2 * I.min() / unit, rel=1e-6)


def test_rotating_the_hidden_space_or_relabelling_features_changes_nothing():
    _, _, task = problem(6, 0.15)
    rng = np.random.default_rng(2)
    W, b = 0.6 * rng.standard_normal((3, 6)), 0.1 * rng.standard_normal(6)
    here = stability(task, task.model(W, b)).curvature
    Q, order = np.linalg.qr(rng.standard_normal((3, 3)))[0], rng.permutation(6)
    assert stability(task, task.model(Q @ W, b)).curvature == pytest.approx(here, abs=1e-6)
    other = stability(task, task.model(W[:, order], b[order])).curvature
    assert other == pytest.approx(here, abs=1e-6)


@pytest.mark.parametrize(("n", "m"), [(5, 2), (8, 3), (12, 4)])
@pytest.mark.parametrize("stationary", [False, True])
def test_lanczos_finds_the_eigenvalue_of_the_whole_matrix(n, m, stationary, monkeypatch):
    _, _, task = problem(n, 0.1, 0.9 ** np.arange(n))
    rng = np.random.default_rng(n)
    model = task.model(0.6 * rng.standard_normal((m, n)), 0.1 * np.ones(n))
    if stationary:
        model = newton(task, model, tolerance=1e-9, max_steps=300).model
    whole = stability(task, model)
    monkeypatch.setattr("numerics.stability._DENSE", 0)
    found = stability(task, model)
    assert found.status == whole.status
    assert found.curvature == pytest.approx(whole.curvature, rel=1e-3, abs=1e-6)


def test_an_eigenvalue_that_does_not_settle_is_undecided(monkeypatch):
    _, _, task = problem(12, 0.1)
    rng = np.random.default_rng(0)
    model = task.model(0.6 * rng.standard_normal((4, 12)), 0.1 * np.ones(12))
    monkeypatch.setattr("numerics.stability._DENSE", 0)
    monkeypatch.setattr("numerics.stability._ITERATIONS", 1)
    found = stability(task, model)
    assert (found.curvature, found.status) == (None, "undecided")


def test_descents_and_optima_carry_the_curvature_of_their_models():
    one = Problem(features=5, hidden=2, density=Fraction(1, 20))
    best = find_optimum(one, starts=2)
    _, _, task = problem(5, 0.05)
    own = stability(task, task.model(best.W, best.b))
    assert own.curvature > 0
    assert best.curvature_status == own.status
    near = pytest.approx(own.curvature, rel=1e-5)  # products are in single precision
    assert best.curvature == near
    assert polished(best).curvature == near
    starts = [best.W, np.full((2, 5), np.nan)], [best.b, best.b]
    ended = descend(*map(np.array, starts), 0.05, max_steps=0, curvature=True)
    assert ended.stability[0].curvature == near
    assert ended.stability[1] is None
    assert descend(*map(np.array, starts), 0.05, max_steps=0).stability is None
