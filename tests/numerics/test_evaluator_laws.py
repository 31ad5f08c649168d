"""The loss under every law, amplitude and activation against rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from numerics.characteristic import series_loss
from numerics.enumeration import LARGEST_ENUMERATED, enumerated_loss
from numerics.evaluator import choose, exact_loss
from theory import population_loss
from theory.laws import FeatureLaw

DOUBLE = torch.float64
N, M_ = 5, 2
LAWS = [
    FeatureLaw(kind, sets, amplitude)
    for kind, sets in (
        ("independent", ()),
        ("one-hot", ()),
        ("correlated", ((0, 1), (2, 4))),
        ("anticorrelated", ((0, 2, 3),)),
        ("exclusive", ((0, 3), (1, 4))),
    )
    for amplitude in ("uniform", "signed", "binary")
]
SMOOTH = [law for law in LAWS if law.amplitude != "binary"]


def name(law):
    return f"{law.kind}-{law.amplitude}"


def models(law, count, seed=0, n=N, m=M_):
    g = torch.Generator().manual_seed(seed)
    W = 0.6 * torch.randn(count, m, n, generator=g, dtype=DOUBLE)
    b = 0.2 * torch.randn(count, n, generator=g, dtype=DOUBLE)
    p = 10 ** (-2 * torch.rand(count, n, generator=g, dtype=DOUBLE))
    for members in law.sets:
        part = list(members)
        p[:, part] = p[:, part] / len(part) if law.kind == "exclusive" else p[:, part[:1]]
    I = torch.rand(count, n, generator=g, dtype=DOUBLE) + 0.1
    return W, b, (None if law.kind == "one-hot" else p), I


def truth(law, W, b, p, I, W_out=None, activation="relu"):
    found = []
    for k in range(len(W)):
        density = None if p is None else p[k].tolist()
        out = None if W_out is None else W_out[k].tolist()
        found.append(
            population_loss(
                W[k].tolist(),
                b[k].tolist(),
                density,
                I[k].tolist(),
                law=law,
                W_out=out,
                activation=activation,
            )
        )
    return torch.tensor(found, dtype=DOUBLE)


def unit(law, p, I):
    square = float(law.second_moment)
    if p is None:
        return I.sum(1) * square / N
    q = torch.tensor([[float(x) for x in law.marginals(row.tolist(), N)] for row in p])
    return (I * q).sum(1) * square


@pytest.mark.parametrize("law", LAWS, ids=name)
def test_every_law_is_exact_to_a_billionth_and_its_error_is_known(law):
    W, b, p, I = models(law, 20)
    loss, error = exact_loss(W, b, p, I, law=law, return_error=True)
    true = (loss - truth(law, W, b, p, I)).abs()
    assert (true <= 1e-9 * unit(law, p, I)).all()
    assert (true <= 10 * error).all()
    seen = true > 1e-14 * unit(law, p, I)
    assert not seen.any() or (error / true)[seen].median() < 1e3


@pytest.mark.parametrize("law", LAWS, ids=name)
def test_untied_weights_and_linear_outputs_are_exact_too(law):
    W, b, p, I = models(law, 6, seed=1)
    W_out = 0.6 * torch.randn(6, N, M_, generator=torch.Generator().manual_seed(2), dtype=DOUBLE)
    for activation in ("relu", "linear"):
        loss = exact_loss(W, b, p, I, law=law, W_out=W_out, activation=activation)
        true = truth(law, W, b, p, I, W_out, activation)
        assert ((loss - true).abs() <= 1e-9 * unit(law, p, I)).all()


@pytest.mark.parametrize("law", LAWS, ids=name)
def test_gradients_and_hessian_products_are_those_of_the_exact_loss(law):
    W, b, p, I = models(law, 1, seed=3)
    g = torch.Generator().manual_seed(4)
    along_W, along_b = (torch.randn(x.shape, generator=g, dtype=DOUBLE) for x in (W, b))
    h = Fraction(1, 2**40)

    def at(k):
        rows, bias = (
            [
                [Fraction(x) + k * h * Fraction(d) for x, d in zip(r, e, strict=True)]
                for r, e in pair
            ]
            for pair in (
                zip(W[0].tolist(), along_W[0].tolist(), strict=True),
                zip(b.tolist(), along_b.tolist(), strict=True),
            )
        )
        density = None if p is None else [Fraction(x) for x in p[0].tolist()]
        return population_loss(rows, bias[0], density, list(map(Fraction, I[0].tolist())), law=law)

    below, here, above = map(at, (-1, 0, 1))
    leaves = (W.clone().requires_grad_(), b.clone().requires_grad_())
    loss = exact_loss(*leaves, p, I, law=law, rtol=1e-11)
    slopes = torch.autograd.grad(loss.sum(), leaves, create_graph=True)
    slope = (slopes[0] * along_W).sum() + (slopes[1] * along_b).sum()
    second = torch.autograd.grad(slope, leaves)
    curve = (second[0] * along_W).sum() + (second[1] * along_b).sum()
    assert slope.item() == pytest.approx(float((above - below) / (2 * h)), abs=1e-9)
    # two derivatives multiply the terms of the series by ω²: fewer digits than the value has
    assert curve.item() == pytest.approx(float((above - 2 * here + below) / h**2), abs=1e-5)


@pytest.mark.parametrize("size", [0, 1e-12, 1e-6, 1e-3, 1e-1])
@pytest.mark.parametrize("law", [FeatureLaw(), FeatureLaw("exclusive", ((0, 2),))], ids=name)
def test_orthogonal_digons_cost_no_digits(law, size):
    noise = torch.randn(3, 6, generator=torch.Generator().manual_seed(1), dtype=DOUBLE)
    W = torch.kron(torch.eye(3, dtype=DOUBLE), torch.tensor([[1.05, -0.97]], dtype=DOUBLE))
    W = W + size * noise
    for bias in (0.0, 0.02, -0.05):
        loss, error = exact_loss(W, [bias] * 6, 0.1, law=law, return_error=True)
        true = abs(loss.item() - population_loss(W.tolist(), [bias] * 6, 0.1, law=law))
        assert true <= 1e-9 * 6 * 0.1 / 3
        assert true <= 10 * error.item()


def test_the_series_and_the_enumeration_agree_on_binary_features():
    law = FeatureLaw("anticorrelated", ((1, 2),), "binary")
    W, b, p, I = models(law, 10, seed=5)
    M = W.mT @ W
    series, error = series_loss(M, b, p, I, law, 1e-9)
    exact, _ = enumerated_loss(M, b, p, I, law)
    assert ((series - exact).abs() <= 10 * error).all()
    assert (series - exact).abs().max() < 1e-5


def test_beyond_the_enumeration_binary_losses_come_with_an_honest_error():
    law = FeatureLaw(amplitude="binary")
    n = LARGEST_ENUMERATED + 1
    W = torch.zeros(2, n, dtype=DOUBLE)
    W[:, :4] = torch.tensor([[1.0, -0.8, 0.1, 0.0], [0.2, 0.1, 0.9, -0.7]])
    b = torch.full((n,), 0.05, dtype=DOUBLE)
    loss, error = exact_loss(W, b, 0.2, law=law, return_error=True)
    dropped = (n - 4) * (0.2 * 0.95**2 + 0.8 * 0.05**2)
    expected = exact_loss(W[:, :4], b[:4], 0.2, law=law) + dropped
    assert abs(loss - expected) <= 10 * error
    assert error < 1e-3


def test_a_model_does_not_depend_on_its_companions_under_any_law():
    for law in LAWS:
        W, b, p, I = models(law, 5, seed=6)
        together = exact_loss(W, b, p, I, law=law)
        for k in (0, 4):
            part = (x if x is None else x[k : k + 1] for x in (W, b, p, I))
            assert exact_loss(*part, law=law)[0] == together[k]


def test_numbers_in_lists_are_read_in_double_precision():
    W, b = [[1.05, -0.97]], [0.02, -0.1]
    assert exact_loss(W, b, 0.1).item() == pytest.approx(population_loss(W, b, 0.1), abs=1e-15)


@pytest.mark.parametrize(
    ("law", "density", "words"),
    [
        (FeatureLaw("one-hot"), 0.1, "one-hot"),
        (FeatureLaw(), None, "density"),
        (FeatureLaw("correlated", ((0, 9),)), 0.1, "9"),
        (FeatureLaw("correlated", ((0, 1),)), [0.1, 0.2, 0.1, 0.1, 0.1], "different"),
        (FeatureLaw("exclusive", ((0, 1),)), 0.7, "more than 1"),
    ],
)
def test_a_density_that_does_not_fit_the_law_is_refused(law, density, words):
    with pytest.raises(ValueError, match=words):
        exact_loss(torch.zeros(2, 5), torch.zeros(5), density, law=law)


@pytest.mark.parametrize("activation", ["relu", "linear"])
@pytest.mark.parametrize("n", [2, 5])
@pytest.mark.parametrize(
    "law", [FeatureLaw(), *(FeatureLaw("independent", (), a) for a in ("signed", "binary"))]
)
def test_a_batch_without_models_has_no_losses(law, n, activation):
    for W, b in (
        (torch.zeros(0, 2, n), torch.zeros(n)),
        (torch.zeros(2, n), torch.zeros(0, n)),
        (torch.zeros(0, 2, n), torch.zeros(1, n)),
    ):
        p = torch.full((1, n), 0.1)
        loss, error = exact_loss(W, b, p, law=law, activation=activation, return_error=True)
        assert loss.shape == error.shape == (0,)
    assert exact_loss(torch.zeros(3, 0, 2, n), torch.zeros(1, n), 0.1, law=law).shape == (3, 0)


@pytest.mark.parametrize(
    "kind",
    [
        np.array,
        lambda rows: rows,
        lambda rows: [tuple(map(Fraction, row)) for row in rows],
        lambda rows: np.array([[*map(Fraction, row)] for row in rows], dtype=object),
    ],
)
def test_densities_and_importances_of_each_model_may_be_tensors_arrays_or_lists(kind):
    W, b, p, I = models(FeatureLaw(), 3)
    expected = exact_loss(W, b, p, I)
    assert torch.equal(exact_loss(W, b, kind(p.tolist()), kind(I.tolist())), expected)
    one = kind(p[:1].tolist())
    assert torch.equal(exact_loss(W, b, one, I), exact_loss(W, b, p[0], I))
    with pytest.raises(ValueError, match=r"density of shape \(2, 5\) does not fit"):
        exact_loss(W, b, kind(p[:2].tolist()), I)
    with pytest.raises(ValueError, match=r"importance -1\.0 is not usable"):
        exact_loss(W, b, 0.1, kind((-torch.ones(3, 5)).tolist()))


@pytest.mark.parametrize("what", ["W", "b", "W_out", "density", "importance"])
def test_what_is_no_array_of_real_numbers_is_refused_by_name(what):
    good = {
        "W": torch.zeros(2, 5),
        "b": torch.zeros(5),
        "W_out": torch.zeros(5, 2),
        "density": torch.full((5,), 0.1),
        "importance": torch.ones(5),
    }
    exact_loss(**good)
    for bad in (good[what] * 1j, (good[what] * 1j)[None].numpy()):
        with pytest.raises(TypeError, match=f"{what} is complex"):
            exact_loss(**{**good, what: bad})
    for bad in ([[1.0, 2.0], [3.0]], [["a"]], [[1j] * 5]):
        with pytest.raises(TypeError, match=f"{what} cannot be read"):
            exact_loss(**{**good, what: bad})


def test_an_unknown_activation_has_no_evaluator():
    with pytest.raises(ValueError, match="activation 'tanh' is not known; use relu or linear"):
        choose(FeatureLaw(), "tanh", 9, tied=True, device="cpu")
