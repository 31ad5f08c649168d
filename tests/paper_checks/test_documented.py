"""The table of verdicts in the documentation is what the code says, and complete."""

import json
from pathlib import Path

import pytest

from figures.catalogue import figures
from numerics.experiments.catalogue import experiments
from paper_checks.documented import STATED, claims_hash
from paper_checks.evidence import Evidence
from paper_checks.measurements import STORED, gather, stored_hash, stored_measurements
from paper_checks.report import SECTIONS, check, judged, render_markdown

DOCS = Path(__file__).resolve().parents[2] / "docs"
MOST = 50  # claims of the paper, at least


@pytest.fixture(scope="module")
def documented():
    return json.loads((DOCS / "claims.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def current():
    """Return the claims as the code judges them by the stored measurements."""
    evidence = Evidence("stored measurements", {}, measurements=stored_measurements())
    return {claim["id"]: claim for claim in judged(evidence, *SECTIONS)["claims"]}


@pytest.fixture(scope="module")
def bare():
    """Return the claims without any evidence: only theory can have measured them."""
    return {claim["id"]: claim for claim in judged(Evidence("none", {}), *SECTIONS)["claims"]}


def test_the_table_is_of_these_claims_and_these_measurements(documented, current):
    assert documented["hashes"]["claims"] == claims_hash(documented["claims"])
    assert claims_hash(documented["claims"]) == claims_hash(list(current.values()))
    assert documented["hashes"]["measurements"] == stored_hash()


def test_another_claim_or_measurement_has_another_hash(documented):
    claims = documented["claims"]
    for name in STATED:
        changed = [{**claims[0], name: "other"}, *claims[1:]]
        assert claims_hash(changed) != claims_hash(claims)


def test_the_page_is_the_table(documented):
    page = (DOCS / "claims.md").read_text(encoding="utf-8")
    assert page.endswith(render_markdown(documented, "figures") + "\n")
    for value in documented["hashes"].values():
        assert value in page


def test_fast_claims_measured_again_are_the_same(documented, bare):
    fast = [claim for claim in documented["claims"] if claim["fast"]]
    assert len(fast) >= 10
    for claim in fast:
        assert bare[claim["id"]]["measured"] == pytest.approx(claim["measured"], rel=1e-9)
        assert bare[claim["id"]]["verdict"] == claim["verdict"]


def test_stored_measurements_give_the_verdicts_of_the_table(documented, current):
    by_id = {claim["id"]: claim for claim in documented["claims"]}
    for name, claim in current.items():
        if claim["section"] != "phase_change":  # judged by whole diagrams, which are not stored
            assert claim["measured"] == by_id[name]["measured"], name
            assert claim["verdict"] == by_id[name]["verdict"], name


def test_claims_are_many_named_once_and_placed(documented):
    claims = documented["claims"]
    assert len(claims) >= MOST
    assert len({claim["id"] for claim in claims}) == len(claims)
    assert list(dict.fromkeys(claim["section"] for claim in claims)) == list(SECTIONS)
    for claim in claims:
        assert claim["place"], claim["id"]
        assert claim["figure"] in ("", *figures()), claim["id"]
        assert claim["reason"], claim["id"]


def test_what_is_contradicted_says_what_is_true_instead(documented):
    for claim in documented["claims"]:
        if claim["verdict"] == "contradicted":
            assert claim["instead"], claim["id"]


def test_every_picture_of_the_table_is_there(documented):
    for claim in documented["claims"]:
        if claim["figure"]:
            assert (DOCS / "figures" / f"{claim['figure']}.png").is_file(), claim["figure"]


def test_stored_measurements_are_of_the_experiments_that_are(documented):
    assert set(stored_measurements()) == set(experiments())


def test_stored_measurements_are_of_the_code_that_is():
    stored = json.loads(STORED.read_text(encoding="utf-8"))["experiments"]
    for name, entry in stored.items():
        now = experiments()[name].configuration(entry["quality"], entry["seed"])
        assert entry["configuration"] == now, f"{name} changed; measure it again"


def test_one_section_is_judged_alone_from_what_is_stored():
    result = check("uniform_geometry")
    assert result["sections"] == ["uniform_geometry"]
    assert result["evidence"]["source"] == "theory, stored measurements"
    assert {claim["section"] for claim in result["claims"]} == {"uniform_geometry"}


def test_a_folder_without_results_is_named(tmp_path):
    with pytest.raises(ValueError, match="holds no results"):
        gather(tmp_path)
