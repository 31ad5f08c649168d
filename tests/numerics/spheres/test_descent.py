"""Descent on spheres: Newton's method ends at rounding, and says where it is."""

import numpy as np
import pytest

from numerics.spheres import descent
from numerics.spheres.descent import descend_from, newton_from, normalised
from numerics.spheres.point_groups import schoenflies
from numerics.spheres.riesz import energy

from .support import CUBE, ICOSAHEDRON, antiprism, random_points


def test_newton_ends_at_rounding_where_the_minimum_is_soft():
    """N = 19: least curvature 4e-5 of F; L-BFGS alone is off by more than a test of symmetry bears.

    Coulomb energy 135.089467557, C2v: Wikipedia, "Thomson problem".
    """
    rough, _ = descend_from(random_points(19, 3), 1.0, tolerance=1e-6)
    polished = newton_from(rough, 1.0)
    assert polished.status == "converged"
    assert polished.gradient < 1e-14
    assert 0 < polished.curvature < 1e-4
    assert energy(polished.x, 1.0) == pytest.approx(135.089467557, abs=1e-9)
    assert schoenflies(polished.x) == "C2v"
    assert schoenflies(rough) == "C1"


def test_a_saddle_is_told_from_a_minimum():
    assert newton_from(CUBE, 1.0).status == "saddle"
    assert newton_from(ICOSAHEDRON, 1.0).status == "converged"


def test_newton_leaves_a_saddle_downhill():
    noise = 1e-3 * np.random.default_rng(0).standard_normal(CUBE.shape)
    polished = newton_from(normalised(CUBE + noise), 1.0)
    assert polished.status == "converged"
    assert energy(polished.x, 1.0) < energy(CUBE, 1.0) - 0.06
    assert schoenflies(polished.x) == "D4d"


def test_the_coulomb_antiprism_stays_where_it_is():
    """Heights ±0.560436765 minimise the Coulomb energy of square antiprisms (19.675287861)."""
    start = antiprism(0.5604)
    ended = newton_from(start, 1.0).x
    assert np.abs(ended - start).max() < 1e-4
    stated = antiprism(0.560436765)
    cosines, expected = np.sort((ended @ ended.T).ravel()), np.sort((stated @ stated.T).ravel())
    np.testing.assert_allclose(cosines, expected, rtol=0, atol=2e-9)  # nine digits stated
    assert energy(ended, 1.0) == pytest.approx(19.675287861, abs=1e-9)


def test_a_descent_that_runs_out_of_steps_says_so(monkeypatch):
    monkeypatch.setattr(descent, "_NEWTON_STEPS", 1)
    rough, _ = descend_from(random_points(12, 3), 1.0, max_steps=1)
    assert newton_from(rough, 1.0).status == "max_steps"
