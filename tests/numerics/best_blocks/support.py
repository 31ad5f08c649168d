"""Blocks and tables small enough for tests: some made by hand, some searched once."""

from fractions import Fraction
from functools import cache

import numpy as np

from numerics import exact_loss
from numerics.best_blocks.pieces import pieces_of
from numerics.best_blocks.rigid_shapes import rigid_shape
from numerics.best_blocks.search import Block, search_blocks
from numerics.best_blocks.table import Table

TENTH, FIFTH, HALF = Fraction(1, 10), Fraction(1, 5), Fraction(1, 2)

PRINTED = 5.1e-5
"""Half a unit of the last of four decimals."""


def variance(p):
    return float(Fraction(p) / 3 - Fraction(p) ** 2 / 4)


def block(W, b, p, **options):
    """Return a model with its exact loss, as if a search had found it."""
    W, b = np.asarray(W, float), np.asarray(b, float)
    loss = float(exact_loss(W, b, float(p), rtol=1e-12))
    found = {"loss": loss, "hits": 1, "starts": 1, "status": "converged", **options}
    return Block(density=Fraction(p), W=W, b=b, **found)


@cache
def shape(key, p):
    """Return a shape of the catalogue at its best norm and bias; do not change it."""
    return rigid_shape(key, p)


def product(keys, dropped, p):
    """Return shapes side by side and some dropped features."""
    parts = [shape(key, p) for key in keys]
    d, k = sum(one.d for one in parts), sum(one.k for one in parts) + dropped
    W, b = np.zeros((d, k)), np.full(k, float(p) / 2)
    row = column = 0
    for one in parts:
        W[row : row + one.d, column : column + one.k] = one.W
        b[column : column + one.k] = one.b
        row, column = row + one.d, column + one.k
    return block(W, b, p)


def digons(count, dropped, p):
    return product(["digon"] * count, dropped, p)


def piece(key, p):
    return pieces_of(shape(key, p))[0]


@cache
def searched():
    """Return the best blocks of a line and of a plane at three densities; do not change it."""
    densities = (HALF, FIFTH, TENTH)
    sizes = ((2, 1), (3, 1), (5, 2), (6, 2))
    return Table({(k, d): search_blocks(k, d, densities, starts=2) for k, d in sizes}, {})
