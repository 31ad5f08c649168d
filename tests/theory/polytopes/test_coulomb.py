"""Coulomb energies are the published ones, and heights those of the minima."""

from itertools import combinations
from math import fsum

import numpy as np
import pytest
import sympy

from theory.polytopes.catalogue import polytope
from theory.polytopes.coulomb import coulomb_energy
from theory.polytopes.shapes import Gram

LOWEST = {
    "digon": 0.500000000,
    "triangle": 1.732050808,
    "tetrahedron": 3.674234614,
    "triangular-bipyramid": 6.474691495,
    "octahedron": 9.985281374,
    "pentagonal-bipyramid": 14.452977414,
    "square-antiprism-coulomb": 19.675287861,
    "tricapped-prism-coulomb": 25.759986531,
    "gyroelongated-square-bipyramid": 32.716949460,
    "icosahedron": 49.165253058,
}
"""Lowest known energies of 2 to 10 and 12 charges (en.wikipedia.org/wiki/Thomson_problem)."""

HEIGHTS = {
    "square-antiprism-coulomb": 0.560436765,
    "tricapped-prism-coulomb": 0.703648396,
    "gyroelongated-square-bipyramid": 0.422687424,
}
"""From minima over one height in double precision (scipy.optimize.brentq on the slope)."""


@pytest.mark.parametrize("key", LOWEST)
def test_thomson_shapes_have_the_published_energies(key):
    shape = polytope(key)
    (energy,) = shape.values([coulomb_energy(shape.gram())])
    assert abs(energy - LOWEST[key]) < 6e-10  # half a unit of the last digit, and a little


def test_closed_forms_of_energies():
    half, root = sympy.Rational(1, 2), sympy.sqrt
    closed = {
        "tetrahedron": 3 * root(6) / 2,
        "triangular-bipyramid": half + root(3) + 3 * root(2),
        "octahedron": 3 * half + 6 * root(2),
        "cube": 2 + 6 * root(3) + 3 * root(6),
        "cuboctahedron": 27 + 6 * root(2) + 8 * root(3),
        "icosahedron": 3 + 15 * root(5 + 2 * root(5)),
    }
    for key, energy in closed.items():
        assert sympy.N(coulomb_energy(polytope(key).gram()) - energy, 40, chop=True) == 0


@pytest.mark.parametrize("key", HEIGHTS)
def test_heights_are_those_of_the_minima(key):
    (height,) = polytope(key).unknowns
    assert height.slope_sign() == 1  # the energy is least there
    assert abs(height.digits(20) - HEIGHTS[key]) < 6e-10


@pytest.mark.parametrize("key", HEIGHTS)
def test_forces_on_all_charges_are_radial(key):
    """So the height is a critical point over all positions, not only within the family."""
    points = polytope(key).array().T
    difference = points[:, None] - points[None]
    distance = np.linalg.norm(difference, axis=-1) + np.eye(len(points))
    force = (difference / distance[..., None] ** 3).sum(1)
    tangential = force - (force * points).sum(1, keepdims=True) * points
    assert abs(tangential).max() < 1e-13  # rounding of forces of about 5


@pytest.mark.parametrize(
    "key",
    [
        "triangular-prism-uniform",
        "square-antiprism-uniform",
        "dodecahedron",
        "snub-cube",
        "icosidodecahedron",
        "600-cell",
    ],
)
def test_energies_are_the_sums_over_pairs_of_points(key):
    shape = polytope(key)
    (energy,) = shape.values([coulomb_energy(shape.gram())])
    points = shape.array().T
    pairs = combinations(points, 2)
    assert fsum(1 / np.linalg.norm(a - b) for a, b in pairs) == pytest.approx(
        float(energy), rel=1e-14
    )


@pytest.mark.parametrize(
    ("key", "minimum"),
    [
        ("triangular-prism-uniform", "octahedron"),
        ("cube", "square-antiprism-coulomb"),
        ("square-antiprism-tight", "square-antiprism-coulomb"),
        ("square-antiprism-uniform", "square-antiprism-coulomb"),
        ("tricapped-prism-tammes", "tricapped-prism-coulomb"),
        ("cuboctahedron", "icosahedron"),
    ],
)
def test_other_shapes_of_as_many_charges_lie_above_the_minimum(key, minimum):
    shape = polytope(key)
    (energy,) = shape.values([coulomb_energy(shape.gram())])
    assert energy > LOWEST[minimum] + 1e-3


ANGLES = {
    "triangle": 120,
    "tetrahedron": 109.4712206,
    "octahedron": 90,
    "square-antiprism-uniform": 74.8584922,
    "tricapped-prism-tammes": 70.5287794,
    "icosahedron": 63.4349488,
    "snub-cube": 43.6907671,
}
"""Largest known least angles (N. J. A. Sloane, neilsloane.com/packings), some of them truncated."""


def test_best_packings_have_the_published_angles():
    for key, angle in ANGLES.items():
        shape = polytope(key)
        (cosine,) = shape.values([shape.gram().cosines[1]])
        assert 0 <= np.degrees(np.arccos(float(cosine))) - angle + 6e-8 < 2e-7


def test_two_vectors_in_one_place_are_refused():
    with pytest.raises(ValueError, match="two vectors coincide"):
        coulomb_energy(Gram((sympy.Integer(1),), np.zeros((2, 2), dtype=np.int64)))
