"""The rule that turns numbers into a verdict."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_checks.claims import Claim, Verdict, distance, judge

numbers = st.integers(-40, 40).map(lambda k: k / 8)
sizes = st.integers(0, 16).map(lambda k: k / 8)
intervals = st.tuples(numbers, numbers).map(lambda ends: (min(ends), max(ends)))
half_lines = numbers.flatmap(lambda x: st.sampled_from([(x, None), (None, x)]))
predictions = st.one_of(numbers, intervals, half_lines)


def claim(**changes):
    given = {
        "id": "one",
        "section": "phase_change",
        "text": "a",
        "predicted": 1.0,
        "measured": 1.0,
        "tolerance": 0.0,
        "reason": "b",
    }
    return Claim(**{**given, **changes})


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (1.5, "supported"),
        (1.6, "supported"),
        (1.65, "undetermined"),
        (1.75, "contradicted"),
        (0.9, "supported"),
        (0.85, "undetermined"),
        (0.75, "contradicted"),
        (None, "undetermined"),
        ((1.2, 1.3), "supported"),
        ((1.2, 1.75), "contradicted"),
    ],
)
def test_every_verdict_is_reached_on_both_sides_of_an_interval(measured, verdict):
    assert judge((1.0, 1.5), measured, 0.1001, 0.1) == verdict


@given(intervals, st.integers(0, 8), sizes, sizes)
def test_a_number_inside_the_interval_supports_whatever_the_uncertainty(ends, k, tol, unsure):
    inside = ends[0] + (ends[1] - ends[0]) * k / 8
    assert judge(ends, inside, tol, unsure) is Verdict.SUPPORTED


@given(predictions, numbers, sizes, sizes)
def test_the_verdict_is_decided_by_the_distance(predicted, x, tol, unsure):
    d = distance(predicted, x)
    verdict = judge(predicted, x, tol, unsure)
    assert (verdict is Verdict.SUPPORTED) == (d <= tol)
    assert (verdict is Verdict.CONTRADICTED) == (d > tol + unsure)


@given(predictions, numbers, numbers, sizes, sizes)
def test_one_number_more_never_helps_a_claim(predicted, x, y, tol, unsure):
    order = [Verdict.SUPPORTED, Verdict.UNDETERMINED, Verdict.CONTRADICTED]
    alone, together = (judge(predicted, m, tol, unsure) for m in ((x,), (x, y)))
    assert order.index(together) >= order.index(alone)


@given(numbers, numbers)
def test_a_value_is_an_interval_of_no_width(x, y):
    assert distance(x, y) == distance((x, x), y) == abs(x - y)


@given(predictions, st.sampled_from([math.nan, math.inf, -math.inf]), sizes)
def test_nothing_finite_decides_nothing(predicted, x, tol):
    for measured in (x, (1.0, x), None, ()):
        assert judge(predicted, measured, tol) is Verdict.UNDETERMINED


@given(predictions, st.one_of(st.none(), numbers, st.just(math.nan)), sizes)
def test_a_claim_is_json_ready_and_carries_the_verdict_of_its_numbers(predicted, measured, tol):
    made = claim(predicted=predicted, measured=measured, tolerance=tol, details={"x": (math.inf,)})
    value = json.loads(json.dumps(made.to_json(), allow_nan=False))
    assert value["verdict"] == judge(predicted, measured, tol)
    assert value["details"] == {"x": [None]}
    assert value["predicted"] == (list(predicted) if isinstance(predicted, tuple) else predicted)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"predicted": math.nan}, "one predicts nan"),
        ({"predicted": (None, None)}, "finite numbers"),
        ({"predicted": (2.0, 1.0)}, "empty interval"),
        ({"tolerance": -1.0}, "tolerance -1.0"),
        ({"uncertainty": math.inf}, "uncertainty inf"),
    ],
)
def test_a_claim_that_predicts_nothing_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        claim(**changes)


def test_a_verdict_cannot_be_given_by_hand():
    with pytest.raises(TypeError):
        claim(verdict=Verdict.SUPPORTED)
    with pytest.raises((AttributeError, TypeError)):
        claim().verdict = Verdict.CONTRADICTED
