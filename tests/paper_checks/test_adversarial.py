"""Claims of the section judge either way, by their numbers alone."""

import pytest

from paper_checks.adversarial import CHECKS, claims
from paper_checks.claims import Verdict
from paper_checks.evidence import Evidence

FINDINGS = {
    "adversarial_vulnerability": {
        "rise": (3.5, 2.0),
        "correlation_near": (0.97, 0.5),
        "slope_near": (0.9, 0.4),
        "correlation_all": (0.95, 0.1),
        "quiet_off": (0.988, 0.9),
        "quiet_gradient_over_analytic": (0.3, 1.7),
        "search_over_analytic": (1.01, 1.4),
        "input_search_over_analytic": ([1.0, 1.02], [1.0, 1.7]),
        "above_bound": (-0.1, 0.2),
    },
    "adversarial_training": {
        "reduction_mean": ([0.1, 0.2], [0.1, 1.2]),
        "features_per_dimension_end_mean": ([0.75, 0.85], [0.5, 0.85]),
        "most_dimensionality_mean": ([0.95, 0.98], [0.5, 0.98]),
        "loss_ratio_at_80_mean": ([1.2, 3.0], [1.2, 0.8]),
    },
}
CLAIM_OF = {
    "rise": "vulnerability_rises_threefold",
    "correlation_near": "vulnerability_correlates_with_crowding",
    "slope_near": "vulnerability_runs_parallel",
    "correlation_all": "vulnerability_tracks_crowding_when_sparsest",
    "quiet_off": "outputs_are_off",
    "quiet_gradient_over_analytic": "gradient_attacks_are_masked",
    "search_over_analytic": "analytic_attack_is_worst_for_all",
    "input_search_over_analytic": "analytic_attack_is_worst_for_inputs",
    "above_bound": "no_attack_exceeds_the_bound",
    "reduction_mean": "adversarial_training_reduces_superposition",
    "features_per_dimension_end_mean": "removal_needs_80_percent",
    "most_dimensionality_mean": "removal_is_complete",
    "loss_ratio_at_80_mean": "robust_models_perform_worse",
}


def evidence(side):
    return Evidence(
        source="made up",
        diagrams={},
        measurements={
            name: {key: values[side] for key, values in found.items()}
            for name, found in FINDINGS.items()
        },
    )


@pytest.mark.parametrize(("side", "verdict"), [(0, Verdict.SUPPORTED), (1, Verdict.CONTRADICTED)])
@pytest.mark.parametrize("key", CLAIM_OF)
def test_a_claim_follows_its_measurement(key, side, verdict):
    found = {claim.id: claim for claim in claims(evidence(side))}
    assert found[CLAIM_OF[key]].verdict == verdict


def test_without_measurements_only_theory_is_judged():
    found = claims(Evidence(source="nothing", diagrams={}))
    assert {c.id for c in found if c.verdict != Verdict.UNDETERMINED} == {
        c.id for c in found if c.fast
    }
    assert len(found) == len(CLAIM_OF) + 3


def test_one_missing_strength_leaves_the_claim_undetermined():
    made = evidence(0)
    measured = made.measurements | {
        "adversarial_training": {"features_per_dimension_end_mean": [0.8, None]}
    }
    other = Evidence(source="made up", diagrams={}, measurements=measured)
    found = {claim.id: claim for claim in claims(other)}
    assert found["removal_needs_80_percent"].verdict == Verdict.UNDETERMINED


def test_contradicted_claims_say_what_is_true_instead():
    for claim in claims(evidence(1)):
        assert claim.verdict == Verdict.SUPPORTED or claim.instead


def test_claims_are_named_as_their_functions():
    assert [check.__name__ for check in CHECKS] == [c.id for c in claims(evidence(0))]


def test_exact_claims_on_polytopes():
    found = {claim.id: claim for claim in claims(evidence(0)) if claim.fast}
    assert found["attacked_without_superposition"].measured == 1
    assert found["pair_is_as_vulnerable_as_crowded"].verdict == Verdict.SUPPORTED
    pentagon = found["pentagon_is_as_vulnerable_as_crowded"]
    assert pentagon.verdict == Verdict.CONTRADICTED
    assert pentagon.details["radius"] < pentagon.details["radius_that_wakes_an_output"]
