"""Blocks as they are drawn: edges of known polytopes, coordinates that keep every angle."""

import numpy as np
import pytest

from figures.learned_geometry_blocks import edges, kinds, oblique, oriented, runs
from numerics.geometry import learned_geometry
from tests.figures.test_learned_geometry import model
from theory.polytopes.catalogue import polytope

EDGES = {
    "tetrahedron": 6,
    "cube": 12,
    "icosahedron": 30,
    "cuboctahedron": 24,
    "dodecahedron": 30,
    "snub-cube": 60,
    "icosidodecahedron": 60,
    "square-antiprism-uniform": 16,
    "square-antiprism-coulomb": 16,
    "square-antiprism-tight": 16,
    "triangular-prism-tight": 9,
    "tricapped-prism-coulomb": 21,
    "gyroelongated-square-bipyramid": 24,
    "simplex-4": 10,
    "tesseract": 32,
    "24-cell": 96,
    "600-cell": 720,
    "rectified-5-cell": 30,
    "duoprism-3-3": 18,
    "demicube-5": 80,
}


def only_block(W):
    (block,) = learned_geometry(W).blocks
    return block


@pytest.mark.parametrize("shape", EDGES)
def test_edges_are_those_of_the_polytope(shape):
    W = model([shape], noise=0.002)
    found = edges(W, only_block(W))
    assert len(set(found)) == EDGES[shape]
    assert all(i < j for i, j in found)


def test_vectors_on_one_side_have_the_edges_of_their_cone():
    turn = np.arange(5) * 2 * np.pi / 5
    cone = np.array([np.cos(turn), np.sin(turn), 1.5 * np.ones(5)])
    block = only_block(cone)
    assert block.name == "unnamed"
    assert set(edges(cone, block)) == {(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)}


def test_three_oblique_vectors_have_three_edges():
    W = np.array([[1.0, 0.4, 0.4], [0.0, 1.0, 0.4], [0.0, 0.0, 1.0]])
    assert set(edges(W, only_block(W))) == {(0, 1), (0, 2), (1, 2)}


@pytest.mark.parametrize("shape", ["single", "digon", "pentagon", "cube", "24-cell"])
def test_turning_a_block_keeps_its_gram_matrix(shape):
    W = model([shape], hidden=6, noise=0)
    block = only_block(W)
    x = oriented(W, block)
    assert x.shape == (polytope(shape).dimension, polytope(shape).vertices)
    assert x.T @ x == pytest.approx((W.T @ W)[np.ix_(block.features, block.features)], abs=1e-12)


@pytest.mark.parametrize("shape", ["pentagon", "cube", "square-antiprism-coulomb", "24-cell"])
def test_a_shape_looks_the_same_however_it_was_learned(shape):
    pictures = [oriented(W, only_block(W)) for W in (model([shape], seed=s) for s in (1, 2))]
    away = np.linalg.norm(pictures[0][:, :, None] - pictures[1][:, None], axis=0)
    assert away.min(axis=1).max() < 0.1  # thirty standard deviations of the noise
    assert len(set(away.argmin(axis=1))) == away.shape[0]


def test_what_has_no_name_is_turned_onto_its_principal_directions():
    W = model([np.random.default_rng(5).normal(size=(4, 9))], hidden=7, noise=0)
    x = oriented(W, only_block(W))
    spread = x @ x.T
    assert spread == pytest.approx(np.diag(np.diag(spread)), abs=1e-10)
    assert (np.diff(np.diag(spread)) < 0).all()
    assert (x[np.arange(4), np.abs(x).argmax(axis=1)] > 0).all()


@pytest.mark.parametrize("d", [2, 3, 4, 8])
def test_the_oblique_turn_is_a_rotation(d):
    turn = oblique(d)
    assert turn @ turn.T == pytest.approx(np.eye(d), abs=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1)


@pytest.mark.parametrize("shape", ["cube", "icosahedron", "cuboctahedron", "24-cell", "tesseract"])
def test_no_vertex_hides_another(shape):
    W = polytope(shape).array()
    x = oriented(W, only_block(W))[:2]
    away = np.linalg.norm(x[:, :, None] - x[:, None], axis=0)
    assert away[~np.eye(len(away), dtype=bool)].min() > 0.05  # more than a vertex's own size


def test_kinds_and_runs_cover_every_block():
    found = learned_geometry(model(["digon", "cube", "digon", "pentagon", "triangle", "digon"]))
    assert {kind.name: len(kind.blocks) for kind in kinds(found)} == {
        "cube": 1,
        "digon": 3,
        "pentagon": 1,
        "triangle": 1,
    }
    assert [kind.features for kind in kinds(found)] == [8, 6, 5, 3]
    assert runs(found) == [
        ("cube", 1, 0, 8),
        ("pentagon", 1, 8, 13),
        ("triangle", 1, 13, 16),
        ("digon", 3, 16, 22),
    ]


def test_unnamed_blocks_of_different_sizes_are_different_kinds():
    rng = np.random.default_rng(0)
    found = learned_geometry(model([rng.normal(size=(3, 7)), rng.normal(size=(4, 7))], noise=0))
    assert [(kind.name, len(kind.blocks)) for kind in kinds(found)] == [("unnamed", 1)] * 2
