"""Claims on correlated features judge both ways."""

import pytest

from paper_checks.claims import Verdict
from paper_checks.correlated_features import CHECKS, claims
from paper_checks.evidence import Evidence

EDGES = {"0-1": [0.0499, 0.0501], "1-2": [0.149, 0.15], "2-3": [0.21, 0.22]}
GOOD = {
    "correlated_pairs": {"best_cosines": [[0.0, -0.01]], "loss_over_theory": [1.001, 0.999]},
    "anticorrelated_pairs": {
        "marginals": [0.3, 0.02],
        "starts": 40,
        "paper": {"best_cosines": [[-1.0, -1.0]], "share": [0.9, 0.3]},
        "arena": {"best_cosines": [[-1.0, -0.999]], "share": [0.8, 0.4]},
    },
    "three_pairs": {
        "best_side_by_side": [True, True],
        "independent_side_by_side": {"share": 0.13, "interval": [0.1, 0.2], "models": 90},
        "densities": [0.1, 0.01],
        "best_gaps": [[10.0, 90.0], [55.0, 65.0]],
        "best_collapsed": [0, 0],
    },
    "local_bases": {
        "within": [1e-5],
        "between": [0.1],
        "random": 0.1,
        "settled_over_theory": [0.999],
    },
    "pca_collapse": {
        "scan": [0.03, 0.1, 0.16, 0.22, 0.5],
        "optimum_collapsed": [0, 1, 2, 2, 3],
        "edges": EDGES,
        "trained_edges": {"3": [0.22, 0.2, 0.24]},
        "gap_dense": 0.1,
        "gap_sparse": 0.2,
        "optimum_opening": 0.0,
        "trained_opening": 0.005,
    },
}
BAD = {
    "correlated_pairs": {"best_cosines": [[0.3, 0.0]], "loss_over_theory": [1.2]},
    "anticorrelated_pairs": {
        "marginals": [0.3, 0.02],
        "starts": 40,
        "paper": {"best_cosines": [[0.0, -1.0]], "share": [0.2, 0.8]},
        "arena": {"best_cosines": [[-0.5, -1.0]], "share": [0.2, 0.8]},
    },
    "three_pairs": {
        "best_side_by_side": [True, False],
        "independent_side_by_side": {"share": 0.9, "interval": [0.8, 0.95], "models": 90},
        "densities": [0.1, 0.01],
        "best_gaps": [[60.0], [30.0, 90.0]],
        "best_collapsed": [1, 0],
    },
    "local_bases": {
        "within": [0.1],
        "between": [0.2],
        "random": 0.1,
        "settled_over_theory": [1.5],
    },
    "pca_collapse": {
        "scan": [0.03, 0.1, 0.16, 0.22, 0.5],
        "optimum_collapsed": [1, 2, 1, 0, 2],
        "edges": {name: [3 * x for x in edge] for name, edge in EDGES.items()},
        "trained_edges": {"3": [0.5, 0.45, 0.55]},
        "gap_dense": 0.3,
        "gap_sparse": 0.2,
        "optimum_opening": 0.5,
        "trained_opening": 0.3,
    },
}
FAST = {check.__name__ for check in CHECKS if check(Evidence("none", {})).fast}


def evidence(measurements):
    return Evidence("faked", {}, measurements=measurements)


def test_ids_are_the_names_of_the_functions_and_places_are_given():
    found = claims(evidence(GOOD))
    assert [claim.id for claim in found] == [check.__name__ for check in CHECKS]
    assert {claim.figure for claim in found} == {"F20", "F21", "F22", "F23", "F24"}
    assert all(claim.place.startswith("section 3") for claim in found)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_verdicts_follow_the_measurements(check):
    if check.__name__ in FAST:
        assert check(evidence(BAD)).verdict is Verdict.SUPPORTED
        return
    assert check(evidence(GOOD)).verdict is Verdict.SUPPORTED
    assert check(evidence(BAD)).verdict is Verdict.CONTRADICTED
    assert check(evidence({})).verdict is Verdict.UNDETERMINED


def test_shares_within_two_standard_errors_leave_the_pairing_open():
    pairs = GOOD["anticorrelated_pairs"]
    same = {rule: {**pairs[rule], "share": [0.45, 0.4]} for rule in ("paper", "arena")}
    found = {c.id: c for c in claims(evidence({"anticorrelated_pairs": {**pairs, **same}}))}
    assert found["right_pairing_needs_density"].verdict is Verdict.UNDETERMINED


def test_theory_alone_judges_five_claims():
    assert {
        "correlated_antipodal_costs_first_order",
        "anticorrelated_rules_are_one_law",
        "anticorrelated_zero_loss",
        "dimensionality_cannot_tell_pairings",
        "collapse_costs_a_twelfth",
    } == FAST


def test_what_the_exact_losses_contradict_says_what_is_true():
    for check in CHECKS:
        if check.__name__ in ("collapse_is_a_failure", "three_collapse_from_a_quarter"):
            assert check(evidence(BAD)).instead
