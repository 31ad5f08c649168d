"""Families without closed form: their least loss, their curves, what they cut from others."""

from fractions import Fraction
from functools import cache

import flint
import numpy as np
import pytest
import scipy.optimize
import sympy

from theory.expected_loss import population_loss
from theory.families import Family, P, R, candidates
from theory.implicit_losses import implicit_loss
from theory.phase_boundaries import boundaries, points, winner

T = sympy.Symbol("t", positive=True)
SMALL = {T: Fraction(1, 20)}
MINE = {
    "tilt": (Family.from_weights("tilt", [[1, -T]], [0, 0], {T: Fraction(9, 10)}), (0.0, 1.0)),
    "common": (Family.from_weights("common", [[1, -1]], [T, T], SMALL), (0.0, 1.0)),
    "one": (Family.from_weights("one", [[1, -1]], [0, T], SMALL), (0.0, 1.0)),
}
LEVELS = ["unit", "unit_bias", "scale"]


@cache
def least(name, p, r):
    """The least loss over the parameter, by scipy from the exact loss at weights in floats."""
    family, bounds = MINE[name]

    def loss(t):
        W = [[float(entry.subs(T, t)) for entry in family.weights]]
        return population_loss(
            W, [float(sympy.sympify(b).subs(T, t)) for b in family.bias], p, [1, r]
        )

    grid = np.linspace(*bounds, 21)[1:-1]
    start = grid[np.argmin([loss(t) for t in grid])]
    found = scipy.optimize.minimize_scalar(
        loss, bounds=(start - 0.05, start + 0.05), method="bounded", options={"xatol": 1e-10}
    )
    return found.fun


@pytest.mark.parametrize("name", MINE)
def test_the_least_loss_agrees_with_numerical_minimisation(name):
    mine = implicit_loss(MINE[name][0])
    inside = 0
    for p, r in [(0.2, 0.3), (0.4, 0.4), (0.6, 0.9), (0.7, 2.0)]:
        here = mine.least(flint.fmpq(round(p * 10), 10), flint.fmpq(round(r * 10), 10))
        if here is not None:
            inside += 1
            value = float(int(here[0].p) / int(here[0].q))
            assert value == pytest.approx(least(name, p, r), abs=1e-9)
    assert inside >= 2


def on(boundary, count=4):
    """Points (p, r) on a boundary, in floats, strictly inside it."""
    found = []
    if boundary.curve.free_symbols == {R}:
        (r,) = sympy.solve(boundary.curve, R)
        every = [{P: sympy.Rational(k, 100), R: r} for k in range(1, 100)]
        found = [x for x in every if all(bool(v.subs(x)) for v in boundary.valid)]
        return [(float(x[P]), float(x[R])) for x in found[:: max(1, len(found) // count)]]
    f = sympy.Poly(boundary.curve, P)
    for r in np.geomspace(0.0103, 97, 120):
        for p in np.roots([float(c.subs(R, r)) for c in f.all_coeffs()]):
            place = {P: sympy.Float(p.real), R: sympy.Float(r)}
            real = abs(p.imag) < 1e-9 and 0 < p.real <= 1
            if real and all(bool(relation.subs(place)) for relation in boundary.valid):
                found.append((float(p.real), float(r)))
    return found[:: max(1, len(found) // count)]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", MINE)
def test_on_its_boundaries_the_family_ties_and_nothing_is_lower(name, level):
    losses = {c.name: sympy.lambdify((P, R), c.loss) for c in candidates(2, 1, level)}
    curves = [b for b in boundaries(2, 1, level, families=[MINE[name][0]]) if name in b.between]
    assert curves
    for boundary in curves:
        (rival,) = set(boundary.between) - {name}
        places = on(boundary)
        assert places
        assert sympy.Poly(boundary.curve, P, R).is_irreducible
        for p, r in places:
            values = {key: f(p, r) for key, f in losses.items()}
            assert least(name, p, r) == pytest.approx(values[rival], abs=1e-8)
            assert min(values.values()) == pytest.approx(values[rival], abs=1e-12)


@pytest.mark.parametrize("name", MINE)
def test_wherever_the_winner_changes_along_a_line_there_is_a_boundary(name):
    level = "unit_bias"
    names = [c.name for c in candidates(2, 1, level)]
    functions = [sympy.lambdify((P, R), c.loss) for c in candidates(2, 1, level)]
    pieces = boundaries(2, 1, level, families=[MINE[name][0]])
    lines = np.geomspace(0.0517, 9.7, 61)
    changes = 0
    for p in (0.2031, 0.5311, 0.8039):
        best = []
        for r in lines:
            values = [*(f(p, r) for f in functions), least(name, p, r)]
            best.append([*names, name][int(np.argmin(values))])
        for k in range(60):
            pair = {best[k], best[k + 1]}
            if len(pair) == 2:
                changes += 1
                middle = float(np.sqrt(lines[k] * lines[k + 1]))
                assert any(
                    set(b.between) == pair
                    and any(
                        lines[k] <= root.real <= lines[k + 1]
                        for root in np.roots(
                            [float(c) for c in sympy.Poly(b.curve.subs(P, p), R).all_coeffs()]
                        )
                    )
                    for b in pieces
                ), (p, middle, pair)
    assert changes >= 3


def test_where_a_family_leaves_its_rival_continuously_there_is_a_boundary_too():
    (line,) = [
        b
        for b in boundaries(2, 1, "unit_bias", families=[MINE["tilt"][0]])
        if b.between == ("tilt", "pair_last")
    ]
    assert sympy.solve(line.curve, R) == [sympy.Rational(1, 2)]


def test_a_family_below_cuts_the_boundaries_of_the_others():
    family = MINE["tilt"][0]
    alone = {b.between: b for b in boundaries(2, 1, "unit_bias")}
    cut = {b.between: b for b in boundaries(2, 1, "unit_bias", families=[family])}
    pair = ("ignore_last", "pair_last")
    assert cut[pair].curve == alone[pair].curve
    assert len(cut[pair].valid) > len(alone[pair].valid)
    assert cut["ignore_first", "pair_last"] == alone["ignore_first", "pair_last"]


def test_an_angle_is_a_parameter_as_good_as_any():
    theta = sympy.Symbol("theta", real=True)
    W = [[sympy.cos(theta), -sympy.sin(theta)]]
    mine = Family.from_weights("turned", W, [0, 0], {theta: Fraction(7, 10)})
    here = implicit_loss(mine).least(flint.fmpq(3, 10), flint.fmpq(4, 5))

    def loss(a):
        return population_loss([[np.cos(a), -np.sin(a)]], [0, 0], 0.3, [1, 0.8])

    found = scipy.optimize.minimize_scalar(loss, bounds=(0.1, 1.4), method="bounded")
    assert float(int(here[0].p) / int(here[0].q)) == pytest.approx(found.fun, abs=1e-9)


def test_several_parameters_without_closed_form_do_not_compete_and_raise_nothing():
    b = sympy.Symbol("b", positive=True)
    both = Family.from_weights("both", [[T, -T]], [b, b], {T: 1, b: Fraction(1, 20)})
    assert boundaries(2, 1, "unit_bias", families=[both]) == boundaries(2, 1, "unit_bias")
    with pytest.raises(ValueError, match="both"):
        winner(2, 1, "unit_bias", 0.5, 0.5, families=[both])


def test_the_name_of_a_named_candidate_is_refused():
    with pytest.raises(ValueError, match="'pair_last' has the name"):
        boundaries(2, 1, "unit", families=[Family.from_weights("pair_last", [[1, -1]], [0, 0])])


def test_the_end_of_a_line_on_which_three_tie_is_no_triple_point():
    half = 1 / sympy.sqrt(2)
    confused = Family.from_weights("confused", [[half, half]], [0, 0])
    (point,) = points(2, 1, "unit_bias", families=[confused])
    assert (point.density, point.importance) == (sympy.Rational(4, 7), 1)
