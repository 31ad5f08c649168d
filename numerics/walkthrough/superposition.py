r"""How much superposition there is at one sparsity, and how much some features share.

*Sparsity* S here is the probability that a feature is **zero**, as in arXiv 2209.10652.  Other
sources call the probability that it is *on* sparsity; a value below 1/2 is taken as given, with a
warning that says so.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory import capacity
from theory.phases import DROPPED_NORM
from theory.problem import Problem
from theory.rationals import as_fraction

from ..optimum import find_optimum

__all__ = [
    "InterferenceMeasure",
    "SuperpositionAnalysis",
    "analyze_superposition",
    "measure_interference",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class InterferenceMeasure:
    """How much features share directions.

    Attributes
    ----------
    features
        The features measured, (k,).
    cosines
        Cosines between their directions, (k, k); 0 for a feature without a direction.
    mean_cosine, mean_absolute_cosine
        Averages over different ones of them; 0 if there is only one.
    overlap
        Σ_{j≠i}(Ŵ_i·W_j)² over **all** features j of the model, (k,).
    overlap_within
        The same over the measured ones only, (k,).
    polysemanticity
        The square root of ``overlap``, (k,).
    dimensionality
        D_i = ‖W_i‖²/Σ_j(Ŵ_i·W_j)², (k,); 0 for a feature without a direction.
    """

    features: tuple[int, ...]
    cosines: Array
    mean_cosine: float
    mean_absolute_cosine: float
    overlap: Array
    overlap_within: Array
    polysemanticity: Array
    dimensionality: Array


@dataclass(frozen=True, slots=True, eq=False)
class SuperpositionAnalysis:
    """The best model found at one sparsity, and what it stores.

    Attributes
    ----------
    sparsity, density
        S = P(x_i = 0) and p = 1 − S.
    W, b, loss
        The model (m, n), (n,), and its exact population loss, summed over features.
    represented
        How many features have a norm of at least 0.1.
    features_per_dimension
        ‖W‖_F²/m, the inverse of D*.
    interference
        :class:`InterferenceMeasure` of the represented features.
    hits, starts, status
        How many starts ended there, of how many, and how the descent to it ended.
    """

    sparsity: float
    density: float
    W: Array
    b: Array
    loss: float
    represented: int
    features_per_dimension: float
    interference: InterferenceMeasure
    hits: int
    starts: int
    status: str


def measure_interference(
    W: ArrayLike, features: Sequence[int] | None = None
) -> InterferenceMeasure:
    """Return cosines and overlaps of some features of a model, by default of all.

    Parameters
    ----------
    W
        Weights (m, n); features are columns.
    features
        Which, counted from 0.

    Raises
    ------
    ValueError
        If W is no matrix of finite numbers or a feature is not one of its columns.

    Examples
    --------
    >>> measure_interference([[1, -1]], [0, 1]).mean_cosine
    -1.0
    """
    try:
        weights = np.asarray(W, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"W is no matrix of real numbers ({error}); give (m, n)") from error
    if weights.ndim != 2 or not np.isfinite(weights).all():
        raise ValueError(f"W of shape {weights.shape} is no finite matrix; give (m, n)")
    n = weights.shape[1]
    chosen = tuple(range(n)) if features is None else tuple(features)
    if (
        any(isinstance(one, bool) for one in chosen)
        or not chosen
        or len(set(chosen)) < len(chosen)
        or not set(chosen) <= set(range(n))
    ):
        raise ValueError(f"features {list(chosen)} must be different ones of 0 to {n - 1}")
    rows = list(chosen)
    norms = np.linalg.norm(weights, axis=0)
    unit = np.divide(weights, norms, out=np.zeros_like(weights), where=norms > 0)
    cosines = np.clip(unit[:, rows].T @ unit[:, rows], -1, 1)
    different = ~np.eye(len(rows), dtype=bool)
    within = (unit[:, rows].T @ weights[:, rows]) ** 2
    pairs = cosines[different]
    return InterferenceMeasure(
        features=chosen,
        cosines=cosines,
        mean_cosine=float(pairs.mean()) if pairs.size else 0.0,
        mean_absolute_cosine=float(np.abs(pairs).mean()) if pairs.size else 0.0,
        overlap=np.asarray(capacity.superposition(weights))[rows],
        overlap_within=np.where(different, within, 0).sum(1),
        polysemanticity=np.asarray(capacity.polysemanticity(weights))[rows],
        dimensionality=np.asarray(capacity.dimensionality(weights))[rows],
    )


def _checked_sparsity(sparsity: Any) -> Fraction:
    S = as_fraction(sparsity)
    if not 0 < S < 1:
        raise ValueError(
            f"sparsity {sparsity} must be strictly between 0 and 1: it is P(x = 0); "
            "for features that are always on use find_optimum with density 1"
        )
    if 2 * S < 1:
        warnings.warn(
            f"sparsity {float(S):g} is read as P(x = 0): features are on with probability "
            f"{float(1 - S):g}; if P(x ≠ 0) was meant, give {float(1 - S):g}",
            stacklevel=3,
        )
    return S


def analyze_superposition(
    n_features: int,
    n_hidden: int,
    sparsity: Any,
    *,
    importance: Any = None,
    starts: int | None = None,
    seed: int = 0,
) -> SuperpositionAnalysis:
    """Return the best model found at one sparsity, by descents on the exact loss.

    Parameters
    ----------
    n_features, n_hidden
        n ≥ m ≥ 1.
    sparsity
        S = P(x_i = 0), strictly between 0 and 1.  Below 1/2 a warning names the other convention.
    importance
        One number for all features or n; 1 by default.
    starts, seed
        Random starts (by default by size), and the root of their random numbers.

    Raises
    ------
    ValueError
        If a number is out of its range.
    """
    S = _checked_sparsity(sparsity)
    given: dict[str, Any] = {"density": 1 - S}
    if importance is not None:
        given["importance"] = importance
    problem = Problem(features=n_features, hidden=n_hidden, **given)
    best = find_optimum(problem, starts=starts, seed=seed)
    represented = np.flatnonzero(np.linalg.norm(best.W, axis=0) >= DROPPED_NORM).tolist()
    return SuperpositionAnalysis(
        sparsity=float(S),
        density=float(1 - S),
        W=best.W,
        b=best.b,
        loss=best.loss,
        represented=len(represented),
        features_per_dimension=float((best.W**2).sum() / n_hidden),
        interference=measure_interference(best.W, represented or None),
        hits=best.hits,
        starts=best.starts,
        status=best.status,
    )
