r"""Minima of five features in two dimensions, followed in the density of the last one.

Four features have density :math:`p_0`, the last one :math:`q = x p_0`; all importances are 1
(arXiv 2209.10652, "Non-uniform sparsity").  Losses are in units of :math:`V(p_0)`, what a common
feature costs when dropped.  Two branches of minima are followed in the relative density x:

* the *pentagon*, continued from :math:`x = 1` with its mirror symmetry, which descent keeps: it
  stretches, and ends where its least curvature passes through 0 (it may be a minimum again beyond);
* the *digons*, two antipodal pairs at right angles with the last feature at 0.  The pairs do not
  meet that feature, so the branch is the same model at every x with another bias, q/2, and its loss
  is :math:`D(x) = 2d(p_0) + V(x p_0)/V(p_0)`, d the loss of a pair.  It stays a strict minimum up
  to :math:`q = 1`, but a shallow one from x near 1 on: the biases of the pairs are barely above
  their kink at 0, and beyond it the last feature can be stored weakly, beside one of a pair.

With probability q the last feature is on, so the loss of a fixed model is linear in x.  Along a
branch of minima the slope is therefore a difference quotient of the model at hand, and no
derivative of the branch is needed; the second derivative is at most 0.
"""

import math
from dataclasses import dataclass
from functools import cache
from numbers import Real
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from theory.phases import DROPPED_NORM
from theory.problem import dropped_loss

from .descent import Descent, descend
from .evaluator import exact_loss
from .newton import TiedProblem
from .polish import FINE
from .stability import stability

__all__ = [
    "PENTAGON",
    "Bracket",
    "Branch",
    "Followed",
    "Ladder",
    "densities",
    "digons_loss",
    "follow",
    "ladder_of",
    "pentagon_near",
    "shape",
]

Array = NDArray[np.float64]
Bracket = tuple[float, float]

_LIMITS = 0.01, 10.0  # of x along the branch; the upper one is that of the paper's figure, or q = 1
_STEP = 1.1  # of x
_WIDTH = 1e-5  # of a bracket of the end of a branch, relative
_APART = math.cos(math.radians(30))  # directions of a pentagon are further apart than this
_SLACK = 1e-12  # rounding of q that is forgiven at 1
_VARIED = 4

_ANGLES = np.pi / 2 + 2 * np.pi * np.arange(1, 6) / 5
PENTAGON = 1.1 * np.array([np.cos(_ANGLES), np.sin(_ANGLES)])
_DIGONS = np.array([[1.0, -1.0, 0, 0, 0], [0, 0, 1.0, -1.0, 0]])


@dataclass(frozen=True, slots=True)
class Branch:
    """Minima of one shape, at those relative densities asked for at which it is a minimum.

    Attributes
    ----------
    relative_density
        x (k,).
    loss, slope
        In units of V(p₀), and the derivative of the loss by x (k,).
    curvature
        Least curvature of the loss (:mod:`numerics.stability`), in its unit Σ V (k,); for a dropped
        feature that along its column, with biases that follow (:mod:`numerics.polish`).
    W, b
        Models (k, 2, 5), (k, 5).  The varied feature is the last; of a pentagon it points up.
    """

    relative_density: Array
    loss: Array
    slope: Array
    curvature: Array
    W: Array
    b: Array


@dataclass(frozen=True, slots=True)
class Followed:
    """Both branches at one base density."""

    base_density: float
    pentagon: Branch
    digons: Branch


@dataclass(frozen=True, slots=True)
class Ladder:
    """Pentagons at increasing x (k,), with their losses above those of the digons.

    ``first`` and ``last`` bracket the ends met from x = 1, (minimum, none), or are None where the
    branch goes on to the end of the range, x from 0.01 to 10 with q at most 1.
    """

    x: Array
    W: Array
    b: Array
    gap: Array
    first: Bracket | None
    last: Bracket | None


def shape(W: Array) -> str:
    """Return what weights (2, 5) are: a word.

    ``pentagon`` has five directions more than 30° apart, ``doubled`` has two of five closer: beside
    two digons, one feature is stored weakly along another.  ``digons`` drop the last feature,
    ``swapped`` digons another, and of their four directions no two are less than 60° apart.  All
    else is ``other``.
    """
    norm = np.sqrt((W**2).sum(0))
    stored = norm >= DROPPED_NORM
    directions = W[:, stored] / norm[stored]
    cosine = directions.T @ directions - 2 * np.eye(int(stored.sum()))
    if stored.all():
        return "pentagon" if cosine.max() < _APART else "doubled"
    if stored.sum() == 4 and cosine.max() < 0.5:
        return "swapped" if stored[_VARIED] else "digons"
    return "other"


def densities(base: float, x: Array) -> Array:
    """Return the densities of the five features at relative densities x (k,), (k, 5).

    Raises
    ------
    ValueError
        If a density is out of range.
    """
    if not isinstance(base, Real) or not 0 < base < 1:
        raise ValueError(f"base density is {base!r}; give a number between 0 and 1, both excluded")
    p = np.full((len(x), 5), float(base))
    p[:, _VARIED] *= x
    for wrong in x[~((x > 0) & (p[:, _VARIED] <= 1 + _SLACK))]:
        raise ValueError(
            f"relative density is {wrong} at base density {base}; give one above 0 and at most "
            f"{1 / base:g}"
        )
    return np.minimum(p, 1.0)


def _descended(base: float, x: Array, W: Array, b: Array) -> Descent:
    return descend(W, b, densities(base, x), curvature=True)


def _curvatures(ended: Descent) -> Array:
    """Return least curvatures (k,); −inf for what is no pentagon or has not converged."""
    least = np.full(len(ended.status), -np.inf)
    for k, own in enumerate(ended.stability or []):
        if own is None or own.curvature is None or ended.status[k] != "converged":
            continue
        if shape(ended.W[k].numpy()) == "pentagon":
            least[k] = own.curvature
    return least


@cache
def _pairs(base: float) -> tuple[Array, Array, float]:
    """Return the digons with the last feature at its mean at x = 1, and 2d(p₀)."""
    b = np.array([[0.0, 0, 0, 0, base / 2]])
    ended = descend(_DIGONS[None], b, densities(base, np.ones(1)))
    return ended.W[0].numpy(), ended.b[0].numpy(), float(ended.loss[0]) / dropped_loss(base) - 1


def digons_loss(base: float, x: Array) -> Array:
    """Return D(x), (k,)."""
    return np.asarray(_pairs(base)[2] + dropped_loss(x * base) / dropped_loss(base))


def pentagon_near(base: float, x: float, W: Array, b: Array) -> tuple[float, Array, Array] | None:
    """Return (loss, W, b) of the pentagon at x that descent finds from a model near it, or None."""
    ended = _descended(base, np.array([x]), W[None], b[None])
    if not _curvatures(ended)[0] > 0:
        return None
    return float(ended.loss[0]) / dropped_loss(base), ended.W[0].numpy(), ended.b[0].numpy()


_Rung = tuple[float, float, Array, Array]  # x, loss, W, b


def _side(base: float, rung: _Rung, limit: float) -> tuple[list[_Rung], Bracket | None]:
    """Continue the pentagon from a rung to a limit of x; bracket the end if it is met before."""
    rungs: list[_Rung] = []
    count = 1 + math.ceil(abs(math.log(limit)) / math.log(_STEP))
    for goal in np.geomspace(1.0, limit, count)[1:].tolist():
        found = pentagon_near(base, goal, *rung[2:])
        if found is None:
            break
        rung = (goal, *found)
        rungs.append(rung)
    else:
        return rungs, None
    while abs(math.log(goal / rung[0])) > _WIDTH:
        x = math.sqrt(goal * rung[0])
        found = pentagon_near(base, x, *rung[2:])
        if found is None:
            goal = x
        else:
            rung = (x, *found)
    return [*rungs, rung], (rung[0], goal)


@cache
def ladder_of(base: float) -> Ladder | None:
    """Continue the pentagon from x = 1 to both sides; None if it is no minimum there."""
    found = pentagon_near(base, 1.0, PENTAGON, np.full(5, -0.1))
    if found is None:
        return None
    middle = (1.0, *found)
    below, first = _side(base, middle, _LIMITS[0])
    above, last = _side(base, middle, min(_LIMITS[1], 1 / base))
    rungs = [*below[::-1], middle, *above]
    x, loss, W, b = (np.array(part) for part in zip(*rungs, strict=True))
    return Ladder(x, W, b, loss - digons_loss(base, x), first, last)


def _branch(base: float, x: Array, W: Array, b: Array, curvature: Array) -> Branch:
    p, V = densities(base, x), dropped_loss(base)
    other = p.copy()
    other[:, _VARIED] = np.where(p[:, _VARIED] < 0.5, 1.0, p[:, _VARIED] / 2)
    here, there = (exact_loss(W, b, at, rtol=FINE).numpy() / V for at in (p, other))
    slope = (there - here) / (other[:, _VARIED] - p[:, _VARIED]) * base
    return Branch(x, here, slope, curvature, W, b)


def _pentagons(base: float, x: Array) -> Branch:
    ladder = ladder_of(base)
    if ladder is None:
        return Branch(*(np.zeros(0),) * 4, np.zeros((0, 2, 5)), np.zeros((0, 5)))
    nearest = np.abs(np.log(ladder.x) - np.log(x)[:, None]).argmin(1)
    ended = _descended(base, x, ladder.W[nearest], ladder.b[nearest])
    curvature = _curvatures(ended)
    kept = curvature > 0
    W, b = ended.W.numpy()[kept], ended.b.numpy()[kept]
    up = W[:, :, _VARIED] / np.linalg.norm(W[:, :, _VARIED], axis=1, keepdims=True)
    right = np.stack([up[:, 1], -up[:, 0]], 1)
    return _branch(base, x[kept], np.stack([right, up], 1) @ W, b, curvature[kept])


def _digons_curvature(p: Array, W: Array, b: Array) -> float:
    """Return the least curvature of digons at densities (5,), that of the last column included."""
    V = dropped_loss(p)
    unit = V.sum()
    equal = torch.ones(5, dtype=torch.float64)
    problem = TiedProblem(torch.from_numpy(p), equal, torch.tensor(unit), FINE)
    model = problem.model(W, b)
    bends = problem.bends(model) * unit
    Q = (W * V) @ W.T - 2 * V[_VARIED] * np.eye(2) + V[_VARIED] / 2 * (W * bends) @ W.T
    stored = stability(problem, model).curvature
    last = 2 * float(np.linalg.eigvalsh(Q)[0]) / float(unit)
    return -math.inf if stored is None else min(stored, last)


def _digons(base: float, x: Array) -> Branch:
    p = densities(base, x)
    arms, biases, _ = _pairs(base)
    W, b = np.tile(arms, (len(x), 1, 1)), np.tile(biases, (len(x), 1))
    b[:, _VARIED] = p[:, _VARIED] / 2
    curvature = np.array([_digons_curvature(*one) for one in zip(p, W, b, strict=True)])
    kept = curvature > 0
    return _branch(base, x[kept], W[kept], b[kept], curvature[kept])


def follow(base_density: float, relative_densities: Any) -> Followed:
    """Follow both branches to the given relative densities.

    Parameters
    ----------
    base_density
        p₀ of the four common features, between 0 and 1.
    relative_densities
        x = q/p₀ of the last feature, a number or (k,) of them in any order; q is at most 1.

    Raises
    ------
    ValueError
        If a density is out of range, or none is given.
    """
    x = np.atleast_1d(np.asarray(relative_densities, dtype=np.float64))
    if x.ndim != 1 or not len(x):
        raise ValueError(f"relative densities have shape {x.shape}; give at least one, in a row")
    densities(base_density, x)
    base = float(base_density)
    return Followed(base, _pentagons(base, x), _digons(base, x))
