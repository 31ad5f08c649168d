import numpy as np
import pytest

from numerics.critical_points import critical_point, morse_index
from numerics.gradient_flow import gradient_flow
from numerics.landscapes import MixtureLoss
from theory.laws import FeatureLaw


def test_without_weights_biases_relax_exponentially():
    p = 0.4
    problem = MixtureLoss(1, 2, p, FeatureLaw())
    flow = gradient_flow(problem, np.array([0.0, 0.0, 0.5, 0.1]), 2.0, 40)
    rate = 2 / problem.unit
    expected = p / 2 + (np.array([0.5, 0.1]) - p / 2) * np.exp(-rate * flow.time)[:, None]
    assert flow.points[:, 2:] == pytest.approx(expected, abs=1e-5)
    assert flow.status == "done"


def test_the_loss_falls_at_the_square_of_the_speed():
    problem = MixtureLoss(1, 2, 0.2, FeatureLaw())
    flow = gradient_flow(problem, np.array([0.3, -0.2, 0.0, 0.0]), 20.0, 3000)
    time, loss, square = flow.time[1:], flow.loss[1:], flow.speed[1:] ** 2
    fallen = ((square[1:] + square[:-1]) / 2 * np.diff(time)).sum()
    assert loss[0] - loss[-1] == pytest.approx(fallen, rel=1e-3)
    assert (np.diff(loss) <= 1e-9).all()


def test_nothing_is_a_saddle_in_all_directions_of_the_weights():
    problem = MixtureLoss(2, 3, 0.3, FeatureLaw())
    nothing = np.concatenate([np.full(6, 0.01), np.full(3, 0.15)])
    found = critical_point(problem, nothing)
    assert found.status == "converged"
    assert found.index == (6, 6)
    assert found.loss == pytest.approx(1.0, abs=1e-9)


def test_a_digon_is_a_minimum_and_three_in_a_line_are_a_saddle():
    pair = critical_point(MixtureLoss(1, 2, 0.1, FeatureLaw()), np.array([0.9, -0.9, 0.1, 0.1]))
    assert (pair.status, pair.index) == ("converged", (0, 0))
    line = np.array([0.9, -0.7, -0.7, 0.0, 0.0, 0.0])
    problem = MixtureLoss(1, 3, 0.3, FeatureLaw())
    found = critical_point(problem, line)
    W, _ = problem.model(found.point)
    assert found.status == "converged"
    assert W[0, 1] == pytest.approx(W[0, 2], abs=1e-6)
    assert found.index[0] == found.index[1] == 1


def test_on_a_kink_the_index_is_a_range():
    """Two sets, each collapsed to its mean: every bias is 0."""
    problem = MixtureLoss(3, 6, 0.1, FeatureLaw.parse("correlated:0,1,2/3,4,5"))
    W = np.zeros((3, 6))
    W[0, :3] = W[1, 3:] = 1 / np.sqrt(3)
    low, high = morse_index(problem, np.concatenate([W.ravel(), np.zeros(6)]))
    assert 0 < low < high
