"""The batched loss against rational arithmetic, at every coupling and on every kink."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.evaluator import exact_loss
from numerics.piecewise import gram, loss_and_gradient, output_losses
from tests.support import COUPLINGS
from theory import population_loss
from theory.expected_loss import per_feature_loss

SIZES = [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3)]
ULPS = 1e-15  # the promised accuracy, in units of Σ I (1 + Σ|G| + |b|)²
STEP = Fraction(1, 10**40)  # exact arithmetic: a step far below every coupling

small = st.sampled_from([s * c for c in COUPLINGS for s in (1.0, -1.0)])
ordinary = st.floats(-2, 2).map(lambda x: round(x, 6))
entries = st.one_of(small, ordinary)
probabilities = st.sampled_from([1.0, 0.5, 0.3, 0.01, 1e-3, 0.999])


@st.composite
def models(draw, size=None):
    """(W, b, p, I) with tiny couplings, dropped features, and biases on the kinks."""
    n, m = size or draw(st.sampled_from(SIZES))
    W = np.array([[draw(entries) for _ in range(n)] for _ in range(m)])
    for i in range(n):
        if draw(st.integers(0, 7)) == 0:
            W[:, i] = 0.0
    G = W.T @ W
    b = np.zeros(n)
    for i in range(n):
        j, k = (draw(st.integers(0, n - 1)) for _ in range(2))
        kinks = [0.0, -G[i, i], -G[i, j], -G[i, j] - G[i, k], -G[i, i] - G[i, j]]
        b[i] = draw(st.one_of(entries, st.sampled_from(kinks)))
    p = np.array([draw(probabilities) for _ in range(n)])
    importance = np.array([draw(st.sampled_from([1.0, 0.3, 7.0, 0.0])) for _ in range(n)])
    importance[draw(st.integers(0, n - 1))] = 0.7
    return W, b, p, importance


def scale(W, b, importance):
    return float((importance * (1 + np.abs(W.T @ W).sum(1) + np.abs(b)) ** 2).sum())


def rational_gradient(W, b, p, importance):
    """Central differences of the rational loss, with a step far below every coupling."""
    flat = [Fraction(x) for x in [*W.ravel(), *b]]
    p, importance = [Fraction(x) for x in p], [Fraction(x) for x in importance]

    def loss(x):
        rows = [x[k * W.shape[1] : (k + 1) * W.shape[1]] for k in range(W.shape[0])]
        return population_loss(rows, x[W.size :], p, importance)

    slopes = []
    for k in range(len(flat)):
        up, down = list(flat), list(flat)
        up[k] += STEP
        down[k] -= STEP
        slopes.append(float((loss(up) - loss(down)) / (2 * STEP)))
    return np.array(slopes)


def float_gradient(W, b, p, importance):
    W, b = (torch.tensor(x, requires_grad=True) for x in (W, b))
    exact_loss(W, b, torch.tensor(p), torch.tensor(importance)).backward()
    return np.concatenate([W.grad.numpy().ravel(), b.grad.numpy()])


@given(models())
@settings(max_examples=300)
def test_loss_is_the_rational_loss_to_rounding_at_every_coupling_and_kink(model):
    W, b, p, importance = model
    found = exact_loss(W, b, torch.tensor(p), torch.tensor(importance)).item()
    assert abs(found - population_loss(W, b, p, importance)) <= ULPS * scale(W, b, importance)


@given(models())
def test_error_bound_holds(model):
    W, b, p, importance = model
    loss, error = exact_loss(W, b, p, importance, return_error=True)
    exact = population_loss(
        [[Fraction(x) for x in row] for row in W.tolist()],
        [Fraction(x) for x in b],
        [Fraction(x) for x in p],
        [Fraction(x) for x in importance],
    )
    assert abs(Fraction(loss.item()) - exact) <= Fraction(error.item())


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_each_output_loss_is_the_rational_one(n, m):
    rng = np.random.default_rng(n * 10 + m)
    W, b, p = rng.standard_normal((m, n)), rng.standard_normal(n) / 3, rng.random(n)
    G = gram(torch.from_numpy(W))[..., None].contiguous()
    found = output_losses(G, torch.from_numpy(b)[:, None], torch.from_numpy(p)[:, None])[0]
    assert found[:, 0].tolist() == pytest.approx(per_feature_loss(W, b, p), rel=1e-13)


@given(models())
@settings(max_examples=100)
def test_gradient_is_the_rational_derivative_to_rounding_wherever_there_is_one(model):
    W, b, p, importance = model
    # at W_i = 0, b_i = 0 the loss has a concave kink and no derivative
    b = np.where((W == 0).all(0) & (b == 0), 0.25, b)
    size = 10 * ULPS * scale(W, b, importance) * (1 + np.abs(W).max())
    # a zero coupling is read as 1e-30, and a derivative changes at the rate 1/g across a kink
    g = (W**2).sum(0)
    size += 10 * 1e-30 / g[g > 0].min(initial=1.0)
    difference = float_gradient(W, b, p, importance) - rational_gradient(W, b, p, importance)
    assert np.abs(difference).max() <= size


@pytest.mark.parametrize("coupling", [s * c for c in COUPLINGS for s in (1, -1)])
def test_gradient_at_a_given_coupling_is_the_rational_derivative(coupling):
    W = np.array([[1.0, coupling, -0.6], [0.0, 0.9, 0.7]])
    b, p, importance = np.array([0.0, -0.81, 0.1]), np.array([0.3, 1.0, 0.2]), np.ones(3)
    difference = float_gradient(W, b, p, importance) - rational_gradient(W, b, p, importance)
    assert np.abs(difference).max() <= 1e-14


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_gradient_passes_gradcheck(n, m):
    generator = torch.Generator().manual_seed(n + 10 * m)
    W, b = (
        torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()
        for shape in ((2, m, n), (2, n))
    )
    p, importance = [0.3, 1.0, 0.7][:n], [1.0, 0.4, 2.0][:n]
    assert torch.autograd.gradcheck(lambda w, c: exact_loss(w, c, p, importance), (W, b))


def random_batch(n, m, count):
    generator = torch.Generator().manual_seed(count)
    W = torch.randn(count, m, n, generator=generator, dtype=torch.float64)
    b = torch.randn(count, n, generator=generator, dtype=torch.float64) / 3
    p = torch.rand(count, n, generator=generator, dtype=torch.float64).clamp_min(0.01)
    return W, b, p, torch.rand(count, n, generator=generator, dtype=torch.float64) + 0.1


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 1), (2, 2)])
def test_a_model_of_a_batch_has_bitwise_its_own_result_whatever_the_chunk(n, m):
    batch = random_batch(n, m, 70)
    together = loss_and_gradient(*batch)
    for chunk in (1, 7, 64):
        for a, c in zip(loss_and_gradient(*batch, chunk=chunk), together, strict=True):
            assert torch.equal(a, c)
    for k in (0, 13, 69):
        alone = loss_and_gradient(*(x[k : k + 1] for x in batch))
        for a, c in zip(alone, together, strict=True):
            assert torch.equal(a[0], c[k])


def test_batch_axes_broadcast():
    W, b, p, importance = random_batch(3, 2, 6)
    loss = exact_loss(W[:, None], b[None, :4], p[0], importance[0])
    assert loss.shape == (6, 4)
    for i, j in [(0, 0), (2, 3), (5, 1)]:
        assert loss[i, j] == exact_loss(W[i], b[j], p[0], importance[0])
    assert exact_loss(W[:0], b[:0], 0.5).shape == (0,)
    one = exact_loss(W, b, 0.5, 2.0)
    assert torch.equal(one, exact_loss(W, b, [0.5] * 3, [2.0] * 3))
    assert torch.equal(one, exact_loss(W, b, torch.full((6, 1), 0.5), torch.full((6, 3), 2.0)))


@given(models(), st.sampled_from([0.25, 2.0, 1024.0]))
def test_scaling_importance_scales_the_loss(model, factor):
    W, b, p, importance = model
    assert exact_loss(W, b, p, factor * importance) == factor * exact_loss(W, b, p, importance)


@given(models(size=(3, 2)), st.floats(0, 6.3))
def test_rotating_the_hidden_space_changes_nothing(model, angle):
    W, b, p, importance = model
    c, s = np.cos(angle), np.sin(angle)
    turned = exact_loss(np.array([[c, -s], [s, c]]) @ W, b, p, importance)
    size = scale(W, b, importance)
    assert abs(turned - exact_loss(W, b, p, importance)) <= 1e-14 * size


@given(models(), st.randoms(use_true_random=False))
def test_relabelling_the_features_changes_nothing(model, random):
    W, b, p, importance = model
    order = random.sample(range(len(b)), len(b))
    moved = exact_loss(W[:, order], b[order], p[order], importance[order])
    size = scale(W, b, importance)
    assert abs(moved - exact_loss(W, b, p, importance)) <= 2 * ULPS * size


def test_half_and_single_precision_weights_are_upcast_exactly():
    W, b = torch.randn(2, 3, generator=torch.Generator().manual_seed(0)), torch.tensor([0.1, 0, -1])
    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        w, c = W.to(dtype), b.to(dtype)
        assert exact_loss(w, c, 0.3) == exact_loss(w.double(), c.double(), 0.3)


GOOD = ([[1.0, -1.0]], [0.0, 0.0], 0.5, None)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({0: [[1.0, float("nan")]]}, "nan"),
        ({1: [0.0, float("inf")]}, "inf"),
        ({1: [0.0] * 3}, r"\(1, 2\).*\(3,\)"),
        ({0: [1.0, -1.0]}, r"\(2,\)"),
        ({2: 0.0}, "density 0.0"),
        ({2: 1.5}, "density 1.5"),
        ({2: [0.5, 0.5, 0.5]}, "3 entries"),
        ({2: float("nan")}, "nan"),
        ({2: torch.tensor([0.5, 0.0])}, "density 0.0"),
        ({2: torch.tensor([0.5, 1.5])}, "density 1.5"),
        ({2: torch.tensor([0.5, float("nan")])}, "density nan"),
        ({2: torch.full((3,), 0.5)}, r"\(3,\)"),
        ({3: [1.0, -2.0]}, "importance -2.0"),
        ({3: [0.0, 0.0]}, "every importance is 0"),
        ({3: torch.tensor([1.0, -2.0])}, "importance -2.0"),
        ({3: torch.zeros(2)}, "every importance is 0"),
        ({3: torch.tensor([1.0, float("nan")])}, "importance nan"),
    ],
)
def test_bad_input_is_named(change, named):
    arguments = [change.get(k, value) for k, value in enumerate(GOOD)]
    with pytest.raises(ValueError, match=named):
        exact_loss(*arguments)


def test_an_unsupported_law_is_named():
    with pytest.raises(ValueError, match="one-hot"):
        exact_loss(*GOOD, law="one-hot")
