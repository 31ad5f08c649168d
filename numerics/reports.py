"""What the commands ``loss``, ``optimum`` and ``compare`` report: JSON-ready values."""

from fractions import Fraction
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from theory import candidates
from theory.expected_loss import per_feature_loss
from theory.feature_values import per_feature
from theory.laws import FeatureLaw
from theory.phase_matching import contains
from theory.phases import THRESHOLDS, dimensionalities, norms, overlaps, phase, symmetries
from theory.problem import Problem
from theory.rationals import rounded

from .evaluator import EVALUATORS, choose, coupling, evaluate, exact_loss
from .models_file import StoredModel
from .nearest_packing import nearest_packing
from .optimum import TIE, Optimum, find_optimum, improve
from .piecewise import LARGEST_BATCHED
from .progress import Report

__all__ = ["compare_report", "loss_report", "optimum_report"]

Array = NDArray[np.float64]
Numbers = tuple[Fraction, ...]
_LARGEST_RATIONAL = 8
_RTOL = 1e-10
_CHUNK = 2**22  # couplings evaluated together


def _features(G: Array) -> list[dict[str, Any]]:
    states = phase(G)
    columns = (norms(G), overlaps(G), dimensionalities(G))
    return [
        {"state": states[i], "norm": float(a), "overlap": float(c), "dimensionality": float(d)}
        for i, (a, c, d) in enumerate(zip(*columns, strict=True))
    ]


def _setting(
    density: Numbers | None, importance: Numbers, law: FeatureLaw, activation: str
) -> dict[str, Any]:
    """Return what was asked, with each feature's marginal."""
    return {
        "law": str(law),
        "amplitude": law.amplitude,
        "activation": activation,
        "marginals": [float(q) for q in law.marginals(density, len(importance))],
        "density": None if density is None else [str(p) for p in density],
        "importance": [str(i) for i in importance],
    }


def _compiled_losses(W: Tensor, b: Tensor, q: Tensor, law: FeatureLaw) -> tuple[Tensor, Tensor]:
    """Return the loss of each feature and its error, (n,), from models that have one row of G."""
    n = len(b)
    M = coupling(W, None)
    found = []
    for rows in torch.split(torch.arange(n), max(1, _CHUNK // n**2)):
        pick = torch.zeros(len(rows), n, dtype=torch.float64)
        pick[torch.arange(len(rows)), rows] = 1.0
        row_of = (pick[:, :, None] * M, pick * b, q.expand_as(pick), pick)
        found.append(evaluate(*row_of, law, "compiled", _RTOL))
    losses, errors = map(torch.cat, zip(*found, strict=True))
    return losses, errors


def _engine_losses(
    model: StoredModel,
    density: Numbers | None,
    importance: Numbers,
    law: FeatureLaw,
    activation: str,
) -> tuple[list[float], float, float | None, str]:
    """Return the losses of the features, their weighted sum, its error and what evaluated it.

    The loss is linear in the importances, so its gradient by them is the vector of losses.  The
    error is None if it is not known.
    """
    n = model.W.shape[1]
    name = choose(law, activation, n, tied=True, device="cpu")
    weights = torch.tensor([float(x) for x in importance], dtype=torch.float64, requires_grad=True)
    if name == "compiled":
        q = torch.tensor([float(x) for x in law.marginals(density, n)], dtype=torch.float64)
        W, b = torch.from_numpy(model.W), torch.from_numpy(model.b)
        parts, errors = _compiled_losses(W, b, q, law)
        loss, error = (weights.detach() * parts).sum(), (weights.detach() * errors).sum()
    else:
        p = None if density is None else [float(x) for x in density]
        loss, error = exact_loss(
            model.W,
            model.b,
            p,
            weights,
            law=law,
            activation=activation,
            rtol=_RTOL,
            return_error=True,
        )
        (parts,) = torch.autograd.grad(loss, weights)
    if not bool(parts.isfinite().all() and loss.isfinite()):
        raise ValueError("the result exceeds the largest float, 1.8e308; pass smaller numbers")
    text = f"{EVALUATORS[name]} (numerics.exact_loss)"
    return parts.tolist(), loss.item(), error.item() if error.isfinite() else None, text


def loss_report(
    model: StoredModel,
    density: Numbers | None,
    importance: Numbers,
    law: FeatureLaw | None = None,
    activation: str = "relu",
) -> dict[str, Any]:
    """Report the loss of a stored model, and of each of its features.

    Up to eight features the sum over active sets is rational and rounded once, so the error is at
    most half a unit in the last place; beyond, it is evaluated with an error estimate, which is
    None where rounding at huge weights leaves the error unknown.

    Raises
    ------
    ValueError
        If what is given does not fit, or the result is too large for a float.
    """
    n = model.W.shape[1]
    law = FeatureLaw() if law is None else law
    per_feature(importance, n, "importance")
    setting = _setting(density, importance, law, activation)
    if n <= _LARGEST_RATIONAL:
        W = [[Fraction(x) for x in row] for row in model.W.tolist()]
        b = [Fraction(x) for x in model.b.tolist()]
        exact = per_feature_loss(W, b, density, law=law, activation=activation)
        pairs = zip(importance, exact, strict=True)
        loss = rounded(sum((i * part for i, part in pairs), Fraction(0)))
        parts = [rounded(part) for part in exact]
        error: float | None = float(np.spacing(loss)) / 2
        evaluator = "exact rational sum over active sets (theory.population_loss)"
    else:
        parts, loss, error, evaluator = _engine_losses(model, density, importance, law, activation)
    return {
        "schema": "antipode.loss/1",
        "loss": loss,
        "loss_mean": loss / n,
        "per_feature": parts,
        "error_estimate": error,
        "evaluator": evaluator,
        **setting,
    }


def _evaluated(found: Optimum) -> dict[str, Any]:
    """Return the loss of the best model as ``antipode loss`` reports it; null if not finite."""
    keys = ("loss", "error_estimate", "evaluator")
    if not np.isfinite(found.loss):
        return dict.fromkeys(keys)
    q = found.problem
    model = StoredModel(found.W, found.b)
    report = loss_report(model, q.density or None, q.importance, q.law, q.activation)
    return {key: report[key] for key in keys}


def optimum_report(
    problem: Problem, starts: int | None, seed: int, progress: Report | None = None
) -> dict[str, Any]:
    """Report the least loss found, with the model that has it."""
    found = find_optimum(problem, starts=starts, seed=seed, progress=progress)
    return {
        "schema": "antipode.optimum/1",
        **_evaluated(found),
        "W": found.W.tolist(),
        "b": found.b.tolist(),
        "gram": found.gram.tolist(),
        "features": _features(found.gram),
        "status": found.status,
        "gradient": found.gradient,
        "curvature": found.curvature,
        "curvature_status": found.curvature_status,
        "hits": found.hits,
        "starts": found.starts,
        "statuses": dict(found.statuses),
        "ties": [list(one) for one in sorted(found.ties)],
        "ties_listed": found.ties_listed,
        "certificate": None,
        "thresholds": {**THRESHOLDS, "tie_in_V": TIE},
        "seed": seed,
        **_setting(problem.density or None, problem.importance, problem.law, problem.activation),
    }


def _nearest(W: Array, problem: Problem) -> tuple[str | None, float | None]:
    """Return the name and distance of the nearest reference, if there is one.

    Up to three features that is the fixed-weight candidate of nearest Gram matrix, up to the
    symmetries of the problem; beyond, the nearest packing, up to any relabelling.
    """
    n, m = problem.features, problem.hidden
    if n > LARGEST_BATCHED:
        found = nearest_packing(W)
        return (found.name, found.gram_distance) if found else (None, None)
    if n != m + 1 or n < 2:
        return None, None
    G, distances = W.T @ W, {}
    for candidate in candidates(n, m, level="unit_bias"):
        H = np.array(candidate.gram.tolist(), dtype=float)
        distances[candidate.name] = min(
            float(np.linalg.norm(G - np.outer(signs, signs) * H[np.ix_(order, order)]))
            for order, signs in symmetries(problem)
        )
    name = min(distances, key=lambda key: distances[key])
    return name, distances[name]


def compare_report(
    model: StoredModel,
    density: Numbers | None,
    importance: Numbers,
    starts: int | None,
    seed: int,
    progress: Report | None = None,
    *,
    law: FeatureLaw | None = None,
    activation: str = "relu",
) -> dict[str, Any]:
    """Report a stored model's loss beside the least known, its phase, the nearest reference.

    The least known is that of the search, of a descent from the model, and of the model itself.
    """
    m, n = model.W.shape
    law = FeatureLaw() if law is None else law
    problem = Problem(
        features=n,
        hidden=m,
        density=density or (),
        importance=importance,
        law=law,
        activation=activation,
    )
    own = loss_report(model, density, importance, law, activation)  # first: refuses what overflows
    found = find_optimum(problem, starts=starts, seed=seed, progress=progress)
    found = improve([found], [(model.W[None], model.b[None])])[0]
    loss, best = own["loss"], _evaluated(found)
    errors = [one["error_estimate"] for one in (own, best) if one["loss"] is not None]
    best_known = loss if best["loss"] is None else min(loss, best["loss"])
    G = model.W.T @ model.W
    own_phase = phase(G)
    nearest, distance = _nearest(model.W, problem)
    return {
        "schema": "antipode.compare/1",
        "loss": loss,
        "best_known": best_known,
        "gap": loss - best_known,
        "gap_in_units": (loss - best_known) / problem.scale,
        "error_estimate": None if None in errors else sum(errors),
        "evaluator": own["evaluator"],
        "phase": list(own_phase),
        "optimum_phases": [list(one) for one in sorted(found.ties)],
        "optimum_phases_listed": found.ties_listed,
        "agrees": contains(found.ties, own_phase, problem),
        "status": found.status,
        "hits": found.hits,
        "starts": found.starts,
        "statuses": dict(found.statuses),
        "nearest": nearest,
        "nearest_distance": distance,
        "features": _features(G),
        "certificate": None,
        "thresholds": {**THRESHOLDS, "tie_in_V": TIE},
        "seed": seed,
        **_setting(density, importance, law, activation),
    }
