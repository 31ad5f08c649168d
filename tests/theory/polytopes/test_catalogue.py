"""Every shape is what it claims to be, and what is published of it."""

import dataclasses

import pytest
import sympy

from theory.polytopes.catalogue import KEYS, polytope
from theory.polytopes.shapes import cosine_matrix
from theory.polytopes.symmetries import correspondence
from theory.polytopes.tegum import tegum_product

from .claims import broken_claims, common_colours, vertex_figure

FAMILIES = [
    "9-gon",
    "10-gon",
    "12-gon",
    "simplex-4",
    "simplex-5",
    "simplex-8",
    "cross-polytope-4",
    "cross-polytope-8",
    "cube-5",
    "cube-6",
]
PRODUCTS = [
    "triangle+triangle",
    "tetrahedron+digon",
    "pentagon+triangle",
    "pentagon+pentagon",
    "square-antiprism-tight+digon",
    "tetrahedron+triangle",
    "triangle+digon+digon",
    "tricapped-prism-coulomb+square-antiprism-coulomb",
    "etf-3-6+digon",
    "icosahedron+etf-3-6",
    "digon+single",
    "single+single",
    "2_21+demicube-5",
]
ALL = [*KEYS, *FAMILIES, *PRODUCTS]


@pytest.mark.parametrize("key", ALL)
def test_every_claim_follows_from_the_exact_coordinates(key):
    shape = polytope(key)
    assert shape.key == key
    assert broken_claims(shape) == set()


SIZES = """
single                         1   1         1
digon                          1   2         2  -1
triangle                       2   3         6  -1/2
square                         2   4         8  0
pentagon                       2   5        10  0.309017
hexagon                        2   6        12  1/2
tetrahedron                    3   4        24  -1/3
octahedron                     3   6        48  0
cube                           3   8        48  1/3
triangular-prism-uniform       3   6        12  1/7
triangular-prism-tight         3   6        12  1/3
triangular-bipyramid           3   5        12  0
pentagonal-bipyramid           3   7        20  0.309017
square-antiprism-uniform       3   8        16  0.261204
square-antiprism-coulomb       3   8        16  0.314089
square-antiprism-tight         3   8        16  1/3
tricapped-prism-coulomb        3   9        12  0.355274
tricapped-prism-tammes         3   9        12  1/3
gyroelongated-square-bipyramid 3  10        16  0.422687
icosahedron                    3  12       120  0.447214
cuboctahedron                  3  12        48  1/2
dodecahedron                   3  20       120  0.745356
snub-cube                      3  24        24  0.723078
icosidodecahedron              3  30       120  0.809017
simplex-4                      4   5       120  -1/4
triangle+triangle              4   6        72  0
tetrahedron+digon              4   6        48  0
pentagon+triangle              4   8        60  0.309017
cross-polytope-4               4   8       384  0
duoprism-3-3                   4   9        72  1/4
rectified-5-cell               4  10       120  1/6
pentagon+pentagon              4  10       200  0.309017
square-antiprism-tight+digon   4  10        32  1/3
tesseract                      4  16       384  1/2
24-cell                        4  24      1152  1/2
600-cell                       4 120     14400  0.809017
tetrahedron+triangle           5   7       144  0
demicube-5                     5  16      1920  1/5
2_21                           6  27     51840  1/4
3_21                           7  56   2903040  1/3
e8                             8 240 696729600  1/2
etf-3-6                        3   6       120  0.447214
etf-7-28                       7  28   2903040  1/3
"""
"""Key, dimension, vertices, order of the group, largest cosine between two vertices.

Groups of regular and Gosset polytopes: Coxeter, Regular Polytopes; cosines of sharp codes: Cohn and
Kumar, arXiv math/0607446, table 1; Coulomb shapes: minima over positions in double precision.
"""


@pytest.mark.parametrize("line", SIZES.strip().splitlines(), ids=lambda line: line.split()[0])
def test_sizes_groups_and_largest_cosines_are_the_published_ones(line):
    key, d, n, order, *cosine = line.split()
    shape = polytope(key)
    assert (shape.dimension, shape.vertices, shape.order) == (int(d), int(n), int(order))
    exact = shape.gram().cosines
    if shape.up_to_sign:
        exact = (exact[0], max(abs(value) for value in exact[1:]))
    for text in cosine:
        value = sympy.Rational(text)
        if "." in text:
            assert abs(shape.values([exact[1]])[0] - value) < 5e-7  # the last digit given
        else:
            assert exact[1] == value


SHARES = {
    "triangle": "2/3",
    "tetrahedron": "3/4",
    "digon": "1/2",
    "square": "1/2",
    "pentagon": "2/5",
    "square-antiprism-tight": "3/8",
    "cube": "3/8",
    "icosahedron": "1/4",
    "cuboctahedron": "1/4",
    "24-cell": "1/6",
    "600-cell": "1/30",
    "e8": "1/30",
    "triangular-prism-uniform": "49/102",
    "triangular-prism-tight": "1/2",
    "rectified-5-cell": "2/5",
    "pentagon+pentagon": "2/5",
    "duoprism-3-3": "4/9",
    "demicube-5": "5/16",
    "2_21": "2/9",
    "3_21": "1/8",
}
"""Dimensionalities: the first six are the lines of arXiv 2209.10652, "The geometry of
superposition"; all are d/N but for the uniform prism."""


def test_dimensionalities_are_the_lines_of_the_paper_and_their_continuation():
    found = {key: polytope(key).dimensionalities[0][0] for key in SHARES}
    assert found == {key: sympy.Rational(text) for key, text in SHARES.items()}


MIXED = {
    "triangular-bipyramid": {"2/3": 3, "1/2": 2},
    "pentagonal-bipyramid": {"2/5": 5, "1/2": 2},
    "tricapped-prism-tammes": {"9/28": 6, "6/17": 3},
    "tetrahedron+digon": {"3/4": 4, "1/2": 2},
    "tetrahedron+triangle": {"3/4": 4, "2/3": 3},
}


def test_shapes_with_two_kinds_of_vertices_have_two_dimensionalities():
    for key, kinds in MIXED.items():
        expected = {sympy.Rational(text): number for text, number in kinds.items()}
        assert dict(polytope(key).dimensionalities) == expected


CHANGES = {
    "order": lambda shape: {"order": 2 * shape.order},
    "tight": lambda shape: {"tight": not shape.tight},
    "dimensionalities": lambda shape: {"dimensionalities": ((sympy.Rational(3, 7), 8),)},
    "dimension": lambda shape: {"dimension": shape.dimension + 1},
    "vertices": lambda shape: {"vertices": shape.vertices + 1},
    "source": lambda shape: {"source": ""},
}


@pytest.mark.parametrize("claim", CHANGES)
@pytest.mark.parametrize("key", ["cube", "square-antiprism-coulomb", "square-antiprism-uniform"])
def test_a_false_claim_is_noticed(key, claim):
    shape = polytope(key)
    assert claim in broken_claims(dataclasses.replace(shape, **CHANGES[claim](shape)))


def test_wrong_coordinates_are_noticed():
    cube = polytope("cube")
    longer = dataclasses.replace(
        cube, directions=lambda: [[2, *row[1:]] for row in cube.directions()]
    )
    assert {"unit norms", "dimensionalities", "tight", "order"} <= broken_claims(longer)
    pentagon = polytope("pentagon")
    other = dataclasses.replace(pentagon, closed_gram=polytope("simplex-4").gram)
    assert "gram" in broken_claims(other)


@pytest.mark.parametrize("key", ["triangle", "pentagon", "hexagon", "heptagon", "octagon", "9-gon"])
def test_the_closed_gram_matrix_of_a_polygon_is_that_of_its_coordinates(key):
    shape = polytope(key)
    closed, multiplied = shape.gram(), cosine_matrix(shape.directions)
    values = shape.values(multiplied.cosines)
    ranks = sorted(range(len(values)), key=lambda k: -values[k])
    place = {k: rank for rank, k in enumerate(ranks)}
    assert [[place[k] for k in row] for row in multiplied.index.tolist()] == closed.index.tolist()
    exact = zip(shape.values(closed.cosines), (values[k] for k in ranks), strict=True)
    assert all(abs(a - b) < sympy.Float(10) ** -45 for a, b in exact)  # of 50 digits


# ------------------------------------------------------------------ relations between shapes


@pytest.mark.parametrize(
    ("of", "is_"),
    [
        ("e8", "3_21"),
        ("3_21", "2_21"),
        ("2_21", "demicube-5"),
        ("demicube-5", "rectified-5-cell"),
        ("600-cell", "icosahedron"),
        ("24-cell", "cube"),
        ("simplex-5", "simplex-4"),
    ],
)
def test_vertex_figures(of, is_):
    figure, shape = vertex_figure(polytope(of)), polytope(is_)
    assert correspondence(figure, shape.gram().index) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cube", "square-antiprism-tight"),
        ("icosahedron", "cuboctahedron"),
        ("rectified-5-cell", "pentagon+pentagon"),
        ("square-antiprism-uniform", "square-antiprism-tight"),
        ("triangular-prism-tight", "octahedron"),
    ],
)
def test_shapes_of_one_size_and_dimensionality_are_told_apart(one, other):
    first, second = common_colours(polytope(one), polytope(other))
    assert correspondence(first, second) is None
    assert correspondence(first, first) is not None


def test_no_two_entries_are_one_shape():
    shapes = [polytope(key) for key in ALL if not polytope(key).up_to_sign]
    for i, one in enumerate(shapes):
        for other in shapes[:i]:
            if (one.dimension, one.vertices) == (other.dimension, other.vertices):
                assert correspondence(*common_colours(one, other)) is None, (one.key, other.key)


# ------------------------------------------------------------------ keys


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("digon+digon", "square"),
        ("square+digon", "octahedron"),
        ("digon+octahedron", "cross-polytope-4"),
        ("cross-polytope-4+square", "cross-polytope-6"),
        ("digon+triangle", "triangular-bipyramid"),
        ("digon+pentagon", "pentagonal-bipyramid"),
        ("triangular-bipyramid+digon", "triangle+digon+digon"),
        ("triangle+pentagon", "pentagon+triangle"),
        ("digon+tetrahedron", "tetrahedron+digon"),
        ("square-antiprism-tight+cube", "cube+square-antiprism-tight"),
    ],
)
def test_a_product_has_one_key_however_it_is_written(written, key):
    assert polytope(written).key == key
    assert polytope(key).key == key


@pytest.mark.parametrize(
    "key",
    [
        "",
        "3-gon",
        "4-gon",
        "8-gon",
        "simplex-3",
        "cube-4",
        "cross-polytope-3",
        "Cube",
        "cube+",
        "-1",
    ],
)
def test_an_unknown_key_is_refused_with_the_ones_that_exist(key):
    with pytest.raises(ValueError, match=r"is not in the catalogue; give one of single, digon"):
        polytope(key)


def test_a_product_of_nothing_is_refused_and_of_one_shape_is_that_shape():
    with pytest.raises(ValueError, match="give at least one shape"):
        tegum_product([])
    assert tegum_product([polytope("cube")]) is polytope("cube")
