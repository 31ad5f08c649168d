"""Point groups, on orbits of random points under groups made from their generators."""

import numpy as np
import pytest

from numerics.spheres.point_groups import isometries, isometry_order, schoenflies
from numerics.spheres.starts import rotation_group

from .support import (
    CUBE,
    E8,
    ICOSAHEDRON,
    PHI,
    TWENTY_FOUR_CELL,
    antiprism,
    random_isometry,
    random_points,
    signs,
    unit,
)

INVERSION = -np.eye(3)
LEVEL = np.diag([1.0, 1.0, -1.0])  # mirror across the main axis
UPRIGHT = np.diag([1.0, -1.0, 1.0])  # mirror through it and the axis of Dn


def turn(angle):
    """Rotation about z by an angle."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def closed(elements):
    """All products of the elements."""
    group = list(elements)
    for a in group:
        for b in elements:
            if all(np.abs(a @ b - other).max() > 1e-9 for other in group):
                group.append(a @ b)
    return np.stack(group)


def group(name, *more):
    return closed([*rotation_group(name)[0], *more])


def tilted(n):
    """Mirror through the main axis, halfway between two axes of Dn."""
    half = turn(np.pi / (2 * n))
    return half @ UPRIGHT @ half.T


GROUPS = {
    "C1": np.eye(3)[None],
    "Cs": closed([np.eye(3), LEVEL]),
    "Ci": closed([np.eye(3), INVERSION]),
    "S4": closed([turn(np.pi / 2) @ LEVEL]),
    "S6": closed([turn(np.pi / 3) @ LEVEL]),
    "S8": closed([turn(np.pi / 4) @ LEVEL]),
    **{f"C{n}": group(f"C{n}") for n in (2, 3, 4, 5, 6)},
    **{f"C{n}v": group(f"C{n}", UPRIGHT) for n in (2, 3, 4, 5, 6)},
    **{f"C{n}h": group(f"C{n}", LEVEL) for n in (2, 3, 4, 5, 6)},
    **{f"D{n}": group(f"D{n}") for n in (2, 3, 4, 5, 6)},
    **{f"D{n}h": group(f"D{n}", LEVEL) for n in (2, 3, 4, 5, 6)},
    **{f"D{n}d": group(f"D{n}", tilted(n)) for n in (2, 3, 4, 5, 6)},
    "T": group("T"),
    "Td": group("T", np.eye(3)[[1, 0, 2]]),
    "Th": group("T", INVERSION),
    "O": group("O"),
    "Oh": group("O", INVERSION),
    "I": group("I"),
    "Ih": group("I", INVERSION),
}


def orbits(operations, count, seed=5):
    """Orbits of random points, turned and shuffled."""
    points = random_points(count, 3, seed)
    whole = np.einsum("gde,ke->kgd", operations, points).reshape(-1, 3)
    shuffled = np.random.default_rng(seed).permutation(len(whole))
    return whole[shuffled] @ random_isometry(3, seed)


@pytest.mark.parametrize("name", GROUPS)
def test_random_orbits_have_the_group_that_made_them(name):
    operations = GROUPS[name]
    x = orbits(operations, 2 if len(operations) > 2 else 5)  # few points always have more
    assert schoenflies(x) == name
    assert len(isometries(x)) == isometry_order(x) == len(operations)


@pytest.mark.parametrize(
    ("x", "name", "order"),
    [
        (CUBE, "Oh", 48),
        (ICOSAHEDRON, "Ih", 120),
        (antiprism(0.5), "D4d", 16),
        (unit([(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]), "Td", 24),
        (np.array([[1, 0, 0], [-0.5, 0.75**0.5, 0], [-0.5, -(0.75**0.5), 0]]), "D3h", 12),
        (np.array([[1.0, 0, 0], [0, 1, 0]]), "C2v", 4),
        (np.array([[1.0, 0, 0], [-1, 0, 0]]), "Dinfh", None),
    ],
    ids=["cube", "icosahedron", "antiprism", "tetrahedron", "triangle", "corner", "digon"],
)
def test_named_shapes(x, name, order):
    assert schoenflies(x) == name
    assert isometry_order(x) == order


def test_noise_within_the_tolerance_changes_nothing_and_beyond_it_breaks_the_symmetry():
    noise = np.random.default_rng(0).standard_normal(ICOSAHEDRON.shape)
    x = unit(ICOSAHEDRON + 1e-4 * noise)
    assert schoenflies(x, 2e-3) == "Ih"
    assert schoenflies(x) == "C1"


def test_a_tolerance_that_makes_no_group_is_refused():
    x = unit(ICOSAHEDRON + 0.05 * np.random.default_rng(3).standard_normal(ICOSAHEDRON.shape))
    with pytest.raises(ValueError, match="give a smaller tolerance"):
        schoenflies(x, 0.15)


@pytest.mark.parametrize(
    ("x", "order"),
    [
        (np.vstack([np.eye(5), -np.eye(5)]), 3840),
        (TWENTY_FOUR_CELL, 1152),
        (unit(signs(1, 1, 1, 1)), 384),
        (np.c_[np.cos(2 * np.pi / 7 * np.arange(7)), np.sin(2 * np.pi / 7 * np.arange(7))], 14),
    ],
    ids=["cross-polytope", "24-cell", "tesseract", "heptagon"],
)
def test_orders_in_other_dimensions(x, order):
    """Coxeter, Regular Polytopes, table I."""
    shuffled = np.random.default_rng(1).permutation(len(x))
    assert isometry_order(x[shuffled] @ random_isometry(x.shape[1])) == order


def test_the_order_of_the_roots_of_e8():
    """|W(E8)| = 696729600."""
    assert isometry_order(E8) == 696_729_600


def test_points_that_leave_two_dimensions_free_have_infinitely_many_isometries():
    flat = np.zeros((3, 4))
    flat[:, :2] = [[1, 0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]]
    assert isometry_order(flat) is None
    with pytest.raises(ValueError, match="on one line"):
        isometries(np.array([[0.0, 0, 1], [0, 0, -1]]))


def test_golden_rotations_make_the_icosahedral_group():
    rotations, short = rotation_group("I")
    assert len(rotations) == 60
    assert sorted(map(len, short)) == [12, 20, 30]
    axes = next(orbit for orbit in short if len(orbit) == 12)
    assert np.sort((axes @ axes.T)[0])[-2] == pytest.approx(PHI / (1 + PHI**2), abs=1e-12)
