"""Energies, gradients and Hessians on spheres."""

import numpy as np
import pytest

from numerics.spheres.riesz import (
    energy,
    mean_energy,
    mean_gradient,
    tangent_bases,
    tangent_hessian,
)

from .support import random_isometry, random_points

POWERS = (-1.0, 0.0, 1.0, 3.5, 40.0)


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("power", POWERS)
def test_derivatives_are_those_along_great_circles(power, lines):
    x = random_points(6, 4)
    bases = tangent_bases(x)
    v = np.random.default_rng(1).standard_normal((6, 3))
    step = np.einsum("ide,ie->id", bases, v)
    speed = np.linalg.norm(step, axis=1, keepdims=True)

    def along(t):
        return mean_energy(x * np.cos(t * speed) + step / speed * np.sin(t * speed), power, lines)

    gradient, H = tangent_hessian(x, power, lines)
    h = 1e-4 / max(1, abs(power))
    slope = (along(h) - along(-h)) / (2 * h)
    curvature = (along(h) - 2 * along(0) + along(-h)) / h**2
    size = max(1, power**2)
    assert slope == pytest.approx(gradient @ v.ravel(), abs=1e-6 * size)  # h² truncation
    assert curvature == pytest.approx(v.ravel() @ H @ v.ravel(), abs=1e-5 * size)
    _, ambient = mean_gradient(x, power, lines)
    inside = np.einsum("ide,id->ie", bases, ambient).ravel()
    np.testing.assert_allclose(inside, gradient, rtol=0, atol=1e-13)
    np.testing.assert_allclose(H, H.T, rtol=0, atol=1e-12 * size)


def test_tangent_bases_complete_the_points():
    x = np.vstack([random_points(5, 4), np.eye(4), -np.eye(4)])
    whole = np.concatenate([x[:, :, None], tangent_bases(x)], axis=2)
    identities = np.broadcast_to(np.eye(4), (len(x), 4, 4))
    np.testing.assert_allclose(whole.transpose(0, 2, 1) @ whole, identities, atol=1e-14)


@pytest.mark.parametrize("power", [-1.0, 1.0, 2.0, 7.0])
def test_the_mean_is_the_energy_in_another_scale(power):
    x = random_points(7, 3)
    mean = abs(energy(x, power)) / 21
    assert mean_energy(x, power) == pytest.approx(np.log(mean) / power, abs=1e-13)
    assert mean_energy(x, 0.0) == pytest.approx(energy(x, 0.0) / 21, abs=1e-13)


def test_the_mean_is_continuous_in_the_power():
    x = random_points(7, 3)
    for power in (-1e-6, 1e-6):
        assert mean_energy(x, power) == pytest.approx(mean_energy(x, 0.0), abs=1e-5)


def test_at_high_powers_the_least_distance_is_left():
    x = random_points(9, 3)
    least = np.sqrt(2 - 2 * np.sort((x @ x.T)[np.triu_indices(9, 1)])[-1])
    for power in (100.0, 10_000.0):
        below = -np.log(least) - mean_energy(x, power)
        assert 0 <= below <= np.log(36) / power  # all 36 pairs, or only the nearest, count


def test_lines_are_points_with_their_opposites():
    x = random_points(5, 3)
    both = np.vstack([x, -x])
    pairs, of_lines = 45, 20
    own = 5 * 2.0**-3  # each point and its opposite, which lines do not count
    total = energy(both, 3.0)
    expected = np.log((total - own) / 2 / of_lines) / 3
    assert pairs - 5 == 2 * of_lines
    assert mean_energy(x, 3.0, lines=True) == pytest.approx(expected, abs=1e-13)


def test_isometries_and_permutations_change_nothing():
    x = random_points(8, 4)
    turned = (x @ random_isometry(4))[::-1]
    for power in POWERS:
        assert mean_energy(turned, power) == pytest.approx(mean_energy(x, power), abs=1e-12)


def test_coincident_points_have_a_finite_mean():
    x = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    value, gradient = mean_gradient(x, 500.0)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


def test_closed_forms():
    """Tetrahedron 3√6/2, octahedron 3/2 + 6√2: Coulomb energies by counting distances."""
    tetrahedron = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / 3**0.5
    assert energy(tetrahedron, 1.0) == pytest.approx(1.5 * 6**0.5, abs=1e-14)
    octahedron = np.vstack([np.eye(3), -np.eye(3)])
    assert energy(octahedron, 1.0) == pytest.approx(1.5 + 6 * 2**0.5, abs=1e-14)
