r"""Claims on exact shapes: tegum products (F16), low rank (F17), numbers printed beside them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy

from theory.capacity import superposition
from theory.one_hot import limit_benefit
from theory.polytopes.catalogue import polytope

from ..claims import Claim
from ..evidence import Evidence

__all__ = ["CLAIMS"]

_SECTION = "uniform_geometry"
_PLACE = "The geometry of superposition"
_ROUNDING = 1e-12
_THREE_DIGITS = 5e-4
_TRAINED = 0.03  # of dimensionality: models trained on samples, and no more, are not minima
_SETTLED = 1e-3  # of cosines after descent on the exact loss
_GONS = (3, 5, 6, 7, 8)
_PRODUCTS: Mapping[str, Mapping[sympy.Rational, int]] = {
    "triangular-bipyramid": {sympy.Rational(2, 3): 3, sympy.Rational(1, 2): 2},
    "pentagonal-bipyramid": {sympy.Rational(2, 5): 5, sympy.Rational(1, 2): 2},
    "octahedron": {sympy.Rational(1, 2): 6},
}
"""How many features of which dimensionality the paper gives each product."""


def _kinds(key: str) -> dict[Any, int]:
    kinds: dict[Any, int] = {}
    for value, number in polytope(key).dimensionalities:
        kinds[sympy.nsimplify(value)] = kinds.get(sympy.nsimplify(value), 0) + number
    return kinds


def polygon_dimensionality(evidence: Evidence) -> Claim:
    """Compare regular polygons with 2/k."""
    keys = ["triangle", "pentagon", "hexagon", "heptagon", "octagon"]
    D = [float(polytope(key).dimensionalities[0][0]) for key in keys]
    return Claim(
        id="polygon_dimensionality",
        section=_SECTION,
        place=f"{_PLACE}, F15",
        figure="F15",
        text="The k features of a regular polygon have 2/k dimensions each.",
        predicted=0.0,
        measured=tuple(d - 2 / k for d, k in zip(D, _GONS, strict=True)),
        tolerance=_ROUNDING,
        reason="Exact dimensionality of the 3-, 5-, 6-, 7- and 8-gon minus 2/k; they are tight "
        "frames.",
        instead="Polygons are no tight frames.",
        fast=True,
    )


def tegum_dimensionality(evidence: Evidence) -> Claim:
    """Compare the three products of F16 with what the paper gives them."""
    differ = [
        abs(_kinds(key).get(value, 0) - number)
        for key, stated in _PRODUCTS.items()
        for value, number in stated.items()
    ]
    extra = [len(_kinds(key)) - len(stated) for key, stated in _PRODUCTS.items()]
    return Claim(
        id="tegum_dimensionality",
        section=_SECTION,
        place=f"{_PLACE}, F16",
        figure="F16",
        text="Features of a tegum product keep the dimensionality of their factor: triangular "
        "bipyramid 3 × 2/3 + 2 × 1/2, pentagonal bipyramid 5 × 2/5 + 2 × 1/2, octahedron 6 × 1/2.",
        predicted=0.0,
        measured=tuple(float(one) for one in [*differ, *extra]),
        tolerance=0.0,
        reason="Exact: how many features of each dimensionality the shapes have, minus the numbers "
        "stated, and how many other dimensionalities.",
        instead="Factors of a product interfere.",
        fast=True,
    )


def tegum_trained(evidence: Evidence) -> Claim:
    """Compare trained models with the products."""
    shapes = evidence.measured("small_polytopes").get("shapes", {})
    errors: list[float] = []
    for key, stated in _PRODUCTS.items():
        exact = sorted(float(value) for value, count in stated.items() for _ in range(count))
        found = shapes.get(key, {}).get("trained_dimensionality")
        if found is not None:
            errors.append(float(np.abs(np.array(found) - exact).max()))
    return Claim(
        id="tegum_trained",
        section=_SECTION,
        place=f"{_PLACE}, F16",
        figure="F16",
        text="Trained models of five, six and seven features in three dimensions are these "
        "products.",
        predicted=0.0,
        measured=max(errors) if len(errors) == len(_PRODUCTS) else None,
        tolerance=_TRAINED,
        reason="The largest error of a dimensionality in the best model trained on samples, at a "
        "density where exact losses say that the product is the best model known; training noise "
        "moves a dimensionality by some hundredths. Shares of starts that end there, and the "
        "densities (largest, least) at which it is best, are in the details.",
        instead="Other shapes are learned.",
        details={
            "share_of_starts": {key: shapes.get(key, {}).get("share") for key in _PRODUCTS},
            "best_known_between": evidence.measured("small_polytopes").get("best_known_between"),
        },
    )


def bipyramid_vertices(evidence: Evidence) -> Claim:
    """Count the vertices of the triangular bipyramid."""
    return Claim(
        id="bipyramid_vertices",
        section=_SECTION,
        place=f"{_PLACE}, caption of F16",
        figure="F16",
        text="The triangular bipyramid could have had 6 × 3/5: six vertices of 3/5 each.",
        predicted=6.0,
        measured=float(polytope("triangular-bipyramid").vertices),
        tolerance=0.0,
        reason="Exact count; with 3/5 each, five vertices make the three dimensions and six do "
        "not.",
        instead="It has five vertices: 5 × 3/5.",
        fast=True,
    )


def square_antiprism_number(evidence: Evidence) -> Claim:
    """Compare the Thomson antiprism with 3/8."""
    found = {
        kind: float(polytope(f"square-antiprism-{kind}").values([d])[0])
        for kind in ("coulomb", "tight", "uniform")
        for d, _ in polytope(f"square-antiprism-{kind}").dimensionalities[:1]
    }
    return Claim(
        id="square_antiprism_number",
        section=_SECTION,
        place=f"{_PLACE}, F15",
        figure="F15",
        text="The square antiprism, the solution of the Thomson problem for eight points, has "
        "dimensionality 3/8.",
        predicted=0.375,
        measured=found["coulomb"],
        tolerance=_THREE_DIGITS,
        reason="Exact dimensionality of the Thomson antiprism; 3/8 is exact, and is compared to "
        "the three digits that 0.375 has.",
        instead="Exactly 3/8 is the tight antiprism alone, which the Thomson problem does not "
        "have; its own has 0.374376, the one of equal edges 0.366421.",
        fast=True,
        details=found,
    )


def pentagon_norm(evidence: Evidence) -> Claim:
    """Compare norm and bias of the pentagon, one feature active."""
    best = limit_benefit(polytope("pentagon").array())
    norm = float(np.sqrt(best.squared_length))
    return Claim(
        id="pentagon_norm",
        section=_SECTION,
        place=f"{_PLACE}, a note on pentagons",
        figure="F17",
        text="Pentagons have ‖W_i‖ = 1/(1 − b_i).",
        predicted=1.0,
        measured=norm * (1 - best.bias),
        tolerance=0.01,
        reason="‖W_i‖(1 − b_i) at the exact optimum with one feature active, l = 1.17046 and "
        "b = −0.28230.",
        instead="With the other sign of the bias 1/(1 + b) = 1.393 is close to the squared norm, "
        "1.370, not to the norm.",
        fast=True,
        details={
            "norm": norm,
            "bias": best.bias,
            "squared_over_other_sign": norm**2 * (1 + best.bias),
        },
    )


def _low_rank(evidence: Evidence, name: str, shape: str, text: str) -> Claim:
    found = evidence.measured("small_polytopes").get("shapes", {}).get(shape, {})
    parts = found.get("cosine_error"), found.get("kernel_leak")
    return Claim(
        id=name,
        section=_SECTION,
        place=f"{_PLACE}, F17",
        figure="F17",
        text=text,
        predicted=0.0,
        measured=None if None in parts else tuple(float(one or 0.0) for one in parts),
        tolerance=_SETTLED,
        reason="The largest error of a cosine, and ‖W K‖/‖W‖ for K an orthonormal basis of the "
        "orthogonal vectors, in the best model after descent on the exact loss from where training "
        "ended; before it, in the details.",
        instead="The model learned is another shape.",
        details={
            "trained_on_samples": found.get("trained_kernel_leak"),
            "density": found.get("density"),
            "share_of_starts": found.get("share"),
        },
    )


def triangle_matrix(evidence: Evidence) -> Claim:
    """Compare the learned triangle's Gram matrix."""
    return _low_rank(
        evidence,
        "triangle_matrix",
        "triangle",
        "The matrix of the triangle has −1/2 off its diagonal, and W ⊥ (1, 1, 1).",
    )


def square_matrix(evidence: Evidence) -> Claim:
    """Compare the learned square's Gram matrix."""
    return _low_rank(
        evidence,
        "square_matrix",
        "square",
        "The square is two digons: W ⊥ (1, 0, 1, 0) and (0, 1, 0, 1).",
    )


def simplex_least(evidence: Evidence) -> Claim:
    """Compare the superposition of simplices with the least there can be."""
    ratios = []
    for d, key in enumerate(["triangle", "tetrahedron", "simplex-4", "simplex-5"], start=2):
        n = d + 1
        ratios.append(float(superposition(polytope(key).array()).sum()) / (n * n / d - n))
    return Claim(
        id="simplex_least",
        section=_SECTION,
        place=f"{_PLACE}, F17",
        figure="F17",
        text="W ⊥ (1, …, 1) is the regular simplex, with the least superposition of n features in "
        "n − 1 dimensions.",
        predicted=1.0,
        measured=tuple(ratios),
        tolerance=_ROUNDING,
        reason="Σ over i ≠ j of squared cosines of the simplices in two to five dimensions, over "
        "the least that unit vectors can have, n²/m − n (Welch).",
        instead="Other unit vectors overlap less.",
        fast=True,
    )


CLAIMS: tuple[Callable[[Evidence], Claim], ...] = (
    polygon_dimensionality,
    square_antiprism_number,
    pentagon_norm,
    tegum_dimensionality,
    tegum_trained,
    bipyramid_vertices,
    triangle_matrix,
    square_matrix,
    simplex_least,
)
