"""What the commands ``loss``, ``optimum`` and ``compare`` report: JSON-ready values."""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory import candidates
from theory.expected_loss import per_feature_loss, population_loss
from theory.phases import THRESHOLDS, closure, dimensionalities, norms, overlaps, phase, symmetries
from theory.problem import Problem, per_feature
from theory.rationals import rounded

from .models_file import StoredModel
from .optimum import TIE, Optimum, find_optimum, improve

__all__ = ["compare_report", "loss_report", "optimum_report"]

Array = NDArray[np.float64]
Numbers = tuple[Fraction, ...]


def _features(G: Array) -> list[dict[str, Any]]:
    states = phase(G)
    columns = (norms(G), overlaps(G), dimensionalities(G))
    return [
        {"state": states[i], "norm": float(a), "overlap": float(c), "dimensionality": float(d)}
        for i, (a, c, d) in enumerate(zip(*columns, strict=True))
    ]


def _setting(density: Numbers, importance: Numbers) -> dict[str, Any]:
    return {"density": [str(p) for p in density], "importance": [str(i) for i in importance]}


def loss_report(model: StoredModel, density: Numbers, importance: Numbers) -> dict[str, Any]:
    """Report the exact loss of a stored model, and of each of its features.

    The sum is rational and rounded once, so the error is at most half a unit in the last place.
    """
    per_feature(density, model.W.shape[1], "density")
    per_feature(importance, model.W.shape[1], "importance")
    W = [[Fraction(x) for x in row] for row in model.W.tolist()]
    b = [Fraction(x) for x in model.b.tolist()]
    parts = per_feature_loss(W, b, density)
    loss = rounded(sum((i * part for i, part in zip(importance, parts, strict=True)), Fraction(0)))
    return {
        "schema": "antipode.loss/1",
        "loss": loss,
        "loss_mean": loss / len(parts),
        "per_feature": [rounded(part) for part in parts],
        "error_estimate": float(np.spacing(loss)) / 2,
        "evaluator": "exact rational sum over active sets (theory.population_loss)",
        **_setting(density, importance),
    }


def _exact(found: Optimum) -> float:
    p = [Fraction(x) for x in found.problem.density]
    rows = [[Fraction(x) for x in row] for row in found.W.tolist()]
    bias = [Fraction(x) for x in found.b.tolist()]
    return rounded(population_loss(rows, bias, p, list(found.problem.importance)))


def optimum_report(problem: Problem, starts: int, seed: int) -> dict[str, Any]:
    """Report the least loss found, with the model that has it."""
    found = find_optimum(problem, starts=starts, seed=seed)
    return {
        "schema": "antipode.optimum/1",
        "loss": _exact(found),
        "W": found.W.tolist(),
        "b": found.b.tolist(),
        "gram": found.gram.tolist(),
        "features": _features(found.gram),
        "hits": found.hits,
        "starts": found.starts,
        "ties": [list(one) for one in sorted(found.ties)],
        "certificate": None,
        "thresholds": {**THRESHOLDS, "tie_in_V": TIE},
        "seed": seed,
        **_setting(problem.density, problem.importance),
    }


def _nearest(G: Array, problem: Problem) -> dict[str, Any] | None:
    """Return the fixed-weight candidate of nearest Gram matrix, up to symmetries."""
    n, m = problem.features, problem.hidden
    if n != m + 1 or n < 2:
        return None
    distances = {}
    for candidate in candidates(n, m, level="unit_bias"):
        H = np.array(candidate.gram.tolist(), dtype=float)
        distances[candidate.name] = min(
            float(np.linalg.norm(G - np.outer(signs, signs) * H[np.ix_(order, order)]))
            for order, signs in symmetries(problem)
        )
    name = min(distances, key=lambda key: distances[key])
    return {"name": name, "gram_distance": distances[name]}


def compare_report(
    model: StoredModel, density: Numbers, importance: Numbers, starts: int, seed: int
) -> dict[str, Any]:
    """Report a stored model's loss beside the least known, its phase, the nearest candidate."""
    m, n = model.W.shape
    problem = Problem(features=n, hidden=m, density=density, importance=importance)
    found = improve(
        [find_optimum(problem, starts=starts, seed=seed)], [(model.W[None], model.b[None])]
    )[0]
    loss = loss_report(model, density, importance)["loss"]
    best = _exact(found)
    G = model.W.T @ model.W
    own = phase(G)
    nearest = _nearest(G, problem)
    return {
        "schema": "antipode.compare/1",
        "loss": loss,
        "best_known": best,
        "gap": loss - best,
        "gap_in_units": (loss - best) / problem.scale,
        "phase": list(own),
        "optimum_phases": [list(one) for one in sorted(found.ties)],
        "agrees": bool(closure([own], problem) & found.ties),
        "nearest": nearest["name"] if nearest else None,
        "nearest_distance": nearest["gram_distance"] if nearest else None,
        "features": _features(G),
        "certificate": None,
        "thresholds": {**THRESHOLDS, "tie_in_V": TIE},
        **_setting(density, importance),
    }
