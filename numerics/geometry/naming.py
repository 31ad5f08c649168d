r"""A block of features and the shapes nearest to it.

The directions of a block are matched to every reference with as many vertices in as many
dimensions.  A shape *fits* if noise accounts for the residual of the directions, inside the
dimensions of the block and outside of them (:mod:`numerics.geometry.noise`), and if no vertex
could be mistaken for another: a residual above a quarter of the least distance between vertices
says nothing, as for polygons of very many corners.  Tegum products never fit, since blocks do not
fall apart; they only show what else is near.

* The nearest shape names the block if it fits;
* the block is *ambiguous* if the next one fits too and is within the noise;
* it is *unnamed* if none fits.

Features of one direction are not a shape of as many vertices, so their block is unnamed; the shape
of its different directions is given beside.

Norms do not enter the name.  The *residual* does contain them: it is the root mean square distance
of the weights :math:`W_i` from the shape, best rotated and scaled, in units of their mean norm, and
differs from the residual of the directions where norms are unequal.
"""

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from . import noise
from .matching import Match, best_match, fitted, spacing
from .references import Reference, references
from .separation import Features, span

__all__ = ["AMBIGUOUS", "UNNAMED", "Block", "Candidate", "name_block"]

AMBIGUOUS, UNNAMED = "ambiguous", "unnamed"
_ROUNDING = 1e-6  # of directions; weights may be float32

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A shape matched to a block.

    Attributes
    ----------
    reference, match
        The shape, and how it was fitted to the directions.
    residual
        Root mean square distance of the weights, in units of their mean norm.
    direction_residual
        The same of the directions, inside the dimensions of the block.
    fits
        Whether the block can be this shape.
    """

    reference: Reference
    match: Match
    residual: float
    direction_residual: float
    fits: bool

    @property
    def key(self) -> str:
        """The shape's name."""
        return self.reference.shape.key


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A block and its name.

    Attributes
    ----------
    features
        Its features, ascending.
    dimension
        How many dimensions they span.
    name
        A key of the catalogue, ``ambiguous`` or ``unnamed``.
    candidates
        The shapes of its size, the nearest first.
    outside
        Root mean square distance of the directions from the span of the block.
    tolerance, outside_tolerance
        The largest direction residual, and distance from the span, that a name is given to.
    squares, freedom
        Sum of squared deviations of the directions from the nearest shape, inside the span and
        outside, with its degrees of freedom.
    coincident
        Groups of features of one direction.
    distinct
        The name of the different directions, if there are such groups.
    """

    features: Features
    dimension: int
    name: str
    candidates: tuple[Candidate, ...]
    outside: float
    tolerance: float
    outside_tolerance: float
    squares: float
    freedom: int
    coincident: tuple[tuple[int, ...], ...] = ()
    distinct: str | None = None

    @property
    def noise(self) -> float | None:
        """The estimated standard deviation per coordinate; None if nothing tells."""
        known = self.freedom > 0 and self.candidates
        return sqrt(self.squares / self.freedom) if known else None


def _candidate(
    reference: Reference, x: Array, W: Array, inside: float, outside_fits: bool
) -> Candidate:
    """Match one reference to directions x (d, k) of weights W (m, k)."""
    k = x.shape[1]
    match = best_match(x, reference.vertices, up_to_sign=reference.shape.up_to_sign)
    _, squares = fitted(W, match.vertices)
    residual = sqrt(match.squares / k)
    mean = float(np.linalg.norm(W, axis=0).mean())
    clear = residual <= spacing(reference.vertices) / 4
    return Candidate(
        reference=reference,
        match=match,
        residual=sqrt(squares / k) / mean,
        direction_residual=residual,
        fits=not reference.shape.parts and outside_fits and clear and residual <= inside,
    )


def _verdict(found: tuple[Candidate, ...], squares_outside: float, freedom: int) -> str:
    """Name a block by its candidates, the nearest first."""
    if not found or not found[0].fits:
        return UNNAMED
    best = found[0]
    if len(found) > 1 and found[1].fits:
        one, other = best.match, found[1].match
        distance = float(np.linalg.norm(one.points - other.points))
        first, second = (match.squares + squares_outside for match in (one, other))
        if not noise.tells_apart(first, second, distance, freedom):
            return AMBIGUOUS
    return best.key


def _coincident(unit: Array, level: float) -> list[Features]:
    """Return the groups of unit vectors (m, k) that are equal but for noise."""
    m, k = unit.shape
    square = np.maximum(2 - 2 * unit.T @ unit, 0)
    reach = level * sqrt(2) * (sqrt(m) + noise.TAIL)
    left, groups = np.arange(k), []
    while len(left):
        near = square[left[0], left] < reach**2
        groups.append(left[near])
        left = left[~near]
    return groups


def name_block(
    W: Array,
    features: Features,
    tolerance: float | None = None,
    level: float = noise.LARGEST,
) -> Block:
    """Name a block of features.

    Parameters
    ----------
    W
        Weights (m, n), none of these features' columns zero.
    features
        The block's.
    tolerance
        The largest residual of directions, inside the span and outside, in place of what noise
        accounts for.
    level
        The standard deviation of the noise (:mod:`numerics.geometry.noise`).
    """
    weights = W[:, features]
    found = _named(weights, features, tolerance, level)
    if found.name != UNNAMED:
        return found
    unit = weights / np.linalg.norm(weights, axis=0)
    groups = _coincident(unit, level)
    if len(groups) == len(features):
        return found
    means = np.column_stack([unit[:, group].mean(1) for group in groups])
    shape = _named(means, np.arange(len(groups)), tolerance, level)
    return Block(
        features=features,
        dimension=found.dimension,
        name=UNNAMED,
        candidates=found.candidates,
        outside=found.outside,
        tolerance=found.tolerance,
        outside_tolerance=found.outside_tolerance,
        squares=found.squares,
        freedom=found.freedom,
        coincident=tuple(tuple(features[group].tolist()) for group in groups if len(group) > 1),
        distinct=shape.name,
    )


def _named(weights: Array, features: Features, tolerance: float | None, level: float) -> Block:
    """Name features by their weights (m, k) alone."""
    m, k = weights.shape
    unit = weights / np.linalg.norm(weights, axis=0)
    basis = span(unit, level)
    d = basis.shape[1]
    x = basis.T @ unit
    squares_outside = max(float((unit**2).sum() - (x**2).sum()), 0.0)
    free_inside, free_outside = noise.freedom_inside(k, d), noise.freedom_outside(k, d, m)
    inside = noise.largest_residual(k, free_inside, level) if tolerance is None else tolerance
    beyond = noise.largest_residual(k, free_outside, level) if tolerance is None else tolerance
    outside = sqrt(squares_outside / k)
    fits = outside <= beyond + _ROUNDING
    matched = [_candidate(one, x, weights, inside + _ROUNDING, fits) for one in references(k, d)]
    found = tuple(sorted(matched, key=lambda one: one.match.squares))
    freedom = free_inside + free_outside
    return Block(
        features=features,
        dimension=d,
        name=_verdict(found, squares_outside, freedom),
        candidates=found,
        outside=outside,
        tolerance=inside,
        outside_tolerance=beyond,
        squares=squares_outside + (found[0].match.squares if found else inf),
        freedom=freedom,
    )
