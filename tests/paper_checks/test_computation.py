import pytest

from paper_checks.claims import Verdict
from paper_checks.computation import CHECKS, claims
from paper_checks.evidence import Evidence

DENSITIES = [1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001]
LARGE = {
    "densities": DENSITIES,
    "starts": 4,
    "monosemantic": [1.0, 1.0, 0.9, 0.8, 0.3, 0.1, 0.0],
    "monosemantic_sd": [0.0] * 7,
    "polysemantic": [0.0, 0.0, 0.02, 0.1, 0.5, 0.9, 1.0],
    "polysemantic_sd": [0.0] * 7,
    "rank_difference": [None, None, 5.0, 3.0, 1.0, None, None],
    "coexist": [0.0, 0.0, 0.75, 1.0, 1.0, 0.5, 0.0],
    "secondary": [None, None, 0.2, 0.3, 0.5, 0.8, 0.9],
    "longer_densities": [0.03, 0.01],
    "longer": {"polysemantic": [0.1, 0.5]},
}
MOTIF = {
    "per_net": [10, 10, 5],
    "in_ratio": [2.5, 3.0, 4.0, 5.0, 6.0],
    "out_ratio": [2.5, 3.0, 4.0, 5.0, 6.0],
    "net": [-0.5, -0.3, -0.2, -0.1, 0.0],
}
SMALLEST = {
    "densities": [0.2, 0.1, 0.05],
    "half_ignored": [0.9, 0.95, 0.97],
    "one_inhibitor": [1.2, 0.8, 0.5],
    "one_inhibitor_ratio": [1.5, 3.0, 4.0],
    "two_inhibitors_ratio": [3.0, 4.0],
}
AGREEING = {
    "absolute_small": {"best_is_split": 1},
    "absolute_superposition": LARGE,
    "asymmetric_motif": {"short": MOTIF},
    "smallest_motif": SMALLEST,
}


def replaced(name, place, value):
    return [value if k == place else old for k, old in enumerate(LARGE[name])]


AGAINST = {
    "absolute_split": ("absolute_small", {"best_is_split": 0}),
    "absolute_monosemantic": (
        "absolute_superposition",
        {**LARGE, "polysemantic": replaced("polysemantic", 1, 0.2)},
    ),
    "absolute_few_mixed": (
        "absolute_superposition",
        {**LARGE, "monosemantic": replaced("monosemantic", 2, 0.3)},
    ),
    "absolute_few_high": (
        "absolute_superposition",
        {
            **LARGE,
            "polysemantic": replaced("polysemantic", 3, 0.7),
            "longer": {"polysemantic": [0.6, 0.5]},
        },
    ),
    "absolute_unimportant": (
        "absolute_superposition",
        {**LARGE, "rank_difference": replaced("rank_difference", 2, -2.0)},
    ),
    "absolute_more_mixed": (
        "absolute_superposition",
        {**LARGE, "polysemantic": replaced("polysemantic", 4, 0.0)},
    ),
    "absolute_all_mixed": (
        "absolute_superposition",
        {**LARGE, "polysemantic": replaced("polysemantic", 6, 0.8)},
    ),
    "absolute_settled": (
        "absolute_superposition",
        {**LARGE, "longer": {"polysemantic": [0.1, 0.1]}},
    ),
    "absolute_coexist": ("absolute_superposition", {**LARGE, "coexist": [0.0] * 7}),
    "absolute_primary": (
        "absolute_superposition",
        {**LARGE, "secondary": replaced("secondary", 3, 0.9)},
    ),
    "motif_instances": ("asymmetric_motif", {"short": {**MOTIF, "per_net": [10, 3, 0]}}),
    "motif_in_ratio": ("asymmetric_motif", {"short": {**MOTIF, "in_ratio": [1.5] * 5}}),
    "motif_out_ratio": ("asymmetric_motif", {"short": {**MOTIF, "out_ratio": [20.0] * 5}}),
    "motif_inhibited": ("asymmetric_motif", {"short": {**MOTIF, "net": [0.0] * 4 + [0.2]}}),
    "motif_negative": ("asymmetric_motif", {"short": {**MOTIF, "net": [0.0] * 5}}),
    "motif_ratio_drawn": ("smallest_motif", {**SMALLEST, "one_inhibitor": [0.8, 0.8, 0.5]}),
    "motif_ratio_best": ("smallest_motif", {**SMALLEST, "two_inhibitors_ratio": [3.0, 50.0]}),
}
FAST = {
    "absolute_split_exact": Verdict.SUPPORTED,
    "motif_pays": Verdict.CONTRADICTED,
    "motif_drawn_pays": Verdict.SUPPORTED,
}


def judged(name, measurements):
    (check,) = [check for check in CHECKS if check.__name__ == name]
    return check(Evidence(source="faked", diagrams={}, measurements=measurements))


def test_every_check_is_named_as_its_claim_is_here_and_says_what_is_true_instead():
    found = claims(Evidence(source="faked", diagrams={}))
    assert [check.__name__ for check in CHECKS] == [claim.id for claim in found]
    assert set(AGAINST) | set(FAST) == {claim.id for claim in found}
    assert all(claim.instead for claim in found)


@pytest.mark.parametrize("name", AGAINST)
def test_a_claim_follows_its_measurements_both_ways(name):
    experiment, against = AGAINST[name]
    assert judged(name, AGREEING).verdict is Verdict.SUPPORTED
    assert judged(name, {**AGREEING, experiment: against}).verdict is Verdict.CONTRADICTED
    assert judged(name, {}).verdict is Verdict.UNDETERMINED


def test_what_longer_training_undoes_is_not_decided():
    short = {**LARGE, "polysemantic": replaced("polysemantic", 3, 0.7)}
    claim = judged("absolute_few_high", {"absolute_superposition": short})
    assert claim.uncertainty == pytest.approx(0.6)
    assert claim.verdict is Verdict.UNDETERMINED


@pytest.mark.parametrize("name", FAST)
def test_a_fast_claim_needs_no_evidence(name):
    claim = judged(name, {})
    assert claim.fast
    assert claim.verdict is FAST[name]
