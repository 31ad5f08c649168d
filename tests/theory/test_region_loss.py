"""The loss as one rational function on a sign region."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory.expected_loss import population_loss, region_loss
from theory.problem import dropped_loss

from ..support import densities, fractions, rational

P, R = sympy.symbols("p r", positive=True)
HALF = Fraction(1, 2)

SYMBOLS = sympy.symbols("w1 w2 b1 b2", real=True)


def pair_region(point):
    """The loss of two features in one dimension on the sign region of (w1, w2, b1, b2)."""
    w1, w2, b1, b2 = SYMBOLS
    sample = dict(zip(SYMBOLS, map(rational, point), strict=True))
    gram = [[w1 * w1, w1 * w2], [w1 * w2, w2 * w2]]
    return region_loss(gram, [b1, b2], P, [1, R], sample), sample


coordinates = st.tuples(fractions().filter(bool), fractions().filter(bool), fractions(-1, 1))
points = st.tuples(coordinates, fractions(-1, 1)).map(lambda t: (*t[0], t[1]))


@settings(max_examples=20)
@given(points, densities(1), fractions(0, 3), st.lists(fractions(), min_size=4, max_size=4))
def test_the_region_loss_is_the_loss_throughout_its_region(point, density, r, direction):
    region, sample = pair_region(point)
    p = density[0]
    place = {P: rational(p), R: rational(r)}
    assert all(bool(relation.subs(sample)) for relation in region.relations)
    for step in (0, Fraction(1, 50), Fraction(1, 5)):
        w1, w2, b1, b2 = (x + step * d for x, d in zip(point, direction, strict=True))
        values = dict(zip(SYMBOLS, map(rational, (w1, w2, b1, b2)), strict=True))
        inside = w1 and w2 and all(bool(relation.subs(values)) for relation in region.relations)
        if inside:
            exact = population_loss([[w1, w2]], [b1, b2], p, [1, r])
            assert region.expression.subs({**values, **place}) == rational(exact)


def test_another_region_has_another_loss():
    """The negative control of the test above: the expression is not the loss everywhere."""
    region, _ = pair_region((Fraction(1), Fraction(-1), Fraction(1, 8), Fraction(1, 8)))
    outside = (Fraction(1), Fraction(1), Fraction(1, 8), Fraction(1, 8))
    values = dict(zip(SYMBOLS, map(rational, outside), strict=True))
    assert not all(bool(relation.subs(values)) for relation in region.relations)
    exact = population_loss([outside[:2]], outside[2:], HALF)
    assert region.expression.subs({**values, P: sympy.Rational(1, 2), R: 1}) != rational(exact)


@settings(max_examples=15)
@given(points, densities(1), st.integers(0, 3))
def test_the_derivative_is_the_limit_of_exact_difference_quotients(point, density, axis):
    region, sample = pair_region(point)
    h = Fraction(1, 10**8)
    slack = [abs(v.subs(sample)) for v in (*region.above, *region.below)]
    assume(min(slack) > 10 * rational(h))
    p, r = density[0], Fraction(7, 10)

    def loss(step):
        w1, w2, b1, b2 = (x + step * (k == axis) for k, x in enumerate(point))
        return population_loss([[w1, w2]], [b1, b2], p, [1, r])

    quotient = (loss(h) - loss(-h)) / (2 * h)
    slope = sympy.diff(region.expression, SYMBOLS[axis]).subs(
        {**sample, P: rational(p), R: rational(r)}
    )
    # The quotients are exact, so only h² f'''/6 remains; |f'''| stays below 1e7 on this grid.
    assert abs(rational(quotient) - slope) < 1e-9


def test_the_loss_is_a_polynomial_when_no_preactivation_changes_sign():
    sample = (Fraction(1), Fraction(1, 2), Fraction(1, 8), Fraction(1, 4))
    region, _ = pair_region(sample)
    assert region.below == ()
    assert region.expression.is_polynomial(*SYMBOLS, P, R)


def test_the_loss_has_couplings_in_its_denominator_when_one_does():
    region, _ = pair_region((Fraction(1), Fraction(-1), Fraction(1, 8), Fraction(1, 8)))
    assert region.below
    denominator = sympy.denom(sympy.together(region.expression))
    assert denominator.has(*SYMBOLS[:2])
    assert not denominator.has(P)


def test_a_coupling_that_is_zero_by_structure_stays_zero():
    g = sympy.Symbol("g", positive=True)
    region = region_loss([[g, 0], [0, 0]], [0, P / 2], P, [1, R], {g: 1, P: HALF})
    expected = P * (1 - g) ** 2 / 3 + R * dropped_loss(P)
    assert sympy.expand(region.expression - expected) == 0


def test_a_sample_that_lacks_a_symbol_is_refused_by_its_name():
    g, c = sympy.symbols("g c")
    with pytest.raises(ValueError, match=r"no value for \['c'\]"):
        region_loss([[g, -g], [-g, g]], [c, c], P, [1, R], {g: 1})
