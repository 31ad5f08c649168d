r"""Theory against training, in numbers.

Every model is judged by its exact loss (rational arithmetic on its weights) and its phase (a
function of :math:`W^\top W`, never of W).  Per cell of the plane:

* **gap** :math:`L_\text{trained} - L_\text{optimum}`; below −1e-12 it is an alarm: descent goes on
  from the trained weights, and if the result still lies below, it replaces the optimum and the cell
  is flagged;
* **agreement**: the trained phase is one of the optimum's tied phases;
* **away**: more than 0.075 from the optimum's nearest boundary, in
  :math:`(\log_{10} p, \log_{10} r)`;
* **boundary distance**: from each point where the trained phase changes to the nearest boundary of
  the theory (the paper's panel, or the optimum's).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray
from scipy.optimize import brentq

from theory import boundaries, candidates, population_loss
from theory.families import P, R
from theory.phase_boundaries import curve_samples
from theory.phases import Phase, closure, phase

from .boundaries import distance_to, midpoints
from .optimum import Optimum, improve
from .plane import PlaneSpec

__all__ = [
    "ALARM",
    "AWAY",
    "Judged",
    "Models",
    "TheoryPanel",
    "boundary_distances",
    "cell_distances",
    "evaluated",
    "exact_optimum_losses",
    "judge",
    "settle",
    "spread",
    "theory_panel",
]

ALARM = 1e-12  # a trained loss this far below the optimum is an alarm
AWAY = 0.075  # distance from a boundary beyond which a cell counts as away from it
_CURVE_POINTS = 400
_CUT_POINTS = 201

Array = NDArray[np.float64]


def spread(values: Array) -> dict[str, float | None]:
    """Return min, median, 95th percentile and max, null where there is nothing."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return dict.fromkeys(("min", "median", "p95", "max"))
    quantiles = np.quantile(finite, [0, 0.5, 0.95, 1])
    return dict(zip(("min", "median", "p95", "max"), map(float, quantiles), strict=True))


@dataclass(frozen=True, slots=True)
class TheoryPanel:
    """The paper's fixed-weight theory (level ``unit_bias``) on a grid.

    Attributes
    ----------
    names
        Candidates.
    losses
        (candidates, rows, columns).
    phases
        The phase of each candidate.
    curves
        Boundaries as (points, 2) arrays of (log10 p, log10 r), keyed by "A | B".
    cut_density, cut_losses
        Densities, and the candidates' losses along the cut (candidates, points).
    crossings
        Where the least candidate changes along the cut: (density, loss, "A | B").
    other_crossings
        Where two candidates cross above a third.
    """

    names: list[str]
    losses: Array
    phases: list[Phase]
    curves: dict[str, Array]
    cut_density: Array
    cut_losses: Array
    crossings: list[tuple[float, float, str]]
    other_crossings: list[tuple[float, float, str]]

    @property
    def winner(self) -> NDArray[np.int64]:
        """Index of the candidate of least loss, (rows, columns)."""
        return np.asarray(self.losses.argmin(0))

    @property
    def curve_points(self) -> Array:
        """All boundary points together, (points, 2)."""
        return np.concatenate([np.empty((0, 2)), *self.curves.values()])


def theory_panel(spec: PlaneSpec) -> TheoryPanel:
    """Evaluate the paper's theory on the plane of ``spec``."""
    found = candidates(spec.features, spec.hidden, level="unit_bias")
    functions = [sympy.lambdify((P, R), c.loss, "numpy") for c in found]
    names = [c.name for c in found]
    p, r = np.meshgrid(spec.density, spec.importance, indexing="ij")
    cut_density = 10.0 ** np.linspace(0, -2, _CUT_POINTS)
    cut = float(sympy.Rational(spec.cut))
    cut_losses = np.stack([f(cut_density, cut) * np.ones_like(cut_density) for f in functions])
    curves: dict[str, Array] = {}
    for edge in boundaries(spec.features, spec.hidden, level="unit_bias"):
        density, importance = curve_samples(edge, _CURVE_POINTS)
        key = " | ".join(edge.between)
        points = np.log10(np.stack([density, importance], 1))
        curves[key] = np.concatenate([curves[key], points]) if key in curves else points
    changes, others = _crossings(names, functions, cut_density, cut)
    return TheoryPanel(
        names=names,
        losses=np.stack([f(p, r) * np.ones_like(p) for f in functions]),
        phases=[phase(np.array(c.gram.tolist(), dtype=float)) for c in found],
        curves=curves,
        cut_density=cut_density,
        cut_losses=cut_losses,
        crossings=changes,
        other_crossings=others,
    )


def _crossings(
    names: list[str], functions: list[Any], density: Array, cut: float
) -> tuple[list[tuple[float, float, str]], list[tuple[float, float, str]]]:
    """Return where two candidates cross along the cut, each to rounding.

    First the crossings at which the least candidate changes, then all others.
    """
    changes: list[tuple[float, float, str]] = []
    others: list[tuple[float, float, str]] = []
    for i, j in combinations(range(len(names)), 2):

        def gap(p: float, a: Any = functions[i], b: Any = functions[j]) -> float:
            return float(a(p, cut) - b(p, cut))

        sign = np.sign([gap(p) for p in density])
        between = np.flatnonzero(sign[1:] * sign[:-1] < 0)
        roots = [brentq(gap, density[k + 1], density[k], xtol=1e-15) for k in between]
        roots += [
            density[k + 1] for k in np.flatnonzero(sign[2:] * sign[:-2] < 0) if not sign[k + 1]
        ]
        for p in roots:
            loss = float(functions[i](p, cut))
            least = min(float(f(p, cut)) for f in functions)
            found = changes if loss <= least * (1 + 1e-12) else others
            found.append((float(p), loss, f"{names[i]} | {names[j]}"))
    return sorted(changes, reverse=True), sorted(others, reverse=True)


def _exact(W: Array, b: Array, p: float, r: float) -> float:
    n = W.shape[1]
    if not np.isfinite(W).all():
        return float("nan")
    return float(population_loss(W, b, p, [1.0] * (n - 1) + [r]))


@dataclass(frozen=True, slots=True)
class Models:
    """One model per listed cell, with its exact loss (nan if its weights are not finite).

    Attributes
    ----------
    cells
        (row, column) of each.
    W, b, loss
        Weights (cells, m, n), biases (cells, n), exact losses (cells,).
    """

    cells: Sequence[tuple[int, int]]
    W: Array
    b: Array
    loss: Array


def evaluated(spec: PlaneSpec, cells: Sequence[tuple[int, int]], W: Array, b: Array) -> Models:
    """Return models with their exact losses."""
    W, b = W.astype(float), b.astype(float)
    places = [(spec.density[i], spec.importance[j]) for i, j in cells]
    loss = [_exact(W[k], b[k], p, r) for k, (p, r) in enumerate(places)]
    return Models(cells, W, b, np.array(loss))


def settle(
    spec: PlaneSpec, optima: list[list[Optimum]], models: Sequence[Models]
) -> set[tuple[int, int]]:
    """Replace, in place, every optimum that a model beats; return the cells where one was."""
    flagged = set()
    for one in models:
        for k, (i, j) in enumerate(one.cells):
            best = optima[i][j]
            if one.loss[k] - best.loss < -ALARM:
                better = improve([best], [(one.W[k : k + 1], one.b[k : k + 1])])[0]
                better = replace(
                    better, loss=_exact(better.W, better.b, spec.density[i], spec.importance[j])
                )
                if better.loss < best.loss - ALARM:
                    flagged.add((i, j))
                optima[i][j] = better
    return flagged


@dataclass(frozen=True, slots=True)
class Judged:
    """One set of models against the optimum.

    Attributes
    ----------
    loss
        Exact losses (cells,).
    phases
        Phases closed under the symmetries of each cell.
    gap, agreement
        Loss above the optimum, and whether the phase is the optimum's.
    """

    loss: Array
    phases: list[frozenset[Phase]]
    gap: Array
    agreement: NDArray[np.bool_]


def judge(spec: PlaneSpec, models: Models, optima: list[list[Optimum]]) -> Judged:
    """Judge one model per cell against settled optima."""
    phases, agrees = [], []
    for (i, j), W, loss in zip(models.cells, models.W, models.loss, strict=True):
        own = {phase(W.T @ W)} if np.isfinite(loss) else set()
        phases.append(closure(own, spec.problem(i, j)))
        agrees.append(bool(phases[-1] & optima[i][j].ties))
    least = np.array([optima[i][j].loss for i, j in models.cells])
    return Judged(models.loss, phases, models.loss - least, np.array(agrees, dtype=bool))


def exact_optimum_losses(spec: PlaneSpec, optima: list[list[Optimum]]) -> list[list[Optimum]]:
    """Return the optima with their losses re-evaluated in rational arithmetic."""
    return [
        [
            replace(o, loss=_exact(o.W, o.b, spec.density[i], spec.importance[j]))
            for j, o in enumerate(row)
        ]
        for i, row in enumerate(optima)
    ]


def boundary_distances(
    spec: PlaneSpec, phases: Sequence[frozenset[Phase]], theory: Array, optimum: Array
) -> tuple[Array, dict[str, dict[str, float | None]]]:
    """Return the trained boundary points and their distances to both theories."""
    columns = spec.importance_cells
    table = [phases[i * columns : (i + 1) * columns] for i in range(spec.density_cells)]
    points = midpoints(spec, table)
    return points, {
        "paper": spread(distance_to(points, theory)),
        "optimum": spread(distance_to(points, optimum)),
    }


def cell_distances(spec: PlaneSpec, boundary: Array) -> Array:
    """Return each cell's distance to a boundary, (rows, columns); inf if there is none."""
    p, r = np.meshgrid(np.log10(spec.density), np.log10(spec.importance), indexing="ij")
    distances = distance_to(np.stack([p.ravel(), r.ravel()], 1), boundary)
    return np.where(np.isnan(distances), np.inf, distances).reshape(spec.shape)
