"""Claims that introductions take up judge either way, by their numbers alone."""

import pytest

from paper_checks.claims import Verdict
from paper_checks.evidence import Evidence
from paper_checks.walkthrough import CHECKS, claims

REMOVED = {"superposed": [4, 4, 0], "loss": [0.02, 0.02, 0.05], "free_of_superposition": 1.0}
GOOD = {
    "hidden_penalty": {"linear hidden layer": REMOVED, "hidden ReLU": REMOVED},
    "finding_the_pentagon": {"share_of_pentagons": 0.9, "starts": 20},
}
FREE = {"superposed": [4, 0, 0], "loss": [0.02, 0.02, 0.05], "free_of_superposition": 0.2}
BAD = {
    "hidden_penalty": {"linear hidden layer": FREE, "hidden ReLU": FREE},
    "finding_the_pentagon": {"share_of_pentagons": 0.1, "starts": 20},
}


def evidence(measurements):
    return Evidence("made up", {}, measurements=measurements)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_verdicts_follow_the_measurements(check):
    assert check(evidence(GOOD)).verdict is Verdict.SUPPORTED
    assert check(evidence(BAD)).verdict is Verdict.CONTRADICTED
    assert check(evidence(BAD)).instead
    assert check(evidence({})).verdict is Verdict.UNDETERMINED
    assert check(evidence(GOOD)).id == check.__name__


def test_the_cost_is_that_of_removing_superposition():
    kept = {**REMOVED, "superposed": [4, 4, 4]}
    other = {**GOOD, "hidden_penalty": {**GOOD["hidden_penalty"], "hidden ReLU": kept}}
    found = {claim.id: claim for claim in claims(evidence(other))}
    assert found["penalty_costs_loss"].verdict is Verdict.UNDETERMINED
    found = {claim.id: claim for claim in claims(evidence(GOOD))}
    assert found["penalty_costs_loss"].measured == pytest.approx((2.5, 2.5))
