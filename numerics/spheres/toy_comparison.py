r"""Thomson's and Tammes's shapes beside what the toy model makes least, N by N.

*Energies.*  The least toy energy found (:mod:`.toy_energy`), and that of the Thomson and Tammes
shapes of as many points.  Two shapes are one if an isometry brings their points to within
:data:`TOLERANCE` (root mean square) of each other.  Where they are not, the minimiser may have the
symmetry of one of them, at other heights, or features that share a direction.

*Exact losses.*  N equal features in d dimensions at density p, the loss per feature in units of
:math:`V = p/3 - p^2/4`, what a dropped feature costs.  The least over all weights and biases is
searched from random and structured starts (:mod:`numerics.optimum`) and improved from the three
shapes, from the Thomson shapes of fewer points with the other features dropped, and from the best
model of one feature fewer: since a dropped feature costs V and disturbs nobody, N times the value
is at most 1 more than that for N − 1.  Beside it stand the losses of the three shapes, their
directions fixed, where norms (0 or more) and biases end from equal norms: of all features, or of
one in each direction.

A minimiser that drops features is compared with the shapes of as many points as it stores.  Of a
continuum of zero energy (fewer than 2d points) the search gives some member, whose exact loss says
nothing and is left out.  Nor is a Tammes shape definite whose points rattle or that is one of a
continuum (5 points in 3-D): what is said of it holds for the member found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from theory.phases import DROPPED_NORM
from theory.problem import Problem

from ..descent import descend
from ..geometry.learned import learned_geometry
from ..geometry.matching import best_match
from ..optimum import Optimum, improve, polished, search
from ..progress import Report
from .arrangements import Arrangement, check_size, check_starts, coincident
from .point_groups import isometry_order, schoenflies
from .riesz import Array
from .tammes import largest_angle
from .thomson import least_energy
from .toy_energy import is_continuum, least_toy_energy, toy_energy

__all__ = ["SHAPES", "TOLERANCE", "EnergyRow", "LossRow", "compare", "residual"]

SHAPES = ("thomson", "tammes", "toy")
TOLERANCE = 1e-4  # one shape at two heights is 1e-3 or more from itself, a polished one 1e-7
_RANDOM = 16  # starts of the exact loss, besides the structured ones
_FIRST_NORM = 1.1
_FEW = 20  # starts for the Thomson shapes that are starts themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyRow:
    """Toy energies of N points in d dimensions.

    Attributes
    ----------
    shapes
        The best ``thomson``, ``tammes`` and ``toy`` arrangements found.
    energies
        The toy energy of each.
    residuals
        Root mean square distance of the points of the minimiser from those of ``thomson`` and
        ``tammes``; none for a continuum.
    relation
        ``continuum``; ``thomson and tammes``, ``thomson`` or ``tammes`` if the minimiser is that
        shape; else ``coincident`` if points coincide; else the same words with ``symmetry`` behind
        if only its symmetry is that of the shape, or ``other``.
    """

    points: int
    dim: int
    shapes: dict[str, Arrangement]
    energies: dict[str, float]
    residuals: dict[str, float]
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LossRow:
    """Exact losses of N equal features in d dimensions at one density, per feature, in V.

    Attributes
    ----------
    optimum
        The best model found; its ``hits`` and ``starts`` count random and structured starts.
    least
        Its loss.
    fixed
        The loss of ``thomson``, ``tammes`` and (no continuum) ``toy`` directions.
    stored
        Number of features with a norm of 0.1 or more.
    name
        Of the shape they make, by :func:`numerics.geometry.learned.learned_geometry`.
    multiplicities
        How many of them each direction has.
    point_group, symmetry_order
        Of these directions; the point group in 3-D, else None.
    residuals
        Root mean square distance of their directions from the ``thomson`` and ``tammes`` shapes of
        as many points.
    relation
        What their directions are beside these, in the words for energies.
    """

    points: int
    dim: int
    density: Fraction
    optimum: Optimum
    least: float
    fixed: dict[str, float]
    stored: int
    name: str
    multiplicities: tuple[int, ...]
    point_group: str | None
    symmetry_order: int | None
    residuals: dict[str, float]
    relation: str


@cache
def _shape(kind: str, points: int, dim: int, starts: int | None, seed: int) -> Arrangement:
    makers = {"thomson": least_energy, "tammes": largest_angle, "toy": least_toy_energy}
    return makers[kind](points, dim, starts=starts, seed=seed)


def residual(x: Array, y: Array) -> float:
    """Return the root mean square distance of unit vectors (N, d) from others, best matched."""
    return float(np.sqrt(best_match(x.T, y.T).squares / len(x)))


def _directions(x: Array) -> Array:
    """Return the directions (K, d) of unit vectors (N, d), each once."""
    return x[[group[0] for group in coincident(x)]]


def _symmetry(x: Array) -> tuple[str | None, int | None]:
    """Return the point group (in 3-D) and the number of isometries of directions (K, d)."""
    return schoenflies(x) if x.shape[1] == 3 else None, isometry_order(x)


def _relation(x: Array, shapes: dict[str, Array], residuals: dict[str, float]) -> str:
    """Say what unit vectors (N, d) are beside the Thomson and Tammes shapes."""
    same = [kind for kind, distance in residuals.items() if distance < TOLERANCE]
    if same:
        return " and ".join(same)
    if len(_directions(x)) < len(x):
        return "coincident"
    alike = [kind for kind, shape in shapes.items() if _symmetry(x) == _symmetry(shape)]
    return f"{' and '.join(alike)} symmetry" if alike else "other"


def _energy_row(points: int, dim: int, starts: int | None, seed: int) -> EnergyRow:
    shapes = {kind: _shape(kind, points, dim, starts, seed) for kind in SHAPES}
    x = shapes["toy"].points
    definite = () if is_continuum(points, dim) else SHAPES[:2]
    others = {kind: shapes[kind].points for kind in definite}
    residuals = {kind: residual(x, y) for kind, y in others.items()}
    return EnergyRow(
        points=points,
        dim=dim,
        shapes=shapes,
        energies={kind: toy_energy(shape.points) for kind, shape in shapes.items()},
        residuals=residuals,
        relation=_relation(x, others, residuals) if others else "continuum",
    )


def _norms_from(
    x: Array, stored: NDArray[np.int64], problem: Problem
) -> tuple[Array, Array, float]:
    """Return W (d, N), b (N,) and the loss where the norms of ``stored`` directions end.

    A norm that ends below 0 would turn its feature round: the feature is dropped instead.
    """
    N, d = x.shape
    b = np.full(N, float(problem.means[0]))
    b[stored] = 0.0
    norms = np.full(len(stored), _FIRST_NORM)
    while True:
        basis = np.zeros((len(stored), d, N))
        basis[np.arange(len(stored)), :, stored] = x[stored]
        ended = descend(norms[None], b[None], float(problem.density[0]), basis=basis)
        W, b = ended.W[0].numpy(), ended.b[0].numpy().copy()
        norms = (W[:, stored].T * x[stored]).sum(1)
        turned = norms < 0
        if not turned.any() or turned.all():  # all of them: the same model, seen in a point
            return W * (-1 if turned.all() else 1), b, float(ended.loss[0])
        b[stored[turned]] = float(problem.means[0])
        stored, norms = stored[~turned], norms[~turned]


def _at_fixed_directions(x: Array, problem: Problem) -> tuple[Array, Array, float]:
    """Return the better end at directions (N, d): from equal norms of all, or of one in each."""
    choices = {tuple(range(len(x))), tuple(sorted(group[0] for group in coincident(x)))}
    ends = [_norms_from(x, np.array(chosen), problem) for chosen in sorted(choices)]
    return min(ends, key=lambda end: end[2])


def _with_dropped(W: Array, b: Array, problem: Problem) -> tuple[Array, Array]:
    """Return a model of the problem's size, the features beyond those of W (d, k) dropped."""
    more = problem.features - W.shape[1]
    means = np.full(more, float(problem.means[0]))
    return np.pad(W, ((0, 0), (0, more))), np.concatenate([b, means])


def _problem(N: int, d: int, density: Fraction) -> Problem:
    return Problem(features=N, hidden=d, density=(density,) * N)


def _loss_row(
    row: EnergyRow, density: Fraction, starts: int | None, seed: int, before: Optimum | None
) -> LossRow:
    N, d = row.points, row.dim
    problem = _problem(N, d, density)
    kinds = SHAPES[:2] if row.relation == "continuum" else SHAPES
    fixed = {kind: _at_fixed_directions(row.shapes[kind].points, problem) for kind in kinds}
    guesses = [(W, b) for W, b, _ in fixed.values()]
    if before is not None:
        guesses.append(_with_dropped(before.W, before.b, problem))
    for k in range(d + 1, N + 1):
        x = _shape("thomson", k, d, _FEW, seed).points
        guesses.append(_with_dropped(_FIRST_NORM * x.T, np.zeros(k), problem))
    stacked = tuple(np.stack(part) for part in zip(*guesses, strict=True))
    found = search([problem], starts=_RANDOM, seed=seed)
    optimum = polished(improve(found, [(stacked[0], stacked[1])])[0])
    norms = np.linalg.norm(optimum.W, axis=0)
    kept = np.flatnonzero(norms >= DROPPED_NORM)
    x = (optimum.W[:, kept] / norms[kept]).T
    same_size = {kind: _shape(kind, len(kept), d, starts, seed).points for kind in SHAPES[:2]}
    residuals = {kind: residual(x, y) for kind, y in same_size.items()}
    group, order = _symmetry(_directions(x))
    return LossRow(
        points=N,
        dim=d,
        density=density,
        optimum=optimum,
        least=optimum.loss / problem.scale,
        fixed={kind: loss / problem.scale for kind, (_, _, loss) in fixed.items()},
        stored=len(kept),
        name=learned_geometry(optimum.W).composite,
        multiplicities=tuple(map(len, coincident(x))),
        point_group=group,
        symmetry_order=order,
        residuals=residuals,
        relation=_relation(x, same_size, residuals),
    )


def compare(
    points: Sequence[int],
    dim: int = 3,
    *,
    densities: Sequence[Fraction] = (Fraction(1, 10), Fraction(1, 100)),
    starts: int | None = None,
    seed: int = 0,
    progress: Report | None = None,
) -> tuple[list[EnergyRow], list[LossRow]]:
    """Return the rows of energies, and those of losses, one density after the other.

    Parameters
    ----------
    points, dim
        Numbers N > d of points in d ≥ 2 dimensions, rising; the best model of each is a start for
        the next.
    densities
        Densities p of the exact losses.
    starts, seed
        Starts of each search for a shape, by default as many as it takes, and their root.
    progress
        Called with (rows done, rows in all, what is going on).

    Raises
    ------
    ValueError
        If a number of points is at most d or does not rise, or a density or the number of starts
        is out of range.
    """
    for N in points:
        check_size(N, dim)
    if min(points, default=0) <= dim:
        raise ValueError(f"points {list(points)} must all be more than the {dim} dimensions")
    if list(points) != sorted(set(points)):
        raise ValueError(f"points {list(points)} do not rise; list each number once, in order")
    check_starts(starts)
    for density in densities:
        _problem(points[0], dim, density)
    total = len(points) * (1 + len(densities))
    energies: list[EnergyRow] = []
    for N in points:
        energies.append(_energy_row(N, dim, starts, seed))
        if progress:
            progress(len(energies), total, f"shapes of {N} points")
    losses: list[LossRow] = []
    for density in densities:
        before = None
        for row in energies:
            losses.append(_loss_row(row, density, starts, seed, before))
            before = losses[-1].optimum
            if progress:
                progress(len(energies) + len(losses), total, f"{row.points} features at {density}")
    return energies, losses
