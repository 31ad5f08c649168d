"""The claims of the section ``phase_change``, and what flips them."""

import inspect
import json
from dataclasses import replace

import numpy as np
import pytest

from numerics.phase_diagram import read_summary
from paper_checks import phase_change
from paper_checks.claims import Verdict
from paper_checks.evidence import Diagram, Evidence, computed, default_specs
from paper_checks.report import SCHEMA, SECTIONS, check, judged, render_markdown
from theory.problem import dropped_loss

CHECKS = {function.__name__: function for function in phase_change.CHECKS}
KEYS = {"id", "section", "text", "predicted", "measured", "tolerance", "reason", "verdict"}
NOTHING = Evidence(source="nowhere", diagrams={})
NEEDS_SAMPLES = {"recipe_reaches_the_optimum_2_1", "recipe_reaches_the_optimum_3_2"}
WITHOUT_EVIDENCE = {
    "panel_apex",
    "panel_ends",
    "panel_first_order",
    "jump_at_low_density",
    "first_order_at_every_density",
    "place_of_the_panel_boundary",
    "either_or_above_the_apex",
    "dense_features_are_not_superposed",
    "important_feature_is_dedicated",
    "confused_phase",
    "confused_loss",
    "confused_exchange",
    "confused_two_minima",
    "confused_continuous",
    "confused_drop_is_a_minimum",
}
"""Claims judged by theory, or by a search of their own."""


@pytest.fixture(scope="session")
def result(evidence):
    return judged(evidence, "phase_change")


def altered(evidence, case, **variables):
    """Return the evidence with variables of one case replaced by functions of their values."""
    dataset = evidence.diagrams[case].dataset.copy(deep=True)
    for name, change in variables.items():
        dataset[name] = (dataset[name].dims, change(dataset[name].values.copy()))
    return replace(evidence, diagrams={**evidence.diagrams, case: Diagram(dataset)})


def test_the_registry_lists_every_claim_function_once():
    assert len(CHECKS) == len(phase_change.CHECKS) >= 20
    modules = {inspect.getmodule(function) for function in phase_change.CHECKS}
    for module in modules:
        public = {
            name
            for name, function in inspect.getmembers(module, inspect.isfunction)
            if function.__module__ == module.__name__
            and not name.startswith("_")
            and list(inspect.signature(function).parameters) == ["evidence"]
        }
        assert public <= set(CHECKS), public - set(CHECKS)


def test_every_claim_bears_its_functions_name_and_the_contracts_keys(result):
    assert [claim["id"] for claim in result["claims"]] == list(CHECKS)
    for claim in result["claims"]:
        assert set(claim) >= KEYS
        assert claim["section"] == "phase_change"
        assert claim["text"]
        assert claim["reason"]


def test_every_claim_predicts_and_measures(result):
    for claim in result["claims"]:
        assert claim["predicted"] is not None, claim["id"]
        assert claim["measured"] is not None, claim["id"]
        assert np.isfinite(claim["measured"]).all(), claim["id"]


def test_the_text_says_whose_the_statement_is(result):
    for claim in result["claims"]:
        named = ("F9", "F12", "F13", "F37")
        assert any(name in claim["text"] for name in named), claim["id"]


def test_the_result_is_json_and_counts_its_verdicts(result):
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["schema"] == SCHEMA
    for verdict in Verdict:
        found = sum(claim["verdict"] == verdict for claim in result["claims"])
        assert result["counts"][verdict] == found


def test_without_diagrams_exactly_the_claims_that_need_them_are_undetermined():
    claims = {name: function(NOTHING) for name, function in CHECKS.items()}
    open_claims = {n for n, c in claims.items() if c.verdict is Verdict.UNDETERMINED}
    assert open_claims == set(CHECKS) - WITHOUT_EVIDENCE
    for name in open_claims:
        assert claims[name].measured is None
        assert "nowhere" in claims[name].reason, name


def test_without_samples_the_recipe_is_undetermined_and_says_so(evidence):
    for case, name in zip(("2,1", "3,2"), sorted(NEEDS_SAMPLES), strict=True):
        dataset = evidence.diagrams[case].dataset.drop_vars("sampled_agreement")
        bare = replace(evidence, diagrams={case: Diagram(dataset)})
        claim = CHECKS[name](bare)
        assert claim.verdict is Verdict.UNDETERMINED
        assert "--sampled-starts" in claim.reason


def test_what_theory_decides_needs_no_diagram_and_comes_out_as_derived():
    contradicted = {
        "first_order_at_every_density",
        "place_of_the_panel_boundary",
        "either_or_above_the_apex",
        "dense_features_are_not_superposed",
        "important_feature_is_dedicated",
        "confused_drop_is_a_minimum",
    }
    for name in WITHOUT_EVIDENCE:
        expected = Verdict.CONTRADICTED if name in contradicted else Verdict.SUPPORTED
        assert CHECKS[name](NOTHING).verdict is expected, name


def half_higher(loss):
    loss[:, : loss.shape[1] // 2] *= 1.01
    return loss


def never_dropped(W):
    return np.broadcast_to([[1.0, -0.5]], W.shape)


def confused(W):
    return np.broadcast_to([[0.7, 0.7]], W.shape)


def dedicated_below(W):
    W[-1] = [[1.0, 0.0]]
    return W


def first_feature_alone(W):
    return np.broadcast_to([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], W.shape)


FLIPS = [
    ("three_outcomes", "2,1", {"optimum_W": never_dropped}),
    ("mirror_symmetry", "2,1", {"optimum_loss": half_higher}),
    ("superposition_only_grows", "2,1", {"optimum_W": dedicated_below}),
    ("confused_with_biases", "2,1", {"optimum_W": confused}),
    ("panel_predicts_training_2_1", "2,1", {"theory_winner": lambda names: names[::-1]}),
    ("same_boundary_with_a_third_feature", "3,2", {"optimum_W": first_feature_alone}),
    ("named_families_suffice", "3,2", {"family_loss": lambda loss: loss * 1.001}),
    ("averaging_is_harmless_2_1", "2,1", {"trained_mean_gram": lambda G: G * 0}),
    ("recipe_reaches_the_optimum_2_1", "2,1", {"sampled_agreement": lambda x: x & False}),
]


@pytest.mark.parametrize(("name", "case", "changes"), FLIPS, ids=[flip[0] for flip in FLIPS])
def test_a_supported_claim_is_contradicted_by_altered_evidence(evidence, name, case, changes):
    if name.startswith("averaging"):  # after 60 steps the tiny models are still on their way
        best = evidence.diagrams[case].gram("trained_W")
        evidence = altered(evidence, case, trained_mean_gram=lambda G: best)
    if name in NEEDS_SAMPLES:
        evidence = altered(evidence, case, sampled_agreement=lambda x: x | True)
    if name.startswith("panel_predicts"):
        winners = evidence.diagrams[case].values("theory_winner")
        phases = {"ignore_last": "dedicated dropped", "ignore_first": "dropped dedicated"}
        agreeing = np.vectorize(lambda w: phases.get(w, "superposed superposed -01"))(winners)
        evidence = altered(evidence, case, trained_phases=lambda old: agreeing)
    assert CHECKS[name](evidence).verdict is Verdict.SUPPORTED
    assert CHECKS[name](altered(evidence, case, **changes)).verdict is Verdict.CONTRADICTED


def test_leaving_the_triangle_out_would_be_harmless_if_pairs_were_never_beaten(evidence):
    name = "leaving_the_triangle_out"
    optimum = evidence.diagrams["3,2"].values("optimum_loss")
    assert CHECKS[name](evidence).verdict is Verdict.CONTRADICTED
    harmless = altered(evidence, "3,2", family_loss=lambda loss: loss * 0 + optimum)
    assert CHECKS[name](harmless).verdict is Verdict.SUPPORTED


POINTS = {
    "dense_features_are_not_superposed": ([[0.0, 0.995]], 1.0),
    "important_feature_is_dedicated": ([[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]], 1.0),
}
"""Claims judged by a search at one point: other weights, and the loss as a share of rV."""


@pytest.mark.parametrize("name", POINTS)
def test_a_claim_on_one_point_is_judged_by_what_the_search_finds_there(monkeypatch, evidence, name):
    W, share = POINTS[name]
    module = inspect.getmodule(CHECKS[name])
    search = module.search

    def elsewhere(problems, **options):
        (found,) = search(problems, **options)
        least = share * found.problem.importance[-1] * dropped_loss(found.problem.density[-1])
        return [replace(found, W=np.array(W), loss=float(least))]

    assert CHECKS[name](evidence).verdict is Verdict.CONTRADICTED
    monkeypatch.setattr(module, "search", elsewhere)
    assert CHECKS[name](evidence).verdict is Verdict.SUPPORTED


def test_claims_on_one_point_report_the_evidences_cells_beside_it(evidence):
    diagram = evidence.diagrams["3,2"]
    details = CHECKS["important_feature_is_dedicated"](evidence).details
    beyond = diagram.optimum_state[:, diagram.r > 1.0001]
    assert details["cells_dedicated"] == (beyond == "dedicated").sum()
    assert details["cells"] == beyond.size == 3
    assert CHECKS["dense_features_are_not_superposed"](evidence).details["columns"] == 2


def test_two_features_and_three_leave_drop_at_different_points(evidence):
    details = CHECKS["same_boundary_with_a_third_feature"](evidence).details
    assert details["states"] == {"2,1": "dropped", "3,2": "superposed"}


def test_the_advantage_over_families_is_the_summarys(folder, evidence):
    families = read_summary(folder)["cases"]["3,2"]["families"]
    for name, entry in (
        ("leaving_the_triangle_out", "largest_advantage_over_pairs"),
        ("named_families_suffice", "largest_advantage_over_families"),
    ):
        claim = CHECKS[name](evidence)
        assert claim.measured == pytest.approx(families[entry]["in_V"], rel=1e-12, abs=1e-15)
        at = {key: families[entry][key] for key in ("density", "importance")}
        assert claim.details["largest_at"] == at


def test_the_table_has_one_row_and_one_reason_for_each_claim(result):
    lines = render_markdown(result).splitlines()
    rows = [line for line in lines if line.startswith("| ")][1:]
    assert len(rows) == len(CHECKS)
    for row, claim in zip(rows, result["claims"], strict=True):
        assert row.replace("\\|", "").count("|") == 8, row
        assert row.startswith(f"| `{claim['id']}` |")
        assert row.endswith(f"| **{claim['verdict']}** |")
    assert sum(line.startswith("- `") for line in lines) == len(CHECKS)
    assert all(f"{count} {verdict}" in lines[0] for verdict, count in result["counts"].items())


def test_an_unknown_section_is_refused_with_the_list_of_sections(folder):
    with pytest.raises(ValueError, match=r"'geometry' is unknown; choose one of .*phase_change"):
        check("geometry", folder)


def test_a_wrong_folder_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match="missing is not a folder"):
        check("phase_change", tmp_path / "missing")


def test_reading_a_folder_and_naming_the_section_judge_the_same(folder, result):
    assert check("phase_change", folder) == result
    assert "phase_change" in SECTIONS


@pytest.mark.slow
def test_the_claims_judged_by_what_is_computed_without_a_folder():
    seen = []
    real = judged(
        computed(default_specs(), progress=lambda done, total, text: seen.append((done, total))),
        "phase_change",
    )
    assert seen[-1][0] == seen[-1][1] > 0
    verdicts = {claim["id"]: claim["verdict"] for claim in real["claims"]}
    assert {n for n, v in verdicts.items() if v == "undetermined"} == NEEDS_SAMPLES
    assert {n for n, v in verdicts.items() if v == "contradicted"} == {
        "first_order_at_every_density",
        "place_of_the_panel_boundary",
        "either_or_above_the_apex",
        "dense_features_are_not_superposed",
        "important_feature_is_dedicated",
        "leaving_the_triangle_out",
        "averaging_is_harmless_3_2",
        "confused_drop_is_a_minimum",
    }
