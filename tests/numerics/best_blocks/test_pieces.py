"""Models taken apart: what the pieces are called, and that they hold all of the model."""

from dataclasses import replace

import numpy as np
import pytest

from numerics.best_blocks.pieces import family, pieces_of

from .support import HALF, TENTH, block, product, shape, variance


@pytest.mark.parametrize(
    ("name", "candidates", "expected"),
    [
        ("triangle", [], "triangle"),
        ("square-antiprism-coulomb", [], "square-antiprism"),
        ("tricapped-prism-tammes", [], "tricapped-prism"),
        ("ambiguous", ["square-antiprism-tight", "square-antiprism-uniform"], "square-antiprism"),
        ("ambiguous", ["cube", "square-antiprism-tight"], "ambiguous"),
        ("ambiguous", [], "ambiguous"),
        ("unnamed", ["cube"], "unnamed"),
    ],
)
def test_metric_variants_are_one_family(name, candidates, expected):
    assert family(name, candidates) == expected


def test_a_turned_model_falls_into_its_blocks():
    """Losses add to that of the model, V for the dropped feature; hits are those of the model."""
    model = replace(product(["pentagon", "digon"], 1, TENTH), hits=5, starts=9)
    turn, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))
    order = np.random.default_rng(2).permutation(model.k)
    model = replace(model, W=turn @ model.W[:, order], b=model.b[order])
    found = pieces_of(model)
    assert [piece.identity for piece in found] == [(5, 2, "pentagon"), (2, 1, "digon")]
    loss = sum(piece.block.loss for piece in found) + variance(TENTH)
    assert loss == pytest.approx(model.loss, abs=1e-11)
    for piece in found:
        assert piece.block.benefit == pytest.approx(shape(piece.name, TENTH).benefit, abs=1e-10)
        assert piece.dimensionality == pytest.approx(
            [piece.block.d / piece.block.k] * piece.block.k
        )
        assert (piece.block.hits, piece.block.starts, piece.rigid) == (5, 9, False)


def test_what_stores_nothing_has_no_pieces():
    assert pieces_of(block(np.full((1, 2), 0.05), [0.25, 0.25], HALF)) == []
