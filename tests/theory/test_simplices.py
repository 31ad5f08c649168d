from fractions import Fraction

import numpy as np
import pytest

from theory.simplices import mean_product, split, triangulated_cube


@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_cube_is_filled_and_its_moments_are_exact(k):
    vertices, shares = triangulated_cube(k, Fraction)
    assert shares.sum() == 1
    x = vertices[:, :, 0]
    assert mean_product(x, x, shares) == Fraction(1, 3)
    assert mean_product(abs(x), 0 * x + 1, shares) == Fraction(1, 2)
    if k > 1:
        assert mean_product(x, vertices[:, :, 1], shares) == 0
        assert mean_product(abs(x), abs(vertices[:, :, 1]), shares) == Fraction(1, 4)


def test_a_cut_keeps_the_volume_and_leaves_one_sign_on_each_simplex():
    vertices, shares = triangulated_cube(3, Fraction)
    normal, offset = np.array([Fraction(2), Fraction(-1), Fraction(1, 3)]), Fraction(1, 5)
    before = len(shares)
    vertices, shares = split(vertices, shares, normal, offset)
    values = vertices @ normal + offset
    assert shares.sum() == 1
    assert len(shares) > before
    assert ((values.min(1) >= 0) | (values.max(1) <= 0)).all()
    x = vertices[:, :, 1]
    assert mean_product(x, x, shares) == Fraction(1, 3)


def test_a_half_space_has_its_share_of_the_cube():
    vertices, shares = split(*triangulated_cube(2, Fraction), np.array([1, 2], dtype=object), -2)
    above = (vertices @ np.array([1, 2], dtype=object) - 2).max(1) > 0
    assert shares[above].sum() == Fraction(1, 16)
