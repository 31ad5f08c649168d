"""The continuous onset of a dropped feature and the first-order part of its boundary."""

from fractions import Fraction

import mpmath
import pytest
import sympy

from theory.coexistence import coexistence
from theory.expected_loss import population_loss
from theory.gram_patterns import P
from theory.onset import K, V, cubic_coefficient, onset, onset_curve, tricritical_densities


def test_the_cost_of_weak_storage_is_the_least_of_a_quadratic_and_a_cubic_in_the_bias():
    for p in (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)):
        p = mpmath.mpf(p.numerator) / p.denominator
        s = 1 - p

        def cost(b, p=p, s=s):
            square = p * (b * b / 4 - p * b / 4 + p / 3 - 3 * p * p / 16)
            return square + s * s * b * b + p * s * b**3 / 3

        root = mpmath.findroot(lambda b: mpmath.diff(cost, b), p / 4)
        assert abs(cost(root) - sympy.N(K().subs(P, p))) < 1e-12
        assert abs(root - sympy.N(onset().beta.subs(P, p))) < 1e-9


def test_the_cubic_coefficient_is_the_one_of_the_local_lemma():
    beta = onset().beta
    closed = 3 * K() * (P / 2 - beta) - P**2 * (1 - beta) ** 4 / 6
    for p in (sympy.Rational(k, 10) for k in range(1, 10)):
        assert abs(sympy.N((closed - cubic_coefficient()).subs(P, p), 40)) < 1e-35


@pytest.mark.parametrize("p", [Fraction(3, 10), Fraction(3, 5), Fraction(9, 10)])
def test_the_exact_loss_along_the_softest_direction_has_the_derived_coefficients(p):
    at = {P: sympy.Rational(p)}
    stiff, v, cubic = (sympy.N(f.subs(at), 30) for f in (K(), V(), cubic_coefficient()))
    beta, gamma = (sympy.N(f.subs(at), 30) for f in (onset().beta, onset().gamma))
    r = Fraction(str(sympy.N(stiff / v, 30)))
    sizes = []
    for epsilon in (Fraction(1, 1000), Fraction(1, 2000)):
        g1 = 1 + Fraction(str(gamma)) * epsilon
        w1 = Fraction(str(sympy.N(sympy.sqrt(sympy.Rational(g1)), 40)))
        w2 = -epsilon / w1
        bias = [Fraction(str(beta)) * epsilon, p / 2 * (1 - w2 * w2 + epsilon)]
        gap = population_loss([[w1, w2]], bias, p, [1, r]) - r * (p / 3 - p * p / 4)
        sizes.append(float(gap / epsilon**3))
    extrapolated = 2 * sizes[1] - sizes[0]
    assert abs(extrapolated - float(cubic)) < 1e-5
    assert abs(sizes[0] - sizes[1]) > 1e-7  # the next order is there, so this was no identity


def test_the_cubic_coefficient_changes_sign_at_the_tricritical_densities_only():
    low, high = tricritical_densities(30)
    assert 0.52 < low < high < 0.84
    for p, sign in [(0.05, -1), (0.5, -1), (0.55, 1), (0.8, 1), (0.85, -1), (0.99, -1)]:
        assert sign * cubic_coefficient().subs(P, p).evalf() > 0
    for root in (low, high):
        assert abs(sympy.N(cubic_coefficient().subs(P, root), 40)) < 1e-28


def test_storing_weakly_beats_drop_just_beyond_the_onset_and_not_before():
    p = Fraction(7, 10)
    v = p / 3 - p * p / 4
    ratio = Fraction(float(sympy.N((K() / V()).subs(P, sympy.Rational(p)))))
    beta, gamma = (
        Fraction(float(sympy.N(f.subs(P, sympy.Rational(p)))))
        for f in (onset().beta, onset().gamma)
    )
    epsilon = Fraction(1, 10**4)
    w2 = -epsilon / (1 + gamma * epsilon / 2)
    bias = [beta * epsilon, p / 2 * (1 - w2 * w2 + epsilon)]
    W = [[1 + gamma * epsilon / 2, w2]]
    beyond, before = ratio * Fraction(101, 100), ratio * Fraction(99, 100)
    assert population_loss(W, bias, p, [1, beyond]) < beyond * v
    assert population_loss(W, bias, p, [1, before]) > before * v
    assert onset_curve().subs(P, 1).evalf().is_finite is not False


@pytest.mark.parametrize(
    ("density", "low", "high"),
    [("1/10", ".048721897", ".048721898"), ("3/10", ".2046990759", ".2046990764")],
)
def test_first_order_ties_lie_in_their_certified_brackets(density, low, high):
    tie = coexistence(density, 20)
    assert sympy.Rational(low) <= sympy.Rational(str(tie.importance)) <= sympy.Rational(high)


@pytest.mark.parametrize("density", ["1/10", "1/2", "9/10"])
def test_at_a_first_order_tie_the_exact_losses_agree_to_all_digits(density):
    tie = coexistence(density, 50)
    p = Fraction(density)
    w1, w2, b1, b2, r = (
        Fraction(str(entry)) for entry in (*tie.weights, *tie.bias, tie.importance)
    )
    v = p / 3 - p * p / 4
    gap = population_loss([[w1, w2]], [b1, b2], p, [1, r]) - r * v
    assert abs(gap) < Fraction(1, 10**46)
    for step in (Fraction(1, 10**4), -Fraction(1, 10**4)):
        moved = [([[w1 + step, w2]], [b1, b2]), ([[w1, w2 + step]], [b1, b2])]
        moved += [([[w1, w2]], [b1 + step, b2]), ([[w1, w2]], [b1, b2 + step])]
        for W, bias in moved:
            assert population_loss(W, bias, p, [1, r]) > r * v


@pytest.mark.parametrize("density", ["515/1000", "519/1000", "84/100", "17/20", "43/50"])
def test_next_to_the_band_the_jump_is_small_and_precedes_the_onset(density):
    tie = coexistence(density, 30)
    p = Fraction(density)
    w1, w2, b1, b2, r = (
        Fraction(str(entry)) for entry in (*tie.weights, *tie.bias, tie.importance)
    )
    gap = population_loss([[w1, w2]], [b1, b2], p, [1, r]) - r * (p / 3 - p * p / 4)
    assert abs(gap) < Fraction(1, 10**28)
    assert Fraction(1, 10**4) < -w2 < Fraction(1, 50)
    onset_here = (K() / V()).subs(P, sympy.Rational(p))
    assert 0 < sympy.N(onset_here, 30) - tie.importance < 1e-4
    beyond = r + Fraction(1, 10**9)
    assert population_loss([[w1, w2]], [b1, b2], p, [1, beyond]) < beyond * (p / 3 - p * p / 4)


def test_where_the_two_jumps_compete_the_earlier_is_given():
    strong, weak = coexistence("511/1000"), coexistence("513/1000")
    assert strong.weights[1] < -0.5 < -0.01 < weak.weights[1]


def test_inside_the_band_there_is_no_first_order_tie():
    with pytest.raises(ValueError, match=r"7/10.*onset"):
        coexistence("7/10")
    with pytest.raises(ValueError, match="outside"):
        coexistence(1)
