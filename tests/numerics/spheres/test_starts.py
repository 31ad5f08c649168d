"""Where searches begin."""

import numpy as np
import pytest

from numerics.spheres import starts
from numerics.spheres.point_groups import isometries, schoenflies
from numerics.spheres.starts import rotation_group, start


@pytest.mark.parametrize(
    ("name", "order"), [("C5", 5), ("D2", 4), ("D6", 12), ("T", 12), ("O", 24), ("I", 60)]
)
def test_rotations_form_a_group_of_the_right_order(name, order):
    rotations, short = rotation_group(name)
    assert len(rotations) == order
    np.testing.assert_allclose(np.linalg.det(rotations), 1, atol=1e-12)
    products = np.einsum("aij,bjk->abik", rotations, rotations).reshape(-1, 1, 3, 3)
    assert np.abs(products - rotations).max((2, 3)).min(1).max() < 1e-9
    for orbit in short:
        assert len(orbit) < order
        assert order % len(orbit) == 0


@pytest.mark.parametrize(("N", "d"), [(2, 3), (5, 3), (17, 3), (78, 3), (9, 2), (9, 6)])
def test_starts_are_unit_vectors_that_belong_to_their_number(N, d):
    drawn = [start(N, d, 0, number) for number in range(6)]
    for x in drawn:
        assert x.shape == (N, d)
        np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1, atol=1e-14)
    np.testing.assert_array_equal(drawn[3], start(N, d, 0, 3))
    assert all(np.abs(a - b).max() > 1e-3 for a in drawn for b in drawn if a is not b)
    assert np.abs(start(N, d, 1, 3) - drawn[3]).max() > 1e-3


def test_every_other_start_in_space_is_symmetric_but_for_noise(monkeypatch):
    assert len(isometries(start(38, 3, 0, 1))) == 1
    monkeypatch.setattr(starts, "_NOISE", 0.0)
    groups = [schoenflies(start(38, 3, 0, number)) for number in range(20)]
    assert all(name == "C1" for name in groups[::2])
    assert all(name != "C1" for name in groups[1::2])
    assert len(set(groups)) > 4
