"""Pentagon and digons with one feature of another density: branches, crossing, least states."""

import json
import math

import numpy as np
import pytest
import torch

from numerics import pentagon_branches, varied_pentagon
from numerics.descent import descend
from numerics.pentagon_branches import densities, digons_loss, follow, ladder_of, shape
from numerics.varied_pentagon import crossing, least_states, pentagon_report, rare_limit
from theory import population_loss
from theory.problem import dropped_loss

CROSSINGS = {
    0.2: 0.843804,
    0.1: 0.425482,
    0.05: 0.269081,
    0.01: 0.158041,
}  # measured here, 6 digits


def turned(angle):
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def least_of_each_shape(base, x, seed, count=80):
    """The least loss of each shape among minima that random starts lead to, in units of V."""
    rng = np.random.default_rng(seed)
    W = rng.standard_normal((count, 2, 5)) * 0.6
    ended = descend(W, np.zeros((count, 5)), densities(base, np.array([x])))
    found = {}
    for V, loss in zip(ended.W.numpy(), ended.loss.tolist(), strict=True):
        kind = shape(V)
        found[kind] = min(found.get(kind, math.inf), loss / dropped_loss(base))
    return found


@pytest.mark.parametrize(
    "base", [0.1, *(pytest.param(p, marks=pytest.mark.slow) for p in (0.2, 0.05, 0.01))]
)
def test_the_crossing_is_where_random_starts_change_their_mind(base):
    x = CROSSINGS[base]
    assert crossing(base).relative_density == pytest.approx(x, abs=6e-7)
    below, above = (least_of_each_shape(base, x + step, 0) for step in (-2e-6, 2e-6))
    assert below["digons"] < below["pentagon"]
    assert below["digons"] == min(below.values())
    assert above["pentagon"] < above["digons"]
    assert above["pentagon"] == min(above.values())


@pytest.mark.parametrize("base", [0.1, 0.02])
def test_at_the_crossing_both_are_strict_minima_of_equal_loss_and_unequal_slope(base):
    found = crossing(base)
    pentagon, digons = found.pentagon, found.digons
    # Newton's last step is below 1e-10 of x
    assert pentagon.loss[0] == pytest.approx(digons.loss[0], abs=1e-9)
    assert pentagon.curvature[0] > 0.1
    assert digons.curvature[0] > 0.1
    assert found.slope_jump > 0.3
    p = densities(base, pentagon.relative_density)[0]
    for branch in (pentagon, digons):
        again = population_loss(branch.W[0], branch.b[0], p) / dropped_loss(base)
        assert again == pytest.approx(branch.loss[0], abs=1e-9)


def test_slopes_are_the_derivatives_of_the_least_loss_and_branches_are_concave():
    x = np.linspace(0.4, 1.0, 31)
    followed = follow(0.1, x)
    for branch in (followed.pentagon, followed.digons):
        known = branch.relative_density
        assert len(known) == 31
        # a third derivative of up to 10 and steps of 0.02 make a central quotient err by 7e-4
        quotient = (branch.loss[2:] - branch.loss[:-2]) / (known[2:] - known[:-2])
        np.testing.assert_allclose(branch.slope[1:-1], quotient, atol=1e-3)
        assert (np.diff(branch.slope) < 0).all()
        chord = np.diff(branch.loss) / np.diff(known)
        assert (branch.slope[:-1] >= chord).all()
        assert (chord >= branch.slope[1:]).all()


@pytest.mark.parametrize("x", [0.3, 1.0, 4.0])
def test_the_pentagon_is_symmetric_under_reflection(x):
    branch = follow(0.1, x).pentagon
    order = [3, 2, 1, 0, 4]
    # minima are found to a gradient of 1e-11 at curvatures above 1e-2
    np.testing.assert_allclose(branch.W[0] * [[-1], [1]], branch.W[0][:, order], atol=1e-7)
    np.testing.assert_allclose(branch.b[0], branch.b[0][order], atol=1e-7)
    assert branch.W[0, 0, 4] == pytest.approx(0, abs=1e-12)
    assert branch.W[0, 1, 4] > 0


def test_the_regular_pentagon_at_equal_densities():
    branch = follow(0.05, 1).pentagon
    norms = np.linalg.norm(branch.W[0], axis=0)
    np.testing.assert_allclose(norms, norms[0], atol=1e-7)
    G = branch.W[0].T @ branch.W[0] / norms[0] ** 2
    assert G[0, 1] == pytest.approx(math.cos(2 * math.pi / 5), abs=1e-7)


def test_digons_cost_two_pairs_and_a_feature_at_every_relative_density():
    pair = descend([[[1.0, -1.0]]], [[0.0, 0.0]], 0.1)
    x = np.array([0.1, 1.0, 10.0])
    branch = follow(0.1, x).digons
    expected = (2 * float(pair.loss[0]) + dropped_loss(0.1 * x)) / dropped_loss(0.1)
    np.testing.assert_allclose(branch.loss, expected, atol=1e-10)
    np.testing.assert_allclose(digons_loss(0.1, x), expected, atol=1e-10)
    ended = descend(branch.W, branch.b, densities(0.1, x), max_steps=0)
    assert ended.gradient.max() < 1e-8


def test_the_crossing_does_not_depend_on_where_the_branch_began(monkeypatch):
    before = crossing(0.1)
    ladder_of.cache_clear()
    try:
        start = turned(1.0) @ pentagon_branches.PENTAGON[:, [1, 2, 3, 4, 0]] * 0.9
        monkeypatch.setattr(pentagon_branches, "PENTAGON", start)
        monkeypatch.setattr(pentagon_branches, "_STEP", 1.04)
        after = crossing(0.1)
    finally:
        ladder_of.cache_clear()
    assert after.relative_density == pytest.approx(before.relative_density, rel=1e-9)
    assert after.pentagon.W[0] == pytest.approx(before.pentagon.W[0], abs=1e-6)
    # both brackets hold the same end
    assert max(after.first[1], before.first[1]) <= min(after.first[0], before.first[0])


def test_the_pentagon_ends_where_its_curvature_vanishes():
    there, gone = crossing(0.1).first
    assert 0 < math.log(there / gone) <= 1e-5
    curvature = follow(0.1, [there, 1.01 * there, 1.04 * there]).pentagon.curvature
    assert len(curvature) == 3
    # as at a fold: like the root of the distance, so four times the distance has twice as much
    assert curvature[2] / curvature[1] == pytest.approx(2, rel=0.15)
    assert 0 < curvature[0] < 0.05 * curvature[1]
    assert "pentagon" not in least_of_each_shape(0.1, 0.99 * gone, 1)


@pytest.mark.parametrize(
    ("base", "status"),
    [(0.35, "no pentagon"), pytest.param(0.25, "not crossed", marks=pytest.mark.slow)],
)
def test_base_densities_where_nothing_crosses(base, status):
    found = crossing(base)
    assert found.status == status
    assert found.relative_density is found.slope_jump is found.pentagon is None
    for x in (0.5, 1.0):
        least = least_of_each_shape(base, x, 2, count=40)
        assert shape(least_states(base, x)[0].W) in ("digons", "swapped")
        assert least["digons"] < least.get("pentagon", math.inf)


def test_a_branch_is_left_out_where_it_is_no_minimum():
    followed = follow(0.1, [0.1, 0.3])
    assert followed.pentagon.relative_density.tolist() == [0.3]
    assert followed.digons.relative_density.tolist() == [0.1, 0.3]
    assert follow(0.35, 1).pentagon.W.shape == (0, 2, 5)


def test_a_branch_lost_at_the_crossing_is_undecided(monkeypatch):
    gone = follow(0.35, 0.5)
    monkeypatch.setattr(varied_pentagon, "follow", lambda base, x: gone)
    assert crossing(0.1).status == "undecided"


@pytest.mark.slow
def test_the_paper_s_two_and_a_half_is_a_base_density_of_point_0923():
    """The paper has 2.5 at 0.05, where it takes 3.7 (arXiv 2209.10652, "Non-uniform sparsity")."""
    assert 1 / crossing(0.05).relative_density == pytest.approx(3.71635, abs=5e-6)
    assert crossing(0.0923).relative_density < 0.4 < crossing(0.0924).relative_density


def test_the_crossing_reaches_equal_densities_at_point_2249():
    gaps = [float(ladder_of(p).gap[ladder_of(p).x == 1][0]) for p in (0.2248, 0.2249)]
    assert gaps[0] < 0 < gaps[1]


def test_the_limit_of_rare_features():
    assert rare_limit() == pytest.approx(0.13162221, abs=1e-8)


@pytest.mark.slow
def test_crossings_tend_to_the_limit_of_rare_features():
    near, far = (crossing(p).relative_density for p in (0.001, 0.002))
    # what is left is twice the coefficient of the square, about 1, times 1e-6
    assert 2 * near - far == pytest.approx(rare_limit(), abs=1e-5)
    assert (far - near) / 0.001 == pytest.approx(2.63, abs=0.02)


def test_a_state_beside_both_is_found_where_the_last_feature_is_dense():
    """At p0 = 0.1 and x = 7 one common feature is stored weakly along another."""
    (least,) = least_states(0.1, 7.0)
    pentagon = follow(0.1, 7.0).pentagon.loss[0]
    assert least.shape == "doubled"
    assert least.loss < pentagon - 0.02
    assert least.hits >= 1


def test_least_states_never_lie_above_a_followed_branch():
    x = [0.2, 0.5, 2.0]
    followed = follow(0.1, x)
    for k, least in enumerate(least_states(0.1, x, starts=0)):
        for branch in (followed.pentagon, followed.digons):
            assert (least.loss <= branch.loss[branch.relative_density == x[k]] + 1e-9).all()


def test_shapes():
    pentagon = pentagon_branches.PENTAGON
    digons = np.array([[1.0, -1.0, 0, 0, 0], [0, 0, 1.0, -1.0, 0]])
    weak = digons + np.array([[0, 0, 0, 0, 0.4], [0, 0, 0, 0, 0]])
    assert [shape(turned(0.7) @ W) for W in (pentagon, digons, weak)] == [
        "pentagon",
        "digons",
        "doubled",
    ]
    assert shape(digons[:, [4, 1, 2, 3, 0]]) == "swapped"
    assert shape(np.zeros((2, 5))) == "other"


def test_the_report_is_plain_json_and_says_whether_another_state_is_lower():
    report = pentagon_report([0.1, 0.25], [0.3, 1, 8], starts=4)
    assert json.loads(json.dumps(report)) == report | {"densities": json.loads(
        json.dumps(report["densities"]))}  # fmt: skip
    crossed, other = report["densities"]
    assert report["schema"] == "antipode.pentagon/1"
    assert crossed["beaten"] is False
    assert crossed["times_sparser"] == pytest.approx(2.350274, abs=1e-6)
    assert [row["shape"] for row in crossed["grid"]] == ["digons", "pentagon", "doubled"]
    assert other["status"] == "not crossed"
    assert other["least"] is None
    assert [row["relative_density"] for row in other["grid"]] == [0.3, 1]  # 8 · 0.25 exceeds 1


@pytest.mark.parametrize("base", [0, 1, 1.5, -0.1, math.nan, "0.1", None])
def test_a_base_density_out_of_range_is_refused(base):
    for refused in (crossing, lambda p: follow(p, 0.5), lambda p: least_states(p, 0.5)):
        with pytest.raises(ValueError, match="base density"):
            refused(base)


@pytest.mark.parametrize("x", [0, -1, math.nan, 10.1])
def test_a_relative_density_out_of_range_is_refused(x):
    with pytest.raises(ValueError, match="at most 10"):
        follow(0.1, [1, x])


def test_no_relative_density_and_negative_starts_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        follow(0.1, [])
    with pytest.raises(ValueError, match="starts is -1"):
        least_states(0.1, 1, starts=-1)


def test_results_do_not_depend_on_the_other_densities_asked_for():
    alone, beside = follow(0.1, 0.7), follow(0.1, [2.0, 0.7])
    for one, two in ((alone.pentagon, beside.pentagon), (alone.digons, beside.digons)):
        assert torch.equal(torch.from_numpy(one.W[0]), torch.from_numpy(two.W[1]))
        assert one.loss[0] == two.loss[1]
        assert one.slope[0] == two.slope[1]
