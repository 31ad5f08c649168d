"""Boundaries of the argmin diagram: ties that are exact, least, and where the winner changes."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.optimize
import sympy

import theory
from theory.expected_loss import population_loss
from theory.families import Family, P, R, candidates
from theory.onset import K, V
from theory.phase_boundaries import boundaries, curve_samples, points, winner

EXACT = ("unit", "unit_bias", "scale")
CASES = [(n, level) for n in (2, 3, 4) for level in EXACT]
PIECES = [
    pytest.param(n, b, id=f"{n}-{b.level}-{'|'.join(b.between)}")
    for n, level in CASES
    for b in boundaries(n, n - 1, level)
]


def places(boundary, count=7):
    """Exact points (p, r) on a boundary, strictly inside it."""
    found = []
    for k in range(-30, 31):
        r = sympy.Rational(int(1000 * 10 ** (k / 15)), 1000)
        if boundary.solved is not None and (p := boundary.solved.subs(R, r)).is_real:
            found.append((p, r))
    if boundary.solved is None:
        found = [(sympy.Rational(k, 41), sympy.Integer(1)) for k in range(1, 41)]
    found = [(p, r) for p, r in found if all(bool(v.subs({P: p, R: r})) for v in boundary.valid)]
    return found[:: max(1, len(found) // count)]


@pytest.mark.parametrize(("n", "boundary"), PIECES)
def test_on_a_boundary_the_two_tie_exactly_and_no_third_is_lower(n, boundary):
    losses = {c.name: c.loss for c in candidates(n, n - 1, boundary.level)}
    assert sympy.expand(boundary.curve) != 0
    assert boundary.curve.free_symbols <= {P, R}
    found = places(boundary)
    assert len(found) >= 3
    for p, r in found:
        at = {P: p, R: r}
        first, second = (losses[name].subs(at) for name in boundary.between)
        assert sympy.simplify(boundary.curve.subs(at)) == 0
        assert sympy.simplify(first - second) == 0
        for loss in losses.values():
            assert sympy.N(loss.subs(at) - first, 40) > -1e-30


@pytest.mark.parametrize(("n", "boundary"), PIECES)
def test_the_winner_changes_across_a_boundary_between_the_two_named(n, boundary):
    names = [c.name for c in candidates(n, n - 1, boundary.level)]
    flat = not boundary.curve.has(R)
    for p, r in places(boundary)[1:-1]:
        step = 1e-6
        p, r = float(p), float(r)
        p_sides = (p - step, p + step) if flat else (p, p)
        r_sides = (r, r) if flat else (r * (1 - step), r * (1 + step))
        sides = winner(n, n - 1, boundary.level, p_sides, r_sides)
        assert {names[k] for k in sides} == set(boundary.between)


@pytest.mark.parametrize(("n", "level"), CASES)
def test_wherever_the_winner_changes_along_a_line_there_is_a_boundary(n, level):
    names = [c.name for c in candidates(n, n - 1, level)]
    pieces = boundaries(n, n - 1, level)
    r = np.geomspace(0.1003, 9.7, 4001)
    for p in (0.0731, 0.1931, 0.4177, 0.5311, 0.7039, 0.9521):
        best = winner(n, n - 1, level, p, r)
        for k in np.flatnonzero(best[1:] != best[:-1]):
            pair = {names[best[k]], names[best[k + 1]]}
            at = {P: sympy.Float(p), R: sympy.Float(float(r[k]))}
            near = [
                b
                for b in pieces
                if set(b.between) == pair
                and abs(sympy.nsolve(b.curve.subs(P, p), R, float(r[k])) - r[k]) < 0.01 * r[k]
            ]
            assert len(near) == 1, (p, r[k], pair, at)


def test_the_panel_of_the_paper_has_its_closed_forms_for_two_features():
    solved = {b.between: (b.solved, set(b.valid)) for b in boundaries(2, 1, "unit_bias")}
    triple = sympy.Rational(4, 7)
    lower, lower_valid = solved["ignore_last", "pair_last"]
    upper, upper_valid = solved["ignore_first", "pair_last"]
    assert sympy.cancel(lower - 4 * R / (2 + 5 * R)) == 0
    assert sympy.cancel(upper - 4 / (5 + 2 * R)) == 0
    assert sympy.Le(R, 1) in lower_valid
    assert sympy.Ge(R, 1) in upper_valid
    assert sympy.Ge(P, triple) in solved["ignore_last", "ignore_first"][1]
    assert [(x.density, x.importance) for x in points(2, 1, "unit_bias")] == [(triple, 1)]
    assert theory.boundaries is boundaries


def test_the_panel_of_the_paper_has_its_lines_for_three_features():
    pieces = {b.between: b for b in boundaries(3, 2, "unit_bias")}
    assert len(pieces) == 4
    flat = pieces["ignore_first", "pair_first"]
    assert flat.solved == sympy.Rational(4, 7)
    assert sympy.Ge(R, 1) in flat.valid
    assert pieces["pair_last", "pair_first"].curve in (R - 1, 1 - R)
    assert pieces["ignore_last", "ignore_first"].curve in (R - 1, 1 - R)
    (point,) = points(3, 2, "unit_bias")
    assert (point.density, point.importance, len(point.between)) == (sympy.Rational(4, 7), 1, 4)


@pytest.mark.parametrize("level", EXACT)
def test_swapping_the_two_features_turns_each_boundary_into_another(level):
    swap = {"ignore_last": "ignore_first", "ignore_first": "ignore_last", "pair_last": "pair_last"}
    pieces = {frozenset(b.between): b for b in boundaries(2, 1, level)}
    for pair, boundary in pieces.items():
        mirror = pieces[frozenset(swap[name] for name in pair)]
        for p, r in places(boundary):
            at = {P: p, R: 1 / r}
            assert sympy.simplify(mirror.curve.subs(at)) == 0
            assert all(bool(v.subs(at)) for v in mirror.valid)


@pytest.mark.parametrize(("n", "level"), CASES)
def test_at_a_multiple_point_all_named_candidates_tie_exactly(n, level):
    losses = {c.name: c.loss for c in candidates(n, n - 1, level)}
    found = points(n, n - 1, level)
    assert len(found) == 1
    for point in found:
        at = {P: point.density, R: point.importance}
        values = {
            name: sympy.radsimp(sympy.simplify(loss.subs(at))) for name, loss in losses.items()
        }
        least = values[point.between[0]]
        assert all(sympy.simplify(values[name] - least) == 0 for name in point.between)
        assert all(values[name] > least for name in set(values) - set(point.between))


def test_boundaries_with_a_family_of_ones_own_are_exact_ties_too():
    fixed = Family.from_weights("weak", [[1, -Fraction(9, 10)]], [0, 0])
    pieces = boundaries(2, 1, "scale", families=(fixed,))
    mine = [b for b in pieces if "weak" in b.between]
    losses = {c.name: c.loss for c in (*candidates(2, 1, "scale"), fixed.minimised())}
    assert mine
    for boundary in mine:
        found = places(boundary)
        assert found
        for p, r in found:
            values = {name: sympy.N(loss.subs({P: p, R: r}), 40) for name, loss in losses.items()}
            first, second = (values[name] for name in boundary.between)
            assert abs(first - second) < 1e-30
            assert min(values.values()) > first - 1e-30


def test_a_curve_of_second_degree_in_importance_comes_with_inequalities_that_make_it_a_boundary():
    c = sympy.Symbol("c", positive=True)
    W = [[Fraction(4, 5), Fraction(1, 2)]]
    confused = Family.from_weights("confused", W, [c, c], {c: Fraction(1, 20)})
    mine = confused.minimised()
    assert mine.region  # its sign region is not the whole plane
    losses = {x.name: x.loss for x in (*candidates(2, 1, "unit"), mine)}
    curved = [b for b in boundaries(2, 1, "unit", families=(confused,)) if "confused" in b.between]
    assert len(curved) == 3
    for boundary in curved:
        assert sympy.degree(boundary.curve, R) == 2
        found = places(boundary, 3)
        assert found
        for p, r in found:
            values = {name: loss.subs({P: p, R: r}) for name, loss in losses.items()}
            first, second = (values[name] for name in boundary.between)
            assert sympy.expand(first - second) == 0
            assert min(values.values()) == first


def test_a_family_of_another_case_is_refused():
    with pytest.raises(ValueError, match="2 features in 1"):
        boundaries(3, 2, "unit", families=(Family.from_weights("small", [[1, -1]], [0, 0]),))


def test_beyond_the_onset_three_features_tilt_rather_than_pair():
    p = 0.7
    r = 1.04 * float((K() / V()).subs(P, p))
    drop = r * (p / 3 - p * p / 4)

    def pair(x):
        return population_loss([[x[0], -x[1]]], [x[2], x[3]], p, [1, r]) / drop

    def tilted(x):
        W = [[x[0], -x[0], 0], [x[1], x[1], -x[2]]]
        return population_loss(W, [x[3], x[3], x[4]], p, [1, 1, r]) / drop

    paired = scipy.optimize.minimize(pair, [1, 0.1, 0.03, 0.3], method="BFGS").fun
    tilt = scipy.optimize.minimize(tilted, [0.71, 0.71, 0.1, 0.03, 0.3], method="BFGS").fun
    assert tilt < paired - 1e-4 < 1 - 2e-4


def test_a_copy_of_a_named_candidate_makes_no_curve_that_is_zero_everywhere():
    copy = Family.from_weights("copy", [[1, -1]], [0, 0])
    for boundary in boundaries(2, 1, "unit", families=(copy,)):
        assert boundary.curve != 0
        assert set(boundary.between) != {"copy", "pair_last"}


def test_free_onsets_are_mirror_images_and_hold_in_a_band_below_equal_importance():
    last, first = boundaries(2, 1, "free")
    assert sympy.simplify(R * last.curve.subs(R, 1 / R) - first.curve) == 0
    for p in (0.55, 0.7, 0.83):
        r = sympy.nsolve(last.curve.subs(P, p), R, 0.5)
        assert 0.5 < r < 1
        assert all(bool(v.subs({P: p, R: r})) for v in last.valid)
    assert not all(bool(v.subs({P: 0.4, R: 0.5})) for v in last.valid)


def test_at_level_free_the_two_pairs_of_four_features_tie_below_full_density():
    (line,) = [b for b in boundaries(4, 3, "free") if "pair_first" in b.between]
    assert sympy.Lt(P, 1) in line.valid


def test_level_free_has_no_winner_in_closed_form():
    with pytest.raises(ValueError, match="free"):
        winner(2, 1, "free", 0.5, 0.5)


@pytest.mark.parametrize("n", [2, 3])
def test_samples_of_a_curve_lie_on_it_inside_the_panel(n):
    for boundary in boundaries(n, n - 1):
        p, r = curve_samples(boundary, 20)
        assert len(p) >= 18
        assert p.min() >= 0.0099
        assert p.max() <= 1.0001
        assert r.min() >= 0.0999
        assert r.max() <= 10.001
        f = sympy.lambdify((P, R), boundary.curve, "numpy")
        assert np.abs(f(p, r)).max() < 1e-10 * max(1.0, float(r.max()))
