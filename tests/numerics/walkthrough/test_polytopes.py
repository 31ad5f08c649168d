"""Regular polytopes beside what the atlas found best in their place."""

import numpy as np
import pytest

from numerics import exact_loss
from numerics.best_blocks.table import stored_table
from numerics.walkthrough.polytopes import REGULAR, regular_polytopes
from theory.polytopes.catalogue import polytope


@pytest.fixture(scope="module")
def rows():
    return {row.name: row for row in regular_polytopes()}


def test_each_size_is_that_of_the_polytope(rows):
    assert list(rows) == list(REGULAR)
    for name, (k, d) in REGULAR.items():
        shape = polytope(name).array()
        assert shape.shape == (d, k), name


def test_each_is_best_where_the_search_says_so(rows):
    assert len(rows["pentagon"].optimal) > 10
    assert rows["cube"].optimal == ()
    assert rows["tesseract"].optimal == ()
    assert rows["octagon"].optimal == ()
    assert set(rows["tetrahedron"].optimal) < set(rows["tetrahedron"].densities)


def test_where_a_polytope_is_not_named_best_it_loses(rows):
    """At one scale and one bias for all, as its symmetry asks, found on a grid of scales."""
    blocks = {(b.k, b.d, b.density): b for many in stored_table().best.values() for b in many}
    for name in ("cube", "octagon"):
        row = rows[name]
        shape = polytope(name).array()
        for p in row.densities[8::12]:
            best = blocks[row.k, row.d, p]
            scales, biases = np.meshgrid(np.linspace(0.6, 1.4, 9), np.linspace(-1, 0.2, 13))
            W = scales.ravel()[:, None, None] * shape
            b = np.broadcast_to(biases.ravel()[:, None], (biases.size, row.k)).copy()
            assert exact_loss(W, b, float(p)).min() > best.loss


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="'ball' is unknown; choose from triangle"):
        regular_polytopes(["ball"])
