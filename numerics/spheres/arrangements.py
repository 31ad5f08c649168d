"""Points on a sphere as a result: what was found, how often, and how sure."""

from dataclasses import dataclass

import numpy as np

from .contacts import largest_cosine
from .point_groups import isometry_order, schoenflies
from .riesz import Array

__all__ = ["Arrangement", "check_size", "check_starts", "coincident", "embedded"]

_COINCIDENT = 1e-4  # distance: polished points that coincide do to 1e-7, others are 0.1 apart
_MOST = 2000  # points, and dimensions: a step takes points² × dimensions operations


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """The best arrangement that a search found.

    Attributes
    ----------
    points
        Unit vectors (N, d); of lines, one of each pair.
    lines
        Whether the points stand for lines.
    energy
        Riesz or toy energy, None for packings; infinite where it exceeds floats.
    hits, starts
        How many starts there were, and how many of them ended there.
    status
        ``converged``, or why not: ``saddle``, ``max_steps``.
    residual
        Packings: what a linear programme promises to lower the largest cosine by.  Riesz energies:
        the norm of the gradient of the logarithm of the mean power; toy energy: of its own.
    held
        Indices of points that have a contact, the others being rattlers; all, for energies.
    contacts
        Number of pairs at the smallest angle.
    """

    points: Array
    lines: bool = False
    energy: float | None = None
    hits: int
    starts: int
    status: str
    residual: float
    held: tuple[int, ...]
    contacts: int

    @property
    def angle(self) -> float:
        """Smallest angle between two points or lines, in degrees."""
        return float(np.degrees(np.arccos(np.clip(largest_cosine(self.points, self.lines), -1, 1))))

    @property
    def dipole(self) -> float | None:
        """Length of the sum of the points; None for lines, which have no sign."""
        return None if self.lines else float(np.linalg.norm(self.points.sum(0)))

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Indices of the points in each direction, the most numerous group first."""
        return coincident(self.points)

    @property
    def multiplicities(self) -> tuple[int, ...]:
        """How many points each direction has, falling."""
        return tuple(len(group) for group in self.groups)

    def _whole(self) -> Array:
        """Return the directions that are held, each once, with both ends of a line."""
        held = self.points[list(self.held)]
        points = held[[group[0] for group in coincident(held)]]
        return np.vstack([points, -points]) if self.lines else points

    @property
    def point_group(self) -> str | None:
        """Schönflies symbol of the directions that are held, in 3-D."""
        return schoenflies(self._whole()) if self.points.shape[1] == 3 else None

    @property
    def symmetry_order(self) -> int | None:
        """Number of isometries that permute the directions that are held; None if infinite."""
        return isometry_order(self._whole())


def coincident(x: Array, tolerance: float = _COINCIDENT) -> tuple[tuple[int, ...], ...]:
    """Return the groups of unit vectors (N, d) that coincide, the most numerous first.

    A vector belongs to the group whose first vector is within ``tolerance`` of it.
    """
    groups: list[list[int]] = []
    for i, point in enumerate(x):
        near = [group for group in groups if np.abs(x[group[0]] - point).max() < tolerance]
        if near:
            near[0].append(i)
        else:
            groups.append([i])
    return tuple(sorted(map(tuple, groups), key=lambda group: (-len(group), group)))


def embedded(x: Array, d: int) -> Array:
    """Return points (N, k) as points of d ≥ k dimensions (N, d)."""
    return np.pad(x, ((0, 0), (0, d - x.shape[1])))


def check_size(points: int, dim: int) -> None:
    """Refuse numbers of points or dimensions for which there is no problem.

    Raises
    ------
    ValueError
        If there are fewer than two points or two dimensions, or too many of them.
    """
    if points > _MOST or dim > _MOST:
        raise ValueError(
            f"{points} points in {dim} dimensions are too many for a search; give at most {_MOST} "
            "of each"
        )
    if points < 2:
        raise ValueError(f"{points} points have no distance; give at least 2")
    if dim < 2:
        raise ValueError(f"dim must be at least 2, got {dim}; a sphere in 3-D has dim 3")


def check_starts(starts: int | None) -> None:
    """Refuse a number of starts below one.

    Raises
    ------
    ValueError
        If it is.
    """
    if starts is not None and starts < 1:
        raise ValueError(f"{starts} starts find nothing; give at least 1")
