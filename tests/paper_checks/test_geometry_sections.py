"""Claims on geometry judge both ways, and are undetermined without evidence."""

import dataclasses

import pytest

from numerics.experiments.results import measurements_of
from paper_checks import nonuniform_geometry, uniform_geometry
from paper_checks.claims import Verdict
from paper_checks.evidence import Evidence
from tests.numerics.experiments import geometry_data

GOOD = {
    "equal_features": {
        "sticky_at_1": 2.0,
        "sticky_at_half": 3.0,
        "digons_on_half_plateau": 0.9,
        "mean_sum": 0.99,
        "lines": {
            shape: {"polytopes": 3.0}
            for shape in ("tetrahedron", "triangle", "digon", "pentagon", "square-antiprism")
        },
        "not_learned": 7,
        "stored_alone": 0,
    },
    "small_polytopes": {
        "shapes": {
            "triangular-bipyramid": {"trained_dimensionality": [0.5, 0.5, 0.66, 0.67, 0.67]},
            "pentagonal-bipyramid": {"trained_dimensionality": [0.4] * 5 + [0.5] * 2},
            "octahedron": {"trained_dimensionality": [0.5] * 6},
            "triangle": {"cosine_error": 1e-9, "kernel_leak": 1e-9},
            "square": {"cosine_error": 1e-9, "kernel_leak": 1e-9},
        }
    },
    "varied_density": {
        "largest_step": 0.01,
        "jump": 1.0,
        "kept": ["digons", "digons", "pentagon", "pentagon"],
        "times_sparser": 2.4,
        "trained_crossing": [0.35, 0.4],
        "slope_jump_share": 0.5,
        "above_branches": 0.001,
        "share_on_branches": 0.7,
    },
}
BAD = {
    "equal_features": {
        "sticky_at_1": 0.5,
        "sticky_at_half": 0.5,
        "digons_on_half_plateau": 0.2,
        "mean_sum": 0.8,
        "lines": {
            shape: {"polytopes": 0.0}
            for shape in ("tetrahedron", "triangle", "digon", "pentagon", "square-antiprism")
        },
        "not_learned": 0,
        "stored_alone": 4,
    },
    "small_polytopes": {
        "shapes": {
            "triangular-bipyramid": {"trained_dimensionality": [0.5] * 4 + [1.0]},
            "pentagonal-bipyramid": {"trained_dimensionality": [0.4] * 5 + [0.5] * 2},
            "octahedron": {"trained_dimensionality": [0.5] * 6},
            "triangle": {"cosine_error": 0.9, "kernel_leak": 1e-9},
            "square": {"cosine_error": 1e-9, "kernel_leak": 0.5},
        }
    },
    "varied_density": {
        "largest_step": 0.5,
        "jump": 1.0,
        "kept": ["other", "digons", "pentagon", "pentagon"],
        "times_sparser": 3.72,
        "trained_crossing": [0.251, 0.316],
        "slope_jump_share": 0.0,
        "above_branches": 0.2,
        "share_on_branches": 1.0,
    },
}
CHECKS = [*uniform_geometry.CHECKS, *nonuniform_geometry.CHECKS]
CONTRADICTED = {"bipyramid_vertices", "square_antiprism_number", "pentagon_norm"}


def judged(check, measurements):
    return check(Evidence("test", {}, measurements=measurements))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_claims_judge_both_ways(check):
    good, bad, none = (judged(check, one) for one in (GOOD, BAD, {}))
    assert good.id == check.__name__
    assert good.place
    assert good.figure
    assert good.reason
    assert good.instead
    if good.fast:
        assert good.verdict == bad.verdict == none.verdict
        expected = Verdict.CONTRADICTED if good.id in CONTRADICTED else Verdict.SUPPORTED
        assert good.verdict == expected
    else:
        assert good.verdict == Verdict.SUPPORTED
        assert bad.verdict == Verdict.CONTRADICTED
        assert none.verdict == Verdict.UNDETERMINED
    assert good.to_json()["id"] == good.id


def test_half_a_triangle_too_few_is_undetermined():
    measured = {"equal_features": {"lines": {"triangle": {"polytopes": 2 / 3}}}}
    by_id = {check.__name__: check for check in CHECKS}
    assert judged(by_id["line_triangle"], measured).verdict == Verdict.UNDETERMINED


def test_known_numbers_of_fast_claims():
    claims = {claim.id: claim for claim in uniform_geometry.claims(Evidence("test", {}))}
    assert claims["pentagon_norm"].measured == pytest.approx(1.17046 * 1.28230, abs=1e-4)
    assert claims["square_antiprism_number"].measured == pytest.approx(0.374376, abs=1e-6)
    assert claims["square_antiprism_number"].details["tight"] == pytest.approx(3 / 8)
    assert claims["bipyramid_vertices"].measured == 5


def test_ids_are_unique_and_no_claim_predicts_what_it_measures():
    claims = [judged(check, GOOD) for check in CHECKS]
    assert len({claim.id for claim in claims}) == len(claims)
    for claim in claims:
        assert dataclasses.replace(claim, measured=None).verdict == Verdict.UNDETERMINED


def test_measurements_have_the_names_that_claims_ask_for():
    own = geometry_data.all_of_them()
    measured = {name: measurements_of(data) for name, data in own.items()}
    for experiment, names in GOOD.items():
        assert set(names) <= set(measured[experiment])
    for shape, names in GOOD["small_polytopes"]["shapes"].items():
        assert set(names) <= set(measured["small_polytopes"]["shapes"][shape])
