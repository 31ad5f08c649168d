"""The claims on F1 and F7 to F11 follow their measurements both ways."""

import copy
import json

import pytest

from paper_checks.claims import Verdict
from paper_checks.demonstrating import CHECKS, claims
from paper_checks.evidence import Evidence

BY_ID = {check.__name__: check for check in CHECKS}
SEVEN = [1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001]
FULL = [5, 7, 9, 10, 11, 12, 12]


def model(full, shared=0.0, bias=0.0, coupling=0.0):
    return {
        "full": full,
        "partly": 0,
        "dedicated": list(range(round(full * (1 - shared)))),
        "antipodal": list(range(round(full * (1 - shared)), full)),
        "dedicated_after_shared": 0,
        "superposed_share": shared,
        "mean_bias": bias,
        "negative_bias_share": 1.0,
        "largest_coupling": coupling,
    }


def basic(hidden=5):
    shares = [0.0, 4 / 7, 8 / 9, 1.0, 1.0, 1.0, 1.0]
    models = [
        model(k * hidden // 5, share, -0.1 if p < 0.03 else 0.01, 0.3 if p < 0.03 else 0.0)
        for k, share, p in zip(FULL, shares, SEVEN, strict=True)
    ]
    return {
        "hidden": hidden,
        "densities": SEVEN,
        "trained": models,
        "optimum": models,
        "full_by_start": [[one["full"]] * 2 for one in models],
        "dense_couplings": 0.003,
        "dense_biases": 0.006,
        "dense_loss": 0.1674,
        "linear_optimum_loss": 0.1674,
        "linear_couplings": 0.006,
        "trained_one_active": [0.0] * 6 + [0.9],
        "optimum_one_active": [0.0] * 6 + [0.9],
    }


def panel(stored, gaps, largest=0.0):
    return {"trained": {"stored": stored, "gaps": gaps, "largest_coupling": largest}}


GOOD = {
    "introduction": {
        "sparsity_0": panel([0, 1], [90.1, 269.9]),
        "sparsity_80": panel([0, 1, 2, 3], [90.0, 89.0, 91.0, 90.0]),
        "sparsity_90": panel([0, 1, 2, 3, 4], [70.0, 72.0, 74.0, 72.0, 72.0], 0.4),
    },
    "basic_results": basic(),
    "basic_results_larger": basic(20),
}
SLIPS = {
    "invertible_gram",
    "superposition_legend",
    "bias_sign",
    "none_active_unweighted",
    "importance_inside_square",
}


def evidence(measurements):
    return Evidence(source="faked", diagrams={}, measurements=measurements)


@pytest.fixture(scope="module")
def judged():
    return {claim.id: claim for claim in claims(evidence(GOOD))}


def test_every_claim_is_named_as_its_function_and_is_json(judged):
    assert list(judged) == list(BY_ID)
    for claim in judged.values():
        assert claim.section == "demonstrating"
        assert claim.figure
        assert claim.place
        json.dumps(claim.to_json(), allow_nan=False)


def test_what_the_paper_sees_is_supported_and_its_slips_are_not(judged):
    contradicted = {k for k, one in judged.items() if one.verdict == Verdict.CONTRADICTED}
    assert contradicted == SLIPS
    assert all(judged[name].instead for name in SLIPS)
    assert {one.verdict for k, one in judged.items() if k not in SLIPS} == {Verdict.SUPPORTED}


def test_fast_claims_need_no_evidence_and_the_others_are_undetermined_without(judged):
    nothing = evidence({})
    for name, check in BY_ID.items():
        claim = check(nothing)
        if judged[name].fast or name == "linear_optimum_theory":
            assert claim.verdict == judged[name].verdict
        else:
            assert claim.verdict == Verdict.UNDETERMINED


def changed(path, value):
    measurements = copy.deepcopy(GOOD)
    *way, last = path
    place = measurements
    for key in way:
        place = place[key]
    place[last] = value
    return evidence(measurements)


BASIC = "basic_results"


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("intro_dense_two", ("introduction", "sparsity_0", "trained", "stored"), [0, 2]),
        ("intro_dense_orthogonal", ("introduction", "sparsity_0", "trained", "gaps"), [80, 280]),
        ("intro_two_digons", ("introduction", "sparsity_80", "trained", "stored"), [0, 1, 2, 4]),
        (
            "intro_digons_at_right_angles",
            ("introduction", "sparsity_80", "trained", "gaps"),
            [80, 100, 80, 100],
        ),
        ("intro_pentagon", ("introduction", "sparsity_90", "trained", "gaps"), [90.0] * 4),
        (
            "intro_positive_interference",
            ("introduction", "sparsity_90", "trained", "largest_coupling"),
            0.01,
        ),
        ("linear_like_gram", (BASIC, "dense_couplings"), 0.2),
        ("linear_like_bias", (BASIC, "dense_biases"), 0.2),
        ("linear_like_norms", (BASIC, "trained", 0, "full"), 6),
        ("dense_as_linear", (BASIC, "dense_loss"), 0.16),
        ("linear_always_top_m", (BASIC, "linear_couplings"), 0.3),
        ("full_bars", (BASIC, "trained", 3, "full"), 12),
        ("pairs_of_less_important", (BASIC, "trained", 1, "dedicated_after_shared"), 1),
        ("sharing_is_antipodal", (BASIC, "trained", 2, "antipodal"), [1, 2]),
        ("all_superposed", (BASIC, "trained", 6, "superposed_share"), 0.5),
        ("sparse_positive_interference", (BASIC, "trained", 5, "largest_coupling"), 0.0),
        ("sparse_negative_biases", (BASIC, "trained", 4, "mean_bias"), 0.1),
        ("rescaled_counts", ("basic_results_larger", "trained", 6, "full"), 61),
        ("rescaled_regimes", ("basic_results_larger", "trained", 2, "superposed_share"), 0.5),
        ("one_active_dominates", (BASIC, "optimum_one_active"), [0.1] * 7),
    ],
)
def test_a_claim_falls_with_its_measurement(name, path, value, judged):
    assert judged[name].verdict == Verdict.SUPPORTED
    assert BY_ID[name](changed(path, value)).verdict == Verdict.CONTRADICTED


def test_a_missing_density_leaves_a_claim_open():
    fewer = copy.deepcopy(GOOD)
    for key in ("densities", "trained", "optimum", "full_by_start"):
        fewer["basic_results"][key] = fewer["basic_results"][key][:4]
    for name in ("full_bars", "all_superposed", "rescaled_counts"):
        assert BY_ID[name](evidence(fewer)).verdict == Verdict.UNDETERMINED
