"""Shapes held rigid: benefits to four digits, classes, and the loss of the model they stand for."""

from fractions import Fraction

import numpy as np
import pytest

from numerics import exact_loss
from numerics.best_blocks.rigid_shapes import (
    rigid_shape,
    rigid_shapes,
    vertex_classes,
    whole_shapes,
)
from numerics.best_blocks.search import best_block
from theory.polytopes.catalogue import polytope

from .support import FIFTH, HALF, PRINTED, TENTH, shape, variance

NINE_TENTHS = Fraction(9, 10)
BENEFITS = {  # at one best norm and one best bias, at densities 9/10, 1/2 and 1/10
    "digon": (1.0003, 1.2677, 1.8923),
    "triangle": (1.0065, 1.1276, 1.4392),
    "tetrahedron": (1.0080, 1.0903, 1.2925),
    "pentagon": (1.0013, 1.1481, 2.0734),
    "hexagon": (1.0007, 1.1043, 2.0316),
    "icosahedron": (1.0003, 1.0561, 2.1013),
}


@pytest.mark.parametrize("key", BENEFITS)
def test_known_benefits(key):
    """By a separate quadrature, to four digits."""
    for density, benefit in zip((NINE_TENTHS, HALF, TENTH), BENEFITS[key], strict=True):
        found = shape(key, density)
        assert found.benefit == pytest.approx(benefit, abs=PRINTED)
        assert found.status == "converged"


def test_dense_digons_gain_by_the_fourth_power():
    """The derivation of theory.blocks: 1 + 7/2 S⁴; the next order is removed by extrapolation."""
    coarse, fine = (
        (shape("digon", 1 - S).benefit - 1) / float(S) ** 4
        for S in (Fraction(2, 100), Fraction(1, 100))
    )
    assert 2 * fine - coarse == pytest.approx(7 / 2, abs=0.03)


@pytest.mark.parametrize("key", ["triangle", "octahedron", "cube", "icosidodecahedron", "24-cell"])
@pytest.mark.parametrize("density", [Fraction(99, 100), HALF])
def test_a_tight_frame_is_worth_its_dimensions_at_any_density(key, density):
    assert rigid_shape(key, density).benefit >= 1 - 1e-9


@pytest.mark.parametrize("key", ["icosahedron", "triangular-bipyramid", "demicube-5"])
def test_the_loss_is_that_of_the_whole_model(key):
    """All outputs counted, though only one of each class was descended on."""
    found = rigid_shape(key, TENTH)
    whole = float(exact_loss(found.W, found.b, 0.1, rtol=1e-12))
    assert found.loss == pytest.approx(whole, abs=1e-10 * found.k * variance(TENTH))


@pytest.mark.parametrize("key", ["pentagon", "triangular-bipyramid"])
def test_no_other_norm_or_bias_of_a_class_does_better(key):
    found = rigid_shape(key, FIFTH)
    classes = vertex_classes(polytope(key).array())
    for of in range(classes.max() + 1):
        for step in (-1e-3, 1e-3):
            longer, shifted = (
                found.W * (1 + step * (classes == of)),
                found.b + step * (classes == of),
            )
            for W, b in ((longer, found.b), (found.W, shifted)):
                assert float(exact_loss(W, b, 0.2, rtol=1e-12)) > found.loss


def test_directions_are_those_of_the_shape_and_classes_have_one_norm_and_bias():
    vertices = polytope("triangular-bipyramid").array()
    found, classes = rigid_shape("triangular-bipyramid", FIFTH), vertex_classes(vertices)
    norms = np.linalg.norm(found.W, axis=0)
    np.testing.assert_allclose(np.abs((found.W * vertices).sum(0)), norms, atol=1e-14)
    for of in (0, 1):
        assert np.ptp(norms[classes == of]) < 1e-14
        assert np.ptp(found.b[classes == of]) == 0
    assert sorted(np.bincount(classes)) == [2, 3]


@pytest.mark.parametrize(
    ("key", "sizes"),
    [
        ("octahedron", [6]),
        ("pentagonal-bipyramid", [2, 5]),
        ("gyroelongated-square-bipyramid", [2, 8]),
        ("square-antiprism-tight", [8]),
        *(
            (key, None)
            for key in ("icosidodecahedron", "24-cell", "600-cell", "2_21", "3_21", "e8")
        ),
    ],
)
def test_classes_are_the_orbits(key, sizes):
    """The large shapes are alike at every vertex."""
    vertices = polytope(key).array()
    counts = sorted(np.bincount(vertex_classes(vertices)).tolist())
    assert counts == (sizes or [vertices.shape[1]])


def test_shapes_on_offer_are_no_products_and_no_lines():
    shapes = [polytope(key) for key in whole_shapes()]
    assert not any(one.parts or one.up_to_sign for one in shapes)
    assert {"digon", "pentagon", "icosahedron", "e8", "simplex-8"} <= set(whole_shapes())


@pytest.mark.parametrize("key", ["tricapped-prism-coulomb", "tricapped-prism-tammes"])
def test_no_class_turns_round_to_the_other_end_of_its_line(key):
    found = rigid_shape(key, TENTH)
    assert ((found.W * polytope(key).array()).sum(0) > 0).all()


@pytest.mark.parametrize(("k", "d", "key"), [(3, 2, "triangle"), (5, 2, "pentagon")])
@pytest.mark.parametrize("density", [HALF, TENTH])
def test_a_rigid_shape_is_not_above_the_best_block(k, d, key, density):
    assert shape(key, density).benefit <= best_block(k, d, density, starts=2).benefit + 1e-9


def test_what_is_known_at_other_densities_changes_only_where_descents_begin():
    one, other = rigid_shapes("pentagon", [FIFTH, TENTH])
    assert (one.density, other.density) == (FIFTH, TENTH)
    assert (one.starts, other.starts) == (3, 4)
    assert other.loss == pytest.approx(shape("pentagon", TENTH).loss, rel=1e-11)


@pytest.mark.parametrize(
    ("key", "density", "message"),
    [
        ("triangel", 0.5, "'triangel' is not in the catalogue"),
        ("triangle", 0, "density 0 is outside"),
        ("triangle", 1.5, r"density 1.5 is outside \(0, 1\]; give P"),
    ],
)
def test_what_is_no_shape_or_no_density_is_refused(key, density, message):
    with pytest.raises(ValueError, match=message):
        rigid_shape(key, density)
