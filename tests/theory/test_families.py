"""Named families, their closed forms, and families of one's own."""

from fractions import Fraction

import pytest
import sympy

import theory
from theory.expected_loss import population_loss
from theory.families import LEVELS, Family, P, R, candidates, free_families

CLOSED = [
    pytest.param(n, c, id=f"{n}-{c.level}-{c.name}")
    for n in (2, 3, 4)
    for c in candidates(n, n - 1)
    if c.loss is not None
]
PLACES = [
    (Fraction(1, 7), Fraction(2, 5)),
    (Fraction(3, 5), Fraction(9, 4)),
    (Fraction(1), Fraction(1)),
]


@pytest.mark.parametrize(("n", "candidate"), CLOSED)
def test_a_candidate_loss_is_the_population_loss_at_its_weights_and_bias(n, candidate):
    for p, r in PLACES:
        at = {P: sympy.Rational(p), R: sympy.Rational(r)}
        W = candidate.weights.subs(at).applyfunc(sympy.radsimp)
        bias = [entry.subs(at) for entry in candidate.bias]
        exact = population_loss(W.tolist(), bias, p, [1] * (n - 1) + [r])
        assert sympy.simplify(exact - candidate.loss.subs(at)) == 0
        assert (W.T * W - candidate.gram.subs(at)).applyfunc(sympy.simplify).is_zero_matrix


@pytest.mark.parametrize("n", [2, 3])
def test_no_other_common_scale_of_a_pair_has_a_lower_loss(n):
    pair = next(c for c in candidates(n, n - 1, "scale") if c.name == "pair_last")
    g = (8 - 5 * P) / (8 - 6 * P)
    assert sympy.cancel(pair.gram[n - 1, n - 1] - g) == 0
    for p, r in PLACES:
        least = pair.loss.subs({P: sympy.Rational(p), R: sympy.Rational(r)})
        for step in (-sympy.Rational(1, 100), sympy.Rational(1, 100)):
            norm = sympy.sqrt(g.subs(P, sympy.Rational(p)) + step)
            W = sympy.diag(sympy.eye(n - 2), sympy.Matrix([[norm, -norm]]))
            assert population_loss(W.tolist(), [0] * n, p, [1] * (n - 1) + [r]) > least


def test_the_scaled_pair_has_the_closed_form_of_the_derivation():
    pair = candidates(2, 1, "scale")[2]
    closed = (1 + R) * P**2 * (32 - 25 * P) / (48 * (4 - 3 * P))
    assert sympy.cancel(pair.loss - closed) == 0


def test_the_panel_of_the_paper_is_level_unit_bias():
    loss = {c.name: c.loss for c in candidates(3, 2, "unit_bias")}
    v = P / 3 - P**2 / 4
    expected = {"ignore_first": v, "ignore_last": R * v}
    expected |= {"pair_first": P**2 / 3, "pair_last": (1 + R) * P**2 / 6}
    for name, closed in expected.items():
        assert sympy.expand(loss[name] - closed) == 0


def test_each_case_has_its_names_at_each_level():
    names = {"ignore_last", "ignore_first", "pair_last"}
    three = names | {"pair_first", "triangle"}
    for level in LEVELS:
        assert {c.name for c in candidates(2, 1, level)} == names
        extra = {"tilted_triangle"} if level == "free" else set()
        assert {c.name for c in candidates(3, 2, level)} == three | extra
        assert {c.name for c in candidates(5, 4, level)} == names | {"pair_first"}
    assert theory.candidates is candidates


@pytest.mark.parametrize("name", ["ignore_last", "ignore_first"])
def test_the_ignoring_families_are_minimal_at_level_free(name):
    candidate = next(c for c in candidates(2, 1, "free") if c.name == name)
    kept = 0 if name == "ignore_last" else 1
    for p, r in PLACES:
        least = candidate.loss.subs({P: sympy.Rational(p), R: sympy.Rational(r)})
        for scale, kept_bias, drop_bias in [
            (Fraction(101, 100), 0, p / 2),
            (Fraction(99, 100), 0, p / 2),
            (1, Fraction(1, 100), p / 2),
            (1, -Fraction(1, 100), p / 2),
            (1, 0, p / 2 + Fraction(1, 100)),
            (1, 0, p / 2 - Fraction(1, 100)),
        ]:
            W = [[scale, 0]] if kept == 0 else [[0, scale]]
            bias = [kept_bias, drop_bias] if kept == 0 else [drop_bias, kept_bias]
            assert population_loss(W, bias, p, [1, r]) > least


def test_a_family_of_weights_and_its_gram_pattern_have_one_loss():
    t = sympy.Symbol("t", positive=True)
    by_weights = Family.from_weights("mine", [[1, -t]], [0, 0], {t: Fraction(1, 2)})
    by_gram = Family.from_gram("mine", [[1, -t], [-t, t**2]], [0, 0], 1, {t: Fraction(1, 2)})
    assert sympy.cancel(by_weights.loss.expression - by_gram.loss.expression) == 0
    value = by_weights.loss.expression.subs(
        {t: sympy.Rational(2, 5), P: sympy.Rational(1, 3), R: 2}
    )
    assert value == population_loss([[1, Fraction(-2, 5)]], [0, 0], Fraction(1, 3), [1, 2])


def test_a_family_without_parameters_is_its_own_candidate():
    mine = Family.from_weights("confused", [[1, 1]], [0, 0]).minimised()
    at = {P: sympy.Rational(1, 2), R: sympy.Rational(3)}
    assert mine.loss.subs(at) == population_loss([[1, 1]], [0, 0], Fraction(1, 2), [1, 3])
    assert mine.region == ()


def test_a_bias_parameter_is_minimised_out_of_a_dropped_feature():
    beta = sympy.Symbol("beta", real=True)
    mine = Family.from_weights("mine", [[1, 0]], [0, beta], {beta: Fraction(1, 4)}).minimised()
    assert mine.bias == (0, P / 2)
    assert sympy.expand(mine.loss - R * (P / 3 - P**2 / 4)) == 0


def test_a_closed_minimum_of_two_parameters_is_found_one_after_the_other():
    t, beta = sympy.symbols("t beta", positive=True)
    sample = {t: Fraction(9, 10), beta: Fraction(1, 4)}
    mine = Family.from_weights("mine", [[t, 0]], [0, beta], sample).minimised()
    assert mine.weights[0, 0] == 1
    assert mine.bias == (0, P / 2)
    assert sympy.expand(mine.loss - R * (P / 3 - P**2 / 4)) == 0


def test_a_parameter_without_a_minimum_in_closed_form_is_noted():
    t = sympy.Symbol("t", positive=True)
    hard = Family.from_weights("hard", [[t, -t]], [t**3, t], {t: 1}).minimised()
    assert hard.loss is None
    assert "over t" in hard.note


def test_a_bias_may_be_a_column():
    column = sympy.Matrix([0, P / 2])
    mine = Family.from_weights("mine", [[1, 0]], column)
    assert mine.bias == (0, P / 2)


def test_a_pattern_of_too_high_rank_or_of_no_weights_is_refused():
    with pytest.raises(ValueError, match="rank 2"):
        Family.from_gram("two", [[1, 0], [0, 1]], [0, 0], 1)
    with pytest.raises(ValueError, match="not positive semidefinite"):
        Family.from_gram("no", [[1, -2], [-2, 1]], [0, 0], 2)


def test_a_parameter_without_sample_value_is_refused_by_name():
    with pytest.raises(ValueError, match="theta"):
        Family.from_weights("mine", [[1, -sympy.Symbol("theta")]], [0, 0])


@pytest.mark.parametrize(
    ("n", "m", "level"), [(4, 2, None), (1, 0, None), (21, 20, None), (2, 1, "best")]
)
def test_an_unsupported_case_is_named_in_the_error(n, m, level):
    with pytest.raises(ValueError, match=r"best" if level else rf"{n} features"):
        candidates(n, m, level)


def test_the_free_families_keep_their_cosines_for_all_norms():
    for family in free_families(3, 2):
        norms = sympy.symbols("a b c", positive=True)
        W = sympy.zeros(2, 3)
        for value, matrix in zip(norms, family.basis, strict=True):
            W += value * matrix
        G = W.T * W
        if family.name == "triangle":
            for i, j in [(0, 1), (0, 2), (1, 2)]:
                assert sympy.simplify(G[i, j] / sympy.sqrt(G[i, i] * G[j, j])) == -sympy.Rational(
                    1, 2
                )
        elif family.name == "tilted_triangle":
            assert G[0, 0] == G[1, 1]
            assert G[0, 2] == G[1, 2] != 0
        else:
            pair = (0, 1) if family.name == "pair_first" else (1, 2)
            assert (
                sympy.simplify(G[pair] + sympy.sqrt(G[pair[0], pair[0]] * G[pair[1], pair[1]])) == 0
            )
    assert [f.name for f in free_families(2, 1)] == ["pair_last"]
