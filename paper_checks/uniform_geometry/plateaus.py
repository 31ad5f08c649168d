r"""Claims on dimensions per feature over density, F14, and on the sum of dimensionalities."""

from typing import Any

import numpy as np

from theory.capacity import dimensionality, leverage
from theory.polytopes.catalogue import KEYS, polytope

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "uniform_geometry"
_PLACE = "The geometry of superposition, F14"
_GRID = 0.3  # of stickiness: one model at each density, linear in between
_ROUNDING = 1e-12
_LARGEST = 30  # vertices of the shapes that bounds are tried on
_EFFICIENT = 0.05  # of 1: what "approximately the number of dimensions" is taken to mean


def _found(evidence: Evidence) -> dict[str, Any]:
    return dict(evidence.measured("equal_features"))


def _sticky(evidence: Evidence, name: str, level: str, key: str) -> Claim:
    found = _found(evidence)
    return Claim(
        id=name,
        section=_SECTION,
        place=_PLACE,
        figure="F14",
        text=f"The dimensions per feature D* = m/‖W‖² are sticky at {level} as density falls.",
        predicted=(1.0, None),
        measured=found.get(f"sticky_{key}"),
        tolerance=0.0,
        uncertainty=_GRID,
        reason=f"The share of the axis log 1/p that trained models stay within 0.03 of {level}, in "
        "units of what an even descent over the same range would stay; sticky is more than 1. One "
        "model at each density, linear in between.",
        instead="The curve passes that level no slower than elsewhere.",
        details={
            "best_blocks": found.get(f"predicted_sticky_{key}"),
            "features": found.get("features"),
            "hidden": found.get("hidden"),
        },
    )


def sticky_at_1(evidence: Evidence) -> Claim:
    """Measure how long the dimensions per feature stay at 1."""
    return _sticky(evidence, "sticky_at_1", "1", "at_1")


def sticky_at_half(evidence: Evidence) -> Claim:
    """Measure how long they stay at 1/2."""
    return _sticky(evidence, "sticky_at_half", "1/2", "at_half")


def half_is_antipodal(evidence: Evidence) -> Claim:
    """Measure what the plateau at 1/2 is made of."""
    found = _found(evidence)
    return Claim(
        id="half_is_antipodal",
        section=_SECTION,
        place=_PLACE,
        figure="F14",
        text="Where D* sticks at 1/2 the features are in antipodal pairs.",
        predicted=(0.5, None),
        measured=found.get("digons_on_half_plateau"),
        tolerance=0.0,
        reason="Of the trained models within 0.03 of 1/2, the least share of stored features that "
        "are in digons; the prediction is read as more than half of them.",
        instead="Other blocks share the plateau.",
        details={"one_over_p": found.get("half_plateau")},
    )


def sum_is_hidden_dimensions(evidence: Evidence) -> Claim:
    """Compare the sum of the dimensionalities of trained models with m."""
    found = _found(evidence)
    return Claim(
        id="sum_is_hidden_dimensions",
        section=_SECTION,
        place="The geometry of superposition, text before F15",
        figure="F15",
        text="Empirically ΣD_i ≈ m, features being packed efficiently.",
        predicted=1.0,
        measured=found.get("mean_sum"),
        tolerance=_EFFICIENT,
        reason="The mean over density of ΣD_i/m of trained models; ≈ is read as within 5 %. It is "
        "at most 1 exactly (dimensionality_bound); the least of a model, in the details, is that "
        "of models which leave a dimension unused.",
        instead="Trained models leave dimensions unused, or blocks lean on each other.",
        details={"each": found.get("sum_of_dimensionalities")},
    )


def dimensionality_bound(evidence: Evidence) -> Claim:
    """Compare dimensionalities with leverages, and their sum with the rank."""
    single, total = [], []
    shapes = [polytope(key) for key in KEYS]
    weights = [shape.array() for shape in shapes if shape.vertices <= _LARGEST]
    rows, columns = np.indices((5, 17))
    weights += [np.cos(k * (rows + 1.3) * (columns + 0.7)) / (1 + columns) for k in (1, 2, 3)]
    for W in weights:
        D, bound = dimensionality(W), leverage(W)
        single.append(float((D - bound).max()))
        total.append(float(D.sum() - np.linalg.matrix_rank(W)))
    return Claim(
        id="dimensionality_bound",
        section=_SECTION,
        place="The geometry of superposition, and a comment on it by F. Zhang",
        figure="F15",
        text="Ours: D_i is at most the leverage of feature i, so ΣD_i is at most the rank of W.",
        predicted=(None, 0.0),
        measured=(max(single), max(total)),
        tolerance=_ROUNDING,
        reason="The largest excess over either bound among the shapes of the catalogue, where both "
        "are attained by tight frames, and matrices of cosines, where they are not; rounding.",
        instead="Cauchy and Schwarz fail.",
        fast=True,
        details={"matrices": len(weights)},
    )


CLAIMS = (
    sticky_at_1,
    sticky_at_half,
    half_is_antipodal,
    sum_is_hidden_dimensions,
    dimensionality_bound,
)
