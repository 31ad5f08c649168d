"""The claims of the section ``compression``, and what flips them."""

import pytest

from paper_checks import compression
from paper_checks.claims import Verdict
from paper_checks.compression import nonlinear, sensing
from paper_checks.evidence import Evidence

CHECKS = {function.__name__: function for function in compression.CHECKS}
NOTHING = Evidence(source="nowhere", diagrams={})
MEASURED = {"compression_beats_linear_however_read", "compression_closed_form"}
CONTRADICTED = {
    "sensing_bound_falls_with_sparsity",
    "sensing_matrix_has_k_rows",
    "compression_neurons",
}


def measured(**values):
    return Evidence("made up", {}, measurements={"nonlinear_compression": values})


def test_every_claim_bears_its_functions_name_and_says_where_it_stands():
    claims = compression.claims(NOTHING)
    assert [claim.id for claim in claims] == list(CHECKS)
    for claim in claims:
        assert claim.section == "compression"
        assert claim.place
        assert claim.figure in ("", "F38")


@pytest.mark.parametrize("name", CHECKS)
def test_theory_judges_without_evidence_and_the_rest_is_open(name):
    claim = CHECKS[name](NOTHING)
    assert claim.fast is (name not in MEASURED)
    if name in MEASURED:
        assert claim.verdict is Verdict.UNDETERMINED
    else:
        expected = Verdict.CONTRADICTED if name in CONTRADICTED else Verdict.SUPPORTED
        assert claim.verdict is expected
        assert claim.instead or claim.verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("name", "key", "good", "bad"),
    [
        (
            "compression_beats_linear_however_read",
            "loss_over_linear",
            {"one": 0.3, "other": 0.99},
            {"one": 0.3, "other": 1.13},
        ),
        ("compression_closed_form", "closed_form_less_quadrature", 1e-5, 1e-3),
    ],
)
def test_measured_claims_are_judged_by_what_was_measured(name, key, good, bad):
    assert CHECKS[name](measured(**{key: good})).verdict is Verdict.SUPPORTED
    assert CHECKS[name](measured(**{key: bad})).verdict is Verdict.CONTRADICTED


def test_a_worse_scheme_would_contradict_the_paper(monkeypatch):
    monkeypatch.setattr(nonlinear, "compression_loss", lambda Z, width: width)
    assert CHECKS["compression_beats_linear"](NOTHING).verdict is Verdict.CONTRADICTED


def test_as_many_neurons_as_the_paper_counts_would_support_it(monkeypatch):
    monkeypatch.setattr(nonlinear, "neurons", lambda Z: 12 * Z)
    assert CHECKS["compression_neurons"](NOTHING).verdict is Verdict.SUPPORTED


def test_codes_far_from_the_bound_would_be_seen(monkeypatch):
    class Wasteful:
        ratio = 0.9

    monkeypatch.setattr(sensing, "best_code", lambda p: Wasteful)
    assert CHECKS["sensing_order_is_reached"](NOTHING).verdict is Verdict.CONTRADICTED


def test_another_bound_would_not_be_linear(monkeypatch):
    monkeypatch.setattr(sensing, "_bound", lambda n, k: n**1.5)
    assert CHECKS["sensing_linear_in_dimensions"](NOTHING).verdict is Verdict.CONTRADICTED
