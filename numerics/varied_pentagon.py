r"""Where a pentagon gives way to two digons as one of five features becomes rare.

The setting, both branches and the unit of losses are those of :mod:`numerics.pentagon_branches`:
base density :math:`p_0`, relative density x of the last feature.

**The transition is of first order.**  Where the two losses are equal both branches are strict
minima, and their slopes differ: the digons pay for all of the last feature, the pentagon for a part
of it.  So the least loss has a kink, and the weights jump.

**Where they cross.**  At :math:`x^* = .844` for :math:`p_0 = .2`, .425 for .1, .269 for .05, .158
for .01.  The paper (arXiv 2209.10652, "Non-uniform sparsity") says that at :math:`p_0 = .05` the
pentagon collapses when the last feature is "about 2.5 times sparser".  Of the least loss that is
true at :math:`p_0 = .0923`; at .05 it takes 3.72 times.  x* reaches 1 at :math:`p_0 = .2249`, above
which digons are better than the pentagon at equal densities too.

**Rare features.**  For :math:`p_0 \to 0` at fixed x only samples with one active feature count,
feature j at the rate :math:`r_j`, x for the last and 1 for the others.  With h and the other mean
of :mod:`numerics.amplitudes`, u uniform on [0, 1] and biases of at most 0,

.. math:: P(x) = 3 \sum_j r_j \Bigl[ h_j(b_j) + \sum_{i \neq j} E\,(b_i + M_{ij} u)_+^2 \Bigr].

Digons cost nothing but the dropped feature, :math:`D = x`.  The pentagon pays, at the rate of the
common features, for the couplings between them; so x* does not go to 0 but to .1316222, a feature
7.598 times sparser.  Samples with two active features cost the pentagon more than the digons:
:math:`x^* = .1316 + 2.63\,p_0 + O(p_0^2)`.

**Other states.**  At the crossings above, multi-start descent finds nothing lower than both.  At
large x it does for :math:`p_0` of .07 and more: digons that drop a common feature (at .2 from about
x = 1.34), or store one weakly along another (at .1 between about 5.34 and 9.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize

from theory.problem import Problem, dropped_loss

from .amplitudes import own_loss, rectified_square
from .optimum import improve, search
from .pentagon_branches import (
    PENTAGON,
    Bracket,
    Branch,
    Followed,
    densities,
    follow,
    ladder_of,
    shape,
)
from .progress import Report

__all__ = ["Crossing", "Least", "crossing", "least_states", "pentagon_report", "rare_limit"]

Array = NDArray[np.float64]

_EXACT = 1e-10  # of a crossing, relative
_NEWTON_STEPS = 20
_STARTS = 16
_RELATIVE = tuple(10 ** (k / 5) for k in range(-5, 6))  # axis of the paper's figure
_SAID = ("relative_density", "shape", "loss", "hits", "starts")
_TIE = 1e-8  # losses closer than this, in units of V(p₀), are of one state


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where pentagon and digons have the same loss, at relative densities below 1.

    Attributes
    ----------
    status
        ``crossed``; ``not crossed`` if the digons are as good as the pentagon at x = 1 already, or
        the pentagon ends before they are; ``no pentagon`` if it is no minimum at x = 1;
        ``undecided`` if the numbers fail.  Only the first comes with branches.
    relative_density
        x*, or None.
    pentagon, digons
        One point of each branch, or None.
    first, last
        Brackets (minimum, none) of the x below and above 1 at which the pentagon ceases to be a
        minimum; None where it is one to the end of the range, x from 0.01 to 10 with q at most 1.
    """

    base_density: float
    status: str
    relative_density: float | None = None
    pentagon: Branch | None = None
    digons: Branch | None = None
    first: Bracket | None = None
    last: Bracket | None = None

    @property
    def slope_jump(self) -> float | None:
        """Slope of the digons minus slope of the pentagon: not 0 at a first-order transition."""
        if self.pentagon is None or self.digons is None:
            return None
        return float(self.digons.slope[0] - self.pentagon.slope[0])


def crossing(base_density: float) -> Crossing:
    """Find the relative density below which digons are better than the pentagon.

    Raises
    ------
    ValueError
        If ``base_density`` is not between 0 and 1.
    """
    densities(base_density, np.ones(1))
    base = float(base_density)
    ladder = ladder_of(base)
    if ladder is None:
        return Crossing(base, "no pentagon")
    low = max(np.flatnonzero((ladder.x <= 1) & (ladder.gap >= 0)).tolist(), default=-1)
    if low < 0 or ladder.x[low] == 1:
        return Crossing(base, "not crossed", first=ladder.first, last=ladder.last)
    at = _crossed(base, float(ladder.x[low + 1]))
    if at is None:
        return Crossing(base, "undecided", first=ladder.first, last=ladder.last)
    x = float(at.pentagon.relative_density[0])
    return Crossing(base, "crossed", x, at.pentagon, at.digons, ladder.first, ladder.last)


def _crossed(base: float, x: float) -> Followed | None:
    """Solve for equal losses by Newton's method; None if a branch is lost or it does not end."""
    for _ in range(_NEWTON_STEPS):
        at = follow(base, x)
        if not (len(at.pentagon.loss) and len(at.digons.loss)):
            return None
        above = float(at.pentagon.loss[0] - at.digons.loss[0])
        step = above / float(at.pentagon.slope[0] - at.digons.slope[0])
        if abs(step) <= _EXACT * x:
            return at
        x -= step
    return None


def _rare_pentagon(x: float) -> float:
    """Return P(x) for rare features, by descent from the regular pentagon."""
    rates = torch.tensor([1.0, 1.0, 1.0, 1.0, x], dtype=torch.float64)

    def loss(flat: Array) -> tuple[float, Array]:
        v = torch.tensor(flat, requires_grad=True)
        W, b = v[:10].reshape(2, 5), v[10:]
        M = W.T @ W
        own = own_loss(b, M.diagonal(), "uniform")
        cross = rectified_square(b[:, None].expand_as(M), M, "uniform")
        total = 3 * (rates * (own + cross.sum(0) - cross.diagonal())).sum()
        (slope,) = torch.autograd.grad(total, v)
        return total.item(), slope.numpy()

    start = np.concatenate([PENTAGON.ravel(), np.full(5, -0.2)])
    return float(minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-9}).fun)


@cache
def rare_limit() -> float:
    """Return the limit of the crossing for p₀ → 0."""
    return float(brentq(lambda x: _rare_pentagon(x) - x, 0.12, 0.15, xtol=_EXACT / 100))


@dataclass(frozen=True, slots=True)
class Least:
    """The least loss that multi-start descent finds at one relative density.

    Attributes
    ----------
    loss
        In units of V(p₀).
    shape
        As :func:`numerics.pentagon_branches.shape` says.
    W, b
        The model (2, 5), (5,).
    hits, starts
        How many starts ended there; 0 if only a followed branch did.
    """

    relative_density: float
    loss: float
    shape: str
    W: Array
    b: Array
    hits: int
    starts: int


def least_states(
    base_density: float,
    relative_densities: Any,
    *,
    starts: int = _STARTS,
    seed: int = 0,
    progress: Report | None = None,
) -> list[Least]:
    """Find the least loss at each relative density, from structured and random starts.

    Parameters
    ----------
    base_density, relative_densities
        As :func:`numerics.pentagon_branches.follow` takes them.
    starts, seed
        Random starts besides the structured ones, and their seed.
    progress
        As in :func:`numerics.optimum.search`.

    Raises
    ------
    ValueError
        If a density is out of range, or ``starts`` is negative.
    """
    followed = follow(base_density, relative_densities)
    if starts < 0:
        raise ValueError(f"starts is {starts}; give 0 or more")
    x = np.atleast_1d(np.asarray(relative_densities, dtype=np.float64))
    problems = [
        Problem(features=5, hidden=2, density=p) for p in densities(base_density, x).tolist()
    ]
    own = followed.pentagon, followed.digons
    at, W, b = (
        np.concatenate([getattr(branch, part) for branch in own])
        for part in ("relative_density", "W", "b")
    )
    guesses = [(W[at == one], b[at == one]) for one in x]
    found = improve(search(problems, starts=starts, seed=seed, progress=progress), guesses)
    V = dropped_loss(followed.base_density)
    return [
        Least(float(one), best.loss / V, shape(best.W), best.W, best.b, best.hits, best.starts)
        for one, best in zip(x, found, strict=True)
    ]


def _point(branch: Branch | None) -> dict[str, Any] | None:
    if branch is None:
        return None
    return {
        "loss": float(branch.loss[0]),
        "slope": float(branch.slope[0]),
        "curvature": float(branch.curvature[0]),
        "W": branch.W[0].tolist(),
        "b": branch.b[0].tolist(),
    }


def _row(found: Crossing, states: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is said of one base density; the last state is that at the crossing, if any."""
    x, pentagon = found.relative_density, _point(found.pentagon)
    at = None if x is None else states.pop()
    return {
        "base_density": found.base_density,
        "status": found.status,
        "relative_density": x,
        "times_sparser": x and 1 / x,
        "slope_jump": found.slope_jump,
        "pentagon": pentagon,
        "digons": _point(found.digons),
        "pentagon_from": found.first,
        "pentagon_to": found.last,
        "least": at,
        "beaten": pentagon and at and at["loss"] < pentagon["loss"] - _TIE,
        "grid": states,
    }


def pentagon_report(
    base_densities: Sequence[float],
    relative_densities: Sequence[float] = _RELATIVE,
    *,
    starts: int = _STARTS,
    seed: int = 0,
    progress: Report | None = None,
) -> dict[str, Any]:
    """Report the crossing at each base density and the least losses found.

    ``least`` is at the crossing, ``grid`` at those of ``relative_densities`` with q at most 1;
    ``beaten`` says whether something lies below both branches at the crossing.  Brackets are
    (minimum, none); numbers that do not exist are null.

    Raises
    ------
    ValueError
        If a density is out of range.
    """
    rows = []
    for base in base_densities:
        found = crossing(base)
        x = found.relative_density
        asked = [r for r in relative_densities if r * base <= 1] + ([] if x is None else [x])
        states = least_states(base, asked, starts=starts, seed=seed, progress=progress)
        rows.append(_row(found, [{key: getattr(own, key) for key in _SAID} for own in states]))
    return {
        "schema": "antipode.pentagon/1",
        "densities": rows,
        "rare_limit": rare_limit(),
        "starts": starts,
        "seed": seed,
    }
