"""Losses under different feature laws, related exactly; symmetries of each law."""

from fractions import Fraction

import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.expected_loss import per_feature_loss, population_loss
from theory.laws import AMPLITUDES, FeatureLaw

from ..support import LAWS, biases, densities, density_for, fractions, rational, weights

P = sympy.Symbol("p", positive=True)
HALF, THIRD = Fraction(1, 2), Fraction(1, 3)

any_law = st.sampled_from(LAWS)
any_amplitude = st.sampled_from(AMPLITUDES)
any_activation = st.sampled_from(("relu", "linear"))


def transposed(W):
    return [list(column) for column in zip(*W, strict=True)]


# ------------------------------------------------------------------ one law seen through another


def per_feature(W, b, density, text, amplitude="uniform", activation="relu"):
    law = FeatureLaw.parse(text, amplitude)
    return per_feature_loss(W, b, density, law=law, activation=activation)


models_of_three = st.tuples(weights(2, 3), biases(3))


@given(models_of_three, any_amplitude, any_activation)
def test_sets_that_are_always_on_are_features_that_are_always_on(model, amplitude, activation):
    rest = (amplitude, activation)
    always = per_feature(*model, 1, "independent", *rest)
    assert per_feature(*model, 1, "correlated:0,1,2", *rest) == always
    assert per_feature(*model, 1, "correlated:0,2", *rest) == always


@given(models_of_three, any_amplitude, any_activation)
def test_a_set_of_all_features_with_one_always_on_is_one_hot(model, amplitude, activation):
    rest = (amplitude, activation)
    one = per_feature(*model, None, "one-hot", *rest)
    assert per_feature(*model, 1, "anticorrelated:0,1,2", *rest) == one
    assert per_feature(*model, THIRD, "exclusive:0,1,2", *rest) == one


@given(models_of_three, any_amplitude, densities(1))
def test_a_set_of_all_features_is_silent_or_as_if_always_on(model, amplitude, p):
    W, b = model
    (p,) = p
    silent = [max(c, 0) ** 2 for c in b]
    for kind, always, density in (
        ("correlated", "independent", 1),
        ("anticorrelated", "one-hot", None),
    ):
        on = per_feature(W, b, density, always, amplitude)
        mixed = tuple((1 - p) * s + p * x for s, x in zip(silent, on, strict=True))
        assert per_feature(W, b, p, f"{kind}:0,1,2", amplitude) == mixed


@given(models_of_three, any_amplitude, any_activation, densities(2))
def test_members_of_an_anticorrelated_set_exclude_each_other(model, amplitude, activation, p):
    """Set active with probability p, each of k members as often: exclusive with marginals p/k."""
    whole, rest = [p[0], p[1], p[0]], (amplitude, activation)
    shares = [p[0] / 2, p[1], p[0] / 2]
    assert per_feature(*model, whole, "anticorrelated:0,2", *rest) == per_feature(
        *model, shares, "exclusive:0,2", *rest
    )


@given(models_of_three, any_amplitude, densities(2))
def test_two_features_are_independent_as_a_mixture_of_together_and_apart(model, amplitude, p):
    """Both or neither with probability p² + (1 − p)², else exactly one, either as often."""
    p, q = p
    weight = p * p + (1 - p) ** 2
    together = per_feature(*model, [p * p / weight] * 2 + [q], "correlated:0,1", amplitude)
    apart = per_feature(*model, [HALF, HALF, q], "exclusive:0,1", amplitude)
    mixture = tuple(weight * t + (1 - weight) * a for t, a in zip(together, apart, strict=True))
    assert per_feature(*model, [p, p, q], "independent", amplitude) == mixture


@settings(max_examples=20)
@given(models_of_three, any_amplitude)
def test_one_hot_is_what_sparse_independent_features_leave(model, amplitude):
    """L = S^n Σ (b_i)_+² + n p S^(n−1) L_one-hot + O(p²)."""
    W, b = model
    law, n = FeatureLaw(amplitude=amplitude), 3
    one = rational(population_loss(W, b, None, law=FeatureLaw("one-hot", amplitude=amplitude)))
    silent = rational(sum((max(c, Fraction(0)) ** 2 for c in b), Fraction(0)))
    loss = sympy.Poly(population_loss(W, b, P, law=law), P)
    assert loss.coeff_monomial(1) == silent
    assert loss.coeff_monomial(P) == n * (one - silent)


@given(st.lists(fractions(), min_size=3, max_size=3), biases(3), any_amplitude, any_activation)
def test_only_the_marginals_count_when_features_do_not_meet(scale, b, amplitude, activation):
    W = [[scale[i] if i == j else 0 for j in range(3)] for i in range(3)]
    rest = (amplitude, activation)
    alone = per_feature(W, b, THIRD, "independent", *rest)
    assert per_feature(W, b, None, "one-hot", *rest) == alone
    assert per_feature(W, b, THIRD, "correlated:0,1,2", *rest) == alone
    assert per_feature(W, b, THIRD, "exclusive:0,2", *rest) == alone
    assert per_feature(W, b, [2 * THIRD, THIRD, 2 * THIRD], "anticorrelated:0,2", *rest) == alone


# ------------------------------------------------------------------ symmetries


@settings(max_examples=40)
@given(any_law, any_activation, weights(2, 3), biases(3), densities(3), st.permutations(range(3)))
def test_relabelling_the_features_and_the_sets_changes_nothing(law, activation, W, b, p, order):
    p = density_for(law, p)
    place = {old: new for new, old in enumerate(order)}
    sets = [[place[j] for j in members] for members in law.sets]
    relabelled = FeatureLaw(law.kind, tuple(map(tuple, sets)), law.amplitude)
    losses = per_feature_loss(W, b, p, law=law, activation=activation)
    permuted = per_feature_loss(
        [[row[k] for k in order] for row in W],
        [b[k] for k in order],
        None if p is None else [p[k] for k in order],
        law=relabelled,
        activation=activation,
    )
    assert permuted == tuple(losses[k] for k in order)


@settings(max_examples=40)
@given(any_law, any_activation, weights(2, 3), biases(3), densities(3), fractions(1, 3))
def test_tied_is_untied_with_the_transpose_at_any_split_of_the_scale(law, activation, W, b, p, c):
    p = density_for(law, p)
    tied = per_feature_loss(W, b, p, law=law, activation=activation)
    readout = [[w / c for w in row] for row in transposed(W)]
    scaled = [[c * w for w in row] for row in W]
    assert tied == per_feature_loss(scaled, b, p, law=law, W_out=readout, activation=activation)


SIGNED = [law for law in LAWS if law.amplitude == "signed"]
signs = st.lists(st.sampled_from([-1, 1]), min_size=3, max_size=3)
IDENTITY = [[int(i == j) for j in range(3)] for i in range(3)]


@given(st.sampled_from(SIGNED), weights(3, 3), biases(3), densities(3), signs)
def test_signed_features_do_not_see_the_sign_of_a_coupling_to_another(law, M, b, p, s):
    p = density_for(law, p)
    flipped = [[M[i][j] * (1 if i == j else s[j]) for j in range(3)] for i in range(3)]
    losses = per_feature_loss(IDENTITY, b, p, law=law, W_out=M)
    assert losses == per_feature_loss(IDENTITY, b, p, law=law, W_out=flipped)


@given(st.sampled_from(SIGNED), weights(3, 3), densities(3))
def test_signed_features_in_a_linear_model_have_no_mean(law, M, p):
    """Loss = Σ_j (δ_ij − M_ij)² p_j / 3: the law acts through its marginals only."""
    p = density_for(law, p)
    marginals = law.marginals(p, 3)
    losses = per_feature_loss(IDENTITY, [0] * 3, p, law=law, W_out=M, activation="linear")
    assert losses == tuple(
        sum(((i == j) - M[i][j]) ** 2 * marginals[j] / 3 for j in range(3)) for i in range(3)
    )


@given(any_law, weights(2, 3), biases(3), densities(3))
def test_the_activation_does_nothing_while_every_preactivation_is_positive(law, W, b, p):
    p = density_for(law, p)
    b = [c + 30 for c in b]  # couplings are at most 8 each
    assert per_feature_loss(W, b, p, law=law) == per_feature_loss(
        W, b, p, law=law, activation="linear"
    )
