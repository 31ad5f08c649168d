"""Where the leading block changes."""

from dataclasses import replace
from fractions import Fraction

import pytest
from scipy.optimize import brentq

from numerics.best_blocks import transitions as module
from numerics.best_blocks.pieces import pieces_of
from numerics.best_blocks.ranking import Ranking, ranking
from numerics.best_blocks.rigid_shapes import rigid_shape
from numerics.best_blocks.transitions import Branch, transitions
from theory.large_n import best_code

from .support import FIFTH, HALF, TENTH, block, piece, searched, variance


def ranked(density, *pieces, closed=True):
    """Return a ranking of pieces as they are."""
    return Ranking(density, pieces, {}, closed, best_code(float(density)))


def test_digons_give_way_to_pentagons_where_two_quadratures_meet():
    """Both shapes have one norm and one bias, so the rigid ones are an independent account."""
    (found,) = transitions([ranking(p, searched()) for p in (HALF, FIFTH, TENTH)])

    def advantage(density):
        return rigid_shape("digon", density).benefit - rigid_shape("pentagon", density).benefit

    density = brentq(advantage, 0.2, 0.25, xtol=1e-9)
    assert found.density == pytest.approx(density, abs=1e-7)
    assert found.bracket == (0.5, 0.2)
    assert (found.above.family, found.below.family) == ("digon", "pentagon")
    assert found.above.block.benefit == pytest.approx(found.below.block.benefit, abs=1e-9)
    assert float(found.above.block.density) == float(found.below.block.density) == found.density
    assert not found.closed


def test_where_the_leader_stays_nothing_changes():
    digon = ranked(HALF, piece("digon", HALF)), ranked(FIFTH, piece("digon", FIFTH))
    assert transitions(digon) == transitions(digon[:1]) == transitions([]) == []


def test_a_block_is_followed_and_known_where_it_was():
    known = piece("pentagon", FIFTH)
    branch = Branch(known)
    assert branch.at(0.2) is known
    there = branch.at(0.1)
    assert there is branch.at(0.1)
    assert there.identity == (5, 2, "pentagon")
    assert there.block.benefit == pytest.approx(rigid_shape("pentagon", TENTH).benefit, abs=1e-9)


def test_a_block_that_ceases_to_be_one_leaves_the_density_open():
    """Three on a line are no minimum: one is dropped on the way."""
    three = block([[1.0, -1.0, -0.5]], [0, 0, 0], FIFTH)
    (part,) = pieces_of(three)
    assert part.identity == (3, 1, "unnamed")
    assert Branch(part).at(0.5) is None
    claimed = replace(part, block=replace(part.block, loss=0.0))
    rankings = ranked(HALF, piece("digon", HALF)), ranked(FIFTH, claimed, closed=False)
    (found,) = transitions(rankings)
    assert found.density is None
    assert found.bracket == (0.5, 0.2)
    assert (found.above.family, found.below.family) == ("digon", "unnamed")
    assert not found.closed


@pytest.fixture
def straight(monkeypatch):
    """Blocks whose benefit is a straight line in the density, by family."""
    lines = {}

    def at(branch, density):
        constant, slope = lines[branch.kind.family]
        own = branch.kind.block
        p = Fraction(density)
        V = variance(p)
        loss = own.k * V - own.d * V * (constant + slope * density)
        return replace(branch.kind, block=replace(own, density=p, loss=loss))

    monkeypatch.setattr(module.Branch, "at", at)
    return lines


def of(lines, density, *keys, closed=True):
    """Return the ranking of shapes with benefits on their lines."""
    pieces = [module.Branch(piece(key, HALF)).at(float(density)) for key in keys]
    return ranked(density, *sorted(pieces, key=lambda one: -one.block.benefit), closed=closed)


def test_a_third_block_that_leads_in_between_has_both_its_boundaries(straight):
    """Lines 1 + p, 2 − p and 1.55 meet at 0.55, 0.5 and 0.45."""
    straight |= {"digon": (1, 1), "pentagon": (2, -1), "triangle": (1.55, 0)}
    ends = [
        of(straight, p, "digon", "pentagon", "triangle") for p in (Fraction(3, 5), Fraction(2, 5))
    ]
    first, second = transitions(ends)
    assert (first.density, second.density) == (pytest.approx(0.55), pytest.approx(0.45))
    assert [first.above.family, first.below.family] == ["digon", "triangle"]
    assert [second.above.family, second.below.family] == ["triangle", "pentagon"]
    assert first.bracket == (0.6, pytest.approx(0.5))
    assert second.bracket == (pytest.approx(0.5), 0.4)
    assert first.closed
    assert second.closed


def test_a_third_block_below_both_changes_nothing(straight):
    straight |= {"digon": (1, 1), "pentagon": (2, -1), "triangle": (1.45, 0)}
    ends = [
        of(straight, p, "digon", "pentagon", "triangle") for p in (Fraction(3, 5), Fraction(2, 5))
    ]
    (found,) = transitions(ends)
    assert found.density == pytest.approx(0.5, abs=1e-9)
    assert found.above.block.benefit == pytest.approx(1.5)


def test_it_is_open_if_either_side_is(straight):
    straight |= {"digon": (1, 1), "pentagon": (2, -1)}
    above = of(straight, Fraction(3, 5), "digon", "pentagon")
    below = of(straight, Fraction(2, 5), "digon", "pentagon", closed=False)
    assert [one.closed for one in transitions([above, below])] == [False]
