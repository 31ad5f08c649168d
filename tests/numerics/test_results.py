"""What a results file says is consistent with itself, and an optimum that is beaten rings."""

import json
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from numerics.results import assemble
from numerics.stages import (
    optimum_rows,
    pack_phases,
    trained_rows,
    unpack_optima,
    unpack_phases,
)
from numerics.verification import (
    boundary_distances,
    cell_distances,
    evaluated,
    exact_optimum_losses,
    judge,
    settle,
    spread,
    theory_panel,
)
from tests import tiny
from theory import candidates, population_loss
from theory.families import P, R

SPEC = tiny.TWO
CASES = [SPEC, tiny.THREE]


def assembled(spec, parts):
    return assemble(
        spec, parts["refined"], parts["trained"], parts["sampled"], parts["families"], 1.0
    )


def without_nan(value):
    if isinstance(value, dict):
        return all(map(without_nan, value.values()))
    if isinstance(value, list):
        return all(map(without_nan, value))
    return not isinstance(value, float) or np.isfinite(value)


@pytest.mark.parametrize("spec", CASES, ids=lambda spec: spec.case)
def test_the_summary_has_the_keys_scripts_rely_on_and_is_json(spec):
    summary = tiny.outcome(spec).summary
    top = "cells agreement agreement_away ties gap boundary_distance alarms sampled seconds"
    assert set(top.split()) <= set(summary)
    assert {"min", "median", "p95", "max"} <= set(summary["gap"])
    assert {"paper", "optimum"} <= set(summary["boundary_distance"])
    assert {"cells", "agreement", "gap"} <= set(summary["sampled"])
    assert summary["cells"] == spec.density_cells * spec.importance_cells
    assert summary["sampled"]["cells"] == len(spec.sampled_cells)
    assert summary["alarms"] == 0
    assert without_nan(summary)
    json.dumps(summary, allow_nan=False)


@pytest.mark.parametrize("spec", CASES, ids=lambda spec: spec.case)
def test_losses_in_the_dataset_are_the_exact_losses_of_its_models(spec):
    data = tiny.outcome(spec).dataset
    for kind in ("optimum", "trained"):
        for i, p in enumerate(spec.density):
            for j, r in enumerate(spec.importance):
                W, b = (data[f"{kind}_{x}"].values[i, j] for x in "Wb")
                exact = population_loss(W, b, p, [1.0] * (spec.features - 1) + [r])
                assert data[f"{kind}_loss"].values[i, j] == pytest.approx(exact, abs=1e-16)


@pytest.mark.parametrize("spec", CASES, ids=lambda spec: spec.case)
def test_gaps_agreements_and_summaries_follow_from_the_dataset(spec):
    data, summary = tiny.outcome(spec).dataset, tiny.outcome(spec).summary
    gap = (data["trained_loss"] - data["optimum_loss"]).values
    assert np.array_equal(data["trained_gap"], gap)
    assert gap.min() >= -1e-12
    assert summary["gap"]["max"] == gap.max()
    assert summary["agreement"] == data["trained_agreement"].values.mean()
    away = data["distance_to_boundary"].values > 0.075
    assert summary["cells_away"] == away.sum()
    if away.any():
        assert summary["agreement_away"] == data["trained_agreement"].values[away].mean()
    for i in range(spec.density_cells):
        for j in range(spec.importance_cells):
            own, best = (
                unpack_phases(str(data[f"{kind}_phases"].values[i, j]))
                for kind in ("trained", "optimum")
            )
            assert data["trained_agreement"].values[i, j] == bool(own & best)
    assert (data["trained_losses"].values.min(-1) - data["trained_loss"].values).max() <= 1e-15
    assert data.attrs["option_features"] == spec.features


@pytest.mark.parametrize("spec", CASES, ids=lambda spec: spec.case)
def test_the_theory_panel_is_the_closed_forms(spec):
    panel = theory_panel(spec)
    for k, candidate in enumerate(candidates(spec.features, spec.hidden, level="unit_bias")):
        assert panel.names[k] == candidate.name
        for i, j in [(0, 0), (1, 2), (1, 1)]:
            point = {P: spec.density[i], R: spec.importance[j]}
            assert panel.losses[k, i, j] == pytest.approx(float(candidate.loss.subs(point)))
        cut = candidate.loss.subs({P: panel.cut_density[77], R: 0.3})
        assert panel.cut_losses[k, 77] == pytest.approx(float(cut))
    for key, points in panel.curves.items():
        a, b = (panel.names.index(name) for name in key.split(" | "))
        found = candidates(spec.features, spec.hidden, level="unit_bias")
        for x, y in points[:: max(1, len(points) // 9)]:
            at = {P: 10**x, R: 10**y}
            values = [float(c.loss.subs(at)) for c in found]
            assert values[a] == pytest.approx(values[b], rel=1e-9)
            assert min(values) == pytest.approx(values[a], rel=1e-9)


def test_units_of_some_rows_are_the_rows_of_the_whole():
    whole = tiny.parts(SPEC)["trained"]
    some = trained_rows(SPEC, [1, 2])
    for name in some:
        assert np.allclose(some[name], whole[name][5:15], rtol=0, atol=1e-10), name
    found = optimum_rows(SPEC, [3])
    assert found["loss"].shape == (5,)
    assert unpack_phases(pack_phases(unpack_phases(found["ties"][0]))) == unpack_phases(
        found["ties"][0]
    )


def test_the_mean_gram_leaves_out_the_worst_start():
    trained = tiny.parts(SPEC)["trained"]
    assert trained["loss"].shape == (25, 3)
    assert np.array_equal(trained["best"], trained["loss"].argmin(1))
    assert (np.diagonal(trained["mean_gram"], axis1=1, axis2=2) >= 0).all()
    assert np.allclose(trained["mean_gram"], trained["mean_gram"].swapaxes(1, 2))


def optima_of(spec, refined):
    cells = [(i, j) for i in range(spec.density_cells) for j in range(spec.importance_cells)]
    flat = unpack_optima(spec, cells, refined)
    columns = spec.importance_cells
    return cells, exact_optimum_losses(
        spec, [flat[i * columns : (i + 1) * columns] for i in range(spec.density_cells)]
    )


def test_no_alarm_rings_within_rounding_and_one_does_beyond_it():
    parts = tiny.parts(SPEC)
    for shift, rings in ((-5e-13, False), (-2e-12, True), (-1e-3, True)):
        cells, optima = optima_of(SPEC, parts["refined"])
        true = optima[2][1]
        object.__setattr__(true, "loss", true.loss - shift)  # an optimum that is too high
        models = evaluated(SPEC, [(2, 1)], true.W[None].copy(), true.b[None].copy())
        flagged = settle(SPEC, optima, [models])
        judged = judge(SPEC, models, optima)
        assert flagged == ({(2, 1)} if rings else set())
        assert judged.gap[0] == pytest.approx(0 if rings else shift, abs=1e-14)
        assert len(cells) == 25


def test_an_optimum_beaten_by_training_is_replaced_flagged_and_counted():
    parts = deepcopy(tiny.parts(SPEC))
    good = SPEC.importance_cells * 2 + 1
    best = parts["refined"]["loss"][good]
    for cell in (good, good + 5):
        parts["refined"]["W"][cell] = 0.0  # everything dropped, which training beats
        parts["refined"]["b"][cell] = 0.1
    dataset, summary = assembled(SPEC, parts)
    assert summary["alarms"] == 2
    assert summary["flagged_cells"] == [[2, 1], [3, 1]]
    assert np.argwhere(dataset["flagged"].values).tolist() == [[2, 1], [3, 1]]
    assert dataset["optimum_loss"].values[2, 1] == pytest.approx(best, abs=1e-13)
    gap = (dataset["trained_loss"] - dataset["optimum_loss"]).values
    assert np.allclose(dataset["trained_gap"].values, gap, rtol=0, atol=1e-15)
    assert gap.min() >= -1e-12


def test_a_failed_training_is_kept_apart():
    parts = deepcopy(tiny.parts(SPEC))
    parts["trained"]["W"][7] = np.nan
    parts["trained"]["loss"][7] = np.inf
    parts["trained"]["failed"][7] = 3
    dataset, summary = assembled(SPEC, parts)
    assert summary["failed_cells"] == 1
    assert summary["failed_starts"] == 3
    assert not dataset["trained_agreement"].values.ravel()[7]
    assert np.isnan(dataset["trained_gap"].values.ravel()[7])
    assert without_nan(summary)


def test_without_samples_the_summary_has_nulls():
    parts = {**tiny.parts(SPEC), "sampled": []}
    dataset, summary = assembled(replace(SPEC, sampled_starts=0), parts)
    assert summary["sampled"]["cells"] == 0
    assert summary["sampled"]["agreement"] is None
    assert set(summary["sampled"]["gap"].values()) == {None}
    assert "sampled_W" not in dataset
    assert without_nan(summary)


def test_the_better_of_two_sampled_starts_is_kept():
    parts = deepcopy(tiny.parts(SPEC))
    bad = {name: 1000 * value for name, value in parts["sampled"][0].items()}
    parts["sampled"] = [bad, parts["sampled"][0]]
    dataset, _ = assembled(SPEC, parts)
    alone, _ = assembled(SPEC, tiny.parts(SPEC))
    assert np.array_equal(dataset["sampled_loss"], alone["sampled_loss"])
    assert np.array_equal(dataset["sampled_W"], alone["sampled_W"])
    assert dataset["sampled_losses"].shape == (2, 4)
    assert np.array_equal(dataset["sampled_losses"].values.min(0), dataset["sampled_loss"])


def test_a_spread_is_four_quantiles_and_null_where_there_is_nothing():
    found = spread(np.array([np.nan, 3.0, 1.0, 2.0, np.inf]))
    assert found == {"min": 1.0, "median": 2.0, "p95": pytest.approx(2.9), "max": 3.0}
    assert set(spread(np.array([np.nan])).values()) == {None}


def test_distances_without_any_boundary_are_infinite_or_null():
    assert np.isinf(cell_distances(SPEC, np.empty((0, 2)))).all()
    same = [frozenset({("dropped",)})] * 25
    points, distances = boundary_distances(SPEC, same, np.empty((0, 2)), np.empty((0, 2)))
    assert len(points) == 0
    assert {v for d in distances.values() for v in d.values()} == {None}


def test_families_lie_at_or_above_the_optimum():
    data = tiny.outcome(CASES[1]).dataset
    assert data["family"].values.tolist() == ["pair", "triangle", "tilted_triangle"]
    above = (data["family_loss"] - data["optimum_loss"]).values
    assert above.min() >= -1e-12
    verdict = tiny.outcome(CASES[1]).summary["families"]
    V = CASES[1].density / 3 - CASES[1].density ** 2 / 4
    pair = data["family_loss"].sel(family="pair") - data["optimum_loss"]
    assert verdict["cells_where_pairs_are_beaten"] == (pair.values / V[:, None] > 1e-9).sum()
