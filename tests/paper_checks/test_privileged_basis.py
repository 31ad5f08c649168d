"""The claims on neurons judge both ways."""

import pytest

from paper_checks.claims import Verdict
from paper_checks.evidence import Evidence
from paper_checks.privileged_basis import CHECKS, claims

DENSITIES = {0.75: "monosemantic", 0.35: "3 in 2", 0.15: "5 in 3", 0.12: "6 in 4"}
DENSITIES |= {0.06: "8 in 5", 0.03: "pairs"}


def measurements(excess=0.0, error=1e-5, hits=0.1, ranks=(0.01, 0.02, 0.0)):
    at = [
        {
            "density": p,
            "paper": paper,
            "least": paper,
            "excess": excess,
            "error": error,
            "hits": hits,
            "shares": {},
        }
        for p, paper in DENSITIES.items()
    ]
    return {
        "neuron_alignment": {
            "relu_rank": list(ranks),
            "relu_other_rank": [0.7, *ranks[1:]],
            "linear_rank": [0.5, 0.55, 0.45],
            "relu_least_cost": 4.0,
            "starts": 100,
        },
        "neuron_regimes": {
            "starts": 1000,
            "at": at,
            "edges": [["monosemantic", "3 in 2", 0.49]],
            "exact_first_edge": 0.48,
            "triple_sum_to_pair": [0.01, 0.05],
            "triple_pair": -0.99,
            "trained_pairs": 10,
            "distinct_pairs": 10,
        },
    }


def verdicts(found):
    evidence = Evidence(source="test", diagrams={}, measurements=found)
    return {claim.id: claim.verdict for claim in claims(evidence)}


def test_ids_are_the_functions_names():
    evidence = Evidence(source="test", diagrams={})
    assert [check(evidence).id for check in CHECKS] == [check.__name__ for check in CHECKS]


def test_all_is_supported_by_what_the_paper_says():
    assert set(verdicts(measurements()).values()) == {Verdict.SUPPORTED}


def test_without_measurements_all_but_theory_is_undetermined():
    found = verdicts({})
    assert found.pop("neurons_free_linear") is Verdict.SUPPORTED
    assert set(found.values()) == {Verdict.UNDETERMINED}


@pytest.mark.parametrize("name", ["three_in_two", "five_in_three", "six_in_four", "pairs"])
def test_a_better_regime_contradicts_unless_within_its_error(name):
    assert verdicts(measurements(excess=0.02))[f"regime_{name}"] is Verdict.CONTRADICTED
    near = verdicts(measurements(excess=0.02, error=0.02))
    assert near[f"regime_{name}"] is Verdict.UNDETERMINED


def test_what_flips_the_others():
    found = measurements(hits=0.9, ranks=(0.4, 0.6, 0.6))
    found["neuron_alignment"] |= {"linear_rank": [0.5, 0.9, 0.9], "relu_least_cost": 0.9}
    found["neuron_regimes"] |= {
        "exact_first_edge": 0.2,
        "triple_sum_to_pair": [0.5, 0.5],
        "trained_pairs": 6,
    }
    changed = verdicts(found)
    for name in (
        "neurons_align_dense",
        "neurons_align_sparse",
        "neurons_arbitrary_linear",
        "neurons_privileged",
        "regime_first_edge",
        "regime_triple_shape",
        "regime_pairs_count",
        "regime_needs_many_starts",
    ):
        assert changed[name] is Verdict.CONTRADICTED, name


def test_a_contradiction_says_what_is_best_instead():
    found = measurements(excess=0.02)
    found["neuron_regimes"]["at"][3]["least"] = "8 in 5"
    evidence = Evidence(source="test", diagrams={}, measurements=found)
    (claim,) = [one for one in claims(evidence) if one.id == "regime_six_in_four"]
    assert "8 in 5" in claim.instead
