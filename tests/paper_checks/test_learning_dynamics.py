"""The claims on F25 and F26 follow their measurements both ways."""

import copy

import pytest

from paper_checks.claims import Verdict
from paper_checks.evidence import Evidence
from paper_checks.learning_dynamics import CHECKS, claims

MEASURED = {
    "energy_levels": {
        "trained_jumps_per_stored_feature": [1.0, 1.2],
        "trained_displaced": [2, 1],
        "flow_rank_at_jumps": [0.9, 0.8, None],
        "drops": [[0.01, 0.2, 0.1], [0.02, 0.3], [0.5]],
        "flow_at_levels": [1.0] * 10,
        "level_share": 0.95,
        "indices": [[48, 3, 1, 0]] * 10,
    },
    "geometric_stages": {
        "plateau_counts": [[4, 4, 3], [5, 4, 4]],
        "linear_gap": [0.01, 0.07],
        "principal_share": [0.99, 0.95],
        "geometries": [["nothing", "octahedron"], ["nothing", "digon of 6", "octahedron"]],
        "octahedra": [True] * 10,
        "different_sets": [True] * 10,
    },
}

AGAINST = {
    "features_jump_between_levels": ("trained_jumps_per_stored_feature", [1.0, 0.5]),
    "features_swap": ("trained_displaced", [2, 0]),
    "loss_drops_at_jumps": ("flow_rank_at_jumps", [0.4, 0.41]),
    "first_jump_is_tiny": ("drops", [[0.5, 0.01], [0.4, 0.02]]),
    "all_end_as_digons": ("flow_at_levels", [1.0, 0.6, 0.6]),
    "levels_are_geometries": ("level_share", 0.5),
    "plateaus_are_saddles": ("indices", [[48, 1, 1, 0]] * 3),
    "stages_are_distinct": ("plateau_counts", [[4, 4, 2], [5, 4, 4]]),
    "early_stage_is_linear": ("linear_gap", [0.3] * 9 + [0.01]),
    "early_stage_is_principal": ("principal_share", [0.99, 0.4]),
    "trajectories_differ": ("geometries", [["nothing", "octahedron"]] * 2),
    "ends_in_octahedron": ("octahedra", [False] * 9 + [True]),
    "pairs_join_different_sets": ("different_sets", [False] * 9 + [True]),
}


def _verdicts(measured):
    evidence = Evidence("made up", {}, measurements=measured)
    return {claim.id: claim.verdict for claim in claims(evidence)}


def test_every_claim_is_named_as_its_function_and_has_a_case():
    found = claims(Evidence("none", {}))
    assert [claim.id for claim in found] == [check.__name__ for check in CHECKS]
    assert set(AGAINST) == {claim.id for claim in found}


def test_without_measurements_nothing_is_decided_and_the_reason_says_so():
    for claim in claims(Evidence("none", {})):
        assert claim.verdict == Verdict.UNDETERMINED
        assert "No measurements of" in claim.reason


def test_the_paper_holds_where_the_measurements_say_so():
    assert set(_verdicts(MEASURED).values()) == {Verdict.SUPPORTED}


@pytest.mark.parametrize("name", AGAINST)
def test_a_measurement_against_it_contradicts_one_claim(name):
    key, value = AGAINST[name]
    measured = copy.deepcopy(MEASURED)
    experiment = next(one for one, values in measured.items() if key in values)
    measured[experiment][key] = value
    verdicts = _verdicts(measured)
    assert verdicts.pop(name) == Verdict.CONTRADICTED
    assert set(verdicts.values()) == {Verdict.SUPPORTED}
