"""Descent under every law reaches what is known in closed form."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from numerics import descend, exact_loss, find_optimum
from numerics.objective import Objective, Variables, law_unit
from numerics.optimum import search
from theory.laws import FeatureLaw
from theory.problem import Problem

ANTI = FeatureLaw("anticorrelated", ((0, 1),))
LAWS = {
    "one-hot": FeatureLaw("one-hot"),
    "binary": FeatureLaw(amplitude="binary"),
    "correlated binary": FeatureLaw("correlated", ((0, 2),), "binary"),
    "signed": FeatureLaw(amplitude="signed"),
    "exclusive": FeatureLaw("exclusive", ((0, 1),)),
}


def drawn(count: int, n: int, m: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    W, out = 0.5 * rng.standard_normal((2, count, m, n))
    return (torch.from_numpy(x) for x in (W, 0.1 * rng.standard_normal((count, n)), out))


def density_of(law: FeatureLaw, p: float):
    return None if law.kind == "one-hot" else p


def hexagon(x):
    """H of one output of a regular hexagon of norm l and bias b ≤ 0, one feature on at a time.

    Neighbours at 60 degrees have coupling a = l²/2 > 0; the others are never positive.
    """
    length, b = x
    square, a = length**2, length**2 / 2
    k = 1 - square
    own = b**3 / square**2 + b**3 / square + k**2 - 3 * k * b + 3 * b**2
    return 2 * (a + b) ** 3 / a + own


def test_six_features_one_at_a_time_are_the_hexagon_of_the_closed_form():
    found = find_optimum(Problem(features=6, hidden=2, law=LAWS["one-hot"]), starts=8)
    best = minimize(hexagon, [1.3, -0.6], method="Nelder-Mead", options={"xatol": 1e-9})
    assert found.loss == pytest.approx(6 * best.fun / 18, abs=1e-12)
    assert found.loss == pytest.approx(0.867463 / 18, abs=5e-8)  # h_6 of arXiv 2310.06301, over 3c
    assert found.status == "converged"
    assert np.diag(found.gram) ** 0.5 == pytest.approx([best.x[0]] * 6, abs=1e-6)
    assert found.b == pytest.approx([best.x[1]] * 6, abs=1e-6)


def test_six_features_in_three_dimensions_one_at_a_time_need_no_interference():
    """Three antipodal pairs: no two couplings are positive, so one active feature is learned."""
    found = find_optimum(Problem(features=6, hidden=3, law=LAWS["one-hot"]), starts=4)
    assert abs(found.loss) <= 1e-12


@pytest.mark.parametrize(
    "law",
    [
        FeatureLaw(),
        FeatureLaw(amplitude="signed"),
        FeatureLaw("correlated", ((0, 1), (2, 3))),
        FeatureLaw("anticorrelated", ((0, 1, 2), (3, 4))),
        FeatureLaw("exclusive", ((1, 4),)),
        FeatureLaw("one-hot"),
        FeatureLaw("correlated", ((0, 4),), "binary"),
    ],
    ids=lambda law: f"{law} {law.amplitude}",
)
def test_linear_models_of_equal_importance_are_principal_components(law):
    """The least loss is the sum of the smallest n − m eigenvalues of the covariance."""
    n, m, p = 5, 2, Fraction(1, 4)
    density = () if law.kind == "one-hot" else p
    C, mean = np.zeros((n, n)), np.zeros(n)
    for active, probability in law.patterns(density or None, n):
        for i in active:
            mean[i] += float(probability * law.mean)
            C[i, i] += float(probability * law.second_moment)
            for j in active:
                C[i, j] += float(probability * law.mean**2) * (i != j)
    values = np.linalg.eigvalsh(C - np.outer(mean, mean))
    problem = Problem(features=n, hidden=m, density=density, law=law, activation="linear")
    found = find_optimum(problem, starts=4)
    assert found.loss == pytest.approx(values[: n - m].sum(), abs=1e-11)


def test_linear_models_of_independent_features_drop_what_costs_least():
    importance = tuple(Fraction(9, 10) ** i for i in range(5))
    problem = Problem(
        features=5, hidden=2, density=Fraction(1, 5), importance=importance, activation="linear"
    )
    found = find_optimum(problem, starts=8)
    V = Fraction(1, 5) / 3 - Fraction(1, 100)
    assert found.loss == pytest.approx(float(V * sum(importance[2:])), abs=1e-12)


def test_an_anticorrelated_pair_in_one_dimension_is_antipodal():
    """Of a pair never on together each is read off one half of the axis, without loss."""
    ended = descend([[[0.9, -0.7]]], [[0.1, 0.0]], 0.5, law=ANTI)
    assert ended.status == ["converged"]
    assert abs(ended.loss.item()) <= 1e-11
    gram = ended.W[0].T @ ended.W[0]
    assert gram == pytest.approx(np.array([[1.0, -1.0], [-1.0, 1.0]]), abs=1e-4)
    binary = FeatureLaw("anticorrelated", ((0, 1),), "binary")
    found = find_optimum(Problem(features=2, hidden=1, density=Fraction(1, 2), law=binary))
    assert abs(found.loss) <= 1e-12


def test_a_correlated_pair_in_one_dimension_is_no_worse_than_its_sum_or_one_of_it():
    ended = descend(
        [[[0.9, 0.7]], [[1.0, 0.1]]],
        [[0.0, 0.0], [0.0, 0.25]],
        0.5,
        law=FeatureLaw("correlated", ((0, 1),)),
    )
    variance, covariance = 1 / 6 - 1 / 16, 1 / 8 - 1 / 16
    assert ended.loss.min() <= variance - covariance + 1e-12  # what a linear model reaches
    assert (ended.loss <= variance).all()


def test_problems_under_several_laws_are_not_searched_together():
    one = Problem(features=2, hidden=1, density=Fraction(1, 2))
    with pytest.raises(ValueError, match="differ in activation"):
        search([one, replace(one, activation="linear")], starts=1)
    with pytest.raises(ValueError, match="differ in law"):
        search([one, replace(one, law=LAWS["binary"])], starts=1)


@pytest.mark.parametrize("name", LAWS)
def test_the_gradient_of_the_objective_is_that_of_the_loss_in_its_unit(name):
    law = LAWS[name]
    for tied in (True, False):
        W, b, out = drawn(3, 4, 2)
        out = out.transpose(1, 2).contiguous()
        importance = torch.tensor([1.0, 0.5, 0.3, 0.2], dtype=torch.float64).expand(3, 4)
        q = torch.tensor([float(x) for x in law.marginals(density_of(law, 0.25), 4)])
        q = q.double().expand(3, 4)
        objective = Objective(
            variables=Variables(hidden=2, features=4, tied=tied),
            q=q,
            importance=importance,
            law=law,
        )
        x = torch.cat([W.flatten(1), *([] if tied else [out.flatten(1)]), b], 1)
        run = objective.at_accuracy(1e-12)
        value, gradient = run(x, torch.arange(3))
        again = exact_loss(
            W, b, density_of(law, 0.25), importance, law=law, W_out=None if tied else out
        )
        assert value * law_unit(q, importance, law) == pytest.approx(again, abs=1e-9)
        along = torch.from_numpy(np.random.default_rng(1).standard_normal(x.shape))
        step = 1e-5
        ahead, behind = (run(x + s * along, torch.arange(3))[0] for s in (step, -step))
        slope = (gradient * along).sum(1)
        assert (ahead - behind) / (2 * step) == pytest.approx(slope, abs=3e-6)


@pytest.mark.parametrize("name", ["one-hot", "binary", "correlated binary"])
def test_a_model_descends_the_same_alone_and_among_others(name):
    law = LAWS[name]
    W, b, _ = drawn(5, 4, 2)
    p = density_of(law, 0.3)
    together = descend(W, b, p, [1, 0.8, 0.6, 0.4], law=law)
    for k in (0, 3):
        alone = descend(W[k : k + 1], b[k : k + 1], p, [1, 0.8, 0.6, 0.4], law=law)
        assert torch.equal(alone.W[0], together.W[k])
        assert alone.status == [together.status[k]]


def test_free_readouts_end_at_or_below_where_they_began_and_below_tied_ones():
    W, b, _ = drawn(4, 3, 1)
    tied = descend(W, b, 0.3, [1, 0.8, 0.6])
    start = tied.W.transpose(1, 2)
    free = descend(tied.W, tied.b, 0.3, [1, 0.8, 0.6], W_out=start)
    assert (free.loss <= tied.loss + 1e-14).all()
    assert free.W_out.shape == (4, 3, 1)
    again = exact_loss(free.W, free.b, 0.3, [1, 0.8, 0.6], W_out=free.W_out, rtol=1e-12)
    assert free.loss == pytest.approx(again, abs=1e-12)
    assert free.loss.min() < tied.loss.min() - 1e-4


def test_free_linear_readouts_reach_the_tied_optimum():
    """Principal components are symmetric: a free readout gains nothing."""
    W, b, out = drawn(6, 4, 2)
    ended = descend(
        W, b, 0.5, [1, 1, 1, 1], activation="linear", W_out=out.transpose(1, 2).contiguous()
    )
    V = 0.5 / 3 - 0.25 / 4
    assert ended.loss.min().item() == pytest.approx(2 * V, abs=1e-12)


def test_binary_features_end_at_the_loss_of_the_sum_over_active_sets():
    law = LAWS["binary"]
    found = find_optimum(Problem(features=3, hidden=1, density=Fraction(1, 4), law=law), starts=16)
    total = 0.0
    for bits in np.ndindex(2, 2, 2):
        x = np.array(bits, float)
        miss = x - np.maximum(found.gram @ x + found.b, 0)
        total += np.prod(np.where(x > 0, 0.25, 0.75)) * (miss**2).sum()
    assert found.loss == pytest.approx(total, abs=1e-14)
    assert found.loss <= 3 * 0.25 * 0.75 * 2 / 3  # one dedicated, two at their mean
    assert found.gradient < 1e-6


def test_the_unit_is_the_loss_of_no_weights_at_the_best_biases():
    for law in LAWS.values():
        q = law.marginals(density_of(law, 0.25), 4)
        q = torch.tensor([float(x) for x in q], dtype=torch.float64)
        importance = torch.tensor([1.0, 0.5, 0.3, 0.2], dtype=torch.float64)
        mean = q * float(law.mean)
        loss = exact_loss(
            torch.zeros(1, 4).double(), mean, density_of(law, 0.25), importance, law=law
        )
        assert law_unit(q, importance, law).item() == pytest.approx(loss.item(), abs=1e-12)
    always = torch.ones(2, dtype=torch.float64)
    assert law_unit(always, always, LAWS["binary"]).item() == 2.0


def test_features_that_are_always_one_are_learned_by_the_biases():
    ended = descend(
        [[[0.1, 0.2]]], [[0.3, 0.4]], 1.0, [1.0, 0.5], law=FeatureLaw(amplitude="binary")
    )
    assert ended.status == ["converged"]
    assert abs(ended.loss.item()) <= 1e-12


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"law": "one-hot"}, "FeatureLaw"),
        ({"activation": "tanh"}, "relu or linear"),
        ({"W_out": [[[1.0], [1.0], [1.0]]]}, r"\(B, n, m\)"),
        ({"law": FeatureLaw("one-hot")}, "no density"),
        ({"density": None}, "needs a density"),
        ({"density": 1.5}, "density"),
        ({"importance": [0.0, 0.0]}, "importance"),
        ({"law": FeatureLaw("correlated", ((0, 5),))}, "5"),
        ({"basis": [[1.0, 0.0]]}, "W of shape"),
    ],
)
def test_wrong_use_is_named(options, told):
    given = {"density": 0.5, "importance": None, **options}
    with pytest.raises(ValueError, match=told):
        descend([[[1.0, -1.0]]], [[0.0, 0.0]], given.pop("density"), **given)
