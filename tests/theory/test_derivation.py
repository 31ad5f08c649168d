"""The record of one case: JSON-ready, complete, readable."""

import json

import pytest
import sympy

from theory.derivation import derive, general_loss, render_latex, render_text
from theory.expected_loss import population_loss
from theory.families import Family


@pytest.mark.parametrize(("n", "m"), [(2, 1), (3, 2), (5, 4)])
def test_a_record_is_json_and_its_expressions_are_in_p_and_r_only(n, m):
    record = derive(n, m, "unit_bias", digits=50)
    assert json.loads(json.dumps(record)) == record
    assert record["schema"] == "antipode.derive/1"
    names = {"p", "r"}
    for boundary in record["boundaries"]:
        curve = sympy.sympify(boundary["curve"])
        assert {str(s) for s in curve.free_symbols} <= names
        assert sympy.expand(curve) != 0
        for relation in boundary["valid"]:
            assert {str(s) for s in sympy.sympify(relation).free_symbols} <= names
    for candidate in record["candidates"]:
        assert {str(s) for s in sympy.sympify(candidate["loss"]).free_symbols} <= names
    (point,) = record["points"]
    assert point["density_decimal"].startswith("0.571428571428571428571428571428571428571428571428")


def test_level_free_lists_the_onset_and_fifty_digit_samples():
    record = derive(2, 1, "free", digits=50)
    assert {c["name"]: c["loss"] for c in record["candidates"]}["pair_last"] is None
    assert len(record["boundaries"]) == 2
    samples = record["first_order"]["samples"]
    assert all(len(s["importance"].split(".")[1].lstrip("0")) >= 49 for s in samples)
    assert [sympy.Rational(s["density"]) for s in samples] == sorted(
        sympy.Rational(s["density"]) for s in samples
    )
    assert json.dumps(record)


@pytest.mark.parametrize("n", [2, 3])
def test_the_general_loss_is_the_population_loss_at_weights_in_its_region(n):
    general = general_loss(n)
    rows = [["1.01", "-0.98"]] if n == 2 else [["1.01", "-0.02", "-0.02"], ["0", "1.01", "-0.99"]]
    W = sympy.Matrix([[sympy.Rational(entry) for entry in row] for row in rows])
    G = W.T * W
    at = {sympy.Symbol(f"g{i + 1}{j + 1}", real=True): G[i, j] for i in range(n) for j in range(n)}
    bias = [sympy.Rational(1, 20)] * n
    at |= {sympy.Symbol(f"b{i + 1}", real=True): b for i, b in enumerate(bias)}
    assert all(bool(relation.subs(at)) for relation in general.relations)
    p, r = (s for s in sorted(general.expression.free_symbols - set(at), key=str))
    at |= {p: sympy.Rational(2, 7), r: sympy.Rational(3, 4)}
    exact = population_loss(
        W.tolist(), bias, sympy.Rational(2, 7), [1] * (n - 1) + [sympy.Rational(3, 4)]
    )
    assert sympy.nsimplify(general.expression.subs(at)) == exact


def test_text_and_latex_name_every_candidate_and_boundary():
    record = derive(3, 2, "unit_bias")
    text, latex = render_text(record), render_latex(record)
    for candidate in record["candidates"]:
        assert candidate["name"] in text
        assert candidate["name"].replace("_", r"\_") in latex
    for boundary in record["boundaries"]:
        assert " | ".join(boundary["between"]) in text
    assert r"\frac{4 r}{5 r + 2}" in latex


def test_a_family_of_ones_own_is_listed():
    mine = Family.from_weights("mine", [[1, -1]], [0, 0])
    assert "mine" in [c["name"] for c in derive(2, 1, "unit", families=(mine,))["candidates"]]


def test_a_number_of_digits_out_of_range_is_refused():
    with pytest.raises(ValueError, match="digits 0"):
        derive(2, 1, digits=0)


@pytest.mark.parametrize("n", [2, 3])
def test_where_no_preactivation_changes_sign_the_loss_is_a_polynomial(n):
    general = general_loss(n, clipped=False)
    assert not general.below
    assert general.expression.is_polynomial(*general.expression.free_symbols)
    assert not general_loss(n).expression.is_polynomial(*general.expression.free_symbols)


@pytest.mark.parametrize("render", [render_text, render_latex])
def test_the_general_loss_is_printed_with_its_region(render):
    printed = render(derive(2, 1, "unit"))
    assert printed.count("where") >= 2
    assert "polynomial" in printed


def test_a_family_without_closed_form_is_listed_with_its_loss_in_the_parameters():
    t, b = sympy.symbols("t b", positive=True)
    mine = Family.from_weights("mine", [[t, -t]], [b, b], {t: 1, b: sympy.Rational(1, 20)})
    record = derive(2, 1, "unit", families=(mine,))
    (entry,) = [c for c in record["candidates"] if c["name"] == "mine"]
    assert entry["loss"] is None
    assert "numerically" in entry["note"]
    own = sympy.sympify(entry["loss_in_parameters"]["expression"])
    assert {str(s) for s in own.free_symbols} == {"p", "r", "t", "b"}
    assert json.loads(json.dumps(record)) == record
    assert "numerically" in render_text(record)


def test_first_order_samples_of_three_features_stay_where_the_pair_is_what_drop_ties_with():
    densities = [s["density"] for s in derive(3, 2, "free")["first_order"]["samples"]]
    assert "9/10" in densities
    assert all(sympy.Rational(p) < sympy.Rational(95, 100) for p in densities)
