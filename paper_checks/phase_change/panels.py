r"""Claims on the theory panels of F12 and F13 (arXiv 2209.10652): closed forms, no training.

The panels colour the plane by the least of a few fixed-weight losses; all numbers here follow from
:mod:`theory.families` and :mod:`theory.phase_boundaries` at level ``unit_bias``.
"""

import numpy as np
import sympy

from theory.families import P, R, candidates
from theory.phase_boundaries import boundaries, curve_samples, points

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "phase_change"
_READ_OFF = 0.01  # what can be read off an image whose density axis is logarithmic


def panel_apex(evidence: Evidence) -> Claim:
    """Where the three regions of F12's theory panel meet."""
    (point,) = points(2, 1, "unit_bias")
    return Claim(
        id="panel_apex",
        section=_SECTION,
        place="section 3, F12",
        figure="F12",
        text="The three regions of F12's theory panel meet at r = 1, p ≈ 0.57 (read off the "
        "image).",
        predicted=0.57,
        measured=float(point.density),
        tolerance=_READ_OFF,
        fast=True,
        reason="Exact triple point of the three candidate losses; the prediction is read off an "
        "image to about 0.01.",
        details={"density": str(point.density), "importance": str(point.importance)},
    )


def panel_ends(evidence: Evidence) -> Claim:
    """Where the curve of F12's theory panel leaves the picture."""
    found = []
    for edge in boundaries(2, 1, "unit_bias"):
        for r in (sympy.Rational(1, 10), sympy.Integer(10)):
            at = {R: r, P: edge.solved.subs(R, r)} if edge.solved is not None else {}
            if at and all(bool(relation.subs(at)) for relation in edge.valid):
                found.append(at[P])
    return Claim(
        id="panel_ends",
        section=_SECTION,
        place="section 3, F12",
        figure="F12",
        text="The curve of F12's theory panel meets both ends, r = 0.1 and r = 10, at p ≈ 0.165 "
        "(read off the image).",
        predicted=0.165,
        measured=tuple(float(p) for p in found) if len(found) == 2 else None,
        tolerance=_READ_OFF,
        fast=True,
        reason="The exact boundaries evaluated at both ends; the prediction is read off an image "
        "to about 0.01.",
        details={"density": [str(p) for p in found]},
    )


def panel_first_order(evidence: Evidence) -> Claim:
    """Measure how the loss's slope jumps at the boundaries of F12's theory panel."""
    losses = {c.name: c.loss for c in candidates(2, 1, "unit_bias")}
    least = {}
    for edge in boundaries(2, 1, "unit_bias"):
        p, r = curve_samples(edge, 100)
        slopes = []
        for name in edge.between:
            parts = [P * sympy.diff(losses[name], P), R * sympy.diff(losses[name], R)]
            values = sympy.lambdify((P, R), parts, "numpy")(p, r)
            slopes.append(np.stack([np.broadcast_to(v, p.shape) for v in values]))
        jump = np.linalg.norm(slopes[0] - slopes[1], axis=0)
        scale = np.maximum(*(np.linalg.norm(slope, axis=0) for slope in slopes))
        least[" | ".join(edge.between)] = float((jump / scale).min())
    return Claim(
        id="panel_first_order",
        section=_SECTION,
        place="section 3, text and caption of F12",
        figure="F12",
        text="With the paper's fixed weights the phase change is of first order: the loss curves "
        "cross (F12).",
        predicted=(0.01, None),
        measured=tuple(least.values()),
        tolerance=0.0,
        fast=True,
        reason="Least relative jump of the loss's gradient in (log p, log r) along each boundary, "
        "from the closed forms; below 1 %, a threshold of ours, it could not be told from a smooth "
        "change.",
        details=least,
    )


CLAIMS = (panel_apex, panel_ends, panel_first_order)
