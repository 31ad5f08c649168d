r"""Isometries between sets of vectors, counted and found exactly, from their Gram matrices.

Vectors that span a space are known up to an isometry by their inner products, so an isometry that
maps one set to another is a bijection that keeps all inner products: an isomorphism of complete
graphs with coloured edges.  Colours are integers, one for each different inner product.

A *base* is a list of vertices whose colours to any vertex x tell x from all others.  The image of
a base fixes the whole map, and with the base :math:`b_1, b_2, \dots`

.. math:: |A| = \prod_l |\text{orbit of } b_l \text{ under } A_{b_1, \dots, b_{l-1}}| ,

the stabilisers shrinking to the identity.  Level by level from the last, each vertex not yet known
to be in the orbit of :math:`b_l` is tried as its image by backtracking through the rest of the
base; a map that is found joins the generators and enlarges the orbit, so a few searches settle
each level.
"""

from collections.abc import Iterator
from math import prod

import numpy as np
from numpy.typing import NDArray

from .shapes import Polytope

__all__ = ["correspondence", "isometry_count", "symmetry_order"]

Colours = NDArray[np.int64]


def isometry_count(shape: Polytope) -> int:
    """Return the order of the isometry group of a shape, counted; lines have two ends each."""
    gram = shape.gram()
    lines = np.repeat([f.up_to_sign for f in shape.factors], [f.vertices for f in shape.factors])
    cosines = list(dict.fromkeys((*gram.cosines, *(-cosine for cosine in gram.cosines))))
    opposite = np.array([cosines.index(-cosine) for cosine in gram.cosines])[gram.index]
    colours = np.block([[gram.index, opposite], [opposite, gram.index]])
    np.fill_diagonal(colours, len(cosines) + np.tile(lines, 2))
    both_ends = np.append(np.full(len(lines), True), lines)
    return symmetry_order(colours[np.ix_(both_ends, both_ends)])


def symmetry_order(colours: Colours) -> int:
    """Return how many permutations of the rows and columns leave a symmetric matrix as it is.

    Examples
    --------
    >>> symmetry_order(np.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]]))
    2
    """
    classified, _ = _with_classes(colours, colours)
    base = _base(classified)
    generators: list[NDArray[np.int64]] = []
    orbits = []
    for level in reversed(range(len(base))):
        fixed, start = base[:level], base[level]
        orbit = _orbit(start, generators)
        for image in _candidates(classified, classified, base, fixed):
            if image not in orbit:
                found = next(_extensions(classified, classified, base, [*fixed, image]), None)
                if found is not None:
                    generators.append(found)
                    orbit = _orbit(start, generators)
        orbits.append(len(orbit))
    return prod(orbits)


def correspondence(first: Colours, second: Colours) -> NDArray[np.int64] | None:
    """Return a bijection p with ``second[p][:, p] == first``, or None if there is none."""
    if first.shape != second.shape:
        return None
    one, other = _with_classes(first, second)
    return next(_extensions(one, other, _base(one), []), None)


def _with_classes(first: Colours, second: Colours) -> tuple[Colours, Colours]:
    """Give the diagonals new colours, one for each different multiset of colours in a row."""
    rows = np.sort(np.concatenate((first, second)), axis=1)
    rows = np.column_stack((np.concatenate((np.diagonal(first), np.diagonal(second))), rows))
    _, kinds = np.unique(rows, axis=0, return_inverse=True)
    new = int(max(first.max(), second.max())) + 1 + kinds.reshape(2, -1)
    results = []
    for colours, diagonal in zip((first, second), new, strict=True):
        result = colours.copy()
        np.fill_diagonal(result, diagonal)
        results.append(result)
    return results[0], results[1]


def _base(colours: Colours) -> list[int]:
    """Choose vertices, each the one that tells most of the others apart, until all are."""
    base: list[int] = []
    kinds = np.zeros(len(colours), dtype=np.int64)
    while len(np.unique(kinds)) < len(colours):
        refined = kinds[:, None] * (colours.max() + 1) + colours
        best = int(np.argmax([len(np.unique(column)) for column in refined.T]))
        _, kinds = np.unique(refined[:, best], return_inverse=True)
        base.append(best)
    return base


def _orbit(start: int, generators: list[NDArray[np.int64]]) -> set[int]:
    orbit, waiting = {start}, [start]
    while waiting:
        vertex = waiting.pop()
        for generator in generators:
            image = int(generator[vertex])
            if image not in orbit:
                orbit.add(image)
                waiting.append(image)
    return orbit


def _candidates(first: Colours, second: Colours, base: list[int], images: list[int]) -> list[int]:
    """Return the vertices that stand to the images as the next base vertex stands to the base."""
    following = base[len(images)]
    fits = np.diagonal(second) == first[following, following]
    for vertex, image in zip(base, images, strict=False):
        fits = fits & (second[image] == first[vertex, following])
    return [int(vertex) for vertex in np.flatnonzero(fits)]


def _extensions(
    first: Colours, second: Colours, base: list[int], images: list[int]
) -> Iterator[NDArray[np.int64]]:
    """Yield the bijections that take the first base vertices to the images."""
    if len(images) < len(base):
        for image in _candidates(first, second, base, images):
            yield from _extensions(first, second, base, [*images, image])
        return
    seen = {tuple(row): vertex for vertex, row in enumerate(second[:, images].tolist())}
    whole = [seen.get(tuple(row), -1) for row in first[:, base].tolist()]
    if len(set(whole)) == len(first) and min(whole) >= 0:
        bijection = np.array(whole)
        if np.array_equal(second[np.ix_(bijection, bijection)], first):
            yield bijection
