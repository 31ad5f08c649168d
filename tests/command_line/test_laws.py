"""The commands under the laws of the features, as a user meets them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from numerics import ends
from numerics.models_file import save_model


@pytest.mark.parametrize(
    ("options", "loss", "marginals"),
    [
        # the pair errs only with both on: E(x - (x - y)_+)^2 = 1/6 each
        (["--law", "independent", "--density", "1/2"], 1 / 12, [0.5, 0.5]),
        (["--law", "one-hot"], 0.0, [0.5, 0.5]),
        (["--law", "correlated:0,1", "--density", "1/2"], 1 / 6, [0.5, 0.5]),
        (["--law", "anticorrelated:0,1", "--density", "1/2"], 0.0, [0.25, 0.25]),
        (["--law", "exclusive:0,1", "--density", "1/2"], 0.0, [0.5, 0.5]),
        (["--density", "1/2", "--amplitude", "binary"], 0.5, [0.5, 0.5]),
        # (x1 - x2) against x1: E x2^2, and likewise
        (["--density", "1/2", "--activation", "linear"], 1 / 3, [0.5, 0.5]),
    ],
)
def test_each_law_has_the_loss_found_by_hand(run, pair, options, loss, marginals):
    code, out, _ = run("loss", pair, *options, "--json")
    report = json.loads(out)
    assert code == 0
    assert report["loss"] == pytest.approx(loss, abs=1e-15)
    assert report["marginals"] == marginals
    assert {"law", "amplitude", "activation", "evaluator", "error_estimate"} <= set(report)


def test_many_features_come_with_an_estimate_and_the_parts_add_up(run, tmp_path):
    path = tmp_path / "large.safetensors"
    rng = np.random.default_rng(0)
    save_model(path, rng.standard_normal((4, 12)) / 2, np.full(12, -0.1))
    for options in (
        ["--density", "1/10"],
        ["--law", "one-hot"],
        ["--density", "1/10", "--amplitude", "binary"],
        ["--density", "1/10", "--activation", "linear"],
    ):
        code, out, _ = run("loss", path, *options, "--importance", "0.9^i", "--json")
        report = json.loads(out)
        weighted = sum(0.9**i * part for i, part in enumerate(report["per_feature"]))
        assert code == 0
        assert report["loss"] == pytest.approx(weighted, rel=1e-12)
        assert 0 < report["error_estimate"] <= 1e-8
        assert "exact_loss" in report["evaluator"]


@pytest.mark.parametrize(
    "options",
    [
        ["--law", "one-hot", "--density", "1/2"],
        ["--law", "independent"],
        ["--law", "nonsense", "--density", "1/2"],
        ["--law", "correlated", "--density", "1/2"],
        ["--law", "correlated:0,7", "--density", "1/2"],
        ["--law", "exclusive:0,1", "--density", "3/4"],
        ["--amplitude", "loud", "--density", "1/2"],
        ["--activation", "tanh", "--density", "1/2"],
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(run, pair, options):
    for command in (["loss", pair], ["optimum", "2,1"], ["compare", pair]):
        code, out, err = run(*command, *options)
        assert (code, out) == (2, "")
        assert err.startswith("antipode: ")
        assert len(err.strip().splitlines()) == 1


V = 1 / 6 - 1 / 16


@pytest.mark.parametrize(
    ("options", "least", "marginals"),
    [
        (["--law", "one-hot"], 0.0, [0.5, 0.5]),
        (["--law", "one-hot", "--amplitude", "binary"], 0.0, [0.5, 0.5]),
        # the smaller eigenvalue of the covariance: V - p(1-p)/4, V, V - p²/16
        (["--law", "correlated:0,1", "--density", "1/2"], V - 1 / 16, [0.5, 0.5]),
        (["--law", "independent", "--density", "1/2"], V, [0.5, 0.5]),
        (["--law", "exclusive:0,1", "--density", "1/2"], V - 1 / 16, [0.5, 0.5]),
        (["--law", "exclusive:0,1", "--density", "1/2", "--amplitude", "binary"], 0.0, [0.5, 0.5]),
        (
            ["--law", "anticorrelated:0,1", "--density", "1/2", "--amplitude", "signed"],
            1 / 12,
            [0.25, 0.25],
        ),
    ],
)
def test_optimum_and_compare_know_the_law(run, pair, options, least, marginals):
    linear = [] if "one-hot" in options else ["--activation", "linear"]
    code, out, _ = run("optimum", "2,1", *options, *linear, "--starts", 2, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["loss"] == pytest.approx(least, abs=1e-11)
    assert found["law"] == (options[1] if options[0] == "--law" else "independent")
    assert found["marginals"] == marginals
    assert found["activation"] == ("linear" if linear else "relu")
    code, out, _ = run("compare", pair, *options, *linear, "--starts", 2, "--json")
    report = json.loads(out)
    assert code == 0
    assert report["best_known"] == pytest.approx(least, abs=1e-11)
    assert report["gap"] == report["loss"] - report["best_known"] >= 0
    shared = {"law", "amplitude", "activation", "marginals", "density", "importance"}
    assert {key: report[key] for key in shared} == {key: found[key] for key in shared}
    assert (report["density"] is None) == ("one-hot" in options)


def test_optimum_reports_a_size_beyond_the_rational_sum(run):
    code, out, _ = run("optimum", "9,7", "--density", "1/2", "--starts", 0, "--json")
    report = json.loads(out)
    assert code == 0
    assert report["evaluator"].startswith("Fourier series")
    assert 0 < report["error_estimate"] <= 1e-9
    assert report["loss"] <= 2 * V + 1e-9  # two features dropped


def test_descents_that_fail_leave_with_code_3_and_keep_the_rest(run, pair, monkeypatch):
    real = ends.descend

    def broken(*args, **options):
        ended = real(*args, **options)
        ended.loss[0] = float("nan")
        return replace(ended, status=["nonfinite", *ended.status[1:]])

    monkeypatch.setattr(ends, "descend", broken)
    for command in (["optimum", "2,1"], ["compare", pair]):
        code, out, err = run(*command, "--density", "1/2", "--starts", 2, "--json")
        report = json.loads(out)
        assert code == 3
        assert report["statuses"]["nonfinite"] == 2  # one structured start, one random
        assert report["loss"] >= 0
        assert report["hits"] >= 1
        assert "2 of" in err
